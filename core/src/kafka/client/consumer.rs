//! Subscriptions: partitions read from their positions on, as fast as the reader asks.
//!
//! ```text
//!   position --Seek--> offset --Read--> batches, handed out as far as demand goes
//!                        ^                 |
//!                        +-- next offset --+   nothing is read while batches wait
//! ```
//!
//! A leader is asked once for all partitions of a subscription, on a connection of its own, and may
//! hold the answer back until there is something to say.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

use bytes::Bytes;

use super::cluster::Leader;
use super::config::OffsetReset;
use super::connections::Place;
use super::ops::{
    batches, fetch_versions, offset_found, seek_partition, seek_request, seek_versions,
};
use super::{Client, Task, decode};
use crate::Str;
use crate::backoff::{Backoff, BackoffRules};
use crate::call::{ClientEvent, Failure, SubscriptionId};
use crate::calls::RequestId;
use crate::endpoint::ConnId;
use crate::kafka::code::ErrorCode;
use crate::kafka::error::{Error, Violation};
use crate::kafka::family::{Answer, Assignment, Body, FetchedBatch, Position};
use crate::kafka::message::fetch::{FetchPartition, FetchRequest, FetchTopic, PartitionData};
use crate::kafka::message::list_offsets::{ListOffsetsPartition, ListOffsetsRequest};
use crate::kafka::wire::{Uuid, Versions};
use crate::slab::Slab;
use crate::time::Instant;

/// A partition that was asked for its offset, and by what.
#[derive(Debug, Clone)]
pub(super) struct Sought {
    part: usize,
    topic: Str,
    partition: i32,
    position: Position,
}

/// A partition that was read, and from where.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    part: usize,
    topic: Str,
    topic_id: Uuid,
    partition: i32,
    offset: i64,
}

/// One partition of a subscription.
#[derive(Debug)]
struct Part {
    topic: Str,
    partition: i32,
    /// An offset once it is known.
    position: Position,
    /// The leader that was asked and has not answered.
    asked: Option<i32>,
    /// Batches that the reader has no room for yet.
    pending: VecDeque<FetchedBatch>,
    not_before: Instant,
    backoff: Backoff,
}

#[derive(Debug)]
struct Subscription {
    parts: Vec<Part>,
    /// How many more batches the reader has room for.
    demand: usize,
    /// The call that ends when every position is known.
    registration: Option<RequestId>,
    /// Which partition is handed out and asked for first, so that none starves.
    turn: usize,
}

/// All subscriptions.
#[derive(Debug, Default)]
pub(super) struct Consumer {
    subscriptions: Slab<Subscription>,
}

impl Consumer {
    pub(super) fn add(&mut self, assignment: Assignment, rules: BackoffRules) -> SubscriptionId {
        let mut parts: Vec<Part> = Vec::new();
        for (topic, partition, position) in assignment.partitions {
            if parts.iter().any(|part| part.topic == topic && part.partition == partition) {
                continue;
            }
            parts.push(Part {
                topic,
                partition,
                position,
                asked: None,
                pending: VecDeque::new(),
                not_before: Instant::ZERO,
                backoff: Backoff::new(rules),
            });
        }
        SubscriptionId(self.subscriptions.insert(Subscription {
            parts,
            demand: 0,
            registration: None,
            turn: 0,
        }))
    }

    /// Forgets a subscription; gives back the call that waits for its registration.
    pub(super) fn remove(&mut self, id: SubscriptionId) -> Option<RequestId> {
        self.subscriptions.remove(id.0)?.registration
    }

    /// Says how much room a reader has. True if that is news.
    pub(super) fn demand(&mut self, id: SubscriptionId, items: usize) -> bool {
        let Some(subscription) = self.subscriptions.get_mut(id.0) else { return false };
        core::mem::replace(&mut subscription.demand, items) != items
    }

    pub(super) fn ids(&self) -> Vec<SubscriptionId> {
        self.subscriptions.keys().into_iter().map(SubscriptionId).collect()
    }

    fn part(&mut self, id: SubscriptionId, part: usize) -> Option<&mut Part> {
        self.subscriptions.get_mut(id.0)?.parts.get_mut(part)
    }
}

/// What is to be asked of one leader.
#[derive(Default)]
struct Plan {
    seek: Vec<(usize, Leader)>,
    read: Vec<(usize, Leader)>,
    /// Some partition waits for an answer of this leader's.
    busy: bool,
}

impl Client {
    pub(super) fn register(&mut self, now: Instant, call: RequestId, id: SubscriptionId) {
        match self.consumer.subscriptions.get_mut(id.0) {
            Some(subscription) if subscription.parts.is_empty() => {
                self.fail(now, call, Error::Misuse("a subscription to no partition"));
                self.end_subscription(now, id, Err(Error::Misuse("no partition")));
            }
            Some(subscription) => {
                subscription.registration = Some(call);
                let topics: Vec<_> = subscription.parts.iter().map(|p| p.topic.clone()).collect();
                for topic in &topics {
                    self.ask_anew(topic);
                }
            }
            None => self.fail(now, call, Error::Misuse("no such subscription")),
        }
    }

    /// The registration's call has ended by itself: its time was up.
    pub(super) fn unregister(&mut self, now: Instant, call: RequestId) {
        let waits = |s: &Subscription| s.registration == Some(call);
        let found = self.consumer.subscriptions.iter().find(|(_, s)| waits(s)).map(|(key, _)| key);
        if let Some(key) = found {
            if let Some(subscription) = self.consumer.subscriptions.get_mut(key) {
                subscription.registration = None;
            }
            if !self.cancelling && !self.ended {
                let failure = Failure::TimedOut { sent: true };
                self.end_subscription(now, SubscriptionId(key), Err(failure.into()));
            }
        }
    }

    pub(super) fn end_subscription(
        &mut self,
        now: Instant,
        id: SubscriptionId,
        result: Result<(), Error>,
    ) {
        if !self.consumer.subscriptions.contains(id.0) {
            return;
        }
        if let Some(call) = self.consumer.remove(id)
            && let Err(error) = &result
        {
            self.fail(now, call, error.clone());
        }
        self.close_reads(id);
        self.links.event(ClientEvent::Ended(id, result));
    }

    pub(super) fn pump_consumer(&mut self, now: Instant) {
        for id in self.consumer.ids() {
            self.hand_out(id);
            match self.plan(now, id) {
                Ok(plans) => {
                    for (node, plan) in plans {
                        self.seek(now, id, node, &plan.seek);
                        if !plan.busy && !plan.read.is_empty() {
                            self.ask(now, id, node, &plan.read);
                        }
                    }
                }
                Err(error) => self.end_subscription(now, id, Err(error)),
            }
        }
    }

    /// Gives the reader what it has room for.
    fn hand_out(&mut self, id: SubscriptionId) {
        let Some(subscription) = self.consumer.subscriptions.get_mut(id.0) else { return };
        let count = subscription.parts.len();
        let turn = subscription.turn;
        for step in 0..count {
            let Some(part) = subscription.parts.get_mut((turn + step) % count) else { continue };
            while subscription.demand > 0 {
                let Some(batch) = part.pending.pop_front() else { break };
                subscription.demand -= 1;
                self.links.event(ClientEvent::Item(id, batch));
            }
        }
    }

    /// What can be asked now, by leader.
    fn plan(&mut self, now: Instant, id: SubscriptionId) -> Result<BTreeMap<i32, Plan>, Error> {
        let mut plans: BTreeMap<i32, Plan> = BTreeMap::new();
        let Some(subscription) = self.consumer.subscriptions.get_mut(id.0) else {
            return Ok(plans);
        };
        let demand = subscription.demand;
        let mut idle = Vec::new();
        let count = subscription.parts.len();
        for step in 0..count {
            let index = (subscription.turn + step) % count;
            let Some(part) = subscription.parts.get(index) else { continue };
            if let Some(node) = part.asked {
                plans.entry(node).or_default().busy |= matches!(part.position, Position::Offset(_));
            } else if part.not_before > now {
                self.wake = Some(self.wake.map_or(part.not_before, |w| w.min(part.not_before)));
            } else if part.pending.is_empty() {
                idle.push((index, part.topic.clone(), part.partition, part.position));
            }
        }
        for (index, topic, partition, position) in idle {
            let seeks = !matches!(position, Position::Offset(_));
            // Whoever begins at an offset is told all the same if there is no such partition.
            if !seeks && demand == 0 && self.cluster.leader(&topic, partition).is_some() {
                continue;
            }
            let Some(leader) = self.lead(&topic, partition)? else { continue };
            let plan = plans.entry(leader.node).or_default();
            if seeks {
                plan.seek.push((index, leader));
            } else if demand > 0 {
                plan.read.push((index, leader));
            }
        }
        self.registered(now, id);
        Ok(plans)
    }

    /// Ends the registration once every position is an offset of a partition that has a leader.
    fn registered(&mut self, now: Instant, id: SubscriptionId) {
        let Some(subscription) = self.consumer.subscriptions.get_mut(id.0) else { return };
        let cluster = &self.cluster;
        let known = |part: &Part| {
            matches!(part.position, Position::Offset(_))
                && cluster.leader(&part.topic, part.partition).is_some()
        };
        if subscription.registration.is_some() && subscription.parts.iter().all(known) {
            let call = subscription.registration.take();
            if let Some(call) = call {
                self.finish(now, call, Ok(Answer { conn: None, body: Body::Nothing }));
            }
        }
    }

    fn seek(&mut self, now: Instant, id: SubscriptionId, node: i32, parts: &[(usize, Leader)]) {
        if parts.is_empty() {
            return;
        }
        let Some(conn) = self.ready(now, Place::Broker(node)) else { return };
        let mut topics: Vec<(Str, Vec<ListOffsetsPartition>)> = Vec::new();
        let mut sought = Vec::new();
        let mut versions = Versions::ALL;
        for (index, leader) in parts {
            let Some(part) = self.consumer.part(id, *index) else { continue };
            part.asked = Some(node);
            let entry = seek_partition(part.partition, leader.epoch, part.position);
            versions = versions.and(seek_versions(part.position));
            let (topic, partition, position) = (part.topic.clone(), part.partition, part.position);
            match topics.iter_mut().find(|(name, _)| *name == topic) {
                Some((_, partitions)) => partitions.push(entry),
                None => topics.push((topic.clone(), alloc::vec![entry])),
            }
            sought.push(Sought { part: *index, topic, partition, position });
        }
        let request = seek_request(topics, self.timeout_ms());
        let version = self.agreed(conn).map(|agreed| agreed.newest::<ListOffsetsRequest>(versions));
        let timeout = self.config.request_timeout;
        let error = match version {
            Some(Ok(version)) => {
                match self.send(now, conn, version, &request, Task::Seek(id, sought), timeout) {
                    Ok(()) => return,
                    Err(unsent) => unsent.error.into(),
                }
            }
            Some(Err(error)) => error,
            None => return self.not_sought(now, id, &sought),
        };
        self.end_subscription(now, id, Err(error));
    }

    fn ask(&mut self, now: Instant, id: SubscriptionId, node: i32, parts: &[(usize, Leader)]) {
        let Some(conn) = self.ready(now, Place::Subscription(node, id)) else { return };
        let mut topics: Vec<FetchTopic> = Vec::new();
        let mut asked = Vec::new();
        let by_id = parts.iter().all(|(_, leader)| !leader.topic_id.is_zero());
        let partition_max_bytes = self.config.max_partition_fetch_bytes;
        for (index, leader) in parts {
            let Some(part) = self.consumer.part(id, *index) else { continue };
            let Position::Offset(offset) = part.position else { continue };
            part.asked = Some(node);
            let entry = FetchPartition {
                partition: part.partition,
                current_leader_epoch: leader.epoch,
                fetch_offset: offset,
                partition_max_bytes,
                ..FetchPartition::default()
            };
            let (topic, partition, topic_id) =
                (part.topic.clone(), part.partition, leader.topic_id);
            match topics.iter_mut().find(|known| known.topic == topic) {
                Some(known) => known.partitions.push(entry),
                None => topics.push(FetchTopic {
                    topic: topic.clone(),
                    topic_id,
                    partitions: alloc::vec![entry],
                    ..FetchTopic::default()
                }),
            }
            asked.push(Asked { part: *index, topic, topic_id, partition, offset });
        }
        if let Some(subscription) = self.consumer.subscriptions.get_mut(id.0) {
            subscription.turn = (subscription.turn + 1) % subscription.parts.len().max(1);
        }
        let wait = self.config.fetch_max_wait;
        let request = FetchRequest {
            max_wait_ms: i32::try_from(wait.as_millis()).unwrap_or(i32::MAX),
            min_bytes: self.config.fetch_min_bytes,
            max_bytes: self.config.fetch_max_bytes,
            topics,
            ..FetchRequest::default()
        };
        let version =
            self.agreed(conn).map(|agreed| agreed.newest::<FetchRequest>(fetch_versions(by_id)));
        let timeout = self.config.request_timeout + wait;
        let error = match version {
            Some(Ok(version)) => {
                match self.send(now, conn, version, &request, Task::Read(id, asked), timeout) {
                    Ok(()) => return,
                    Err(unsent) => unsent.error.into(),
                }
            }
            Some(Err(error)) => error,
            None => return self.not_read(now, id, &asked),
        };
        self.end_subscription(now, id, Err(error));
    }

    pub(super) fn sought(
        &mut self,
        now: Instant,
        conn: ConnId,
        version: i16,
        id: SubscriptionId,
        sought: Vec<Sought>,
        frame: &Bytes,
    ) -> Result<(), Error> {
        let answer = match decode::<ListOffsetsRequest>(frame, version) {
            Ok(answer) => answer,
            Err(error) => {
                self.not_sought(now, id, &sought);
                return Err(error);
            }
        };
        self.throttled(now, conn, version, &answer);
        for sought in sought {
            let topic = answer.topics.iter().filter(|topic| topic.name == sought.topic);
            let found = topic
                .flat_map(|topic| &topic.partitions)
                .find(|found| found.partition_index == sought.partition);
            let Some(found) = found else {
                self.rest(now, id, sought.part);
                continue;
            };
            if let Err(code) = found.error_code.ok() {
                if self.worth_a_retry(code, &sought.topic, sought.partition) {
                    self.rest(now, id, sought.part);
                } else {
                    self.end_subscription(now, id, Err(Error::remote(code)));
                }
                continue;
            }
            let Some(part) = self.consumer.part(id, sought.part) else { continue };
            part.asked = None;
            part.backoff.succeeded();
            part.position = match (offset_found(found, sought.position).offset, sought.position) {
                (Some(offset), _) => Position::Offset(offset),
                // No record is that late: go on where the next one will be.
                (None, Position::Timestamp(_)) => Position::Latest,
                (None, _) => Position::Offset(0),
            };
        }
        Ok(())
    }

    /// Leaves a partition alone for a while.
    fn rest(&mut self, now: Instant, id: SubscriptionId, part: usize) {
        let Some(subscription) = self.consumer.subscriptions.get_mut(id.0) else { return };
        let Some(part) = subscription.parts.get_mut(part) else { return };
        part.asked = None;
        part.not_before = part.backoff.failed(now, &mut self.rng).unwrap_or(now);
        self.dirty = true;
    }

    pub(super) fn not_sought(&mut self, now: Instant, id: SubscriptionId, sought: &[Sought]) {
        for sought in sought {
            self.rest(now, id, sought.part);
        }
    }

    pub(super) fn not_read(&mut self, now: Instant, id: SubscriptionId, asked: &[Asked]) {
        for asked in asked {
            self.rest(now, id, asked.part);
        }
    }

    pub(super) fn read(
        &mut self,
        now: Instant,
        conn: ConnId,
        version: i16,
        id: SubscriptionId,
        asked: Vec<Asked>,
        frame: &Bytes,
    ) -> Result<(), Error> {
        let answer = match decode::<FetchRequest>(frame, version) {
            Ok(answer) => answer,
            Err(error) => {
                self.not_read(now, id, &asked);
                return Err(error);
            }
        };
        self.throttled(now, conn, version, &answer);
        if let Err(code) = answer.error_code.ok() {
            if code.retriable() {
                self.refresh.wanted |= code.refreshes_metadata();
                self.not_read(now, id, &asked);
            } else {
                self.end_subscription(now, id, Err(Error::remote(code)));
            }
            return Ok(());
        }
        let mut data: Vec<_> = answer.responses;
        for asked in asked {
            let mine = |topic: &&mut crate::kafka::message::fetch::FetchableTopicResponse| {
                if version >= 13 {
                    topic.topic_id == asked.topic_id
                } else {
                    topic.topic == asked.topic
                }
            };
            let found = data.iter_mut().filter(mine).find_map(|topic| {
                let place =
                    topic.partitions.iter().position(|p| p.partition_index == asked.partition)?;
                Some(topic.partitions.swap_remove(place))
            });
            match found {
                Some(data) => self.part_read(now, id, &asked, data),
                // Without a session every partition is answered; leave it alone for a while.
                None => self.rest(now, id, asked.part),
            }
        }
        Ok(())
    }

    fn part_read(&mut self, now: Instant, id: SubscriptionId, asked: &Asked, data: PartitionData) {
        if let Err(code) = data.error_code.ok() {
            return self.part_refused(now, id, asked, code, &data);
        }
        match take_batches(asked, data, self.config.decompressed_limit) {
            Ok(Some((next, batches))) => {
                let Some(part) = self.consumer.part(id, asked.part) else { return };
                part.asked = None;
                part.backoff.succeeded();
                part.position = Position::Offset(next);
                part.pending.extend(batches);
            }
            // Something came, and none of it from where we are.
            Ok(None) => self.rest(now, id, asked.part),
            Err(error) => self.end_subscription(now, id, Err(error)),
        }
    }

    fn part_refused(
        &mut self,
        now: Instant,
        id: SubscriptionId,
        asked: &Asked,
        code: ErrorCode,
        data: &PartitionData,
    ) {
        if code == ErrorCode::OFFSET_OUT_OF_RANGE
            && let Some(position) = match self.config.auto_offset_reset {
                OffsetReset::None => None,
                OffsetReset::Earliest => Some(Position::Earliest),
                OffsetReset::Latest => Some(Position::Latest),
            }
        {
            if let Some(part) = self.consumer.part(id, asked.part) {
                part.position = position;
            }
            return self.rest(now, id, asked.part);
        }
        let leader = &data.current_leader;
        let moved = self.cluster.moved(
            &asked.topic,
            asked.partition,
            leader.leader_id,
            leader.leader_epoch,
        );
        let moved = moved && code.retriable();
        if !moved && !self.worth_a_retry(code, &asked.topic, asked.partition) {
            return self.end_subscription(now, id, Err(Error::remote(code)));
        }
        self.rest(now, id, asked.part);
        if moved && let Some(part) = self.consumer.part(id, asked.part) {
            part.not_before = now;
        }
    }
}

/// The batches of an answer that hold something for the reader, and where to go on. `None` if nothing
/// in it is at or after the offset that was asked for, although something came.
fn take_batches(
    asked: &Asked,
    data: PartitionData,
    limit: usize,
) -> Result<Option<(i64, Vec<FetchedBatch>)>, Error> {
    let records = data.records.unwrap_or_default();
    let nothing = records.is_empty();
    let mut next = asked.offset;
    let mut taken = Vec::new();
    let mut any = false;
    for batch in batches(records, limit)? {
        let batch = batch?;
        any = true;
        let last = batch.header().last_offset();
        if last < next {
            continue;
        }
        next = last.saturating_add(1);
        // The broker's own marks take offsets and reach nobody; so do batches whose records are gone.
        if batch.header().attributes.control() || batch.header().count <= 0 {
            continue;
        }
        taken.push(FetchedBatch {
            topic: asked.topic.clone(),
            partition: asked.partition,
            from: asked.offset,
            high_watermark: data.high_watermark,
            batch,
            unpacked: None,
        });
    }
    if !any && !nothing {
        // Brokers send a first batch whole, so asking again would bring the same.
        return Err(Violation::NoProgress("a first batch that is cut short").into());
    }
    Ok((nothing || next > asked.offset).then_some((next, taken)))
}
