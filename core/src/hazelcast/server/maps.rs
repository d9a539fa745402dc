//! The entries of maps, and who listens to them.

use core::time::Duration;

use crate::Str;
use crate::endpoint::ConnId;
use crate::hazelcast::Data;
use crate::rng::{KeyedHash, Map};
use crate::time::Instant;

/// One map.
#[derive(Debug)]
pub(super) struct MapStore {
    entries: Map<Data, Entry>,
}

#[derive(Debug)]
struct Entry {
    value: Data,
    expires: Option<Instant>,
}

impl Entry {
    fn is_alive(&self, now: Instant) -> bool {
        self.expires.is_none_or(|at| now < at)
    }
}

impl MapStore {
    pub(super) fn new(hash: KeyedHash) -> Self {
        Self { entries: Map::with_hasher(hash) }
    }

    pub(super) fn get(&self, now: Instant, key: &Data) -> Option<&Data> {
        self.entries.get(key).filter(|entry| entry.is_alive(now)).map(|entry| &entry.value)
    }

    /// Stores a copy, and returns what was there. The time to live is in milliseconds; 0 and less is
    /// for ever.
    pub(super) fn put(&mut self, now: Instant, key: &Data, value: &Data, ttl: i64) -> Option<Data> {
        let expires = u64::try_from(ttl)
            .ok()
            .filter(|ttl| *ttl > 0)
            .map(|ttl| now + Duration::from_millis(ttl));
        let entry = Entry { value: value.detached(), expires };
        let former = match self.entries.get_mut(key) {
            Some(place) => Some(core::mem::replace(place, entry)),
            None => self.entries.insert(key.detached(), entry),
        };
        former.filter(|entry| entry.is_alive(now)).map(|entry| entry.value)
    }

    pub(super) fn remove(&mut self, now: Instant, key: &Data) -> Option<Data> {
        self.entries.remove(key).filter(|entry| entry.is_alive(now)).map(|entry| entry.value)
    }

    pub(super) fn len(&self, now: Instant) -> usize {
        self.entries.values().filter(|entry| entry.is_alive(now)).count()
    }

    pub(super) fn clear(&mut self, now: Instant) -> usize {
        let count = self.len(now);
        self.entries.clear();
        count
    }
}

/// A registration of a client.
#[derive(Debug, Clone)]
pub(super) struct Listener {
    pub(super) conn: ConnId,
    /// Of the request that registered it: its events carry it too.
    pub(super) correlation_id: i64,
    pub(super) kind: ListenerKind,
}

#[derive(Debug, Clone)]
pub(super) enum ListenerKind {
    Entries { map: Str, key: Option<Data>, values: bool, flags: i32, event_type: u32 },
    Objects,
    Backups,
}

/// What happened to an entry, or to all.
#[derive(Debug, Clone, Default)]
pub(super) struct Change {
    pub(super) key: Option<Data>,
    pub(super) value: Option<Data>,
    pub(super) old_value: Option<Data>,
    pub(super) kind: i32,
    pub(super) affected: i32,
}

impl Listener {
    /// Whether a change of this map concerns the listener.
    pub(super) fn hears(&self, name: &str, change: &Change) -> Option<(bool, u32)> {
        match &self.kind {
            ListenerKind::Entries { map, key, values, flags, event_type }
                if map == name
                    && flags & change.kind != 0
                    && (key.is_none() || change.key.is_none() || *key == change.key) =>
            {
                Some((*values, *event_type))
            }
            _ => None,
        }
    }
}
