//! [`FieldType`]: what a field of a portable record holds.

use core::fmt;

macro_rules! types {
    ($($name:ident = $id:literal $text:literal)*) => {
        /// What a field of a portable record holds. The numbers are the protocol's.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum FieldType {
            $(#[doc = concat!("Number ", $id, ", `", $text, "`.")] $name = $id,)*
        }

        impl FieldType {
            /// The type of this number; `None` for numbers that have none.
            pub const fn from_id(id: u8) -> Option<Self> {
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
        }
    };
}

types! {
    Portable = 0 "PORTABLE"
    Byte = 1 "BYTE"
    Boolean = 2 "BOOLEAN"
    Char = 3 "CHAR"
    Short = 4 "SHORT"
    Int = 5 "INT"
    Long = 6 "LONG"
    Float = 7 "FLOAT"
    Double = 8 "DOUBLE"
    Text = 9 "STRING"
    PortableArray = 10 "PORTABLE_ARRAY"
    ByteArray = 11 "BYTE_ARRAY"
    BooleanArray = 12 "BOOLEAN_ARRAY"
    CharArray = 13 "CHAR_ARRAY"
    ShortArray = 14 "SHORT_ARRAY"
    IntArray = 15 "INT_ARRAY"
    LongArray = 16 "LONG_ARRAY"
    FloatArray = 17 "FLOAT_ARRAY"
    DoubleArray = 18 "DOUBLE_ARRAY"
    TextArray = 19 "STRING_ARRAY"
    Decimal = 20 "DECIMAL"
    DecimalArray = 21 "DECIMAL_ARRAY"
    Time = 22 "TIME"
    TimeArray = 23 "TIME_ARRAY"
    Date = 24 "DATE"
    DateArray = 25 "DATE_ARRAY"
    Timestamp = 26 "TIMESTAMP"
    TimestampArray = 27 "TIMESTAMP_ARRAY"
    TimestampTz = 28 "TIMESTAMP_WITH_TIMEZONE"
    TimestampTzArray = 29 "TIMESTAMP_WITH_TIMEZONE_ARRAY"
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
