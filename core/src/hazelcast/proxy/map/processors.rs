//! Code that runs where the entries are: entry processors and interceptors, of classes that the members
//! have.

use alloc::vec::Vec;

use super::Map;
use crate::Str;
use crate::hazelcast::family::Hazelcast;
use crate::hazelcast::message::map::{
    AddInterceptor, ExecuteOnAllKeys, ExecuteOnKey, ExecuteOnKeys, ExecuteWithPredicate,
    RemoveInterceptor, SubmitToKey,
};
use crate::hazelcast::proxy::{Form, Readable};
use crate::hazelcast::query::Filter;
use crate::hazelcast::serialization::Write;
use crate::invoker::Invoker;

/// An entry processor: a value of a class that the members have, and that is an `EntryProcessor` there.
pub trait EntryProcessor: Write {
    /// What it returns of an entry. Where that may be null, an `Option`.
    type Output: Readable;
}

impl<K, V, I: Invoker<Family = Hazelcast>> Map<K, V, I> {
    /// Runs a processor on a key, whether it has a value or not.
    pub fn execute_on_key<Q, P>(&self, key: &Q, processor: &P) -> I::Invocation<P::Output>
    where
        Q: Form<K> + ?Sized,
        P: EntryProcessor,
    {
        let (name, thread_id) = (self.proxy.name(), self.thread);
        self.proxy.call(|it| {
            let (entry_processor, key) = (it.present(processor)?, it.changed(key)?);
            Ok(ExecuteOnKey { name, entry_processor, key, thread_id })
        })
    }

    /// [`Map::execute_on_key`] in the message that members take for a submitted one.
    pub fn submit_to_key<Q, P>(&self, key: &Q, processor: &P) -> I::Invocation<P::Output>
    where
        Q: Form<K> + ?Sized,
        P: EntryProcessor,
    {
        let (name, thread_id) = (self.proxy.name(), self.thread);
        self.proxy.call(|it| {
            let (entry_processor, key) = (it.present(processor)?, it.changed(key)?);
            Ok(SubmitToKey { name, entry_processor, key, thread_id })
        })
    }

    /// Has members call an interceptor before and after reads and changes. Its id is for
    /// [`Map::remove_interceptor`].
    pub fn add_interceptor(&self, interceptor: &(impl Write + ?Sized)) -> I::Invocation<Str> {
        let name = self.proxy.name();
        self.proxy.call(|it| Ok(AddInterceptor { name, interceptor: it.present(interceptor)? }))
    }

    /// Removes an interceptor; whether it was there.
    pub fn remove_interceptor(&self, id: &str) -> I::Invocation<bool> {
        let name = self.proxy.name();
        self.proxy.call(|_| Ok(RemoveInterceptor { name, id: id.into() }))
    }
}

impl<K: Readable, V, I: Invoker<Family = Hazelcast>> Map<K, V, I> {
    /// Runs a processor on these keys, and returns what it did of each: one request to any member,
    /// which hands it on.
    pub fn execute_on_keys<'a, Q, P>(
        &self,
        keys: impl IntoIterator<Item = &'a Q>,
        processor: &P,
    ) -> I::Invocation<Vec<(K, P::Output)>>
    where
        Q: Form<K> + ?Sized + 'a,
        P: EntryProcessor,
    {
        let name = self.proxy.name();
        self.proxy.call(|it| {
            let keys = keys.into_iter().map(|key| it.changed(key)).collect::<Result<_, _>>()?;
            Ok(ExecuteOnKeys { name, entry_processor: it.present(processor)?, keys })
        })
    }

    /// Runs a processor on all entries, and returns what it did of each.
    pub fn execute_on_all<P>(&self, processor: &P) -> I::Invocation<Vec<(K, P::Output)>>
    where
        P: EntryProcessor,
    {
        let name = self.proxy.name();
        self.proxy.call(|it| {
            it.changed_all();
            Ok(ExecuteOnAllKeys { name, entry_processor: it.present(processor)? })
        })
    }

    /// Runs a processor on matching entries, and returns what it did of each.
    pub fn execute_where<P: EntryProcessor>(
        &self,
        filter: &impl Filter,
        processor: &P,
    ) -> I::Invocation<Vec<(K, P::Output)>> {
        let name = self.proxy.name();
        self.proxy.call(|it| {
            it.changed_all();
            let (entry_processor, predicate) = (it.present(processor)?, it.filter(filter)?);
            Ok(ExecuteWithPredicate { name, entry_processor, predicate })
        })
    }
}
