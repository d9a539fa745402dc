//! What is done for a near cache inside the engine, as steps of calls: it begins to be told of changes,
//! members are asked how many there were, and what time brings is looked after.
//!
//! ```text
//!   Open: connected --> told of changes by every member --> metadata --> the handle is given out
//!                          |
//!                          +--> Repair, as long as the client lives: each second what was missed and
//!                               what expired; metadata when events may have been missed, and each
//!                               reconciliation interval; told anew when the map was destroyed
//! ```
//!
//! Members are given some seconds to answer. One that hangs, or is listed and can't be reached, keeps
//! neither the handle nor what the others say: it is asked again until it answers or is listed no more.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::sync::atomic::Ordering;
use core::time::Duration;

use super::{Metadata, NearCache, TICK};
use crate::call::{Advance, Plan, Progress, Stepping, Steps};
use crate::hazelcast::Uuid;
use crate::hazelcast::client::Context;
use crate::hazelcast::error::Error;
use crate::hazelcast::family::{Answer, Hazelcast, Operation, Registration, Structure, To};
use crate::hazelcast::follower::{Follower, Wish};
use crate::hazelcast::message::map::{
    AddNearCacheInvalidationListener, FetchNearCacheInvalidationMetadata,
    FetchNearCacheInvalidationMetadataResponse, RemoveEntryListener,
};
use crate::hazelcast::proxy::MAPS;
use crate::hazelcast::raw::Message;
use crate::time::Instant;

/// The type of event that invalidations are.
const INVALIDATION: i32 = 256;

/// How often what was missed is looked at, as official clients do.
const PERIOD: Duration = Duration::from_secs(1);

/// How long members are waited for that are asked how many changes there were.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often a call looks that waits for another one to have opened the cache.
const LOOK: Duration = Duration::from_millis(10);

/// Tags of requests. Those of metadata count from 0.
const READY: u32 = u32::MAX;
const LISTEN: u32 = u32::MAX - 1;
const UNLISTEN: u32 = u32::MAX - 2;

impl Follower for NearCache {
    fn event(&self, _: Option<Uuid>, message: &Message, cx: &mut Context) -> Result<(), Error> {
        self.handle_event(message, cx.client_id())
    }

    fn registered(&self, context: &mut Context) {
        self.enter(context);
        self.interrupted();
    }

    fn lost(&self, _: &mut Context) {
        self.interrupted();
    }
}

impl NearCache {
    /// Has members tell of changes; answered when all of them do.
    fn listen(self: &Arc<Self>) -> Operation {
        let (name, removed) = (self.name.clone(), self.name.clone());
        let add = move |local_only| {
            let (name, listener_flags) = (name.clone(), INVALIDATION);
            AddNearCacheInvalidationListener { name, listener_flags, local_only }
        };
        let remove = move |registration_id| {
            let name = removed.clone();
            RemoveEntryListener { name, registration_id }
        };
        let structure = Structure { service: MAPS, name: self.name.clone() };
        let this: Weak<Self> = Arc::downgrade(self);
        Operation::follow(
            self.number,
            this,
            Registration::new(add, remove).on(&Arc::new(structure)),
        )
    }

    /// The client is connected. If that is to another cluster than before, the cache begins anew.
    fn enter(&self, context: &Context) {
        let (cluster, partitions) = (context.cluster_id(), context.partition_count());
        let is_known = {
            let mut known = self.cluster.write();
            let before = core::mem::replace(&mut *known, (cluster, partitions));
            before == *known
        };
        if !is_known {
            self.reset(partitions);
        }
    }
}

/// Opens a near cache, for a handle that is given out then.
#[derive(Debug)]
pub(crate) struct Open {
    cache: Arc<NearCache>,
    /// It is this call that has members tell of changes, and not done.
    is_listening: bool,
    fetch: Option<Fetch>,
}

impl Open {
    pub(crate) const fn new(cache: Arc<NearCache>) -> Self {
        Self { cache, is_listening: false, fetch: None }
    }

    /// Has members tell of changes, unless they do, or another call is at it.
    fn listen(&mut self, cx: &mut Stepping<'_, Hazelcast>) -> Progress<Hazelcast> {
        let invalidates = self.cache.config().invalidate_on_change;
        if !invalidates || self.cache.is_told.load(Ordering::Relaxed) {
            return self.opened(cx);
        }
        if self.cache.is_opening.swap(true, Ordering::Relaxed) {
            cx.wake_at(cx.now + LOOK);
        } else {
            self.is_listening = true;
            cx.send(LISTEN, self.cache.listen());
        }
        Progress::Waiting
    }

    fn opened(&mut self, cx: &mut Stepping<'_, Hazelcast>) -> Progress<Hazelcast> {
        if !self.cache.is_open.swap(true, Ordering::Relaxed) {
            let cache = Arc::downgrade(&self.cache);
            let repair = Repair { cache, reconcile_at: None, is_listening: false };
            cx.context.wish(Wish::Run(Plan::Steps(Box::new(repair))));
        }
        if !self.cache.config().invalidate_on_change || !self.cache.interruptions().1 {
            return Progress::Done(Ok(Answer::Done));
        }
        // What goes wrong with it is made good later.
        let mut fetch = Fetch::new(Arc::clone(&self.cache), true);
        let progress = fetch.advance(Advance::Start, cx);
        self.fetch = Some(fetch);
        progress
    }
}

impl Steps<Hazelcast> for Open {
    fn advance(
        &mut self,
        event: Advance<Hazelcast>,
        cx: &mut Stepping<'_, Hazelcast>,
    ) -> Progress<Hazelcast> {
        match (event, &mut self.fetch) {
            (Advance::Start, _) => cx.send(READY, Operation::ready()),
            (Advance::Answer { tag: READY | LISTEN, result: Err(error) }, _) => {
                return Progress::Done(Err(error));
            }
            (Advance::Answer { tag: READY, .. }, _) => {
                self.cache.enter(cx.context);
                return self.listen(cx);
            }
            (Advance::Answer { tag: LISTEN, .. }, _) => {
                self.cache.is_told.store(true, Ordering::Relaxed);
                return self.opened(cx);
            }
            (event, Some(fetch)) => return fetch.advance(event, cx),
            (Advance::Woken, None) => return self.listen(cx),
            _ => {}
        }
        Progress::Waiting
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if self.is_listening {
            self.cache.is_opening.store(false, Ordering::Relaxed);
        }
    }
}

/// Looks after a near cache.
#[derive(Debug)]
struct Repair {
    cache: Weak<NearCache>,
    reconcile_at: Option<Instant>,
    /// It has members tell of changes anew, and not done.
    is_listening: bool,
}

impl Repair {
    fn look(&mut self, cache: &Arc<NearCache>, cx: &mut Stepping<'_, Hazelcast>) {
        let config = cache.config();
        cx.wake_at(cx.now + period(cache));
        cache.tick();
        if !config.invalidate_on_change || !cx.context.is_connected() {
            return;
        }
        cache.enter(cx.context);
        // Not while that is being done: each time it is slower than this it would be begun again.
        if !self.is_listening && cache.destroyed.swap(false, Ordering::Relaxed) {
            self.is_listening = true;
            cx.send(UNLISTEN, Operation::unfollow(cache.number));
        }
        let is_time = self.is_time(cache.repair.reconciliation_interval, cx.now);
        let is_interrupted = cache.interruptions().1;
        if (is_interrupted || is_time) && cache.fetches.load(Ordering::Relaxed) == 0 {
            // A call of its own, whose end withdraws what was not answered.
            let fetch = Fetch::new(Arc::clone(cache), is_interrupted);
            cx.context.wish(Wish::Run(Plan::Steps(Box::new(fetch))));
        }
    }

    fn is_time(&mut self, interval: Option<Duration>, now: Instant) -> bool {
        let Some(interval) = interval else { return false };
        let interval = interval.max(PERIOD);
        let is_time = *self.reconcile_at.get_or_insert(now + interval) <= now;
        if is_time {
            self.reconcile_at = Some(now + interval);
        }
        is_time
    }
}

/// How often to look: where time alone ends records, more often.
fn period(cache: &NearCache) -> Duration {
    if cache.config().expires() { TICK } else { PERIOD }
}

impl Steps<Hazelcast> for Repair {
    fn advance(
        &mut self,
        event: Advance<Hazelcast>,
        cx: &mut Stepping<'_, Hazelcast>,
    ) -> Progress<Hazelcast> {
        let Some(cache) = self.cache.upgrade() else { return Progress::Done(Ok(Answer::Done)) };
        match event {
            // How things stand now is what the call asks that opens the cache.
            Advance::Start => cx.wake_at(cx.now + period(&cache)),
            Advance::Woken => self.look(&cache, cx),
            Advance::Answer { tag: UNLISTEN, .. } => cx.send(LISTEN, cache.listen()),
            Advance::Answer { tag: LISTEN, result } => {
                self.is_listening = false;
                if result.is_err() {
                    cache.destroyed.store(true, Ordering::Relaxed);
                }
            }
            Advance::Answer { .. } => {}
        }
        Progress::Waiting
    }
}

/// Asks every member that has data how many changes there were. The cache takes what each says when it
/// says it: later it would be outdated.
#[derive(Debug)]
struct Fetch {
    cache: Arc<NearCache>,
    /// How often events may have been missed when members were asked; `None` if none should have been.
    interruptions: Option<usize>,
    left: usize,
    spoken_of: BTreeSet<u32>,
    has_failed: bool,
}

impl Fetch {
    fn new(cache: Arc<NearCache>, is_strict: bool) -> Self {
        let interruptions = is_strict.then(|| cache.interruptions().0);
        cache.fetches.fetch_add(1, Ordering::Relaxed);
        Self { cache, interruptions, left: 0, spoken_of: BTreeSet::new(), has_failed: false }
    }

    fn ask(&mut self, cx: &mut Stepping<'_, Hazelcast>) {
        cx.wake_at(cx.now + PATIENCE);
        let members = cx.context.members().iter().filter(|member| !member.lite_member);
        let members: Vec<_> = members.map(|member| member.uuid).collect();
        self.left = members.len();
        for (tag, uuid) in (0..).zip(members) {
            let names = Vec::from([self.cache.name.clone()]);
            let request = FetchNearCacheInvalidationMetadata { names, uuid };
            // Where not every member has a connection, another one hands it on.
            let to = if cx.context.is_direct { To::Member(uuid) } else { To::Any };
            cx.send(tag, Operation::new(&request).to(to).ungated());
        }
    }

    fn hear(&mut self, answer: &Answer) -> Result<(), Error> {
        let answer: FetchNearCacheInvalidationMetadataResponse = answer.read()?;
        let mut said = Metadata::default();
        said.partitions.extend(answer.partition_uuid_list.into_iter().filter_map(numbered));
        for (name, sequences) in answer.name_partition_sequence_list {
            if name == self.cache.name {
                said.sequences.extend(sequences.into_iter().filter_map(numbered));
            }
        }
        self.cache.reconcile(&said, self.interruptions.is_some());
        self.spoken_of.extend(said.partitions.into_keys());
        Ok(())
    }
}

/// What members say of a partition, unless there is none of that number.
fn numbered<T>((partition, what): (i32, T)) -> Option<(u32, T)> {
    Some((u32::try_from(partition).ok()?, what))
}

impl Steps<Hazelcast> for Fetch {
    fn advance(
        &mut self,
        event: Advance<Hazelcast>,
        cx: &mut Stepping<'_, Hazelcast>,
    ) -> Progress<Hazelcast> {
        match event {
            Advance::Start => self.ask(cx),
            Advance::Answer { result, .. } => {
                self.has_failed |= result.and_then(|answer| self.hear(&answer)).is_err();
                self.left = self.left.saturating_sub(1);
            }
            // What was not answered yet is withdrawn.
            Advance::Woken => return Progress::Done(Ok(Answer::Done)),
        }
        if self.left > 0 {
            return Progress::Waiting;
        }
        if !self.has_failed {
            self.cache.reconciled(&self.spoken_of, self.interruptions);
        }
        Progress::Done(Ok(Answer::Done))
    }
}

impl Drop for Fetch {
    fn drop(&mut self) {
        self.cache.fetches.fetch_sub(1, Ordering::Relaxed);
    }
}
