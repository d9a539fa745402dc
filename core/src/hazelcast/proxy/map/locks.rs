//! Locks of keys, in the hands of an owner: `map.with_owner(owner).lock(key)`.
//!
//! A lock is of a key, whether it has a value or not, and may be taken by its owner several times. It
//! ends with as many unlocks, with its lease, or some time after the client's last connection has.
//! While it is held, others' reads pass, and their changes wait.
//!
//! Each request carries a number of its own, the same when it is sent again: so a member counts it once.

use core::time::Duration;

use super::Map;
use super::expiry::millis;
use crate::hazelcast::family::Hazelcast;
use crate::hazelcast::message::map::{ForceUnlock, IsLocked, Lock, TryLock, Unlock};
use crate::hazelcast::proxy::{Form, Owned};
use crate::invoker::Invoker;

/// Until it is unlocked.
const NO_LEASE: i64 = -1;

impl<K, V, I: Invoker<Family = Hazelcast>> Owned<Map<K, V, I>> {
    /// Locks a key, however long that takes. If nobody waits for it any more when it is locked, it is
    /// unlocked again.
    pub fn lock<Q: Form<K> + ?Sized>(&self, key: &Q) -> I::Invocation<()> {
        self.lock_for(key, NO_LEASE)
    }

    /// Locks a key, however long that takes, for at most `lease` from then on, and at least a
    /// millisecond.
    pub fn lock_with_lease<Q>(&self, key: &Q, lease: Duration) -> I::Invocation<()>
    where
        Q: Form<K> + ?Sized,
    {
        self.lock_for(key, millis(lease).max(1))
    }

    /// Locks a key if that takes no longer than `timeout`; zero is at once or not at all. Whether it
    /// is locked.
    pub fn try_lock<Q>(&self, key: &Q, timeout: Duration) -> I::Invocation<bool>
    where
        Q: Form<K> + ?Sized,
    {
        self.try_lock_for(key, timeout, NO_LEASE)
    }

    /// [`try_lock`](Self::try_lock), for at most `lease` from then on, and at least a millisecond.
    pub fn try_lock_with_lease<Q>(
        &self,
        key: &Q,
        timeout: Duration,
        lease: Duration,
    ) -> I::Invocation<bool>
    where
        Q: Form<K> + ?Sized,
    {
        self.try_lock_for(key, timeout, millis(lease).max(1))
    }

    /// Undoes one lock. An error of the member, `ILLEGAL_MONITOR_STATE`, if this owner holds none.
    pub fn unlock<Q: Form<K> + ?Sized>(&self, key: &Q) -> I::Invocation<()> {
        let (name, thread_id, reference_id) = (self.proxy.name(), self.thread, self.reference());
        self.proxy.call(|it| Ok(Unlock { name, key: it.present(key)?, thread_id, reference_id }))
    }

    fn lock_for<Q: Form<K> + ?Sized>(&self, key: &Q, ttl: i64) -> I::Invocation<()> {
        let (name, thread_id, reference_id) = (self.proxy.name(), self.thread, self.reference());
        self.proxy.call(|it| {
            let key = it.present(key)?;
            it.endless();
            it.undo::<Lock, _>(&self.proxy.structure, self.unlocking(&key), |()| true);
            Ok(Lock { name, key, thread_id, ttl, reference_id })
        })
    }

    fn try_lock_for<Q>(&self, key: &Q, timeout: Duration, lease: i64) -> I::Invocation<bool>
    where
        Q: Form<K> + ?Sized,
    {
        let (name, thread_id, reference_id) = (self.proxy.name(), self.thread, self.reference());
        self.proxy.call(|it| {
            let (key, timeout) = (it.present(key)?, millis(timeout));
            it.endless();
            it.undo::<TryLock, _>(&self.proxy.structure, self.unlocking(&key), |took| took);
            Ok(TryLock { name, key, thread_id, lease, timeout, reference_id })
        })
    }

    fn unlocking(&self, key: &crate::hazelcast::Data) -> Unlock {
        let (name, key, reference_id) = (self.proxy.name(), key.clone(), self.reference());
        Unlock { name, key, thread_id: self.thread, reference_id }
    }
}

impl<K, V, I: Invoker<Family = Hazelcast>> Map<K, V, I> {
    /// Unlocks a key, whoever holds it and however often.
    pub fn force_unlock<Q: Form<K> + ?Sized>(&self, key: &Q) -> I::Invocation<()> {
        let (name, reference_id) = (self.proxy.name(), self.reference());
        self.proxy.call(|it| Ok(ForceUnlock { name, key: it.present(key)?, reference_id }))
    }

    /// Whether anybody holds the lock of a key.
    pub fn is_locked<Q: Form<K> + ?Sized>(&self, key: &Q) -> I::Invocation<bool> {
        let name = self.proxy.name();
        self.proxy.call(|it| Ok(IsLocked { name, key: it.present(key)? }))
    }

    fn reference(&self) -> i64 {
        self.proxy.invoker.codec().next_number()
    }
}
