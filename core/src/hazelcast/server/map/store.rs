//! The entries of a map.

use alloc::vec::Vec;
use core::time::Duration;

use super::journal::Journal;
use super::locks::{Lock, Locks};
use crate::hazelcast::Data;
use crate::rng::{KeyedHash, Map};
use crate::time::Instant;

/// What a member has of a map in one partition.
#[derive(Debug, Clone)]
pub(in crate::hazelcast::server) struct MapStore {
    entries: Map<Data, Entry>,
    pub(super) locks: Locks,
    /// Counts changes, for near caches.
    pub(super) sequence: i64,
    pub(super) journal: Journal,
}

/// How long an entry lives: for ever, where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Lifetime {
    /// After a change.
    pub(super) ttl: Option<Duration>,
    /// Unused.
    pub(super) max_idle: Option<Duration>,
}

impl Lifetime {
    /// In the protocol's milliseconds: 0 and less is for ever.
    pub(super) fn new(ttl: i64, max_idle: i64) -> Self {
        let time =
            |millis| u64::try_from(millis).ok().filter(|n| *n > 0).map(Duration::from_millis);
        Self { ttl: time(ttl), max_idle: time(max_idle) }
    }
}

/// What is in one place of a map: as it travels to backups.
#[derive(Debug, Clone, Default)]
pub(in crate::hazelcast::server) struct EntryState {
    entry: Option<Entry>,
    lock: Option<Lock>,
}

#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) value: Data,
    pub(super) lifetime: Lifetime,
    updated: Instant,
    used: Instant,
}

impl Entry {
    pub(super) fn expires(&self) -> Option<Instant> {
        let changed = self.lifetime.ttl.map(|ttl| self.updated + ttl);
        let idle = self.lifetime.max_idle.map(|idle| self.used + idle);
        [changed, idle].into_iter().flatten().min()
    }

    fn is_alive(&self, now: Instant) -> bool {
        self.expires().is_none_or(|at| now < at)
    }
}

impl MapStore {
    pub(in crate::hazelcast::server) fn new(hash: KeyedHash) -> Self {
        Self {
            entries: Map::with_hasher(hash),
            locks: Locks::new(hash),
            sequence: 0,
            journal: Journal::default(),
        }
    }

    /// What a backup is sent.
    pub(in crate::hazelcast::server) fn state(&self, key: &Data) -> EntryState {
        EntryState { entry: self.entries.get(key).cloned(), lock: self.locks.get(key) }
    }

    /// What a backup was sent.
    pub(in crate::hazelcast::server) fn set_state(&mut self, key: Data, state: EntryState) {
        self.locks.set(&key, state.lock);
        match state.entry {
            Some(entry) => drop(self.entries.insert(key, entry)),
            None => drop(self.entries.remove(&key)),
        }
    }

    /// An entry, without using it.
    pub(super) fn peek(&self, now: Instant, key: &Data) -> Option<&Entry> {
        self.entries.get(key).filter(|entry| entry.is_alive(now))
    }

    /// Uses an entry.
    pub(super) fn get(&mut self, now: Instant, key: &Data) -> Option<&Data> {
        let entry = self.entries.get_mut(key).filter(|entry| entry.is_alive(now))?;
        entry.used = now;
        Some(&entry.value)
    }

    /// Stores a copy, and returns what was there.
    pub(super) fn put(
        &mut self,
        now: Instant,
        key: &Data,
        value: &Data,
        lifetime: Lifetime,
    ) -> Option<Data> {
        let entry = Entry { value: value.detached(), lifetime, updated: now, used: now };
        let former = match self.entries.get_mut(key) {
            Some(place) => Some(core::mem::replace(place, entry)),
            None => self.entries.insert(key.detached(), entry),
        };
        former.filter(|entry| entry.is_alive(now)).map(|entry| entry.value)
    }

    /// Changes how long an entry lives from now on. False if there is none.
    pub(super) fn set_ttl(&mut self, now: Instant, key: &Data, lifetime: Lifetime) -> bool {
        let entry = self.entries.get_mut(key).filter(|entry| entry.is_alive(now));
        entry.is_some_and(|entry| {
            entry.lifetime.ttl = lifetime.ttl;
            entry.updated = now;
            true
        })
    }

    pub(super) fn remove(&mut self, now: Instant, key: &Data) -> Option<Data> {
        self.entries.remove(key).filter(|entry| entry.is_alive(now)).map(|entry| entry.value)
    }

    /// All entries that are alive, in no order, but the same one in each run.
    pub(in crate::hazelcast::server) fn iter(
        &self,
        now: Instant,
    ) -> impl Iterator<Item = (&Data, &Data)> {
        let alive = self.entries.iter().filter(move |(_, entry)| entry.is_alive(now));
        alive.map(|(key, entry)| (key, &entry.value))
    }

    pub(in crate::hazelcast::server) fn len(&self, now: Instant) -> usize {
        self.iter(now).count()
    }

    /// The keys that are there, dead entries included, of those that aren't locked or of all.
    pub(super) fn removable(&self, now: Instant, locked_too: bool) -> Vec<Data> {
        let goes = |key: &&Data| locked_too || !self.locks.is_locked(now, key);
        self.entries.keys().filter(goes).cloned().collect()
    }

    /// Entries of a partition by their places in it, which are the upper bits of their keys' hashes: from
    /// the greatest down, so that what comes and goes in between moves no other. About so many, and
    /// where to go on: below zero at the end.
    pub(super) fn fetch(
        &self,
        now: Instant,
        pointers: &[(i32, i32)],
        batch: i32,
    ) -> (Vec<(Data, Data)>, Vec<(i32, i32)>) {
        let below = match pointers.last() {
            Some((index, size)) if *size >= 0 => i64::from(*index),
            _ => i64::MAX,
        };
        let mut found: Vec<_> = self
            .iter(now)
            .filter_map(|(key, value)| {
                let hash = key.partition_hash();
                let place = (hash.cast_unsigned() >> 1).cast_signed();
                (i64::from(place) < below).then_some((place, key, value))
            })
            .collect();
        found
            .sort_unstable_by(|one, other| (other.0, one.1.bytes()).cmp(&(one.0, other.1.bytes())));
        // All of one place go together.
        let batch = usize::try_from(batch).unwrap_or(0).max(1);
        let last = found.get(batch.min(found.len()).wrapping_sub(1)).map(|(place, ..)| *place);
        let taken = found.iter().take_while(|(place, ..)| Some(*place) >= last).count();
        let next = if taken < found.len() { last.unwrap_or(-1) } else { -1 };
        let taken = found.into_iter().take(taken);
        let entries = taken.map(|(_, key, value)| (key.clone(), value.clone())).collect();
        (entries, [(next, i32::MAX)].into())
    }
}
