//! Letting in and being let in: every status, every error, and every silence.
#![cfg(feature = "hazelcast")]

#[path = "hazelcast/mod.rs"]
mod world;

use std::time::Duration;

use bytes::BytesMut;
use gridwire_core::call::{ClientEvent, Failure, Lifecycle};
use gridwire_core::endpoint::{Cause, Endpoint, Engine, Input, ListenerId, Output, Peer, Target};
use gridwire_core::hazelcast::error::{ErrorCode, Refusal};
use gridwire_core::hazelcast::frame::PRELUDE;
use gridwire_core::hazelcast::message::client::*;
use gridwire_core::hazelcast::message::map;
use gridwire_core::hazelcast::{
    Config, Error, Member, MemberConfig, MemberEvent, Structures, Uuid,
};
use gridwire_core::time::Instant;
use world::script::{CLUSTER, MEMBER, Script, accepted, encoded, member, one, partitions};
use world::{Pair, start, target};

fn refused(answer: &AuthenticationResponse) -> Script {
    let mut script = Script::opened(one());
    let (id, _) = script.expect::<Authentication>();
    script.answer(id, answer);
    script
}

#[test]
fn each_status_of_the_answer() {
    let status = |status| AuthenticationResponse { status, ..AuthenticationResponse::default() };
    for (answer, refusal) in [
        (status(1), Refusal::Credentials),
        (status(2), Refusal::SerializationVersion),
        (status(3), Refusal::NotAllowed),
        (
            AuthenticationResponse { serialization_version: 2, ..accepted() },
            Refusal::SerializationVersion,
        ),
    ] {
        let script = refused(&answer);
        assert_eq!(script.refusal(), Some(refusal));
        assert_eq!(script.closed, [script.conn]);
    }
    // What may be otherwise next time is tried again.
    for answer in [
        status(77),
        AuthenticationResponse { member_uuid: None, ..accepted() },
        AuthenticationResponse { cluster_id: None, ..accepted() },
    ] {
        let mut script = refused(&answer);
        assert_eq!(script.shut_down_with(), None, "{answer:?}");
        assert!(script.notes().contains("connection to 127.0.0.1:5701: "), "{}", script.notes());
        assert!(script.wait());
        script.open();
        script.let_in();
    }
    for partition_count in [0, -1, i32::MAX] {
        let script = refused(&AuthenticationResponse { partition_count, ..accepted() });
        assert!(matches!(script.refusal(), Some(Refusal::PartitionCount { .. })));
    }
}

#[test]
fn a_member_that_is_starting_is_asked_again_on_the_same_connection() {
    let mut script = Script::opened(one());
    for _ in 0..10 {
        let (id, _) = script.expect::<Authentication>();
        script.error(id, ErrorCode::HAZELCAST_INSTANCE_NOT_ACTIVE.0);
        assert!(!script.has_sent::<Authentication>());
        assert!(script.wait());
    }
    script.let_in();
    assert!(script.closed.is_empty());
}

#[test]
fn a_member_that_never_stops_starting_is_given_up_in_time() {
    let mut script = Script::opened(one());
    let conn = script.conn;
    while script.closed.is_empty() {
        if script.has_sent::<Authentication>() {
            let (id, _) = script.expect::<Authentication>();
            script.error(id, ErrorCode::HAZELCAST_INSTANCE_NOT_ACTIVE.0);
        }
        assert!(script.wait());
    }
    assert_eq!(script.closed, [conn]);
    assert_eq!(script.now, Instant::ZERO + Config::default().authentication_timeout);
}

#[test]
fn another_error_is_a_refusal() {
    let mut script = Script::opened(one());
    let (id, _) = script.expect::<Authentication>();
    script.error(id, ErrorCode::SECURITY.0);
    assert_eq!(script.closed, [script.conn]);
    assert!(script.notes().contains("SECURITY (49)"), "{}", script.notes());
}

#[test]
fn silence_at_each_step_ends_at_a_deadline() {
    // Nobody says that the connection stands.
    let config = one();
    let mut pair = Script::opened(config.clone());
    assert!(pair.closed.is_empty());
    // The member accepts and says nothing.
    assert!(pair.wait());
    assert_eq!(pair.closed.len(), 1);
    assert_eq!(pair.now, Instant::ZERO + config.authentication_timeout);
    // It comes back, lets the client in, and never shows the cluster.
    pair.wait();
    pair.open();
    let (id, _) = pair.expect::<Authentication>();
    pair.answer(id, &accepted());
    let begun = pair.now;
    let silent = pair.conn;
    while !pair.closed.contains(&silent) {
        assert!(pair.wait());
    }
    assert_eq!(pair.now, begun + config.authentication_timeout, "{}", pair.notes());
    // It lets the client in, shows the cluster, and falls silent: pings, then the end.
    while pair.opening.is_empty() {
        assert!(pair.wait());
    }
    pair.open();
    pair.let_in();
    let (begun, conn) = (pair.now, pair.conn);
    while !pair.closed.contains(&conn) {
        assert!(pair.wait());
    }
    assert_eq!(pair.now, begun + config.heartbeat_timeout);
    let pings = pair.sent.iter().filter(|(id, _)| *id == conn).count();
    assert_eq!(pings, 11, "one each 5 s, none at the end of the minute");
}

#[test]
fn a_connection_that_never_stands_is_given_up() {
    let mut client = gridwire_core::hazelcast::Client::start(one(), start(1));
    let Some(Output::Open { conn, target }) = client.poll_output() else { panic!() };
    assert_eq!(target, Target::new("127.0.0.1", 5701));
    let at = client.deadline().unwrap();
    assert_eq!(at, Instant::ZERO + Config::default().connection_timeout);
    client.handle(at, Input::Timeout);
    let outputs: Vec<_> = std::iter::from_fn(|| client.poll_output()).collect();
    assert!(matches!(outputs[0], Output::Close { conn: closed, .. } if closed == conn));
    // What still comes for it is ignored.
    client.handle(at, Input::Opened { conn, peer: &Peer::default() });
    assert!(client.poll_output().is_none());
}

#[test]
fn targets_are_tried_in_turn_with_growing_pauses() {
    let targets: Vec<_> = (1..=3).map(|port| Target::new("h", port)).collect();
    let config = Config::new(targets);
    let mut client = gridwire_core::hazelcast::Client::start(config, start(1));
    let (mut now, mut opens) = (Instant::ZERO, Vec::new());
    while opens.len() < 9 {
        match client.poll_output() {
            Some(Output::Open { conn, target }) => {
                opens.push((now.as_nanos() / 1_000_000, target.port));
                client.handle(now, Input::Closed { conn, cause: Cause::Refused });
            }
            Some(_) => {}
            None => {
                now = client.deadline().unwrap();
                client.handle(now, Input::Timeout);
            }
        }
    }
    let times: Vec<_> = opens.iter().map(|(at, _)| *at).collect();
    assert_eq!(times, [0, 0, 0, 1000, 1000, 1000, 2050, 2050, 2050]);
    for round in opens.chunks(3) {
        let mut ports: Vec<_> = round.iter().map(|(_, port)| *port).collect();
        ports.sort_unstable();
        assert_eq!(ports, [1, 2, 3]);
    }
}

#[test]
fn it_gives_up_when_told_to() {
    let mut config = one();
    config.connection_retry.give_up_after = Some(Duration::from_secs(3));
    let mut pair = Pair::with(1, config, MemberConfig::default());
    pair.refuse = true;
    let map = pair.invoker().map::<i32, i32>("m");
    let waiting = pair.submit(map.get(&1));
    pair.pass(Duration::from_secs(4));
    let refused = Failure::NotConnected(Cause::Targets([(target(), Cause::Refused)].into()));
    assert_eq!(pair.shut_down_with(), Some(Err(refused.into())));
    assert!(matches!(pair.take(&waiting), Some(Err(Error::Failure(Failure::NotConnected(_))))));
    let after = pair.submit(map.get(&1));
    pair.settle();
    assert_eq!(pair.take(&after), Some(Err(Failure::ShutDown.into())));
}

#[test]
fn a_cluster_of_another_name_is_an_error_and_no_endless_wait() {
    let member = MemberConfig::default();
    let mut config = one();
    config.cluster_name = "prod".into();
    let mut pair = Pair::with(2, config, member);
    pair.settle();
    let Some(Err(Error::Refused(refused))) = pair.shut_down_with() else { panic!() };
    assert_eq!((&*refused.cluster, refused.why), ("prod", Refusal::Credentials));
    assert_eq!(pair.member.connections(), 0);
}

#[test]
fn a_cluster_that_comes_back_with_another_id_is_told() {
    let mut script = Script::connected(one());
    let map =
        gridwire_core::invoker::Detached::new(gridwire_core::call::Caller::codec(&script.client))
            .map::<i32, i32>("m");
    script.submit(map.get(&1));
    let (id, _) = script.expect::<CreateProxy>();
    script.answer(id, &CreateProxyResponse {});
    let (id, _) = script.expect::<map::Get>();
    script.answer(id, &map::GetResponse { response: None });
    script.close(Cause::Eof);
    script.open();
    let (id, _) = script.expect::<Authentication>();
    let other = Uuid::new(8, 8);
    script.answer(
        id,
        &AuthenticationResponse { cluster_id: Some(other), partition_count: 17, ..accepted() },
    );
    // What was used is created there too.
    let (_, proxies) = script.expect::<CreateProxies>();
    assert_eq!(proxies.proxies, [("m".into(), "hz:impl:mapService".into())]);
    assert_eq!(script.client.partition_count(), 17);
    let states: Vec<_> = script
        .events
        .iter()
        .filter_map(|event| match event {
            ClientEvent::Lifecycle(state) => Some(*state),
            _ => None,
        })
        .collect();
    assert_eq!(states, [Lifecycle::Connected, Lifecycle::Disconnected, Lifecycle::ChangedCluster]);
}

#[test]
fn the_same_cluster_keeps_its_partition_count() {
    let mut script = Script::connected(one());
    script.close(Cause::Eof);
    script.open();
    let (id, _) = script.expect::<Authentication>();
    script.answer(id, &AuthenticationResponse { partition_count: 17, ..accepted() });
    let refusal = Refusal::PartitionCount { expected: 271, found: 17 };
    assert_eq!(script.refusal(), Some(refusal));
}

#[test]
fn members_get_a_connection_each_and_lose_it_when_they_leave() {
    let mut script = Script::connected(one());
    let first = script.conn;
    let other = Uuid::new(2, 2);
    // The view's correlation id is that of its request, the second one.
    let infos = vec![member(MEMBER, 5701), member(other, 5702)];
    script.event(2, &MembersViewEvent { version: 2, member_infos: infos.clone() });
    assert_eq!(script.opening.len(), 1);
    // A view that is no newer changes nothing.
    script.event(2, &MembersViewEvent { version: 2, member_infos: Vec::new() });
    assert_eq!(script.client.members().len(), 2);
    script.open();
    let second = script.conn;
    let (id, _) = script.expect::<Authentication>();
    script.answer(id, &AuthenticationResponse { member_uuid: Some(other), ..accepted() });
    assert!(!script.has_sent::<AddClusterViewListener>(), "one view is enough");
    // A member of another cluster at that address would be refused.
    script.conn = first;
    script.event(2, &partitions(2, other));
    assert_eq!(script.client.context().owner(0), Some(other));
    script.event(2, &MembersViewEvent { version: 3, member_infos: vec![member(MEMBER, 5701)] });
    assert_eq!(script.closed, [second]);
    // The view's connection goes, and the view moves.
    script.event(2, &MembersViewEvent { version: 4, member_infos: infos });
    script.open();
    let third = script.conn;
    let (id, _) = script.expect::<Authentication>();
    script.answer(id, &AuthenticationResponse { member_uuid: Some(other), ..accepted() });
    script.conn = first;
    script.close(Cause::Reset);
    let (id, _) = script.expect::<AddClusterViewListener>();
    assert_eq!(script.conn, third);
    // Versions count anew on another connection.
    let infos = vec![member(other, 5702)];
    script.event(id, &MembersViewEvent { version: 1, member_infos: infos });
    script.answer(id, &AddClusterViewListenerResponse {});
    assert_eq!(script.client.members().len(), 1);
    assert!(script.client.is_connected());
}

#[test]
fn a_member_of_another_cluster_is_refused() {
    let mut script = Script::connected(one());
    let other = Uuid::new(2, 2);
    let infos = vec![member(MEMBER, 5701), member(other, 5702)];
    script.event(2, &MembersViewEvent { version: 2, member_infos: infos });
    script.open();
    let (id, _) = script.expect::<Authentication>();
    let foreign = AuthenticationResponse {
        member_uuid: Some(other),
        cluster_id: Some(Uuid::new(3, 3)),
        ..accepted()
    };
    script.answer(id, &foreign);
    assert_eq!(script.closed, [script.conn]);
    assert!(script.client.is_connected());
    assert_eq!(script.client.context().cluster_id(), Some(CLUSTER));
}

fn accept(member: &mut Member) -> gridwire_core::endpoint::ConnId {
    member.accept(Instant::ZERO, ListenerId(0), &Peer::default()).unwrap()
}

fn close_of(member: &mut Member) -> bool {
    std::iter::from_fn(|| member.poll_output()).any(|output| matches!(output, Output::Close { .. }))
}

#[test]
fn the_member_trusts_strangers_with_little() {
    let strange: [&[u8]; 4] = [b"GET / HTTP/1.1", b"CB2", b"C", &PRELUDE];
    for (bytes, is_closed) in strange.into_iter().zip([true, true, false, false]) {
        let mut member = Member::start(MemberConfig::default(), start(1));
        let conn = accept(&mut member);
        let mut data = BytesMut::from(bytes);
        member.handle(Instant::ZERO, Input::Received { conn, data: &mut data });
        assert_eq!(close_of(&mut member), is_closed, "{bytes:?}");
        if !is_closed {
            let at = member.deadline().unwrap();
            assert_eq!(at, Instant::ZERO + MemberConfig::default().authentication_timeout);
            member.handle(at, Input::Timeout);
            assert!(close_of(&mut member));
        }
    }
    // More than 4,096 bytes before it is known who asks.
    let mut member = Member::start(MemberConfig::default(), start(1));
    let conn = accept(&mut member);
    let long = Authentication {
        cluster_name: "dev".into(),
        labels: vec!["x".repeat(5000).into()],
        ..Authentication::default()
    };
    let mut data = BytesMut::from(&PRELUDE[..]);
    data.extend_from_slice(&encoded(1, &long).into_bytes());
    member.handle(Instant::ZERO, Input::Received { conn, data: &mut data });
    assert!(close_of(&mut member));
    // A request of a stranger.
    let mut member = Member::start(MemberConfig::default(), start(1));
    let conn = accept(&mut member);
    let mut data = BytesMut::from(&PRELUDE[..]);
    data.extend_from_slice(&encoded(1, &Ping {}).into_bytes());
    member.handle(Instant::ZERO, Input::Received { conn, data: &mut data });
    assert!(close_of(&mut member));
}

#[test]
fn the_member_refuses_names_credentials_and_versions() {
    let asked = Authentication {
        cluster_name: "dev".into(),
        client_type: "PYH".into(),
        serialization_version: 1,
        client_hazelcast_version: "5.7.0".into(),
        ..Authentication::default()
    };
    let cases = [
        (asked.clone(), 0),
        (Authentication { cluster_name: "prod".into(), ..asked.clone() }, 1),
        (Authentication { username: Some("u".into()), ..asked.clone() }, 1),
        (Authentication { password: Some("p".into()), ..asked.clone() }, 1),
        (Authentication { serialization_version: 3, ..asked }, 2),
    ];
    for (asked, status) in cases {
        let mut member = Member::start(MemberConfig::default(), start(1));
        let conn = accept(&mut member);
        let mut data = BytesMut::from(&PRELUDE[..]);
        data.extend_from_slice(&encoded(1, &asked).into_bytes());
        member.handle(Instant::ZERO, Input::Received { conn, data: &mut data });
        let outputs: Vec<_> = std::iter::from_fn(|| member.poll_output()).collect();
        let answer = outputs
            .iter()
            .find_map(|output| match output {
                Output::Send { data, .. } => Some(data[0].clone()),
                _ => None,
            })
            .unwrap();
        let message = gridwire_core::hazelcast::Message::new(answer).unwrap();
        let (answer, _) =
            <AuthenticationResponse as gridwire_core::hazelcast::Payload>::decode(&message)
                .unwrap();
        assert_eq!(answer.status, status, "{asked:?}");
        let is_in = outputs
            .iter()
            .any(|output| matches!(output, Output::Event(MemberEvent::ClientConnected { .. })));
        assert_eq!(is_in, status == 0);
        assert_eq!(outputs.iter().any(|o| matches!(o, Output::Close { .. })), status != 0);
    }
}
