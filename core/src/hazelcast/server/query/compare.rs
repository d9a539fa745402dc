//! Which of two values is greater, whatever types of numbers they are.

use alloc::string::String;
use core::cmp::Ordering;

use bytes::Bytes;

use crate::hazelcast::serialization::Value;

/// A number.
#[derive(Clone, Copy)]
pub(super) enum Number {
    Whole(i128),
    Broken(f64),
}

impl Number {
    #[allow(clippy::cast_precision_loss, reason = "as Java compares them")]
    pub(super) fn as_f64(self) -> f64 {
        match self {
            Self::Whole(number) => number as f64,
            Self::Broken(number) => number,
        }
    }
}

/// A value as a number, if it is one.
pub(super) fn number(value: &Value) -> Option<Number> {
    Some(match value {
        Value::F32(number) => Number::Broken(f64::from(*number)),
        Value::F64(number) => Number::Broken(*number),
        Value::BigInteger(number) => Number::Whole(i128::try_from(number).ok()?),
        other => Number::Whole(other.integer()?.into()),
    })
}

/// A text as a number, as what is compared is converted to the type of an attribute.
fn parsed(text: &str) -> Option<Number> {
    let text = text.trim();
    match text.parse() {
        Ok(number) => Some(Number::Whole(number)),
        Err(_) => text.parse().ok().map(Number::Broken),
    }
}

fn numbers(one: Number, other: Number) -> Option<Ordering> {
    match (one, other) {
        (Number::Whole(one), Number::Whole(other)) => Some(one.cmp(&other)),
        _ => one.as_f64().partial_cmp(&other.as_f64()),
    }
}

/// What entries are sorted by: numbers, then texts, then all else by its bytes. Unlike [`order`] it is an
/// order of all values there are.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::hazelcast::server) struct SortKey {
    rank: u8,
    /// A number, as bits that are in its order.
    approximate: u64,
    exact: i128,
    text: String,
    bytes: (Bytes, Bytes),
}

impl SortKey {
    /// Of a value; of equal ones the bytes decide.
    pub(in crate::hazelcast::server) fn new(value: Value, bytes: (Bytes, Bytes)) -> Self {
        let number = number(&value);
        let bits = number.map_or(0, |number| number.as_f64().to_bits());
        let approximate = if bits >> 63 == 1 { !bits } else { bits | 1 << 63 };
        let exact = match number {
            Some(Number::Whole(number)) => number,
            _ => 0,
        };
        let (rank, text) = match value {
            _ if number.is_some() => (0, String::new()),
            Value::Text(text) => (1, text),
            _ => (2, String::new()),
        };
        Self { rank, approximate, exact, text, bytes }
    }
}

/// How an attribute compares with a value; nothing, if they can't be compared.
pub(super) fn order(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::Text(one), Value::Text(other)) => return Some(one.cmp(other)),
        (Value::Bool(one), Value::Bool(other)) => return Some(one.cmp(other)),
        (Value::Bool(one), Value::Text(other)) => {
            return Some(one.cmp(&other.eq_ignore_ascii_case("true")));
        }
        (Value::Char(one), Value::Char(other)) => return Some(one.cmp(other)),
        (Value::LocalDate(one), Value::LocalDate(other)) => return Some(one.cmp(other)),
        (Value::LocalTime(one), Value::LocalTime(other)) => return Some(one.cmp(other)),
        (Value::LocalDateTime(one), Value::LocalDateTime(other)) => return Some(one.cmp(other)),
        (Value::Date(one), Value::Date(other)) => return Some(one.cmp(other)),
        (Value::Uuid(one), Value::Uuid(other)) => return Some(one.cmp(other)),
        _ => {}
    }
    match (number(one), number(other), one, other) {
        (Some(one), Some(other), ..) => numbers(one, other),
        (Some(one), None, _, Value::Text(text)) => numbers(one, parsed(text)?),
        (None, Some(other), Value::Text(text), _) => numbers(parsed(text)?, other),
        _ => (one == other).then_some(Ordering::Equal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_as_values_do() {
        let mut values = [
            Value::F64(f64::NEG_INFINITY),
            Value::I64(i64::MIN),
            Value::F32(-1.5),
            Value::I8(-1),
            Value::I32(0),
            Value::F64(0.5),
            Value::I64(1),
            Value::I64((1 << 53) + 1),
            Value::I64((1 << 53) + 2),
            Value::F64(1e300),
            "".into(),
            "a".into(),
            "b".into(),
        ];
        let key = |value: &Value| SortKey::new(value.clone(), Default::default());
        assert!(values.is_sorted_by(|one, other| key(one) < key(other)));
        values.reverse();
        for pair in values.windows(2) {
            if let [one, other] = pair {
                assert!(order(one, other).is_none_or(Ordering::is_gt), "{one:?} {other:?}");
            }
        }
    }
}
