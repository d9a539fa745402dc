//! Stores on simulated time, configurations, sequences, and what a member may tell.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::config::of_map;
use super::*;
use crate::hazelcast::serialization::Codec;
use crate::hazelcast::{FrameWriter, Version};

const PARTITIONS: u32 = 7;
const CLIENT: Uuid = Uuid::new(1, 1);
const OTHER: Uuid = Uuid::new(2, 2);
const PARTITION: Uuid = Uuid::new(3, 3);

fn start() -> Start {
    Start { seed: [7; 32], unix_at_zero: Duration::from_secs(1_000) }
}

struct World {
    caches: NearCaches,
    cache: Arc<NearCache>,
    store: Arc<Store<String, String>>,
    codec: Codec,
}

impl World {
    fn new(change: impl FnOnce(&mut NearCacheConfig)) -> Self {
        let mut config = NearCacheConfig::new("m*");
        config.in_memory_format = InMemoryFormat::Object;
        change(&mut config);
        let config = Config { near_caches: [config].into(), ..Config::default() };
        let caches = NearCaches::new(&config, start());
        let cache = caches.of(&Str::from_static("map"), || 1).unwrap();
        cache.reset(PARTITIONS);
        caches.advance(Instant::from_millis(1_000_000));
        Self { store: cache.store(), caches, cache, codec: Codec::default() }
    }

    fn at(&self, seconds: u64) {
        self.caches.advance(Instant::from_millis(1_000_000 + 1_000 * seconds));
    }

    fn data(&self, key: &str) -> Data {
        self.codec.to_data(key).unwrap()
    }

    fn partition(&self, key: &str) -> u32 {
        hazelcast_partition(self.data(key).partition_hash(), PARTITIONS)
    }

    fn reserve(&self, key: &str) -> Reservation {
        self.store.reserve(&self.data(key)).unwrap()
    }

    fn publish(&self, reservation: &Reservation, key: &str, value: &str) {
        let held = Held::Object(value.to_string());
        self.store.publish(reservation, Key::Object(key.to_string()), Some(held));
    }

    fn keep(&self, key: &str, value: &str) {
        self.publish(&self.reserve(key), key, value);
    }

    fn get(&self, key: &str) -> Option<String> {
        self.store.get(key, |(_, value)| match value {
            Some(Held::Object(value)) => value.clone(),
            other => panic!("{other:?}"),
        })
    }

    fn tell(&self, key: Option<&str>, from: Uuid, partition_uuid: Uuid, sequence: i64) {
        let key = key.map(|key| self.data(key));
        let event = IMapInvalidationEvent { key, source_uuid: from, partition_uuid, sequence };
        self.cache.handle_event(&message(&event), CLIENT).unwrap();
    }

    fn statistics(&self) -> NearCacheStatistics {
        self.cache.statistics()
    }
}

fn message(event: &impl Payload) -> Message {
    let mut writer = FrameWriter::new();
    event.encode(Version::NEWEST, &mut writer);
    Message::new(writer.finish().into_bytes()).unwrap()
}

#[test]
fn what_was_read_is_found_until_it_is_changed() {
    let world = World::new(|_| {});
    assert_eq!(world.get("a"), None);
    world.keep("a", "1");
    assert_eq!(world.get("a").as_deref(), Some("1"));
    world.keep("a", "2");
    assert_eq!(world.get("a").as_deref(), Some("2"));
    world.tell(Some("a"), OTHER, PARTITION, 1);
    assert_eq!(world.get("a"), None);
    world.tell(Some("a"), OTHER, PARTITION, 2);
    let all = world.statistics();
    assert_eq!((all.hits, all.misses, all.owned_entry_count), (2, 2, 0));
    assert_eq!((all.invalidations, all.invalidation_requests), (1, 2));
    assert_eq!(format!("{:.0}", all.ratio()), "100");
    assert_eq!(all.creation_time, Duration::from_secs(1_000));
}

#[test]
fn what_was_asked_for_before_a_change_is_not_kept() {
    let world = World::new(|_| {});
    let before = world.reserve("a");
    world.tell(Some("a"), OTHER, PARTITION, 1);
    world.publish(&before, "a", "old");
    assert_eq!(world.get("a"), None);

    let before = world.reserve("a");
    world.tell(None, OTHER, PARTITION, 2);
    world.publish(&before, "a", "old");
    assert_eq!(world.get("a"), None);

    // Its partition began anew.
    world.tell(Some("a"), OTHER, PARTITION, 3);
    let before = world.reserve("a");
    world.cache.stale(&[world.partition("a")]);
    world.publish(&before, "a", "old");
    assert_eq!(world.get("a"), None);

    // Other keys don't matter.
    let before = world.reserve("a");
    world.tell(Some("b"), OTHER, PARTITION, 4);
    world.publish(&before, "a", "new");
    assert_eq!(world.get("a").as_deref(), Some("new"));
}

#[test]
fn a_change_forgets_when_it_ends_however_it_ends() {
    let world = World::new(|_| {});
    let written = |all: bool| {
        let keys = [world.cache.hash_of(&world.data("a"))].into_iter().collect();
        let changes = Changes { keys, all, destroys: false };
        Written::new(Arc::clone(&world.cache), changes)
    };
    for all in [false, true] {
        world.keep("a", "old");
        let under_way = written(all);
        assert_eq!(world.get("a").as_deref(), Some("old"));
        let reading = world.reserve("a");
        under_way.acknowledge();
        world.publish(&reading, "a", "old");
        assert_eq!(world.get("a"), None);
    }
    // The client's own events tell nothing new then.
    world.keep("a", "new");
    world.tell(Some("a"), CLIENT, PARTITION, 1);
    assert_eq!(world.get("a").as_deref(), Some("new"));

    // But they do for a while after a change that nobody waits for any more.
    drop(written(false));
    assert_eq!(world.get("a"), None);
    world.keep("a", "before it was carried out");
    world.at(100);
    world.tell(Some("a"), CLIENT, PARTITION, 2);
    assert_eq!(world.get("a"), None);
    world.at(141);
    world.keep("a", "new");
    world.tell(Some("a"), CLIENT, PARTITION, 3);
    assert_eq!(world.get("a").as_deref(), Some("new"));
}

#[test]
fn records_end_with_their_time() {
    let world = World::new(|config| {
        config.time_to_live = Duration::from_secs(10);
        config.max_idle = Duration::from_secs(4);
    });
    world.keep("used", "1");
    world.keep("idle", "2");
    for second in [3, 6, 9] {
        world.at(second);
        assert!(world.get("used").is_some(), "{second}");
    }
    assert_eq!(world.get("idle"), None);
    world.at(10);
    assert_eq!(world.get("used"), None);
    assert_eq!((world.statistics().expirations, world.statistics().owned_entry_count), (2, 0));

    // Those that nobody asks for are found by the engine, a thousand each tick.
    let wide = World::new(|config| config.max_idle = Duration::from_secs(4));
    for key in 0..2_500 {
        wide.keep(&key.to_string(), "v");
    }
    wide.at(4);
    wide.keep("young", "v");
    // The youngest takes the place of the first that goes, and is looked at.
    for left in [1_502, 502, 1, 1] {
        wide.cache.tick();
        assert_eq!(wide.statistics().owned_entry_count, left);
    }
    assert_eq!(wide.statistics().expirations, 2_500);
    assert!(wide.get("young").is_some());
}

#[test]
fn the_least_used_goes_first() {
    let kept = |policy| {
        let world = World::new(|config| config.eviction = Eviction { size: 3, policy });
        for key in ["a", "b", "c"] {
            world.keep(key, key);
        }
        for key in ["b", "a", "a", "c", "b", "b"] {
            world.get(key);
        }
        for key in ["d", "e"] {
            world.keep(key, key);
            world.get(key);
        }
        let keys = ["a", "b", "c", "d", "e"].into_iter().filter(|key| world.get(key).is_some());
        let keys: String = keys.collect();
        assert_eq!(world.statistics().owned_entry_count, 3);
        let evictions = if policy == EvictionPolicy::None { 0 } else { 2 };
        assert_eq!(world.statistics().evictions, evictions, "{policy:?}");
        keys
    };
    assert_eq!(kept(EvictionPolicy::Lfu), "abe");
    assert_eq!(kept(EvictionPolicy::None), "abc");
    assert_eq!(kept(EvictionPolicy::Random).len(), 3);

    // The time of use is counted in records that came since.
    let world = World::new(|config| config.eviction.size = 3);
    for key in ["a", "b", "c"] {
        world.keep(key, key);
    }
    world.get("a");
    world.keep("d", "d");
    assert_eq!(world.get("b"), None);
    assert!(world.get("a").is_some());
    world.keep("e", "e");
    assert_eq!(world.get("c"), None);
    // One whose time is up goes before any other.
    let world = World::new(|config| {
        config.eviction.size = 3;
        config.max_idle = Duration::from_secs(2);
    });
    for key in ["a", "b", "c"] {
        world.keep(key, key);
    }
    world.at(1);
    assert!(world.get("a").is_some() && world.get("c").is_some());
    world.at(2);
    world.keep("d", "d");
    assert_eq!((world.statistics().expirations, world.statistics().evictions), (1, 0));
}

/// The indexes find every record and no other, whatever was put in and taken out.
#[test]
fn records_are_found_after_any_changes() {
    let world = World::new(|config| {
        config.eviction = Eviction { size: 50, policy: EvictionPolicy::Random };
    });
    let mut rng = Rng::new([5; 32]);
    let mut newest = BTreeMap::new();
    for step in 0..20_000_u32 {
        let key = rng.below(120).to_string();
        match rng.below(10) {
            0..=4 => {
                world.keep(&key, &step.to_string());
                newest.insert(key, step.to_string());
            }
            5..=7 => {
                if let Some(found) = world.get(&key) {
                    assert_eq!(newest.get(&key), Some(&found));
                }
            }
            8 => {
                world.cache.invalidate(&[world.cache.hash_of(&world.data(&key))]);
                assert_eq!(world.get(&key), None);
            }
            _ if step % 50 == 0 => world.cache.clear(),
            _ => {}
        }
        assert!(world.statistics().owned_entry_count <= 50);
    }
    let found = (0..120).filter(|key| world.get(&key.to_string()).is_some()).count();
    assert_eq!(found, world.statistics().owned_entry_count);
    assert!(found > 20);
}

#[test]
fn serialized_records_are_found_and_weighed() {
    let world = World::new(|_| {});
    let key = world.data("a");
    let reservation = world.store.reserve(&key).unwrap();
    let value = Held::Binary(world.data("value"));
    world.store.publish(&reservation, Key::Binary(key.clone()), Some(value));
    assert!(world.store.get_serialized(&key, |_| ()).is_some());
    assert!(world.store.get("a", |_| ()).is_none());
    let weight = world.statistics().owned_entry_memory_cost;
    assert!((50..300).contains(&weight), "{weight}");
    // A store of other types is another one, told of the same changes.
    let other: Arc<Store<i64, i64>> = world.cache.store();
    let number = world.codec.to_data(&5_i64).unwrap();
    let reservation = other.reserve(&number).unwrap();
    other.publish(&reservation, Key::Object(5), None);
    assert_eq!(other.get(&5, |(_, value)| value.is_none()), Some(true));
    world.tell(None, OTHER, PARTITION, 1);
    assert_eq!(world.statistics().owned_entry_memory_cost, 0);
    assert_eq!(world.statistics().owned_entry_count, 0);
}

#[test]
fn too_many_gaps_make_what_was_kept_stale() {
    let world = World::new(|_| {});
    let key = "a";
    world.tell(Some("other"), OTHER, PARTITION, 1);
    world.tell(Some(key), OTHER, PARTITION, 1);
    world.keep(key, "1");
    // Ten are missing: that is tolerated. The eleventh is not.
    let neighbour = (0..100).map(|n| n.to_string());
    let neighbour =
        neighbour.into_iter().find(|n| world.partition(n) == world.partition(key)).unwrap();
    world.tell(Some(&neighbour), OTHER, PARTITION, 12);
    world.cache.tick();
    assert!(world.get(key).is_some());
    world.tell(Some(&neighbour), OTHER, PARTITION, 14);
    assert!(world.get(key).is_some());
    world.cache.tick();
    assert_eq!(world.get(key), None);
    // From here on all is well again.
    world.keep(key, "2");
    world.tell(Some(&neighbour), OTHER, PARTITION, 15);
    world.tell(Some(&neighbour), OTHER, PARTITION, 13);
    world.cache.tick();
    assert!(world.get(key).is_some());
    // A partition with another id has lost its past.
    world.tell(Some(&neighbour), OTHER, Uuid::new(9, 9), 1);
    assert_eq!(world.get(key), None);
}

fn metadata(world: &World, key: &str, id: Option<Uuid>, sequence: i64) -> Metadata {
    let mut said = Metadata::default();
    said.partitions.extend(id.map(|id| (world.partition(key), id)));
    said.sequences.insert(world.partition(key), sequence);
    said
}

#[test]
fn metadata_shows_what_was_missed() {
    let world = World::new(|_| {});
    let (key, other) = ("a", Uuid::new(9, 9));
    let take = |said: &Metadata, since: Option<usize>| {
        world.cache.reconcile(said, since.is_some());
        world.cache.reconciled(&said.partitions.keys().copied().collect(), since);
    };
    let check = |said: &Metadata, since: Option<usize>, is_kept: bool| {
        world.keep(key, "1");
        take(said, since);
        world.cache.tick();
        assert_eq!(world.get(key).is_some(), is_kept, "{said:?} {since:?}");
    };
    let said = |id, sequence| metadata(&world, key, id, sequence);
    // The first word of a partition says nothing of what was before, unless events may have been missed.
    check(&said(Some(PARTITION), 0), None, true);
    check(&said(Some(PARTITION), 10), None, true);
    check(&said(Some(PARTITION), 11), None, false);
    check(&said(Some(PARTITION), 12), None, true);
    check(&said(Some(PARTITION), 13), Some(1), false);
    check(&said(Some(PARTITION), 13), Some(1), true);
    check(&said(Some(PARTITION), 12), None, true);
    // A map that was destroyed counts from the start.
    check(&said(Some(PARTITION), 0), Some(1), false);
    check(&said(Some(other), 0), None, false);
    // Nobody speaks of it any more: but only if all have spoken.
    world.keep(key, "1");
    world.cache.reconcile(&Metadata::default(), true);
    assert!(world.get(key).is_some());
    check(&said(None, 0), None, false);
    check(&said(None, 0), Some(1), true);

    world.cache.interrupted();
    let (now, _) = world.cache.interruptions();
    world.cache.reconcile(&said(Some(PARTITION), 0), true);
    assert!(world.cache.interruptions().1, "not all members have answered");
    take(&said(None, 0), Some(now));
    assert!(!world.cache.interruptions().1);
    world.cache.interrupted();
    assert!(world.cache.interruptions().1);
}

#[test]
fn batches_of_uneven_lists_are_the_members_fault() {
    let world = World::new(|_| {});
    let event = |keys: usize, sources: usize, partitions: usize, sequences: i64| {
        let event = IMapBatchInvalidationEvent {
            keys: (0..keys).map(|key| world.data(&key.to_string())).collect(),
            source_uuids: alloc::vec![OTHER; sources],
            partition_uuids: alloc::vec![PARTITION; partitions],
            sequences: (1..=sequences).collect(),
        };
        world.cache.handle_event(&message(&event), CLIENT)
    };
    for key in ["0", "1", "2"] {
        world.keep(key, "v");
    }
    for lengths in [(3, 2, 3, 3), (3, 3, 2, 3), (3, 3, 3, 2), (2, 3, 3, 3), (0, 0, 0, 1)] {
        let (keys, sources, partitions, sequences) = lengths;
        assert!(event(keys, sources, partitions, sequences).is_err(), "{lengths:?}");
    }
    assert_eq!(world.statistics().owned_entry_count, 3);
    event(2, 2, 2, 2).unwrap();
    assert_eq!(world.statistics().owned_entry_count, 1);
    event(0, 0, 0, 0).unwrap();
    // Numbers beyond all reason are numbers.
    for sequence in [i64::MIN, i64::MAX, 0, i64::MIN] {
        world.tell(Some("2"), OTHER, PARTITION, sequence);
        world.cache.tick();
    }
}

#[test]
fn configurations_are_found_by_the_name_that_says_most() {
    let configs: Vec<_> = ["default", "or*", "orders", "*s", "ord*rs", "*"]
        .into_iter()
        .map(NearCacheConfig::new)
        .collect();
    for (map, found) in [
        ("orders", "orders"),
        ("orders@7", "orders"),
        ("ordinals", "or*"),
        ("orderers", "ord*rs"),
        ("ors", "or*"),
        ("users", "*s"),
        ("u", "*"),
    ] {
        assert_eq!(of_map(&configs, map).unwrap().name.as_str(), found, "{map}");
    }
    assert_eq!(of_map(&configs[..2], "users").unwrap().name.as_str(), "default");
    assert_eq!(of_map(&configs[1..3], "users"), None);
    let default = NearCacheConfig::new("users");
    assert_eq!(default.eviction, Eviction { size: 10_000, policy: EvictionPolicy::Lru });
    assert_eq!(default.in_memory_format, InMemoryFormat::Binary);
    assert!(default.invalidate_on_change && !default.serialize_keys && !default.expires());
    // A pattern's star stands for any text, of no length too, but its two ends don't overlap.
    assert_eq!(of_map(&[NearCacheConfig::new("aba*ba")], "aba"), None);
}
