//! [`Build`]: the steps by which a table comes to be what is read.
//!
//! ```text
//!   connected -> listener on every member -> publisher -> it publishes -> what matches -> read
//! ```
//!
//! Members could populate the publisher themselves. They then read partitions that they own at that
//! moment, which may leave out one that moves, and put changes made meanwhile over the result, removals
//! as entries without a value. A query waits for partitions that move, and comes after the publisher.

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::sync::{Arc, Weak};

use super::{CacheChange, DESTROYED, Shared, Table};
use crate::Str;
use crate::call::{Advance, Plan, Progress, Stepping, Steps};
use crate::hazelcast::error::Error;
use crate::hazelcast::follower::{Follower, Wish};
use crate::hazelcast::message::continuous_query::{
    AddListener, DestroyCache, MadePublishable, MadePublishableResponse, PublisherCreate,
    PublisherCreateWithValue,
};
use crate::hazelcast::message::map::{
    EntriesWithPredicate, EntriesWithPredicateResponse, KeySetWithPredicate,
    KeySetWithPredicateResponse, RemoveEntryListener,
};
use crate::hazelcast::{Answer, Hazelcast, Item, Operation, Registration, Request, Uuid};

/// The tags of its requests. Those who embed it take others.
const READY: u32 = 0;
const FOLLOW: u32 = 1;
const CREATE: u32 = 2;
const PUBLISH: u32 = 3;
const FILL: u32 = 4;

/// Builds one table.
#[derive(Debug)]
pub(super) struct Build {
    shared: Arc<Shared>,
    /// Once the number of partitions is known.
    table: Option<Arc<Table>>,
}

impl Build {
    /// Begins.
    pub(super) fn start(shared: Arc<Shared>, cx: &mut Stepping<'_, Hazelcast>) -> Self {
        // How many partitions there are is known once the client is connected.
        cx.send(READY, Operation::ready());
        Self { shared, table: None }
    }

    /// Takes an answer. Something, once it has ended.
    pub(super) fn advance(
        &mut self,
        tag: u32,
        result: Result<Answer, Error>,
        cx: &mut Stepping<'_, Hazelcast>,
    ) -> Option<Result<(), Error>> {
        let end = match result.and_then(|answer| self.step(tag, &answer, cx)) {
            Ok(false) => return None,
            Ok(true) => self.finish(cx),
            Err(error) => Err(error),
        };
        if end.is_err()
            && let Some(table) = self.table.take()
        {
            cx.context.wish(Wish::Run(removal(&self.shared, &table)));
        }
        Some(end)
    }

    /// True when the table is whole.
    fn step(
        &mut self,
        tag: u32,
        answer: &Answer,
        cx: &mut Stepping<'_, Hazelcast>,
    ) -> Result<bool, Error> {
        let Some(table) = &self.table else {
            let table = Arc::new(self.new_table(cx));
            cx.send(FOLLOW, self.follow(&table));
            self.table = Some(table);
            return Ok(false);
        };
        match tag {
            FOLLOW => {
                table.open();
                cx.send(CREATE, self.create(table));
            }
            CREATE => {
                let (map_name, cache_name) = self.names(table);
                cx.send(PUBLISH, self.on(&MadePublishable { map_name, cache_name }));
            }
            PUBLISH => {
                if !answer.read::<MadePublishableResponse>()?.response {
                    // A member has no publisher: it came in between.
                    table.suspect();
                }
                if !self.shared.config.populate {
                    return Ok(true);
                }
                cx.send(FILL, self.query());
            }
            _ if self.shared.config.include_value => {
                let entries = answer.read::<EntriesWithPredicateResponse>()?.response;
                table.fill(entries.into_iter().map(|(key, value)| (key, Some(value))));
                return Ok(true);
            }
            _ => {
                let keys = answer.read::<KeySetWithPredicateResponse>()?.response;
                table.fill(keys.into_iter().map(|key| (key, None)));
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Has the table read in place of the one before, whose publisher is removed.
    fn finish(&mut self, cx: &mut Stepping<'_, Hazelcast>) -> Result<(), Error> {
        if self.shared.is_destroyed() {
            return Err(DESTROYED);
        }
        let Some(table) = self.table.take() else { return Ok(()) };
        if let Some(before) = self.shared.replace(Some(Arc::clone(&table))) {
            cx.context.wish(Wish::Run(removal(&self.shared, &before)));
            self.tell(CacheChange::Refreshed, cx);
        }
        if !table.is_complete() {
            self.tell(CacheChange::Full, cx);
        }
        if !table.is_whole() {
            let of_any = table.is_suspect().then_some(None);
            let gaps = table.gaps().into_iter().map(|(partition, _)| Some(partition));
            of_any.into_iter().chain(gaps).for_each(|lost| self.tell(CacheChange::Lost(lost), cx));
            self.shared.repair(cx.context);
        }
        Ok(())
    }

    fn tell(&self, change: CacheChange, cx: &mut Stepping<'_, Hazelcast>) {
        cx.context.wish(Wish::Tell(self.shared.number, Item::QueryCache(Box::new(change))));
    }

    fn new_table(&self, cx: &mut Stepping<'_, Hazelcast>) -> Table {
        let shared = Arc::downgrade(&self.shared);
        let partitions = cx.context.partition_count();
        let rng = cx.context.rng();
        let (high, low, hash) = (rng.next_u64(), rng.next_u64(), rng.hash_key());
        let name = Uuid::new(high, low).to_string();
        let number = rng.next_u64().cast_signed();
        let config = &self.shared.config;
        let capacity = config.max_entries;
        Table::new((number, Str::from(name)), shared, partitions, hash, capacity, config.populate)
    }

    fn follow(&self, table: &Arc<Table>) -> Operation {
        let (name, removed) = (table.name().clone(), table.name().clone());
        let registration = Registration::new(
            move |local_only| AddListener { listener_name: name.clone(), local_only },
            move |registration_id| RemoveEntryListener { name: removed.clone(), registration_id },
        );
        let registration = registration.on(&self.shared.structure).needs(&self.shared.schemas);
        let follower: Weak<Table> = Arc::downgrade(table);
        Operation::follow(table.number, follower as Weak<dyn Follower>, registration)
    }

    fn create(&self, table: &Table) -> Operation {
        let (map_name, cache_name) = self.names(table);
        let predicate = self.shared.predicate.clone();
        let config = &self.shared.config;
        let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX).max(1);
        let (buffer_size, coalesce) = (number(config.buffer_size), config.coalesce);
        let batch_size = number(config.batch_size).min(buffer_size);
        let (delay_seconds, populate) = (i64::from(config.delay_seconds), false);
        if config.include_value {
            self.on(&PublisherCreateWithValue {
                map_name,
                cache_name,
                predicate,
                batch_size,
                buffer_size,
                delay_seconds,
                populate,
                coalesce,
            })
        } else {
            self.on(&PublisherCreate {
                map_name,
                cache_name,
                predicate,
                batch_size,
                buffer_size,
                delay_seconds,
                populate,
                coalesce,
            })
        }
    }

    fn query(&self) -> Operation {
        let (name, predicate) = (self.shared.structure.name.clone(), self.shared.predicate.clone());
        if self.shared.config.include_value {
            self.on(&EntriesWithPredicate { name, predicate })
        } else {
            self.on(&KeySetWithPredicate { name, predicate })
        }
    }

    fn on(&self, request: &impl Request) -> Operation {
        Operation::new(request).on(&self.shared.structure).needs(&self.shared.schemas)
    }

    fn names(&self, table: &Table) -> (Str, Str) {
        (self.shared.structure.name.clone(), table.name().clone())
    }
}

/// Ends a table's listener and publisher, whatever comes of it.
pub(super) fn removal(shared: &Shared, table: &Table) -> Plan<Hazelcast> {
    let (map_name, cache_name) = (shared.structure.name.clone(), table.name().clone());
    let destroy = Operation::new(&DestroyCache { map_name, cache_name }).ungated();
    let requests = Some([Operation::unfollow(table.number), destroy]);
    Plan::Steps(Box::new(Removal { requests, left: 0 }))
}

struct Removal {
    requests: Option<[Operation; 2]>,
    left: u32,
}

impl Steps<Hazelcast> for Removal {
    fn advance(
        &mut self,
        event: Advance<Hazelcast>,
        cx: &mut Stepping<'_, Hazelcast>,
    ) -> Progress<Hazelcast> {
        match event {
            Advance::Start => {
                for (tag, request) in (0..).zip(self.requests.take().into_iter().flatten()) {
                    cx.send(tag, request);
                    self.left += 1;
                }
            }
            Advance::Answer { .. } => self.left = self.left.saturating_sub(1),
            Advance::Woken => {}
        }
        if self.left == 0 { Progress::Done(Ok(Answer::Done)) } else { Progress::Waiting }
    }
}
