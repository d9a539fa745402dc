//! [`Map`]: a distributed map.

use alloc::vec::Vec;
use core::borrow::Borrow;
use core::fmt;
use core::marker::PhantomData;

use super::scatter::Scatter;
use super::{EntryEvent, EntryEvents, Proxy};
use crate::call::{Call, Listen};
use crate::hazelcast::error::Error;
use crate::hazelcast::family::{Hazelcast, Operation, Registration};
use crate::hazelcast::message::map::{
    AddEntryListener, Clear, ClearResponse, ContainsKey, ContainsKeyResponse, Delete,
    DeleteResponse, Get, GetAll, GetAllResponse, GetResponse, IsEmpty, IsEmptyResponse, Put,
    PutAll, PutAllResponse, PutResponse, Remove, RemoveEntryListener, RemoveResponse, Set,
    SetResponse, Size, SizeResponse,
};
use crate::hazelcast::serialization::{Pack, Read, Write};
use crate::invoker::Invoker;

/// The thread that operations are done by, where no lock is held.
const NO_THREAD: i64 = 0;

/// Time to live: what the map is configured with.
const DEFAULT_TTL: i64 = -1;

/// A distributed map, over an invoker that runs its calls. Cheap to clone.
///
/// Keys and values are passed in any borrowed form that is written alike: a `Map<String, Vec<u8>>`
/// is asked with a `&str` and given a `&[u8]`.
pub struct Map<K, V, I> {
    proxy: Proxy<I>,
    types: PhantomData<fn() -> (K, V)>,
}

impl<K, V, I: Invoker<Family = Hazelcast>> Map<K, V, I> {
    pub(super) fn new(proxy: Proxy<I>) -> Self {
        Self { proxy, types: PhantomData }
    }

    /// The map's name.
    pub fn name(&self) -> &str {
        &self.proxy.structure.name
    }

    /// Stores a value and returns the one it replaced.
    pub fn put<Q, W>(&self, key: &Q, value: &W) -> I::Invocation<Option<V>>
    where
        Q: Write + ?Sized,
        W: Write + ?Sized,
        K: Borrow<Q>,
        V: Borrow<W> + Read + Send + 'static,
    {
        let request = |pack: &mut Pack<'_>| {
            let (key, value) = (pack.present(key)?, pack.present(value)?);
            Ok(Put { name: self.proxy.name(), key, value, thread_id: NO_THREAD, ttl: DEFAULT_TTL })
        };
        self.proxy.call(request, |answer, codec| {
            codec.open_option(answer.read::<PutResponse>()?.response.as_ref())
        })
    }

    /// The value of a key.
    pub fn get<Q>(&self, key: &Q) -> I::Invocation<Option<V>>
    where
        Q: Write + ?Sized,
        K: Borrow<Q>,
        V: Read + Send + 'static,
    {
        let request = |pack: &mut Pack<'_>| {
            let key = pack.present(key)?;
            Ok(Get { name: self.proxy.name(), key, thread_id: NO_THREAD })
        };
        self.proxy.call(request, |answer, codec| {
            codec.open_option(answer.read::<GetResponse>()?.response.as_ref())
        })
    }

    /// Stores a value; cheaper than [`Map::put`], which sends the old one back.
    pub fn set<Q, W>(&self, key: &Q, value: &W) -> I::Invocation<()>
    where
        Q: Write + ?Sized,
        W: Write + ?Sized,
        K: Borrow<Q>,
        V: Borrow<W>,
    {
        let request = |pack: &mut Pack<'_>| {
            let (key, value) = (pack.present(key)?, pack.present(value)?);
            Ok(Set { name: self.proxy.name(), key, value, thread_id: NO_THREAD, ttl: DEFAULT_TTL })
        };
        self.proxy.call(request, |answer, _| Ok(answer.read::<SetResponse>().map(drop)?))
    }

    /// Removes a key and returns its value.
    pub fn remove<Q>(&self, key: &Q) -> I::Invocation<Option<V>>
    where
        Q: Write + ?Sized,
        K: Borrow<Q>,
        V: Read + Send + 'static,
    {
        let request = |pack: &mut Pack<'_>| {
            let key = pack.present(key)?;
            Ok(Remove { name: self.proxy.name(), key, thread_id: NO_THREAD })
        };
        self.proxy.call(request, |answer, codec| {
            codec.open_option(answer.read::<RemoveResponse>()?.response.as_ref())
        })
    }

    /// Removes a key; cheaper than [`Map::remove`], which sends the value back.
    pub fn delete<Q>(&self, key: &Q) -> I::Invocation<()>
    where
        Q: Write + ?Sized,
        K: Borrow<Q>,
    {
        let request = |pack: &mut Pack<'_>| {
            let key = pack.present(key)?;
            Ok(Delete { name: self.proxy.name(), key, thread_id: NO_THREAD })
        };
        self.proxy.call(request, |answer, _| Ok(answer.read::<DeleteResponse>().map(drop)?))
    }

    /// Whether there is a value of this key.
    pub fn contains_key<Q>(&self, key: &Q) -> I::Invocation<bool>
    where
        Q: Write + ?Sized,
        K: Borrow<Q>,
    {
        let request = |pack: &mut Pack<'_>| {
            let key = pack.present(key)?;
            Ok(ContainsKey { name: self.proxy.name(), key, thread_id: NO_THREAD })
        };
        self.proxy.call(request, |answer, _| Ok(answer.read::<ContainsKeyResponse>()?.response))
    }

    /// How many entries there are. While partitions move it is an estimate.
    pub fn size(&self) -> I::Invocation<usize> {
        let request = |_: &mut Pack<'_>| Ok(Size { name: self.proxy.name() });
        self.proxy.call(request, |answer, _| {
            Ok(usize::try_from(answer.read::<SizeResponse>()?.response).unwrap_or(0))
        })
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> I::Invocation<bool> {
        let request = |_: &mut Pack<'_>| Ok(IsEmpty { name: self.proxy.name() });
        self.proxy.call(request, |answer, _| Ok(answer.read::<IsEmptyResponse>()?.response))
    }

    /// Removes all entries.
    pub fn clear(&self) -> I::Invocation<()> {
        let request = |_: &mut Pack<'_>| Ok(Clear { name: self.proxy.name() });
        self.proxy.call(request, |answer, _| Ok(answer.read::<ClearResponse>().map(drop)?))
    }

    /// Stores entries: one request per partition, in flight together. If it fails, those of some
    /// partitions may be stored.
    pub fn put_all<'a, Q, W>(
        &self,
        entries: impl IntoIterator<Item = (&'a Q, &'a W)>,
    ) -> I::Invocation<()>
    where
        Q: Write + ?Sized + 'a,
        W: Write + ?Sized + 'a,
        K: Borrow<Q>,
        V: Borrow<W>,
    {
        let mut pack = self.proxy.invoker.codec().pack();
        let entries: Result<Vec<_>, Error> = entries
            .into_iter()
            .map(|(key, value)| Ok((pack.present(key)?, pack.present(value)?)))
            .collect();
        let structure = self.proxy.structure.clone();
        self.proxy.invoker.invoke(match entries {
            Ok(entries) => Call::steps(
                Scatter::new(structure, pack.finish(), entries, |structure, entries| {
                    let name = structure.name.clone();
                    Operation::new(&PutAll { name, entries, trigger_map_loader: true })
                }),
                |answer, _| {
                    Ok(answer.read_all::<PutAllResponse>().try_for_each(|part| part.map(drop))?)
                },
            ),
            Err(error) => Call::fail(error),
        })
    }

    /// Those of the entries that are there, in no order: one request per partition, in flight
    /// together.
    pub fn get_all<'a, Q>(
        &self,
        keys: impl IntoIterator<Item = &'a Q>,
    ) -> I::Invocation<Vec<(K, V)>>
    where
        Q: Write + ?Sized + 'a,
        K: Borrow<Q> + Read + Send + 'static,
        V: Read + Send + 'static,
    {
        let mut pack = self.proxy.invoker.codec().pack();
        let keys: Result<Vec<_>, Error> = keys.into_iter().map(|key| pack.present(key)).collect();
        let structure = self.proxy.structure.clone();
        self.proxy.invoker.invoke(match keys {
            Ok(keys) => Call::steps(
                Scatter::new(structure, pack.finish(), keys, |structure, keys| {
                    Operation::new(&GetAll { name: structure.name.clone(), keys })
                }),
                |answer, codec| {
                    let mut entries = Vec::new();
                    for part in answer.read_all::<GetAllResponse>() {
                        for (key, value) in &part?.response {
                            entries.push((codec.open(key)?, codec.open(value)?));
                        }
                    }
                    Ok(entries)
                },
            ),
            Err(error) => Call::fail(error),
        })
    }

    /// Listens to events of these types. Without `values`, events carry keys alone.
    pub fn listen(&self, events: EntryEvents, values: bool) -> I::Subscription<EntryEvent<K, V>>
    where
        K: Read + Send + 'static,
        V: Read + Send + 'static,
    {
        let (name, same_name) = (self.proxy.name(), self.proxy.name());
        let registration = Registration::new(
            move |local_only| AddEntryListener {
                name: name.clone(),
                include_value: values,
                listener_flags: events.0,
                local_only,
            },
            |answer| answer.response,
            move |registration_id| RemoveEntryListener { name: same_name.clone(), registration_id },
        );
        let registration = registration.on(&self.proxy.structure);
        self.proxy.invoker.listen(Listen::new(registration.into(), EntryEvent::open))
    }
}

impl<K, V, I: Clone> Clone for Map<K, V, I> {
    fn clone(&self) -> Self {
        Self { proxy: self.proxy.clone(), types: PhantomData }
    }
}

impl<K, V, I> fmt::Debug for Map<K, V, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Map").field(&self.proxy.structure.name).finish()
    }
}
