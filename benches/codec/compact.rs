//! A compact record of ten fields, beside a memcpy of its bytes and beside a generic record.

use std::hint::black_box;

use criterion::Criterion;
use gridwire_core::hazelcast::compact::{
    Compact, CompactField, CompactReader, CompactType, CompactWriter, FieldKind, GenericRecord,
};
use gridwire_core::hazelcast::{Codec, Error};

#[derive(Debug, Clone, PartialEq)]
struct Employee {
    id: i64,
    name: String,
    age: i32,
    email: String,
    active: bool,
    level: i8,
    salary: f64,
    manager: Option<i64>,
    department: String,
    rooms: Vec<i32>,
}

const fn kind<T: CompactField>() -> FieldKind {
    T::KIND
}

impl Compact for Employee {
    fn compact_type() -> &'static CompactType {
        static TYPE: CompactType = CompactType::new(
            "employee",
            &[
                ("id", kind::<i64>()),
                ("name", kind::<String>()),
                ("age", kind::<i32>()),
                ("email", kind::<String>()),
                ("active", kind::<bool>()),
                ("level", kind::<i8>()),
                ("salary", kind::<f64>()),
                ("manager", kind::<Option<i64>>()),
                ("department", kind::<String>()),
                ("rooms", kind::<Vec<i32>>()),
            ],
        );
        &TYPE
    }

    fn write(&self, to: &mut CompactWriter<'_, '_>) -> Result<(), Error> {
        to.field("id", &self.id)?;
        to.field("name", &self.name)?;
        to.field("age", &self.age)?;
        to.field("email", &self.email)?;
        to.field("active", &self.active)?;
        to.field("level", &self.level)?;
        to.field("salary", &self.salary)?;
        to.field("manager", &self.manager)?;
        to.field("department", &self.department)?;
        to.field("rooms", &self.rooms)
    }

    fn read(from: &CompactReader<'_>) -> Result<Self, Error> {
        Ok(Self {
            id: from.field("id")?,
            name: from.field("name")?,
            age: from.field("age")?,
            email: from.field("email")?,
            active: from.field("active")?,
            level: from.field("level")?,
            salary: from.field("salary")?,
            manager: from.field("manager")?,
            department: from.field("department")?,
            rooms: from.field("rooms")?,
        })
    }
}

gridwire_core::compact!(Employee);

fn employee() -> Employee {
    Employee {
        id: 4711,
        name: "Ada Lovelace".into(),
        age: 36,
        email: "ada@example.org".into(),
        active: true,
        level: 7,
        salary: 123_456.78,
        manager: Some(12),
        department: "research".into(),
        rooms: vec![101, 102, 103],
    }
}

pub(crate) fn record(c: &mut Criterion) {
    let mut group = c.benchmark_group("compact record of 10 fields");
    let (codec, value) = (Codec::default(), employee());
    let data = codec.to_data(&value).expect("it can be written");
    group.bench_function("write", |b| {
        b.iter(|| codec.pack().data(black_box(&value)));
    });
    group.bench_function("read", |b| {
        b.iter(|| codec.to_value::<Employee>(black_box(&data)));
    });
    // Written by a program that knows one field more: by another schema.
    let generic: GenericRecord = codec.to_value(&data).expect("its schema is known");
    let newer = generic.to_builder().field("since", 1815).build().expect("a record");
    let newer = codec.to_data(&newer).expect("it can be written");
    group.bench_function("read another version", |b| {
        b.iter(|| codec.to_value::<Employee>(black_box(&newer)));
    });
    group.bench_function("write generic", |b| b.iter(|| codec.pack().data(black_box(&generic))));
    group.bench_function("read generic", |b| {
        b.iter(|| codec.to_value::<GenericRecord>(black_box(&data)));
    });
    let mut to = vec![0; data.bytes().len()];
    group.bench_function("floor: memcpy of the record", |b| {
        b.iter(|| {
            to.copy_from_slice(black_box(data.bytes()));
            black_box(&to);
        });
    });
    group.bench_function("floor: memcpy, and the allocations of reading", |b| {
        b.iter(|| {
            to.copy_from_slice(black_box(data.bytes()));
            black_box(&to);
            black_box(value.clone())
        });
    });
    group.finish();
}
