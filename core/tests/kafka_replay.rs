//! Engines fed with what was captured between real clients and real brokers: byte by byte and all at
//! once, with the same outputs.
#![cfg(feature = "kafka")]

mod common;
mod kafka;

use std::path::PathBuf;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use gridwire_core::kafka::frame::{Splitter, split_request, split_response};
use gridwire_core::kafka::message::printer;

use kafka::broker;
use kafka::raw::{Raw, Said};

/// APIs that the broker serves.
const SERVED: [i16; 6] = [0, 1, 2, 3, 18, 22];

fn captures() -> Option<Vec<PathBuf>> {
    let root = common::material("kafka/captures", "engines against Kafka's captures")?;
    let mut captures: Vec<_> = std::fs::read_dir(root)
        .expect("a directory")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "pcap"))
        .collect();
    captures.sort();
    Some(captures)
}

/// Feeds a fresh broker with every connection of a capture, one after another.
fn replay(streams: &[Vec<u8>], piece: usize) -> Vec<Said> {
    let mut raw = Raw::new(broker(&[]));
    let mut said = Vec::new();
    for stream in streams {
        let conn = raw.connect();
        for bytes in stream.chunks(piece) {
            raw.feed(conn, bytes);
        }
        // Reads that wait have to end, one after another, until what is behind them was served.
        for _ in 0..60 {
            raw.pass(Duration::from_secs(1));
        }
        raw.hang_up(conn);
        said.push(raw.said.remove(&conn).expect("a connection"));
    }
    said
}

/// The frames of a stream whose API is served; what can't be split is left out.
fn served(stream: &[u8]) -> (Vec<u8>, Vec<(i16, i16)>) {
    let (mut left, mut kept, mut asked) = (BytesMut::from(stream), Vec::new(), Vec::new());
    let mut splitter = Splitter::default();
    while let Ok(Some(frame)) = splitter.next(&mut left) {
        let Some((key, version)) = frame.get(..4).map(|head| {
            (i16::from_be_bytes([head[0], head[1]]), i16::from_be_bytes([head[2], head[3]]))
        }) else {
            continue;
        };
        let current = match key {
            0 => (3..=13).contains(&version),
            1 => (4..=18).contains(&version),
            _ => SERVED.contains(&key),
        };
        let Ok((_, body)) = split_request(&frame) else { continue };
        let readable = printer(key).is_some_and(|p| (p.request)(version, &body).is_ok());
        // Unacknowledged writes have no answer, and failing ones end the connection.
        let unanswered =
            key == 0 && Bytes::copy_from_slice(&body).len() > 4 && acks(version, &body) == 0;
        if current && readable && !unanswered {
            kept.extend_from_slice(&(frame.len() as u32).to_be_bytes());
            kept.extend_from_slice(&frame);
            asked.push((key, version));
        }
    }
    (kept, asked)
}

fn acks(version: i16, body: &Bytes) -> i16 {
    use gridwire_core::kafka::message::produce::ProduceRequest;
    use gridwire_core::kafka::wire::{Message, Reader};
    ProduceRequest::decode(version, &mut Reader::new(body)).map_or(0, |request| request.acks)
}

#[test]
fn a_broker_answers_captured_clients_the_same_however_their_bytes_arrive() {
    let Some(captures) = captures() else { return };
    let mut connections = 0;
    for path in &captures {
        let streams: Vec<_> =
            common::pcap::sessions(path).into_iter().map(|session| session.client).collect();
        connections += streams.len();
        let whole = replay(&streams, usize::MAX);
        assert_eq!(whole, replay(&streams, 1), "{}", path.display());
        assert_eq!(whole, replay(&streams, 7), "{}", path.display());
    }
    assert!(connections > 500);
}

#[test]
fn a_broker_answers_every_captured_request_that_it_serves() {
    let Some(captures) = captures() else { return };
    let mut answers = 0;
    for path in &captures {
        let (streams, asked): (Vec<_>, Vec<_>) =
            common::pcap::sessions(path).iter().map(|session| served(&session.client)).unzip();
        let whole = replay(&streams, usize::MAX);
        assert_eq!(whole, replay(&streams, 1), "{}", path.display());
        for (mut said, asked) in whole.into_iter().zip(asked) {
            for (key, version) in asked {
                let frame = Splitter::default().next(&mut said.bytes).expect("a frame");
                let frame = frame.unwrap_or_else(|| panic!("{}: {key} {version}", path.display()));
                let printer = printer(key).expect("a declared API");
                let (_, body) = split_response(&frame, &printer.api, version).expect("a header");
                let answer = (printer.response)(version, &body).expect("an answer");
                assert_eq!(answer.encoded.expect("an answer"), body);
                answers += 1;
            }
            assert!(said.bytes.is_empty() && !said.closed, "{}", path.display());
        }
    }
    assert!(answers > 1_500, "{answers}");
}
