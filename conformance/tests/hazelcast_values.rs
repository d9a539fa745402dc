//! Values that released clients wrote: read, and written again to the same bytes.

use std::collections::BTreeMap;
use std::path::Path;

use bytes::BytesMut;
use gridwire_conformance::capture::{self, Direction};
use gridwire_core::hazelcast::error::SerializationError;
use gridwire_core::hazelcast::frame::{Limits, PRELUDE, Scanned, Scanner};
use gridwire_core::hazelcast::message::map;
use gridwire_core::hazelcast::{Codec, Data, Error, Message, Payload, Value};

/// Keys and values of the recorded writes to maps, and of answers. One recorded request is too short
/// on purpose.
fn values(message: &Message) -> Option<Vec<Data>> {
    Some(match message.message_type() {
        map::Put::ID => {
            let put = map::Put::decode(message).ok()?.0;
            vec![put.key, put.value]
        }
        map::Set::ID => {
            let set = map::Set::decode(message).ok()?.0;
            vec![set.key, set.value]
        }
        map::PutAll::ID => {
            let entries = map::PutAll::decode(message).ok()?.0.entries;
            entries.into_iter().flat_map(|(key, value)| [key, value]).collect()
        }
        map::GetResponse::ID => vec![map::GetResponse::decode(message).ok()?.0.response?],
        _ => return None,
    })
}

#[test]
fn recorded_values_are_written_as_they_were_read() {
    let codec = Codec::default();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/hazelcast");
    let mut known = BTreeMap::<i32, usize>::new();
    let mut unknown = BTreeMap::<i32, usize>::new();
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
                    for data in values(&message).unwrap_or_default() {
                        let value: Value = match codec.to_value(&data) {
                            // Schemas are sent once for a cluster, often before a recording began.
                            Err(Error::Serialization(error))
                                if matches!(*error, SerializationError::UnknownSchema(_)) =>
                            {
                                Value::Raw(data.clone())
                            }
                            value => value.unwrap(),
                        };
                        let is_raw = matches!(value, Value::Raw(_));
                        let count = if is_raw { &mut unknown } else { &mut known };
                        *count.entry(data.type_id()).or_default() += 1;
                        let again = codec.to_data(&value).unwrap();
                        assert_eq!(again.bytes(), data.bytes(), "{name}: {value:?}");
                    }
                }
            }
        }
    }
    for id in (-45..=-3).chain(-54..=-49).chain([-130]) {
        assert!(known.contains_key(&id), "no value of type {id}: {known:?}");
    }
    println!("known by type: {known:?}\nkept as they are: {unknown:?}");
}
