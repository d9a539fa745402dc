//! Any value, for round trips: collections in one another up to a few levels.

use alloc::boxed::Box;
use alloc::vec::Vec;

use ::arbitrary::{Arbitrary, Result, Unstructured};

use super::{QueueKind, Sorted, Value};
use crate::hazelcast::serialization::Json;

const DEEPEST: u32 = 4;

impl<'a> Arbitrary<'a> for Value {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        any(u, 0)
    }
}

fn items(u: &mut Unstructured<'_>, depth: u32) -> Result<Vec<Value>> {
    (0..u.int_in_range(0..=4)?).map(|_| any(u, depth + 1)).collect()
}

fn collection(u: &mut Unstructured<'_>, depth: u32) -> Result<Value> {
    Ok(match u.int_in_range(0..=3)? {
        0 => Value::List(u.arbitrary()?, items(u, depth)?),
        1 => Value::Set(u.arbitrary()?, items(u, depth)?),
        2 => Value::Queue(u.arbitrary()?, items(u, depth)?),
        _ => {
            let kind = u.arbitrary()?;
            let entry = |_| Ok((any(u, depth + 1)?, any(u, depth + 1)?));
            Value::Map(kind, (0..3).map(entry).collect::<Result<_>>()?)
        }
    })
}

fn any(u: &mut Unstructured<'_>, depth: u32) -> Result<Value> {
    let most = if depth < DEEPEST { 36 } else { 29 };
    Ok(match u.int_in_range(0..=most)? {
        0 => Value::Null,
        1 => Value::Bool(u.arbitrary()?),
        2 => Value::I8(u.arbitrary()?),
        3 => Value::Char(u.arbitrary()?),
        4 => Value::I16(u.arbitrary()?),
        5 => Value::I32(u.arbitrary()?),
        6 => Value::I64(u.arbitrary()?),
        // Not-a-number isn't equal to itself.
        7 => Value::F32(u.arbitrary::<i32>()? as f32),
        8 => Value::F64(u.arbitrary::<i64>()? as f64),
        9 => Value::Text(u.arbitrary()?),
        10 => Value::Bytes(u.arbitrary()?),
        11 => Value::Bools(u.arbitrary()?),
        12 => Value::Chars(u.arbitrary()?),
        13 => Value::I16s(u.arbitrary()?),
        14 => Value::I32s(u.arbitrary()?),
        15 => Value::I64s(u.arbitrary()?),
        16 => Value::F32s(u.arbitrary::<Vec<i32>>()?.iter().map(|it| *it as f32).collect()),
        17 => Value::F64s(u.arbitrary::<Vec<i64>>()?.iter().map(|it| *it as f64).collect()),
        18 => Value::Texts(u.arbitrary()?),
        19 => Value::Uuid(u.arbitrary()?),
        20 => Value::Class(u.arbitrary()?),
        21 => Value::Date(u.arbitrary()?),
        22 => Value::BigInteger(u.arbitrary()?),
        23 => Value::BigDecimal(u.arbitrary()?),
        24 => Value::LocalDate(u.arbitrary()?),
        25 => Value::LocalTime(u.arbitrary()?),
        26 => Value::LocalDateTime(u.arbitrary()?),
        27 => Value::OffsetDateTime(u.arbitrary()?),
        28 => Value::ByteBuffer(u.arbitrary()?),
        29 => Value::Json(Json(u.arbitrary()?)),
        30 => {
            Value::Optional(if u.arbitrary()? { Some(Box::new(any(u, depth + 1)?)) } else { None })
        }
        36 => Value::Portable(Box::new(u.arbitrary()?)),
        31 => Value::Entry(u.arbitrary()?, Box::new((any(u, depth + 1)?, any(u, depth + 1)?))),
        32 => {
            let comparator = any(u, depth + 1)?;
            let collection = Value::Queue(QueueKind::PriorityQueue, items(u, depth)?);
            match comparator {
                Value::Null => collection,
                comparator => Value::Sorted(Box::new(Sorted { comparator, collection })),
            }
        }
        _ => collection(u, depth)?,
    })
}
