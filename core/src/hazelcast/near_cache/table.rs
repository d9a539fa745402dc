//! [`Table`]: records in one row, found by the hash of the key and by that of the serialized key.
//!
//! ```text
//!   by_key  (hash of K)              --+
//!                                      +--> place in records: [a][b][c][d]   the last takes the place of
//!   by_data (hash of the serialized) --+                                     one that is removed
//! ```

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::sync::atomic::Ordering;

use hashbrown::HashTable;

use super::config::EvictionPolicy;
use super::store::{Held, Key, Record, Reservation, Rules};
use crate::partition::hazelcast_partition;
use crate::rng::Rng;

/// Groups of keys whose invalidations are counted together.
const GROUPS: usize = 1024;

/// Records that are looked at for the one to go.
const SAMPLES: usize = 16;

/// The records of one store.
pub(super) struct Table<K, V> {
    records: Vec<Record<K, V>>,
    by_key: HashTable<u32>,
    by_data: HashTable<u32>,
    /// How often keys of a group were invalidated, and how often everything was.
    touched: Box<[u32; GROUPS]>,
    epoch: u32,
    /// How often each partition went stale.
    generations: Vec<u32>,
    /// Records that have come.
    arrivals: u32,
    /// Taken out by the engine, to be dropped by others.
    trash: Vec<Record<K, V>>,
    /// Bytes of what is kept serialized.
    memory: usize,
    /// Where the next sweep begins.
    swept: usize,
    rng: Rng,
}

impl<K, V> Table<K, V> {
    pub(super) fn new(rng: Rng, partitions: u32) -> Self {
        Self {
            records: Vec::new(),
            by_key: HashTable::new(),
            by_data: HashTable::new(),
            touched: Box::new([0; GROUPS]),
            epoch: 0,
            generations: alloc::vec![0; partitions as usize],
            arrivals: 0,
            trash: Vec::new(),
            memory: 0,
            swept: 0,
            rng,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    pub(super) fn memory(&self) -> usize {
        self.memory
    }

    pub(super) fn arrivals(&self) -> u32 {
        self.arrivals
    }

    /// The record of a key, by its hash.
    pub(super) fn find(&self, hash: u64, is_it: impl Fn(&Key<K>) -> bool) -> Option<&Record<K, V>> {
        let record = |at: &u32| self.records.get(*at as usize);
        let at = self.by_key.find(hash, |at| {
            record(at).is_some_and(|record| record.key_hash == hash && is_it(&record.key))
        })?;
        record(at)
    }

    /// The record of a key, by the hash of its serialized form.
    pub(super) fn find_serialized(&self, hash: u64) -> Option<(usize, &Record<K, V>)> {
        let record = |at: &u32| self.records.get(*at as usize);
        let is_it = |at: &u32| record(at).is_some_and(|record| record.data_hash == hash);
        let at = self.by_data.find(hash, is_it)?;
        Some((*at as usize, record(at)?))
    }

    /// Whether the partition of a record went stale since its value was asked for.
    pub(super) fn is_stale(&self, record: &Record<K, V>) -> bool {
        self.generations.get(record.partition as usize) != Some(&record.generation)
    }

    /// How things stand for a key. `None` while it isn't known which partition that is in.
    pub(super) fn reserve(&self, data_hash: u64, partition_hash: i32) -> Option<Reservation> {
        let count = u32::try_from(self.generations.len()).ok()?;
        let partition = hazelcast_partition(partition_hash, count);
        let generation = *self.generations.get(partition as usize)?;
        let touched = *self.touched.get(group(data_hash))?;
        Some(Reservation { data_hash, partition, generation, touched, epoch: self.epoch })
    }

    /// Whether nothing was invalidated since.
    pub(super) fn admits(&self, reservation: &Reservation) -> bool {
        let Reservation { data_hash, partition, generation, touched, epoch } = reservation;
        self.epoch == *epoch
            && self.touched.get(group(*data_hash)) == Some(touched)
            && self.generations.get(*partition as usize) == Some(generation)
    }

    /// Adds a record whose key has none.
    pub(super) fn insert(&mut self, record: Record<K, V>) {
        let Ok(at) = u32::try_from(self.records.len()) else { return };
        let (key_hash, data_hash) = (record.key_hash, record.data_hash);
        self.memory += record.memory();
        self.records.push(record);
        self.arrivals = self.arrivals.wrapping_add(1);
        let Self { records, by_key, by_data, .. } = self;
        let of =
            |at: &u32, hash: fn(&Record<K, V>) -> u64| records.get(*at as usize).map_or(0, hash);
        by_key.insert_unique(key_hash, at, |at| of(at, |record| record.key_hash));
        by_data.insert_unique(data_hash, at, |at| of(at, |record| record.data_hash));
    }

    /// Takes out the record of a place. The last one takes its place.
    pub(super) fn remove(&mut self, at: usize) -> Option<Record<K, V>> {
        let removed = self.records.get(at)?;
        let Self { by_key, by_data, .. } = self;
        for (hash, index) in [(removed.key_hash, by_key), (removed.data_hash, by_data)] {
            if let Ok(entry) = index.find_entry(hash, |known| *known as usize == at) {
                entry.remove();
            }
        }
        let last = self.records.len() - 1;
        let removed = self.records.swap_remove(at);
        self.memory = self.memory.saturating_sub(removed.memory());
        if let Some(moved) = self.records.get(at) {
            let Self { by_key, by_data, .. } = self;
            for (hash, index) in [(moved.key_hash, by_key), (moved.data_hash, by_data)] {
                if let Some(known) = index.find_mut(hash, |known| *known as usize == last) {
                    *known = at as u32;
                }
            }
        }
        Some(removed)
    }

    /// The record that goes for another one.
    pub(super) fn choose(&mut self, rules: &Rules, now: u32) -> Option<usize> {
        let count = self.records.len();
        let mut best = None;
        for sample in 0..SAMPLES.min(count) {
            let at = if count <= SAMPLES { sample } else { self.rng.below(count as u64) as usize };
            let Some(record) = self.records.get(at) else { continue };
            if rules.is_over(record, now) || self.is_stale(record) {
                return Some(at);
            }
            let worth = match rules.policy {
                EvictionPolicy::None => continue,
                EvictionPolicy::Random => self.rng.next_u64(),
                EvictionPolicy::Lfu => u64::from(record.uses.load(Ordering::Relaxed)),
                EvictionPolicy::Lru => {
                    let unused = record.last_use.load(Ordering::Relaxed);
                    u64::from(u32::MAX - self.arrivals.wrapping_sub(unused))
                }
            };
            if best.is_none_or(|(_, least)| worth < least) {
                best = Some((at, worth));
            }
        }
        best.map(|(at, _)| at)
    }

    /// Forgets the key of this hash, and what is being read of it; whether it was kept.
    pub(super) fn invalidate(&mut self, data_hash: u64) -> bool {
        if let Some(touched) = self.touched.get_mut(group(data_hash)) {
            *touched = touched.wrapping_add(1);
        }
        let at = self.find_serialized(data_hash).map(|(at, _)| at);
        let removed = at.and_then(|at| self.remove(at));
        let was_kept = removed.is_some();
        self.trash.extend(removed);
        was_kept
    }

    /// Forgets everything, and what is being read; how much that was.
    pub(super) fn clear(&mut self) -> usize {
        self.epoch = self.epoch.wrapping_add(1);
        let count = self.records.len();
        self.trash.append(&mut self.records);
        self.by_key.clear();
        self.by_data.clear();
        (self.memory, self.swept) = (0, 0);
        count
    }

    pub(super) fn begin(&mut self, partitions: u32) -> usize {
        self.generations = alloc::vec![0; partitions as usize];
        self.clear()
    }

    pub(super) fn stale(&mut self, partitions: &[u32]) {
        for partition in partitions {
            if let Some(generation) = self.generations.get_mut(*partition as usize) {
                *generation = generation.wrapping_add(1);
            }
        }
    }

    /// Looks at so many records, after those of the last time, and takes out those that are over.
    pub(super) fn sweep(&mut self, most: usize, is_over: impl Fn(&Record<K, V>) -> bool) -> usize {
        let mut removed = 0;
        for _ in 0..most.min(self.records.len()) {
            let at = if self.swept < self.records.len() { self.swept } else { 0 };
            if self.records.get(at).is_some_and(&is_over) {
                let record = self.remove(at);
                self.trash.extend(record);
                removed += 1;
                // Another one is in its place.
                self.swept = at;
            } else {
                self.swept = at + 1;
            }
        }
        removed
    }

    pub(super) fn has_trash(&self) -> bool {
        !self.trash.is_empty()
    }

    pub(super) fn take_trash(&mut self) -> Vec<Record<K, V>> {
        core::mem::take(&mut self.trash)
    }
}

fn group(data_hash: u64) -> usize {
    (data_hash as usize) % GROUPS
}

impl<K, V> Record<K, V> {
    /// Bytes that it takes, if its value is kept serialized.
    fn memory(&self) -> usize {
        let Some(Held::Binary(value)) = &self.value else { return 0 };
        let key = match &self.key {
            Key::Binary(key) => key.bytes().len(),
            Key::Object(_) => 0,
        };
        size_of::<Self>() + 2 * size_of::<u32>() + key + value.bytes().len()
    }
}
