//! Predicates, aggregators and projections as somebody else sent them.
//!
//! What must hold: reading never panics, and what was read can be printed, and be written to bytes
//! that are read as the same.

use std::fmt::Debug;

use bytes::Bytes;
use gridwire_core::hazelcast::query::{Aggregation, Distinct, Fields, LazyEntry, Query};
use gridwire_core::hazelcast::{Codec, Data, Read, Value, Write};

/// A query of Hazelcast, without the header of its value; the first byte says what is expected.
pub fn hazelcast(data: &[u8]) {
    let Some((what, bytes)) = data.split_first() else { return };
    let data = Data::new(Bytes::from([&[0, 0, 0, 0, 0xff, 0xff, 0xff, 0xfe], bytes].concat()));
    match what % 5 {
        0 => again::<Query<'_>>(&data),
        1 => again::<Aggregation<'_>>(&data),
        2 => again::<Fields<'_>>(&data),
        3 => again::<Distinct<Value>>(&data),
        _ => again::<LazyEntry<Value, Value>>(&data),
    }
}

fn again<T: Read + Write + Debug>(data: &Data) {
    let codec = Codec::default();
    let Ok(first) = codec.to_value::<T>(data) else { return };
    let Ok(written) = codec.to_data(&first) else { return };
    let second = codec.to_value::<T>(&written).expect("what we wrote can be read");
    assert_eq!(format!("{first:?}"), format!("{second:?}"));
    let twice = codec.to_data(&second).expect("what was written can be written again");
    assert_eq!(written.bytes(), twice.bytes());
}
