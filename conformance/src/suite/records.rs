//! Compact records as they stand in `conformance/live/records.jsonl`, and as Rust has them.

use gridwire_core::hazelcast::compact::{
    Compact, CompactField, CompactReader, CompactType, CompactWriter, FieldKind, FieldValue,
    GenericBuilder, GenericRecord, ToField,
};
use gridwire_core::hazelcast::serialization::{
    BigDecimal, LocalDate, LocalDateTime, LocalTime, OffsetDateTime,
};
use gridwire_core::hazelcast::{Client, Codec, Config, Data, Error, Structures};
use gridwire_core::invoker::AsyncInvoker;
use serde_json::{Map as Object, Value as Described, json};

use super::{soon, with_client};
use crate::adapter::Adapter;

type On<A> = <A as Adapter>::Client<Client>;

/// Writes the records under their keys.
pub fn write<A: Adapter>(config: Config, map: &str, records: &[Described]) {
    with_client::<A, Client>(config, async |client| {
        let map = client.map::<String, GenericRecord>(map);
        for described in records {
            let key = described["key"].as_str().expect("a key");
            soon(On::<A>::future(map.set(key, &build(described)))).await.expect("set");
        }
    });
}

/// What is stored under these keys, described; and each as an employee and in its bytes.
pub fn read<A: Adapter>(
    config: Config,
    map: &str,
    keys: &[&str],
) -> Vec<(Described, Employee, Data)> {
    let mut found = Vec::new();
    with_client::<A, Client>(config, async |client| {
        let (generic, typed, raw) = (
            client.map::<String, GenericRecord>(map),
            client.map::<String, Employee>(map),
            client.map::<String, Data>(map),
        );
        for key in keys {
            let employee = soon(On::<A>::future(typed.get(*key))).await.expect("an employee");
            let record = soon(On::<A>::future(generic.get(*key))).await.expect("a record");
            let data = soon(On::<A>::future(raw.get(*key))).await.expect("a value");
            let mut described = describe(&record.expect("there is one"));
            described["key"] = json!(key);
            let (employee, data) = (employee.expect("there is one"), data.expect("there is one"));
            found.push((described, employee, data));
        }
    });
    found
}

/// The bytes that a record is written as.
pub fn bytes(described: &Described) -> Data {
    Codec::default().to_data(&build(described)).expect("it can be written")
}

/// What any of the schemas is read as.
#[derive(Debug, Clone, PartialEq)]
pub struct Employee {
    /// In every schema.
    pub id: i64,
    /// In every schema, and null in one.
    pub name: Option<String>,
    /// In the second; and nullable in the third.
    pub age: i32,
    /// Not in the first.
    pub tags: Vec<Option<String>>,
    /// In the third.
    pub boss: Option<Person>,
}

/// A record in a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// Some number.
    pub n: i32,
}

impl Compact for Employee {
    fn compact_type() -> &'static CompactType {
        static TYPE: CompactType = CompactType::new(
            "employee",
            &[
                ("id", <i64 as CompactField>::KIND),
                ("name", <Option<String> as CompactField>::KIND),
                ("age", <i32 as CompactField>::KIND),
                ("tags", <Vec<Option<String>> as CompactField>::KIND),
                ("boss", <Option<Person> as CompactField>::KIND),
            ],
        );
        &TYPE
    }

    fn write(&self, to: &mut CompactWriter<'_, '_>) -> Result<(), Error> {
        to.field("id", &self.id)?;
        to.field("name", &self.name)?;
        to.field("age", &self.age)?;
        to.field("tags", &self.tags)?;
        to.field("boss", &self.boss)
    }

    fn read(from: &CompactReader<'_>) -> Result<Self, Error> {
        Ok(Self {
            id: from.field("id")?,
            name: from.field("name")?,
            age: from.field_or("age", -1)?,
            tags: from.field_or("tags", Vec::new())?,
            boss: from.field_or("boss", None)?,
        })
    }
}

impl Compact for Person {
    fn compact_type() -> &'static CompactType {
        static TYPE: CompactType =
            CompactType::new("person", &[("n", <i32 as CompactField>::KIND)]);
        &TYPE
    }
    fn write(&self, to: &mut CompactWriter<'_, '_>) -> Result<(), Error> {
        to.field("n", &self.n)
    }
    fn read(from: &CompactReader<'_>) -> Result<Self, Error> {
        Ok(Self { n: from.field("n")? })
    }
}

gridwire_core::compact!(Employee, Person);

/// The record that is described.
pub fn build(described: &Described) -> GenericRecord {
    let type_name = described["type"].as_str().expect("a type");
    let mut builder = GenericRecord::builder(type_name);
    for (name, field) in described["fields"].as_object().expect("fields") {
        builder = set(builder, name, field[0].as_str().expect("a kind"), &field[1]);
    }
    builder.build().expect("a record")
}

fn set(builder: GenericBuilder, name: &str, kind: &str, value: &Described) -> GenericBuilder {
    match kind.strip_prefix("array_of_").map(|of| (of, of.strip_prefix("nullable_"))) {
        Some((_, Some(of))) => set_of(builder, name, of, value, true, true),
        Some((of, None)) => set_of(builder, name, of, value, true, false),
        None => match kind.strip_prefix("nullable_") {
            Some(of) => set_of(builder, name, of, value, false, true),
            None => set_of(builder, name, kind, value, false, false),
        },
    }
}

/// Sets a field to one or several of a type, each of which may be null or not.
fn put<T>(
    builder: GenericBuilder,
    name: &str,
    value: &Described,
    (is_array, is_nullable): (bool, bool),
    one: impl Fn(&Described) -> T,
) -> GenericBuilder
where
    T: ToField,
    Option<T>: ToField,
    Option<Vec<T>>: ToField,
    Option<Vec<Option<T>>>: ToField,
{
    let maybe = |value: &Described| (!value.is_null()).then(|| one(value));
    match (is_array, is_nullable) {
        (false, false) => builder.field(name, one(value)),
        (false, true) => builder.field(name, maybe(value)),
        (true, false) => builder
            .field(name, value.as_array().map(|items| items.iter().map(one).collect::<Vec<T>>())),
        (true, true) => builder.field(
            name,
            value.as_array().map(|items| items.iter().map(maybe).collect::<Vec<Option<T>>>()),
        ),
    }
}

fn set_of(
    builder: GenericBuilder,
    name: &str,
    of: &str,
    value: &Described,
    is_array: bool,
    is_nullable: bool,
) -> GenericBuilder {
    let int = |value: &Described| value.as_i64().expect("a number");
    let plain = (is_array, is_nullable);
    // Of these there is no kind without null.
    let variable = (is_array, true);
    match of {
        "boolean" => put(builder, name, value, plain, |v| v.as_bool().expect("a boolean")),
        "int8" => put(builder, name, value, plain, |v| int(v) as i8),
        "int16" => put(builder, name, value, plain, |v| int(v) as i16),
        "int32" => put(builder, name, value, plain, |v| int(v) as i32),
        "int64" => put(builder, name, value, plain, int),
        "float32" => put(builder, name, value, plain, |v| f32::from_bits(bits(v) as u32)),
        "float64" => put(builder, name, value, plain, |v| f64::from_bits(bits(v))),
        "string" => {
            put(builder, name, value, variable, |v| String::from(v.as_str().expect("text")))
        }
        "decimal" => put(builder, name, value, variable, |v| {
            BigDecimal::new(i128::from(int(&v[0])), int(&v[1]) as i32)
        }),
        "date" => put(builder, name, value, variable, date),
        "time" => put(builder, name, value, variable, |v| time(v, 0)),
        "timestamp" => put(builder, name, value, variable, timestamp),
        "timestamp_with_timezone" => put(builder, name, value, variable, |v| {
            OffsetDateTime::new(timestamp(v), int(&v[7]) as i32).expect("an offset")
        }),
        "compact" => put(builder, name, value, variable, build),
        other => panic!("no kind {other}"),
    }
}

fn bits(value: &Described) -> u64 {
    u64::from_str_radix(value.as_str().expect("hex"), 16).expect("hex")
}

fn number(value: &Described) -> u8 {
    value.as_u64().expect("a number") as u8
}

fn date(value: &Described) -> LocalDate {
    let year = value[0].as_i64().expect("a year") as i32;
    LocalDate::new(year, number(&value[1]), number(&value[2])).expect("a date")
}

fn time(value: &Described, at: usize) -> LocalTime {
    let nanosecond = value[at + 3].as_u64().expect("a number") as u32;
    let [hour, minute, second] = [0, 1, 2].map(|part| number(&value[at + part]));
    LocalTime::new(hour, minute, second, nanosecond).expect("a time")
}

fn timestamp(value: &Described) -> LocalDateTime {
    LocalDateTime::new(date(value), time(value, 3))
}

/// A record as it is described.
pub fn describe(record: &GenericRecord) -> Described {
    let field = |(name, value): (&str, &FieldValue)| {
        let kind = record.kind(name).map_or("", FieldKind::name).to_lowercase();
        (name.to_owned(), json!([kind, describe_value(value)]))
    };
    let fields: Object<_, _> = record.fields().map(field).collect();
    json!({ "type": record.type_name(), "fields": fields })
}

fn describe_value(value: &FieldValue) -> Described {
    fn several<T>(items: &[Option<T>], one: impl Fn(&T) -> Described) -> Described {
        items.iter().map(|item| item.as_ref().map_or(Described::Null, &one)).collect()
    }
    let f32 = |value: &f32| json!(format!("{:08x}", value.to_bits()));
    let f64 = |value: &f64| json!(format!("{:016x}", value.to_bits()));
    let decimal = |value: &BigDecimal| {
        let unscaled = i128::try_from(&value.unscaled).expect("a small one") as i64;
        json!([unscaled, value.scale])
    };
    let date = |date: &LocalDate| json!([date.year, date.month, date.day]);
    let time = |time: &LocalTime| json!([time.hour, time.minute, time.second, time.nanosecond]);
    let stamp = |stamp: &LocalDateTime| {
        let (date, time) = (stamp.date, stamp.time);
        json!([
            date.year,
            date.month,
            date.day,
            time.hour,
            time.minute,
            time.second,
            time.nanosecond
        ])
    };
    let zoned = |zoned: &OffsetDateTime| {
        let mut parts = stamp(&zoned.local);
        parts.as_array_mut().expect("numbers").push(json!(zoned.offset));
        parts
    };
    match value {
        FieldValue::Null => Described::Null,
        FieldValue::Bool(value) => json!(value),
        FieldValue::Bools(value) => json!(value),
        FieldValue::NullableBools(value) => json!(value),
        FieldValue::I8(value) => json!(value),
        FieldValue::I8s(value) => json!(value),
        FieldValue::NullableI8s(value) => json!(value),
        FieldValue::I16(value) => json!(value),
        FieldValue::I16s(value) => json!(value),
        FieldValue::NullableI16s(value) => json!(value),
        FieldValue::I32(value) => json!(value),
        FieldValue::I32s(value) => json!(value),
        FieldValue::NullableI32s(value) => json!(value),
        FieldValue::I64(value) => json!(value),
        FieldValue::I64s(value) => json!(value),
        FieldValue::NullableI64s(value) => json!(value),
        FieldValue::F32(value) => f32(value),
        FieldValue::F32s(value) => value.iter().map(f32).collect(),
        FieldValue::NullableF32s(value) => several(value, f32),
        FieldValue::F64(value) => f64(value),
        FieldValue::F64s(value) => value.iter().map(f64).collect(),
        FieldValue::NullableF64s(value) => several(value, f64),
        FieldValue::Text(value) => json!(value),
        FieldValue::Texts(value) => json!(value),
        FieldValue::Decimal(value) => decimal(value),
        FieldValue::Decimals(value) => several(value, decimal),
        FieldValue::Date(value) => date(value),
        FieldValue::Dates(value) => several(value, date),
        FieldValue::Time(value) => time(value),
        FieldValue::Times(value) => several(value, time),
        FieldValue::Timestamp(value) => stamp(value),
        FieldValue::Timestamps(value) => several(value, stamp),
        FieldValue::TimestampTz(value) => zoned(value),
        FieldValue::TimestampTzs(value) => several(value, zoned),
        FieldValue::Record(value) => describe(value),
        FieldValue::Records(value) => several(value, describe),
        other => panic!("a value of no kind that is known: {other:?}"),
    }
}
