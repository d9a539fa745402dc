//! [`Map`]: a distributed map, a file per theme. `basic` is the pattern to copy.

mod basic;
mod bulk;
mod entry_view;
mod events;
mod expiry;
mod index;
mod iterate;
mod journal;
mod locks;
mod near;
mod processors;
mod query;
mod query_cache;

pub use entry_view::EntryView;
pub use events::MapPartitionLost;
pub use expiry::Expiry;
pub use index::{BitmapIndex, Index, Transformation};
pub use iterate::{Cursor, CursorPage};
pub use journal::{JournalBounds, JournalEvent, JournalPage};
pub use near::NearCachedMap;
pub use processors::EntryProcessor;
pub use query_cache::{QueryCache, QueryCacheEvent};

use core::fmt;
use core::marker::PhantomData;

use super::{LockOwner, Owned, Proxy};
use crate::hazelcast::family::Hazelcast;
use crate::invoker::Invoker;

/// A distributed map, over an invoker that runs its calls. Cheap to clone.
///
/// Keys and values are passed in any borrowed form that is written alike: a `Map<String, Vec<u8>>`
/// is asked with a `&str` and given a `&[u8]`.
///
/// Where a key is locked, its changes wait until it is unlocked: but those of
/// [`Map::with_owner`] with the owner of the lock.
pub struct Map<K, V, I> {
    proxy: Proxy<I>,
    /// The thread that members take its operations to be done by.
    thread: i64,
    types: PhantomData<fn() -> (K, V)>,
}

impl<K, V, I: Invoker<Family = Hazelcast>> Map<K, V, I> {
    pub(super) fn new(proxy: Proxy<I>) -> Self {
        Self { proxy, thread: LockOwner::NOBODY.id(), types: PhantomData }
    }

    /// The map's name.
    pub fn name(&self) -> &str {
        &self.proxy.structure.name
    }

    /// The same map in the hands of an owner of locks.
    pub fn with_owner(&self, owner: LockOwner) -> Owned<Self> {
        Owned(Self { thread: owner.id(), ..self.clone() })
    }
}

impl<K, V, I: Clone> Clone for Map<K, V, I> {
    fn clone(&self) -> Self {
        Self { proxy: self.proxy.clone(), thread: self.thread, types: PhantomData }
    }
}

impl<K, V, I> fmt::Debug for Map<K, V, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Map").field(&self.proxy.structure.name).finish()
    }
}
