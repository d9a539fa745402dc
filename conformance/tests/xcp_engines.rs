//! XCP's engines, fed what the Python reference's sessions held: the agent takes each client's bytes,
//! the client each server's. However the bytes are cut, the outputs are the same; and where the
//! reference and the rules agree, the agent says what the reference said.

use gridwire_conformance::capture::{Connection, Direction, read};

use std::path::Path;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use gridwire_core::call::{Caller, ClientEvent, Order, Plan};
use gridwire_core::endpoint::{Cause, Endpoint, Engine, Input, ListenerId, Output, Peer, Start};
use gridwire_core::time::Instant;
use gridwire_core::xcp::client::{self, Client};
use gridwire_core::xcp::frame::{self, FrameLimits, FrameReader, Split};
use gridwire_core::xcp::server::{self, XcpAgent};
use gridwire_core::xcp::session::{Extensions, Terms};
use gridwire_core::xcp::{CodecId, Ether, Header, MsgType, Request};

const START: Start = Start { seed: [5; 32], unix_at_zero: Duration::from_secs(1_700_000_000) };
const NOW: Instant = Instant::from_millis(1);

fn captures() -> Vec<(String, Vec<Connection>)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/xcp");
    let mut all = Vec::new();
    for entry in directory.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if let Some((name, _)) = name.split_once(".pcap") {
            let name = name.trim_start_matches("reference-").to_owned();
            all.push((name, read(&path).unwrap().connections));
        }
    }
    all.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(all.len(), 29);
    all
}

/// As the reference: plain, JSON and Protobuf, any body under JSON.
fn terms() -> Terms {
    Terms {
        codecs: vec![CodecId::JSON, CodecId::PROTOBUF],
        extensions: Extensions::default(),
        ..Terms::default()
    }
}

/// What an engine said: bytes run together, all else in words.
#[derive(Debug, Default, PartialEq)]
struct Said {
    bytes: Vec<u8>,
    events: Vec<String>,
    closed: bool,
}

/// Takes an engine's outputs, and offers the unconsumed bytes again where it asks for that.
fn drain<E: Endpoint>(
    engine: &mut E,
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
            Output::Close { .. } => said.closed = true,
            Output::Resume { conn } => engine.handle(NOW, Input::Received { conn, data }),
            Output::Event(event) => said.events.push(describe(event)),
            Output::Open { .. } | Output::Pause { .. } => {}
        }
    }
}

/// Feeds a stream in pieces of at most `step` bytes. The engine says for itself when it has enough.
fn feed<E: Endpoint>(
    engine: &mut E,
    conn: gridwire_core::endpoint::ConnId,
    stream: &[u8],
    step: usize,
    describe: &impl Fn(E::Event) -> String,
) -> Said {
    let (mut said, mut data) = (Said::default(), BytesMut::new());
    drain(engine, &mut said, &mut data, describe);
    for piece in stream.chunks(step) {
        if said.closed {
            break;
        }
        data.extend_from_slice(piece);
        engine.handle(NOW, Input::Received { conn, data: &mut data });
        drain(engine, &mut said, &mut data, describe);
    }
    said
}

fn agent(stream: &[u8], step: usize) -> Said {
    let config =
        server::Config { terms: terms(), require_ether: false, ..server::Config::default() };
    let mut agent = XcpAgent::start(config, START);
    let conn = agent.accept(NOW, ListenerId(0), &Peer::default()).unwrap();
    feed(&mut agent, conn, stream, step, &|event| format!("{event:?}"))
}

/// A client that sends what the captured one sent, fed with what that one was answered.
fn client(requests: &[Request], stream: &[u8], step: usize) -> Said {
    let mut config = client::Config::to("agent", 9944);
    config.terms = terms();
    let mut client = Client::start(config, START);
    for request in requests {
        client.submit(NOW, Order::new(Plan::One(request.clone())));
    }
    let Some(Output::Open { conn, .. }) = client.poll_output() else { panic!() };
    client.handle(NOW, Input::Opened { conn, peer: &Peer::default() });
    let describe = |event| match event {
        ClientEvent::Done(ticket, result) => format!("{ticket:?} {result:?}"),
        event => format!("{event:?}"),
    };
    // Nobody is answered before having asked: requests leave between CAPS and what follows.
    let caps = frame::length(stream).ok().flatten().unwrap_or(0) as usize;
    let (caps, rest) = stream.split_at_checked(caps).unwrap_or_default();
    let mut said = Said::default();
    for part in [caps, rest] {
        let more = feed(&mut client, conn, part, step, &describe);
        said.bytes.extend(more.bytes);
        said.events.extend(more.events);
        said.closed |= more.closed;
    }
    client.handle(NOW, Input::Closed { conn, cause: Cause::Eof });
    client.shut_down(NOW);
    drain(&mut client, &mut said, &mut BytesMut::new(), &describe);
    said
}

fn frames(mut stream: &[u8]) -> Vec<(Header, Bytes)> {
    let mut frames = Vec::new();
    while let Ok(Some(length)) = frame::length(stream) {
        let Ok(length) = usize::try_from(length) else { break };
        let Some((one, rest)) = stream.split_at_checked(length) else { break };
        stream = rest;
        let limits = FrameLimits { payload: u64::MAX, skip: u64::MAX, major: 0xF };
        let split = FrameReader::default().split(&mut BytesMut::from(one), &limits);
        let Ok(Some(Split::Frame(frame))) = split else { continue };
        if let Ok(header) = Header::decode(&frame.header) {
            frames.push((header, frame.payload));
        }
    }
    frames
}

#[test]
fn however_the_bytes_are_cut_the_outputs_are_the_same() {
    for (name, connections) in captures() {
        for connection in &connections {
            let to_server = connection.stream(Direction::ToServer);
            let steps = if to_server.len() > 100_000 { [4099, 65_536] } else { [1, 7] };
            let whole = agent(&to_server, usize::MAX);
            for step in steps {
                assert_eq!(agent(&to_server, step), whole, "{name}, the agent, {step}");
            }
            let requests: Vec<_> = requests(&to_server);
            let to_client = connection.stream(Direction::ToClient);
            let whole = client(&requests, &to_client, usize::MAX);
            for step in steps {
                let said = client(&requests, &to_client, step);
                assert_eq!(said, whole, "{name}, the client, {step}");
            }
        }
    }
}

/// What the captured client asked, in our words.
fn requests(stream: &[u8]) -> Vec<Request> {
    let asked = frames(stream).into_iter().filter(|(header, _)| header.msg_type != MsgType::HELLO);
    asked
        .map(|(header, body)| Request {
            msg_type: header.msg_type,
            channel_id: header.channel_id,
            ..Request::data(header.body_codec, body)
        })
        .collect()
}

#[test]
fn the_client_takes_every_answer_of_the_reference() {
    let mut calls = 0;
    for (name, connections) in captures() {
        // The reference's own clients count ids as we do; those written for the recording often not.
        if !matches!(
            name.as_str(),
            "auto-codec"
                | "auto-codec-generated"
                | "clarify-handler"
                | "ether-json"
                | "ether-protobuf"
                | "ether-protobuf-fallback"
                | "handshake"
                | "large-payload"
                | "nack-handler"
                | "ping"
                | "raw-payload"
        ) {
            continue;
        }
        for connection in &connections {
            let requests = requests(&connection.stream(Direction::ToServer));
            let answers = connection.stream(Direction::ToClient);
            let said = client(&requests, &answers, usize::MAX);
            let ended: Vec<_> = said.events.iter().filter(|e| e.starts_with("Ticket")).collect();
            assert_eq!(ended.len(), requests.len(), "{name}: {:#?}", said.events);
            for (n, end) in ended.iter().enumerate() {
                // The reference's server was made to refuse the first of these.
                let refused = name == "nack-handler" && n == 0;
                assert_eq!(end.contains("Err(Nack"), refused, "{name}: {end}");
                assert!(refused || end.contains("Ok(Answer"), "{name}: {end}");
            }
            calls += ended.len();
        }
    }
    assert!(calls >= 30, "{calls}");
}

/// Compares bodies as the reference rewrites them: by value.
fn same_body(ours: &[u8], theirs: &[u8]) -> bool {
    if let (Ok(ours), Ok(theirs)) = (Ether::decode(ours), Ether::decode(theirs)) {
        return ours == theirs;
    }
    ours == theirs
}

#[test]
fn the_agent_answers_as_the_reference_does() {
    let mut compared = 0;
    for (name, connections) in captures() {
        // Elsewhere the reference echoes what is to be refused: other codecs, altered and damaged
        // bodies, Protobuf (not spoken yet), another major version, a peer without a codec; or its
        // server was given callbacks, or less than its usual codecs.
        if !matches!(
            name.as_str(),
            "auto-codec"
                | "clarify"
                | "ether-json"
                | "ether-protobuf-fallback"
                | "handshake"
                | "ignored-types"
                | "large-flag"
                | "large-payload"
                | "minimal-header"
                | "odd-json"
                | "oversized"
                | "ping"
                | "pipelined"
                | "raw-payload"
                | "reserved-flags"
        ) {
            continue;
        }
        for connection in &connections {
            let ours = frames(&agent(&connection.stream(Direction::ToServer), usize::MAX).bytes);
            let theirs = frames(&connection.stream(Direction::ToClient));
            assert_eq!(ours.len(), theirs.len(), "{name}");
            for ((our_header, our_body), (their_header, their_body)) in ours.iter().zip(&theirs) {
                if name == "minimal-header" && our_header.msg_type == MsgType::NACK {
                    // Its schema key names another kind, which the reference doesn't look at.
                    assert_eq!(our_header.in_reply_to, 6);
                    continue;
                }
                assert_eq!(our_header, their_header, "{name}");
                compared += 1;
                if our_header.msg_type == MsgType::CAPS {
                    let caps = |body| gridwire_core::xcp::message::Caps::decode(body).unwrap();
                    let (ours, mut theirs) = (caps(our_body), caps(their_body));
                    theirs.codecs.sort();
                    assert_eq!(ours, theirs, "{name}");
                } else {
                    assert!(same_body(our_body, their_body), "{name}: {our_body:?} {their_body:?}");
                }
            }
        }
    }
    assert!(compared >= 70, "{compared}");
}

#[test]
fn the_agent_refuses_what_the_rules_say() {
    for (name, connections) in captures() {
        let codes: Vec<Vec<u16>> = connections
            .iter()
            .map(|connection| {
                let said = agent(&connection.stream(Direction::ToServer), usize::MAX);
                let answers = frames(&said.bytes);
                let nacks = answers.iter().filter(|(header, _)| header.msg_type == MsgType::NACK);
                nacks
                    .map(|(_, body)| {
                        gridwire_core::xcp::message::Nack::decode(body).unwrap().error_code.0
                    })
                    .collect()
            })
            .collect();
        let expected: &[&[u16]] = match name.as_str() {
            "compressed-flag" | "encrypted-flag" => &[&[2]],
            // The last chunk looks like a message of its own.
            "chunked" => &[&[2, 2]],
            "tensors-opaque" => &[&[2; 7]],
            "unknown-codec" => &[&[2; 4]],
            _ => continue,
        };
        assert_eq!(codes, expected, "{name}");
    }
}
