//! Bytes that are wrong, cut, late or endless: a clear error or a closed connection with a cause.
#![cfg(feature = "hazelcast")]

#[path = "hazelcast/mod.rs"]
mod world;

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use gridwire_core::endpoint::{
    Cause, ConnId, Endpoint, Engine, Input, ListenerId, Output, Peer, Shutdown,
};
use gridwire_core::hazelcast::frame::{PRELUDE, flags, split_message};
use gridwire_core::hazelcast::message::client::*;
use gridwire_core::hazelcast::message::map;
use gridwire_core::hazelcast::{
    Config, Data, Member, MemberConfig, MemberEvent, Message, Structures,
};
use gridwire_core::rng::Rng;
use gridwire_core::time::Instant;
use world::script::{Script, accepted, encoded, one};
use world::{Pair, start};

fn frame(length: i32, flags: u16, payload: &[u8]) -> Vec<u8> {
    [&length.to_le_bytes()[..], &flags.to_le_bytes(), payload].concat()
}

/// What both roles refuse, and by which words.
fn broken_frames() -> Vec<(Vec<u8>, &'static str)> {
    let whole = flags::UNFRAGMENTED | flags::IS_FINAL;
    vec![
        (frame(0, whole, &[]), "length of 0"),
        (frame(5, whole, &[]), "length of 5"),
        (frame(-1, whole, &[]), "length of -1"),
        (frame(i32::MIN, whole, &[]), "length of -2147483648"),
        (frame(i32::MAX, whole, &[]), "exceeds the limit"),
        // Too short for a type and an id.
        (frame(6, whole, &[]), "12 bytes needed"),
        (frame(10, whole, &[1, 2, 3, 4]), "12 bytes needed"),
        // A fragment without an id.
        (frame(6, flags::IS_FINAL, &[]), "fragment"),
    ]
}

#[test]
fn lengths_that_lie_end_the_client_s_connection() {
    for (bytes, why) in broken_frames() {
        for stage in 0..2 {
            let mut script =
                if stage == 0 { Script::opened(one()) } else { Script::connected(one()) };
            script.feed(&bytes);
            assert_eq!(script.closed, [script.conn], "{why}");
            assert!(script.notes().contains(why), "{why}: {}", script.notes());
            assert!(script.received.capacity() < 1 << 21, "nothing is allocated for a promise");
        }
    }
}

/// A member with one client on it that is known.
fn member() -> (Member, ConnId) {
    let mut member = Member::start(MemberConfig::default(), start(1));
    let conn = member.accept(Instant::ZERO, ListenerId(0), &Peer::default()).unwrap();
    let asked = Authentication {
        cluster_name: "dev".into(),
        serialization_version: 1,
        ..Authentication::default()
    };
    let mut data = BytesMut::from(&PRELUDE[..]);
    data.extend_from_slice(&encoded(1, &asked).into_bytes());
    member.handle(Instant::ZERO, Input::Received { conn, data: &mut data });
    while member.poll_output().is_some() {}
    (member, conn)
}

fn feed(member: &mut Member, conn: ConnId, bytes: &[u8]) -> Vec<Output<MemberEvent>> {
    let mut data = BytesMut::from(bytes);
    member.handle(Instant::ZERO, Input::Received { conn, data: &mut data });
    std::iter::from_fn(|| member.poll_output()).collect()
}

/// The cause of the end of a member's connection.
fn end(outputs: &[Output<MemberEvent>]) -> Option<String> {
    outputs.iter().find_map(|output| match output {
        Output::Event(MemberEvent::ClientDisconnected { cause, .. }) => Some(cause.to_string()),
        _ => None,
    })
}

fn answers(outputs: &[Output<MemberEvent>]) -> Vec<Message> {
    let mut bytes = BytesMut::new();
    for output in outputs {
        if let Output::Send { data, .. } = output {
            data.iter().for_each(|chunk| bytes.extend_from_slice(chunk));
        }
    }
    let limits = gridwire_core::hazelcast::frame::Limits::default();
    let mut scanner = gridwire_core::hazelcast::frame::Scanner::new(limits);
    std::iter::from_fn(|| match scanner.next(&mut bytes).unwrap()? {
        gridwire_core::hazelcast::frame::Scanned::Message(message) => Some(message),
        gridwire_core::hazelcast::frame::Scanned::Fragment(_) => panic!("nobody sends fragments"),
    })
    .collect()
}

#[test]
fn lengths_that_lie_end_the_member_s_connection() {
    for (bytes, why) in broken_frames() {
        let (mut member, conn) = member();
        let cause = end(&feed(&mut member, conn, &bytes)).expect(why);
        assert!(cause.contains(why), "{why}: {cause}");
        assert_eq!(member.connections(), 0);
    }
}

#[test]
fn a_request_that_cannot_be_read_is_answered_and_the_connection_lives() {
    let (mut member, conn) = member();
    // Too short for its fields; and a name that isn't UTF-8.
    let mut short = encoded(7, &Ping {}).into_bytes().to_vec();
    short[6..10].copy_from_slice(&0x010100u32.to_le_bytes());
    let mut text = encoded(8, &map::Size { name: "ab".into() }).into_bytes().to_vec();
    let at = text.len() - 2;
    text[at..].copy_from_slice(b"\xc3\x28");
    for bytes in [short, text] {
        let outputs = feed(&mut member, conn, &bytes);
        assert_eq!(answers(&outputs)[0].message_type(), 0);
    }
    let outputs = feed(&mut member, conn, &encoded(9, &Ping {}).into_bytes());
    assert_eq!(answers(&outputs)[0].message_type(), 0x000b01);
}

#[test]
fn what_the_member_does_not_know_is_answered_as_a_real_one_does() {
    use gridwire_core::hazelcast::Payload;
    let (mut member, conn) = member();
    for (kind, text) in [
        (0x001f00u32, "Unrecognized client message received with type: 0x001f00"),
        (0x770100, "Unrecognized client message received with type: 0x770100"),
    ] {
        let mut message = encoded(7, &Ping {}).into_bytes().to_vec();
        message[6..10].copy_from_slice(&kind.to_le_bytes());
        let outputs = feed(&mut member, conn, &message);
        let answer = &answers(&outputs)[0];
        let (error, _) = gridwire_core::hazelcast::message::error::Error::decode(answer).unwrap();
        assert_eq!((answer.message_type(), answer.correlation_id()), (0, 7));
        assert_eq!(error.holders[0].error_code, 61);
        assert_eq!(error.holders[0].message.as_deref(), Some(text));
    }
}

fn big_put(id: i64) -> Message {
    let value = Data::from_parts(0, -12, &[0; 3000]);
    let entries =
        (0..50).map(|n: i32| (Data::from_parts(0, -7, &n.to_be_bytes()), value.clone())).collect();
    let put = map::PutAll { name: "m".into(), entries, trigger_map_loader: true };
    Message::new(encoded(id, &put).into_bytes()).unwrap()
}

#[test]
fn fragments_are_joined_in_any_mixture() {
    let (mut member, conn) = member();
    let (one, two) = (split_message(&big_put(2), 1, 4000), split_message(&big_put(3), 2, 7000));
    assert!(one.len() > 10 && two.len() > 10);
    let mut bytes = Vec::new();
    for n in 0..one.len().max(two.len()) {
        for part in [one.get(n), two.get(n)].into_iter().flatten() {
            bytes.extend_from_slice(part);
        }
        bytes.extend_from_slice(&encoded(100, &Ping {}).into_bytes());
    }
    // The ids may be used again.
    bytes.extend(split_message(&big_put(4), 1, 9000).concat());
    let answered: Vec<_> = answers(&feed(&mut member, conn, &bytes))
        .iter()
        .map(Message::correlation_id)
        .filter(|id| *id < 100)
        .collect();
    assert_eq!(answered, [3, 2, 4]);
    assert_eq!(member.map_size("m"), 50);
}

#[test]
fn the_client_joins_fragments_too() {
    let mut script = Script::opened(one());
    let (id, _) = script.expect::<Authentication>();
    let whole = Message::new(encoded(id, &accepted()).into_bytes()).unwrap();
    for part in split_message(&whole, 5, 60) {
        script.feed(&part);
    }
    script.expect::<AddClusterViewListener>();
}

#[test]
fn fragments_that_break_the_rules_end_the_connection() {
    let parts = split_message(&big_put(2), 1, 4000);
    for (bytes, why) in [
        (parts[1].to_vec(), "continues nothing"),
        (parts[parts.len() - 1].to_vec(), "continues nothing"),
        ([&parts[0][..], &parts[0]].concat(), "begins a message twice"),
    ] {
        let (mut member, conn) = member();
        let cause = end(&feed(&mut member, conn, &bytes)).expect(why);
        assert!(cause.contains(why), "{cause}");
        let mut script = Script::connected(one());
        script.feed(&bytes);
        assert_eq!(script.closed, [script.conn]);
        assert!(script.notes().contains(why), "{}", script.notes());
    }
    // Unfinished ones without end.
    let (mut member, conn) = member();
    let many: Vec<Bytes> =
        (0..17).map(|id| split_message(&big_put(2), id, 4000).swap_remove(0)).collect();
    let cause = end(&feed(&mut member, conn, &many.concat())).unwrap();
    assert!(cause.contains("more than 16 unfinished messages"), "{cause}");
}

/// Feeds the beginning of a message to a client whose member answers each ping, and how long the client waits
/// for the rest.
fn waits_for_the_rest(of: &[u8]) -> Duration {
    let mut script = Script::connected(one());
    script.feed(of);
    let (began, conn) = (script.now, script.conn);
    while !script.closed.contains(&conn) {
        if script.has_sent::<Ping>() {
            let (id, _) = script.expect::<Ping>();
            script.answer(id, &PingResponse {});
        }
        assert!(script.wait());
    }
    assert!(script.notes().contains("never finished"), "{}", script.notes());
    script.now - began
}

#[test]
fn a_message_that_is_never_finished_is_not_waited_for() {
    let config = Config::default();
    let fragment = &split_message(&big_put(2), 1, 4000)[0];
    assert!(waits_for_the_rest(fragment) <= config.fragments.wait + config.heartbeat_interval);
    // A frame of 100 MB begins, and what comes from then on is taken for its inside.
    let frame = [&100_000_000_i32.to_le_bytes()[..], &[0xc0, 0]].concat();
    assert!(waits_for_the_rest(&frame) <= config.heartbeat_timeout + config.heartbeat_interval);
}

#[test]
fn a_connection_reset_between_any_two_bytes_loses_no_call() {
    // How many bytes a whole session is, either way.
    let session = |cut_at: Option<u64>| -> (u64, bool) {
        let mut engine = gridwire_core::hazelcast::Client::start(one(), start(1));
        let mut member = Member::start(MemberConfig::default(), start(2));
        let map =
            gridwire_core::invoker::Detached::new(gridwire_core::call::Caller::codec(&engine))
                .map::<i32, i32>("m");
        let ticket =
            gridwire_core::call::Caller::submit(&mut engine, Instant::ZERO, map.get(&1).order);
        let (mut now, mut total, mut is_cut, mut ends) = (Instant::ZERO, 0u64, false, 0);
        let mut wires: Vec<(ConnId, ConnId, BytesMut, BytesMut)> = Vec::new();
        for _ in 0..100_000 {
            let mut any = false;
            while let Some(output) = engine.poll_output() {
                any = true;
                match output {
                    Output::Open { conn, .. } => {
                        let there = member.accept(now, ListenerId(0), &Peer::default()).unwrap();
                        wires.push((conn, there, BytesMut::new(), BytesMut::new()));
                        engine.handle(now, Input::Opened { conn, peer: &Peer::default() });
                    }
                    Output::Send { conn, data } => {
                        let Some(wire) = wires.iter_mut().find(|wire| wire.0 == conn) else {
                            continue;
                        };
                        for byte in data.iter().flatten() {
                            total += 1;
                            if cut_at == Some(total) {
                                is_cut = true;
                                break;
                            }
                            wire.2.extend_from_slice(&[*byte]);
                            engine.handle(now, Input::Sent { conn, bytes: 1 });
                        }
                    }
                    Output::Close { conn, .. } => wires.retain(|wire| wire.0 != conn),
                    Output::Event(gridwire_core::call::ClientEvent::Done(done, result)) => {
                        assert_eq!(done, ticket);
                        assert!(result.is_ok());
                        ends += 1;
                    }
                    _ => {}
                }
            }
            for wire in &mut wires {
                member.handle(now, Input::Received { conn: wire.1, data: &mut wire.2 });
            }
            while let Some(output) = member.poll_output() {
                any = true;
                if let Output::Send { conn, data } = output
                    && let Some(wire) = wires.iter_mut().find(|wire| wire.1 == conn)
                {
                    for byte in data.iter().flatten() {
                        total += 1;
                        if cut_at == Some(total) {
                            is_cut = true;
                            break;
                        }
                        wire.3.extend_from_slice(&[*byte]);
                    }
                }
            }
            for wire in &mut wires {
                engine.handle(now, Input::Received { conn: wire.0, data: &mut wire.3 });
            }
            if core::mem::take(&mut is_cut) {
                for (here, there, ..) in wires.drain(..) {
                    engine.handle(now, Input::Closed { conn: here, cause: Cause::Reset });
                    member.handle(now, Input::Closed { conn: there, cause: Cause::Reset });
                }
                continue;
            }
            if ends > 0 && !any {
                return (total, true);
            }
            if !any {
                let Some(at) = engine.deadline() else { break };
                now = now.max(at);
                engine.handle(now, Input::Timeout);
            }
        }
        (total, false)
    };
    let (total, is_done) = session(None);
    assert!(is_done && total > 500);
    for at in 1..=total {
        assert!(session(Some(at)).1, "cut at {at} of {total}");
    }
}

#[test]
fn a_byte_a_second_is_cut_off_in_time() {
    let mut script = Script::opened(one());
    let (id, _) = script.expect::<Authentication>();
    let answer = encoded(id, &accepted()).into_bytes();
    let conn = script.conn;
    for byte in &answer {
        if script.closed.contains(&conn) {
            break;
        }
        script.feed(&[*byte]);
        script.now = script.now + Duration::from_secs(1);
        script.client.handle(script.now, Input::Timeout);
        script.drain();
    }
    assert!(script.closed.contains(&conn));
    assert!(script.now <= Instant::ZERO + Duration::from_secs(11));
}

#[test]
fn nonsense_of_any_kind_ends_in_nothing_worse_than_a_closed_connection() {
    let mut rng = Rng::new([3; 32]);
    let good = {
        let mut bytes = encoded(2, &AddClusterViewListener {}).into_bytes().to_vec();
        bytes.extend_from_slice(big_put(3).bytes());
        bytes.extend_from_slice(&encoded(4, &map::GetAll::default()).into_bytes());
        bytes
    };
    for _ in 0..500 {
        let mut bytes = good.clone();
        for _ in 0..=rng.below(4) {
            let at = rng.below(bytes.len().min(400) as u64) as usize;
            bytes[at] = rng.next_u64() as u8;
        }
        bytes.truncate(rng.below(bytes.len() as u64) as usize);
        let (mut member, conn) = member();
        feed(&mut member, conn, &bytes);
        let mut script = Script::connected(one());
        script.feed(&bytes);
    }
}

#[test]
fn a_client_that_does_not_read_is_not_read_from() {
    let (mut member, conn) = member();
    let mut data = BytesMut::new();
    data.extend_from_slice(big_put(2).bytes());
    for id in 3..40 {
        let keys = (0..50).map(|n: i32| Data::from_parts(0, -7, &n.to_be_bytes())).collect();
        data.extend_from_slice(&encoded(id, &map::GetAll { name: "m".into(), keys }).into_bytes());
    }
    member.handle(Instant::ZERO, Input::Received { conn, data: &mut data });
    assert!(!data.is_empty(), "the rest waits");
    let mut sent = 0;
    let mut is_paused = false;
    while let Some(output) = member.poll_output() {
        match output {
            Output::Send { data, .. } => sent += data.iter().map(Bytes::len).sum::<usize>(),
            Output::Pause { .. } => is_paused = true,
            _ => {}
        }
    }
    assert!(is_paused && sent < 2 << 20, "{sent}");
    member.handle(Instant::ZERO, Input::Sent { conn, bytes: sent });
    assert!(matches!(member.poll_output(), Some(Output::Resume { .. })));
}

#[test]
fn ten_thousand_connections_cost_little_each() {
    let mut member = Member::start(MemberConfig::default(), start(1));
    for _ in 0..10_000 {
        member.accept(Instant::ZERO, ListenerId(0), &Peer::default()).unwrap();
    }
    assert_eq!(member.connections(), 10_000);
    let at = member.deadline().unwrap();
    member.handle(at, Input::Timeout);
    assert_eq!(member.connections(), 0);
    let closes = std::iter::from_fn(|| member.poll_output())
        .filter(|output| matches!(output, Output::Close { how: Shutdown::Flush(_), .. }))
        .count();
    assert_eq!(closes, 10_000);
    // And an engine in use still works.
    let mut pair = Pair::connected(1);
    let map = pair.invoker().map::<i32, i32>("m");
    pair.run(map.put(&1, &1)).unwrap();
}

#[test]
fn a_listener_that_does_not_read_is_cut_off() {
    let (mut member, listener) = member();
    let listen = map::AddEntryListener {
        name: "m".into(),
        include_value: true,
        listener_flags: 1,
        local_only: true,
    };
    feed(&mut member, listener, &encoded(2, &listen).into_bytes());
    let writer = member.accept(Instant::ZERO, ListenerId(0), &Peer::default()).unwrap();
    let asked = Authentication {
        cluster_name: "dev".into(),
        serialization_version: 1,
        ..Authentication::default()
    };
    feed(&mut member, writer, &[&PRELUDE[..], &encoded(1, &asked).into_bytes()].concat());
    let value = Data::from_parts(0, -12, &vec![0; 1 << 20]);
    let mut cause = None;
    for key in 0..100i32 {
        let key = Data::from_parts(0, -7, &key.to_be_bytes());
        let name = "m".into();
        let put = map::Set { name, key, value: value.clone(), thread_id: 0, ttl: -1 };
        let outputs = feed(&mut member, writer, &encoded(2, &put).into_bytes());
        cause = cause.or(end(&outputs));
        for output in outputs {
            if let Output::Send { conn, data } = output
                && conn == writer
            {
                let bytes = data.iter().map(Bytes::len).sum();
                member.handle(Instant::ZERO, Input::Sent { conn, bytes });
            }
        }
    }
    assert_eq!(cause.as_deref(), Some("the client does not read its events"));
    assert_eq!((member.connections(), member.map_size("m")), (1, 100));
}

#[test]
fn no_configuration_makes_an_engine_spin() {
    let mut config = Config::default();
    config.heartbeat_interval = Duration::ZERO;
    config.invocation_retry_pause = Duration::ZERO;
    config.backup_ack_timeout = Duration::ZERO;
    config.connection_retry.initial = Duration::ZERO;
    config.connection_retry.max = Duration::ZERO;
    config.fragments.wait = Duration::ZERO;
    let mut member = MemberConfig::default();
    member.partition_count = 0;
    let mut pair = Pair::with(1, config, member);
    pair.settle();
    let map = pair.invoker().map::<i32, i32>("m");
    pair.run(map.put(&1, &1)).unwrap();
    pair.pass(Duration::from_millis(50));
    assert!(pair.client.is_connected());
}
