//! Limits on calls in flight: what comes above them is refused, or waits its turn.
#![cfg(feature = "hazelcast")]

#[path = "hazelcast/mod.rs"]
mod world;

use std::time::Duration;

use gridwire_core::call::{Caller, Failure, Ticket};
use gridwire_core::endpoint::{Cause, Endpoint};
use gridwire_core::hazelcast::message::client::*;
use gridwire_core::hazelcast::message::map;
use gridwire_core::hazelcast::{Config, EntryEvents, Error, Hazelcast, Map, Structures};
use gridwire_core::invoker::Detached;
use world::Pair;
use world::script::{Script, one};

fn limited(most: usize, wait: Option<Duration>) -> Config {
    let mut config = one();
    config.max_concurrent_invocations = most;
    config.invocation_backoff_timeout = wait;
    config
}

/// Connected, with a map that exists.
fn ready(config: Config) -> (Script, Map<i32, i32, Detached<Hazelcast>>) {
    let mut script = Script::connected(config);
    let map = Detached::new(script.client.codec()).map::<i32, i32>("m");
    script.submit(map.size());
    let (id, _) = script.expect::<CreateProxy>();
    script.answer(id, &CreateProxyResponse {});
    let (id, _) = script.expect::<map::Size>();
    script.answer(id, &map::SizeResponse { response: 0 });
    (script, map)
}

fn overloaded(script: &Script, ticket: Ticket) -> &'static str {
    match script.done(ticket) {
        Some(Err(Error::Failure(Failure::Overloaded(why)))) => why,
        other => panic!("{other:?}"),
    }
}

fn answer_one(script: &mut Script) {
    let (id, _) = script.expect::<map::Get>();
    script.answer(id, &map::GetResponse { response: None });
}

#[test]
fn above_the_limit_calls_are_refused_at_once_unless_they_may_wait() {
    for wait in [None, Some(Duration::ZERO)] {
        let (mut script, map) = ready(limited(2, wait));
        let taken = [script.submit(map.get(&1)), script.submit(map.get(&2))];
        let refused = script.submit(map.get(&3));
        assert_eq!(overloaded(&script, refused), "too many calls in flight");
        assert_eq!(script.client.metrics().requests_refused, 1);
        answer_one(&mut script);
        assert!(matches!(script.done(taken[0]), Some(Ok(_))));
        let third = script.submit(map.get(&3));
        assert!(script.done(third).is_none() && script.done(taken[1]).is_none());
    }
}

#[test]
fn who_may_wait_goes_on_in_order() {
    let (mut script, map) = ready(limited(2, Some(Duration::from_secs(10))));
    let tickets: Vec<_> = (0..100).map(|n| script.submit(map.get(&n))).collect();
    let metrics = script.client.metrics();
    assert_eq!((metrics.requests_out, metrics.requests_waiting), (2, 98));
    assert_eq!((script.client.in_flight(), script.sent.len()), (100, 2));
    for (n, ticket) in tickets.iter().enumerate() {
        assert!(script.sent.len() <= 2);
        let (id, get) = script.expect::<map::Get>();
        assert_eq!(script.client.codec().to_value::<i32>(&get.key).unwrap(), n as i32);
        script.answer(id, &map::GetResponse { response: None });
        assert!(matches!(script.done(*ticket), Some(Ok(_))));
    }
    assert_eq!(script.client.in_flight(), 0);
    assert_eq!(script.client.metrics().requests_waiting, 0);
}

#[test]
fn waiting_ends_with_the_backoff_timeout_or_the_call_s_own() {
    let wait = Duration::from_secs(10);
    let (mut script, map) = ready(limited(1, Some(wait)));
    let began = script.now;
    let taken = script.submit(map.get(&0));
    let patient = script.submit(map.get(&1));
    let hasty = script.submit(map.get(&2).timeout(Duration::from_secs(3)));
    let cancelled = script.submit(map.get(&3));
    script.client.cancel(script.now, cancelled);
    script.drain();
    assert_eq!(script.client.metrics().requests_waiting, 2);
    while script.done(hasty).is_none() {
        script.wait();
    }
    assert_eq!(script.now - began, Duration::from_secs(3));
    let Some(Err(error)) = script.done(hasty) else { panic!() };
    assert_eq!(error, Failure::TimedOut { sent: false }.into());
    while script.done(patient).is_none() {
        // The member is there all the time.
        if script.has_sent::<Ping>() {
            let (id, _) = script.expect::<Ping>();
            script.answer(id, &PingResponse {});
        }
        script.wait();
    }
    assert_eq!(script.now - began, wait);
    assert!(overloaded(&script, patient).contains("none ended within the backoff timeout"));
    assert!(script.done(cancelled).is_none() && script.done(taken).is_none());
    assert_eq!(script.client.in_flight(), 1);
    // Nothing of them is sent later.
    answer_one(&mut script);
    assert!(matches!(script.done(taken), Some(Ok(_))));
    assert!(!script.has_sent::<map::Get>());
}

#[test]
fn what_waits_is_bounded_in_bytes() {
    let mut config = limited(1, Some(Duration::from_secs(10)));
    config.links.high_water = 4096;
    let (mut script, _) = ready(config);
    let map = Detached::new(script.client.codec()).map::<i32, Vec<u8>>("m");
    let value = vec![0u8; 1500];
    let tickets: Vec<_> = (0..8).map(|n| script.submit(map.put(&n, &value))).collect();
    let refused: Vec<_> = tickets.iter().map(|ticket| script.done(*ticket).is_some()).collect();
    assert_eq!(refused, [false, false, false, false, true, true, true, true]);
    assert!(overloaded(&script, tickets[7]).contains("too much waits"));
}

#[test]
fn those_that_wait_survive_a_reconnect_and_end_at_shutdown() {
    let (mut script, map) = ready(limited(1, Some(Duration::from_secs(60))));
    let tickets: Vec<_> = (0..3).map(|n| script.submit(map.get(&n))).collect();
    script.sent.clear();
    script.close(Cause::Reset);
    script.open();
    script.let_in();
    answer_one(&mut script);
    answer_one(&mut script);
    assert!(matches!(script.done(tickets[1]), Some(Ok(_))));
    let last = script.submit(map.get(&4));
    script.client.shut_down(script.now);
    script.drain();
    for ticket in [tickets[2], last] {
        let Some(Err(error)) = script.done(ticket) else { panic!() };
        assert_eq!(error, Failure::ShutDown.into());
    }
    assert_eq!((script.client.in_flight(), script.client.deadline()), (0, None));
}

#[test]
fn calls_of_many_parts_go_through_a_narrow_limit() {
    let mut config = limited(3, Some(Duration::from_secs(60)));
    config.max_concurrent_invocations = 3;
    let mut pair = Pair::with(9, config, Default::default());
    pair.settle();
    let map = pair.invoker().map::<i32, i32>("m");
    let heard = pair.subscribe(map.listen(EntryEvents::ALL, true));
    let keys: Vec<i32> = (0..500).collect();
    pair.run(map.put_all(keys.iter().map(|key| (key, key)))).unwrap();
    assert_eq!(pair.run(map.get_all(&keys)).unwrap().len(), 500);
    assert_eq!(pair.items(&heard).len(), 500);
    let metrics = pair.client.metrics();
    assert_eq!(
        (metrics.requests_out, metrics.requests_waiting, metrics.requests_refused),
        (0, 0, 0)
    );
}
