//! What a client counts: each number by something that happened, and all calls in exactly one place.
#![cfg(feature = "hazelcast")]

#[path = "hazelcast/mod.rs"]
mod world;

use std::time::Duration;

use gridwire_core::call::Caller;
use gridwire_core::endpoint::{Cause, Endpoint, Input};
use gridwire_core::hazelcast::error::ErrorCode;
use gridwire_core::hazelcast::message::client::*;
use gridwire_core::hazelcast::message::map;
use gridwire_core::hazelcast::{EntryEvents, Metrics, Structures, Uuid};
use gridwire_core::invoker::Detached;
use gridwire_core::metrics::{Report, Sample};
use world::Pair;
use world::script::{CLUSTER, Script, accepted, encoded, one};

fn is_whole(metrics: &Metrics) {
    let ended = metrics.calls_completed
        + metrics.calls_failed
        + metrics.calls_timed_out
        + metrics.calls_indeterminate
        + metrics.calls_cancelled;
    assert_eq!(metrics.calls_submitted, ended + metrics.calls_in_flight, "{metrics:?}");
    assert_eq!(metrics.call_times.count(), ended - metrics.calls_cancelled);
}

#[test]
fn each_end_of_a_call_is_counted_once() {
    let mut script = Script::connected(one());
    let map = Detached::new(script.client.codec()).map::<i32, i32>("m");
    script.submit(map.size());
    let (id, _) = script.expect::<CreateProxy>();
    script.answer(id, &CreateProxyResponse {});
    let (id, _) = script.expect::<map::Size>();
    script.now = script.now + Duration::from_millis(3);
    script.answer(id, &map::SizeResponse { response: 0 });
    let begun = script.client.metrics();
    is_whole(&begun);
    assert_eq!((begun.calls_submitted, begun.calls_completed, begun.calls_in_flight), (1, 1, 0));
    assert_eq!((begun.requests_sent, begun.requests_retried), (1, 0));
    assert_eq!(begun.call_times.max(), Duration::from_millis(3));
    assert_eq!((begun.connections_opened, begun.connections_active), (1, 1));

    // Refused by the member.
    script.submit(map.put(&1, &2));
    let (id, _) = script.expect::<map::Put>();
    script.error(id, ErrorCode::NULL_POINTER.0);
    assert_eq!(script.client.metrics().calls_failed, 1);
    // Sent twice.
    script.submit(map.put(&1, &2));
    let (id, _) = script.expect::<map::Put>();
    script.error(id, ErrorCode::PARTITION_MIGRATING.0);
    let (id, _) = script.expect::<map::Put>();
    script.answer(id, &map::PutResponse { response: None });
    let metrics = script.client.metrics();
    assert_eq!((metrics.requests_sent, metrics.requests_retried), (4, 1));
    assert_eq!(metrics.calls_completed, 2);
    // Out of time, and answered late; cancelled, and answered late.
    let ticket = script.submit(map.get(&1).timeout(Duration::from_millis(5)));
    let (late, _) = script.expect::<map::Get>();
    assert_eq!(script.client.metrics().calls_in_flight, 1);
    while script.done(ticket).is_none() {
        script.wait();
    }
    let cancelled = script.submit(map.get(&1));
    let (other, _) = script.expect::<map::Get>();
    script.client.cancel(script.now, cancelled);
    script.client.cancel(script.now, cancelled);
    for id in [late, other] {
        script.answer(id, &map::GetResponse { response: None });
    }
    let metrics = script.client.metrics();
    is_whole(&metrics);
    assert_eq!((metrics.calls_timed_out, metrics.calls_cancelled, metrics.late_answers), (1, 1, 2));
    // Its backup is never reported.
    let ticket = script.submit(map.put(&1, &2));
    let (id, _) = script.expect::<map::Put>();
    let mut answer = encoded(id, &map::PutResponse { response: None });
    answer.set_backup_acks(1);
    script.feed(&answer.into_bytes());
    while script.done(ticket).is_none() {
        script.wait();
    }
    assert_eq!(script.client.metrics().backups_missed, 1);
    // The connection goes in the middle of it; another call waits for the next one.
    script.submit(map.put(&1, &2));
    script.close(Cause::Reset);
    script.submit(map.size());
    let metrics = script.client.metrics();
    is_whole(&metrics);
    assert_eq!((metrics.calls_indeterminate, metrics.calls_in_flight), (1, 1));
    assert_eq!((metrics.requests_out, metrics.requests_parked), (1, 1));
    assert_eq!((metrics.connections_closed, metrics.connections_active), (1, 0));
    // Refused once, then let in by a cluster of another name.
    let conn = script.opening.pop_front().expect("it tries again");
    script.client.handle(script.now, Input::Closed { conn, cause: Cause::Refused });
    script.drain();
    while script.opening.is_empty() {
        script.wait();
    }
    script.open();
    let (id, _) = script.expect::<Authentication>();
    script.answer(id, &AuthenticationResponse { cluster_id: Some(Uuid::new(8, 8)), ..accepted() });
    let metrics = script.client.metrics();
    assert_ne!(CLUSTER, Uuid::new(8, 8));
    assert_eq!((metrics.connections_failed, metrics.cluster_changes), (1, 1));
    script.client.shut_down(script.now);
    let metrics = script.client.metrics();
    is_whole(&metrics);
    assert_eq!((metrics.calls_in_flight, metrics.connections_closed), (0, 2));
}

#[test]
fn bytes_events_and_heartbeats_are_counted() {
    let mut pair = Pair::connected(3);
    let map = pair.invoker().map::<i32, i32>("m");
    let heard = pair.subscribe(map.listen(EntryEvents::ALL, true));
    for n in 0..10 {
        pair.run(map.put(&n, &n)).unwrap();
    }
    let metrics = pair.client.metrics();
    is_whole(&metrics);
    assert_eq!((metrics.calls_submitted, metrics.calls_completed), (11, 11));
    assert_eq!((metrics.events_received, metrics.events_delivered), (10, 10));
    assert_eq!(metrics.late_answers, 0);
    assert!(metrics.bytes_out > 1_000 && metrics.bytes_in > 1_000, "{metrics:?}");
    pair.client.unsubscribe(pair.now, heard.id);
    pair.pass(Duration::from_secs(60));
    let idle = pair.client.metrics();
    assert!(idle.heartbeats_sent >= 5, "{idle:?}");
    assert_eq!(idle.late_answers, 0, "neither pongs nor the end of a listener");
    let conn = pair.connections()[0];
    pair.reset(conn);
    pair.pass(Duration::from_secs(5));
    let again = pair.client.metrics();
    assert_eq!((again.reconnects, again.cluster_changes), (1, 0));
    assert_eq!((again.connections_opened, again.connections_closed), (2, 1));
}

#[test]
fn every_number_has_a_name() {
    let pair = Pair::connected(4);
    let mut names = Vec::new();
    let mut times = 0;
    pair.client.metrics().each(&mut |name, help, sample| {
        assert!(name.starts_with("gridwire_hazelcast_") && help.ends_with('.'), "{name}: {help}");
        assert_eq!(name.ends_with("_total"), matches!(sample, Sample::Counter(_)), "{name}");
        times += u32::from(matches!(sample, Sample::Times(_)));
        names.push(name);
    });
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!((names.len(), times), (all, 1));
}
