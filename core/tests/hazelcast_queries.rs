//! Any predicate, aggregation or projection: what is written is read back, and written again it is the
//! same.
#![cfg(all(feature = "hazelcast", feature = "arbitrary"))]

use std::fmt::Display;

use arbitrary::{Arbitrary, Unstructured};
use gridwire_core::hazelcast::query::{Aggregation, Fields, Query};
use gridwire_core::hazelcast::{Codec, Error, Read, Write};
use gridwire_core::rng::Rng;

/// How many of many could be written, which is all but those that compare the order of null.
fn round_trips<T: for<'a> Arbitrary<'a> + Read + Write>(print: fn(&T) -> String) -> usize {
    let codec = Codec::default();
    let mut rng = Rng::new([5; 32]);
    let mut written = 0;
    for number in 0..2000 {
        let length = rng.below(600) as usize;
        let seed: Vec<u8> = (0..length).map(|_| rng.next_u64() as u8).collect();
        let any = T::arbitrary(&mut Unstructured::new(&seed)).unwrap();
        let data = match codec.to_data(&any) {
            Ok(data) => data,
            Err(Error::Serialization(_)) => continue,
            Err(error) => panic!("{number}: {error}: {}", print(&any)),
        };
        written += 1;
        let read: T = codec.to_value(&data).unwrap();
        assert_eq!(codec.to_data(&read).unwrap().bytes(), data.bytes(), "{number}");
        assert_eq!(print(&read), print(&any), "{number}");
    }
    written
}

fn text<T: Display>(value: &T) -> String {
    value.to_string()
}

#[test]
fn predicates_round_trip() {
    let print = |query: &Query<'static>| format!("{query:?}");
    assert_eq!(round_trips::<Query<'static>>(print), 2000);
}

#[test]
fn aggregations_and_projections_round_trip() {
    assert_eq!(round_trips::<Aggregation<'static>>(text), 2000);
    assert_eq!(round_trips::<Fields<'static>>(text), 2000);
}
