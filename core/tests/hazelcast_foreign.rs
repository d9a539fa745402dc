//! Who else may be on the port, and what a member may say that can't be: an error that names the address
//! and what came there, in time, or the last good state is kept.
#![cfg(feature = "hazelcast")]

#[path = "hazelcast/mod.rs"]
mod world;

use std::time::Duration;

use gridwire_core::call::{Caller, Failure};
use gridwire_core::endpoint::{Cause, Target};
use gridwire_core::hazelcast::error::Violation;
use gridwire_core::hazelcast::message::client::*;
use gridwire_core::hazelcast::message::map;
use gridwire_core::hazelcast::{Config, Error, Structures, Uuid};
use gridwire_core::invoker::Detached;
use gridwire_core::time::Instant;
use world::script::{MEMBER, Script, accepted, encoded, member, one, partitions};

const OTHER: Uuid = Uuid::new(2, 2);

/// Gives up when its targets have failed.
fn once() -> Config {
    let mut config = one();
    config.connection_retry.give_up_after = Some(Duration::ZERO);
    config
}

fn end(script: &Script) -> String {
    let Some(Err(error)) = script.shut_down_with() else { panic!("{}", script.notes()) };
    error.to_string()
}

#[test]
fn other_protocols_are_named() {
    let foreign: [(&[u8], &str); 6] = [
        (b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "a web server"),
        // An alert: no TLS that this side could speak.
        (&[0x15, 3, 3, 0, 2, 2, 0x46], "TLS, which this client was not told to use"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "a protocol of text"),
        (b"-ERR unknown command 'CP2('\r\n", "a protocol of text"),
        (b"220 mail.example.org ESMTP\r\n", "a protocol of text"),
        (b"ERROR\r\n", "a protocol of text"),
    ];
    for (bytes, found) in foreign {
        for piece in [bytes.len(), 1] {
            let mut script = Script::opened(once());
            for bytes in bytes.chunks(piece) {
                if script.closed.is_empty() {
                    script.feed(bytes);
                }
            }
            assert_eq!(script.closed, [script.conn]);
            while script.shut_down_with().is_none() {
                assert!(script.wait());
            }
            let end = end(&script);
            assert!(end.contains("127.0.0.1:5701: protocol violation"), "{end}");
            assert!(end.contains(found) && end.contains("member of 4.0 or later"), "{end}");
        }
    }
}

#[test]
fn who_hangs_up_may_be_no_member() {
    // So do brokers of Kafka's, and members of 3.x.
    for cause in [Cause::Eof, Cause::Reset] {
        let mut script = Script::opened(once());
        script.close(cause.clone());
        let end = end(&script);
        let wanted = format!("127.0.0.1:5701: {cause} before it let the client in");
        assert!(end.contains(&wanted) && end.contains("4.0 or later was expected"), "{end}");
    }
}

#[test]
fn a_start_ends_in_the_time_that_is_given_for_it() {
    for (targets, limit) in [(1, 5_000), (3, 7_000)] {
        let mut config = Config::new((0..targets).map(|n| Target::new("127.0.0.1", 5701 + n)));
        config.connection_retry.give_up_after = Some(Duration::from_secs(5));
        let mut script = Script::opened(config);
        while script.shut_down_with().is_none() {
            assert!(script.wait());
            // Each accepts, and says nothing.
            while !script.opening.is_empty() {
                script.open();
            }
        }
        assert_eq!(script.now, Instant::from_millis(limit), "{targets}");
        let end = end(&script);
        assert_eq!(
            end.matches("timed out waiting to be let in").count(),
            usize::from(targets),
            "{end}"
        );
    }
    // Nobody even says that the connection stands; and the cluster is never shown.
    let mut config = one();
    config.connection_retry.give_up_after = Some(Duration::from_secs(3));
    let mut script = Script::opened(config);
    let (id, _) = script.expect::<Authentication>();
    script.answer(id, &accepted());
    while script.shut_down_with().is_none() {
        assert!(script.wait());
        script.opening.clear();
    }
    assert!(script.now <= Instant::from_millis(4_000), "{:?}", script.now);
}

#[test]
fn a_refusal_names_the_member_and_the_cluster() {
    let mut config = one();
    config.cluster_name = "prod".into();
    let mut script = Script::opened(config);
    let (id, _) = script.expect::<Authentication>();
    let refused = AuthenticationResponse { status: 1, ..AuthenticationResponse::default() };
    script.answer(id, &refused);
    let end = end(&script);
    let wanted = "127.0.0.1:5701 does not let this client into cluster prod: wrong cluster name";
    assert!(end.starts_with(wanted), "{end}");
}

#[test]
fn each_target_that_failed_is_named_with_its_cause() {
    let targets: Vec<_> = (0..3).map(|n| Target::new("127.0.0.1", 5701 + n)).collect();
    let mut config = Config::new(targets.clone());
    config.shuffle_member_list = false;
    config.connection_retry.give_up_after = Some(Duration::ZERO);
    let mut script = Script::opened(config);
    script.feed(b"HTTP/1.0 200 OK\r\n");
    script.conn = script.opening.pop_front().unwrap();
    script.close(Cause::Refused);
    script.open();
    script.close(Cause::Eof);
    let Some(Err(Error::Failure(Failure::NotConnected(Cause::Targets(each))))) =
        script.shut_down_with()
    else {
        panic!("{}", script.notes());
    };
    assert_eq!(each.iter().map(|(target, _)| target.clone()).collect::<Vec<_>>(), targets);
    assert_eq!(each[1].1, Cause::Refused);
    assert!(each[0].1.to_string().contains("a web server"));
}

/// A client that knows two members and has a connection to each.
fn two(owners: Vec<(Uuid, Vec<i32>)>) -> Script {
    let mut script = Script::opened(one());
    let (id, _) = script.expect::<Authentication>();
    script.answer(id, &accepted());
    let (views, _) = script.expect::<AddClusterViewListener>();
    let member_infos = vec![member(MEMBER, 5701), member(OTHER, 5702)];
    script.event(views, &MembersViewEvent { version: 7, member_infos });
    script.event(views, &PartitionsViewEvent { version: 7, partitions: owners });
    script.answer(views, &AddClusterViewListenerResponse {});
    let (id, _) = script.expect::<LocalBackupListener>();
    script.answer(id, &LocalBackupListenerResponse { response: Uuid::new(5, 5) });
    let first = script.conn;
    script.open();
    let (id, _) = script.expect::<Authentication>();
    script.answer(id, &AuthenticationResponse { member_uuid: Some(OTHER), ..accepted() });
    let (id, _) = script.expect::<LocalBackupListener>();
    script.answer(id, &LocalBackupListenerResponse { response: Uuid::new(5, 6) });
    script.conn = first;
    script
}

/// The number under which the views come: that of the first listener.
const VIEWS: i64 = 2;

#[test]
fn tables_with_holes_and_unknown_members_are_lived_with() {
    let unknown = Uuid::new(66, 66);
    // Even partitions are nobody's; a third of the others belong to a member that is not listed; and
    // there are numbers that no partition has.
    let part = |rest| (0..271).filter(|n| n % 2 == 1 && n % 3 == rest).collect::<Vec<_>>();
    let mut strange = part(0);
    strange.extend([-1, 271, i32::MAX, i32::MIN]);
    let mut script = two(vec![(MEMBER, strange), (OTHER, part(1)), (unknown, part(2))]);
    let map = Detached::new(script.client.codec()).map::<i32, i32>("m");
    script.submit(map.size());
    let (id, _) = script.expect::<CreateProxy>();
    script.answer(id, &CreateProxyResponse {});
    let (id, _) = script.expect::<map::Size>();
    script.answer(id, &map::SizeResponse { response: 0 });
    for key in 0..200 {
        let ticket = script.submit(map.get(&key));
        let (id, _) = script.expect::<map::Get>();
        script.answer(id, &map::GetResponse { response: None });
        assert!(matches!(script.done(ticket), Some(Ok(_))), "{key}");
    }
    assert!(script.closed.is_empty() && script.client.is_connected());
}

#[test]
fn older_views_and_empty_ones_are_not_believed() {
    let mut script = two(partitions(1, MEMBER).partitions);
    let is_kept = |script: &Script| {
        let context = script.client.context();
        assert_eq!(context.members().len(), 2);
        assert!((0..271).all(|partition| context.owner(partition) == Some(MEMBER)));
    };
    for version in [i32::MIN, -1, 0, 6, 7] {
        script.event(VIEWS, &PartitionsViewEvent { version, ..partitions(0, OTHER) });
        let member_infos = vec![member(OTHER, 5702)];
        script.event(VIEWS, &MembersViewEvent { version, member_infos });
        is_kept(&script);
    }
    script.event(VIEWS, &PartitionsViewEvent { version: 8, partitions: Vec::new() });
    script.event(VIEWS, &MembersViewEvent { version: 8, member_infos: Vec::new() });
    is_kept(&script);
    assert!(script.closed.is_empty());
    script.event(VIEWS, &partitions(9, OTHER));
    assert_eq!(script.client.context().owner(3), Some(OTHER));
}

#[test]
fn views_of_another_connection_than_asked_are_a_violation() {
    let mut script = two(partitions(1, MEMBER).partitions);
    // The second connection sends what only the first was asked for.
    let first = script.conn;
    script.conn = script.connections().into_iter().find(|conn| *conn != first).unwrap();
    let second = script.conn;
    script.received.clear();
    script.event(VIEWS, &partitions(9, OTHER));
    assert_eq!(script.closed, [second]);
    assert!(script.notes().contains("on another connection than its request"));
    assert_eq!(script.client.context().owner(3), Some(MEMBER));
}

#[test]
fn an_answer_for_another_call_is_the_members_fault() {
    let mut script = two(partitions(1, MEMBER).partitions);
    let map = Detached::new(script.client.codec()).map::<i32, i32>("m");
    script.submit(map.size());
    let (id, _) = script.expect::<CreateProxy>();
    script.answer(id, &CreateProxyResponse {});
    let (id, _) = script.expect::<map::Size>();
    script.answer(id, &map::SizeResponse { response: 0 });
    let (get, put) = (script.submit(map.get(&1)), script.submit(map.put(&1, &2)));
    let ((first, _), (second, _)) = (script.expect::<map::Get>(), script.expect::<map::Put>());
    // Each gets the other's answer.
    script.answer(first, &map::PutResponse { response: None });
    script.answer(second, &map::GetResponse { response: None });
    for (ticket, name) in [(get, "Map.get"), (put, "Map.put")] {
        let Some(Err(Error::Violation(violation))) = script.done(ticket) else { panic!() };
        let Violation::AnswerType { method, .. } = violation else { panic!("{violation}") };
        assert_eq!(method, name);
        assert!(violation.to_string().contains("was answered with message type"));
    }
    // A second answer to either is late.
    script.feed(&encoded(first, &map::GetResponse { response: None }).into_bytes());
    assert!(script.closed.is_empty());
    assert_eq!(script.client.metrics().late_answers, 1);
}
