//! Locks of a map: by owner, reentrant, for a time, waited for, and given back when nobody waits any more.
#![cfg(feature = "hazelcast")]

#[path = "hazelcast/mod.rs"]
mod world;

use std::time::Duration;

use gridwire_core::call::{Caller as _, Failure};
use gridwire_core::endpoint::Cause;
use gridwire_core::hazelcast::error::ErrorCode;
use gridwire_core::hazelcast::message::client::{CreateProxy, CreateProxyResponse};
use gridwire_core::hazelcast::message::map::{
    Lock, LockResponse, TryLock, TryLockResponse, Unlock, UnlockResponse,
};
use gridwire_core::hazelcast::{LockOwner, Map, Structures};
use gridwire_core::invoker::Detached;
use world::Pair;
use world::script::{Script, one};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

type Numbers = Map<String, i64, Detached<gridwire_core::hazelcast::Hazelcast>>;

#[test]
fn an_owner_passes_and_others_wait() {
    for seed in 0..10 {
        let mut pair = Pair::connected(seed);
        let invoker = pair.invoker();
        let map: Numbers = invoker.map("locked");
        let (one, two) =
            (map.with_owner(invoker.lock_owner()), map.with_owner(invoker.lock_owner()));
        assert_eq!(pair.run(map.is_locked("a")), Ok(false));
        pair.run(one.lock("a")).unwrap();
        pair.run(one.lock("a")).unwrap();
        assert_eq!(pair.run(map.is_locked("a")), Ok(true));
        assert_eq!(pair.run(map.is_locked("b")), Ok(false));
        assert_eq!(pair.run(one.put("a", &1)), Ok(None), "the owner passes");
        assert_eq!(pair.run(two.get("a")), Ok(Some(1)), "reads pass");
        assert_eq!(pair.run(two.try_lock("a", Duration::ZERO)), Ok(false));
        assert_eq!(pair.run(two.try_put("a", &9, Duration::ZERO)), Ok(false));
        assert_eq!(pair.run(map.try_remove("a", Duration::ZERO)), Ok(false));
        pair.run(map.set("b", &2)).unwrap();
        pair.run(map.evict_all()).unwrap();
        assert_eq!(pair.run(map.keys()), Ok(vec!["a".into()]), "what is locked stays");
        let code = pair.run(two.unlock("a")).unwrap_err().code();
        assert_eq!(code, Some(ErrorCode::ILLEGAL_MONITOR_STATE));

        // In the order in which they came.
        let waits = pair.submit(two.lock("a"));
        pair.pass(10 * MINUTE);
        assert_eq!(pair.take(&waits), None, "a lock has no end of its own");
        let puts = pair.submit(map.put("a", &3));
        pair.run(one.unlock("a")).unwrap();
        assert_eq!(pair.take(&waits), None, "it was locked twice");
        pair.run(one.unlock("a")).unwrap();
        assert_eq!(pair.take(&waits), Some(Ok(())));
        assert_eq!(pair.take(&puts), None);
        assert_eq!(pair.run(two.put("a", &2)), Ok(Some(1)));
        pair.run(map.force_unlock("a")).unwrap();
        assert_eq!(pair.take(&puts), Some(Ok(Some(2))));
        assert_eq!(pair.run(map.is_locked("a")), Ok(false));
    }
}

#[test]
fn leases_and_times_of_waiting() {
    let mut pair = Pair::connected(1);
    let map: Numbers = pair.invoker().map("leased");
    let (one, two) =
        (map.with_owner(LockOwner::from_id(1 << 40)), map.with_owner(LockOwner::from_id(2 << 40)));
    pair.run(one.lock_with_lease("a", 10 * SECOND)).unwrap();
    let brief = pair.submit(two.try_lock("a", 4 * SECOND));
    let tries = pair.submit(two.try_put("a", &1, 5 * SECOND));
    let long = pair.submit(two.try_lock_with_lease("a", 100 * SECOND, 3 * SECOND));
    pair.pass(4 * SECOND);
    assert_eq!(pair.take(&brief), Some(Ok(false)));
    pair.pass(SECOND);
    assert_eq!(pair.take(&tries), Some(Ok(false)));
    // Nobody waits for this one when it gets the lock, after the other's lease: it gives it back.
    let three = map.with_owner(LockOwner::from_id(3 << 40));
    let limited = pair.submit(three.lock("a").timeout(3 * SECOND));
    pair.pass(4 * SECOND);
    assert_eq!(pair.take(&long), None);
    let timed_out = Failure::TimedOut { sent: true }.into();
    assert_eq!(pair.take(&limited), Some(Err(timed_out)));
    pair.pass(SECOND);
    assert_eq!(pair.take(&long), Some(Ok(true)), "the lease is over");
    let code = pair.run(one.unlock("a")).unwrap_err().code();
    assert_eq!(code, Some(ErrorCode::ILLEGAL_MONITOR_STATE));
    pair.pass(3 * SECOND);
    assert_eq!(pair.run(map.is_locked("a")), Ok(false));
}

#[test]
fn what_waits_for_a_foreign_lock_ends_with_its_own_time() {
    let mut pair = Pair::connected(1);
    let map: Numbers = pair.invoker().map("foreign");
    let (one, two) =
        (map.with_owner(LockOwner::from_id(1 << 40)), map.with_owner(LockOwner::from_id(2 << 40)));
    pair.run(one.lock("a")).unwrap();
    let put = pair.submit(map.put("a", &1).timeout(2 * SECOND));
    let lock = pair.submit(two.lock("a").timeout(3 * SECOND));
    let usual = pair.submit(map.set("a", &2));
    let timed_out = || Failure::TimedOut { sent: true };
    assert_eq!(timed_out().to_string(), "the call timed out waiting for its answer");
    pair.pass(2 * SECOND);
    assert_eq!(pair.take(&put), Some(Err(timed_out().into())));
    assert_eq!(pair.take(&lock), None);
    pair.pass(SECOND);
    assert_eq!(pair.take(&lock), Some(Err(timed_out().into())));
    // The others' usual time.
    pair.pass(2 * MINUTE);
    assert_eq!(pair.take(&usual), Some(Err(timed_out().into())));
    pair.run(one.unlock("a")).unwrap();
    pair.pass(SECOND);
    assert_eq!(pair.run(map.is_locked("a")), Ok(false), "the late lock was given back");
    assert_eq!(pair.client.in_flight(), 0);
}

#[test]
fn a_client_that_is_gone_holds_nothing() {
    let mut pair = Pair::connected(1);
    let map: Numbers = pair.invoker().map("left");
    let owner = map.with_owner(pair.invoker().lock_owner());
    pair.run(owner.lock("a")).unwrap();
    for conn in pair.connections() {
        pair.reset(conn);
    }
    pair.pass(10 * SECOND);
    assert!(pair.client.is_connected());
    assert_eq!(pair.run(map.is_locked("a")), Ok(false));
}

/// A client whose structure exists.
fn script() -> (Script, Numbers) {
    let mut script = Script::connected(one());
    let map: Numbers = Detached::new(script.client.codec()).map("locked");
    let ticket = script.submit(map.size());
    let (id, _) = script.expect::<CreateProxy>();
    script.answer(id, &CreateProxyResponse {});
    script.client.cancel(script.now, ticket);
    script.drain();
    (script, map)
}

/// The number of a lock's request is the same when it is sent again, and another for another.
#[test]
fn a_retried_lock_counts_once() {
    let (mut script, map) = script();
    let owner = map.with_owner(LockOwner::from_id(7));
    let ticket = script.submit(owner.lock("a"));
    let (id, first) = script.expect::<Lock>();
    assert_eq!((first.thread_id, first.ttl), (7, -1));
    script.error(id, ErrorCode::PARTITION_MIGRATING.0);
    let (id, again) = script.expect::<Lock>();
    assert_eq!(again, first);
    script.answer(id, &LockResponse {});
    assert!(script.done(ticket).expect("an end").is_ok());
    script.submit(owner.lock_with_lease("a", Duration::from_nanos(1)));
    let (_, second) = script.expect::<Lock>();
    assert_eq!(second.ttl, 1);
    script.submit(owner.unlock("a"));
    let (_, unlock) = script.expect::<Unlock>();
    assert!(first.reference_id != second.reference_id);
    assert!(![first.reference_id, second.reference_id].contains(&unlock.reference_id));
}

/// Who gives up waiting does not hold the lock that comes after.
#[test]
fn an_abandoned_lock_is_unlocked() {
    let (mut script, map) = script();
    let owner = map.with_owner(LockOwner::from_id(7));
    let (lock, not_got, got) = (
        script.submit(owner.lock("a")),
        script.submit(owner.try_lock("b", MINUTE)),
        script.submit(owner.try_lock("c", MINUTE)),
    );
    let (lock_id, _) = script.expect::<Lock>();
    let (not_got_id, asked) = script.expect::<TryLock>();
    assert_eq!((asked.timeout, asked.lease), (60_000, -1));
    let (got_id, _) = script.expect::<TryLock>();
    for ticket in [lock, not_got, got] {
        script.client.cancel(script.now, ticket);
    }
    script.drain();
    assert!(!script.has_sent::<Unlock>());
    script.answer(not_got_id, &TryLockResponse { response: false });
    assert!(!script.has_sent::<Unlock>(), "there is nothing to give back");
    script.answer(lock_id, &LockResponse {});
    let (id, unlock) = script.expect::<Unlock>();
    assert_eq!((unlock.name.as_str(), unlock.thread_id), ("locked", 7));
    script.answer(id, &UnlockResponse {});
    script.answer(got_id, &TryLockResponse { response: true });
    let (id, other) = script.expect::<Unlock>();
    assert!(unlock.key != other.key && unlock.reference_id != other.reference_id);
    script.answer(id, &UnlockResponse {});
    assert_eq!(script.client.in_flight(), 0);
    script.close(Cause::Eof);
}
