//! Any value in either byte order: what is written is read back, written again it is the same, and no cut
//! of it is read. Any bytes: an answer, and no panic.
#![cfg(all(feature = "hazelcast", feature = "arbitrary"))]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Debug;

use arbitrary::{Arbitrary, Unstructured};
use bytes::Bytes;
use gridwire_core::hazelcast::serialization::*;
use gridwire_core::hazelcast::{Data, Uuid};
use gridwire_core::rng::Rng;

fn codecs() -> [Codec; 2] {
    [ByteOrder::Big, ByteOrder::Little].map(|it| Codec::new(Registry::default().byte_order(it)))
}

fn seed(rng: &mut Rng, most: u64) -> Vec<u8> {
    let length = rng.below(most);
    (0..length).map(|_| rng.below(256) as u8).collect()
}

/// How many of so many values were distinct.
fn round_trips<T>(rng: &mut Rng) -> usize
where
    T: for<'a> Arbitrary<'a> + Read + Write + PartialEq + Debug,
{
    let mut distinct = BTreeSet::new();
    for _ in 0..300 {
        let seed = seed(rng, 300);
        let value = T::arbitrary(&mut Unstructured::new(&seed)).unwrap();
        distinct.insert(format!("{value:?}"));
        for codec in codecs() {
            let written = codec.to_data(&value).unwrap();
            let read: T = codec.to_value(&written).unwrap();
            assert_eq!(read, value);
            assert_eq!(codec.to_data(&read).unwrap().bytes(), written.bytes());
            let dynamic: Value = codec.to_value(&written).unwrap();
            assert!(!matches!(dynamic, Value::Raw(_)), "{value:?}");
            assert_eq!(codec.to_data(&dynamic).unwrap().bytes(), written.bytes());
            let cut = written.bytes().slice(..rng.below(written.bytes().len() as u64) as usize);
            assert!(codec.to_value::<T>(&Data::new(cut.clone())).is_err(), "{value:?}");
            assert!(codec.to_value::<Value>(&Data::new(cut)).is_err(), "{value:?}");
        }
    }
    distinct.len()
}

macro_rules! round_trips {
    ($($type:ty, $least:literal;)*) => {{
        let mut rng = Rng::new([3; 32]);
        $(
            let distinct = round_trips::<$type>(&mut rng);
            assert!(distinct >= $least, "{}: {distinct} values", stringify!($type));
        )*
    }};
}

#[test]
fn values_round_trip() {
    round_trips! {
        Value, 100;
        Option<bool>, 3;
        i8, 40;
        u8, 40;
        i16, 100;
        i32, 100;
        i64, 100;
        i128, 100;
        String, 10;
        Uuid, 100;
        Date, 100;
        LocalDate, 100;
        LocalTime, 100;
        LocalDateTime, 100;
        OffsetDateTime, 100;
        BigInteger, 10;
        BigDecimal, 10;
        Vec<bool>, 10;
        Vec<u8>, 10;
        Vec<i16>, 10;
        Vec<i64>, 10;
        Vec<String>, 10;
        Vec<Option<String>>, 10;
        BTreeMap<String, Option<i64>>, 10;
        BTreeSet<i32>, 10;
        VecDeque<Value>, 10;
    }
}

/// Type ids that lead somewhere, small counts, and noise.
fn hostile(rng: &mut Rng) -> Data {
    let mut bytes = vec![0; 4];
    for _ in 0..rng.below(10) {
        match rng.below(8) {
            0..4 => bytes.extend((-(rng.below(58) as i32)).to_be_bytes()),
            4 => bytes.extend([-100, -102, -130, 1, i32::MIN][rng.below(5) as usize].to_be_bytes()),
            5 => bytes.extend((rng.below(4) as i32).to_be_bytes()),
            6 => bytes.extend((rng.next_u64() as i32).to_be_bytes()),
            _ => bytes.push(rng.below(256) as u8),
        }
    }
    Data::new(Bytes::from(bytes))
}

/// A value with one byte that is another.
fn spoilt(codec: &Codec, rng: &mut Rng) -> Data {
    let value = Value::arbitrary(&mut Unstructured::new(&seed(rng, 100))).unwrap();
    let mut bytes = codec.to_data(&value).unwrap().bytes().to_vec();
    let at = 4 + rng.below(bytes.len() as u64 - 4) as usize;
    bytes[at] = rng.below(256) as u8;
    Data::new(Bytes::from(bytes))
}

#[test]
fn any_bytes_are_refused_or_read() {
    let mut rng = Rng::new([4; 32]);
    let (mut refused, mut raw, mut read) = (0, 0, 0);
    let codec = Codec::default();
    for turn in 0..50_000 {
        let data = if turn % 2 == 0 { hostile(&mut rng) } else { spoilt(&codec, &mut rng) };
        match codec.to_value::<Value>(&data) {
            Err(_) => refused += 1,
            Ok(Value::Raw(same)) => {
                assert_eq!(same.bytes(), data.bytes());
                raw += 1;
            }
            Ok(value) => {
                let again = codec.to_data(&value).unwrap();
                let twice = codec.to_value::<Value>(&again).unwrap();
                assert_eq!(codec.to_data(&twice).unwrap().bytes(), again.bytes(), "{value:?}");
                read += 1;
            }
        }
    }
    assert!(
        refused > 10_000 && raw > 1000 && read > 500,
        "{refused} refused, {raw} raw, {read} read"
    );
}
