//! Values as they stand in `conformance/live/values.jsonl`, and as Rust has them.
//!
//! Each is `{"kind": …, "value": …}`: bytes as hex, floating point as the hex of its bits, so that they are
//! compared exactly; big numbers as the hex of their two's complement, dates and times as their parts.

use gridwire_core::hazelcast::serialization::value::ListKind;
use gridwire_core::hazelcast::serialization::{
    BigDecimal, BigInteger, LocalDate, LocalDateTime, LocalTime, OffsetDateTime,
};
use gridwire_core::hazelcast::{Client, Config, Json, Structures, Uuid, Value};
use gridwire_core::invoker::AsyncInvoker;
use serde_json::{Value as Described, json};

use super::{soon, with_client};
use crate::adapter::Adapter;
use crate::hex;

type On<A> = <A as Adapter>::Client<Client>;

/// Writes the values under their keys; all but null, which no map has.
pub fn write<A: Adapter>(config: Config, map: &str, values: &[Described]) {
    with_client::<A, Client>(config, async |client| {
        let map = client.map::<String, Value>(map);
        for described in values {
            let key = described["key"].as_str().expect("a key");
            let set = soon(On::<A>::future(map.set(key, &build(described)))).await;
            let null = described["kind"] == "null";
            assert_eq!(set.is_err(), null, "{key}: {set:?}");
        }
    });
}

/// What is stored under these keys, described.
pub fn read<A: Adapter>(config: Config, map: &str, keys: &[&str]) -> Vec<Described> {
    let mut found = Vec::new();
    with_client::<A, Client>(config, async |client| {
        let map = client.map::<String, Value>(map);
        for key in keys {
            let value = soon(On::<A>::future(map.get(*key))).await.expect("a value that is known");
            let mut described = describe(&value.unwrap_or(Value::Null));
            described["key"] = json!(key);
            found.push(described);
        }
    });
    found
}

/// The value that is described.
pub fn build(described: &Described) -> Value {
    let value = &described["value"];
    let int = || value.as_i64().expect("a number");
    let text = || value.as_str().expect("text").to_owned();
    let items = || value.as_array().expect("items").iter();
    let ints = || items().map(|item| item.as_i64().expect("a number"));
    match described["kind"].as_str().expect("a kind") {
        "null" => Value::Null,
        "boolean" => Value::Bool(value.as_bool().expect("a boolean")),
        "byte" => Value::I8(int() as i8),
        "char" => Value::Char(int() as u16),
        "short" => Value::I16(int() as i16),
        "int" => Value::I32(int() as i32),
        "long" => Value::I64(int()),
        "float" => Value::F32(f32::from_bits(bits(value) as u32)),
        "double" => Value::F64(f64::from_bits(bits(value))),
        "string" => Value::Text(text()),
        "bytes" => Value::Bytes(unhex(&text())),
        "booleans" => {
            Value::Bools(items().map(|item| item.as_bool().expect("a boolean")).collect())
        }
        "chars" => Value::Chars(ints().map(|unit| unit as u16).collect()),
        "shorts" => Value::I16s(ints().map(|item| item as i16).collect()),
        "ints" => Value::I32s(ints().map(|item| item as i32).collect()),
        "longs" => Value::I64s(ints().collect()),
        "floats" => Value::F32s(items().map(|item| f32::from_bits(bits(item) as u32)).collect()),
        "doubles" => Value::F64s(items().map(|item| f64::from_bits(bits(item))).collect()),
        "strings" => Value::Texts(items().map(|item| item.as_str().map(str::to_owned)).collect()),
        "uuid" => {
            let digits = text().replace('-', "");
            let half = |part| u64::from_str_radix(part, 16).expect("hex");
            Value::Uuid(Uuid::new(half(&digits[..16]), half(&digits[16..])))
        }
        "class" => Value::Class(text()),
        "biginteger" => Value::BigInteger(big(value)),
        "bigdecimal" => {
            let scale = value["scale"].as_i64().expect("a scale");
            Value::BigDecimal(BigDecimal::new(big(&value["unscaled"]), scale as i32))
        }
        "date" => Value::LocalDate(date(value)),
        "time" => Value::LocalTime(time(value, 0)),
        "datetime" => Value::LocalDateTime(LocalDateTime::new(date(value), time(value, 3))),
        "offsetdatetime" => {
            let local = LocalDateTime::new(date(value), time(value, 3));
            let at = OffsetDateTime::new(local, part(value, 7) as i32);
            Value::OffsetDateTime(at.expect("an offset that there is"))
        }
        "list" => Value::list(items().map(build)),
        "array" => Value::List(ListKind::Array, items().map(build).collect()),
        "linkedlist" => Value::List(ListKind::LinkedList, items().map(build).collect()),
        "json" => Value::Json(Json(text())),
        other => panic!("no kind is called {other}"),
    }
}

/// A value in words.
pub fn describe(value: &Value) -> Described {
    let floats = |items: &[f32]| -> Described {
        items.iter().map(|item| format!("{:08x}", item.to_bits())).collect()
    };
    let doubles = |items: &[f64]| -> Described {
        items.iter().map(|item| format!("{:016x}", item.to_bits())).collect()
    };
    let (kind, value) = match value {
        Value::Null => ("null", Described::Null),
        Value::Bool(value) => ("boolean", json!(value)),
        Value::I8(value) => ("byte", json!(value)),
        Value::Char(value) => ("char", json!(value)),
        Value::I16(value) => ("short", json!(value)),
        Value::I32(value) => ("int", json!(value)),
        Value::I64(value) => ("long", json!(value)),
        Value::F32(value) => ("float", json!(format!("{:08x}", value.to_bits()))),
        Value::F64(value) => ("double", json!(format!("{:016x}", value.to_bits()))),
        Value::Text(value) => ("string", json!(value)),
        Value::Bytes(value) => ("bytes", json!(hex(value))),
        Value::Bools(value) => ("booleans", json!(value)),
        Value::Chars(value) => ("chars", json!(value)),
        Value::I16s(value) => ("shorts", json!(value)),
        Value::I32s(value) => ("ints", json!(value)),
        Value::I64s(value) => ("longs", json!(value)),
        Value::F32s(value) => ("floats", floats(value)),
        Value::F64s(value) => ("doubles", doubles(value)),
        Value::Texts(value) => ("strings", json!(value)),
        Value::Uuid(value) => ("uuid", json!(value.to_string())),
        Value::Class(name) => ("class", json!(name)),
        Value::BigInteger(value) => ("biginteger", json!(hex(value.to_be_bytes()))),
        Value::BigDecimal(value) => {
            let unscaled = hex(value.unscaled.to_be_bytes());
            ("bigdecimal", json!({ "unscaled": unscaled, "scale": value.scale }))
        }
        Value::LocalDate(value) => ("date", json!(date_parts(value))),
        Value::LocalTime(value) => ("time", json!(time_parts(value))),
        Value::LocalDateTime(value) => ("datetime", json!(local_parts(value))),
        Value::OffsetDateTime(value) => {
            let mut parts = local_parts(&value.local);
            parts.push(value.offset.into());
            ("offsetdatetime", json!(parts))
        }
        Value::List(kind, items) => {
            let name = match kind {
                ListKind::Array => "array",
                ListKind::LinkedList => "linkedlist",
                _ => "list",
            };
            (name, items.iter().map(describe).collect())
        }
        Value::Json(Json(text)) => ("json", json!(text)),
        other => ("unknown", json!(format!("{other:?}"))),
    };
    json!({ "kind": kind, "value": value })
}

fn big(value: &Described) -> BigInteger {
    BigInteger::from_be_bytes(&unhex(value.as_str().expect("hex")))
}

fn part(value: &Described, at: usize) -> i64 {
    value[at].as_i64().expect("a part of a date")
}

fn date(value: &Described) -> LocalDate {
    let date = LocalDate::new(part(value, 0) as i32, part(value, 1) as u8, part(value, 2) as u8);
    date.expect("a date that there is")
}

fn time(value: &Described, at: usize) -> LocalTime {
    let [hour, minute, second] = [at, at + 1, at + 2].map(|at| part(value, at) as u8);
    let time = LocalTime::new(hour, minute, second, part(value, at + 3) as u32);
    time.expect("a time that there is")
}

fn date_parts(date: &LocalDate) -> Vec<i64> {
    vec![date.year.into(), date.month.into(), date.day.into()]
}

fn time_parts(time: &LocalTime) -> Vec<i64> {
    vec![time.hour.into(), time.minute.into(), time.second.into(), time.nanosecond.into()]
}

fn local_parts(local: &LocalDateTime) -> Vec<i64> {
    [date_parts(&local.date), time_parts(&local.time)].concat()
}

fn bits(value: &Described) -> u64 {
    u64::from_str_radix(value.as_str().expect("hex"), 16).expect("hex")
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).expect("ASCII");
        u8::from_str_radix(pair, 16).expect("hex")
    };
    text.as_bytes().chunks(2).map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_value_is_described_as_it_was_built() {
        let file = std::fs::read_to_string("live/values.jsonl").expect("values.jsonl");
        for line in file.lines() {
            let known: Described = serde_json::from_str(line).expect("JSON");
            let again = describe(&build(&known));
            assert_eq!((&again["kind"], &again["value"]), (&known["kind"], &known["value"]));
        }
    }
}
