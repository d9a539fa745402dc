//! What a member answers to queries: entries that match, in pages, aggregated, in parts, removed.

use alloc::vec::Vec;

use super::changes::kind;
use super::requests::Asked;
use super::store::Lifetime;
use crate::Str;
use crate::hazelcast::error::Error;
use crate::hazelcast::message::custom::{AnchorDataListHolder, IndexConfig, PagingPredicateHolder};
use crate::hazelcast::message::map::*;
use crate::hazelcast::query::{Iteration, Paging, Query};
use crate::hazelcast::schema::Request;
use crate::hazelcast::serialization::{TypeId, Value};
use crate::hazelcast::server::Member;
use crate::hazelcast::server::query::{self, Refused};
use crate::hazelcast::{Data, Payload as _};
use crate::time::Instant;

type Entries = Vec<(Data, Data)>;

/// Indexes that a map may have; more are ignored, as all are: they change no answer.
const MAX_INDEXES: usize = 1_000;

impl Member {
    /// Answers a request that may be refused.
    pub(super) fn serve_or_refuse<M: Request>(
        &mut self,
        asked: Asked<'_>,
        answer: impl FnOnce(&mut Self, M) -> Result<M::Response, Refused>,
    ) -> Result<(), Error> {
        let request = M::decode(asked.message)?.0;
        let id = asked.message.correlation_id();
        match answer(self, request) {
            Ok(response) => self.respond(asked.conn, id, &response),
            Err(it) => self.refuse(asked.conn, id, it.code, it.class, it.text),
        }
        Ok(())
    }

    pub(super) fn answer_query(&mut self, asked: Asked<'_>, kind: u32) -> Result<(), Error> {
        let now = asked.now;
        match kind {
            KeySetWithPredicate::ID => self.serve_or_refuse(asked, |it, r: KeySetWithPredicate| {
                let entries = it.select(now, &r.name, Some(&r.predicate))?;
                let response = entries.into_iter().map(|(key, _)| key).collect();
                Ok(KeySetWithPredicateResponse { response })
            }),
            ValuesWithPredicate::ID => self.serve_or_refuse(asked, |it, r: ValuesWithPredicate| {
                let entries = it.select(now, &r.name, Some(&r.predicate))?;
                let response = entries.into_iter().map(|(_, value)| value).collect();
                Ok(ValuesWithPredicateResponse { response })
            }),
            EntriesWithPredicate::ID => {
                self.serve_or_refuse(asked, |it, r: EntriesWithPredicate| {
                    let response = it.select(now, &r.name, Some(&r.predicate))?;
                    Ok(EntriesWithPredicateResponse { response })
                })
            }
            KeySetWithPagingPredicate::ID => {
                self.serve_or_refuse(asked, |it, r: KeySetWithPagingPredicate| {
                    let (page, anchor_data_list) = it.page(now, &r.name, &r.predicate)?;
                    let response = page.into_iter().map(|(key, _)| key).collect();
                    Ok(KeySetWithPagingPredicateResponse { response, anchor_data_list })
                })
            }
            ValuesWithPagingPredicate::ID => {
                self.serve_or_refuse(asked, |it, r: ValuesWithPagingPredicate| {
                    let (page, anchor_data_list) = it.page(now, &r.name, &r.predicate)?;
                    let response = page.into_iter().map(|(_, value)| value).collect();
                    Ok(ValuesWithPagingPredicateResponse { response, anchor_data_list })
                })
            }
            EntriesWithPagingPredicate::ID => {
                self.serve_or_refuse(asked, |it, r: EntriesWithPagingPredicate| {
                    let (response, anchor_data_list) = it.page(now, &r.name, &r.predicate)?;
                    Ok(EntriesWithPagingPredicateResponse { response, anchor_data_list })
                })
            }
            Aggregate::ID => self.serve_or_refuse(asked, |it, r: Aggregate| {
                let response = it.aggregated(now, &r.name, &r.aggregator, None)?;
                Ok(AggregateResponse { response })
            }),
            AggregateWithPredicate::ID => {
                self.serve_or_refuse(asked, |it, r: AggregateWithPredicate| {
                    let response =
                        it.aggregated(now, &r.name, &r.aggregator, Some(&r.predicate))?;
                    Ok(AggregateWithPredicateResponse { response })
                })
            }
            Project::ID => self.serve_or_refuse(asked, |it, r: Project| {
                let response = it.projected(now, &r.name, &r.projection, None)?;
                Ok(ProjectResponse { response })
            }),
            ProjectWithPredicate::ID => {
                self.serve_or_refuse(asked, |it, r: ProjectWithPredicate| {
                    let response = it.projected(now, &r.name, &r.projection, Some(&r.predicate))?;
                    Ok(ProjectWithPredicateResponse { response })
                })
            }
            FetchWithQuery::ID => self.serve_or_refuse(asked, |it, r: FetchWithQuery| {
                let (entries, iteration_pointers) =
                    it.fetch(asked, &r.name, &r.iteration_pointers, r.batch);
                let asked = it.read_predicate(Some(&r.predicate))?;
                let entries = it.matching(entries, &asked)?;
                let results = query::project(&it.codec, &r.projection, &borrowed(&entries))?;
                Ok(FetchWithQueryResponse { results, iteration_pointers })
            }),
            RemoveAll::ID => self.serve_or_refuse(asked, |it, r: RemoveAll| {
                for (key, _) in it.select(now, &r.name, Some(&r.predicate))? {
                    it.remove(now, &r.name, &key, kind::REMOVED, true);
                }
                Ok(RemoveAllResponse {})
            }),
            AddIndex::ID => self.serve_or_refuse(asked, |it, r: AddIndex| {
                it.add_index(&r.name, &r.index_config)?;
                Ok(AddIndexResponse {})
            }),
            PutAllWithMetadata::ID => self.serve_or_refuse(asked, |it, r: PutAllWithMetadata| {
                for entry in &r.entries {
                    let forever = |time: i64| if time == i64::MAX { 0 } else { time };
                    let lifetime = Lifetime::new(forever(entry.ttl), forever(entry.max_idle));
                    it.put(now, &r.name, &entry.key, &entry.value, lifetime);
                }
                Ok(PutAllWithMetadataResponse {})
            }),
            // Both run what somebody wrote in Java.
            ReplaceAll::ID => self.serve_or_refuse(asked, |_, r: ReplaceAll| {
                Err(Refused::unknown_class(alloc::format!("{:?}", r.function)))
            }),
            AddInterceptor::ID => self.serve_or_refuse(asked, |_, r: AddInterceptor| {
                Err(Refused::unknown_class(alloc::format!("{:?}", r.interceptor)))
            }),
            RemoveInterceptor::ID => self.serve_or_refuse(asked, |_, RemoveInterceptor { .. }| {
                Ok(RemoveInterceptorResponse { response: false })
            }),
            _ => self.answer_processor(asked, kind),
        }
    }

    pub(super) fn read_predicate(&self, predicate: Option<&Data>) -> Result<query::Asked, Refused> {
        match predicate {
            Some(data) => query::Asked::read(&self.codec, data, self.topology.partitions()),
            None => Ok(query::Asked::all()),
        }
    }

    fn matching(&self, entries: Entries, asked: &query::Asked) -> Result<Entries, Refused> {
        let mut found = Vec::new();
        for (key, value) in entries {
            if query::matches(&self.codec, asked, (&key, &value))? {
                found.push((key, value));
            }
        }
        Ok(found)
    }

    /// Entries of all partitions, or of those that the predicate is about.
    pub(super) fn select(
        &mut self,
        now: Instant,
        name: &Str,
        predicate: Option<&Data>,
    ) -> Result<Entries, Refused> {
        let asked = self.read_predicate(predicate)?;
        self.selected(now, name, &asked)
    }

    fn selected(
        &mut self,
        now: Instant,
        name: &Str,
        asked: &query::Asked,
    ) -> Result<Entries, Refused> {
        self.exists(name);
        let mut found = Vec::new();
        for partition in 0..self.topology.partitions() {
            let Some(store) = self.store(name, partition).filter(|_| asked.concerns(partition))
            else {
                continue;
            };
            for entry in store.iter(now) {
                if query::matches(&self.codec, asked, entry)? {
                    found.push((entry.0.clone(), entry.1.clone()));
                }
            }
        }
        Ok(found)
    }

    fn aggregated(
        &mut self,
        now: Instant,
        name: &Str,
        aggregator: &Data,
        predicate: Option<&Data>,
    ) -> Result<Option<Data>, Refused> {
        let entries = self.select(now, name, predicate)?;
        query::aggregate(&self.codec, aggregator, &borrowed(&entries))
    }

    fn projected(
        &mut self,
        now: Instant,
        name: &Str,
        projection: &Data,
        predicate: Option<&Data>,
    ) -> Result<Vec<Option<Data>>, Refused> {
        let entries = self.select(now, name, predicate)?;
        query::project(&self.codec, projection, &borrowed(&entries))
    }

    /// One page, and where all pages that are known end: from the nearest known end before it, since
    /// entries may have come and gone.
    fn page(
        &mut self,
        now: Instant,
        name: &Str,
        holder: &PagingPredicateHolder,
    ) -> Result<(Entries, AnchorDataListHolder), Refused> {
        let mut holder = holder.clone();
        // The Node client writes null where the others write nothing.
        let is_there = |data: &Data| data.type_id() != TypeId::NULL.0;
        holder.predicate_data = holder.predicate_data.filter(is_there);
        holder.comparator_data = holder.comparator_data.filter(is_there);
        let (asked, by) = Query::<Paging<'static>>::from_holder(&self.codec, &holder)?;
        let keys = match &asked {
            Query::Everywhere(_) => &[][..],
            Query::Partitions(predicate) => predicate.keys(),
        };
        let partitions = query::partitions_of(&self.codec, keys, self.topology.partitions())?;
        let paging = match &asked {
            Query::Everywhere(paging) => paging,
            Query::Partitions(predicate) => predicate.target(),
        };
        if let Some(comparator) = paging.comparator() {
            return Err(Refused::unknown_class(comparator));
        }
        let predicate = paging.predicate().cloned();
        let predicate = predicate.unwrap_or_else(crate::hazelcast::query::always_true);
        let asked = query::Asked::new(predicate, partitions)?;
        let entries = self.selected(now, name, &asked)?;
        let mut sorted = self.sortable(entries, by)?;
        sorted.sort_unstable_by(|one, other| one.0.cmp(&other.0));

        let (size, number) = (to_usize(paging.size()), to_usize(paging.page()));
        let mut holder = holder.anchor_data_list_holder;
        let known = holder.anchor_page_list.iter().map(|page| usize::try_from(*page).ok());
        let nearest = known
            .zip(&holder.anchor_data_list)
            .filter_map(|(page, entry)| Some((page.filter(|page| *page < number)?, entry)))
            .max_by_key(|(page, _)| *page);
        let (begin, skipped) = match nearest {
            Some((page, entry)) => {
                let anchor = self.sortable([entry.clone()].into(), by)?.pop();
                let is_past = |it: &Sortable| anchor.as_ref().is_none_or(|anchor| anchor.0 < it.0);
                (sorted.iter().position(is_past).unwrap_or(sorted.len()), number - page - 1)
            }
            None => (0, number),
        };
        let begin = begin.saturating_add(skipped.saturating_mul(size));
        let page: Entries = sorted.into_iter().skip(begin).take(size).map(|it| it.1).collect();
        if let Some(last) = page.last() {
            let number = i32::try_from(number).unwrap_or(i32::MAX);
            match holder.anchor_page_list.iter().position(|page| *page == number) {
                Some(at) => {
                    if let Some(place) = holder.anchor_data_list.get_mut(at) {
                        place.clone_from(last);
                    }
                }
                None => {
                    holder.anchor_page_list.push(number);
                    holder.anchor_data_list.push(last.clone());
                }
            }
        }
        Ok((page, holder))
    }

    fn sortable(&self, entries: Entries, by: Iteration) -> Result<Vec<Sortable>, Refused> {
        let one = |entry: (Data, Data)| {
            let sorted = if by == Iteration::Keys { &entry.0 } else { &entry.1 };
            let value = self.codec.to_value::<Value>(sorted)?;
            let bytes = (entry.1.payload(), entry.0.payload());
            Ok(Sortable(query::SortKey::new(value, bytes), entry))
        };
        entries.into_iter().map(one).collect()
    }

    fn add_index(&mut self, map: &Str, index: &IndexConfig) -> Result<(), Refused> {
        self.exists(map);
        let attributes: Vec<_> = index.attributes.iter().map(Str::as_str).collect();
        if attributes.is_empty() || !(0..=2).contains(&index.kind) {
            return Err(Refused::argument(
                "an index is of attributes, and sorted, hashed or a bitmap",
            ));
        }
        let name = match &index.name {
            Some(name) => name.detached(),
            None => {
                let kind = ["sorted", "hash", "bitmap"];
                let kind = usize::try_from(index.kind).ok().and_then(|it| kind.get(it));
                let kind = kind.copied().unwrap_or_default();
                alloc::format!("{map}_{kind}_{}", attributes.join("_")).into()
            }
        };
        let indexes = self.indexes.entry(map.detached()).or_default();
        if indexes.len() < MAX_INDEXES {
            indexes.insert(name);
        }
        Ok(())
    }

    /// The names of a map's indexes. They change no answer.
    pub fn indexes(&self, map: &str) -> impl Iterator<Item = &Str> {
        self.indexes.get(map).into_iter().flatten()
    }
}

/// An entry with what it is sorted by.
struct Sortable(query::SortKey, (Data, Data));

fn to_usize(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn borrowed(entries: &[(Data, Data)]) -> Vec<(&Data, &Data)> {
    entries.iter().map(|(key, value)| (key, value)).collect()
}
