//! Near caches: what a client has read of a map, kept beside it, so that reading it again costs no call.
//!
//! ```text
//!   NearCachedMap::get --hit--> a clone of the value                  Store: records of one map, as one type
//!         | miss: a reservation, then Get                                ^    ^         ^
//!         +------ answer: published, if nothing was invalidated since ---+    |         |
//!   Map::put, remove, clear, ...   when they end, however they end -----------+         |
//!   engine: invalidations of every member, metadata at start, after a reconnect --------+
//!           and every reconciliation interval, expiry
//! ```
//!
//! One idea per file: `config` is what users say; `store` holds the records and `table` finds them;
//! `sequences` notices what was not heard; `repair` is what is done in the engine; `written` is a change
//! that is under way; `statistics` counts. Users have [`NearCachedMap`](super::NearCachedMap).
//!
//! **Who runs what.** Reads and changes run on the caller's side and share the store under one lock; a
//! hit takes it for reading and touches nothing of the engine. The engine invalidates by the keyed hash
//! of a serialized key, under which each record is found a second time: so no `Hash`, `Eq` or `Drop` of
//! the user's runs inside the engine. What it takes out is dropped by the next caller that comes by.
//!
//! **What may be kept.** A read takes a reservation before its request leaves: how often its group of
//! keys, its partition and the whole were invalidated so far. What it brings is published only if none
//! of that has moved meanwhile. There is nothing to give back if it fails.
//!
//! **What is promised.** A change of this client's that was acknowledged is never followed by a read of
//! what was before it: it invalidates before whoever waits for it goes on. Events of the client's own
//! changes are left out therefore, but for a while after one of them ended without an answer, since that
//! one may still be carried out. A change of others' is served until its event comes. An event that gets lost shows as a gap in its
//! partition's sequence; too many of those, a partition that began anew, or a sequence that went on
//! while a member was not listened to, make what was kept of the partition stale.

mod config;
mod repair;
mod sequences;
mod statistics;
mod store;
mod table;
mod written;

#[cfg(test)]
mod tests;

pub use config::{Eviction, EvictionPolicy, InMemoryFormat, NearCacheConfig};
pub(crate) use repair::Open;
pub use statistics::NearCacheStatistics;
pub(crate) use store::{Held, Key, Reservation, Store};
pub(crate) use written::{Changes, Written};

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::{Any, TypeId};
use core::fmt;
use core::hash::BuildHasher;
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use core::time::Duration;

use spin::RwLock;

use self::sequences::Sequences;
use self::statistics::Counters;
use self::store::Untyped;
use super::client::Config;
use super::data::Data;
use super::error::{Error, Violation};
use super::family::name_hash;
use super::message::map::{IMapBatchInvalidationEvent, IMapInvalidationEvent};
use super::raw::Message;
use super::schema::Payload;
use super::serialization::after_at;
use super::uuid::Uuid;
use crate::Str;
use crate::endpoint::Start;
use crate::partition::hazelcast_partition;
use crate::rng::{KeyedHash, Rng};
use crate::time::Instant;

/// What expiry is counted in.
pub(crate) const TICK: Duration = Duration::from_millis(100);

/// Ticks after which a change that nobody waits for was carried out and told of, or never will be: the
/// time that members take for an operation that waits, 60 s, and keep events back for, 10 s, twice.
const OVERHANG: u32 = 1_400;

/// All near caches of a client.
#[derive(Debug, Default)]
pub(crate) struct NearCaches {
    configs: Vec<NearCacheConfig>,
    repair: RepairRules,
    seed: RwLock<[u8; 32]>,
    unix_at_zero: Duration,
    clock: Arc<AtomicU32>,
    /// Of maps that were used: nothing where none is configured.
    by_map: RwLock<BTreeMap<Str, Option<Arc<NearCache>>>>,
}

impl NearCaches {
    /// None as yet.
    pub(crate) fn new(config: &Config, start: Start) -> Self {
        let repair = RepairRules {
            max_tolerated_miss_count: config.invalidation_max_tolerated_miss_count,
            reconciliation_interval: config.invalidation_reconciliation_interval,
        };
        let configs = config.near_caches.clone();
        // A sequence of their own, whatever else is drawn.
        let seed = RwLock::new(start.seed.map(|byte| !byte));
        Self { configs, repair, seed, unix_at_zero: start.unix_at_zero, ..Self::default() }
    }

    /// That of a map, if one is configured. It is made when the map is first used in any way, so that
    /// there is no change under way that it doesn't know of. `number` is one of the client's.
    pub(crate) fn of(&self, map: &Str, number: impl FnOnce() -> i64) -> Option<Arc<NearCache>> {
        if self.configs.is_empty() {
            return None;
        }
        if let Some(known) = self.by_map.read().get(map.as_str()) {
            return known.clone();
        }
        let mut by_map = self.by_map.write();
        let cache = by_map.entry(map.detached()).or_insert_with(|| {
            let config = config::of_map(&self.configs, map)?;
            Some(Arc::new(self.make(map, config, number())))
        });
        cache.clone()
    }

    fn make(&self, map: &Str, config: NearCacheConfig, number: i64) -> NearCache {
        let mut seed = self.seed.write();
        let mut rng = Rng::new(*seed);
        *seed = rng.seed();
        let created = self.unix_at_zero + TICK * self.clock.load(Ordering::Relaxed);
        let clock = Arc::clone(&self.clock);
        let shared = Shared { config, hash: rng.hash_key(), clock, counters: Counters::default() };
        NearCache {
            name: map.detached(),
            number,
            shared: Arc::new(shared),
            repair: self.repair,
            created,
            rng: RwLock::new(rng),
            stores: RwLock::default(),
            sequences: RwLock::default(),
            cluster: RwLock::default(),
            interruptions: AtomicUsize::new(0),
            repaired: AtomicUsize::new(0),
            fetches: AtomicUsize::new(0),
            heeds_own_until: AtomicU32::new(0),
            destroyed: AtomicBool::new(false),
            is_opening: AtomicBool::new(false),
            is_told: AtomicBool::new(false),
            is_open: AtomicBool::new(false),
        }
    }

    /// Those that are in use, by their maps' names.
    pub(crate) fn all(&self) -> Vec<Arc<NearCache>> {
        let is_open = |cache: &&Arc<NearCache>| cache.is_open.load(Ordering::Relaxed);
        self.by_map.read().values().flatten().filter(is_open).cloned().collect()
    }

    /// Takes the engine's time.
    pub(crate) fn advance(&self, now: Instant) {
        if self.configs.is_empty() {
            return;
        }
        let ticks = now.as_nanos() / (TICK.as_nanos() as u64);
        self.clock.store(u32::try_from(ticks).unwrap_or(u32::MAX), Ordering::Relaxed);
    }
}

/// How what was missed is noticed and made good.
#[derive(Debug, Clone, Copy, Default)]
struct RepairRules {
    max_tolerated_miss_count: u32,
    reconciliation_interval: Option<Duration>,
}

/// What all stores of a map share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: NearCacheConfig,
    pub(crate) hash: KeyedHash,
    /// Ticks since the engine's zero.
    pub(crate) clock: Arc<AtomicU32>,
    pub(crate) counters: Counters,
}

/// The near cache of one map.
pub(crate) struct NearCache {
    name: Str,
    /// Under which the engine has it follow events.
    number: i64,
    shared: Arc<Shared>,
    repair: RepairRules,
    created: Duration,
    rng: RwLock<Rng>,
    /// A store for each pair of types that the map is asked for.
    stores: RwLock<Vec<Opened>>,
    sequences: RwLock<Sequences>,
    /// The cluster that it is of, and how many partitions that has.
    cluster: RwLock<(Option<Uuid>, u32)>,
    /// How often events may have been missed: a listener was lost, or is to be registered on a member.
    /// And how often that was when it was last made good.
    interruptions: AtomicUsize,
    repaired: AtomicUsize,
    /// How many calls ask members how things stand.
    fetches: AtomicUsize,
    /// The tick until which changes of this client's own may be carried out that nobody waits for: the
    /// client's own events count.
    heeds_own_until: AtomicU32,
    /// The map was destroyed, and its listeners with it.
    destroyed: AtomicBool,
    /// A call has members tell of changes; they do; and the cache is in use, and looked after.
    is_opening: AtomicBool,
    is_told: AtomicBool,
    is_open: AtomicBool,
}

struct Opened {
    types: TypeId,
    typed: Arc<dyn Any + Send + Sync>,
    untyped: Arc<dyn Untyped>,
}

impl NearCache {
    pub(crate) fn name(&self) -> &Str {
        &self.name
    }

    pub(crate) fn config(&self) -> &NearCacheConfig {
        &self.shared.config
    }

    /// The store for keys and values of these types.
    pub(crate) fn store<K, V>(&self) -> Arc<Store<K, V>>
    where
        K: Send + Sync + 'static,
        V: Send + Sync + 'static,
    {
        let mut stores = self.stores.write();
        let types = TypeId::of::<(K, V)>();
        let known = stores.iter().find(|store| store.types == types);
        if let Some(Ok(store)) = known.map(|store| Arc::clone(&store.typed).downcast()) {
            return store;
        }
        let partitions = self.sequences.read().partition_count();
        let seed = self.rng.write().seed();
        let store = Arc::new(Store::new(Arc::clone(&self.shared), Rng::new(seed), partitions));
        let (typed, untyped) = (Arc::clone(&store) as _, Arc::clone(&store) as _);
        stores.push(Opened { types, typed, untyped });
        store
    }

    /// What a key is invalidated by.
    pub(crate) fn hash_of(&self, key: &Data) -> u64 {
        self.shared.hash.hash_one(key)
    }

    /// With which maps of keys hash.
    pub(crate) fn hasher(&self) -> KeyedHash {
        self.shared.hash
    }

    pub(crate) fn statistics(&self) -> NearCacheStatistics {
        let mut statistics = self.shared.counters.snapshot();
        statistics.creation_time = self.created;
        for store in &*self.stores.read() {
            let (entries, memory) = store.untyped.owned();
            statistics.owned_entry_count += entries;
            statistics.owned_entry_memory_cost += memory;
        }
        statistics
    }

    fn each_store(&self, mut act: impl FnMut(&dyn Untyped)) {
        self.stores.read().iter().for_each(|store| act(&*store.untyped));
    }

    /// Forgets keys by their hashes.
    fn invalidate(&self, hashes: &[u64]) {
        for hash in hashes {
            let mut removed = 0;
            self.each_store(|store| removed += usize::from(store.invalidate(*hash)));
            self.shared.counters.invalidated(removed);
        }
    }

    /// Forgets everything.
    fn clear(&self) {
        let mut removed = 0;
        self.each_store(|store| removed += store.clear());
        self.shared.counters.invalidated(removed);
    }

    /// Drops what was taken out, on a caller's side.
    fn tidy(&self) {
        self.each_store(|store| store.tidy());
    }

    /// A change may be under way that the cache won't be told the end of.
    fn heed_own(&self) {
        let until = self.now().saturating_add(OVERHANG);
        self.heeds_own_until.fetch_max(until, Ordering::Relaxed);
    }

    fn now(&self) -> u32 {
        self.shared.clock.load(Ordering::Relaxed)
    }

    // What the engine does.

    /// The client is at another cluster, of so many partitions.
    fn reset(&self, partitions: u32) {
        // Before the stores: one that is made meanwhile has the right count.
        *self.sequences.write() = Sequences::new(partitions);
        let mut removed = 0;
        self.each_store(|store| removed += store.begin(partitions));
        if removed > 0 {
            self.shared.counters.invalidated(removed);
        }
        self.interrupted();
    }

    /// Events may have been missed, or may be until a listener is registered.
    fn interrupted(&self) {
        self.interruptions.fetch_add(1, Ordering::Relaxed);
    }

    /// How often events may have been missed, and whether that was not made good.
    fn interruptions(&self) -> (usize, bool) {
        let count = self.interruptions.load(Ordering::Relaxed);
        (count, count != self.repaired.load(Ordering::Relaxed))
    }

    /// The map is destroyed: its listeners are to be registered anew.
    fn destroy(&self) {
        self.destroyed.store(true, Ordering::Relaxed);
    }

    /// A member's event. An error is the member's fault.
    fn handle_event(&self, message: &Message, client: Uuid) -> Result<(), Error> {
        match message.message_type() {
            IMapInvalidationEvent::ID => {
                let (event, _) = IMapInvalidationEvent::decode(message)?;
                let IMapInvalidationEvent { key, source_uuid, partition_uuid, sequence } = event;
                self.heard(key.as_ref(), source_uuid == client, partition_uuid, sequence);
            }
            IMapBatchInvalidationEvent::ID => {
                let (event, _) = IMapBatchInvalidationEvent::decode(message)?;
                let IMapBatchInvalidationEvent { keys, source_uuids, partition_uuids, sequences } =
                    event;
                let lengths = [source_uuids.len(), partition_uuids.len(), sequences.len()];
                if lengths.iter().any(|length| *length != keys.len()) {
                    let uneven = "the lists of a batch of invalidations are not of one length";
                    return Err(Error::Violation(Violation::Other(uneven)));
                }
                let from = source_uuids.iter().zip(partition_uuids).zip(sequences);
                for (key, ((source, partition), sequence)) in keys.iter().zip(from) {
                    self.heard(Some(key), *source == client, partition, sequence);
                }
            }
            // Members of later versions may have more to say.
            _ => {}
        }
        Ok(())
    }

    fn heard(&self, key: Option<&Data>, is_own: bool, partition_id: Uuid, sequence: i64) {
        if !is_own || self.now() < self.heeds_own_until.load(Ordering::Relaxed) {
            match key {
                Some(key) => self.invalidate(&[self.hash_of(key)]),
                None => self.clear(),
            }
        }
        let hash = match key {
            Some(key) => key.partition_hash(),
            None => name_hash(after_at(&self.name).unwrap_or(&self.name)),
        };
        // Never held together with the list of stores.
        let (partition, is_stale) = {
            let mut sequences = self.sequences.write();
            let partition = hazelcast_partition(hash, sequences.partition_count());
            (partition, sequences.heard(partition, partition_id, sequence))
        };
        if is_stale {
            self.stale(&[partition]);
        }
    }

    fn stale(&self, partitions: &[u32]) {
        if !partitions.is_empty() {
            self.each_store(|store| store.stale(partitions));
        }
    }

    /// Looks after what is due every tick: events that were missed, and records that expired.
    fn tick(&self) {
        let overdue = self.sequences.write().overdue(self.repair.max_tolerated_miss_count);
        self.stale(&overdue);
        if self.config().expires() {
            self.each_store(|store| store.sweep());
        }
    }

    /// Takes what a member says of its partitions. With `is_strict` events may have been missed, and
    /// every difference means that they were.
    fn reconcile(&self, said: &Metadata, is_strict: bool) {
        let stale = self.sequences.write().reconcile(said, is_strict);
        self.stale(&stale);
    }

    /// All members have said it, of these partitions together. `since` is how often events may have been
    /// missed when they were asked, if they were asked for that.
    fn reconciled(&self, spoken_of: &BTreeSet<u32>, since: Option<usize>) {
        let stale = self.sequences.write().reconciled(spoken_of);
        self.stale(&stale);
        if let Some(count) = since {
            self.repaired.store(count, Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for NearCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("NearCache").field(&self.name).finish()
    }
}

/// What a member says of its partitions: the ids that they have now, and how many invalidations there
/// were of the map.
#[derive(Debug, Default)]
struct Metadata {
    partitions: BTreeMap<u32, Uuid>,
    sequences: BTreeMap<u32, i64>,
}
