//! Changes of entries, and who is told of them.

use alloc::vec::Vec;

use super::store::{Lifetime, MapStore};
use crate::Str;
use crate::hazelcast::Data;
use crate::hazelcast::message::map;
use crate::hazelcast::server::Member;
use crate::hazelcast::server::listeners::Change;
use crate::time::Instant;

/// Flags of entry listeners, and types of their events.
pub(super) mod kind {
    pub(in super::super) const ADDED: i32 = 1;
    pub(in super::super) const REMOVED: i32 = 2;
    pub(in super::super) const UPDATED: i32 = 4;
    pub(in super::super) const EVICTED: i32 = 8;
    pub(in super::super) const EVICT_ALL: i32 = 32;
    pub(in super::super) const CLEAR_ALL: i32 = 64;
}

/// The service of maps.
pub(in crate::hazelcast::server) const MAPS: &str = "hz:impl:mapService";

impl Member {
    pub(super) fn map(&mut self, name: &Str) -> &mut MapStore {
        if !self.maps.contains_key(name) {
            // A map exists from its first use on.
            self.create(Str::from_static(MAPS), name.detached());
        }
        let hash = self.hash;
        self.maps.entry(name.detached()).or_insert_with(|| MapStore::new(hash))
    }

    pub(super) fn put(
        &mut self,
        now: Instant,
        name: &Str,
        key: &Data,
        value: &Data,
        lifetime: Lifetime,
    ) -> Option<Data> {
        let old_value = self.map(name).put(now, key, value, lifetime);
        let change = Change {
            key: Some(key.clone()),
            value: Some(value.clone()),
            kind: if old_value.is_some() { kind::UPDATED } else { kind::ADDED },
            old_value: old_value.clone(),
            affected: 1,
        };
        self.tell(name, &change);
        old_value
    }

    /// Replaces a value that is there, as long as the entry lived before; `only` is what it must be.
    pub(super) fn replace(
        &mut self,
        now: Instant,
        name: &Str,
        key: &Data,
        only: Option<&Data>,
        value: &Data,
    ) -> Option<Data> {
        let entry = self.map(name).peek(now, key)?;
        if only.is_some_and(|only| *only != entry.value) {
            return None;
        }
        let lifetime = entry.lifetime;
        self.put(now, name, key, value, lifetime)
    }

    /// Removes a key. Members leave what `delete` removed out of its event, as they leave it out of
    /// the answer.
    pub(super) fn remove(
        &mut self,
        now: Instant,
        name: &Str,
        key: &Data,
        kind: i32,
        say_what: bool,
    ) -> Option<Data> {
        let old_value = self.map(name).remove(now, key)?;
        let change = Change {
            key: Some(key.clone()),
            old_value: say_what.then(|| old_value.clone()),
            kind,
            affected: 1,
            ..Change::default()
        };
        self.tell(name, &change);
        Some(old_value)
    }

    /// Removes all, or all that aren't locked.
    pub(super) fn remove_all(&mut self, now: Instant, name: &Str, kind: i32) {
        let goes =
            |map: &MapStore, key: &Data| kind != kind::EVICT_ALL || !map.locks.is_locked(now, key);
        let affected = self.map(name).remove_if(now, goes);
        if affected > 0 {
            let affected = i32::try_from(affected).unwrap_or(i32::MAX);
            self.tell(name, &Change { kind, affected, ..Change::default() });
        }
    }

    /// Tells a change of a map to those who listen.
    fn tell(&mut self, name: &str, change: &Change) {
        let hearing: Vec<_> = self
            .listeners
            .values()
            .filter_map(|listener| {
                let (values, event_type) = listener.hears(name, change)?;
                Some((listener.conn, listener.correlation_id, values, event_type))
            })
            .collect();
        for (conn, id, values, event_type) in hearing {
            let event = map::EntryEvent {
                key: change.key.clone(),
                value: change.value.clone().filter(|_| values),
                old_value: change.old_value.clone().filter(|_| values),
                merging_value: None,
                event_type: change.kind,
                uuid: self.uuid,
                number_of_affected_entries: change.affected,
            };
            self.notify(conn, id, event_type, &event);
        }
    }
}
