//! Hazelcast's engines, fed what sessions of released clients and members held: the member takes each
//! client's bytes, the client each member's. However the bytes are cut, the outputs are the same.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use gridwire_conformance::capture::{self, Connection, Direction};
use gridwire_core::Str;
use gridwire_core::call::{Caller, ClientEvent};
use gridwire_core::endpoint::{
    Cause, ConnId, Endpoint, Engine, Input, ListenerId, Output, Peer, Start,
};
use gridwire_core::hazelcast::frame::{Limits, Scanned, Scanner};
use gridwire_core::hazelcast::message::client::Authentication;
use gridwire_core::hazelcast::{Client, Config, Member, MemberConfig, Payload, Structures};
use gridwire_core::invoker::Detached;
use gridwire_core::time::Instant;

const START: Start = Start { seed: [5; 32], unix_at_zero: Duration::from_secs(1_700_000_000) };
const NOW: Instant = Instant::from_millis(1);

/// Sessions of protocol 2.x; the one of several megabytes is left to the messages' own test.
fn captures() -> Vec<(String, Vec<Connection>)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/hazelcast");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut all = Vec::new();
    for path in files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.contains(".pcap") && !name.starts_with("3.") && !name.contains("large") {
            all.push((name, capture::read(&path).unwrap().connections));
        }
    }
    assert!(all.len() >= 10);
    all
}

/// What an engine said: bytes run together, all else in words, each in its order.
#[derive(Debug, Default, PartialEq)]
struct Said {
    bytes: Vec<u8>,
    events: Vec<String>,
    opens: usize,
    closed: bool,
}

fn drain<E: Endpoint>(
    engine: &mut E,
    conn: ConnId,
    said: &mut Said,
    data: &mut BytesMut,
    describe: &impl Fn(E::Event) -> String,
) {
    while let Some(output) = engine.poll_output() {
        match output {
            Output::Send { conn, data } => {
                let bytes = data.iter().map(Bytes::len).sum();
                said.bytes.extend(data.iter().flatten());
                engine.handle(NOW, Input::Sent { conn, bytes });
            }
            Output::Close { conn: closed, .. } => said.closed |= closed == conn,
            Output::Resume { conn: resumed } if resumed == conn => {
                engine.handle(NOW, Input::Received { conn, data });
            }
            Output::Event(event) => said.events.push(describe(event)),
            // The other members can't be reached.
            Output::Open { conn, .. } => {
                said.opens += 1;
                engine.handle(NOW, Input::Closed { conn, cause: Cause::Refused });
            }
            Output::Resume { .. } | Output::Pause { .. } => {}
        }
    }
}

fn feed<E: Endpoint>(
    engine: &mut E,
    conn: ConnId,
    stream: &[u8],
    step: usize,
    said: &mut Said,
    describe: &impl Fn(E::Event) -> String,
) {
    let mut data = BytesMut::new();
    for piece in stream.chunks(step) {
        data.extend_from_slice(piece);
        engine.handle(NOW, Input::Received { conn, data: &mut data });
        drain(engine, conn, said, &mut data, describe);
        if said.closed {
            return;
        }
    }
}

fn member_says(stream: &[u8], step: usize) -> Said {
    let mut config = MemberConfig::default();
    if let Some(name) = cluster_name(stream) {
        config.cluster_name = name;
    }
    let mut member = Member::start(config, START);
    let conn = member.accept(NOW, ListenerId(0), &Peer::default()).unwrap();
    let mut said = Said::default();
    feed(&mut member, conn, stream, step, &mut said, &|event| format!("{event:?}"));
    said
}

/// What the recorded client called the cluster.
fn cluster_name(stream: &[u8]) -> Option<Str> {
    let mut scanner = Scanner::new(Limits::default());
    let mut data = BytesMut::from(stream.get(3..)?);
    match scanner.next(&mut data) {
        Ok(Some(Scanned::Message(message))) if message.message_type() == Authentication::ID => {
            Some(Authentication::decode(&message).ok()?.0.cluster_name)
        }
        _ => None,
    }
}

#[test]
fn the_member_says_the_same_however_the_bytes_of_clients_are_cut() {
    let mut let_in = 0;
    for (name, connections) in captures() {
        for connection in connections {
            let stream = connection.stream(Direction::ToServer);
            let whole = member_says(&stream, usize::MAX);
            for step in [1, 7, 1460] {
                assert!(member_says(&stream, step) == whole, "{name} by {step}");
            }
            let_in += usize::from(whole.events.iter().any(|e| e.contains("ClientConnected")));
            // Every whole request got an answer: none was taken for the end of the connection.
            let is_odd = name.contains("errors") || name.contains("fragments");
            assert!(is_odd || !whole.closed, "{name}: {:?}", whole.events.last());
        }
    }
    assert!(let_in > 20, "{let_in}");
}

/// Where the client is connected: after which byte of a member's stream. The ids in the stream are
/// those of the client that was recorded; of a client's first connection, they begin as ours do.
fn connected_after(stream: &[u8]) -> Option<usize> {
    let (mut client, conn) = opened();
    let mut scanner = Scanner::new(Limits::default());
    let mut rest = BytesMut::from(stream);
    let mut said = Said::default();
    let mut length = 0;
    while let Ok(Some(scanned)) = scanner.next(&mut rest) {
        let Scanned::Message(message) = scanned else { return None };
        length += message.bytes().len();
        feed(&mut client, conn, message.bytes(), usize::MAX, &mut said, &|_| String::new());
        if client.is_connected() {
            return Some(length);
        }
        if said.closed {
            break;
        }
    }
    None
}

fn opened() -> (Client, ConnId) {
    let mut client = Client::start(Config::default(), START);
    let Some(Output::Open { conn, .. }) = client.poll_output() else { panic!("it opens first") };
    client.handle(NOW, Input::Opened { conn, peer: &Peer::default() });
    let mut said = Said::default();
    drain(&mut client, conn, &mut said, &mut BytesMut::new(), &|_| String::new());
    assert!(said.bytes.starts_with(b"CP2"));
    assert_eq!(said.bytes[9..13], Authentication::ID.to_le_bytes()[..], "type after the header");
    (client, conn)
}

fn client_says(stream: &[u8], connected: usize, step: usize) -> Said {
    let (mut client, conn) = opened();
    let describe = |event| match event {
        ClientEvent::Done(ticket, Ok(_)) => format!("{ticket:?} ok"),
        ClientEvent::Done(ticket, Err(error)) => format!("{ticket:?} {error}"),
        other => format!("{other:?}"),
    };
    let mut said = Said::default();
    let (first, then) = stream.split_at(connected);
    feed(&mut client, conn, first, step, &mut said, &describe);
    // Calls that the recorded answers are then taken for, so that no id was never given out. They
    // are sent before: what of a call was sent decides how it ends.
    let invoker = Detached::new(client.codec());
    for _ in 0..4000 {
        client.submit(NOW, invoker.distributed_objects().order);
    }
    drain(&mut client, conn, &mut said, &mut BytesMut::new(), &describe);
    feed(&mut client, conn, then, step, &mut said, &describe);
    client.shut_down(NOW);
    drain(&mut client, conn, &mut said, &mut BytesMut::new(), &describe);
    said
}

#[test]
fn the_client_says_the_same_however_the_bytes_of_members_are_cut() {
    let (mut connected, mut answered) = (0, 0);
    for (name, connections) in captures() {
        for connection in connections {
            let stream = connection.stream(Direction::ToClient);
            let after = connected_after(&stream).unwrap_or(0);
            connected += usize::from(after > 0);
            let whole = client_says(&stream, after, usize::MAX);
            for step in [1, 7, 1460] {
                let mut cut = client_says(&stream, after, step);
                if whole.closed {
                    // What was queued when the member broke the rules is dropped.
                    assert!(cut.bytes.starts_with(&whole.bytes), "{name} by {step}");
                    cut.bytes.truncate(whole.bytes.len());
                }
                assert!(cut == whole, "{name} by {step}");
            }
            answered += whole.events.iter().filter(|e| e.contains("was answered with")).count();
        }
    }
    assert!(connected >= 5, "{connected}");
    assert!(answered > 100, "{answered}");
}
