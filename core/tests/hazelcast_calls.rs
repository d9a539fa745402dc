//! Calls: retries, truth about what was sent, backups, limits, listeners.
#![cfg(feature = "hazelcast")]

#[path = "hazelcast/mod.rs"]
mod world;

use std::time::Duration;

use gridwire_core::call::{Call, Caller, ClientEvent, Failure, SubscriptionId, Ticket};
use gridwire_core::endpoint::{Cause, ConnId, Endpoint, Input};
use gridwire_core::hazelcast::error::{ErrorCode, Retry, Violation};
use gridwire_core::hazelcast::frame::flags;
use gridwire_core::hazelcast::message::client::*;
use gridwire_core::hazelcast::message::map;
use gridwire_core::hazelcast::{
    Answer, EntryEvents, Error, Hazelcast, Map, Reconnect, Structures, Uuid,
};
use gridwire_core::invoker::Detached;
use gridwire_core::time::Instant;
use world::Pair;
use world::script::{Script, encoded, one};

type Numbers = Map<i32, i32, Detached<Hazelcast>>;

/// A map that exists already.
fn ready(script: &mut Script) -> Numbers {
    let map = Detached::new(script.client.codec()).map::<i32, i32>("m");
    let ticket = script.submit(map.size());
    let (id, request) = script.expect::<CreateProxy>();
    assert_eq!((&*request.name, &*request.service_name), ("m", "hz:impl:mapService"));
    assert!(!script.has_sent::<map::Size>(), "it waits until the map exists");
    script.answer(id, &CreateProxyResponse {});
    let (id, _) = script.expect::<map::Size>();
    script.answer(id, &map::SizeResponse { response: 0 });
    assert!(matches!(script.done(ticket), Some(Ok(_))));
    map
}

/// Listens to what is added to the map.
fn listen(script: &mut Script) -> (Ticket, SubscriptionId) {
    let map = Detached::new(script.client.codec()).map::<i32, i32>("m");
    let listen = map.listen(EntryEvents::ADDED, false);
    let ids = script.client.subscribe(script.now, listen.listen);
    script.drain();
    ids
}

fn failure(script: &Script, ticket: Ticket) -> Error {
    script.done(ticket).expect("it has ended").expect_err("it has failed")
}

#[test]
fn requests_go_to_their_partition_under_ids_of_the_whole_client() {
    let mut script = Script::connected(one());
    let map = ready(&mut script);
    script.submit(map.put(&1, &2));
    let (_, message) = script.sent.back().unwrap();
    let id = message.correlation_id();
    // As Java has it: Integer 1 is in partition 217 of 271.
    let key = script.client.codec().to_data(&1).unwrap();
    let partition = script.client.context().partition(&key);
    assert_eq!(message.partition_id(), partition.cast_signed());
    assert_ne!(message.flags() & flags::IS_BACKUP_AWARE, 0);
    script.submit(map.size());
    let (_, message) = script.sent.back().unwrap();
    assert_eq!((message.correlation_id(), message.partition_id()), (id + 1, -1));
    script.close(Cause::Eof);
    script.open();
    let (next, _) = script.expect::<Authentication>();
    assert!(next > id + 1, "ids go on after a reconnect");
}

#[test]
fn retryable_errors_are_tried_again_under_new_ids_at_once_and_then_slowly() {
    for (code, is_retried) in [
        (ErrorCode::PARTITION_MIGRATING, true),
        (ErrorCode::WRONG_TARGET, true),
        (ErrorCode::HAZELCAST_INSTANCE_NOT_ACTIVE, true),
        // Not known to be harmless for a put.
        (ErrorCode::TARGET_DISCONNECTED, false),
        (ErrorCode::IO, false),
        (ErrorCode::NULL_POINTER, false),
        (ErrorCode(4242), false),
    ] {
        let mut script = Script::connected(one());
        let map = ready(&mut script);
        let ticket = script.submit(map.put(&1, &2));
        let (mut last, _) = script.expect::<map::Put>();
        script.error(last, code.0);
        if !is_retried {
            let Error::Remote(error) = failure(&script, ticket) else { panic!() };
            assert_eq!((error.code, &*error.class), (code, "some.Class"));
            continue;
        }
        assert_eq!(code.retry(), Retry::Always);
        let began = script.now;
        for attempt in 2..=12 {
            while !script.has_sent::<map::Put>() {
                assert!(attempt > 6, "the first five times at once");
                assert!(script.wait());
            }
            let (id, put) = script.expect::<map::Put>();
            assert!(id > last);
            assert_eq!(put.name, "m");
            last = id;
            if attempt < 12 {
                script.error(id, code.0);
            }
        }
        // 1, 2, 4 … ms.
        assert_eq!(script.now - began, Duration::from_millis(1 + 2 + 4 + 8 + 16 + 32));
        script.answer(last, &map::PutResponse { response: None });
        assert!(script.done(ticket).unwrap().is_ok());
    }
}

#[test]
fn retries_end_with_the_call_s_time() {
    let mut script = Script::connected(one());
    let map = ready(&mut script);
    let ticket = script.submit(map.get(&1).timeout(Duration::from_secs(9)));
    let began = script.now;
    while script.done(ticket).is_none() {
        if script.has_sent::<map::Get>() {
            let (id, _) = script.expect::<map::Get>();
            script.error(id, ErrorCode::PARTITION_MIGRATING.0);
        } else {
            script.wait();
        }
    }
    assert_eq!(script.now - began, Duration::from_secs(9));
    assert_eq!(failure(&script, ticket), Failure::TimedOut { sent: true }.into());
    assert_eq!(script.client.in_flight(), 0);
}

#[test]
fn what_may_have_been_done_is_not_done_twice() {
    let mut script = Script::connected(one());
    let map = ready(&mut script);
    let (put, get) = (script.submit(map.put(&1, &2)), script.submit(map.get(&1)));
    // Nothing of this one is taken by the transport.
    script.takes = false;
    let unsent = script.submit(map.put(&3, &4));
    script.sent.clear();
    script.close(Cause::Reset);
    script.takes = true;
    assert_eq!(failure(&script, put), Failure::Indeterminate(Cause::Reset).into());
    assert!(script.done(get).is_none() && script.done(unsent).is_none());
    script.open();
    script.let_in();
    let (id, _) = script.expect::<map::Get>();
    script.answer(id, &map::GetResponse { response: None });
    let (id, again) = script.expect::<map::Put>();
    script.answer(id, &map::PutResponse { response: None });
    assert_eq!(script.client.codec().to_value::<i32>(&again.key).unwrap(), 3);
    assert!(script.done(get).unwrap().is_ok());
    assert!(script.done(unsent).unwrap().is_ok());
}

/// When the client itself gives a connection up, somebody may be writing what it had handed out.
#[test]
fn what_may_be_on_its_way_when_a_silent_member_is_given_up_is_not_done_twice() {
    let mut config = one();
    config.heartbeat_timeout = Duration::from_secs(3);
    let mut script = Script::connected(config);
    let map = ready(&mut script);
    script.takes = false;
    let handed_out = script.submit(map.put(&1, &2));
    let get = script.submit(map.get(&1));
    let conn = script.conn;
    let began = script.now;
    while script.closed != [conn] {
        assert!(script.wait());
    }
    assert!(script.now - began <= Duration::from_secs(3));
    assert_eq!(failure(&script, handed_out), Failure::Indeterminate(Cause::TimedOut).into());
    assert!(script.done(get).is_none(), "it is asked again");
}

#[test]
fn unless_the_user_allows_it() {
    let mut config = one();
    config.redo_operation = true;
    let mut script = Script::connected(config);
    let map = ready(&mut script);
    let put = script.submit(map.put(&1, &2));
    script.expect::<map::Put>();
    script.close(Cause::Reset);
    assert!(script.done(put).is_none());
    script.open();
    script.let_in();
    let (id, _) = script.expect::<map::Put>();
    script.answer(id, &map::PutResponse { response: None });
    assert!(script.done(put).unwrap().is_ok());
}

#[test]
fn what_may_have_been_done_is_never_said_not_to_be() {
    let mut config = one();
    (config.redo_operation, config.reconnect) = (true, Reconnect::Async);
    let mut script = Script::connected(config);
    let map = ready(&mut script);
    let sent = script.submit(map.put(&1, &2));
    script.takes = false;
    let unsent = script.submit(map.put(&3, &4));
    script.close(Cause::Reset);
    // Neither can be sent again, with nobody there.
    let (sent, unsent) = (failure(&script, sent), failure(&script, unsent));
    assert!(matches!(sent, Error::Failure(Failure::Indeterminate(_))), "{sent:?}");
    assert!(matches!(unsent, Error::Failure(Failure::NotConnected(_))), "{unsent:?}");
}

#[test]
fn an_answer_with_an_id_never_given_out_ends_the_connection() {
    for id in [1_000, -1, i64::MIN, i64::MAX] {
        let mut script = Script::connected(one());
        let map = ready(&mut script);
        let ticket = script.submit(map.get(&1));
        script.answer(id, &map::GetResponse { response: None });
        assert_eq!(script.closed, [script.conn]);
        assert!(script.notes().contains("never given out"), "{}", script.notes());
        assert!(script.done(ticket).is_none(), "harmless: it goes out again");
    }
}

#[test]
fn a_late_answer_is_dropped() {
    let mut script = Script::connected(one());
    let map = ready(&mut script);
    let ticket = script.submit(map.get(&1).timeout(Duration::from_millis(5)));
    let (id, _) = script.expect::<map::Get>();
    while script.done(ticket).is_none() {
        script.wait();
    }
    assert_eq!(failure(&script, ticket), Failure::TimedOut { sent: true }.into());
    let cancelled = script.submit(map.get(&1));
    let (other, _) = script.expect::<map::Get>();
    script.client.cancel(script.now, cancelled);
    for id in [id, other, 0] {
        script.answer(id, &map::GetResponse { response: None });
    }
    assert!(script.closed.is_empty());
    assert!(script.done(cancelled).is_none());
}

#[test]
fn an_answer_of_the_wrong_type_fails_its_call() {
    let mut script = Script::connected(one());
    let map = ready(&mut script);
    let ticket = script.submit(map.get(&1));
    let (id, _) = script.expect::<map::Get>();
    script.answer(id, &map::SizeResponse { response: 1 });
    let violation =
        Violation::AnswerType { method: "Map.get", expected: 0x010201, found: 0x012a01 };
    assert_eq!(failure(&script, ticket), Error::Violation(violation));
    // Of the engine's own requests: the connection is of no use.
    let mut script = Script::opened(one());
    let (id, _) = script.expect::<Authentication>();
    script.answer(id, &map::SizeResponse { response: 1 });
    assert_eq!(script.closed, [script.conn]);
}

#[test]
fn an_answer_that_cannot_be_read_fails_its_call_alone() {
    let mut script = Script::connected(one());
    let map = ready(&mut script);
    let call = map.get(&1);
    let ticket = script.client.submit(script.now, call.order);
    script.drain();
    let (id, _) = script.expect::<map::Get>();
    // The answer of `size` under the type of `get` has no frame with a value.
    let mut answer = encoded(id, &map::SizeResponse { response: 1 }).into_bytes().to_vec();
    answer[6..10].copy_from_slice(&0x010201u32.to_le_bytes());
    script.feed(&answer);
    let answer = script.done(ticket).unwrap().unwrap();
    assert!(call.opener.open(&answer, &script.client.codec()).is_err());
    assert!(script.closed.is_empty());
}

#[test]
fn backups_are_awaited_whatever_comes_first() {
    let mut script = Script::connected(one());
    let map = ready(&mut script);
    let listener = 3;
    let backup = |of| BackupEvent { source_invocation_correlation_id: of };
    let answered = |script: &mut Script, id| {
        let mut message = encoded(id, &map::PutResponse { response: None });
        message.set_backup_acks(2);
        script.feed(&message.into_bytes());
    };
    // The answer first, then the backups.
    let ticket = script.submit(map.put(&1, &2));
    let (id, _) = script.expect::<map::Put>();
    answered(&mut script, id);
    script.event(listener, &backup(id));
    assert!(script.done(ticket).is_none());
    script.event(listener, &backup(id));
    assert!(script.done(ticket).unwrap().is_ok());
    // The other way round.
    let ticket = script.submit(map.put(&1, &2));
    let (id, _) = script.expect::<map::Put>();
    script.event(listener, &backup(id));
    script.event(listener, &backup(id));
    answered(&mut script, id);
    assert!(script.done(ticket).unwrap().is_ok());
    // Backups that are never reported: after 5 s the call ends all the same.
    let ticket = script.submit(map.put(&1, &2));
    let (id, _) = script.expect::<map::Put>();
    answered(&mut script, id);
    script.event(listener, &backup(id));
    let began = script.now;
    while script.done(ticket).is_none() {
        script.wait();
    }
    assert_eq!(script.now - began, Duration::from_secs(5));
    assert!(script.done(ticket).unwrap().is_ok());
    // The connection goes while backups are awaited: it was done.
    let ticket = script.submit(map.put(&1, &2));
    let (id, _) = script.expect::<map::Put>();
    answered(&mut script, id);
    // Unknown and ended ids do no harm.
    script.event(listener, &backup(1));
    script.event(listener, &backup(1 << 40));
    script.close(Cause::Eof);
    assert!(script.done(ticket).unwrap().is_ok());
}

#[test]
fn too_much_at_once_is_refused_and_room_is_told() {
    let mut config = one();
    config.links.high_water = 4096;
    let mut script = Script::connected(config);
    let map = Detached::new(script.client.codec()).map::<i32, Vec<u8>>("m");
    let ticket = script.submit(map.size());
    let (id, _) = script.expect::<CreateProxy>();
    script.answer(id, &CreateProxyResponse {});
    script.takes = false;
    let value = vec![0u8; 1500];
    let tickets: Vec<_> = (0..6).map(|_| script.submit(map.put(&1, &value))).collect();
    let refused: Vec<_> = tickets.iter().map(|ticket| script.done(*ticket).is_some()).collect();
    assert_eq!(refused, [false, false, false, true, true, true]);
    assert!(matches!(failure(&script, tickets[5]), Error::Failure(Failure::Overloaded(_))));
    assert!(!script.events.iter().any(|event| matches!(event, ClientEvent::Room(_))));
    let conn = script.conn;
    script.client.handle(script.now, Input::Sent { conn, bytes: 4000 });
    script.drain();
    assert!(script.events.iter().any(|event| matches!(event, ClientEvent::Room(_))));
    let fits = script.submit(map.put(&1, &value));
    assert!(script.done(fits).is_none());
    // One call of many parts is sent whole, or not at all.
    script.client.handle(script.now, Input::Sent { conn, bytes: 3000 });
    let entries: Vec<_> = (0..100).collect();
    let all = script.submit(map.put_all(entries.iter().map(|key| (key, &value))));
    assert!(script.done(all).is_none());
    let none = script.submit(map.put_all(entries.iter().map(|key| (key, &value))));
    assert!(matches!(failure(&script, none), Error::Failure(Failure::Overloaded(_))));
    let _ = ticket;
}

#[test]
fn calls_wait_for_a_connection_and_within_limits() {
    let mut pair = Pair::new(5);
    let map = pair.invoker().map::<i32, i32>("m");
    let (put, get) = (pair.submit(map.put(&1, &2)), pair.submit(map.get_all([&1, &2, &3])));
    pair.settle();
    assert_eq!(pair.take(&put), Some(Ok(None)));
    assert_eq!(pair.take(&get).unwrap().unwrap(), [(1, 2)]);

    let mut pair = Pair::new(6);
    pair.refuse = true;
    let map = pair.invoker().map::<i32, Vec<u8>>("m");
    let value = vec![0u8; 100_000];
    let calls: Vec<_> = (0..20).map(|_| pair.submit(map.put(&1, &value))).collect();
    pair.settle();
    let refused: Vec<_> = calls.iter().filter_map(|call| pair.take(call)).collect();
    assert!(!refused.is_empty() && refused.len() < 20);
    // Those that wait end with their time.
    pair.pass(Duration::from_secs(121));
    let timed_out: Vec<_> = calls.iter().filter_map(|call| pair.take(call)).collect();
    assert_eq!(timed_out.len() + refused.len(), 20);
    let failure = Err(Failure::TimedOut { sent: false }.into());
    assert!(timed_out.iter().all(|end| *end == failure));
    assert_eq!(pair.client.in_flight(), 0);
}

#[test]
fn listeners_are_registered_again_and_keep_their_id() {
    let mut pair = Pair::connected(8);
    let map = pair.invoker().map::<i32, i32>("m");
    let heard = pair.subscribe(map.listen(EntryEvents::ALL, true));
    pair.run(map.put(&1, &1)).unwrap();
    assert_eq!(pair.items(&heard).len(), 1);
    for round in 0..3 {
        let conn = pair.connections()[0];
        pair.reset(conn);
        pair.settle();
        assert!(pair.client.is_connected(), "{}", pair.notes());
        pair.run(map.put(&1, &round)).unwrap();
        let items = pair.items(&heard);
        assert_eq!(items.len(), 1, "once, from one registration");
        assert_eq!(items[0].value, Some(round));
    }
    pair.client.unsubscribe(pair.now, heard.id);
    pair.settle();
    pair.run(map.put(&1, &9)).unwrap();
    assert!(pair.items(&heard).is_empty());
    let conn = pair.connections()[0];
    pair.reset(conn);
    pair.settle();
    pair.run(map.put(&1, &9)).unwrap();
    assert!(pair.items(&heard).is_empty());
}

#[test]
fn a_subscription_that_is_ended_while_its_structure_is_created_leaves_nothing_behind() {
    let mut script = Script::connected(one());
    let (ticket, id) = listen(&mut script);
    let (creation, _) = script.expect::<CreateProxy>();
    script.client.unsubscribe(script.now, id);
    script.answer(creation, &CreateProxyResponse {});
    assert!(!script.has_sent::<map::AddEntryListener>());
    assert!(failure(&script, ticket).to_string().contains("unsubscribed"));
    assert_eq!(script.client.in_flight(), 0);
}

#[test]
fn a_subscription_that_is_ended_early_is_removed_when_its_answer_comes() {
    let mut script = Script::connected(one());
    ready(&mut script);
    let (ticket, id) = listen(&mut script);
    let (correlation, request) = script.expect::<map::AddEntryListener>();
    assert_eq!(
        (request.listener_flags, request.local_only, request.include_value),
        (1, true, false)
    );
    script.client.unsubscribe(script.now, id);
    script.drain();
    assert!(failure(&script, ticket).to_string().contains("unsubscribed"));
    let registration = Uuid::new(4, 4);
    script.answer(correlation, &map::AddEntryListenerResponse { response: registration });
    let (_, removed) = script.expect::<map::RemoveEntryListener>();
    assert_eq!(removed.registration_id, registration);
    script.event(correlation, &map::EntryEvent::default());
    assert!(!script.events.iter().any(|event| matches!(event, ClientEvent::Item(..))));
    assert!(script.closed.is_empty());
}

#[test]
fn a_listener_that_is_refused_fails_its_subscription() {
    let mut script = Script::connected(one());
    ready(&mut script);
    let (ticket, _) = listen(&mut script);
    let (correlation, _) = script.expect::<map::AddEntryListener>();
    script.error(correlation, ErrorCode::SECURITY.0);
    assert_eq!(failure(&script, ticket).code(), Some(ErrorCode::SECURITY));
    assert_eq!(script.client.in_flight(), 0);
}

#[test]
fn a_subscription_whose_structure_cannot_be_created_leaves_nothing_behind() {
    let mut script = Script::connected(one());
    let (ticket, _) = listen(&mut script);
    let (creation, _) = script.expect::<CreateProxy>();
    script.error(creation, ErrorCode::SECURITY.0);
    assert_eq!(failure(&script, ticket).code(), Some(ErrorCode::SECURITY));
    assert_eq!(script.client.load().subscriptions, 0);

    // Nor does one that comes while there is no connection to wait for.
    let mut config = one();
    config.reconnect = Reconnect::Async;
    let mut script = Script::connected(config);
    script.close(Cause::Reset);
    let (ticket, _) = listen(&mut script);
    let error = failure(&script, ticket);
    assert!(matches!(error, Error::Failure(Failure::NotConnected(_))), "{error}");
    assert_eq!(script.client.load().subscriptions, 0);
}

#[test]
fn a_structure_that_cannot_be_created_fails_what_needs_it() {
    let mut script = Script::connected(one());
    let map = Detached::new(script.client.codec()).map::<i32, i32>("m");
    let tickets = [script.submit(map.size()), script.submit(map.get(&1))];
    let (id, _) = script.expect::<CreateProxy>();
    assert!(!script.has_sent::<CreateProxy>(), "asked for once");
    script.error(id, ErrorCode::HAZELCAST.0);
    for ticket in tickets {
        assert_eq!(failure(&script, ticket).code(), Some(ErrorCode::HAZELCAST));
    }
    // The next one asks again.
    script.submit(map.size());
    script.expect::<CreateProxy>();
}

#[test]
fn shutting_down_ends_everything_once() {
    let mut pair = Pair::connected(9);
    let map = pair.invoker().map::<i32, i32>("m");
    let heard = pair.subscribe(map.listen(EntryEvents::ALL, true));
    let calls: Vec<_> = (0..5).map(|n| pair.submit(map.put(&n, &n))).collect();
    let all = pair.submit(map.put_all([(&1, &1), (&2, &2)]));
    pair.client.shut_down(pair.now);
    pair.client.shut_down(pair.now);
    pair.settle();
    for call in &calls {
        assert_eq!(pair.take(call), Some(Err(Failure::ShutDown.into())));
    }
    assert_eq!(pair.take(&all), Some(Err(Failure::ShutDown.into())));
    assert!(pair.events.iter().any(|event| matches!(event,
        ClientEvent::Ended(id, Err(_)) if *id == heard.id)));
    assert!(matches!(pair.events.last(), Some(ClientEvent::ShutDown(Ok(())))));
    assert_eq!(pair.client.deadline(), None);
    assert_eq!(pair.member.connections(), 0);
    let late = pair.submit(map.get(&1));
    pair.settle();
    assert_eq!(pair.take(&late), Some(Err(Failure::ShutDown.into())));
}

#[test]
fn an_abandoned_put_that_succeeds_late_is_undone() {
    let mut script = Script::connected(one());
    let map = ready(&mut script);
    let same = map.clone();
    let undo = move |_: &Answer| Some(same.delete(&1).order.plan);
    let ticket = script.submit(map.put(&1, &2).undo(undo));
    let (id, _) = script.expect::<map::Put>();
    script.client.cancel(script.now, ticket);
    script.drain();
    script.answer(id, &map::PutResponse { response: None });
    script.expect::<map::Delete>();
    assert!(script.done(ticket).is_none());
}

#[test]
fn time_that_runs_backwards_and_stale_ids_do_no_harm() {
    let mut pair = Pair::connected(10);
    pair.pass(Duration::from_secs(30));
    let map = pair.invoker().map::<i32, i32>("m");
    let call: Call<Hazelcast, _> = map.put(&1, &1);
    let ticket = pair.client.submit(Instant::ZERO, call.order);
    for bits in [0, 1, 1 << 32, u64::MAX] {
        let conn = ConnId::from_u64(bits);
        pair.client.handle(Instant::ZERO, Input::Sent { conn, bytes: 7 });
        let mut data = bytes::BytesMut::from(&[0xff; 64][..]);
        if !pair.connections().contains(&conn) {
            pair.client.handle(Instant::ZERO, Input::Received { conn, data: &mut data });
            pair.client.handle(Instant::ZERO, Input::Closed { conn, cause: Cause::Eof });
        }
    }
    pair.settle();
    assert!(pair.events.iter().any(|event| matches!(event,
        ClientEvent::Done(done, Ok(Answer::Message { .. })) if *done == ticket)));
}
