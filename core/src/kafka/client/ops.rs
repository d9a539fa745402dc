//! Calls of one request each: metadata, offsets, a single read. They wait here until they can be sent,
//! and come back when they have to be tried again; all of them may be.

use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;

use bytes::Bytes;

use super::cluster::{Leader, describe};
use super::connections::{Place, Unsent};
use super::{Client, Task, decode};
use crate::Str;
use crate::backoff::Backoff;
use crate::call::Failure;
use crate::calls::RequestId;
use crate::endpoint::ConnId;
use crate::kafka::code::ErrorCode;
use crate::kafka::error::{Error, Violation};
use crate::kafka::family::{Body, FetchOnce, Fetched, FetchedBatch, PartitionOffset, Position};
use crate::kafka::message::fetch::{FetchPartition, FetchRequest, FetchTopic};
use crate::kafka::message::list_offsets::{
    ListOffsetsPartition, ListOffsetsPartitionResponse, ListOffsetsRequest, ListOffsetsTopic,
};
use crate::kafka::message::metadata::{MetadataRequest, MetadataRequestTopic};
use crate::kafka::records::{Batches, Decompressor, Entries, Entry, Format, up_convert};
use crate::kafka::wire::Versions;
use crate::time::Instant;

/// Bytes that a topic's name may have.
const LONGEST_NAME: usize = 249;

/// What a call asks for.
#[derive(Debug)]
pub(super) enum What {
    Metadata(Option<Vec<Str>>),
    Fetch(FetchOnce),
    Offset { topic: Str, partition: i32, position: Position },
}

/// A call's request.
#[derive(Debug)]
pub(super) struct Op {
    pub(super) id: RequestId,
    what: What,
    backoff: Backoff,
    not_before: Instant,
}

/// What waits to be sent.
#[derive(Debug, Default)]
pub(super) struct Ops {
    waiting: VecDeque<Op>,
}

impl Ops {
    pub(super) fn forget(&mut self, id: RequestId) {
        self.waiting.retain(|op| op.id != id);
    }
}

enum Dispatch {
    Sent,
    Later(Op),
    Failed(Op, Error),
}

impl Client {
    pub(super) fn add_op(&mut self, now: Instant, id: RequestId, what: What) {
        if let What::Fetch(FetchOnce { topic, .. }) | What::Offset { topic, .. } = &what {
            let topic = topic.clone();
            self.ask_anew(&topic);
        }
        if self.ops.waiting.len() >= self.config.max_waiting {
            return self.fail(now, id, Failure::Overloaded("too many calls wait to be sent"));
        }
        let backoff = Backoff::new(self.config.retry_backoff);
        self.ops.waiting.push_back(Op { id, what, backoff, not_before: now });
    }

    /// Somebody new asks for a topic.
    pub(super) fn ask_anew(&mut self, topic: &Str) {
        self.refresh.urgent |= self.cluster.revive(topic, self.config.unknown_topic_retries);
    }

    pub(super) fn retry_op(&mut self, now: Instant, mut op: Op) {
        op.not_before = op.backoff.failed(now, &mut self.rng).unwrap_or(now);
        self.ops.waiting.push_back(op);
        self.dirty = true;
    }

    pub(super) fn pump_ops(&mut self, now: Instant) {
        for _ in 0..self.ops.waiting.len() {
            let Some(op) = self.ops.waiting.pop_front() else { return };
            if op.not_before > now {
                self.wake_at(op.not_before);
                self.ops.waiting.push_back(op);
                continue;
            }
            match self.dispatch(now, op) {
                Dispatch::Sent => {}
                Dispatch::Later(op) => self.ops.waiting.push_back(op),
                Dispatch::Failed(op, error) => self.fail(now, op.id, error),
            }
        }
    }

    /// Who leads a partition; `None` if that has to be found out first.
    ///
    /// # Errors
    /// There is no such partition, or the topic can't be used.
    pub(super) fn lead(&mut self, topic: &Str, partition: i32) -> Result<Option<Leader>, Error> {
        let count = self.partition_count(topic)?;
        match (count, u32::try_from(partition)) {
            (None, _) => Ok(None),
            (Some(count), Ok(index)) if index < count => {
                let leader = self.cluster.leader_of(topic, partition);
                self.refresh.wanted |= leader.is_none();
                Ok(leader)
            }
            _ => Err(Error::Remote {
                code: ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
                message: Some(Str::from_static("the topic has fewer partitions")),
            }),
        }
    }

    /// How many partitions a topic has; `None` if that has to be found out first.
    ///
    /// # Errors
    /// The topic can't be used, or was unknown for too long.
    pub(super) fn partition_count(&mut self, topic: &Str) -> Result<Option<u32>, Error> {
        if topic.len() > LONGEST_NAME {
            return Err(Error::Misuse("the topic's name is longer than 249 bytes"));
        }
        self.refresh.urgent |= self.cluster.watch(topic);
        let Some(known) = self.cluster.topic(topic) else { return Ok(None) };
        if known.is_given_up(self.config.unknown_topic_retries) {
            return Err(Error::remote(known.code.unwrap_or_default()));
        }
        match known.leaders.count() {
            // The first answer asks for more by itself.
            0 => Ok(None),
            count => Ok(Some(count)),
        }
    }

    fn dispatch(&mut self, now: Instant, op: Op) -> Dispatch {
        let (topic, partition) = match &op.what {
            What::Metadata(_) => return self.dispatch_metadata(now, op),
            What::Fetch(fetch) => (fetch.topic.clone(), fetch.partition),
            What::Offset { topic, partition, .. } => (topic.clone(), *partition),
        };
        let leader = match self.lead(&topic, partition) {
            Ok(Some(leader)) => leader,
            Ok(None) => return Dispatch::Later(op),
            Err(error) => return Dispatch::Failed(op, error),
        };
        let place = match &op.what {
            // What the broker may hold back goes where nobody waits behind it.
            What::Fetch(fetch) if !fetch.max_wait.is_zero() => Place::Reads(leader.node),
            _ => Place::Broker(leader.node),
        };
        let Some(conn) = self.ready(now, place) else { return Dispatch::Later(op) };
        match &op.what {
            What::Fetch(fetch) => {
                let request = one_fetch(fetch, &leader);
                self.send_op(now, conn, &request, fetch_versions(!leader.topic_id.is_zero()), op)
            }
            What::Offset { position, .. } => {
                let partition = seek_partition(partition, leader.epoch, *position);
                let request = seek_request(vec![(topic, vec![partition])], self.timeout_ms());
                self.send_op(now, conn, &request, seek_versions(*position), op)
            }
            What::Metadata(_) => Dispatch::Later(op),
        }
    }

    fn send_op<R: crate::kafka::message::Request>(
        &mut self,
        now: Instant,
        conn: ConnId,
        request: &R,
        wanted: Versions,
        op: Op,
    ) -> Dispatch {
        let version = match self.agreed(conn).map(|agreed| agreed.newest::<R>(wanted)) {
            Some(Ok(version)) => version,
            Some(Err(error)) => return Dispatch::Failed(op, error),
            None => return Dispatch::Later(op),
        };
        let mut timeout = self.config.request_timeout;
        if let What::Fetch(fetch) = &op.what {
            timeout += fetch.max_wait;
        }
        let id = op.id;
        match self.send(now, conn, version, request, Task::Op(op), timeout) {
            Ok(()) => {
                self.calls.sent(id);
                Dispatch::Sent
            }
            Err(unsent) => match *unsent {
                Unsent { error, task: Task::Op(op) } => Dispatch::Failed(op, error.into()),
                Unsent { .. } => Dispatch::Sent,
            },
        }
    }

    fn dispatch_metadata(&mut self, now: Instant, op: Op) -> Dispatch {
        let Some(conn) = self.ready_any(now) else { return Dispatch::Later(op) };
        let What::Metadata(topics) = &op.what else { return Dispatch::Later(op) };
        let version =
            self.agreed(conn).and_then(|a| a.newest::<MetadataRequest>(Versions::ALL).ok());
        let named = |name: &Str| MetadataRequestTopic {
            name: Some(name.clone()),
            ..MetadataRequestTopic::default()
        };
        let topics = topics.as_ref().map(|topics| topics.iter().map(named).collect());
        let request = MetadataRequest {
            // In version 0 the empty list stands for all.
            topics: if version == Some(0) { topics.or(Some(Vec::new())) } else { topics },
            // Looking must not create, where that can be said.
            allow_auto_topic_creation: version.is_some_and(|version| version < 4),
            ..MetadataRequest::default()
        };
        self.send_op(now, conn, &request, Versions::ALL, op)
    }

    pub(super) fn timeout_ms(&self) -> i32 {
        i32::try_from(self.config.request_timeout.as_millis()).unwrap_or(i32::MAX)
    }

    /// What to do about an error code of one partition: doubt what may be stale, and say whether to try
    /// again.
    pub(super) fn worth_a_retry(&mut self, code: ErrorCode, topic: &Str, partition: i32) -> bool {
        if code.refreshes_metadata() {
            self.refresh.wanted = true;
            self.cluster.doubt(topic, partition);
        }
        code.retriable()
    }

    pub(super) fn op_answered(
        &mut self,
        now: Instant,
        conn: ConnId,
        version: i16,
        op: Op,
        frame: &Bytes,
    ) -> Result<(), Error> {
        let result = match &op.what {
            What::Metadata(_) => decode::<MetadataRequest>(frame, version).map(|answer| {
                self.throttled(now, conn, version, &answer);
                answer.error_code.ok().map(|()| Body::Metadata(describe(&answer)))
            }),
            What::Fetch(fetch) => self.fetched(now, conn, version, fetch, frame),
            What::Offset { partition, position, .. } => {
                let (partition, position) = (*partition, *position);
                decode::<ListOffsetsRequest>(frame, version).and_then(|answer| {
                    self.throttled(now, conn, version, &answer);
                    let found = answer.topics.iter().flat_map(|topic| &topic.partitions);
                    let found = found
                        .into_iter()
                        .find(|found| found.partition_index == partition)
                        .ok_or(Violation::Lacking("the partition that was asked for"))?;
                    let code = found.error_code.ok();
                    Ok(code.map(|()| Body::Offsets(vec![offset_found(found, position)])))
                })
            }
        };
        match result {
            Ok(Ok(body)) => self.succeed(now, op.id, conn, body),
            Ok(Err(code)) => {
                let retry = match &op.what {
                    What::Metadata(_) => code.retriable(),
                    What::Fetch(FetchOnce { topic, partition, .. })
                    | What::Offset { topic, partition, .. } => {
                        self.worth_a_retry(code, topic, *partition)
                    }
                };
                if retry {
                    self.retry_op(now, op);
                } else {
                    self.fail(now, op.id, Error::remote(code));
                }
            }
            Err(error) => {
                self.fail(now, op.id, error.clone());
                // Records of another format are nothing that the connection has to pay for.
                if !matches!(error, Error::Unsupported(_)) {
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    fn fetched(
        &mut self,
        now: Instant,
        conn: ConnId,
        version: i16,
        fetch: &FetchOnce,
        frame: &Bytes,
    ) -> Result<Result<Body, ErrorCode>, Error> {
        let answer = decode::<FetchRequest>(frame, version)?;
        self.throttled(now, conn, version, &answer);
        if let Err(code) = answer.error_code.ok() {
            return Ok(Err(code));
        }
        let data = answer
            .responses
            .into_iter()
            .flat_map(|topic| topic.partitions)
            .find(|data| data.partition_index == fetch.partition)
            .ok_or(Violation::Lacking("the partition that was asked for"))?;
        if let Err(code) = data.error_code.ok() {
            return Ok(Err(code));
        }
        let mut fetched = Fetched {
            log_start_offset: data.log_start_offset,
            high_watermark: data.high_watermark,
            next_offset: fetch.offset,
            batches: Vec::new(),
        };
        let limit = self.config.decompressed_limit;
        for batch in batches(data.records.unwrap_or_default(), limit)? {
            let batch = batch?;
            let last = batch.header().last_offset();
            if last < fetched.next_offset {
                continue;
            }
            fetched.next_offset = last.saturating_add(1);
            if !batch.header().attributes.control() && batch.header().count > 0 {
                fetched.batches.push(FetchedBatch {
                    topic: fetch.topic.clone(),
                    partition: fetch.partition,
                    from: fetch.offset,
                    high_watermark: data.high_watermark,
                    batch,
                    unpacked: None,
                });
            }
        }
        Ok(Ok(Body::Fetched(fetched)))
    }
}

/// The batches of a fetched field. Where a log is older than batches, its messages are made into some.
pub(super) fn batches(records: Bytes, limit: usize) -> Result<Batches, Error> {
    let is_old = |entry| matches!(entry, Ok(entry) if Entry::format(&entry) != Format::V2);
    if Entries::new(records.clone()).any(is_old) {
        return Ok(Batches::new(up_convert(&records, &mut Decompressor::new(limit))?));
    }
    Ok(Batches::new(records))
}

/// The versions of Fetch that can be used: by id only if there is one, and never those that answer with
/// formats older than batches.
pub(super) fn fetch_versions(has_id: bool) -> Versions {
    Versions::new(4, if has_id { i16::MAX } else { 12 })
}

pub(super) fn seek_partition(
    partition: i32,
    epoch: i32,
    position: Position,
) -> ListOffsetsPartition {
    let timestamp = match position {
        Position::Earliest => -2,
        Position::Latest | Position::Offset(_) => -1,
        Position::Timestamp(millis) => millis.max(0),
    };
    ListOffsetsPartition {
        partition_index: partition,
        current_leader_epoch: epoch,
        timestamp,
        ..ListOffsetsPartition::default()
    }
}

/// Version 0 has no answer to a time, only segments before it.
pub(super) fn seek_versions(position: Position) -> Versions {
    match position {
        Position::Timestamp(_) => Versions::new(1, i16::MAX),
        _ => Versions::ALL,
    }
}

pub(super) fn seek_request(
    topics: Vec<(Str, Vec<ListOffsetsPartition>)>,
    timeout_ms: i32,
) -> ListOffsetsRequest {
    let topics = topics.into_iter().map(|(name, partitions)| ListOffsetsTopic {
        name,
        partitions,
        ..ListOffsetsTopic::default()
    });
    ListOffsetsRequest {
        replica_id: -1,
        topics: topics.collect(),
        timeout_ms,
        ..ListOffsetsRequest::default()
    }
}

pub(super) fn offset_found(
    found: &ListOffsetsPartitionResponse,
    position: Position,
) -> PartitionOffset {
    let offset = found.old_style_offsets.first().copied().unwrap_or(found.offset);
    let by_time = matches!(position, Position::Timestamp(_));
    PartitionOffset {
        partition: found.partition_index,
        offset: Some(offset).filter(|offset| *offset >= 0),
        timestamp: Some(found.timestamp).filter(|timestamp| by_time && *timestamp >= 0),
        leader_epoch: found.leader_epoch,
    }
}

fn one_fetch(fetch: &FetchOnce, leader: &Leader) -> FetchRequest {
    FetchRequest {
        max_wait_ms: i32::try_from(fetch.max_wait.as_millis()).unwrap_or(i32::MAX),
        min_bytes: fetch.min_bytes,
        max_bytes: fetch.max_bytes,
        topics: vec![FetchTopic {
            topic: fetch.topic.clone(),
            topic_id: leader.topic_id,
            partitions: vec![FetchPartition {
                partition: fetch.partition,
                current_leader_epoch: leader.epoch,
                fetch_offset: fetch.offset,
                partition_max_bytes: fetch.max_bytes,
                ..FetchPartition::default()
            }],
            ..FetchTopic::default()
        }],
        ..FetchRequest::default()
    }
}
