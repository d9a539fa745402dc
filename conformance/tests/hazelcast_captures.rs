//! Captures of released Hazelcast clients and members: each declared message, in both directions,
//! decodes and encodes to the same bytes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bytes::BytesMut;
use gridwire_conformance::capture::{self, Direction};
use gridwire_core::fragment::Reassembly;
use gridwire_core::hazelcast::frame::{Limits, PRELUDE, Scanned, Scanner};
use gridwire_core::hazelcast::message::{self, map};
use gridwire_core::hazelcast::schema::Kind;
use gridwire_core::hazelcast::{Message, Payload};
use gridwire_core::time::Instant;

/// The captures of protocol 2.x.
fn captures() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/hazelcast");
    let files = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let wanted = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.contains(".pcap") && !name.starts_with("3.")
    };
    let mut files: Vec<_> = files.filter(wanted).collect();
    files.sort();
    files
}

/// All messages of a stream, fragments joined, however many bytes arrive at once. What continues
/// nothing is left out: one recording has such a fragment.
fn messages(stream: &[u8], at_once: usize) -> Vec<Message> {
    let mut scanner = Scanner::new(Limits::default());
    let mut parts = Reassembly::<i64>::new(Default::default());
    let mut messages = vec![];
    let mut data = BytesMut::new();
    for bytes in stream.chunks(at_once) {
        data.extend_from_slice(bytes);
        while let Some(next) = scanner.next(&mut data).unwrap() {
            match next {
                Scanned::Message(message) => messages.push(message),
                Scanned::Fragment(fragment) => {
                    let (now, id) = (Instant::default(), fragment.id);
                    if fragment.begin {
                        parts.begin(now, id, (), fragment.frames).unwrap();
                    } else if !fragment.end {
                        parts.piece(now, &id, fragment.frames).unwrap();
                    } else if let Ok(((), pieces)) = parts.end(now, &id, fragment.frames) {
                        messages.push(Message::new(pieces.concat().into()).unwrap());
                    }
                }
            }
        }
    }
    assert!(data.is_empty(), "bytes are left that are no message");
    messages
}

#[test]
fn every_declared_message_is_written_as_it_was_read() {
    let (mut same, mut errors, mut too_short) = (0, 0, 0);
    let mut undeclared = BTreeMap::new();
    let mut seen = BTreeMap::new();
    let files = captures();
    assert!(files.len() >= 15);
    for path in &files {
        let session = capture::read(path).unwrap();
        assert!(!session.connections.is_empty(), "{}: nothing in it", path.display());
        for connection in &session.connections {
            let requests = connection.stream(Direction::ToServer);
            let requests = requests.strip_prefix(&PRELUDE).expect("CP2");
            let answers = connection.stream(Direction::ToClient);
            for (stream, to_server) in [(requests, true), (&answers[..], false)] {
                for bytes in messages(stream, stream.len().max(1)) {
                    if bytes.message_type() == map::Put::ID && bytes.bytes().len() == 22 {
                        // Sent too short on purpose, to see what the member answers.
                        assert!(map::Put::decode(&bytes).is_err());
                        too_short += 1;
                        continue;
                    }
                    let Some(printer) = message::printer(bytes.message_type()) else {
                        *undeclared.entry(bytes.message_type()).or_insert(0) += 1;
                        continue;
                    };
                    let printed = printer
                        .print(&bytes)
                        .unwrap_or_else(|error| panic!("{}: {bytes:?}: {error}", path.display()));
                    let text = format!("{}: {} {printed:?}", path.display(), printer.name);
                    assert_eq!(printed.encoded.into_bytes(), bytes.bytes(), "{text}");
                    assert_eq!(printer.kind == Kind::Request, to_server, "{text}");
                    assert_eq!(printer.kind == Kind::Event, bytes.is_event(), "{text}");
                    same += 1;
                    errors += usize::from(bytes.message_type() == 0);
                    *seen.entry(bytes.message_type()).or_insert(0) += 1;
                }
            }
        }
    }
    println!(
        "{same} messages of {} types of {} declared, {errors} of them errors; {} of {} types are \
         not declared",
        seen.len(),
        message::printers().count(),
        undeclared.values().sum::<usize>(),
        undeclared.len(),
    );
    assert!(same > 5000 && errors > 200 && seen.len() > 80 && too_short == 1);
}

#[test]
fn messages_are_found_however_their_bytes_arrive() {
    for name in ["5.7.0-raw-fragments.pcap.gz", "5.7.0-python-broad.pcap.gz"] {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/hazelcast");
        let session = capture::read(directory.join(name)).unwrap();
        for connection in &session.connections {
            let requests = connection.stream(Direction::ToServer);
            let answers = connection.stream(Direction::ToClient);
            for stream in [&requests[PRELUDE.len()..], &answers] {
                let whole = messages(stream, stream.len());
                for at_once in [1, 7, 1000] {
                    assert_eq!(messages(stream, at_once), whole, "{name}: {at_once} at once");
                }
            }
        }
    }
}
