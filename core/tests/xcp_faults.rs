//! Peers that are silent, wrong or damaged: every wait has an end, and every fault its answer.
#![cfg(feature = "xcp")]

mod xcp;

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use gridwire_core::call::{Caller, ClientEvent, Failure, Ticket};
use gridwire_core::endpoint::{
    Cause, ConnId, Endpoint, Engine, Input, ListenerId, Output, Peer, Shutdown,
};
use gridwire_core::invoker::Detached;
use gridwire_core::time::Instant;
use gridwire_core::xcp::client::{Client, Config};
use gridwire_core::xcp::frame::{self, Flags, SumOrder};
use gridwire_core::xcp::message::{Caps, Kind, Nack, Text};
use gridwire_core::xcp::server::{self, Event, XcpAgent};
use gridwire_core::xcp::session::Extensions;
use gridwire_core::xcp::{Agent, Answer, Error, Ether, Header, NackCode, print};
use xcp::pipe::{Pipe, flat, start};

const SECOND: Duration = Duration::from_secs(1);

fn at(seconds: u64) -> Instant {
    Instant::from_millis(seconds * 1000)
}

fn ether() -> Ether {
    Text { text: "t".into() }.to_ether().unwrap()
}

/// A frame from a peer that writes sums in the draft's order.
fn from_peer(header: &str, body: &str) -> Vec<u8> {
    let body = Bytes::copy_from_slice(body.as_bytes());
    flat(frame::encode(2, Flags(0), header.as_bytes(), body, SumOrder::Little).unwrap())
}

const CAPS: &str = r#"{"msgType":1,"inReplyTo":1}"#;
const HELLO: &str = r#"{"msgType":0,"msgId":1,"tags":[{"key":"ext","val":"more,ack,later"}]}"#;
const JSON_ONLY: &str = r#"{"codecs":[1]}"#;

struct Alone<E> {
    engine: E,
    conn: ConnId,
    data: BytesMut,
}

/// A client whose connection stands.
fn client(config: Config) -> Alone<Client> {
    let mut engine = Client::start(config, start(1));
    let Some(Output::Open { conn, .. }) = engine.poll_output() else { panic!() };
    engine.handle(at(100), Input::Opened { conn, peer: &Peer::default() });
    Alone { engine, conn, data: BytesMut::new() }
}

/// An agent with one connection.
fn agent() -> Alone<XcpAgent> {
    let mut engine = XcpAgent::start(server::Config::default(), start(1));
    let conn = engine.accept(at(100), ListenerId(0), &Peer::default()).unwrap();
    Alone { engine, conn, data: BytesMut::new() }
}

impl<E: Endpoint> Alone<E> {
    /// Feeds bytes; the frames that were sent, and whether the connection was closed.
    fn feed(&mut self, seconds: u64, bytes: &[u8]) -> (Vec<String>, bool) {
        self.data.extend_from_slice(bytes);
        let data = &mut self.data;
        self.engine.handle(at(seconds), Input::Received { conn: self.conn, data });
        self.drain()
    }

    fn wake(&mut self, seconds: u64) -> (Vec<String>, bool) {
        self.engine.handle(at(seconds), Input::Timeout);
        self.drain()
    }

    fn drain(&mut self) -> (Vec<String>, bool) {
        let (mut sent, mut closed) = (Vec::new(), false);
        while let Some(output) = self.engine.poll_output() {
            match output {
                Output::Send { data, .. } => sent.extend(data.iter().flatten()),
                Output::Close { .. } => closed = true,
                _ => {}
            }
        }
        let (mut texts, mut rest) = (Vec::new(), &sent[..]);
        while let Some(length) = frame::length(rest).unwrap() {
            let (one, behind) = rest.split_at(length as usize);
            texts.push(print::frame(one).unwrap().text);
            rest = behind;
        }
        (texts, closed)
    }
}

#[test]
fn a_connection_that_never_stands_is_given_up_and_tried_again() {
    let mut engine = Client::start(Config::to("agent", 1), start(1));
    let Some(Output::Open { conn, .. }) = engine.poll_output() else { panic!() };
    // The engine asks for the time at once, whatever the clock says when it begins.
    assert_eq!(engine.deadline(), Some(Instant::ZERO));
    engine.handle(at(1000), Input::Timeout);
    assert_eq!(engine.poll_output().map(|_| ()), None);
    assert_eq!(engine.deadline(), Some(at(1005)));
    engine.handle(at(1005), Input::Timeout);
    let outputs: Vec<_> = std::iter::from_fn(|| engine.poll_output()).collect();
    assert!(outputs.iter().any(
        |output| matches!(output, Output::Close { conn: c, how: Shutdown::Now } if *c == conn)
    ));
    let again = engine.deadline().unwrap();
    assert!(at(1005) < again && again < at(1006));
    engine.handle(again, Input::Timeout);
    assert!(matches!(engine.poll_output(), Some(Output::Open { .. })));
}

#[test]
fn a_peer_that_never_shakes_hands_is_given_up() {
    let mut client = client(Config::to("agent", 1));
    assert_eq!(client.drain().0.len(), 1, "HELLO");
    assert_eq!(client.wake(104), (vec![], false));
    assert_eq!(client.wake(105), (vec![], true));

    let mut agent = agent();
    assert_eq!(agent.wake(104), (vec![], false));
    assert_eq!(agent.wake(105), (vec![], true));
}

#[test]
fn handshakes_that_fail() {
    // For the client: something else, an answer to another HELLO, no codec in common, no JSON.
    for (header, body) in [
        (r#"{"msgType":5,"inReplyTo":1}"#, "{}"),
        (r#"{"msgType":1,"inReplyTo":2}"#, JSON_ONLY),
        (CAPS, r#"{"codecs":[8]}"#),
        (CAPS, "\u{a}\u{1}\u{1}"),
        (CAPS, r#"{"codecs":[1],"max_frame_bytes":100}"#),
        (CAPS, r#"{"codecs":[-1]}"#),
    ] {
        let mut client = client(Config::to("agent", 1));
        client.drain();
        assert_eq!(client.feed(101, &from_peer(header, body)), (vec![], true), "{header} {body}");
    }
    for (header, body) in [
        (r#"{"msgType":4}"#, "{}"),
        (r#"{"msgType":0}"#, ""),
        (r#"{"msgType":0}"#, "null"),
        (r#"{"msgType":0,"tags":null}"#, JSON_ONLY),
    ] {
        let mut agent = agent();
        assert_eq!(agent.feed(101, &from_peer(header, body)), (vec![], true), "{header} {body}");
    }
    // A peer without a codec in common is told so first.
    let mut agent = agent();
    let (sent, closed) = agent.feed(101, &from_peer(r#"{"msgType":0,"msgId":9}"#, "{}"));
    assert!(closed && sent[0].starts_with("CAPS channel 0 re 9 Caps { codecs: []"), "{sent:?}");
}

#[test]
fn callers_are_told_why_an_agent_can_not_be_spoken_to() {
    let mut client = client(Config::to("agent", 1));
    let agent = Agent::new(Detached::new(client.engine.codec()));
    let ticket = client.engine.submit(at(100), agent.send(&ether()).order);
    client.data.extend_from_slice(&from_peer(CAPS, r#"{"codecs":[8]}"#));
    let (conn, data) = (client.conn, &mut client.data);
    client.engine.handle(at(101), Input::Received { conn, data });
    let end = std::iter::from_fn(|| client.engine.poll_output()).find_map(|output| match output {
        Output::Event(ClientEvent::Done(ended, result)) if ended == ticket => Some(result),
        _ => None,
    });
    assert_eq!(end, Some(Err(Error::Unsupported("no codec in common"))));
}

#[test]
fn sums_are_answered_in_the_order_that_the_peer_showed() {
    let mut agent = agent();
    agent.data.extend_from_slice(&from_peer(HELLO, JSON_ONLY));
    let (conn, data) = (agent.conn, &mut agent.data);
    agent.engine.handle(at(101), Input::Received { conn, data });
    let Some(Output::Send { data, .. }) = agent.engine.poll_output() else { panic!() };
    let caps = flat(data);
    let sum = gridwire_core::crc::crc32c(&caps[8 + usize::from(caps[6]) + 4..caps.len() - 4]);
    assert!(caps.ends_with(&sum.to_le_bytes()));
    let joined = std::iter::from_fn(|| agent.engine.poll_output()).any(
        |output| matches!(output, Output::Event(Event::Joined(_, agreed)) if !agreed.is_plain()),
    );
    assert!(joined);
}

#[test]
fn damaged_frames_are_refused_twice_where_ack_was_agreed_and_never_elsewhere() {
    let mut damaged = from_peer(r#"{"msgId":7}"#, "{}");
    let sum = damaged.len() - 1;
    damaged[sum] ^= 1;

    let mut plain = agent();
    plain.feed(101, &from_peer(r#"{"msgType":0}"#, JSON_ONLY));
    assert_eq!(plain.feed(101, &damaged), (vec![], true));

    let mut agent = agent();
    agent.feed(101, &from_peer(HELLO, JSON_ONLY));
    let nack = Nack { msg_id: 7, error_code: NackCode::CHECKSUM, retry_after_ms: 0 };
    for _ in 0..2 {
        let expected = vec![format!("NACK channel 0 re 7 {nack:?}")];
        assert_eq!(agent.feed(101, &damaged), (expected, false));
    }
    assert_eq!(agent.feed(101, &damaged), (vec![], true));
}

#[test]
fn silence_is_pinged_and_then_given_up() {
    let mut pipe = Pipe::new(1, Config::to("agent", 1), server::Config::default());
    pipe.run();
    pipe.pass(SECOND * 300);
    assert_eq!(pipe.client.agreed().count(), 1, "pings keep it alive");
    pipe.stalled = true;
    pipe.pass(SECOND * 50);
    assert_eq!(pipe.client.agreed().count(), 0);
    let timed_out = |event: &Event| matches!(event, Event::Left(_, Cause::TimedOut));
    assert!(pipe.agent_events.iter().any(timed_out));
}

#[test]
fn a_plain_agent_that_works_is_not_given_up_but_one_that_nobody_waits_for_is() {
    let mut config = Config::to("agent", 1);
    config.terms.extensions = Extensions::default();
    let mut client = client(config);
    client.drain();
    client.feed(101, &from_peer(CAPS, JSON_ONLY));
    let agent = Agent::new(Detached::new(client.engine.codec()));
    let call = agent.clone().timeout(SECOND * 200).send(&ether());
    client.engine.submit(at(101), call.order);
    assert_eq!(client.drain().0.len(), 1);
    for seconds in 102..301 {
        assert_eq!(client.wake(seconds), (vec![], false), "no PING in between, at {seconds}");
    }
    // The call is over at 301; its reply is owed still, and nobody will say if it never comes.
    assert!((301..320).any(|seconds| client.wake(seconds).1));
}

#[test]
fn too_many_requests_are_refused_until_there_is_room() {
    let config = Config { in_flight: 4, ..Config::to("agent", 1) };
    let mut pipe = Pipe::new(2, config, server::Config::default());
    let agent = Agent::new(Detached::new(pipe.client.codec()));
    pipe.run();
    let mut tickets: Vec<_> =
        (0..5).map(|_| pipe.client.submit(pipe.now, agent.send(&ether()).order)).collect();
    let refused = pipe.end(tickets.pop().unwrap()).unwrap();
    assert!(matches!(refused, Err(Error::Call(Failure::Overloaded(_)))));
    assert!(tickets.into_iter().all(|ticket| pipe.end(ticket).unwrap().is_ok()));
    assert!(pipe.events.iter().any(|event| matches!(event, ClientEvent::Room(_))));
}

#[test]
fn tags_that_do_not_fit_are_the_callers_fault() {
    let mut pipe = Pipe::new(3, Config::to("agent", 1), server::Config::default());
    let agent = Agent::new(Detached::new(pipe.client.codec()));
    let mut request = gridwire_core::xcp::Request::ether(&ether());
    let val = "x".repeat(70_000).as_str().into();
    request.tags.push(gridwire_core::xcp::Tag { key: "k".into(), val });
    assert!(matches!(pipe.call(agent.request(request)), Err(Error::Misuse(_))));
    assert_eq!(pipe.call(agent.send(&ether())), Ok(ether()));
}

/// A client that has shaken hands, and a call of it under way.
fn client_that_waits() -> (Alone<Client>, Ticket) {
    let (mut client, ticket) = client_that_writes();
    // Taken by the transport, so that nobody knows what became of it if the connection ends.
    client.engine.handle(at(101), Input::Sent { conn: client.conn, bytes: 10_000 });
    (client, ticket)
}

/// The same, before the transport has said what it took.
fn client_that_writes() -> (Alone<Client>, Ticket) {
    let mut client = client(Config::to("agent", 1));
    client.drain();
    assert_eq!(client.feed(101, &from_peer(CAPS, JSON_ONLY)), (vec![], false));
    let agent = Agent::new(Detached::new(client.engine.codec()));
    let ticket = client.engine.submit(at(101), agent.send(&ether()).order);
    client.drain();
    (client, ticket)
}

#[test]
fn what_may_be_on_its_way_when_a_connection_is_given_up_is_not_done_twice() {
    let (mut client, ticket) = client_that_writes();
    let (end, closed) = end_of(&mut client, ticket, &[0xff; 64]);
    assert!(closed);
    assert!(matches!(end, Some(Err(Error::Call(Failure::Indeterminate(_))))), "{end:?}");
}

/// Feeds bytes to a client; what came of its call, and whether the connection was closed.
fn end_of(
    client: &mut Alone<Client>,
    ticket: Ticket,
    bytes: &[u8],
) -> (Option<Result<Answer, Error>>, bool) {
    client.data.extend_from_slice(bytes);
    let (conn, data) = (client.conn, &mut client.data);
    client.engine.handle(at(102), Input::Received { conn, data });
    let (mut end, mut closed) = (None, false);
    while let Some(output) = client.engine.poll_output() {
        match output {
            Output::Event(ClientEvent::Done(ended, result)) if ended == ticket => {
                end = Some(result);
            }
            Output::Close { .. } => closed = true,
            _ => {}
        }
    }
    (end, closed)
}

#[test]
fn lengths_that_lie_end_the_connection_and_take_no_memory() {
    let frame = |flags: u8, length: &[u8]| {
        [&frame::MAGIC[..], &[frame::VERSION, flags, 0, 0], length].concat()
    };
    let large = Flags::LARGE.0;
    for bytes in [
        frame(0, &i32::MAX.to_le_bytes()),
        frame(0, &(-1i32).to_le_bytes()),
        frame(large, &u64::MAX.to_le_bytes()),
        frame(large, &i64::MAX.to_le_bytes()),
        // What would be a length elsewhere is no magic here.
        vec![0; 8],
        vec![5, 0, 0, 0, 0],
    ] {
        let (mut client, ticket) = client_that_waits();
        let (end, closed) = end_of(&mut client, ticket, &bytes);
        assert!(closed, "{bytes:x?}");
        assert!(matches!(end, Some(Err(_))), "{bytes:x?}: {end:?}");
        assert!(client.data.capacity() < 1 << 21, "nothing is allocated for a promise");

        let mut agent = agent();
        assert_eq!(agent.feed(101, &bytes), (vec![], true), "{bytes:x?}");
        let mut agent = self::agent();
        agent.feed(101, &from_peer(HELLO, JSON_ONLY));
        assert_eq!(agent.feed(102, &bytes), (vec![], true), "{bytes:x?}");
        assert!(agent.data.capacity() < 1 << 21);
    }
}

#[test]
fn replies_that_are_no_answer_fail_their_call_or_end_the_connection() {
    let raw = |header: &[u8], body: &'static [u8]| {
        let body = Bytes::from_static(body);
        flat(frame::encode(2, Flags(0), header, body, SumOrder::Little).unwrap())
    };
    // A reply of another type, and bodies that can't be read, are the call's own matter.
    for (header, body) in [
        (r#"{"msgType":1,"inReplyTo":1}"#, &b"{}"[..]),
        (r#"{"msgType":3,"inReplyTo":1}"#, b"{}"),
        (r#"{"inReplyTo":1}"#, b"{\"kind\":\"\xc3\x28\"}"),
        (r#"{"inReplyTo":1}"#, b"no JSON"),
        (r#"{"inReplyTo":1,"bodyCodec":99}"#, b"{}"),
    ] {
        let (mut client, ticket) = client_that_waits();
        let (end, closed) = end_of(&mut client, ticket, &raw(header.as_bytes(), body));
        assert!(!closed, "{header}");
        let read = end.map(|end| end.and_then(|answer| answer.ether()));
        assert!(read.is_none_or(|read| read.is_err()), "{header}");
    }
    // A header that can't be read says nothing of whose reply it is.
    for header in [&b"{\"inReplyTo\":1,\"tags\":[{\"key\":\"\xff\"}]}"[..], b"{", b"\x08\x04"] {
        let (mut client, ticket) = client_that_waits();
        let (end, closed) = end_of(&mut client, ticket, &raw(header, b"{}"));
        assert!(closed, "{header:?}");
        assert!(matches!(end, Some(Err(_))), "{header:?}: {end:?}");
    }
}

#[test]
fn lists_longer_than_allowed_are_refused() {
    let list = |item: &str, count: usize| vec![item; count].join(",");
    let tags = |count| format!("{{\"tags\":[{}]}}", list("{\"key\":\"k\",\"val\":\"v\"}", count));
    assert!(Header::decode(tags(256).as_bytes()).is_ok());
    assert!(Header::decode(tags(257).as_bytes()).is_err());
    let codecs = |count| format!("{{\"codecs\":[{}]}}", list("1", count));
    assert!(Caps::decode(codecs(1024).as_bytes()).is_ok());
    assert!(Caps::decode(codecs(1025).as_bytes()).is_err());
    let attachments = |count| {
        let one = r#"{"id":"n"}"#;
        format!("{{\"kind\":\"text\",\"schema_version\":1,\"attachments\":[{}]}}", list(one, count))
    };
    assert!(Ether::decode(attachments(1024).as_bytes()).is_ok());
    assert!(Ether::decode(attachments(1025).as_bytes()).is_err());
}

#[test]
fn pieces_of_a_message_are_refused() {
    let piece = |flags| {
        let body = Bytes::from_static(b"{}");
        flat(frame::encode(2, flags, br#"{"msgId":7}"#, body, SumOrder::Little).unwrap())
    };
    for flags in [Flags::MORE, Flags::COMP, Flags::CRYPT] {
        let mut agent = agent();
        agent.feed(101, &from_peer(HELLO, JSON_ONLY));
        let (sent, closed) = agent.feed(101, &piece(flags));
        assert!(!closed && sent[0].starts_with("NACK channel 0 re 7"), "{sent:?}");
        // Never finished, it takes nothing; the connection goes on.
        assert!(agent.data.is_empty());
        let (sent, closed) = agent.feed(101, &from_peer(r#"{"msgType":4,"msgId":8}"#, "{}"));
        assert_eq!((sent.len(), closed), (1, false), "{sent:?}");
    }
}

#[test]
fn a_byte_a_second_is_cut_off_in_time() {
    let caps = from_peer(CAPS, JSON_ONLY);
    let mut client = client(Config::to("agent", 1));
    client.drain();
    let hello = from_peer(HELLO, JSON_ONLY);
    let mut agent = agent();
    let closed = |second: u64, (fed, woken): (bool, bool)| (fed || woken).then_some(second);
    let bytes = (101..).zip(&caps);
    let given_up = bytes.map(|(second, byte)| {
        closed(second, (client.feed(second, &[*byte]).1, client.wake(second).1))
    });
    assert_eq!(given_up.flatten().next(), Some(105), "by the client");
    let bytes = (101..).zip(&hello);
    let given_up = bytes.map(|(second, byte)| {
        closed(second, (agent.feed(second, &[*byte]).1, agent.wake(second).1))
    });
    assert_eq!(given_up.flatten().next(), Some(105), "by the agent");
    // Later, the call's own time ends it.
    let (mut client, ticket) = client_that_waits();
    let reply = from_peer(r#"{"inReplyTo":1}"#, &"x".repeat(200));
    let end = (102..).zip(&reply).find_map(|(second, byte)| {
        let (conn, data) = (client.conn, &mut client.data);
        data.extend_from_slice(&[*byte]);
        client.engine.handle(at(second), Input::Received { conn, data });
        client.engine.handle(at(second), Input::Timeout);
        std::iter::from_fn(|| client.engine.poll_output()).find_map(|output| match output {
            Output::Event(ClientEvent::Done(ended, result)) if ended == ticket => {
                Some((second, result))
            }
            _ => None,
        })
    });
    assert_eq!(end, Some((131, Err(Failure::TimedOut { sent: true }.into()))));
}
