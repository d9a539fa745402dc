//! Attributes of entries: `__key`, `this`, and paths as `a.b[0].c[any]`.

use alloc::vec;
use alloc::vec::Vec;

use super::Refused;
use crate::hazelcast::Data;
use crate::hazelcast::compact::FieldValue;
use crate::hazelcast::portable::PortableValue;
use crate::hazelcast::serialization::{Codec, Value};

/// A part of a path.
enum Step<'a> {
    Field(&'a str),
    At(usize),
    Any,
}

/// What an entry has at a path: one value, or as many as `[any]` finds.
pub(super) fn find(
    codec: &Codec,
    (key, value): (&Data, &Data),
    path: &str,
) -> Result<Vec<Value>, Refused> {
    let (of, rest) = match path.strip_prefix("__key") {
        Some(rest) if rest.is_empty() || rest.starts_with(['.', '[']) => (key, rest),
        _ => match path.strip_prefix("this") {
            Some(rest) if rest.is_empty() || rest.starts_with(['.', '[']) => (value, rest),
            _ => (value, path),
        },
    };
    let mut found = vec![codec.to_value::<Value>(of)?];
    for step in steps(rest)? {
        let mut next = Vec::with_capacity(found.len());
        for value in found {
            walk(value, &step, path, &mut next)?;
        }
        found = next;
    }
    Ok(found)
}

fn steps(path: &str) -> Result<Vec<Step<'_>>, Refused> {
    let mut steps = Vec::new();
    for part in path.split('.') {
        let (name, mut rest) = part.split_at(part.find('[').unwrap_or(part.len()));
        if !name.is_empty() {
            steps.push(Step::Field(name));
        }
        while let Some((index, after)) = rest.strip_prefix('[').and_then(|it| it.split_once(']')) {
            steps.push(match index {
                "any" => Step::Any,
                _ => Step::At(index.parse().map_err(|_| wrong(path))?),
            });
            rest = after;
        }
        if !rest.is_empty() {
            return Err(wrong(path));
        }
    }
    Ok(steps)
}

fn wrong(path: &str) -> Refused {
    Refused::query(alloc::format!("there is no suitable accessor for '{path}'"))
}

fn walk(value: Value, step: &Step<'_>, path: &str, into: &mut Vec<Value>) -> Result<(), Refused> {
    let value = opened(value);
    match step {
        _ if value.is_null() => into.push(Value::Null),
        Step::Field(name) => into.push(field(&value, name).ok_or_else(|| wrong(path))?),
        Step::At(index) => {
            let items = items(value).ok_or_else(|| wrong(path))?;
            into.push(items.into_iter().nth(*index).unwrap_or_default());
        }
        Step::Any => into.extend(items(value).ok_or_else(|| wrong(path))?),
    }
    Ok(())
}

/// JSON as what it stands for: texts, numbers, lists, maps from texts.
#[cfg(feature = "json")]
fn opened(value: Value) -> Value {
    fn of(json: serde_json::Value) -> Value {
        match json {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(value) => value.into(),
            serde_json::Value::Number(number) => {
                number.as_i64().map_or_else(|| number.as_f64().into(), Value::from)
            }
            serde_json::Value::String(text) => text.into(),
            serde_json::Value::Array(items) => Value::list(items.into_iter().map(of)),
            serde_json::Value::Object(fields) => {
                Value::map(fields.into_iter().map(|(name, value)| (name.into(), of(value))))
            }
        }
    }
    match value {
        Value::Json(json) => serde_json::from_str(&json.0).map_or(Value::Null, of),
        other => other,
    }
}

#[cfg(not(feature = "json"))]
fn opened(value: Value) -> Value {
    value
}

/// A field that is there, or null for one that a record or document lacks; nothing of other values.
fn field(value: &Value, name: &str) -> Option<Value> {
    Some(match value {
        Value::Record(record) => record.value(name).map_or(Value::Null, of_compact),
        Value::Portable(record) => record.value(name).map_or(Value::Null, of_portable),
        Value::Map(_, entries) => {
            let named = entries.iter().find(|(key, _)| key.text() == Some(name));
            named.map(|(_, value)| value.clone()).unwrap_or_default()
        }
        _ => return None,
    })
}

fn list<T: Clone + Into<Value>>(items: &[T]) -> Value {
    Value::list(items.iter().cloned().map(Into::into))
}

/// The elements of lists and of arrays.
fn items(value: Value) -> Option<Vec<Value>> {
    fn all<T: Into<Value>>(items: Vec<T>) -> Vec<Value> {
        items.into_iter().map(Into::into).collect()
    }
    Some(match value {
        Value::Bools(items) => all(items),
        Value::I16s(items) => all(items),
        Value::I32s(items) => all(items),
        Value::I64s(items) => all(items),
        Value::F32s(items) => all(items),
        Value::F64s(items) => all(items),
        Value::Texts(items) => all(items),
        Value::Bytes(items) => all(items.into_iter().map(u8::cast_signed).collect()),
        Value::List(_, items) => items,
        other => other.items()?.to_vec(),
    })
}

macro_rules! of_fields {
    ($value:ident: $($one:ident $($many:ident)*),*) => {
        match $value {
            FieldValue::Null => Value::Null,
            $(FieldValue::$one(value) => value.clone().into(),
            $(FieldValue::$many(items) => list(items),)*)*
            FieldValue::Record(record) => Value::Record(record.clone()),
            FieldValue::Records(records) => Value::list(
                records.iter().map(|it| it.clone().map_or(Value::Null, Value::Record)),
            ),
        }
    };
}

fn of_compact(value: &FieldValue) -> Value {
    of_fields!(value:
        Bool Bools NullableBools, I8 I8s NullableI8s, I16 I16s NullableI16s,
        I32 I32s NullableI32s, I64 I64s NullableI64s, F32 F32s NullableF32s,
        F64 F64s NullableF64s, Text Texts, Decimal Decimals, Time Times, Date Dates,
        Timestamp Timestamps, TimestampTz TimestampTzs)
}

fn of_portable(value: &PortableValue) -> Value {
    fn many<T: Clone + Into<Value>>(items: Option<&Vec<T>>) -> Value {
        items.map_or(Value::Null, |items| list(items))
    }
    fn record(record: crate::hazelcast::portable::GenericPortable) -> Value {
        Value::Portable(record.into())
    }
    match value {
        PortableValue::Portable(nested) => {
            nested.record.as_ref().map_or(Value::Null, |it| Value::Portable(it.clone()))
        }
        PortableValue::PortableArray(nested) => {
            let records = nested.records.as_ref();
            records.map_or(Value::Null, |it| Value::list(it.iter().cloned().map(record)))
        }
        PortableValue::Byte(value) => (*value).into(),
        PortableValue::Boolean(value) => (*value).into(),
        PortableValue::Char(value) => Value::Char(*value),
        PortableValue::Short(value) => (*value).into(),
        PortableValue::Int(value) => (*value).into(),
        PortableValue::Long(value) => (*value).into(),
        PortableValue::Float(value) => (*value).into(),
        PortableValue::Double(value) => (*value).into(),
        PortableValue::Text(text) => Value::from(text.clone()),
        PortableValue::Decimal(value) => value.clone().into(),
        PortableValue::Time(value) => (*value).into(),
        PortableValue::Date(value) => (*value).into(),
        PortableValue::Timestamp(value) => (*value).into(),
        PortableValue::TimestampTz(value) => (*value).into(),
        PortableValue::ByteArray(items) => many(items.as_ref()),
        PortableValue::BooleanArray(items) => many(items.as_ref()),
        PortableValue::CharArray(items) => items
            .as_ref()
            .map_or(Value::Null, |it| Value::list(it.iter().copied().map(Value::Char))),
        PortableValue::ShortArray(items) => many(items.as_ref()),
        PortableValue::IntArray(items) => many(items.as_ref()),
        PortableValue::LongArray(items) => many(items.as_ref()),
        PortableValue::FloatArray(items) => many(items.as_ref()),
        PortableValue::DoubleArray(items) => many(items.as_ref()),
        PortableValue::TextArray(items) => many(items.as_ref()),
        PortableValue::DecimalArray(items) => many(items.as_ref()),
        PortableValue::TimeArray(items) => many(items.as_ref()),
        PortableValue::DateArray(items) => many(items.as_ref()),
        PortableValue::TimestampArray(items) => many(items.as_ref()),
        PortableValue::TimestampTzArray(items) => many(items.as_ref()),
    }
}
