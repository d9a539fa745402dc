//! [`FieldKind`]: what a field of a compact record holds.

use core::fmt;

macro_rules! kinds {
    ($($name:ident = $id:literal $text:literal $size:tt)*) => {
        /// What a field of a compact record holds. The numbers are the protocol's.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum FieldKind {
            $(#[doc = concat!("Number ", $id, ", `", $text, "`.")] $name = $id,)*
        }

        impl FieldKind {
            /// Every kind, by its number.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The kind of this number; `None` for those that no record can have.
            pub const fn from_id(id: i32) -> Option<Self> {
                match id {
                    $($id => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// What the protocol calls it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// How it is laid out.
            pub(super) const fn size(self) -> Size {
                match self {
                    $(Self::$name => size!($size),)*
                }
            }
        }
    };
}

macro_rules! size {
    (bit) => {
        Size::Bit
    };
    (variable) => {
        Size::Variable
    };
    ($bytes:literal) => {
        Size::Fixed($bytes)
    };
}

/// How much room a value of a kind takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    /// A bit among those of the other booleans.
    Bit,
    /// So many bytes.
    Fixed(usize),
    /// An offset that says where it is, or that it is null.
    Variable,
}

kinds! {
    Boolean = 1 "BOOLEAN" bit
    BooleanArray = 2 "ARRAY_OF_BOOLEAN" variable
    Int8 = 3 "INT8" 1
    Int8Array = 4 "ARRAY_OF_INT8" variable
    Int16 = 7 "INT16" 2
    Int16Array = 8 "ARRAY_OF_INT16" variable
    Int32 = 9 "INT32" 4
    Int32Array = 10 "ARRAY_OF_INT32" variable
    Int64 = 11 "INT64" 8
    Int64Array = 12 "ARRAY_OF_INT64" variable
    Float32 = 13 "FLOAT32" 4
    Float32Array = 14 "ARRAY_OF_FLOAT32" variable
    Float64 = 15 "FLOAT64" 8
    Float64Array = 16 "ARRAY_OF_FLOAT64" variable
    Text = 17 "STRING" variable
    TextArray = 18 "ARRAY_OF_STRING" variable
    Decimal = 19 "DECIMAL" variable
    DecimalArray = 20 "ARRAY_OF_DECIMAL" variable
    Time = 21 "TIME" variable
    TimeArray = 22 "ARRAY_OF_TIME" variable
    Date = 23 "DATE" variable
    DateArray = 24 "ARRAY_OF_DATE" variable
    Timestamp = 25 "TIMESTAMP" variable
    TimestampArray = 26 "ARRAY_OF_TIMESTAMP" variable
    TimestampTz = 27 "TIMESTAMP_WITH_TIMEZONE" variable
    TimestampTzArray = 28 "ARRAY_OF_TIMESTAMP_WITH_TIMEZONE" variable
    Compact = 29 "COMPACT" variable
    CompactArray = 30 "ARRAY_OF_COMPACT" variable
    NullableBoolean = 33 "NULLABLE_BOOLEAN" variable
    NullableBooleanArray = 34 "ARRAY_OF_NULLABLE_BOOLEAN" variable
    NullableInt8 = 35 "NULLABLE_INT8" variable
    NullableInt8Array = 36 "ARRAY_OF_NULLABLE_INT8" variable
    NullableInt16 = 37 "NULLABLE_INT16" variable
    NullableInt16Array = 38 "ARRAY_OF_NULLABLE_INT16" variable
    NullableInt32 = 39 "NULLABLE_INT32" variable
    NullableInt32Array = 40 "ARRAY_OF_NULLABLE_INT32" variable
    NullableInt64 = 41 "NULLABLE_INT64" variable
    NullableInt64Array = 42 "ARRAY_OF_NULLABLE_INT64" variable
    NullableFloat32 = 43 "NULLABLE_FLOAT32" variable
    NullableFloat32Array = 44 "ARRAY_OF_NULLABLE_FLOAT32" variable
    NullableFloat64 = 45 "NULLABLE_FLOAT64" variable
    NullableFloat64Array = 46 "ARRAY_OF_NULLABLE_FLOAT64" variable
}

impl FieldKind {
    /// The number that schemas carry.
    pub const fn id(self) -> i32 {
        self as i32
    }
}

impl fmt::Display for FieldKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(feature = "arbitrary")]
impl<'a> arbitrary::Arbitrary<'a> for FieldKind {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        u.choose(Self::ALL).copied()
    }
}
