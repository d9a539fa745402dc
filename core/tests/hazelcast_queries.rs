//! Any predicate, aggregation or projection: what is written is read back, and written again it is the
//! same.
#![cfg(all(feature = "hazelcast", feature = "arbitrary"))]

use std::fmt::Display;

use arbitrary::{Arbitrary, Unstructured};
use gridwire_core::hazelcast::query::{Aggregation, Fields, Query};
use gridwire_core::hazelcast::{Codec, Read, Write};
use gridwire_core::rng::Rng;

fn round_trips<T: for<'a> Arbitrary<'a> + Read + Write>(print: fn(&T) -> String) {
    let codec = Codec::default();
    let mut rng = Rng::new([5; 32]);
    for number in 0..2000 {
        let length = rng.below(600) as usize;
        let seed: Vec<u8> = (0..length).map(|_| rng.next_u64() as u8).collect();
        let any = T::arbitrary(&mut Unstructured::new(&seed)).unwrap();
        let data = codec.to_data(&any).unwrap();
        let read: T = codec.to_value(&data).unwrap();
        assert_eq!(codec.to_data(&read).unwrap().bytes(), data.bytes(), "{number}");
        assert_eq!(print(&read), print(&any), "{number}");
    }
}

fn text<T: Display>(value: &T) -> String {
    value.to_string()
}

#[test]
fn predicates_round_trip() {
    let print = |query: &Query<'static>| format!("{query:?}");
    round_trips::<Query<'static>>(print);
}

#[test]
fn aggregations_and_projections_round_trip() {
    round_trips::<Aggregation<'static>>(text);
    round_trips::<Fields<'static>>(text);
}
