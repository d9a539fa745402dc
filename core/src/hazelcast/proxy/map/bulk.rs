//! Many entries at once.

use alloc::vec::Vec;

use super::Map;
use crate::Str;
use crate::hazelcast::Data;
use crate::hazelcast::family::Hazelcast;
use crate::hazelcast::message::map::{
    EntrySet, GetAll, KeySet, LoadAll, LoadGivenKeys, PutAll, Values,
};
use crate::hazelcast::proxy::{Form, Readable};
use crate::invoker::Invoker;

impl<K, V, I: Invoker<Family = Hazelcast>> Map<K, V, I> {
    /// Stores entries: one request per partition, in flight together. If it fails, those of some
    /// partitions may be stored. Where the map has a store, the values that are replaced are loaded
    /// first, for those who listen.
    pub fn put_all<'a, Q, W>(
        &self,
        entries: impl IntoIterator<Item = (&'a Q, &'a W)>,
    ) -> I::Invocation<()>
    where
        Q: Form<K> + ?Sized + 'a,
        W: Form<V> + ?Sized + 'a,
    {
        self.store_all(entries, |name, entries| PutAll { name, entries, trigger_map_loader: true })
    }

    /// [`Map::put_all`], without loading what is replaced from a map store.
    pub fn set_all<'a, Q, W>(
        &self,
        entries: impl IntoIterator<Item = (&'a Q, &'a W)>,
    ) -> I::Invocation<()>
    where
        Q: Form<K> + ?Sized + 'a,
        W: Form<V> + ?Sized + 'a,
    {
        self.store_all(entries, |name, entries| PutAll { name, entries, trigger_map_loader: false })
    }

    fn store_all<'a, Q: Form<K> + ?Sized + 'a, W: Form<V> + ?Sized + 'a>(
        &self,
        entries: impl IntoIterator<Item = (&'a Q, &'a W)>,
        request: fn(Str, Vec<(Data, Data)>) -> PutAll,
    ) -> I::Invocation<()> {
        let fill = |it: &mut super::super::Draft<'_>| {
            let entries = entries.into_iter();
            entries.map(|(key, value)| Ok((it.changed(key)?, it.present(value)?))).collect()
        };
        self.proxy.scatter(fill, request)
    }

    /// Has the map store load all keys, in place of those that are there if `replace` says so.
    pub fn load_all(&self, replace: bool) -> I::Invocation<()> {
        let name = self.proxy.name();
        self.proxy.call(|it| {
            it.changed_all();
            Ok(LoadAll { name, replace_existing_values: replace })
        })
    }

    /// Has the map store load these keys.
    pub fn load<'a, Q>(
        &self,
        keys: impl IntoIterator<Item = &'a Q>,
        replace: bool,
    ) -> I::Invocation<()>
    where
        Q: Form<K> + ?Sized + 'a,
    {
        let name = self.proxy.name();
        self.proxy.call(|it| {
            let keys = keys.into_iter().map(|key| it.changed(key)).collect::<Result<_, _>>()?;
            Ok(LoadGivenKeys { name, keys, replace_existing_values: replace })
        })
    }
}

impl<K: Readable, V, I: Invoker<Family = Hazelcast>> Map<K, V, I> {
    /// All keys, in no order.
    pub fn keys(&self) -> I::Invocation<Vec<K>> {
        self.proxy.call(|_| Ok(KeySet { name: self.proxy.name() }))
    }
}

impl<K, V: Readable, I: Invoker<Family = Hazelcast>> Map<K, V, I> {
    /// All values, in no order.
    pub fn values(&self) -> I::Invocation<Vec<V>> {
        self.proxy.call(|_| Ok(Values { name: self.proxy.name() }))
    }
}

impl<K: Readable, V: Readable, I: Invoker<Family = Hazelcast>> Map<K, V, I> {
    /// All entries, in no order.
    pub fn entries(&self) -> I::Invocation<Vec<(K, V)>> {
        self.proxy.call(|_| Ok(EntrySet { name: self.proxy.name() }))
    }

    /// Those of the entries that are there, in no order: one request per partition, in flight
    /// together.
    pub fn get_all<'a, Q>(
        &self,
        keys: impl IntoIterator<Item = &'a Q>,
    ) -> I::Invocation<Vec<(K, V)>>
    where
        Q: Form<K> + ?Sized + 'a,
    {
        self.proxy.scatter(
            |it| keys.into_iter().map(|key| it.present(key)).collect(),
            |name, keys| GetAll { name, keys },
        )
    }
}
