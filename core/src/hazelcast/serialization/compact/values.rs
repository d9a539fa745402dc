//! The values that fields can have, and how each is written and read.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::GenericRecord;
use super::field::{CompactValue, Kinds};
use super::kind::FieldKind;
use super::reader::{FieldReader, read_record};
use super::schema::Place;
use super::types::Compact;
use super::writer::{Record, write_bits, write_items, write_record};
use crate::Str;
use crate::hazelcast::error::Error;
use crate::hazelcast::serialization::temporal::Payload;
use crate::hazelcast::serialization::{
    BigDecimal, LocalDate, LocalDateTime, LocalTime, OffsetDateTime, Reader, Writer,
};

macro_rules! numbers {
    ($($type:ty, $method:ident, $size:literal, $one:ident $array:ident $nullable:ident
       $nullable_array:ident;)*) => {$(
        impl CompactValue for $type {
            const KINDS: Kinds = Kinds {
                one: FieldKind::$one,
                nullable: FieldKind::$nullable,
                array: FieldKind::$array,
                nullable_array: FieldKind::$nullable_array,
            };

            #[inline]
            fn write(&self, to: &mut Record<'_, '_>, at: Place) -> Result<(), Error> {
                to.fixed(at, self.to_be_bytes())
            }
            #[inline]
            fn write_nullable(
                this: Option<&Self>,
                to: &mut Record<'_, '_>,
                at: Place,
            ) -> Result<(), Error> {
                if let Some(value) = this {
                    to.variable(at)?.$method(*value);
                }
                Ok(())
            }
            fn write_array(
                items: &[Self],
                to: &mut Record<'_, '_>,
                at: Place,
            ) -> Result<(), Error> {
                let to = to.variable(at)?;
                to.count(items.len())?;
                for item in items {
                    to.$method(*item);
                }
                Ok(())
            }
            fn write_nullable_array(
                items: &[Option<Self>],
                to: &mut Record<'_, '_>,
                at: Place,
            ) -> Result<(), Error> {
                write_items(to.variable(at)?, items.iter().map(Option::as_ref), |item, to| {
                    to.$method(*item);
                    Ok(())
                })
            }

            #[inline]
            fn read(from: &FieldReader<'_, '_>) -> Result<Self, Error> {
                if from.kind() == FieldKind::$one {
                    return from.fixed()?.$method();
                }
                Self::read_nullable(from)?.ok_or_else(|| from.null())
            }
            #[inline]
            fn read_nullable(from: &FieldReader<'_, '_>) -> Result<Option<Self>, Error> {
                if from.kind() == FieldKind::$one {
                    return from.fixed()?.$method().map(Some);
                }
                from.leaf(|from| from.$method())
            }
            fn read_array(from: &FieldReader<'_, '_>) -> Result<Option<Vec<Self>>, Error> {
                if from.kind() == FieldKind::$nullable_array {
                    return present(from, Self::read_nullable_array(from)?);
                }
                from.leaf(|from| {
                    let count = from.present_count($size)?;
                    (0..count).map(|_| from.$method()).collect()
                })
            }
            fn read_nullable_array(
                from: &FieldReader<'_, '_>,
            ) -> Result<Option<Vec<Option<Self>>>, Error> {
                if from.kind() == FieldKind::$array {
                    return Ok(optional(Self::read_array(from)?));
                }
                from.items(true, |from| from.$method())
            }
        }
    )*};
}

numbers! {
    i8, i8, 1, Int8 Int8Array NullableInt8 NullableInt8Array;
    u8, u8, 1, Int8 Int8Array NullableInt8 NullableInt8Array;
    i16, i16, 2, Int16 Int16Array NullableInt16 NullableInt16Array;
    i32, i32, 4, Int32 Int32Array NullableInt32 NullableInt32Array;
    i64, i64, 8, Int64 Int64Array NullableInt64 NullableInt64Array;
    f32, f32, 4, Float32 Float32Array NullableFloat32 NullableFloat32Array;
    f64, f64, 8, Float64 Float64Array NullableFloat64 NullableFloat64Array;
}

fn present<T>(
    from: &FieldReader<'_, '_>,
    items: Option<Vec<Option<T>>>,
) -> Result<Option<Vec<T>>, Error> {
    let items = items.map(|items| items.into_iter().map(|item| item.ok_or_else(|| from.null())));
    items.map(Iterator::collect).transpose()
}

fn optional<T>(items: Option<Vec<T>>) -> Option<Vec<Option<T>>> {
    items.map(|items| items.into_iter().map(Some).collect())
}

/// A bit among those of the other booleans, or eight to the byte; one that can be null takes a byte.
impl CompactValue for bool {
    const KINDS: Kinds = Kinds {
        one: FieldKind::Boolean,
        nullable: FieldKind::NullableBoolean,
        array: FieldKind::BooleanArray,
        nullable_array: FieldKind::NullableBooleanArray,
    };

    #[inline]
    fn write(&self, to: &mut Record<'_, '_>, at: Place) -> Result<(), Error> {
        to.bit(at, *self)
    }
    fn write_nullable(
        this: Option<&Self>,
        to: &mut Record<'_, '_>,
        at: Place,
    ) -> Result<(), Error> {
        if let Some(value) = this {
            to.variable(at)?.bool(*value);
        }
        Ok(())
    }
    fn write_array(items: &[Self], to: &mut Record<'_, '_>, at: Place) -> Result<(), Error> {
        write_bits(to.variable(at)?, items)
    }
    fn write_nullable_array(
        items: &[Option<Self>],
        to: &mut Record<'_, '_>,
        at: Place,
    ) -> Result<(), Error> {
        write_items(to.variable(at)?, items.iter().map(Option::as_ref), |item, to| {
            to.bool(*item);
            Ok(())
        })
    }

    fn read_nullable(from: &FieldReader<'_, '_>) -> Result<Option<Self>, Error> {
        if from.kind() == FieldKind::Boolean {
            return from.bit().map(Some);
        }
        from.leaf(Reader::bool)
    }
    fn read_array(from: &FieldReader<'_, '_>) -> Result<Option<Vec<Self>>, Error> {
        if from.kind() == FieldKind::NullableBooleanArray {
            return present(from, Self::read_nullable_array(from)?);
        }
        from.leaf(|from| {
            let count = from.bit_count()?;
            let bits = from.slice(count.div_ceil(8))?;
            let bits = bits.iter().flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1));
            Ok(bits.take(count).collect())
        })
    }
    fn read_nullable_array(from: &FieldReader<'_, '_>) -> Result<Option<Vec<Option<Self>>>, Error> {
        if from.kind() == FieldKind::BooleanArray {
            return Ok(optional(Self::read_array(from)?));
        }
        from.items(true, Reader::bool)
    }
}

/// What is variable: one way to write and read it, in fields and arrays.
macro_rules! variable {
    ($($(#[$doc:meta])* [$($generics:tt)*] $type:ty, $one:ident $array:ident, $is_leaf:literal,
       |$value:ident, $to:ident| $write:expr, |$from:ident, $field:ident| $read:expr;)*) => {$(
        $(#[$doc])*
        impl $($generics)* CompactValue for $type {
            const KINDS: Kinds = Kinds::variable(FieldKind::$one, FieldKind::$array);

            fn write(&self, to: &mut Record<'_, '_>, at: Place) -> Result<(), Error> {
                let ($value, $to) = (self, to.variable(at)?);
                $write
            }
            fn write_nullable(
                this: Option<&Self>,
                to: &mut Record<'_, '_>,
                at: Place,
            ) -> Result<(), Error> {
                this.map_or(Ok(()), |value| CompactValue::write(value, to, at))
            }
            fn write_array(
                items: &[Self],
                to: &mut Record<'_, '_>,
                at: Place,
            ) -> Result<(), Error> {
                let write = |$value: &Self, $to: &mut Writer<'_>| $write;
                write_items(to.variable(at)?, items.iter().map(Some), write)
            }
            fn write_nullable_array(
                items: &[Option<Self>],
                to: &mut Record<'_, '_>,
                at: Place,
            ) -> Result<(), Error> {
                let write = |$value: &Self, $to: &mut Writer<'_>| $write;
                write_items(to.variable(at)?, items.iter().map(Option::as_ref), write)
            }

            fn read_nullable($field: &FieldReader<'_, '_>) -> Result<Option<Self>, Error> {
                if $is_leaf { $field.leaf(|$from| $read) } else { $field.variable(|$from| $read) }
            }
            fn read_nullable_array(
                $field: &FieldReader<'_, '_>,
            ) -> Result<Option<Vec<Option<Self>>>, Error> {
                $field.items($is_leaf, |$from| $read)
            }
        }
    )*};
}

variable! {
    [] String, Text TextArray, true,
        |value, to| to.text(Some(value)), |from, _field| from.present_text().map(String::from);
    [] Str, Text TextArray, true,
        |value, to| to.text(Some(value)), |from, _field| from.present_text().map(Str::from);
    [] Box<str>, Text TextArray, true,
        |value, to| to.text(Some(value)), |from, _field| from.present_text().map(Box::from);
    [] BigDecimal, Decimal DecimalArray, true,
        |value, to| value.write_payload(to), |from, _field| BigDecimal::read_payload(from);
    [] LocalTime, Time TimeArray, true,
        |value, to| value.write_payload(to), |from, _field| LocalTime::read_payload(from);
    [] LocalDate, Date DateArray, true,
        |value, to| value.write_payload(to), |from, _field| LocalDate::read_payload(from);
    [] LocalDateTime, Timestamp TimestampArray, true,
        |value, to| value.write_payload(to), |from, _field| LocalDateTime::read_payload(from);
    [] OffsetDateTime, TimestampTz TimestampTzArray, true,
        |value, to| value.write_payload(to), |from, _field| OffsetDateTime::read_payload(from);
    /// A record in a record.
    [] GenericRecord, Compact CompactArray, false,
        |value, to| value.write_record(to),
        |from, field| GenericRecord::read_record(from, field.scope());
    /// A record in a record.
    [<T: Compact>] T, Compact CompactArray, false,
        |value, to| write_record(value, to), |from, field| read_record(from, field.scope());
}
