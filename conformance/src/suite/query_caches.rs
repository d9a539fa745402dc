//! Query caches of Hazelcast's maps: what another client does is seen, and what is lost is made up for.

use std::time::Duration;

use gridwire_core::call::Call;
use gridwire_core::hazelcast::message::continuous_query::{SetReadCursor, SetReadCursorResponse};
use gridwire_core::hazelcast::query::{attr, this};
use gridwire_core::hazelcast::{
    Answer, Client, Config, Error, Hazelcast, Json, Map, Operation, QueryCache, QueryCacheConfig,
    QueryCacheEvent, Structures, To,
};
use gridwire_core::invoker::AsyncInvoker;
use gridwire_core::partition::hazelcast_partition;

use super::maps::{done, set_surely};
use super::{AMPLE, item, name, soon, with_client, within};
use crate::adapter::Adapter;

type On<A> = <A as Adapter>::Client<Client>;

const SECOND: Duration = Duration::from_secs(1);

/// The cache comes to hold these entries.
async fn holds<I: AsyncInvoker<Family = Hazelcast>>(
    cache: &QueryCache<i64, i64, I>,
    entries: &[(i64, i64)],
) {
    let mut last = Vec::new();
    let came = within(AMPLE, async {
        loop {
            last = cache.entries().expect("entries");
            last.sort_unstable();
            if last == entries {
                return;
            }
            async_io::Timer::after(Duration::from_millis(10)).await;
        }
    });
    let came = came.await.is_some();
    assert!(came, "{last:?} but {entries:?}");
}

/// Key 1 comes to have this value.
async fn has<I: AsyncInvoker<Family = Hazelcast>>(cache: &QueryCache<i64, i64, I>, value: i64) {
    while cache.get(&1).expect("a value") != Some(value) {
        async_io::Timer::after(Duration::from_millis(10)).await;
    }
}

/// What another client writes is seen, by what it makes of the view.
pub fn views<A: Adapter>(config: Config) {
    let other = config.clone();
    with_client::<A, Client>(config, async |on| {
        let writer = soon(A::connect::<Client>(other)).await.expect("connected");
        let name = name::<A>("views");
        let map: Map<i64, i64, On<A>> = on.map(&name);
        let written: Map<i64, i64, On<A>> = writer.map(&name);
        for n in 0..20 {
            done(written.set(&n, &n), on).await;
        }
        let config = QueryCacheConfig::default();
        let cache = done(map.query_cache(&this().ge(18), &config), on).await;
        assert!(cache.is_fresh() && cache.is_complete());
        holds(&cache, &[(18, 18), (19, 19)]).await;
        let mut events = cache.listen();
        soon(On::<A>::registered(&mut events)).await.expect("listened to");

        // It begins to match, changes, and matches no more.
        done(written.set(&1, &100), on).await;
        let added = QueryCacheEvent::Added { key: 1, value: Some(100) };
        assert_eq!(item::<On<A>, _>(&mut events).await, added);
        assert_eq!(cache.get(&1).unwrap(), Some(100));
        done(written.set(&1, &101), on).await;
        let updated = QueryCacheEvent::Updated { key: 1, value: Some(101), old_value: Some(100) };
        assert_eq!(item::<On<A>, _>(&mut events).await, updated);
        done(written.set(&1, &2), on).await;
        let removed = QueryCacheEvent::Removed { key: 1, old_value: Some(101) };
        assert_eq!(item::<On<A>, _>(&mut events).await, removed);
        assert_eq!(cache.get(&1).unwrap(), None);
        // What never matches is not told of.
        done(written.set(&2, &3), on).await;
        done(written.remove(&19), on).await;
        let removed = QueryCacheEvent::Removed { key: 19, old_value: Some(19) };
        assert_eq!(item::<On<A>, _>(&mut events).await, removed);
        assert!(!cache.contains_key(&19).unwrap());
        // This client's own writes come by the same way.
        done(map.set_with(&30, &30, Duration::from_secs(1)), on).await;
        let added = QueryCacheEvent::Added { key: 30, value: Some(30) };
        assert_eq!(item::<On<A>, _>(&mut events).await, added);
        async_io::Timer::after(Duration::from_millis(1500)).await;
        assert_eq!(done(written.get(&30), on).await, None);
        holds(&cache, &[(18, 18)]).await;

        let many: Vec<_> = (100..400).map(|n| (n, n)).collect();
        done(written.set_all(many.iter().map(|(key, value)| (key, value))), on).await;
        let mut expected = vec![(18, 18)];
        expected.extend(&many);
        holds(&cache, &expected).await;
        assert_eq!((cache.len(), cache.values().unwrap().len()), (301, 301));
        assert_eq!(done(cache.fetch(&100), on).await, Some(100));
        assert_eq!(done(cache.fetch_entries(), on).await.len(), 301);
        assert!(cache.is_fresh());
        done(written.clear(), on).await;
        holds(&cache, &[]).await;
        assert!(cache.is_fresh() && cache.is_empty());
        done(written.set(&7, &70), on).await;
        holds(&cache, &[(7, 70)]).await;
        done(cache.refresh(), on).await;
        assert_eq!(cache.entries().unwrap(), [(7, 70)]);
        done(written.set(&8, &80), on).await;
        holds(&cache, &[(7, 70), (8, 80)]).await;
        soon(A::close(&writer)).await;
    });
}

/// Keys alone; what changes from now on; by attributes; in batches.
pub fn kinds<A: Adapter>(config: Config) {
    with_client::<A, Client>(config, async |on| {
        let map: Map<i64, i64, On<A>> = on.map(&name::<A>("kinds"));
        for n in 0..10 {
            done(map.set(&n, &n), on).await;
        }
        let mut config = QueryCacheConfig::default();
        config.include_value = false;
        let keys = done(map.query_cache(&this().ge(8), &config), on).await;
        let there = || {
            let mut there = keys.keys().unwrap();
            there.sort_unstable();
            there
        };
        assert_eq!(there(), [8, 9]);
        assert!(matches!(keys.get(&8), Err(Error::Misuse(_))));

        (config.include_value, config.populate) = (true, false);
        let news = done(map.query_cache(&this().ge(8), &config), on).await;
        assert!(news.is_empty());

        (config.populate, config.batch_size, config.delay_seconds) = (true, 5, 2);
        let batches = done(map.query_cache(&this().ge(8), &config), on).await;
        config.coalesce = true;
        let coalesced = done(map.query_cache(&this().ge(8), &config), on).await;

        for value in 10..14 {
            done(map.set(&1, &value), on).await;
        }
        done(map.remove(&8), on).await;
        holds(&news, &[(1, 13)]).await;
        holds(&batches, &[(1, 13), (9, 9)]).await;
        holds(&coalesced, &[(1, 13), (9, 9)]).await;
        super::until("the keys", || there() == [1, 9]).await;

        let people: Map<i64, Json, On<A>> = on.map(&name::<A>("people seen"));
        let adults =
            done(people.query_cache(&attr("age").ge(18), &QueryCacheConfig::default()), on);
        let adults = adults.await;
        done(people.set(&1, &Json("{\"age\": 17}".into())), on).await;
        done(people.set(&2, &Json("{\"age\": 18}".into())), on).await;
        super::until("an adult", || adults.len() == 1).await;
        assert!(adults.contains_key(&2).unwrap());
    });
}

/// Destroyed it hears nothing more, and so do members; dropped as well.
pub fn ends<A: Adapter>(config: Config) {
    with_client::<A, Client>(config, async |on| {
        let map: Map<i64, i64, On<A>> = on.map(&name::<A>("ends"));
        let config = QueryCacheConfig::default();
        let cache = done(map.query_cache(&this().ge(0), &config), on).await;
        done(map.set(&1, &1), on).await;
        holds(&cache, &[(1, 1)]).await;
        let mut events = cache.listen();
        done(cache.destroy(), on).await;
        assert!(soon(On::<A>::next(&mut events)).await.is_none());
        assert!(matches!(cache.get(&1), Err(Error::Misuse(_))));
        let dropped = done(map.query_cache(&this().ge(0), &config), on).await;
        let clone = dropped.clone();
        drop(dropped);
        assert_eq!(clone.get(&1).unwrap(), Some(1));
        drop(clone);
        // Nobody waits for the second one's end: members may tell of some changes yet.
        let heard = || A::with(on, |client: &mut Client, _| client.metrics().events_received);
        let mut value = 100;
        let silence = within(AMPLE, async {
            loop {
                let before = heard();
                for n in 0..50 {
                    value += 1;
                    done(map.set(&n, &value), on).await;
                }
                async_io::Timer::after(Duration::from_millis(500)).await;
                if heard() == before {
                    return;
                }
            }
        });
        assert!(silence.await.is_some(), "members go on telling");
    });
}

/// Events are lost: here by a member that is told to pass over them. It still has them, or no more.
pub fn losses<A: Adapter>(config: Config) {
    with_client::<A, Client>(config, async |on| {
        let name = name::<A>("losses");
        let map: Map<i64, i64, On<A>> = on.map(&name);
        for (recover, buffer_size) in [(false, 16), (true, 16), (true, 8)] {
            let mut config = QueryCacheConfig::default();
            (config.batch_size, config.buffer_size, config.delay_seconds) = (8, buffer_size, 3600);
            config.recover = recover;
            let cache = done(map.query_cache(&this().ge(0), &config), on).await;
            let mut events = cache.listen();
            soon(On::<A>::registered(&mut events)).await.expect("listened to");
            let former = cache.publisher().unwrap();
            for value in 1..=3 {
                done(map.set(&1, &value), on).await;
            }
            assert!(pass_over(on, &name, &former, 3).await);
            for value in 4..=10 {
                done(map.set(&1, &value), on).await;
            }
            let lost = item::<On<A>, _>(&mut events).await;
            assert!(matches!(lost, QueryCacheEvent::Lost { partition: Some(_) }), "{lost:?}");
            // Repaired it may be by now, if it does that by itself.
            assert!(!cache.is_fresh() || recover);
            if !recover {
                async_io::Timer::after(Duration::from_millis(500)).await;
                assert!(cache.is_empty());
                assert!(done(cache.try_recover(), on).await);
            } else if buffer_size == 16 {
                // So that it is asked before members are given a reason to send.
                async_io::Timer::after(Duration::from_secs(2)).await;
            }
            // They send when there are as many as make a batch.
            let mut last = 16;
            for value in 11..=last {
                done(map.set(&1, &value), on).await;
            }
            if buffer_size == 16 {
                // Asked once more meanwhile, members begin again, and the last ones wait for others.
                while within(5 * SECOND, has(&cache, last)).await.is_none() {
                    assert!(last < 100, "{:?} but {last}", cache.entries());
                    for _ in 0..8 {
                        last += 1;
                        done(map.set(&1, &last), on).await;
                    }
                }
                assert_eq!(cache.entries().unwrap(), [(1, last)]);
                assert_eq!(cache.publisher().unwrap(), former, "no other was needed");
            } else {
                // It was read again, maybe before the last changes: what is new there waits for others.
                super::until("another publisher", || cache.publisher().unwrap() != former).await;
                for value in 17..=40 {
                    done(map.set(&1, &value), on).await;
                }
                super::until("its events", || {
                    cache.get(&1).unwrap().is_some_and(|value| value > 16)
                })
                .await;
            }
            super::until("fresh", || cache.is_fresh()).await;
            done(map.clear(), on).await;
        }
    });
}

/// Has a member go on publishing with this event of key 1's partition.
async fn pass_over<I: AsyncInvoker<Family = Hazelcast>>(
    on: &I,
    map: &str,
    publisher: &str,
    sequence: i64,
) -> bool {
    let key = on.codec().to_data(&1i64).expect("a key");
    let cursor = SetReadCursor { map_name: map.into(), cache_name: publisher.into(), sequence };
    let partition = hazelcast_partition(key.partition_hash(), 271);
    let operation = Operation::new(&cursor).to(To::Partition(partition));
    let call = Call::one(operation, |answer: &Answer, _| {
        Ok(answer.read::<SetReadCursorResponse>()?.response)
    });
    done(on.invoke(call), on).await
}

/// Members come and go as `storm` says, which is told the round and gives its name, until it gives none:
/// after each, the cache comes to be what the map is.
pub fn storms<A: Adapter>(config: Config, mut storm: impl FnMut(i64) -> Option<&'static str>) {
    with_client::<A, Client>(config, async |on| {
        let map: Map<i64, i64, On<A>> = on.map(&name::<A>("storms"));
        let config = QueryCacheConfig::default();
        let cache = done(map.query_cache(&this().ge(0), &config), on).await;
        for n in 0..1000 {
            set_surely(&map, &n, &n).await;
        }
        for round in 1.. {
            let Some(what) = storm(round) else { return };
            for n in 0..1000 {
                // Odd ones go, even ones change.
                let value = if n % 2 == 0 { 1000 * round + n } else { -1 };
                set_surely(&map, &n, &value).await;
            }
            let expected: Vec<_> = (0..500).map(|n| (2 * n, 1000 * round + 2 * n)).collect();
            holds(&cache, &expected).await;
            super::until(what, || cache.is_fresh()).await;
            for n in 0..1000 {
                set_surely(&map, &n, &n).await;
            }
            let all: Vec<_> = (0..1000).map(|n| (n, n)).collect();
            holds(&cache, &all).await;
        }
    });
}
