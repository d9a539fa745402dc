//! Hazelcast's near caches: what is answered without a call, what is forgotten since the client itself or
//! another changed it, and what is left when members are lost.

use std::collections::BTreeMap;
use std::time::Duration;

use gridwire_core::hazelcast::{
    Client, Config, Eviction, EvictionPolicy, Expiry, InMemoryFormat, Map, NearCacheConfig,
    NearCachedMap, Structures,
};

use super::maps::{done, set_surely};
use super::{soon, until_told, with_client};
use crate::adapter::Adapter;

type On<A> = <A as Adapter>::Client<Client>;
type Near<A> = NearCachedMap<String, i64, On<A>>;

const SECOND: Duration = Duration::from_secs(1);

fn with(config: &Config, change: impl FnOnce(&mut NearCacheConfig)) -> Config {
    let mut near_cache = NearCacheConfig::new("*");
    change(&mut near_cache);
    let mut config = config.clone();
    config.near_caches.push(near_cache);
    config
}

/// Until a map's value is this, for those who can only wait for members' word.
async fn until<A: Adapter>(on: &On<A>, map: &Near<A>, key: &str, value: Option<i64>) {
    let what = format!("{key} is {value:?}");
    until_told(&what, async || done(map.get(key), on).await == value).await;
}

/// Every form of records: hits without a call, and changes of the client's own, by whichever handle.
pub fn reads_and_changes<A: Adapter>(config: &Config) {
    for (format, serialize_keys, invalidate_on_change) in [
        (InMemoryFormat::Binary, false, true),
        (InMemoryFormat::Binary, true, false),
        (InMemoryFormat::Object, false, false),
        (InMemoryFormat::Object, true, true),
    ] {
        let name = format!("near {format:?} {serialize_keys} {}", A::NAME);
        let config = with(config, |near| {
            near.in_memory_format = format;
            near.serialize_keys = serialize_keys;
            near.invalidate_on_change = invalidate_on_change;
        });
        one_form::<A>(config, &name);
    }
}

/// [`reads_and_changes`] for members that tell nobody of changes.
pub fn untold<A: Adapter>(config: &Config) {
    for format in [InMemoryFormat::Binary, InMemoryFormat::Object] {
        let config = with(config, |near| {
            near.in_memory_format = format;
            near.invalidate_on_change = false;
        });
        one_form::<A>(config, &format!("untold {format:?} {}", A::NAME));
    }
}

fn one_form<A: Adapter>(config: Config, name: &str) {
    with_client::<A, Client>(config, async |on| {
        let plain: Map<String, i64, On<A>> = on.map(name);
        let map: Near<A> = done(on.near_cached_map(name), on).await;
        let hits = || map.near_cache_statistics().hits;

        assert_eq!(done(map.put("a", &1), on).await, None);
        assert_eq!(done(map.get("a"), on).await, Some(1));
        assert_eq!(hits(), 0);
        assert_eq!(done(map.get("a"), on).await, Some(1));
        assert!(done(map.contains_key("a"), on).await);
        assert_eq!(hits(), 2);
        // That there is no value is kept as well.
        assert_eq!(done(map.get("b"), on).await, None);
        assert_eq!(done(map.get("b"), on).await, None);
        assert!(!done(map.contains_key("b"), on).await);
        assert_eq!(hits(), 4);
        let weight = map.near_cache_statistics().owned_entry_memory_cost;
        let is_weighed = map.near_cache_config().in_memory_format == InMemoryFormat::Binary;
        assert_eq!(weight > 0, is_weighed);

        // Whatever changes a key makes the next read see it.
        let key = "a";
        let expect = async |value: Option<i64>| {
            assert_eq!(done(map.get(key), on).await, value);
            assert_eq!(done(map.get(key), on).await, value);
        };
        done(map.set(key, &2), on).await;
        expect(Some(2)).await;
        done(plain.set(key, &3), on).await;
        expect(Some(3)).await;
        assert_eq!(done(plain.remove(key), on).await, Some(3));
        expect(None).await;
        assert_eq!(done(map.put_if_absent(key, &4), on).await, None);
        expect(Some(4)).await;
        assert_eq!(done(map.replace(key, &5), on).await, Some(4));
        expect(Some(5)).await;
        assert!(done(map.replace_if_same(key, &5, &6), on).await);
        expect(Some(6)).await;
        assert!(done(map.try_put(key, &7, SECOND), on).await);
        expect(Some(7)).await;
        done(map.delete(key), on).await;
        expect(None).await;
        done(map.put_transient(key, &8), on).await;
        expect(Some(8)).await;
        assert!(done(map.evict(key), on).await);
        expect(None).await;
        done(map.set_with(key, &9, Expiry::NEVER), on).await;
        expect(Some(9)).await;
        assert!(done(map.remove_if_same(key, &9), on).await);
        expect(None).await;
        let entries: BTreeMap<String, i64> = (0..20).map(|n| (format!("k{n}"), n)).collect();
        done(map.get("k7"), on).await;
        done(map.put_all(&entries), on).await;
        assert_eq!(done(map.get("k7"), on).await, Some(7));

        // Of many keys, those are asked for that aren't there.
        let keys = || entries.keys().map(String::as_str).chain(["absent"]);
        let before = hits();
        assert_eq!(BTreeMap::from_iter(done(map.get_all(keys()), on).await), entries);
        assert_eq!(hits(), before + 1);
        assert_eq!(BTreeMap::from_iter(done(map.get_all(keys()), on).await), entries);
        assert_eq!(hits(), before + 21);
        done(plain.clear(), on).await;
        assert_eq!(done(map.get_all(keys()), on).await, []);
        assert_eq!(done(map.get("k7"), on).await, None);

        done(map.set(key, &10), on).await;
        expect(Some(10)).await;
        // Handles share it.
        let again: Near<A> = done(on.near_cached_map(name), on).await;
        let before = hits();
        assert_eq!(done(again.get(key), on).await, Some(10));
        assert_eq!(hits(), before + 1);

        // A call that is given up may be carried out all the same. From then on the client believes what
        // members say of its own changes, whenever they do.
        drop(map.set(key, &11));
        done(map.set(key, &12), on).await;
        expect(Some(12)).await;

        done(map.destroy(), on).await;
        assert_eq!(done(map.get(key), on).await, None);
        let all = map.near_cache_statistics();
        assert!(all.invalidations > 10 && all.invalidation_requests > 10, "{all:?}");
        assert!(all.misses > 10 && all.creation_time > Duration::ZERO, "{all:?}");
    });
}

/// What does not fit goes, and what is old.
pub fn limits<A: Adapter>(config: &Config) {
    let limited = |max_idle| {
        with(config, |near| {
            near.eviction = Eviction { size: 10, policy: EvictionPolicy::Lru };
            near.max_idle = max_idle;
            near.invalidate_on_change = false;
        })
    };
    let read = async |on: &On<A>, name: &str| {
        let map: Near<A> = done(on.near_cached_map(&format!("near {name} {}", A::NAME)), on).await;
        for key in 0..100 {
            done(map.get(&key.to_string()), on).await;
        }
        map
    };
    with_client::<A, Client>(limited(Duration::ZERO), async |on| {
        let all = read(on, "sizes").await.near_cache_statistics();
        assert_eq!((all.owned_entry_count, all.evictions, all.expirations), (10, 90, 0), "{all:?}");
    });
    with_client::<A, Client>(limited(2 * SECOND), async |on| {
        let map = read(on, "ages").await;
        let gone = || map.near_cache_statistics().owned_entry_count == 0;
        super::until("they expire, asked for or not", gone).await;
        let all = map.near_cache_statistics();
        assert!(all.expirations > 0 && all.evictions + all.expirations == 100, "{all:?}");
    });
}

/// Another client's changes are heard of.
pub fn changes_of_others<A: Adapter>(config: &Config) {
    let near = with(config, |near| near.in_memory_format = InMemoryFormat::Object);
    with_client::<A, Client>(near, async |on| {
        let off = &soon(A::connect::<Client>(config.clone())).await.expect("connected");
        let name = format!("near others {:?} {}", config.routing, A::NAME);
        let map: Near<A> = done(on.near_cached_map(&name), on).await;
        let theirs: Map<String, i64, On<A>> = off.map(&name);
        for key in ["a", "b", "c"] {
            assert_eq!(done(map.get(key), on).await, None);
        }
        done(theirs.set("a", &1), off).await;
        until::<A>(on, &map, "a", Some(1)).await;
        // Many at once come in a batch.
        let entries: BTreeMap<String, i64> = (0..300).map(|n| (n.to_string(), n)).collect();
        for key in entries.keys() {
            done(map.get(key), on).await;
        }
        done(theirs.put_all(&entries), off).await;
        for (key, value) in &entries {
            until::<A>(on, &map, key, Some(*value)).await;
        }
        done(theirs.clear(), off).await;
        for key in ["a", "7", "299"] {
            until::<A>(on, &map, key, None).await;
        }
        assert_eq!(done(map.get("b"), on).await, None);
        assert!(map.near_cache_statistics().invalidations > 300);

        // When the map was destroyed, and its listeners with it, the cache is told of changes again.
        done(map.destroy(), on).await;
        async_io::Timer::after(3 * SECOND).await;
        assert_eq!(done(map.get("a"), on).await, None);
        done(theirs.set("a", &2), off).await;
        until::<A>(on, &map, "a", Some(2)).await;
        soon(A::close(off)).await;
    });
}

/// What others change while a member is lost is not served as it was. `lose` ends a member.
pub fn lost_members<A: Adapter>(config: &Config, lose: impl FnOnce()) {
    let near = with(config, |near| near.in_memory_format = InMemoryFormat::Object);
    with_client::<A, Client>(near, async |on| {
        let off = &soon(A::connect::<Client>(config.clone())).await.expect("connected");
        let name = format!("near lost {}", A::NAME);
        let map: Near<A> = done(on.near_cached_map(&name), on).await;
        let theirs: Map<String, i64, On<A>> = off.map(&name);
        let entries = |from: i64| -> BTreeMap<String, i64> {
            (0..500).map(|n| (n.to_string(), from + n)).collect()
        };
        done(theirs.put_all(&entries(0)), off).await;
        for (key, value) in &entries(0) {
            until::<A>(on, &map, key, Some(*value)).await;
        }
        lose();
        for (key, value) in &entries(1_000) {
            set_surely(&theirs, key, value).await;
        }
        for (key, value) in &entries(1_000) {
            until::<A>(on, &map, key, Some(*value)).await;
        }
        let before = map.near_cache_statistics();
        for (key, value) in &entries(1_000) {
            assert_eq!(done(map.get(key), on).await, Some(*value));
        }
        let after = map.near_cache_statistics();
        assert!(after.hits > before.hits, "it goes on keeping what it read: {before:?} {after:?}");
        soon(A::close(off)).await;
    });
}
