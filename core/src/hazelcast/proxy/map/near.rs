//! [`NearCachedMap`]: a map whose reads are answered from what the client has read before.
//!
//! It is a [`Map`] in all but three methods: [`get`](NearCachedMap::get),
//! [`get_all`](NearCachedMap::get_all) and [`contains_key`](NearCachedMap::contains_key) ask the near cache
//! first. What changes the map is the map's own, and has the near cache forget what it changes.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::borrow::Borrow;
use core::fmt;
use core::hash::Hash;
use core::ops::Deref;

use super::Map;
use crate::call::{Call, Opener, Order, Plan, Unopened};
use crate::hazelcast::Data;
use crate::hazelcast::error::Error;
use crate::hazelcast::family::{Answer, Hazelcast};
use crate::hazelcast::message::map::{Get, GetAll};
use crate::hazelcast::near_cache::{
    Held, InMemoryFormat, Key, NearCache, NearCacheConfig, NearCacheStatistics, Open, Reservation,
    Store,
};
use crate::hazelcast::proxy::Readable;
use crate::hazelcast::serialization::{Codec, Read, Write};
use crate::invoker::Invoker;
use crate::rng;

/// A [`Map`] with the client's near cache of it. Cheap to clone; all handles of one client share it, as
/// long as they have the map for the same types.
///
/// A hit needs no call: its invocation is ready when it is made. What others change is served until the
/// members' word of it comes, and what this client changed and was told of is never served as it was
/// before. An owner of locks ([`Map::with_owner`]) reads past the near cache.
pub struct NearCachedMap<K, V, I> {
    map: Map<K, V, I>,
    cache: Arc<NearCache>,
    store: Arc<Store<K, V>>,
}

impl<K, V, I> NearCachedMap<K, V, I>
where
    K: Readable + Sync,
    V: Readable + Sync,
    I: Invoker<Family = Hazelcast> + Send + 'static,
{
    /// Has the client's near cache of a map listen for changes, and gives the map with it.
    pub(in super::super) fn open(map: Map<K, V, I>) -> Call<Hazelcast, Self> {
        let codec = map.proxy.invoker.codec();
        let Some(cache) = codec.near_cache(&map.proxy.structure.name) else {
            return Call::fail(Error::Misuse("no near cache is configured for the map"));
        };
        let steps = Open::new(Arc::clone(&cache));
        let store = cache.store();
        let near = Self { map, cache, store };
        Call {
            order: Order::new(Plan::Steps(Box::new(steps))),
            opener: Opener::Keeping(Box::new(move |_, _| Ok(near.clone()))),
        }
    }
}

impl<K, V, I> NearCachedMap<K, V, I> {
    /// What came of the near cache, of all handles.
    pub fn near_cache_statistics(&self) -> NearCacheStatistics {
        self.cache.statistics()
    }

    /// The rules that the near cache keeps to.
    pub fn near_cache_config(&self) -> &NearCacheConfig {
        self.cache.config()
    }
}

impl<K, V, I> NearCachedMap<K, V, I>
where
    K: Readable + Hash + Eq + Clone + Sync,
    V: Readable + Clone + Sync,
    I: Invoker<Family = Hazelcast>,
{
    /// The value of a key: from the near cache, where that there is none is kept as well.
    pub fn get<Q>(&self, key: &Q) -> I::Invocation<Option<V>>
    where
        K: Borrow<Q>,
        Q: Write + Hash + Eq + ?Sized,
    {
        let proxy = &self.map.proxy;
        if let Some(found) = self.find(key, |(_, value)| value.cloned())
            && let Ok(value) = found.map(|held| held.value(proxy.invoker.codec())).transpose()
        {
            return proxy.invoker.invoke(Call::ready(|| Answer::Done, value));
        }
        let mut asked = None;
        let (name, thread_id) = (proxy.name(), self.map.thread);
        let call = proxy.prepare(|it| {
            let key = it.present(key)?;
            asked = self.asked(&key);
            Ok(Get { name, key, thread_id })
        });
        proxy.invoker.invoke(call.then(move |answer: Option<Data>, codec| match &asked {
            Some(asked) => asked.publish(answer.as_ref(), codec),
            None => codec.open_option(answer.as_ref()),
        }))
    }

    /// Those of the entries that are there, in no order: those that aren't in the near cache with one
    /// request per partition, in flight together.
    pub fn get_all<'a, Q>(
        &self,
        keys: impl IntoIterator<Item = &'a Q>,
    ) -> I::Invocation<Vec<(K, V)>>
    where
        K: Borrow<Q>,
        Q: Write + Hash + Eq + ?Sized + 'a,
    {
        let proxy = &self.map.proxy;
        let codec = proxy.invoker.codec();
        let (mut hits, mut missing) = (Vec::new(), Vec::new());
        for key in keys {
            match self.find(key, |(key, value)| (key.clone(), value.cloned())) {
                Some((_, None)) => {}
                Some((known, Some(held))) => match (known.value(codec), held.value(codec)) {
                    (Ok(known), Ok(value)) => hits.push((known, value)),
                    _ => missing.push(key),
                },
                None => missing.push(key),
            }
        }
        if missing.is_empty() {
            return proxy.invoker.invoke(Call::ready(|| Answer::Done, hits));
        }
        let mut asked = rng::Map::with_hasher(self.cache.hasher());
        let call = proxy.prepare_scatter(
            |it| {
                let key = |key| {
                    let key = it.present(key)?;
                    asked.extend(self.asked(&key).map(|asked| (key.clone(), asked)));
                    Ok(key)
                };
                missing.into_iter().map(key).collect()
            },
            |name, keys| GetAll { name, keys },
        );
        proxy.invoker.invoke(call.then(move |answer: Vec<(Data, Data)>, codec| {
            let mut entries = hits.clone();
            for (key, value) in &answer {
                let value = match asked.get(key) {
                    Some(asked) => asked.publish(Some(value), codec)?,
                    None => Some(codec.open(value)?),
                };
                if let Some(value) = value {
                    entries.push((codec.open(key)?, value));
                }
            }
            Ok(entries)
        }))
    }

    /// Whether there is a value of this key: by the near cache, if it knows.
    pub fn contains_key<Q>(&self, key: &Q) -> I::Invocation<bool>
    where
        K: Borrow<Q>,
        Q: Write + Hash + Eq + ?Sized,
    {
        match self.find(key, |(_, value)| value.is_some()) {
            Some(is_there) => self.map.proxy.invoker.invoke(Call::ready(|| Answer::Done, is_there)),
            None => self.map.contains_key(key),
        }
    }

    fn find<Q, T>(&self, key: &Q, take: impl FnOnce((&Key<K>, Option<&Held<V>>)) -> T) -> Option<T>
    where
        K: Borrow<Q>,
        Q: Write + Hash + Eq + ?Sized,
    {
        if self.cache.config().serialize_keys {
            let key = self.map.proxy.invoker.codec().to_present(key).ok()?;
            return self.store.get_serialized(&key, take);
        }
        self.store.get(key, take)
    }

    /// The read of a key that begins now.
    fn asked(&self, key: &Data) -> Option<Asked<K, V>> {
        Some(Asked {
            store: Arc::clone(&self.store),
            reservation: self.store.reserve(key)?,
            key: key.clone(),
            format: self.cache.config().in_memory_format,
            serialize_keys: self.cache.config().serialize_keys,
        })
    }
}

/// A read that is under way.
struct Asked<K, V> {
    store: Arc<Store<K, V>>,
    reservation: Reservation,
    key: Data,
    format: InMemoryFormat,
    serialize_keys: bool,
}

impl<K, V> Asked<K, V>
where
    K: Read + Hash,
    V: Read + Clone,
{
    /// Reads what it brought, and keeps it, copied out of the answer's buffer.
    fn publish(
        &self,
        value: Option<&Data>,
        codec: &Codec,
    ) -> Result<Option<V>, Unopened<Hazelcast>> {
        let value = value.map(Data::detached);
        let opened: Option<V> = codec.open_option(value.as_ref())?;
        let held = match self.format {
            InMemoryFormat::Binary => value.map(Held::Binary),
            InMemoryFormat::Object => opened.clone().map(Held::Object),
        };
        let key = if self.serialize_keys {
            Some(Key::Binary(self.key.detached()))
        } else {
            // A key that can't be read back, as of another type than it was given as, isn't kept.
            codec.to_value(&self.key).ok().map(Key::Object)
        };
        if let Some(key) = key {
            self.store.publish(&self.reservation, key, held);
        }
        Ok(opened)
    }
}

impl<T: Read> Held<T> {
    fn value(self, codec: &Codec) -> Result<T, Error> {
        match self {
            Self::Object(value) => Ok(value),
            Self::Binary(data) => codec.to_value(&data),
        }
    }
}

impl<T: Read> Key<T> {
    fn value(self, codec: &Codec) -> Result<T, Error> {
        match self {
            Self::Object(key) => Ok(key),
            Self::Binary(data) => codec.to_value(&data),
        }
    }
}

impl<K, V, I> Deref for NearCachedMap<K, V, I> {
    type Target = Map<K, V, I>;
    fn deref(&self) -> &Map<K, V, I> {
        &self.map
    }
}

impl<K, V, I: Clone> Clone for NearCachedMap<K, V, I> {
    fn clone(&self) -> Self {
        let (cache, store) = (Arc::clone(&self.cache), Arc::clone(&self.store));
        Self { map: self.map.clone(), cache, store }
    }
}

impl<K, V, I> fmt::Debug for NearCachedMap<K, V, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("NearCachedMap").field(&self.map).finish()
    }
}
