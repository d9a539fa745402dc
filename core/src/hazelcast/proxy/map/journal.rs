//! The event journal: what happened to the entries of a partition, as far back as it reaches. Members
//! keep one where they are configured to.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use super::Map;
use crate::call::Unopened;
use crate::hazelcast::Data;
use crate::hazelcast::error::Error;
use crate::hazelcast::family::{Hazelcast, To};
use crate::hazelcast::message::map::{
    EventJournalRead, EventJournalReadResponse, EventJournalSubscribe,
    EventJournalSubscribeResponse,
};
use crate::hazelcast::proxy::opens::Opens;
use crate::hazelcast::proxy::{EntryEvents, Readable};
use crate::hazelcast::serialization::{Codec, Read, Reader, Write, identified};
use crate::invoker::Invoker;

/// How far a partition's journal reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalBounds {
    /// The sequence of the oldest event.
    pub oldest: i64,
    /// The sequence of the newest event; below `oldest` where there is none.
    pub newest: i64,
}

/// Events of a partition's journal, or what a projection made of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalPage<T> {
    /// The events.
    pub events: Vec<T>,
    /// The sequence of each.
    pub sequences: Vec<i64>,
    /// Where to go on. It is further than the events that were read, if some were lost before.
    pub next: i64,
    /// Events that were read, those included that did not match.
    pub read: u32,
}

/// Something that happened to an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEvent<K, V> {
    /// One type of event.
    pub kind: EntryEvents,
    /// The key.
    pub key: K,
    /// The value, where the entry has one now.
    pub value: Option<V>,
    /// The value that it had before.
    pub old_value: Option<V>,
    /// Events before this one are lost.
    pub after_lost: bool,
}

/// The class of a journal's event, in the factory of maps.
const EVENT: i32 = 132;

/// A null: no predicate, no projection.
const NONE: Option<&Data> = None;

impl<K, V, I: Invoker<Family = Hazelcast>> Map<K, V, I> {
    /// How far a partition's journal reaches. An error of the member, `UNSUPPORTED_OPERATION`, if the
    /// map has none.
    pub fn journal_bounds(&self, partition: u32) -> I::Invocation<JournalBounds> {
        self.proxy.call(|it| {
            it.to(To::Partition(partition));
            Ok(EventJournalSubscribe { name: self.proxy.name() })
        })
    }

    /// What a projection of the members makes of a partition's events that match a predicate of
    /// theirs: both are of classes that they have. See [`Map::read_journal`].
    pub fn read_journal_with<R: Readable>(
        &self,
        partition: u32,
        from: i64,
        count: RangeInclusive<u32>,
        predicate: Option<&(impl Write + ?Sized)>,
        projection: Option<&(impl Write + ?Sized)>,
    ) -> I::Invocation<JournalPage<R>> {
        let name = self.proxy.name();
        let call = self.proxy.prepare(|it| {
            it.to(To::Partition(partition));
            let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
            let (min_size, max_size) = (number(*count.start()), number(*count.end()));
            if min_size > 0 {
                it.endless();
            }
            let predicate = predicate.map(|predicate| it.present(predicate)).transpose()?;
            let projection = projection.map(|projection| it.present(projection)).transpose()?;
            let start_sequence = from;
            Ok(EventJournalRead { name, start_sequence, min_size, max_size, predicate, projection })
        });
        // Of nothing, members say that it goes on at 0.
        let stays = move |page: JournalPage<R>| match page.read {
            0 => JournalPage { next: page.next.max(from), ..page },
            _ => page,
        };
        self.proxy.invoker.invoke(call.map(stays))
    }
}

impl<K: Readable, V: Readable, I: Invoker<Family = Hazelcast>> Map<K, V, I> {
    /// Events of a partition from a sequence on: as many as there are, within `count`. It waits until
    /// there are as many as that begins with, however long. Where the sequence is older than the
    /// journal, it begins with the oldest event.
    pub fn read_journal(
        &self,
        partition: u32,
        from: i64,
        count: RangeInclusive<u32>,
    ) -> I::Invocation<JournalPage<JournalEvent<K, V>>> {
        self.read_journal_with(partition, from, count, NONE, NONE)
    }
}

impl Opens<EventJournalSubscribeResponse> for JournalBounds {
    fn open(body: EventJournalSubscribeResponse, _: &Codec) -> Result<Self, Unopened<Hazelcast>> {
        Ok(Self { oldest: body.oldest_sequence, newest: body.newest_sequence })
    }
}

impl<T: Read> Opens<EventJournalReadResponse> for JournalPage<T> {
    fn open(body: EventJournalReadResponse, codec: &Codec) -> Result<Self, Unopened<Hazelcast>> {
        Ok(Self {
            events: Opens::open(body.items, codec)?,
            sequences: body.item_seqs.unwrap_or_default(),
            next: body.next_seq,
            read: u32::try_from(body.read_count).unwrap_or(0),
        })
    }
}

/// What the members' journals hold.
impl<K: Read, V: Read> Read for JournalEvent<K, V> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        if identified::header(from)? != (identified::MAPS, EVENT) {
            return Err(from.mismatch("an event of a map's journal"));
        }
        let kind = EntryEvents(from.i32()?);
        let Some(key) = from.data_value()? else { return Err(from.mismatch("a key")) };
        let (value, old_value) = (from.data_value()?, from.data_value()?);
        // Members before 5.4 don't say.
        let after_lost = from.remaining() > 0 && from.bool()?;
        Ok(Self { kind, key, value, old_value, after_lost })
    }
}
