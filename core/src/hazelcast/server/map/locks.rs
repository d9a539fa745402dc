//! [`Locks`]: which keys of a map are locked, by whom.

use alloc::vec::Vec;
use core::time::Duration;

use crate::hazelcast::{Data, Uuid};
use crate::rng::{KeyedHash, Map};
use crate::time::Instant;

/// Who holds a lock: a thread of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::hazelcast::server) struct Holder {
    pub(in crate::hazelcast::server) client: Uuid,
    pub(in crate::hazelcast::server) thread: i64,
}

#[derive(Debug, Clone)]
pub(super) struct Lock {
    holder: Holder,
    /// Unlocks that it takes.
    count: u32,
    /// When it ends by itself.
    until: Option<Instant>,
    /// Of the last request that changed it: the same one again changes nothing.
    reference: i64,
}

/// The locks of a map in one partition.
#[derive(Debug, Clone)]
pub(in crate::hazelcast::server) struct Locks(Map<Data, Lock>);

impl Locks {
    pub(super) fn new(hash: KeyedHash) -> Self {
        Self(Map::with_hasher(hash))
    }

    /// What a backup is sent.
    pub(super) fn get(&self, key: &Data) -> Option<Lock> {
        self.0.get(key).cloned()
    }

    /// What a backup was sent.
    pub(super) fn set(&mut self, key: &Data, lock: Option<Lock>) {
        match lock {
            Some(lock) => drop(self.0.insert(key.clone(), lock)),
            None => drop(self.0.remove(key)),
        }
    }

    fn held(&self, now: Instant, key: &Data) -> Option<&Lock> {
        self.0.get(key).filter(|lock| lock.until.is_none_or(|at| now < at))
    }

    pub(super) fn is_locked(&self, now: Instant, key: &Data) -> bool {
        self.held(now, key).is_some()
    }

    /// Whether a holder may change a key.
    pub(super) fn is_free_for(&self, now: Instant, key: &Data, holder: Holder) -> bool {
        self.held(now, key).is_none_or(|lock| lock.holder == holder)
    }

    /// Locks what is free for the holder. The lease is in milliseconds; 0 and less is none. When the
    /// lock ends by itself.
    pub(super) fn lock(
        &mut self,
        now: Instant,
        key: &Data,
        holder: Holder,
        lease: i64,
        reference: i64,
    ) -> Option<Instant> {
        let lease = u64::try_from(lease).ok().filter(|lease| *lease > 0);
        let until = lease.map(|lease| now + Duration::from_millis(lease));
        let count = match self.held(now, key) {
            Some(lock) if lock.reference == reference => return lock.until,
            Some(lock) => lock.count.saturating_add(1),
            None => 1,
        };
        self.0.insert(key.detached(), Lock { holder, count, until, reference });
        until
    }

    /// Undoes one lock. False if it isn't the holder's.
    pub(super) fn unlock(
        &mut self,
        now: Instant,
        key: &Data,
        holder: Holder,
        reference: i64,
    ) -> bool {
        if self.held(now, key).is_none_or(|lock| lock.holder != holder) {
            return false;
        }
        let Some(lock) = self.0.get_mut(key) else { return false };
        if lock.reference != reference {
            lock.reference = reference;
            lock.count -= 1;
            if lock.count == 0 {
                self.0.remove(key);
            }
        }
        true
    }

    pub(super) fn force_unlock(&mut self, key: &Data) {
        self.0.remove(key);
    }

    /// Removes what a client holds: these keys.
    pub(super) fn release(&mut self, client: Uuid) -> Vec<Data> {
        let is_its = |(_, lock): &(&Data, &Lock)| lock.holder.client == client;
        let keys: Vec<_> = self.0.iter().filter(is_its).map(|(key, _)| key.clone()).collect();
        self.0.retain(|_, lock| lock.holder.client != client);
        keys
    }

    /// Removes what has ended, and says when the next one does.
    pub(super) fn expire(&mut self, now: Instant) -> Option<Instant> {
        self.0.retain(|_, lock| lock.until.is_none_or(|at| now < at));
        self.0.values().filter_map(|lock| lock.until).min()
    }
}
