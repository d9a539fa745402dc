//! Bytes that other implementations wrote: the official compatibility files, and captures of
//! released clients and members. Each declared message decodes, and encodes to the same bytes.
#![cfg(feature = "hazelcast")]
#![allow(clippy::disallowed_types)]

mod pcap;
mod vectors;

use std::collections::BTreeMap;
use std::path::PathBuf;

use bytes::{Bytes, BytesMut};
use gridwire_core::hazelcast::frame::{Limits, PRELUDE, Scanned, Scanner};
use gridwire_core::hazelcast::message::{self, map};
use gridwire_core::hazelcast::schema::Kind;
use gridwire_core::hazelcast::{Message, Payload};

/// Where the official definitions, vectors and captures are.
fn definitions() -> Option<PathBuf> {
    let directory = std::env::var_os("GRIDWIRE_DEFINITIONS").map(PathBuf::from);
    if directory.is_none() {
        println!("not checked against official bytes: GRIDWIRE_DEFINITIONS is not set");
    }
    directory
}

/// All messages of a stream, fragments joined. What continues nothing is left out: one recording
/// has such a fragment.
fn messages(stream: &[u8]) -> Vec<Message> {
    let mut scanner = Scanner::new(Limits::default());
    let mut data = BytesMut::from(stream);
    let mut parts: BTreeMap<i64, BytesMut> = BTreeMap::new();
    let mut messages = vec![];
    while let Some(next) = scanner.next(&mut data).unwrap() {
        match next {
            Scanned::Message(message) => messages.push(message),
            Scanned::Fragment(fragment) => {
                if fragment.begin {
                    assert!(parts.insert(fragment.id, BytesMut::new()).is_none());
                }
                let Some(part) = parts.get_mut(&fragment.id) else { continue };
                part.extend_from_slice(&fragment.frames);
                if fragment.end {
                    let whole: Bytes = parts.remove(&fragment.id).unwrap().freeze();
                    messages.push(Message::new(whole).unwrap());
                }
            }
        }
    }
    assert!(data.is_empty(), "bytes are left that are no message");
    messages
}

/// Decodes and re-encodes one message. `None`: it isn't declared.
fn round_trip(bytes: &Message) -> Option<String> {
    let printer = message::printer(bytes.message_type())?;
    let printed = (printer.print)(bytes).unwrap_or_else(|error| panic!("{bytes:?}: {error}"));
    let text = format!("{} {:?} {:?}", printer.name, printed.version, printed.body);
    assert_eq!(printed.encoded.into_bytes(), bytes.bytes(), "{text}");
    Some(text)
}

#[test]
fn every_declared_message_of_the_captures_is_written_as_it_was_read() {
    let Some(directory) = definitions() else { return };
    let (mut same, mut errors, mut too_short) = (0, 0, 0);
    let mut undeclared = BTreeMap::new();
    let mut seen = BTreeMap::new();
    for entry in std::fs::read_dir(directory.join("hazelcast/captures")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.extension() != Some("pcap".as_ref()) || name.starts_with("3.") {
            continue;
        }
        let mut connections = 0;
        for connection in pcap::connections(&path) {
            connections += 1;
            let requests = connection.to_server.strip_prefix(&PRELUDE).expect("CP2");
            for (stream, to_server) in [(requests, true), (&connection.to_client[..], false)] {
                for bytes in messages(stream) {
                    if bytes.message_type() == map::Put::ID && bytes.bytes().len() == 22 {
                        // Sent too short on purpose, to see what the member answers.
                        assert!(map::Put::decode(&bytes).is_err());
                        too_short += 1;
                        continue;
                    }
                    let Some(_) = round_trip(&bytes) else {
                        *undeclared.entry(bytes.message_type()).or_insert(0) += 1;
                        continue;
                    };
                    let printer = message::printer(bytes.message_type()).unwrap();
                    assert_eq!(printer.kind == Kind::Request, to_server, "{}", printer.name);
                    assert_eq!(printer.kind == Kind::Event, bytes.is_event(), "{}", printer.name);
                    same += 1;
                    errors += usize::from(bytes.message_type() == 0);
                    *seen.entry(bytes.message_type()).or_insert(0) += 1;
                }
            }
        }
        assert!(connections > 0, "{name}: nothing in it");
    }
    let declared = message::printers().count();
    println!(
        "{same} messages of {} types of {declared} declared, {errors} of them errors; {} of {} \
         types not declared",
        seen.len(),
        undeclared.values().sum::<usize>(),
        undeclared.len(),
    );
    assert!(same > 5000 && errors > 200 && seen.len() > 80 && too_short == 1);
}
