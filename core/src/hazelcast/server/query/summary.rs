//! One result of many entries, and parts of entries.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::attribute::find;
use super::compare::{Number, number};
use super::{Refused, order};
use crate::hazelcast::Data;
use crate::hazelcast::query::{Aggregation, Attribute, Distinct, Fields, Function, LazyEntry};
use crate::hazelcast::serialization::value::ListKind;
use crate::hazelcast::serialization::{Codec, Value};

type Entry<'a> = (&'a Data, &'a Data);

/// What an aggregator makes of entries.
pub(in crate::hazelcast::server) fn aggregate(
    codec: &Codec,
    aggregator: &Data,
    entries: &[Entry<'_>],
) -> Result<Option<Data>, Refused> {
    let (function, attribute) = match codec.to_value::<Aggregation<'static>>(aggregator)? {
        Aggregation::Known { function, attribute } => (function, attribute),
        Aggregation::Custom(custom) => return Err(Refused::unknown_class(custom)),
    };
    let path = attribute.as_ref().map_or("this", Attribute::path);
    let mut found: Vec<(Value, Entry<'_>)> = Vec::new();
    for entry in entries {
        let values = find(codec, *entry, path)?.into_iter().filter(|value| !value.is_null());
        found.extend(values.map(|value| (value, *entry)));
    }
    let result = match function {
        Function::Count => Value::from(i64::try_from(found.len()).unwrap_or(i64::MAX)),
        Function::Distinct => return distinct(codec, &found).map(Some),
        Function::Max | Function::MaxBy => {
            return best(codec, found, Ordering::Greater, function == Function::MaxBy);
        }
        Function::Min | Function::MinBy => {
            return best(codec, found, Ordering::Less, function == Function::MinBy);
        }
        Function::DoubleAvg | Function::IntegerAvg | Function::LongAvg | Function::NumberAvg => {
            let sum: f64 = numbers(&found)?.into_iter().map(Number::as_f64).sum();
            #[allow(clippy::cast_precision_loss, reason = "fewer than 2^53 entries")]
            let count = found.len() as f64;
            if found.is_empty() { Value::Null } else { Value::F64(sum / count) }
        }
        Function::DoubleSum | Function::FloatingPointSum => {
            Value::F64(numbers(&found)?.into_iter().map(Number::as_f64).sum())
        }
        Function::IntegerSum | Function::LongSum | Function::FixedPointSum => {
            Value::I64(numbers(&found)?.into_iter().map(whole).fold(0, i64::wrapping_add))
        }
        Function::BigDecimalAvg
        | Function::BigDecimalSum
        | Function::BigIntegerAvg
        | Function::BigIntegerSum => {
            return Err(Refused::unsupported("the embedded member adds no big numbers"));
        }
    };
    Ok((!result.is_null()).then(|| codec.to_data(&result)).transpose()?)
}

#[allow(clippy::cast_possible_truncation, reason = "as Java converts numbers")]
fn whole(number: Number) -> i64 {
    match number {
        Number::Whole(number) => number as i64,
        Number::Broken(number) => number as i64,
    }
}

fn numbers(found: &[(Value, Entry<'_>)]) -> Result<Vec<Number>, Refused> {
    let it = |(value, _): &(Value, Entry<'_>)| {
        number(value).ok_or_else(|| Refused::query("what is to be added is no number"))
    };
    found.iter().map(it).collect()
}

fn distinct(codec: &Codec, found: &[(Value, Entry<'_>)]) -> Result<Data, Refused> {
    let (mut known, mut values) = (BTreeSet::new(), Vec::new());
    for (value, _) in found {
        if known.insert(codec.to_data(value)?.into_bytes()) {
            values.push(value.clone());
        }
    }
    Ok(codec.to_data(&Distinct(values))?)
}

/// The greatest or the least: the value, or its entry.
fn best(
    codec: &Codec,
    found: Vec<(Value, Entry<'_>)>,
    wanted: Ordering,
    by: bool,
) -> Result<Option<Data>, Refused> {
    let mut found = found.into_iter();
    let Some(first) = found.next() else { return Ok(None) };
    let mut chosen = first;
    for next in found {
        chosen = if order(&next.0, &chosen.0) == Some(wanted) { next } else { chosen };
    }
    let (value, (key, whole)) = chosen;
    if !by {
        return Ok(Some(codec.to_data(&value)?));
    }
    let (key, whole): (Value, Value) = (codec.to_value(key)?, codec.to_value(whole)?);
    Ok(Some(codec.to_data(&LazyEntry(key, whole))?))
}

/// What a projection makes of entries.
pub(in crate::hazelcast::server) fn project(
    codec: &Codec,
    projection: &Data,
    entries: &[Entry<'_>],
) -> Result<Vec<Option<Data>>, Refused> {
    let fields: Fields<'static> = codec.to_value(projection)?;
    let one = |entry: Entry<'_>, path: &Attribute| {
        Ok::<_, Refused>(find(codec, entry, path.path())?.pop().unwrap_or_default())
    };
    let mut results = Vec::with_capacity(entries.len());
    for entry in entries {
        let value = match &fields {
            Fields::One(path) => one(*entry, path)?,
            Fields::Several(paths) => {
                let values = paths.iter().map(|path| one(*entry, path));
                Value::List(ListKind::Array, values.collect::<Result<_, _>>()?)
            }
            Fields::Entry => {
                let (key, value) = (codec.to_value(entry.0)?, codec.to_value(entry.1)?);
                let entry: LazyEntry<Value, Value> = LazyEntry(key, value);
                results.push(Some(codec.to_data(&entry)?));
                continue;
            }
            Fields::Custom(custom) => return Err(Refused::unknown_class(custom)),
        };
        results.push((!value.is_null()).then(|| codec.to_data(&value)).transpose()?);
    }
    Ok(results)
}
