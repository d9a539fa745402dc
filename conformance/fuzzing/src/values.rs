//! Serialized values, read as whatever they are and as types that somebody expects.
//!
//! What must hold: reading never panics, and what was read, written and read again is the same: the
//! second writing has the bytes of the first.

use bytes::Bytes;
use gridwire_core::hazelcast::{Codec, Data, Json, List, Read, Uuid, Value, Write};

/// A serialized value of Hazelcast, partition hash included; the first byte says what is expected.
pub fn hazelcast(data: &[u8]) {
    let Some((what, bytes)) = data.split_first() else { return };
    let data = Data::new(Bytes::copy_from_slice(bytes));
    again::<Value>(&data);
    match what % 16 {
        0 => again::<bool>(&data),
        1 => again::<u8>(&data),
        2 => again::<i16>(&data),
        3 => again::<i32>(&data),
        4 => again::<i64>(&data),
        5 => again::<f32>(&data),
        6 => again::<f64>(&data),
        7 => again::<char>(&data),
        8 => again::<String>(&data),
        9 => again::<Uuid>(&data),
        10 => again::<Json>(&data),
        11 => again::<Vec<u8>>(&data),
        12 => again::<Vec<i64>>(&data),
        13 => again::<Vec<Option<String>>>(&data),
        14 => again::<List<List<Value>>>(&data),
        _ => again::<Option<Vec<char>>>(&data),
    }
}

fn again<T: Read + Write>(data: &Data) {
    let codec = Codec::default();
    let Ok(first) = codec.to_value::<T>(data) else { return };
    let written = codec.to_data(&first).expect("what was read can be written");
    let second = codec.to_value::<T>(&written).expect("what we wrote can be read");
    let twice = codec.to_data(&second).expect("what was read can be written");
    assert_eq!(written.bytes(), twice.bytes());
}
