//! Serialized values, read as whatever they are and as types that somebody expects.
//!
//! What must hold: reading never panics, and what was read, written and read again is the same: the
//! second writing has the bytes of the first.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use gridwire_core::hazelcast::serialization::*;
use gridwire_core::hazelcast::{Data, Error, Uuid, custom};

/// A serialized value of Hazelcast, partition hash included; the first byte says what is expected, and its
/// highest bit that numbers are little-endian.
pub fn hazelcast(data: &[u8]) {
    let Some((what, bytes)) = data.split_first() else { return };
    let data = Data::new(Bytes::copy_from_slice(bytes));
    let order = if what & 0x80 == 0 { ByteOrder::Big } else { ByteOrder::Little };
    let registry = Registry::default().byte_order(order);
    let codec = Codec::new(registry.custom::<Envelope>().expect("no other type is registered"));
    let codec = &codec;
    again::<Value>(codec, &data);
    match what % 32 {
        0 => again::<bool>(codec, &data),
        1 => again::<u8>(codec, &data),
        2 => again::<i16>(codec, &data),
        3 => again::<i32>(codec, &data),
        4 => again::<i64>(codec, &data),
        5 => again::<f32>(codec, &data),
        6 => again::<f64>(codec, &data),
        7 => again::<char>(codec, &data),
        8 => again::<String>(codec, &data),
        9 => again::<Uuid>(codec, &data),
        10 => again::<Json>(codec, &data),
        11 => again::<Vec<u8>>(codec, &data),
        12 => again::<Vec<i64>>(codec, &data),
        13 => again::<Vec<Option<String>>>(codec, &data),
        14 => again::<List<List<Value>>>(codec, &data),
        15 => again::<Option<Vec<char>>>(codec, &data),
        16 => again::<BTreeMap<String, Option<Value>>>(codec, &data),
        17 => again::<BTreeSet<i64>>(codec, &data),
        18 => again::<Entries<Value, Value>>(codec, &data),
        19 => again::<Set<List<i32>>>(codec, &data),
        20 => again::<VecDeque<Value>>(codec, &data),
        21 => again::<Entry<Value, Optional<Value>>>(codec, &data),
        22 => again::<i128>(codec, &data),
        23 => again::<BigDecimal>(codec, &data),
        24 => again::<OffsetDateTime>(codec, &data),
        25 => again::<Bytes>(codec, &data),
        26 => again::<AtKey>(codec, &data),
        _ => again::<Envelope>(codec, &data),
    }
}

/// A record that holds whole values, itself among them.
#[derive(Debug, PartialEq)]
struct Envelope {
    inner: Option<Value>,
    raw: Option<Data>,
    numbers: Option<Vec<i64>>,
    texts: Option<Vec<Option<String>>>,
}

impl Custom for Envelope {
    const TYPE_ID: i32 = 1;

    fn write_payload(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        match &self.inner {
            Some(inner) => to.data_value(inner)?,
            None => to.data(None)?,
        }
        to.data(self.raw.as_ref())?;
        to.array(self.numbers.as_deref())?;
        to.texts(self.texts.as_deref())
    }

    fn read_payload(from: &mut Reader<'_>) -> Result<Self, Error> {
        Ok(Self {
            inner: from.data_value()?,
            raw: from.data()?,
            numbers: from.array()?,
            texts: from.texts()?,
        })
    }
}

custom!(Envelope);

fn again<T: Read + Write>(codec: &Codec, data: &Data) {
    let Ok(first) = codec.to_value::<T>(data) else { return };
    let written = codec.to_data(&first).expect("what was read can be written");
    let second = codec.to_value::<T>(&written).expect("what we wrote can be read");
    let twice = codec.to_data(&second).expect("what was read can be written");
    assert_eq!(written.bytes(), twice.bytes());
}
