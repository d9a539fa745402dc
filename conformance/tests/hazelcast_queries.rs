//! Predicates, aggregators, projections and pages that released clients sent, and what members made of
//! them: read, and written again to the same bytes.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::Path;

use bytes::{Bytes, BytesMut};
use gridwire_conformance::capture::{self, Direction};
use gridwire_core::hazelcast::error::SerializationError;
use gridwire_core::hazelcast::frame::{Limits, PRELUDE, Scanned, Scanner};
use gridwire_core::hazelcast::message::custom::PagingPredicateHolder;
use gridwire_core::hazelcast::message::map;
use gridwire_core::hazelcast::query::{Aggregation, Distinct, Fields, LazyEntry, Pages, Query};
use gridwire_core::hazelcast::serialization::TypeId;
use gridwire_core::hazelcast::{Codec, Data, Error, Message, Payload, Read, Value, Write};

/// What a query prints as that compares with a Java object.
const JAVA: &str = "compared with a Java object";

/// The frames of a message: a length with its six bytes of header, flags, and what is in it.
fn frames(message: &Message) -> Vec<Bytes> {
    let mut rest = message.bytes().clone();
    let mut frames = Vec::new();
    while let Some(length) = rest.first_chunk() {
        let frame = rest.split_to(i32::from_le_bytes(*length) as usize);
        frames.push(frame.slice(6..));
    }
    frames
}

/// Factory and class of a serialized `IdentifiedDataSerializable`.
fn ids(frame: &[u8]) -> Option<(i32, i32)> {
    let word = |at: usize| Some(i32::from_be_bytes(*frame.get(at..)?.first_chunk()?));
    (word(4)? == -2 && *frame.get(8)? == 1).then_some(())?;
    Some((word(9)?, word(13)?))
}

fn same<T: Read + Write + Debug>(data: &Data) -> String {
    let codec = Codec::default();
    let read: T = match codec.to_value(data) {
        Ok(read) => read,
        // Where a Java object ends, only Java knows, so what holds one can't be taken apart.
        Err(Error::Serialization(error))
            if matches!(
                *error,
                SerializationError::Mismatch { found: TypeId::SERIALIZABLE, .. }
            ) =>
        {
            return String::from(JAVA);
        }
        Err(error) => panic!("{error}: {data:?}"),
    };
    let written = codec.to_data(&read).unwrap();
    assert_eq!(written.bytes(), data.bytes(), "{read:?}");
    format!("{read:?}")
}

fn same_pages(holder: &PagingPredicateHolder) -> String {
    let codec = Codec::default();
    let (query, by) = Query::from_holder(&codec, holder).unwrap();
    let written = match &query {
        Query::Everywhere(paging) => paging.to_holder(&mut codec.pack(), by),
        Query::Partitions(paging) => paging.to_holder(&mut codec.pack(), by),
    };
    assert_eq!(&written.unwrap(), holder);
    format!("{query:?}")
}

fn holder(message: &Message) -> Option<PagingPredicateHolder> {
    Some(match message.message_type() {
        map::KeySetWithPagingPredicate::ID => {
            map::KeySetWithPagingPredicate::decode(message).unwrap().0.predicate
        }
        map::ValuesWithPagingPredicate::ID => {
            map::ValuesWithPagingPredicate::decode(message).unwrap().0.predicate
        }
        map::EntriesWithPagingPredicate::ID => {
            map::EntriesWithPagingPredicate::decode(message).unwrap().0.predicate
        }
        _ => return None,
    })
}

#[test]
fn recorded_queries_are_written_as_they_were_read() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/hazelcast");
    // By factory and class; pages under -20/15, the class that is never sent.
    let mut seen = BTreeMap::<(i32, i32), BTreeMap<String, usize>>::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.contains(".pcap") || name.starts_with("3.") {
            continue;
        }
        for connection in capture::read(&path).unwrap().connections {
            for direction in [Direction::ToServer, Direction::ToClient] {
                let mut stream = BytesMut::from(&connection.stream(direction)[..]);
                if direction == Direction::ToServer {
                    assert_eq!(stream.split_to(3)[..], PRELUDE);
                }
                let mut scanner = Scanner::new(Limits::default());
                while let Some(scanned) = scanner.next(&mut stream).unwrap() {
                    let Scanned::Message(message) = scanned else { continue };
                    let mut count = |ids, text| {
                        *seen.entry(ids).or_default().entry(text).or_default() += 1;
                    };
                    if let Some(holder) = holder(&message) {
                        count((-20, 15), same_pages(&holder));
                    }
                    for frame in frames(&message) {
                        let Some(ids) = ids(&frame) else { continue };
                        let data = Data::new(frame);
                        let text = match ids {
                            (-20, _) => same::<Query<'_>>(&data),
                            (-29, 19) => same::<Distinct<Value>>(&data),
                            (-29, _) => same::<Aggregation<'_>>(&data),
                            (-30, _) => same::<Fields<'_>>(&data),
                            (-4, 120) => same::<LazyEntry<Value, Value>>(&data),
                            _ => continue,
                        };
                        count(ids, text);
                    }
                }
            }
        }
    }
    for (ids, texts) in &seen {
        println!("{ids:?}: {texts:?}");
    }
    let java: usize = seen.values().filter_map(|texts| texts.get(JAVA)).sum();
    assert_eq!(java, 3, "one provokes an error, two have their keys in a set of Java's own");
    for factory in [-20, -29, -30] {
        let classes = seen.keys().filter(|ids| ids.0 == factory).count();
        assert!(classes > 1, "{classes} classes of factory {factory}");
    }
    assert!(seen.contains_key(&(-20, 15)), "no pages");
}
