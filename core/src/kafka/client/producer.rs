//! Sending records: they wait in a queue for their topic, then in a batch for their partition, and
//! many calls end by one answer.
//!
//! ```text
//!   enqueue --topic known?--> batch of the partition --full, or linger over--> Produce --> answer
//!       \--no--> unassigned --metadata--^     ^----- refused, worth a retry: back to its place --+
//! ```
//!
//! A batch keeps its records until it has ended, so one that is too large can be cut in two, and one
//! that is sent again is built anew. Batches of a partition are kept in the order of their records.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec;
use alloc::vec::Vec;

use bytes::Bytes;

use super::batch::{Batch, Queued, may_be_written, produce_request, size_of};
use super::config::Acks;
use super::connections::{Place, Unsent};
use super::{Client, Task, decode};
use crate::Str;
use crate::backoff::Backoff;
use crate::call::{ClientEvent, Failure};
use crate::calls::RequestId;
use crate::endpoint::{Cause, ConnId};
use crate::kafka::code::ErrorCode;
use crate::kafka::error::{Error, Violation};
use crate::kafka::family::{Body, Record, RecordMetadata};
use crate::kafka::message::produce::{PartitionProduceResponse, ProduceRequest};
use crate::kafka::records::{CompressionType, RecordsError};
use crate::kafka::wire::Versions;
use crate::partition::{kafka_partition, murmur2};
use crate::time::Instant;

/// One partition's batches.
#[derive(Debug, Default)]
struct Lane {
    /// In the order of their records; the last may be open.
    batches: VecDeque<Batch>,
    /// Batches that were sent and not answered.
    in_flight: usize,
    /// A batch is to be sent again: nothing overtakes it before this moment.
    not_before: Instant,
    /// Some batch came back, and the others that are in flight are waited for, so that all of them go
    /// out again in order.
    held: bool,
}

/// All records that have not ended.
#[derive(Debug, Default)]
pub(super) struct Producer {
    lanes: BTreeMap<(Str, i32), Lane>,
    /// Records whose topic's partitions are not known yet.
    unassigned: BTreeMap<Str, VecDeque<Queued>>,
    /// Where records without a key go, until a batch is full.
    sticky: BTreeMap<Str, i32>,
    order: u64,
    bytes: usize,
    /// Records whose calls have ended since the last pump.
    withdrawn: Vec<RequestId>,
    /// A record was refused for lack of memory since there last was room.
    choked: bool,
}

impl Client {
    pub(super) fn enqueue(
        &mut self,
        now: Instant,
        id: RequestId,
        topic: Str,
        record: Record,
        acks: Option<Acks>,
    ) {
        let how = self.config.compression_type;
        if !how.is_built_in() {
            return self.fail(now, id, RecordsError::NotBuiltIn(how.codec()));
        }
        let size = size_of(&record);
        if size > self.config.max_request_size {
            return self.fail(now, id, Error::Misuse("the record is larger than a request may be"));
        }
        if self.producer.bytes.saturating_add(size) > self.config.buffer_memory {
            self.producer.choked = true;
            return self.fail(now, id, Failure::Overloaded("the buffer of unsent records is full"));
        }
        let timestamp = record
            .timestamp
            .unwrap_or_else(|| i64::try_from(self.clock.unix().as_millis()).unwrap_or(i64::MAX));
        self.producer.order += 1;
        self.producer.bytes += size;
        let order = self.producer.order;
        let acks = acks.unwrap_or(self.config.acks);
        let expires = now + self.config.delivery_timeout;
        let queued = Queued { id, order, record, timestamp, acks, size, expires };
        // Behind those that came before.
        if let Some(waiting) = self.producer.unassigned.get_mut(topic.as_str()) {
            return waiting.push_back(queued);
        }
        self.ask_anew(&topic);
        match self.partition_count(&topic) {
            Ok(Some(count)) => self.assign(now, &topic, count, queued),
            Ok(None) => {
                self.producer.unassigned.entry(topic).or_default().push_back(queued);
            }
            Err(error) => self.end_record(now, queued, Err(error)),
        }
    }

    fn end_record(&mut self, now: Instant, queued: Queued, result: Result<(ConnId, Body), Error>) {
        self.producer.bytes = self.producer.bytes.saturating_sub(queued.size);
        match result {
            Ok((conn, body)) => self.succeed(now, queued.id, conn, body),
            Err(error) => self.fail(now, queued.id, error),
        }
    }

    /// Puts a record into its partition's open batch.
    fn assign(&mut self, now: Instant, topic: &Str, count: u32, queued: Queued) {
        let partition = match (queued.record.partition, &queued.record.key) {
            (Some(partition), _) => partition,
            (None, Some(key)) => kafka_partition(murmur2(key), count) as i32,
            (None, None) => self.stick(topic, count),
        };
        if u32::try_from(partition).is_ok_and(|partition| partition < count) {
            self.append(now, topic, partition, queued);
        } else {
            let error = Error::Remote {
                code: ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
                message: Some(Str::from_static("the topic has fewer partitions")),
            };
            self.end_record(now, queued, Err(error));
        }
    }

    fn stick(&mut self, topic: &Str, count: u32) -> i32 {
        if let Some(partition) = self.producer.sticky.get(topic.as_str()) {
            return *partition;
        }
        let led: Vec<i32> = (0..count as i32)
            .filter(|partition| self.cluster.leader(topic, *partition).is_some())
            .collect();
        let any = self.rng.below(u64::from(count)) as i32;
        let partition = self.rng.choose(&led).copied().unwrap_or(any);
        self.producer.sticky.insert(topic.clone(), partition);
        partition
    }

    fn append(&mut self, now: Instant, topic: &Str, partition: i32, queued: Queued) {
        let room = self.config.batch_room();
        let backoff = Backoff::new(self.config.retry_backoff);
        let due = now + self.config.linger;
        let topic_id = self.cluster.topic(topic).map(|topic| topic.id).unwrap_or_default();
        let lane = self.producer.lanes.entry((topic.clone(), partition)).or_default();
        let mut unstick = false;
        if let Some(open) = lane.batches.back_mut().filter(|batch| !batch.closed) {
            if open.acks == queued.acks && open.size + queued.size <= room {
                open.size += queued.size;
                open.closed = open.size >= room;
                unstick = open.closed;
                open.records.push(queued);
                if unstick {
                    self.producer.sticky.remove(topic.as_str());
                }
                return;
            }
            open.closed = true;
            unstick = true;
        }
        let closed = queued.size >= room;
        unstick |= closed;
        lane.batches.push_back(Batch {
            topic: topic.clone(),
            topic_id,
            partition,
            acks: queued.acks,
            size: queued.size,
            records: vec![queued],
            due,
            closed,
            backoff,
        });
        if unstick {
            self.producer.sticky.remove(topic.as_str());
        }
    }

    /// Takes back a record that was not sent.
    pub(super) fn retract(&mut self, id: RequestId) {
        // Many end at the same moment when a broker is away for long: they are looked for together,
        // before anything is sent.
        if self.producer.bytes > 0 {
            self.producer.withdrawn.push(id);
        }
    }

    fn sweep_withdrawn(&mut self) {
        if !self.producer.withdrawn.is_empty() {
            let mut withdrawn = core::mem::take(&mut self.producer.withdrawn);
            withdrawn.sort_unstable();
            self.drop_records(|queued| withdrawn.binary_search(&queued.id).is_ok());
        }
    }

    /// Gives up records that nobody waits for any more and that could not be sent in time. Those that
    /// somebody waits for end by their calls' deadlines.
    pub(super) fn expire_records(&mut self, now: Instant) {
        self.drop_records(|queued| queued.expires <= now);
    }

    fn drop_records(&mut self, chosen: impl Fn(&Queued) -> bool) {
        let mut freed = 0;
        let mut keep = |queued: &Queued| {
            let drop = chosen(queued);
            if drop {
                freed += queued.size;
            }
            !drop
        };
        self.producer.unassigned.retain(|_, waiting| {
            waiting.retain(&mut keep);
            !waiting.is_empty()
        });
        for lane in self.producer.lanes.values_mut() {
            lane.batches.retain_mut(|batch| {
                batch.records.retain(&mut keep);
                !batch.records.is_empty()
            });
        }
        self.producer.bytes = self.producer.bytes.saturating_sub(freed);
    }

    pub(super) fn pump_producer(&mut self, now: Instant) {
        self.sweep_withdrawn();
        self.pump_unassigned(now);
        self.producer.lanes.retain(|_, lane| !lane.batches.is_empty() || lane.in_flight > 0);
        // As long as something goes out, there may be a second batch for the same partition.
        while self.pump_batches(now) {}
    }

    fn pump_unassigned(&mut self, now: Instant) {
        let topics: Vec<_> = self.producer.unassigned.keys().cloned().collect();
        for topic in topics {
            match self.partition_count(&topic) {
                Ok(None) => {}
                Ok(Some(count)) => {
                    for queued in self.producer.unassigned.remove(&topic).unwrap_or_default() {
                        self.assign(now, &topic, count, queued);
                    }
                }
                Err(error) => {
                    for queued in self.producer.unassigned.remove(&topic).unwrap_or_default() {
                        self.end_record(now, queued, Err(error.clone()));
                    }
                }
            }
        }
    }

    /// Sends at most one batch of each partition. True if something was sent.
    fn pump_batches(&mut self, now: Instant) -> bool {
        let mut ready: BTreeMap<(ConnId, i16), (Vec<(Str, i32)>, usize)> = BTreeMap::new();
        let mut due = Vec::new();
        for (key, lane) in &self.producer.lanes {
            let Some(first) = lane.batches.front().filter(|_| !lane.held) else { continue };
            let at = if first.closed { lane.not_before } else { first.due.max(lane.not_before) };
            if at <= now {
                due.push((key.clone(), first.acks, first.size));
            } else {
                self.wake = Some(self.wake.map_or(at, |wake| wake.min(at)));
            }
        }
        for ((topic, partition), acks, size) in due {
            let leader = match self.lead(&topic, partition) {
                Ok(Some(leader)) => leader,
                Ok(None) => continue,
                Err(error) => {
                    self.fail_lane(now, &(topic, partition), &error);
                    continue;
                }
            };
            let Some(conn) = self.ready(now, Place::Broker(leader.node)) else { continue };
            let (keys, total) = ready.entry((conn, acks.code())).or_default();
            if *total == 0 || *total + size <= self.config.max_request_size {
                *total += size;
                keys.push((topic, partition));
            }
        }
        let mut sent = false;
        for ((conn, _), (keys, _)) in ready {
            sent |= self.send_batches(now, conn, keys);
        }
        sent
    }

    fn fail_lane(&mut self, now: Instant, key: &(Str, i32), error: &Error) {
        let Some(lane) = self.producer.lanes.get_mut(key) else { return };
        for batch in core::mem::take(&mut lane.batches) {
            self.end_batch(now, batch, error);
        }
    }

    fn end_batch(&mut self, now: Instant, batch: Batch, error: &Error) {
        for queued in batch.records {
            self.end_record(now, queued, Err(error.clone()));
        }
    }

    fn send_batches(&mut self, now: Instant, conn: ConnId, keys: Vec<(Str, i32)>) -> bool {
        let mut batches = Vec::new();
        for key in keys {
            let Some(lane) = self.producer.lanes.get_mut(&key) else { continue };
            let Some(mut batch) = lane.batches.pop_front() else { continue };
            lane.in_flight += 1;
            batch.closed = true;
            self.producer.sticky.remove(batch.topic.as_str());
            batch.topic_id = self.cluster.topic(&batch.topic).map(|t| t.id).unwrap_or_default();
            batches.push(batch);
        }
        let Some(acks) = batches.first().map(|batch| batch.acks) else { return false };
        let by_id = batches.iter().all(|batch| !batch.topic_id.is_zero());
        let how = self.config.compression_type;
        // Zstandard came with version 7.
        let oldest = if matches!(how, CompressionType::Zstd { .. }) { 7 } else { 3 };
        let wanted = Versions::new(oldest, if by_id { i16::MAX } else { 12 });
        let version = match self.agreed(conn).map(|agreed| agreed.newest::<ProduceRequest>(wanted))
        {
            Some(Ok(version)) => version,
            Some(Err(error)) => {
                self.settle_batches(now, batches, &error);
                return false;
            }
            None => return false,
        };
        let request = match produce_request(&batches, acks, self.timeout_ms(), how) {
            Ok(request) => request,
            Err(error) => {
                self.settle_batches(now, batches, &error);
                return false;
            }
        };
        for queued in batches.iter().flat_map(|batch| &batch.records) {
            self.calls.sent(queued.id);
        }
        if acks == Acks::None {
            match self.send_unanswered(now, conn, version, &request) {
                Ok(()) => self.sent_for_good(now, conn, batches),
                Err(error) => self.settle_batches(now, batches, &error.into()),
            }
            return true;
        }
        let timeout = self.config.request_timeout;
        match self.send(now, conn, version, &request, Task::Produce(batches), timeout) {
            Ok(()) => true,
            Err(unsent) => {
                if let Unsent { error, task: Task::Produce(batches) } = *unsent {
                    self.settle_batches(now, batches, &error.into());
                }
                false
            }
        }
    }

    /// Ends batches of one request all in the same way.
    fn settle_batches(&mut self, now: Instant, batches: Vec<Batch>, error: &Error) {
        for batch in batches {
            self.returned(&batch);
            self.end_batch(now, batch, error);
        }
    }

    /// Batches that nobody answers are done once they are queued.
    fn sent_for_good(&mut self, now: Instant, conn: ConnId, batches: Vec<Batch>) {
        for batch in batches {
            self.returned(&batch);
            let partition = batch.partition;
            for queued in batch.records {
                let timestamp = queued.timestamp;
                let body = Body::Produced(RecordMetadata { partition, offset: None, timestamp });
                self.end_record(now, queued, Ok((conn, body)));
            }
        }
        self.tell_room(conn);
    }

    /// A batch is not in flight any more.
    fn returned(&mut self, batch: &Batch) {
        if let Some(lane) = self.producer.lanes.get_mut(&(batch.topic.clone(), batch.partition)) {
            lane.in_flight = lane.in_flight.saturating_sub(1);
            lane.held &= lane.in_flight > 0;
        }
    }

    fn tell_room(&mut self, conn: ConnId) {
        if self.producer.choked && self.producer.bytes <= self.config.buffer_memory / 2 {
            self.producer.choked = false;
            self.links.event(ClientEvent::Room(conn));
        }
    }

    /// Puts a batch back in its place, to be sent again after a pause.
    fn requeue(&mut self, now: Instant, mut batch: Batch) {
        let wait = batch.backoff.failed(now, &mut self.rng).unwrap_or(now);
        let key = (batch.topic.clone(), batch.partition);
        let lane = self.producer.lanes.entry(key).or_default();
        lane.in_flight = lane.in_flight.saturating_sub(1);
        lane.held = lane.in_flight > 0;
        lane.not_before = lane.not_before.max(wait);
        let place = lane.batches.partition_point(|other| other.order() < batch.order());
        lane.batches.insert(place, batch);
        self.dirty = true;
    }

    pub(super) fn produced(
        &mut self,
        now: Instant,
        conn: ConnId,
        version: i16,
        batches: Vec<Batch>,
        frame: &Bytes,
    ) -> Result<(), Error> {
        let answer = match decode::<ProduceRequest>(frame, version) {
            Ok(answer) => answer,
            Err(error) => {
                self.settle_batches(now, batches, &error);
                return Err(error);
            }
        };
        self.throttled(now, conn, version, &answer);
        let mut batches: VecDeque<_> = batches.into();
        for topic in &answer.responses {
            for said in &topic.partition_responses {
                // Brokers mostly answer in order, but need not.
                let place = batches.iter().position(|batch| {
                    batch.partition == said.index
                        && if version >= 13 {
                            batch.topic_id == topic.topic_id
                        } else {
                            batch.topic == topic.name
                        }
                });
                if let Some(batch) = place.and_then(|place| batches.remove(place)) {
                    self.batch_answered(now, conn, batch, said);
                }
            }
        }
        self.tell_room(conn);
        if batches.is_empty() {
            return Ok(());
        }
        let lacking = Error::from(Violation::Lacking("a partition that was written to"));
        self.settle_batches(now, batches.into(), &lacking);
        Err(lacking)
    }

    fn batch_answered(
        &mut self,
        now: Instant,
        conn: ConnId,
        batch: Batch,
        said: &PartitionProduceResponse,
    ) {
        let code = said.error_code;
        if code.is_ok() {
            self.returned(&batch);
            let partition = batch.partition;
            for (delta, queued) in batch.records.into_iter().enumerate() {
                let offset =
                    (said.base_offset >= 0).then(|| said.base_offset.saturating_add(delta as i64));
                let own = queued.timestamp;
                let timestamp =
                    if said.log_append_time_ms >= 0 { said.log_append_time_ms } else { own };
                let body = Body::Produced(RecordMetadata { partition, offset, timestamp });
                self.end_record(now, queued, Ok((conn, body)));
            }
            return;
        }
        let (leader, topic) = (&said.current_leader, &batch.topic);
        let moved =
            self.cluster.moved(topic, batch.partition, leader.leader_id, leader.leader_epoch);
        let retry = code.retriable() && moved || self.worth_a_retry(code, topic, batch.partition);
        if code == ErrorCode::MESSAGE_TOO_LARGE && batch.records.len() > 1 {
            self.split(now, batch);
        } else if retry && (!may_be_written(code) || self.config.retry_indeterminate) {
            self.requeue(now, batch);
        } else {
            let error = if retry {
                let cause = Cause::Other(alloc::format!("the broker says {code}").into());
                Failure::Indeterminate(cause).into()
            } else {
                let message = said.error_message.as_ref().map(Str::detached);
                Error::Remote { code, message }
            };
            self.settle_batches(now, vec![batch], &error);
        }
    }

    /// Cuts a batch that the broker finds too large in two.
    fn split(&mut self, now: Instant, mut batch: Batch) {
        let records = batch.records.split_off(batch.records.len() / 2);
        let size = records.iter().map(|queued| queued.size).sum();
        batch.size = batch.size.saturating_sub(size);
        let key = (batch.topic.clone(), batch.partition);
        if let Some(lane) = self.producer.lanes.get_mut(&key) {
            // Both halves come back below, and one batch was in flight.
            lane.in_flight += 1;
        }
        let second = Batch {
            topic: batch.topic.clone(),
            topic_id: batch.topic_id,
            partition: batch.partition,
            acks: batch.acks,
            records,
            size,
            due: batch.due,
            closed: true,
            backoff: batch.backoff.clone(),
        };
        self.requeue(now, batch);
        self.requeue(now, second);
    }

    /// The connection was lost before an answer came.
    pub(super) fn not_produced(
        &mut self,
        now: Instant,
        batches: Vec<Batch>,
        cause: &Cause,
        sent: bool,
    ) {
        for batch in batches {
            if !sent || self.config.retry_indeterminate {
                self.requeue(now, batch);
            } else {
                let failure = Failure::Indeterminate(cause.clone());
                self.settle_batches(now, vec![batch], &failure.into());
            }
        }
    }
}
