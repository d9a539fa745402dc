//! Compact records: schemas and bytes that have nothing to do with each other, and records that were
//! whole before some of their bytes were changed.
//!
//! What must hold: reading never panics, takes neither time nor memory beyond the bytes, and what was
//! read, written and read again is the same.

use std::sync::Arc;

use arbitrary::Unstructured;
use bytes::{BufMut, BytesMut};
use gridwire_core::Str;
use gridwire_core::hazelcast::compact::{
    Compact, CompactField, CompactReader, CompactType, CompactWriter, FieldKind, GenericRecord,
    Schema,
};
use gridwire_core::hazelcast::{Codec, Data, Error, Value};

/// What somebody expects, whatever is there.
#[derive(Debug)]
struct Typed {
    id: i64,
    flag: bool,
    name: Option<String>,
    items: Vec<Option<i32>>,
    inner: Option<Box<Typed>>,
    others: Vec<Typed>,
}

impl Compact for Typed {
    fn compact_type() -> &'static CompactType {
        static TYPE: CompactType = CompactType::new(
            "typed",
            &[
                ("id", <i64 as CompactField>::KIND),
                ("flag", <bool as CompactField>::KIND),
                ("name", <Option<String> as CompactField>::KIND),
                ("items", <Vec<Option<i32>> as CompactField>::KIND),
                ("inner", FieldKind::Compact),
                ("others", FieldKind::CompactArray),
            ],
        );
        &TYPE
    }

    fn write(&self, to: &mut CompactWriter<'_, '_>) -> Result<(), Error> {
        to.field("id", &self.id)?;
        to.field("flag", &self.flag)?;
        to.field("name", &self.name)?;
        to.field("items", &self.items)?;
        to.field("inner", &self.inner)?;
        to.field("others", &self.others)
    }

    fn read(from: &CompactReader<'_>) -> Result<Self, Error> {
        Ok(Self {
            id: from.field("id")?,
            flag: from.field_or("flag", false)?,
            name: from.field_or("name", None)?,
            items: from.field_or("items", Vec::new())?,
            inner: from.field_or("inner", None)?,
            others: from.field_or("others", Vec::new())?,
        })
    }
}

gridwire_core::compact!(Typed);

/// One record.
pub fn hazelcast(data: &[u8]) {
    let _ = run(&mut Unstructured::new(data));
}

fn run(u: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let codec = Codec::default();
    let mut bytes = BytesMut::new();
    match u.int_in_range(0..=3)? {
        0 => {
            let schema: Schema = u.arbitrary()?;
            begin(&codec, &schema, &mut bytes);
            bytes.extend_from_slice(u.bytes(u.len())?);
        }
        // A version of the type that somebody expects.
        1 => {
            let names = ["id", "flag", "name", "items", "inner", "others", "more", "yet"];
            let fields: arbitrary::Result<Vec<_>> =
                names.iter().map(|name| Ok((Str::from(*name), u.arbitrary()?))).collect();
            let schema = Schema::new("typed", fields?).expect("fields of different names");
            begin(&codec, &schema, &mut bytes);
            bytes.extend_from_slice(u.bytes(u.len())?);
        }
        // The type itself.
        2 => {
            let schema = Typed::compact_type().schema().expect("a good one");
            begin(&codec, schema, &mut bytes);
            bytes.extend_from_slice(u.bytes(u.len())?);
        }
        _ => {
            let record: GenericRecord = u.arbitrary()?;
            let mut pack = codec.pack();
            let whole = pack.data(&record).expect("it can be written");
            pack.finish().iter().for_each(|schema| codec.schemas().learn(schema));
            bytes.extend_from_slice(whole.bytes());
            for _ in 0..u.int_in_range(0..=6)? {
                let at = usize::from(u.arbitrary::<u16>()?) % bytes.len();
                bytes[at] = u.arbitrary()?;
            }
        }
    }
    let data = Data::new(bytes.freeze());
    let _ = codec.to_value::<Value>(&data);
    if let Ok(record) = codec.to_value::<GenericRecord>(&data) {
        let written = codec.to_data(&record).expect("what was read can be written");
        let second = codec.to_value::<GenericRecord>(&written).expect("what we wrote can be read");
        let twice = codec.to_data(&second).expect("what was read can be written");
        assert_eq!(written.bytes(), twice.bytes());
    }
    if let Ok(typed) = codec.to_value::<Typed>(&data) {
        let written = codec.to_data(&typed).expect("what was read can be written");
        let second = codec.to_value::<Typed>(&written).expect("what we wrote can be read");
        let twice = codec.to_data(&second).expect("what was read can be written");
        assert_eq!(written.bytes(), twice.bytes());
    }
    Ok(())
}

fn begin(codec: &Codec, schema: &Schema, bytes: &mut BytesMut) {
    codec.schemas().learn(&Arc::new(schema.clone()));
    bytes.put_i32(0);
    bytes.put_i32(-55);
    bytes.put_i64(schema.id());
}
