//! What members look for, sum up, or take out of entries: see [`query`](crate::hazelcast::query).

use alloc::vec::Vec;

use super::Map;
use crate::hazelcast::error::Error;
use crate::hazelcast::family::{Hazelcast, To};
use crate::hazelcast::message::custom::PagingPredicateHolder;
use crate::hazelcast::message::map::{
    Aggregate, AggregateWithPredicate, EntriesWithPagingPredicate, EntriesWithPredicate,
    KeySetWithPagingPredicate, KeySetWithPredicate, Project, ProjectWithPredicate, RemoveAll,
    ValuesWithPagingPredicate, ValuesWithPredicate,
};
use crate::hazelcast::proxy::Readable;
use crate::hazelcast::proxy::draft::Draft;
use crate::hazelcast::query::{Aggregator, Filter, Iteration, Page, Pages, Projection};
use crate::invoker::Invoker;

impl<K, V, I: Invoker<Family = Hazelcast>> Map<K, V, I> {
    /// Removes matching entries.
    pub fn remove_all(&self, filter: &impl Filter) -> I::Invocation<()> {
        let name = self.proxy.name();
        self.proxy.call(|it| {
            it.changed_all();
            Ok(RemoveAll { name, predicate: it.filter(filter)? })
        })
    }

    /// One result of all entries.
    pub fn aggregate<R: Readable>(&self, aggregator: &Aggregator<'_, R>) -> I::Invocation<R> {
        let name = self.proxy.name();
        self.proxy.call(|it| Ok(Aggregate { name, aggregator: it.present(aggregator)? }))
    }

    /// One result of matching entries.
    pub fn aggregate_where<R: Readable>(
        &self,
        aggregator: &Aggregator<'_, R>,
        filter: &impl Filter,
    ) -> I::Invocation<R> {
        let name = self.proxy.name();
        self.proxy.call(|it| {
            let (aggregator, predicate) = (it.present(aggregator)?, it.filter(filter)?);
            Ok(AggregateWithPredicate { name, aggregator, predicate })
        })
    }

    /// What the projection makes of each entry, in no order.
    pub fn project<R: Readable>(&self, projection: &Projection<'_, R>) -> I::Invocation<Vec<R>> {
        let name = self.proxy.name();
        self.proxy.call(|it| Ok(Project { name, projection: it.present(projection)? }))
    }

    /// What the projection makes of each matching entry, in no order.
    pub fn project_where<R: Readable>(
        &self,
        projection: &Projection<'_, R>,
        filter: &impl Filter,
    ) -> I::Invocation<Vec<R>> {
        let name = self.proxy.name();
        self.proxy.call(|it| {
            let (projection, predicate) = (it.present(projection)?, it.filter(filter)?);
            Ok(ProjectWithPredicate { name, projection, predicate })
        })
    }
}

impl<K: Readable, V, I: Invoker<Family = Hazelcast>> Map<K, V, I> {
    /// The keys of matching entries, in no order.
    pub fn keys_where(&self, filter: &impl Filter) -> I::Invocation<Vec<K>> {
        let name = self.proxy.name();
        self.proxy.call(|it| Ok(KeySetWithPredicate { name, predicate: it.filter(filter)? }))
    }

    /// A page of keys. `pages.advance(&page)` goes on to the next one.
    pub fn keys_page(&self, pages: &impl Pages) -> I::Invocation<Page<K>> {
        let name = self.proxy.name();
        self.proxy.call(|it| {
            Ok(KeySetWithPagingPredicate { name, predicate: page(it, pages, Iteration::Keys)? })
        })
    }
}

impl<K, V: Readable, I: Invoker<Family = Hazelcast>> Map<K, V, I> {
    /// The values of matching entries, in no order.
    pub fn values_where(&self, filter: &impl Filter) -> I::Invocation<Vec<V>> {
        let name = self.proxy.name();
        self.proxy.call(|it| Ok(ValuesWithPredicate { name, predicate: it.filter(filter)? }))
    }

    /// A page of values. `pages.advance(&page)` goes on to the next one.
    pub fn values_page(&self, pages: &impl Pages) -> I::Invocation<Page<V>> {
        let name = self.proxy.name();
        self.proxy.call(|it| {
            Ok(ValuesWithPagingPredicate { name, predicate: page(it, pages, Iteration::Values)? })
        })
    }
}

impl<K: Readable, V: Readable, I: Invoker<Family = Hazelcast>> Map<K, V, I> {
    /// Matching entries, in no order.
    pub fn entries_where(&self, filter: &impl Filter) -> I::Invocation<Vec<(K, V)>> {
        let name = self.proxy.name();
        self.proxy.call(|it| Ok(EntriesWithPredicate { name, predicate: it.filter(filter)? }))
    }

    /// A page of entries. `pages.advance(&page)` goes on to the next one.
    pub fn entries_page(&self, pages: &impl Pages) -> I::Invocation<Page<(K, V)>> {
        let name = self.proxy.name();
        self.proxy.call(|it| {
            Ok(EntriesWithPagingPredicate { name, predicate: page(it, pages, Iteration::Entries)? })
        })
    }
}

/// What is sent for a page. If only some partitions are asked, the request goes to one of them.
fn page(
    it: &mut Draft<'_>,
    pages: &impl Pages,
    by: Iteration,
) -> Result<PagingPredicateHolder, Error> {
    let holder = pages.to_holder(it, by)?;
    if let Some(key) = holder.partition_keys_data.iter().flatten().next() {
        it.to(To::Hash(key.partition_hash()));
    }
    Ok(holder)
}
