//! [`LockOwner`]: who holds a lock, where tasks move between threads.

use core::fmt;
use core::ops::Deref;

use crate::hazelcast::serialization::Codec;

/// Who holds locks. To members it is a thread of the client, so whoever has the same owner has the same
/// locks, and may lock again what is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LockOwner(i64);

impl LockOwner {
    /// Whoever does not say who it is: it holds no locks.
    pub(super) const NOBODY: Self = Self(0);

    /// The next one of a client.
    pub(super) fn new(codec: &Codec) -> Self {
        Self(codec.next_number())
    }

    /// An owner by an id that the caller keeps apart from others: above 2³² no client makes any.
    pub const fn from_id(id: i64) -> Self {
        Self(id)
    }

    /// What members know it by.
    pub const fn id(self) -> i64 {
        self.0
    }
}

/// A structure in the hands of an owner of locks: with all its own operations, which pass where the
/// owner holds the lock, and those that lock.
#[derive(Clone)]
pub struct Owned<S>(pub(super) S);

impl<S> Deref for Owned<S> {
    type Target = S;
    fn deref(&self) -> &S {
        &self.0
    }
}

impl<S: fmt::Debug> fmt::Debug for Owned<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Owned").field(&self.0).finish()
    }
}
