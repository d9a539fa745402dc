//! Journals: what happened to the entries of a partition, the latest of it. The owner keeps it; it moves
//! with a partition, and is not with backups.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use super::requests::Asked;
use super::store::MapStore;
use crate::Str;
use crate::hazelcast::error::{Error, ErrorCode};
use crate::hazelcast::message::map::{
    EventJournalRead, EventJournalReadResponse, EventJournalSubscribe,
    EventJournalSubscribeResponse,
};
use crate::hazelcast::serialization::{Write, Writer, identified};
use crate::hazelcast::server::Member;
use crate::hazelcast::server::listeners::Change;
use crate::hazelcast::server::query::Refused;
use crate::hazelcast::{Data, Payload as _};

/// Requests that may wait for events; more are refused.
const MAX_WAITING: usize = 10_000;

/// The class of an event, in the factory of maps.
const EVENT: i32 = 132;

/// The latest events of a partition.
#[derive(Debug, Clone, Default)]
pub(super) struct Journal {
    events: VecDeque<Event>,
    /// The sequence of the oldest one.
    oldest: i64,
}

#[derive(Debug, Clone)]
struct Event {
    kind: i32,
    key: Data,
    value: Option<Data>,
    old_value: Option<Data>,
}

impl Write for Event {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        identified::start(identified::MAPS, EVENT, to);
        to.i32(self.kind);
        to.data(Some(&self.key))?;
        to.data(self.value.as_ref())?;
        to.data(self.old_value.as_ref())?;
        to.bool(false);
        Ok(())
    }
}

impl Journal {
    fn newest(&self) -> i64 {
        let count = i64::try_from(self.events.len()).unwrap_or(i64::MAX);
        self.oldest.saturating_add(count) - 1
    }

    fn push(&mut self, event: Event, capacity: usize) {
        self.events.push_back(event);
        while self.events.len() > capacity {
            self.events.pop_front();
            self.oldest += 1;
        }
    }
}

impl Member {
    /// Notes what happened to one entry.
    pub(super) fn record(&mut self, partition: u32, name: &Str, change: &Change) {
        let (Some(capacity), Some(key)) = (self.config.journal_capacity, &change.key) else {
            return;
        };
        let event = Event {
            kind: change.kind,
            key: key.detached(),
            value: change.value.as_ref().map(Data::detached),
            old_value: change.old_value.as_ref().map(Data::detached),
        };
        if let Some(store) = self.store_mut(name, partition) {
            store.journal.push(event, capacity.max(1));
        }
        if !self.reading.is_empty() {
            self.wake_at(Some(self.clock.now()));
        }
    }

    pub(super) fn answer_journal(&mut self, asked: Asked<'_>, kind: u32) -> Result<(), Error> {
        let partition = asked.message.partition_id().cast_unsigned();
        match kind {
            EventJournalSubscribe::ID => {
                self.serve_or_refuse(asked, |it, r: EventJournalSubscribe| {
                    let journal = &it.journal(&r.name, partition)?.journal;
                    let (oldest_sequence, newest_sequence) = (journal.oldest, journal.newest());
                    Ok(EventJournalSubscribeResponse { oldest_sequence, newest_sequence })
                })
            }
            EventJournalRead::ID => {
                let request = EventJournalRead::decode(asked.message)?.0;
                let (conn, id) = (asked.conn, asked.message.correlation_id());
                match self.read_journal(partition, &request) {
                    Ok(Some(response)) => self.respond(conn, id, &response),
                    Ok(None) if self.reading.len() < MAX_WAITING => {
                        self.reading.push((conn, asked.message.clone()));
                    }
                    Ok(None) => {
                        let class = "com.hazelcast.core.HazelcastOverloadException";
                        let text = Str::from_static("too many requests wait for events");
                        self.refuse(conn, id, ErrorCode::HAZELCAST_OVERLOAD, class, text);
                    }
                    Err(it) => self.refuse(conn, id, it.code, it.class, it.text),
                }
                Ok(())
            }
            _ => {
                self.unknown(asked.conn, asked.message.correlation_id(), kind);
                Ok(())
            }
        }
    }

    fn journal(&mut self, name: &Str, partition: u32) -> Result<&mut MapStore, Refused> {
        let none = || Refused::unsupported("the map has no event journal");
        if self.config.journal_capacity.is_none() || partition >= self.topology.partitions() {
            return Err(none());
        }
        self.store_mut(name, partition).ok_or_else(none)
    }

    /// Events, if there are enough. A place in the past is moved up, and one in the future down.
    fn read_journal(
        &mut self,
        partition: u32,
        request: &EventJournalRead,
    ) -> Result<Option<EventJournalReadResponse>, Refused> {
        if let Some(custom) = request.predicate.as_ref().or(request.projection.as_ref()) {
            return Err(Refused::unknown_class(alloc::format!("{custom:?}")));
        }
        let journal = &self.journal(&request.name, partition)?.journal;
        let start = request.start_sequence.clamp(journal.oldest, journal.newest() + 1);
        let skipped = usize::try_from(start - journal.oldest).unwrap_or(usize::MAX);
        let most = usize::try_from(request.max_size).unwrap_or(0);
        let events: Vec<_> = journal.events.iter().skip(skipped).take(most).cloned().collect();
        if events.len() < usize::try_from(request.min_size).unwrap_or(0) {
            return Ok(None);
        }
        let items = events.iter().map(|event| self.codec.to_data(event));
        let items = items.collect::<Result<Vec<_>, _>>()?;
        let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
        Ok(Some(EventJournalReadResponse {
            read_count: i32::try_from(count).unwrap_or(i32::MAX),
            items,
            item_seqs: Some((start..start + count).collect()),
            next_seq: start + count,
        }))
    }

    /// There are events that somebody may wait for.
    pub(super) fn read_on(&mut self, now: crate::time::Instant) {
        for (conn, message) in core::mem::take(&mut self.reading) {
            // It was read before, so nothing is wrong with it.
            let _: Result<(), Error> = self.answer(now, conn, &message);
        }
    }
}
