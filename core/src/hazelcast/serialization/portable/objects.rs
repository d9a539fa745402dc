//! Fields of decimals, dates and times, and arrays of them.
//!
//! Alone they have a flag before them that says whether they are null; in arrays they have none and
//! can't be. Years have 16 bits here.

use alloc::vec::Vec;

use super::field::{PortableField, read_items, write_items};
use super::kind::FieldType;
use super::reader::Scope;
use super::writer::unwritable;
use crate::Fault;
use crate::hazelcast::error::Error;
use crate::hazelcast::serialization::temporal::Payload as _;
use crate::hazelcast::serialization::{
    BigDecimal, LocalDate, LocalDateTime, LocalTime, OffsetDateTime, Reader, Writer,
};

fn put_date(date: &LocalDate, to: &mut Writer<'_>) -> Result<(), Error> {
    let year = i16::try_from(date.year).ok().filter(|_| date.is_valid());
    to.i16(year.ok_or_else(|| unwritable("there is no such date, or its year is beyond 32,767"))?);
    to.u8(date.month);
    to.u8(date.day);
    Ok(())
}

fn take_date(from: &mut Reader<'_>) -> Result<LocalDate, Error> {
    let (year, month, day) = (from.i16()?, from.u8()?, from.u8()?);
    let date = LocalDate::new(year.into(), month, day);
    date.ok_or_else(|| from.fault(Fault::Other("there is no such date, time or offset")))
}

fn put_date_time(value: &LocalDateTime, to: &mut Writer<'_>) -> Result<(), Error> {
    put_date(&value.date, to)?;
    value.time.write_payload(to)
}

fn take_date_time(from: &mut Reader<'_>) -> Result<LocalDateTime, Error> {
    Ok(LocalDateTime::new(take_date(from)?, LocalTime::read_payload(from)?))
}

fn put_offset(value: &OffsetDateTime, to: &mut Writer<'_>) -> Result<(), Error> {
    put_date_time(&value.local, to)?;
    if !value.is_valid() {
        return Err(unwritable("there is no such offset"));
    }
    to.i32(value.offset);
    Ok(())
}

fn take_offset(from: &mut Reader<'_>) -> Result<OffsetDateTime, Error> {
    let value = OffsetDateTime::new(take_date_time(from)?, from.i32()?);
    value.ok_or_else(|| from.fault(Fault::Other("there is no such date, time or offset")))
}

macro_rules! objects {
    ($($type:ty, $one:ident, $array:ident, $put:expr, $take:expr;)*) => {$(
        impl PortableField for $type {
            const TYPE: FieldType = FieldType::$one;

            fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
                to.bool(false);
                $put(self, to)
            }
            fn read(from: &mut Reader<'_>, found: FieldType, scope: &Scope) -> Result<Self, Error> {
                let read: Option<Self> = PortableField::read(from, found, scope)?;
                read.ok_or_else(|| from.fault(Fault::Null))
            }
        }

        impl PortableField for Option<$type> {
            const TYPE: FieldType = FieldType::$one;

            fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
                match self {
                    Some(value) => PortableField::write(value, to),
                    None => {
                        to.bool(true);
                        Ok(())
                    }
                }
            }
            fn read(from: &mut Reader<'_>, _: FieldType, _: &Scope) -> Result<Self, Error> {
                if from.bool()? { Ok(None) } else { $take(from).map(Some) }
            }
        }

        impl PortableField for Vec<$type> {
            const TYPE: FieldType = FieldType::$array;

            fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
                to.count(self.len())?;
                write_items(self, to, $put)
            }
            fn read(from: &mut Reader<'_>, found: FieldType, scope: &Scope) -> Result<Self, Error> {
                let read: Option<Self> = PortableField::read(from, found, scope)?;
                read.ok_or_else(|| from.fault(Fault::Null))
            }
        }

        impl PortableField for Option<Vec<$type>> {
            const TYPE: FieldType = FieldType::$array;

            fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
                match self {
                    Some(items) => PortableField::write(items, to),
                    None => {
                        to.i32(-1);
                        Ok(())
                    }
                }
            }
            fn read(from: &mut Reader<'_>, _: FieldType, scope: &Scope) -> Result<Self, Error> {
                let Some(count) = from.count(4)? else { return Ok(None) };
                read_items(from, count, |from| scope.leaf(from, $take)).map(Some)
            }
        }
    )*};
}

objects! {
    BigDecimal, Decimal, DecimalArray, BigDecimal::write_payload, BigDecimal::read_payload;
    LocalTime, Time, TimeArray, LocalTime::write_payload, LocalTime::read_payload;
    LocalDate, Date, DateArray, put_date, take_date;
    LocalDateTime, Timestamp, TimestampArray, put_date_time, take_date_time;
    OffsetDateTime, TimestampTz, TimestampTzArray, put_offset, take_offset;
}
