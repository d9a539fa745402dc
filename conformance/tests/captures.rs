//! Every capture in the tree can be read, and our own recorder writes what reads back the same.

use gridwire_conformance::capture::{
    Connection, Direction, End, Recorder, Segment, Session, read, read_from,
};

use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;

fn files(protocol: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(protocol);
    let mut files: Vec<_> = directory
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains(".pcap"))
        .collect();
    files.sort();
    files
}

/// Segments that follow each other in one direction, put together: packets may be cut otherwise.
fn joined(connection: &Connection) -> Vec<(Direction, Vec<u8>)> {
    let mut joined: Vec<(Direction, Vec<u8>)> = Vec::new();
    for segment in &connection.segments {
        match joined.last_mut() {
            Some((direction, bytes)) if *direction == segment.direction => {
                bytes.extend(&segment.bytes);
            }
            _ => joined.push((segment.direction, segment.bytes.to_vec())),
        }
    }
    joined
}

#[test]
fn all_are_whole() {
    for (protocol, at_least) in [("hazelcast", 18), ("kafka", 40), ("xcp", 29)] {
        let files = files(protocol);
        assert!(files.len() >= at_least, "{protocol}: {} files", files.len());
        for file in files {
            let session = read(&file).unwrap();
            assert!(!session.connections.is_empty(), "{}", file.display());
            for connection in &session.connections {
                assert_ne!(connection.end, End::Open, "{}", file.display());
                assert!(connection.client.port() > 1024);
            }
        }
    }
}

#[test]
fn no_byte_is_lost() {
    // Counted by another program when these were recorded.
    for (file, connections, to_server, to_client) in [
        ("hazelcast/5.7.0-java-map.pcap.gz", 3, 137_585, 169_387),
        ("hazelcast/5.7.0-java-large.pcap.gz", 3, 7_045_179, 8_404_684),
        ("hazelcast/3.12.13-java-basic.pcap.gz", 1, 387_420, 514_290),
        ("xcp/reference-large-payload.pcap.gz", 1, 1_049_048, 1_049_048),
    ] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(file);
        let session = read(&file).unwrap();
        let bytes = |direction| -> usize {
            session.connections.iter().map(|connection| connection.stream(direction).len()).sum()
        };
        let found = (bytes(Direction::ToServer), bytes(Direction::ToClient));
        assert_eq!((session.connections.len(), found), (connections, (to_server, to_client)));
    }
}

#[test]
fn what_is_written_reads_back() {
    for file in files("kafka").iter().chain(&files("xcp")) {
        let session = read(file).unwrap();
        let mut recorder = Recorder::new(Vec::new()).unwrap();
        recorder.session(&session).unwrap();
        let again = read_from(&recorder.finish()[..]).unwrap();
        assert_eq!(session.connections.len(), again.connections.len(), "{}", file.display());
        for (one, other) in session.connections.iter().zip(&again.connections) {
            assert_eq!((one.client, one.server), (other.client, other.server));
            assert_eq!(joined(one), joined(other));
            assert_eq!(one.end, other.end);
        }
    }
}

#[test]
fn concurrent_connections_and_large_writes() {
    let (client, other) = ("[::1]:50000".parse().unwrap(), "[::1]:50001".parse().unwrap());
    let server = "[::1]:5701".parse().unwrap();
    let at = Duration::from_secs(1_700_000_000);
    let large = Bytes::from(vec![7; 100_000]);
    let mut recorder = Recorder::new(Vec::new()).unwrap();
    let one = recorder.open(at, client, server).unwrap();
    let two = recorder.open(at, other, server).unwrap();
    recorder.data(at, one, Direction::ToServer, b"CP2").unwrap();
    recorder.data(at, two, Direction::ToServer, &large).unwrap();
    recorder.data(at, one, Direction::ToClient, b"hello").unwrap();
    recorder.close(at, one, End::Finished(Direction::ToServer)).unwrap();
    // The same ports once more are another connection.
    let three = recorder.open(at, client, server).unwrap();
    recorder.data(at, three, Direction::ToServer, b"CB2").unwrap();
    recorder.close(at, three, End::Reset(Direction::ToClient)).unwrap();

    let Session { connections } = read_from(&recorder.finish()[..]).unwrap();
    assert_eq!(connections.len(), 3);
    assert_eq!(connections[0].stream(Direction::ToServer), "CP2");
    assert_eq!(connections[0].stream(Direction::ToClient), "hello");
    assert_eq!(connections[0].end, End::Finished(Direction::ToServer));
    assert_eq!(connections[1].stream(Direction::ToServer), large);
    assert_eq!(connections[1].end, End::Open);
    let third = Segment { at, direction: Direction::ToServer, bytes: Bytes::from_static(b"CB2") };
    assert_eq!(connections[2].segments, [third]);
    assert_eq!(connections[2].end, End::Reset(Direction::ToClient));
}

#[test]
fn broken_files_are_errors() {
    assert!(read_from(&b""[..]).is_err());
    assert!(read_from(&b"no capture at all, but long enough to hold a header"[..]).is_err());
    let file =
        std::fs::read(files("xcp").into_iter().find(|f| f.extension().unwrap() == "pcap").unwrap());
    let file = file.unwrap();
    assert!(read_from(&file[..]).is_ok());
    assert!(read_from(&file[..file.len() - 5]).is_err(), "cut off in a packet");
}
