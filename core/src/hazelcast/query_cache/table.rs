//! [`Table`]: the entries that match, as far as one publisher's events have been heard.
//!
//! A table is made for each publisher: the first, and each that takes its place. While it is new it
//! hears events already; when the entries that match arrive, those that events spoke of stay as the
//! events left them, which are newer or will be overtaken by further events.

use alloc::boxed::Box;
use alloc::sync::Weak;
use alloc::vec::Vec;
use core::fmt;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use spin::RwLock;

use super::numbering::{Numbering, State, Verdict};
use super::{CacheChange, Shared};
use crate::Str;
use crate::hazelcast::client::Context;
use crate::hazelcast::error::{Error, Violation};
use crate::hazelcast::follower::{Follower, Wish};
use crate::hazelcast::message::continuous_query::{QueryCacheBatchEvent, QueryCacheSingleEvent};
use crate::hazelcast::message::custom::QueryCacheEventData;
use crate::hazelcast::{Data, EntryEvents, Item, Message, Payload, Uuid};
use crate::partition::hazelcast_partition;
use crate::rng::{KeyedHash, Map};

/// Keys of all partitions that are remembered while what matches is read; above that it is read again.
const MAX_EARLY: usize = 1 << 20;

/// The entries that match.
pub(crate) struct Table {
    /// By which it is unfollowed.
    pub(super) number: i64,
    name: Str,
    shared: Weak<Shared>,
    partitions: Box<[RwLock<Partition>]>,
    len: AtomicUsize,
    /// The most entries.
    capacity: usize,
    /// Keys that events spoke of before the entries arrived, and the most that are remembered.
    early: AtomicUsize,
    max_early: usize,
    /// There was no room for an entry.
    is_full: AtomicBool,
    /// It is registered on every member. Further ones were not heard from the start.
    is_open: AtomicBool,
    /// Members were not heard for some time.
    is_suspect: AtomicBool,
    /// Partitions whose events aren't whole.
    broken: AtomicUsize,
}

/// What is known of one partition.
struct Partition {
    /// Values are empty where the cache holds keys alone.
    entries: Map<Data, Data>,
    numbering: Numbering,
    early: Option<Early>,
}

/// What events said before the entries arrived.
struct Early {
    keys: Map<Data, ()>,
    is_cleared: bool,
}

impl Table {
    /// An empty table. With `awaits`, entries are to be filled in.
    pub(super) fn new(
        (number, name): (i64, Str),
        shared: Weak<Shared>,
        partitions: u32,
        hash: KeyedHash,
        capacity: usize,
        awaits: bool,
    ) -> Self {
        let partition = |_| {
            let early = awaits.then(|| Early { keys: Map::with_hasher(hash), is_cleared: false });
            let (entries, numbering) = (Map::with_hasher(hash), Numbering::default());
            RwLock::new(Partition { entries, numbering, early })
        };
        Self {
            number,
            name,
            shared,
            partitions: (0..partitions).map(partition).collect(),
            len: AtomicUsize::new(0),
            capacity,
            early: AtomicUsize::new(0),
            max_early: MAX_EARLY,
            is_full: AtomicBool::new(false),
            is_open: AtomicBool::new(false),
            is_suspect: AtomicBool::new(false),
            broken: AtomicUsize::new(0),
        }
    }

    /// What members call its publisher.
    pub(crate) fn name(&self) -> &Str {
        &self.name
    }

    pub(crate) fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }

    /// Whether no entry was left out for want of room.
    pub(crate) fn is_complete(&self) -> bool {
        !self.is_full.load(Ordering::Acquire)
    }

    /// Whether no event is known to be missing.
    pub(crate) fn is_whole(&self) -> bool {
        !self.is_suspect() && self.broken.load(Ordering::Acquire) == 0
    }

    pub(super) fn is_suspect(&self) -> bool {
        self.is_suspect.load(Ordering::Acquire)
    }

    pub(super) fn suspect(&self) {
        self.is_suspect.store(true, Ordering::Release);
    }

    /// Every member is heard from here on.
    pub(super) fn open(&self) {
        self.is_open.store(true, Ordering::Release);
    }

    /// The value of an entry; empty, if the cache holds keys alone.
    pub(crate) fn get(&self, key: &Data) -> Option<Data> {
        self.partition_of(key)?.read().entries.get(key).cloned()
    }

    /// All entries, partition by partition: each as it is at some moment of the walk.
    pub(crate) fn entries(&self) -> Vec<(Data, Data)> {
        let mut all = Vec::with_capacity(self.len());
        for partition in &self.partitions {
            let partition = partition.read();
            all.extend(partition.entries.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
        all
    }

    /// The partitions that miss events, with the number of the first; `None` where nobody has it.
    pub(super) fn gaps(&self) -> Vec<(u32, Option<i64>)> {
        let gap = |(number, partition): (u32, &RwLock<Partition>)| {
            let partition = partition.read();
            let is_whole = partition.numbering.state() == State::Whole;
            (!is_whole).then(|| (number, partition.numbering.gap()))
        };
        (0..).zip(&self.partitions).filter_map(gap).collect()
    }

    /// Takes the entries that match, as they were after it was open.
    pub(super) fn fill(&self, entries: impl IntoIterator<Item = (Data, Option<Data>)>) {
        for (key, value) in entries {
            let Some(partition) = self.partition_of(&key) else { continue };
            let mut partition = partition.write();
            let is_told = |early: &Early| early.is_cleared || early.keys.contains_key(&key);
            if partition.early.as_ref().is_some_and(is_told) {
                continue;
            }
            if self.has_room(&partition, &key) {
                self.insert(&mut partition, key.detached(), detached(value.as_ref()));
            } else {
                self.is_full.store(true, Ordering::Release);
            }
        }
        for partition in &self.partitions {
            partition.write().early = None;
        }
    }

    /// Judges an event, and applies it if it is the next one.
    pub(super) fn hear(
        &self,
        from: Option<Uuid>,
        event: &QueryCacheEventData,
    ) -> Result<Heard, Error> {
        let number = u32::try_from(event.partition_id).ok();
        let found = number.and_then(|number| Some((number, self.partitions.get(number as usize)?)));
        let Some((number, partition)) = found else {
            let what = "an event of a partition that the cluster doesn't have";
            return Err(Error::Violation(Violation::Other(what)));
        };
        let (verdict, state) = {
            let mut partition = partition.write();
            let before = partition.numbering.state();
            let verdict = partition.numbering.judge(from, event.sequence);
            let state = partition.numbering.state();
            match (before == State::Whole, state == State::Whole) {
                (true, false) => self.broken.fetch_add(1, Ordering::AcqRel),
                (false, true) => self.broken.fetch_sub(1, Ordering::AcqRel),
                _ => 0,
            };
            (verdict, state)
        };
        Ok(match verdict {
            Verdict::Take => Heard { change: self.apply(number, event), loss: None },
            Verdict::Skip => Heard::default(),
            Verdict::Lost => {
                Heard { change: Some(CacheChange::Lost(Some(number))), loss: Some(state) }
            }
        })
    }

    fn apply(&self, number: u32, event: &QueryCacheEventData) -> Option<CacheChange> {
        const GONE: EntryEvents = EntryEvents(2 | 8 | 16);
        const CLEARED: EntryEvents = EntryEvents(32 | 64);
        const SET: EntryEvents = EntryEvents(1 | 4 | 128 | 512);
        let kind = EntryEvents(event.event_type);
        if event.event_type <= 0 {
            return None;
        }
        if CLEARED.contains(kind) {
            return self.clear(number);
        }
        let key = event.data_key.as_ref()?;
        let mut partition = self.partition_of(key)?.write();
        if let Some(early) = &mut partition.early
            && !early.keys.contains_key(key)
        {
            if self.early.fetch_add(1, Ordering::AcqRel) < self.max_early {
                early.keys.insert(key.detached(), ());
            } else {
                // They can't all be remembered, so they are read again.
                self.suspect();
            }
        }
        if GONE.contains(kind) {
            let (key, old) = partition.entries.remove_entry(key)?;
            self.len.fetch_sub(1, Ordering::AcqRel);
            return Some(CacheChange::Removed { key, old: told(old) });
        }
        SET.contains(kind).then(|| self.set(&mut partition, key, event.data_new_value.as_ref()))?
    }

    fn set(
        &self,
        partition: &mut Partition,
        key: &Data,
        value: Option<&Data>,
    ) -> Option<CacheChange> {
        if !self.has_room(partition, key) {
            return (!self.is_full.swap(true, Ordering::AcqRel)).then_some(CacheChange::Full);
        }
        let (key, kept) = (key.detached(), detached(value));
        let value = told(kept.clone());
        Some(match self.insert(partition, key.clone(), kept) {
            Some(old) => CacheChange::Updated { key, value, old: told(old) },
            None => CacheChange::Added { key, value },
        })
    }

    fn has_room(&self, partition: &Partition, key: &Data) -> bool {
        self.len() < self.capacity || partition.entries.contains_key(key)
    }

    /// Keeps an entry, and gives the value that it had.
    fn insert(&self, partition: &mut Partition, key: Data, value: Data) -> Option<Data> {
        let former = partition.entries.insert(key, value);
        if former.is_none() {
            self.len.fetch_add(1, Ordering::AcqRel);
        }
        former
    }

    fn clear(&self, number: u32) -> Option<CacheChange> {
        let mut partition = self.partitions.get(number as usize)?.write();
        if let Some(early) = &mut partition.early {
            early.is_cleared = true;
        }
        let entries = partition.entries.len();
        partition.entries.clear();
        self.len.fetch_sub(entries, Ordering::AcqRel);
        (entries > 0).then_some(CacheChange::Cleared { partition: number, entries })
    }

    fn partition_of(&self, key: &Data) -> Option<&RwLock<Partition>> {
        let count = u32::try_from(self.partitions.len()).ok()?;
        self.partitions.get(hazelcast_partition(key.partition_hash(), count) as usize)
    }

    /// Tells those who listen, and has what was lost made up for, if this is what is read.
    fn heard(&self, heard: Heard, context: &mut Context) {
        let Some(shared) = self.shared.upgrade().filter(|shared| shared.reads(self)) else {
            return;
        };
        if let Some(change) = heard.change {
            context.wish(Wish::Tell(shared.number, Item::QueryCache(Box::new(change))));
        }
        match heard.loss {
            Some(State::Gap) if !shared.config.recover => {}
            Some(_) => shared.repair(context),
            None => {}
        }
    }

    /// Members were not heard, and it isn't known what they said.
    fn missed(&self, context: &mut Context) {
        if !self.is_suspect.swap(true, Ordering::AcqRel) {
            let change = Some(CacheChange::Lost(None));
            self.heard(Heard { change, loss: Some(State::Anew) }, context);
        }
    }
}

/// What is kept of a value, if there is one: it outlives the message that brought it.
fn detached(value: Option<&Data>) -> Data {
    value.map(Data::detached).unwrap_or_default()
}

/// A value, if the cache holds values.
fn told(kept: Data) -> Option<Data> {
    (!kept.bytes().is_empty()).then_some(kept)
}

/// What an event was.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub(super) change: Option<CacheChange>,
    /// Others are missing: whether they may be got.
    pub(super) loss: Option<State>,
}

impl Follower for Table {
    fn event(
        &self,
        from: Option<Uuid>,
        message: &Message,
        context: &mut Context,
    ) -> Result<(), Error> {
        match message.message_type() {
            QueryCacheSingleEvent::ID => {
                let (event, _) = QueryCacheSingleEvent::decode(message)?;
                self.heard(self.hear(from, &event.data)?, context);
            }
            QueryCacheBatchEvent::ID => {
                let (batch, _) = QueryCacheBatchEvent::decode(message)?;
                for event in &batch.events {
                    self.heard(self.hear(from, event)?, context);
                }
            }
            // Members of later versions send events that this side doesn't know.
            _ => {}
        }
        Ok(())
    }

    fn registered(&self, context: &mut Context) {
        if self.is_open.load(Ordering::Acquire) {
            self.missed(context);
        }
    }

    fn lost(&self, context: &mut Context) {
        self.missed(context);
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("name", &self.name)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
