//! [`FieldValue`]: what a field of a [`GenericRecord`] holds.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::GenericRecord;
use super::field::{CompactField, CompactValue};
use super::kind::FieldKind;
use super::reader::FieldReader;
use super::schema::Place;
use super::writer::Record;
use crate::Str;
use crate::hazelcast::error::{Error, SerializationError};
use crate::hazelcast::serialization::{
    BigDecimal, LocalDate, LocalDateTime, LocalTime, OffsetDateTime,
};

/// A Rust type that sets a field of a [`GenericRecord`].
pub trait ToField {
    /// The kind that the field gets.
    const KIND: FieldKind;
    /// The value.
    fn to_value(self) -> FieldValue;
}

/// A Rust type that a field of a [`GenericRecord`] is had as.
pub trait FromField: CompactField + Sized {
    /// The value; `None` if it, or something in it, is null and the type has none, or if it is
    /// another value.
    fn from_value(value: &FieldValue) -> Option<Self>;
}

macro_rules! field_values {
    (
        numbers { $($type:ty, $one:ident $ones:ident $nullables:ident,
            $kind:ident $nullable_kind:ident $array:ident $nullable_array:ident;)* }
        variable { $($vtype:ty, $vone:ident $vones:ident, $vkind:ident $varray:ident;)* }
    ) => {
        /// What a field holds. Whether one that isn't null could be is the schema's matter.
        #[derive(Clone, PartialEq)]
        #[non_exhaustive]
        pub enum FieldValue {
            /// Null, of any kind.
            Null,
            $(
                #[doc = concat!("`", stringify!($kind), "` or `", stringify!($nullable_kind), "`.")]
                $one($type),
                #[doc = concat!("`", stringify!($array), "`.")]
                $ones(Vec<$type>),
                #[doc = concat!("`", stringify!($nullable_array), "`.")]
                $nullables(Vec<Option<$type>>),
            )*
            $(
                #[doc = concat!("`", stringify!($vkind), "`.")]
                $vone($vtype),
                #[doc = concat!("`", stringify!($varray), "`.")]
                $vones(Vec<Option<$vtype>>),
            )*
        }

        impl FieldValue {
            /// Reads a field of any kind.
            pub(super) fn read(from: &FieldReader<'_, '_>) -> Result<Self, Error> {
                Ok(match from.kind() {
                    $(
                        FieldKind::$kind => Self::$one(CompactField::read(from)?),
                        FieldKind::$nullable_kind => {
                            <$type>::read_nullable(from)?.map_or(Self::Null, Self::$one)
                        }
                        FieldKind::$array => {
                            <$type as CompactValue>::read_array(from)?.map_or(Self::Null, Self::$ones)
                        }
                        FieldKind::$nullable_array => {
                            <$type>::read_nullable_array(from)?.map_or(Self::Null, Self::$nullables)
                        }
                    )*
                    $(
                        FieldKind::$vkind => {
                            <$vtype>::read_nullable(from)?.map_or(Self::Null, Self::$vone)
                        }
                        FieldKind::$varray => {
                            <$vtype>::read_nullable_array(from)?.map_or(Self::Null, Self::$vones)
                        }
                    )*
                })
            }

            /// Writes a field of this kind.
            pub(super) fn write(
                &self,
                kind: FieldKind,
                to: &mut Record<'_, '_>,
                at: Place,
            ) -> Result<(), Error> {
                match (self, kind) {
                    // A variable field that isn't written is null.
                    (Self::Null, _) if matches!(at, Place::Variable(_)) => Ok(()),
                    $(
                        (Self::$one(value), FieldKind::$kind) => CompactValue::write(value, to, at),
                        (Self::$one(value), FieldKind::$nullable_kind) => {
                            <$type>::write_nullable(Some(value), to, at)
                        }
                        (Self::$ones(items), FieldKind::$array) => {
                            <$type as CompactValue>::write_array(items, to, at)
                        }
                        (Self::$nullables(items), FieldKind::$nullable_array) => {
                            <$type>::write_nullable_array(items, to, at)
                        }
                    )*
                    $(
                        (Self::$vone(value), FieldKind::$vkind) => CompactValue::write(value, to, at),
                        (Self::$vones(items), FieldKind::$varray) => {
                            <$vtype>::write_nullable_array(items, to, at)
                        }
                    )*
                    _ => {
                        let why = "it isn't what its schema says";
                        Err(SerializationError::Unwritable { what: "a field", why }.into())
                    }
                }
            }

            /// A value of this kind; null in place of records, which are for those to make who know how
            /// deep they are.
            #[cfg(feature = "arbitrary")]
            pub(super) fn arbitrary_of(
                kind: FieldKind,
                u: &mut arbitrary::Unstructured<'_>,
            ) -> arbitrary::Result<Self> {
                if !matches!(kind.size(), super::kind::Size::Variable) || u.ratio(3, 4)? {
                    Ok(match kind {
                        $(
                            FieldKind::$kind | FieldKind::$nullable_kind => Self::$one(u.arbitrary()?),
                            FieldKind::$array => Self::$ones(u.arbitrary()?),
                            FieldKind::$nullable_array => Self::$nullables(u.arbitrary()?),
                        )*
                        $(
                            FieldKind::$vkind => arbitrary_one!(Self, $vone, u),
                            FieldKind::$varray => arbitrary_several!(Self, $vones, u),
                        )*
                    })
                } else {
                    Ok(Self::Null)
                }
            }
        }

        impl fmt::Debug for FieldValue {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    Self::Null => f.write_str("null"),
                    $(
                        Self::$one(value) => value.fmt(f),
                        Self::$ones(value) => value.fmt(f),
                        Self::$nullables(value) => value.fmt(f),
                    )*
                    $(
                        Self::$vone(value) => value.fmt(f),
                        Self::$vones(value) => value.fmt(f),
                    )*
                }
            }
        }

        $(
            to_field! { $type, $kind, |value| FieldValue::$one(value) }
            to_field! { Option<$type>, $nullable_kind, |value| value.map_or(FieldValue::Null, FieldValue::$one) }
            to_field! { Vec<$type>, $array, |value| FieldValue::$ones(value) }
            to_field! { Option<Vec<$type>>, $array, |value| value.map_or(FieldValue::Null, FieldValue::$ones) }
            to_field! { Vec<Option<$type>>, $nullable_array, |value| FieldValue::$nullables(value) }
            to_field! { Option<Vec<Option<$type>>>, $nullable_array,
                |value| value.map_or(FieldValue::Null, FieldValue::$nullables) }
            from_field! { $type, FieldValue::$one(value) => Some(*value) }
            from_field! { Vec<$type>,
                FieldValue::$ones(value) => Some(value.clone()),
                FieldValue::$nullables(value) => value.iter().copied().collect() }
            from_field! { Vec<Option<$type>>,
                FieldValue::$ones(value) => Some(value.iter().copied().map(Some).collect()),
                FieldValue::$nullables(value) => Some(value.clone()) }
        )*
        $(
            to_field! { $vtype, $vkind, |value| FieldValue::$vone(value) }
            to_field! { Option<$vtype>, $vkind, |value| value.map_or(FieldValue::Null, FieldValue::$vone) }
            to_field! { Vec<$vtype>, $varray, |value| FieldValue::$vones(value.into_iter().map(Some).collect()) }
            to_field! { Vec<Option<$vtype>>, $varray, |value| FieldValue::$vones(value) }
            to_field! { Option<Vec<$vtype>>, $varray, |value| value.map_or(FieldValue::Null,
                |value| FieldValue::$vones(value.into_iter().map(Some).collect())) }
            to_field! { Option<Vec<Option<$vtype>>>, $varray,
                |value| value.map_or(FieldValue::Null, FieldValue::$vones) }
            from_field! { $vtype, FieldValue::$vone(value) => Some(value.clone()) }
            from_field! { Vec<$vtype>, FieldValue::$vones(value) => value.iter().cloned().collect() }
            from_field! { Vec<Option<$vtype>>, FieldValue::$vones(value) => Some(value.clone()) }
        )*
    };
}

macro_rules! to_field {
    ($type:ty, $kind:ident, |$value:ident| $to:expr) => {
        impl ToField for $type {
            const KIND: FieldKind = FieldKind::$kind;
            fn to_value(self) -> FieldValue {
                let $value = self;
                $to
            }
        }
    };
}

macro_rules! from_field {
    ($type:ty, $($from:pat => $to:expr),*) => {
        impl FromField for $type {
            fn from_value(value: &FieldValue) -> Option<Self> {
                match value {
                    $($from => $to,)*
                    _ => None,
                }
            }
        }

        impl FromField for Option<$type> {
            fn from_value(value: &FieldValue) -> Option<Self> {
                match value {
                    FieldValue::Null => Some(None),
                    value => <$type>::from_value(value).map(Some),
                }
            }
        }
    };
}

#[cfg(feature = "arbitrary")]
macro_rules! arbitrary_one {
    ($of:ident, Record, $u:ident) => {
        $of::Null
    };
    ($of:ident, $one:ident, $u:ident) => {
        $of::$one($u.arbitrary()?)
    };
}

#[cfg(feature = "arbitrary")]
macro_rules! arbitrary_several {
    ($of:ident, Records, $u:ident) => {
        $of::Null
    };
    ($of:ident, $several:ident, $u:ident) => {
        $of::$several($u.arbitrary()?)
    };
}

field_values! {
    numbers {
        bool, Bool Bools NullableBools,
            Boolean NullableBoolean BooleanArray NullableBooleanArray;
        i8, I8 I8s NullableI8s, Int8 NullableInt8 Int8Array NullableInt8Array;
        i16, I16 I16s NullableI16s, Int16 NullableInt16 Int16Array NullableInt16Array;
        i32, I32 I32s NullableI32s, Int32 NullableInt32 Int32Array NullableInt32Array;
        i64, I64 I64s NullableI64s, Int64 NullableInt64 Int64Array NullableInt64Array;
        f32, F32 F32s NullableF32s, Float32 NullableFloat32 Float32Array NullableFloat32Array;
        f64, F64 F64s NullableF64s, Float64 NullableFloat64 Float64Array NullableFloat64Array;
    }
    variable {
        String, Text Texts, Text TextArray;
        BigDecimal, Decimal Decimals, Decimal DecimalArray;
        LocalTime, Time Times, Time TimeArray;
        LocalDate, Date Dates, Date DateArray;
        LocalDateTime, Timestamp Timestamps, Timestamp TimestampArray;
        OffsetDateTime, TimestampTz TimestampTzs, TimestampTz TimestampTzArray;
        GenericRecord, Record Records, Compact CompactArray;
    }
}

to_field! { &str, Text, |value| FieldValue::Text(value.into()) }
to_field! { Option<&str>, Text, |value| value.map(String::from).to_value() }
to_field! { Str, Text, |value| FieldValue::Text(String::from(&*value)) }
to_field! { Box<str>, Text, |value| FieldValue::Text(value.into()) }

impl FieldValue {
    /// Whether it is no array of records, or they are all of one schema.
    pub(super) fn is_uniform(&self) -> bool {
        let Self::Records(records) = self else { return true };
        let mut ids = records.iter().flatten().map(|record| record.schema().id());
        ids.next().is_none_or(|first| ids.all(|id| id == first))
    }
}
