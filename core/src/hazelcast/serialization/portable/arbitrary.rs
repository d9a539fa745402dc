//! Any portable record, for round trips: records in one another up to a few levels.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use ::arbitrary::{Arbitrary, Result, Unstructured};
use bytes::Bytes;

use super::{GenericPortable, Nested, NestedArray, PortableValue as Value};
use crate::hazelcast::serialization::{LocalDate, LocalDateTime, OffsetDateTime};

const DEEPEST: u32 = 3;

impl<'a> Arbitrary<'a> for GenericPortable {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let (factory, class) = (u.arbitrary()?, u.int_in_range(1..=9)?);
        record(u, factory, class, 0)
    }
}

fn record(
    u: &mut Unstructured<'_>,
    factory: i32,
    class: i32,
    depth: u32,
) -> Result<GenericPortable> {
    let mut record = GenericPortable::new(factory, class);
    record.version = u.arbitrary()?;
    for _ in 0..u.int_in_range(0..=4)? {
        let name: String = u.arbitrary()?;
        record = record.field(name, value(u, depth)?);
    }
    // Raw data of no bytes at the very end would lie outside the record.
    let raw: Option<Vec<u8>> = u.arbitrary()?;
    record.raw = raw.filter(|raw| !raw.is_empty()).map(Bytes::from);
    Ok(record)
}

/// Years have 16 bits here.
fn near(date: LocalDate) -> LocalDate {
    let year = date.year % 30_000;
    LocalDate::new(year, date.month, date.day).unwrap_or(LocalDate { year, month: 1, day: 1 })
}

fn near_time(value: LocalDateTime) -> LocalDateTime {
    LocalDateTime { date: near(value.date), ..value }
}

fn near_offset(value: OffsetDateTime) -> OffsetDateTime {
    OffsetDateTime { local: near_time(value.local), ..value }
}

fn all<T>(values: Option<Vec<T>>, near: fn(T) -> T) -> Option<Vec<T>> {
    values.map(|values| values.into_iter().map(near).collect())
}

fn value(u: &mut Unstructured<'_>, depth: u32) -> Result<Value> {
    let least = if depth < DEEPEST { 0 } else { 2 };
    let (factory, class) = (u.arbitrary()?, u.int_in_range(1..=9)?);
    Ok(match u.int_in_range(least..=29)? {
        0 => {
            let inner = if u.arbitrary()? {
                Some(Box::new(record(u, factory, class, depth + 1)?))
            } else {
                None
            };
            Value::Portable(Nested { factory, class, record: inner })
        }
        1 => {
            let records = (0..u.int_in_range(0..=3)?)
                .map(|_| record(u, factory, class, depth + 1))
                .collect::<Result<_>>()?;
            let records = if u.arbitrary()? { Some(records) } else { None };
            Value::PortableArray(NestedArray { factory, class, records })
        }
        2 => Value::Byte(u.arbitrary()?),
        3 => Value::Boolean(u.arbitrary()?),
        4 => Value::Char(u.arbitrary()?),
        5 => Value::Short(u.arbitrary()?),
        6 => Value::Int(u.arbitrary()?),
        7 => Value::Long(u.arbitrary()?),
        // Not-a-number isn't equal to itself.
        8 => Value::Float(u.arbitrary::<i32>()? as f32),
        9 => Value::Double(u.arbitrary::<i64>()? as f64),
        10 => Value::Text(u.arbitrary()?),
        11 => Value::ByteArray(u.arbitrary()?),
        12 => Value::BooleanArray(u.arbitrary()?),
        13 => Value::CharArray(u.arbitrary()?),
        14 => Value::ShortArray(u.arbitrary()?),
        15 => Value::IntArray(u.arbitrary()?),
        16 => Value::LongArray(u.arbitrary()?),
        17 => Value::FloatArray(Some(alloc::vec![u.arbitrary::<i32>()? as f32; 3])),
        18 => Value::DoubleArray(Some(alloc::vec![u.arbitrary::<i64>()? as f64; 3])),
        19 => Value::TextArray(u.arbitrary()?),
        20 => Value::Decimal(u.arbitrary()?),
        21 => Value::DecimalArray(u.arbitrary()?),
        22 => Value::Time(u.arbitrary()?),
        23 => Value::TimeArray(u.arbitrary()?),
        24 => Value::Date(u.arbitrary::<Option<_>>()?.map(near)),
        25 => Value::DateArray(all(u.arbitrary()?, near)),
        26 => Value::Timestamp(u.arbitrary::<Option<_>>()?.map(near_time)),
        27 => Value::TimestampArray(all(u.arbitrary()?, near_time)),
        28 => Value::TimestampTz(u.arbitrary::<Option<_>>()?.map(near_offset)),
        _ => Value::TimestampTzArray(all(u.arbitrary()?, near_offset)),
    })
}
