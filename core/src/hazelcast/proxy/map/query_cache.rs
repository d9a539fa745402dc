//! [`QueryCache`]: what matches a predicate, on this side and always up to date.
//!
//! ```
//! use gridwire_core::hazelcast::query::attr;
//! use gridwire_core::hazelcast::{Error, Hazelcast, Json, Map, QueryCacheConfig};
//! use gridwire_core::invoker::AsyncInvoker;
//!
//! async fn adults<I>(people: &Map<i64, Json, I>) -> Result<usize, Error>
//! where
//!     I: AsyncInvoker<Family = Hazelcast> + Send + Sync + 'static,
//! {
//!     let config = QueryCacheConfig::default();
//!     let adults = I::future(people.query_cache(&attr("age").ge(18), &config)).await?;
//!     // From here on nothing is sent: members say what changes.
//!     assert!(adults.contains_key(&1)? == adults.get(&1)?.is_some());
//!     Ok(adults.len())
//! }
//! ```

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use super::Map;
use crate::Str;
use crate::call::{Call, Listen, Opener, Order, Plan, Unopened};
use crate::hazelcast::Data;
use crate::hazelcast::error::Error;
use crate::hazelcast::family::{Answer, Hazelcast, Item, Source};
use crate::hazelcast::proxy::{Form, Proxy, Readable};
use crate::hazelcast::query::Predicate;
use crate::hazelcast::query_cache::{self, CacheChange, QueryCacheConfig, Shared, Table};
use crate::hazelcast::serialization::{Codec, unopened};
use crate::invoker::Invoker;

/// What matches a predicate, kept up to date by members. Cheap to clone; clones are one cache, and the
/// last one dropped ends it.
///
/// It is eventually what the map is: an entry is seen a moment after its change was acknowledged, and
/// the changes of one key in their order. When events are lost ([`QueryCacheEvent::Lost`]) it makes up
/// for them by itself, as [`QueryCacheConfig`] says; until then [`is_fresh`](Self::is_fresh) is false,
/// and what is read is how it was before.
///
/// Members don't tell of entries that [`Map::delete`] removes: they don't read the value that it had, and so
/// can't say whether it matched. [`Map::remove`] is told of.
///
/// An entry whose compact schema isn't known here can't be read, which is an error:
/// [`fetch`](Self::fetch) and [`fetch_entries`](Self::fetch_entries) ask members for it, and reading
/// works from then on.
pub struct QueryCache<K, V, I: Invoker<Family = Hazelcast>> {
    inner: Arc<Inner<I>>,
    types: PhantomData<fn() -> (K, V)>,
}

struct Inner<I: Invoker<Family = Hazelcast>> {
    proxy: Proxy<I>,
    shared: Arc<Shared>,
}

impl<I: Invoker<Family = Hazelcast>> Drop for Inner<I> {
    fn drop(&mut self) {
        if !self.shared.is_destroyed() {
            self.proxy.invoker.forget(query_cache::destroy(&self.shared));
        }
    }
}

/// What became of a query cache.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum QueryCacheEvent<K, V> {
    /// An entry is new, or begins to match.
    Added {
        /// Its key.
        key: K,
        /// Its value, if the cache holds values.
        value: Option<V>,
    },
    /// An entry has another value.
    Updated {
        /// Its key.
        key: K,
        /// Its value, if the cache holds values.
        value: Option<V>,
        /// The one that it had here before.
        old_value: Option<V>,
    },
    /// An entry is gone, or matches no more.
    Removed {
        /// Its key.
        key: K,
        /// The last value that it had here.
        old_value: Option<V>,
    },
    /// All entries of a partition are gone: the map was cleared, or evicted.
    Cleared {
        /// The partition.
        partition: u32,
        /// How many there were here.
        entries: usize,
    },
    /// Events were lost, of a partition or of any.
    Lost {
        /// The partition; none if it can't be known.
        partition: Option<u32>,
    },
    /// All that matches was read again: entries may have changed without an event of their own.
    Refreshed,
    /// There is no room for a new entry, nor for those that come after. Told once, and again if all was
    /// read again and there is no room for it. Of a cache that is full when it is made,
    /// [`QueryCache::is_complete`] alone says so.
    Full,
}

impl<K: Readable, V: Readable, I> Map<K, V, I>
where
    I: Invoker<Family = Hazelcast> + Send + Sync + 'static,
{
    /// A query cache of the entries that match. Ends when it holds them all.
    ///
    /// With [`Detached`](crate::invoker::Detached) nothing is sent when it is dropped: use
    /// [`QueryCache::destroy`].
    pub fn query_cache(
        &self,
        predicate: &Predicate<'_>,
        config: &QueryCacheConfig,
    ) -> I::Invocation<QueryCache<K, V, I>> {
        let proxy = self.proxy.clone();
        let mut pack = proxy.invoker.codec().pack();
        let predicate = match pack.present(predicate) {
            Ok(predicate) => (predicate, pack.finish()),
            Err(error) => return self.proxy.invoker.invoke(Call::fail(error)),
        };
        let number = proxy.invoker.codec().next_number();
        let shared = Shared::new(number, proxy.structure.clone(), predicate, config.clone());
        let (plan, undo) = query_cache::create(&shared);
        let order = Order { undo: Some(undo), ..Order::new(plan) };
        let open = move |_: &Answer, _: &Codec| {
            let (proxy, shared) = (proxy.clone(), Arc::clone(&shared));
            Ok(QueryCache { inner: Arc::new(Inner { proxy, shared }), types: PhantomData })
        };
        self.proxy.invoker.invoke(Call { order, opener: Opener::Keeping(Box::new(open)) })
    }
}

impl<K, V, I: Invoker<Family = Hazelcast>> QueryCache<K, V, I> {
    /// The map's name.
    pub fn map_name(&self) -> &str {
        &self.inner.proxy.structure.name
    }

    /// How many entries there are; 0 after it was destroyed.
    pub fn len(&self) -> usize {
        self.inner.shared.table().map_or(0, |table| table.len())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether nothing is known to be missing: false from the loss of an event, or of a connection,
    /// until it was made up for.
    pub fn is_fresh(&self) -> bool {
        self.inner.shared.table().is_ok_and(|table| table.is_whole())
    }

    /// Whether there was room for all entries: see [`QueryCacheConfig::max_entries`].
    pub fn is_complete(&self) -> bool {
        self.inner.shared.table().is_ok_and(|table| table.is_complete())
    }

    /// What members call the publisher that it hears: another after all was read again. For their logs.
    pub fn publisher(&self) -> Result<Str, Error> {
        Ok(self.inner.shared.table()?.name().clone())
    }

    /// Whether there is such an entry.
    pub fn contains_key<Q: Form<K> + ?Sized>(&self, key: &Q) -> Result<bool, Error> {
        let key = self.codec().to_present(key)?;
        Ok(self.inner.shared.table()?.get(&key).is_some())
    }

    /// Asks members for the events that are missing. True if they have them, or none is missing: they
    /// come within some seconds. Else [`refresh`](Self::refresh) helps.
    pub fn try_recover(&self) -> I::Invocation<bool> {
        self.inner.proxy.invoker.invoke(query_cache::recover(&self.inner.shared))
    }

    /// Reads all that matches again. What is here is read until then.
    pub fn refresh(&self) -> I::Invocation<()> {
        self.inner.proxy.invoker.invoke(query_cache::refresh(&self.inner.shared))
    }

    /// Ends it, here and on the members. Reading is an error from then on.
    pub fn destroy(&self) -> I::Invocation<()> {
        self.inner.proxy.invoker.invoke(query_cache::destroy(&self.inner.shared))
    }

    fn codec(&self) -> &Codec {
        self.inner.proxy.invoker.codec()
    }
}

impl<K: Readable, V: Readable, I: Invoker<Family = Hazelcast>> QueryCache<K, V, I> {
    /// The value of an entry. An error if the cache holds keys alone.
    pub fn get<Q: Form<K> + ?Sized>(&self, key: &Q) -> Result<Option<V>, Error> {
        let key = self.codec().to_present(key)?;
        read_one(&self.inner.shared, &key, self.codec())
    }

    /// All keys, in no order.
    pub fn keys(&self) -> Result<Vec<K>, Error> {
        let entries = self.inner.shared.table()?.entries();
        entries.iter().map(|(key, _)| self.codec().to_value(key)).collect()
    }

    /// All values, in no order. An error if the cache holds keys alone.
    pub fn values(&self) -> Result<Vec<V>, Error> {
        let entries = with_values(&self.inner.shared)?.entries();
        entries.iter().map(|(_, value)| self.codec().to_value(value)).collect()
    }

    /// All entries, in no order: each as it is at some moment of the call. An error if the cache holds
    /// keys alone.
    pub fn entries(&self) -> Result<Vec<(K, V)>, Error> {
        read_all(&self.inner.shared, self.codec())
    }

    /// Like [`get`](Self::get), and has what it needs to be read fetched first.
    pub fn fetch<Q: Form<K> + ?Sized>(&self, key: &Q) -> I::Invocation<Option<V>> {
        let shared = Arc::clone(&self.inner.shared);
        match self.codec().to_present(key) {
            Ok(key) => self.read_here(move |codec| read_one(&shared, &key, codec)),
            Err(error) => self.inner.proxy.invoker.invoke(Call::fail(error)),
        }
    }

    /// Like [`entries`](Self::entries), and has what it needs to be read fetched first.
    pub fn fetch_entries(&self) -> I::Invocation<Vec<(K, V)>> {
        let shared = Arc::clone(&self.inner.shared);
        self.read_here(move |codec| read_all(&shared, codec))
    }

    /// Listens to what becomes of it, from now on.
    pub fn listen(&self) -> I::Subscription<QueryCacheEvent<K, V>> {
        let Shared { number, .. } = *self.inner.shared;
        let source = match self.inner.shared.table() {
            Ok(_) => Source::Kept(number),
            Err(error) => Source::Fail(error),
        };
        self.inner.proxy.invoker.listen(Listen::new(source, QueryCacheEvent::open))
    }

    /// A call that needs no member, unless what it reads does.
    fn read_here<R: Send + 'static>(
        &self,
        read: impl Fn(&Codec) -> Result<R, Error> + Send + 'static,
    ) -> I::Invocation<R> {
        self.inner.proxy.invoker.invoke(Call {
            order: Order::new(Plan::Ready(|| Answer::Done)),
            opener: Opener::Keeping(Box::new(move |_, codec| read(codec).map_err(unopened))),
        })
    }
}

fn with_values(shared: &Shared) -> Result<Arc<Table>, Error> {
    if !shared.config.include_value {
        return Err(Error::Misuse("the query cache holds keys alone"));
    }
    shared.table()
}

fn read_one<V: Readable>(shared: &Shared, key: &Data, codec: &Codec) -> Result<Option<V>, Error> {
    with_values(shared)?.get(key).map(|value| codec.to_value(&value)).transpose()
}

fn read_all<K: Readable, V: Readable>(
    shared: &Shared,
    codec: &Codec,
) -> Result<Vec<(K, V)>, Error> {
    let entries = with_values(shared)?.entries();
    let open = |(key, value): &(Data, Data)| Ok((codec.to_value(key)?, codec.to_value(value)?));
    entries.iter().map(open).collect()
}

impl<K: Readable, V: Readable> QueryCacheEvent<K, V> {
    fn open(item: &Item, codec: &Codec) -> Result<Self, Unopened<Hazelcast>> {
        let Item::QueryCache(change) = item else {
            return Err(Error::Unsupported("an item of another subscription").into());
        };
        let key = |key: &Data| codec.open(key);
        let value = |value: &Option<Data>| codec.open_option(value.as_ref());
        Ok(match &**change {
            CacheChange::Added { key: k, value: v } => {
                Self::Added { key: key(k)?, value: value(v)? }
            }
            CacheChange::Updated { key: k, value: v, old } => {
                Self::Updated { key: key(k)?, value: value(v)?, old_value: value(old)? }
            }
            CacheChange::Removed { key: k, old } => {
                Self::Removed { key: key(k)?, old_value: value(old)? }
            }
            CacheChange::Cleared { partition, entries } => {
                Self::Cleared { partition: *partition, entries: *entries }
            }
            CacheChange::Lost(partition) => Self::Lost { partition: *partition },
            CacheChange::Refreshed => Self::Refreshed,
            CacheChange::Full => Self::Full,
        })
    }
}

impl<K, V, I: Invoker<Family = Hazelcast>> Clone for QueryCache<K, V, I> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), types: PhantomData }
    }
}

impl<K, V, I: Invoker<Family = Hazelcast>> fmt::Debug for QueryCache<K, V, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueryCache")
            .field("map", &self.map_name())
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
