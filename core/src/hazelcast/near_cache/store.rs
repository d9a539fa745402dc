//! [`Store`]: the records of one map, for keys and values of one pair of types.

use alloc::sync::Arc;
use core::borrow::Borrow;
use core::fmt;
use core::hash::{BuildHasher, Hash};
use core::sync::atomic::{AtomicU32, Ordering};

use spin::{RwLock, RwLockWriteGuard};

use super::Shared;
use super::config::{EvictionPolicy, NearCacheConfig, ticks};
use super::table::Table;
use crate::hazelcast::Data;
use crate::rng::Rng;

/// A key as it is kept.
#[derive(Debug, Clone)]
pub(crate) enum Key<K> {
    Object(K),
    Binary(Data),
}

/// A value as it is kept.
#[derive(Debug, Clone)]
pub(crate) enum Held<V> {
    Object(V),
    Binary(Data),
}

/// One record.
pub(super) struct Record<K, V> {
    pub(super) key: Key<K>,
    /// `None`: members said that there is no value.
    pub(super) value: Option<Held<V>>,
    /// What it is found by: the hash of the key as it is kept, and that of the serialized key.
    pub(super) key_hash: u64,
    pub(super) data_hash: u64,
    pub(super) partition: u32,
    /// Its partition's when its value was asked for.
    pub(super) generation: u32,
    /// The tick in which it came, and the last one in which it was asked for.
    pub(super) created: u32,
    pub(super) last_access: AtomicU32,
    /// How many records had come when it was last asked for, and how often it was.
    pub(super) last_use: AtomicU32,
    pub(super) uses: AtomicU32,
}

/// What a read is told when it begins, so that what it brings can be told from what is outdated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reservation {
    pub(super) data_hash: u64,
    pub(super) partition: u32,
    pub(super) generation: u32,
    pub(super) touched: u32,
    pub(super) epoch: u32,
}

/// How records of a map end by themselves.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    time_to_live: Option<u32>,
    max_idle: Option<u32>,
    pub(super) size: usize,
    pub(super) policy: EvictionPolicy,
}

impl Rules {
    fn new(config: &NearCacheConfig) -> Self {
        Self {
            time_to_live: ticks(config.time_to_live),
            max_idle: ticks(config.max_idle),
            // Places are numbered by 32 bits.
            size: config.eviction.size.clamp(1, u32::MAX as usize),
            policy: config.eviction.policy,
        }
    }

    /// Whether a record's time is up.
    pub(super) fn is_over<K, V>(&self, record: &Record<K, V>, now: u32) -> bool {
        let is_up = |since: u32, time: Option<u32>| {
            time.is_some_and(|time| now.saturating_sub(since) >= time)
        };
        is_up(record.created, self.time_to_live)
            || is_up(record.last_access.load(Ordering::Relaxed), self.max_idle)
    }
}

/// Records that an engine's tick looks at.
const SWEEP: usize = 1_000;

/// The records of one map, as one pair of types.
pub(crate) struct Store<K, V> {
    shared: Arc<Shared>,
    rules: Rules,
    table: RwLock<Table<K, V>>,
}

impl<K, V> Store<K, V> {
    pub(super) fn new(shared: Arc<Shared>, rng: Rng, partitions: u32) -> Self {
        let rules = Rules::new(&shared.config);
        Self { shared, rules, table: RwLock::new(Table::new(rng, partitions)) }
    }

    fn now(&self) -> u32 {
        self.shared.clock.load(Ordering::Relaxed)
    }

    /// The lock for writing. Readers that come later wait, so that many of them don't starve a writer.
    fn write(&self) -> RwLockWriteGuard<'_, Table<K, V>> {
        self.table.upgradeable_read().upgrade()
    }

    /// What `take` makes of the record of a key, kept as it is. Counts a hit or a miss.
    pub(crate) fn get<Q, T>(&self, key: &Q, take: impl FnOnce(Found<'_, K, V>) -> T) -> Option<T>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let hash = self.shared.hash.hash_one(key);
        let is_it = |known: &Key<K>| match known {
            Key::Object(known) => known.borrow() == key,
            Key::Binary(_) => false,
        };
        self.look_up(hash, is_it, take)
    }

    /// [`get`](Self::get) by a serialized key.
    pub(crate) fn get_serialized<T>(
        &self,
        key: &Data,
        take: impl FnOnce(Found<'_, K, V>) -> T,
    ) -> Option<T> {
        let hash = self.shared.hash.hash_one(key);
        let is_it = |known: &Key<K>| match known {
            Key::Object(_) => false,
            Key::Binary(known) => known == key,
        };
        self.look_up(hash, is_it, take)
    }

    fn look_up<T>(
        &self,
        hash: u64,
        is_it: impl Fn(&Key<K>) -> bool,
        take: impl FnOnce(Found<'_, K, V>) -> T,
    ) -> Option<T> {
        let now = self.now();
        let table = self.table.read();
        let Some(record) = table.find(hash, is_it) else {
            drop(table);
            self.shared.counters.miss();
            return None;
        };
        if table.is_stale(record) || self.rules.is_over(record, now) {
            let outdated = record.data_hash;
            drop(table);
            self.shared.counters.miss();
            self.remove_outdated(outdated, now);
            return None;
        }
        record.last_access.store(now, Ordering::Relaxed);
        record.last_use.store(table.arrivals(), Ordering::Relaxed);
        // Two that count at once may count as one: it only matters which is used least.
        let uses = record.uses.load(Ordering::Relaxed);
        record.uses.store(uses.saturating_add(1), Ordering::Relaxed);
        let taken = take((&record.key, record.value.as_ref()));
        drop(table);
        self.shared.counters.hit();
        Some(taken)
    }

    /// Removes a record that a reader found to be outdated, unless another took its place.
    fn remove_outdated(&self, data_hash: u64, now: u32) {
        let mut table = self.write();
        let Some((at, record)) = table.find_serialized(data_hash) else { return };
        let is_over = self.rules.is_over(record, now);
        if is_over || table.is_stale(record) {
            let removed = table.remove(at);
            drop(table);
            drop(removed);
            if is_over {
                self.shared.counters.expired(1);
            }
        }
    }

    /// What the read of a key is to bring with what it reads. `None`: that will not be kept.
    pub(crate) fn reserve(&self, key: &Data) -> Option<Reservation> {
        let data_hash = self.shared.hash.hash_one(key);
        self.table.read().reserve(data_hash, key.partition_hash())
    }

    /// Keeps what was read, unless something was invalidated since its reservation.
    pub(crate) fn publish(&self, reservation: &Reservation, key: Key<K>, value: Option<Held<V>>)
    where
        K: Hash,
    {
        let key_hash = match &key {
            Key::Object(key) => self.shared.hash.hash_one(key),
            Key::Binary(_) => reservation.data_hash,
        };
        let now = self.now();
        let mut table = self.write();
        let record = Record {
            key,
            value,
            key_hash,
            data_hash: reservation.data_hash,
            partition: reservation.partition,
            generation: reservation.generation,
            created: now,
            last_access: AtomicU32::new(now),
            last_use: AtomicU32::new(table.arrivals()),
            uses: AtomicU32::new(0),
        };
        if !table.admits(reservation) {
            // What doesn't stay is dropped after the lock.
            drop(table);
            return drop(record);
        }
        let former = table.find_serialized(reservation.data_hash).map(|(at, _)| at);
        let former = former.and_then(|at| table.remove(at));
        let mut evicted = None;
        if table.len() >= self.rules.size {
            let Some(at) = table.choose(&self.rules, now) else {
                drop(table);
                return drop((former, record));
            };
            evicted = table.remove(at);
        }
        table.insert(record);
        let trash = table.take_trash();
        drop(table);
        if let Some(evicted) = &evicted {
            if self.rules.is_over(evicted, now) {
                self.shared.counters.expired(1);
            } else {
                self.shared.counters.evicted();
            }
        }
        drop((former, evicted, trash));
    }
}

/// The key and value of a record.
pub(crate) type Found<'a, K, V> = (&'a Key<K>, Option<&'a Held<V>>);

/// A store as the engine sees it. Nothing of the user's runs in these, save in [`tidy`](Self::tidy).
pub(super) trait Untyped: Send + Sync {
    /// Forgets the key of this hash; whether it was kept.
    fn invalidate(&self, data_hash: u64) -> bool;
    /// Forgets everything; how much that was.
    fn clear(&self) -> usize;
    /// Begins anew with so many partitions; how much was forgotten.
    fn begin(&self, partitions: u32) -> usize;
    /// What is kept of these partitions is stale.
    fn stale(&self, partitions: &[u32]);
    /// Looks at some of the records, for those whose time is up.
    fn sweep(&self);
    /// Drops what was forgotten.
    fn tidy(&self);
    /// Records, and bytes that they take.
    fn owned(&self) -> (usize, usize);
}

impl<K: Send + Sync, V: Send + Sync> Untyped for Store<K, V> {
    fn invalidate(&self, data_hash: u64) -> bool {
        self.write().invalidate(data_hash)
    }

    fn clear(&self) -> usize {
        self.write().clear()
    }

    fn begin(&self, partitions: u32) -> usize {
        self.write().begin(partitions)
    }

    fn stale(&self, partitions: &[u32]) {
        self.write().stale(partitions);
    }

    fn sweep(&self) {
        let now = self.now();
        let expired = self.write().sweep(SWEEP, |record| self.rules.is_over(record, now));
        self.shared.counters.expired(expired);
    }

    fn tidy(&self) {
        // Mostly there is none, and readers needn't be kept out to see that.
        if self.table.read().has_trash() {
            let trash = self.write().take_trash();
            drop(trash);
        }
    }

    fn owned(&self) -> (usize, usize) {
        let table = self.table.read();
        (table.len(), table.memory())
    }
}

impl<K, V> fmt::Debug for Store<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("records", &self.table.read().len()).finish_non_exhaustive()
    }
}
