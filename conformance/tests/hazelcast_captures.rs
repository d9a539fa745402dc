//! Captures of released Hazelcast clients and members: what is in them, and that it is found however
//! the bytes arrive.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bytes::BytesMut;
use gridwire_conformance::capture::{self, Direction};
use gridwire_core::fragment::Reassembly;
use gridwire_core::hazelcast::Message;
use gridwire_core::hazelcast::frame::{Limits, PRELUDE, Scanned, Scanner};
use gridwire_core::hazelcast::message;
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

/// Replaying them is another test's matter; here, that hardly a message is left out of it.
#[test]
fn nearly_every_message_was_captured() {
    let mut seen = BTreeSet::new();
    for path in captures() {
        for connection in &capture::read(&path).unwrap().connections {
            let requests = connection.stream(Direction::ToServer);
            let requests = requests.strip_prefix(&PRELUDE).expect("CP2");
            let answers = connection.stream(Direction::ToClient);
            for stream in [requests, &answers] {
                let messages = messages(stream, stream.len().max(1));
                seen.extend(messages.iter().map(Message::message_type));
            }
        }
    }
    let methods = || message::SERVICES.iter().flat_map(|service| service.methods);
    let never: Vec<_> =
        methods().filter(|it| !seen.contains(&it.id)).map(|method| method.name).collect();
    let unanswered = methods().filter(|method| !seen.contains(&method.response_id)).count();
    println!(
        "{} message types, {unanswered} methods without an answer; never: {never:?}",
        seen.len()
    );
    assert!(never.len() <= 8, "{never:?}");
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
