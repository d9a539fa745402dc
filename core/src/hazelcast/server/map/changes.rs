//! Changes of entries, and who is told of them.

use alloc::vec::Vec;

use super::store::{Entry, Lifetime};
use crate::Str;
use crate::endpoint::ConnId;
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
    /// An entry, without using it.
    pub(super) fn peek(&self, now: Instant, name: &str, key: &Data) -> Option<&Entry> {
        self.store(name, self.partition_of(key))?.peek(now, key)
    }

    /// Uses an entry.
    pub(super) fn get(&mut self, now: Instant, name: &Str, key: &Data) -> Option<Data> {
        let partition = self.partition_of(key);
        self.store_mut(name, partition)?.get(now, key).cloned()
    }

    pub(super) fn put(
        &mut self,
        now: Instant,
        name: &Str,
        key: &Data,
        value: &Data,
        lifetime: Lifetime,
    ) -> Option<Data> {
        let partition = self.partition_of(key);
        let old_value = self.store_mut(name, partition)?.put(now, key, value, lifetime);
        self.touch(partition, name, key);
        self.invalidate(name, partition, key);
        let change = Change {
            key: Some(key.clone()),
            value: Some(value.clone()),
            kind: if old_value.is_some() { kind::UPDATED } else { kind::ADDED },
            old_value: old_value.clone(),
            affected: 1,
        };
        self.record(partition, name, &change);
        self.tell(self.owner_of(partition), name, &change);
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
        let entry = self.peek(now, name, key)?;
        if only.is_some_and(|only| *only != entry.value) {
            return None;
        }
        let lifetime = entry.lifetime;
        self.put(now, name, key, value, lifetime)
    }

    /// Changes how long an entry lives. False if there is none.
    pub(super) fn set_ttl(&mut self, now: Instant, name: &Str, key: &Data, ttl: i64) -> bool {
        let partition = self.partition_of(key);
        let lifetime = Lifetime::new(ttl, 0);
        let store = self.store_mut(name, partition);
        let changed = store.is_some_and(|store| store.set_ttl(now, key, lifetime));
        if changed {
            self.touch(partition, name, key);
            self.invalidate(name, partition, key);
        }
        changed
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
        let partition = self.partition_of(key);
        let old_value = self.store_mut(name, partition)?.remove(now, key)?;
        self.touch(partition, name, key);
        self.invalidate(name, partition, key);
        let change = Change {
            key: Some(key.clone()),
            old_value: say_what.then(|| old_value.clone()),
            kind,
            affected: 1,
            ..Change::default()
        };
        self.record(partition, name, &change);
        self.tell(self.owner_of(partition), name, &change);
        Some(old_value)
    }

    /// Removes all, or all that aren't locked. The member that was asked says so, once for the map.
    pub(super) fn remove_all(&mut self, now: Instant, conn: ConnId, name: &Str, kind: i32) {
        let mut affected = 0_i32;
        for partition in 0..self.topology.partitions() {
            let Some(store) = self.store(name, partition) else { continue };
            for key in store.removable(now, kind != kind::EVICT_ALL) {
                let store = self.store_mut(name, partition);
                if store.is_some_and(|store| store.remove(now, &key).is_some()) {
                    affected = affected.saturating_add(1);
                }
                self.touch(partition, name, &key);
            }
        }
        self.invalidate_all(name);
        if affected > 0 {
            let asked = self.links.get(conn).map_or(0, |state| state.slot);
            self.tell(asked, name, &Change { kind, affected, ..Change::default() });
        }
    }

    /// Tells a change of a map to those who listen to what this member says.
    fn tell(&mut self, source: usize, name: &str, change: &Change) {
        let hearing: Vec<_> = self
            .listeners
            .values()
            .filter_map(|listener| {
                let (values, event_type) = listener.hears(&self.codec, name, change)?;
                let it = (listener.conn, listener.correlation_id, values, event_type);
                listener.hears_from(Some(source)).then_some(it)
            })
            .collect();
        for (conn, id, values, event_type) in hearing {
            let event = map::EntryEvent {
                key: change.key.clone(),
                value: change.value.clone().filter(|_| values),
                old_value: change.old_value.clone().filter(|_| values),
                merging_value: None,
                event_type: change.kind,
                uuid: Some(self.member_uuid(source)),
                number_of_affected_entries: change.affected,
            };
            self.notify(conn, id, event_type, &event);
        }
    }
}
