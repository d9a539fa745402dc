//! Fetch, with long polls, and ListOffsets.
//!
//! ```text
//!   Fetch --enough there, an error, or no wait asked for--> answer
//!      \--else--> Waiting --a write brings enough, or time is up--> answer, and on with the connection
//! ```

use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use super::log::{Found, LEADER_EPOCH, Log};
use super::{Alarm, Ask, Broker, Served};
use crate::Str;
use crate::endpoint::ConnId;
use crate::kafka::code::ErrorCode;
use crate::kafka::error::Error;
use crate::kafka::message::fetch::{
    FetchPartition, FetchRequest, FetchResponse, FetchTopic, FetchableTopicResponse, PartitionData,
};
use crate::kafka::message::list_offsets::{
    ListOffsetsPartition, ListOffsetsPartitionResponse, ListOffsetsRequest, ListOffsetsResponse,
    ListOffsetsTopicResponse,
};
use crate::kafka::records::{Decompressor, Format, down_convert};
use crate::time::Instant;
use crate::timers::TimerId;

/// A read that waits for records.
#[derive(Debug)]
pub(super) struct Waiting {
    ask: Ask,
    request: FetchRequest,
    pub(super) timer: TimerId,
}

impl Broker {
    pub(super) fn fetch(
        &mut self,
        now: Instant,
        conn: ConnId,
        ask: Ask,
        request: FetchRequest,
    ) -> Result<Served, Error> {
        Self::bound(request.topics.iter().map(|topic| topic.partitions.len() + 1))?;
        // Sessions are declined by answering with id 0, so nobody can come back to one.
        let error_code = match (request.session_id, request.session_epoch) {
            (0, -1 | 0) => ErrorCode::NONE,
            (0, _) => ErrorCode::INVALID_FETCH_SESSION_EPOCH,
            _ => ErrorCode::FETCH_SESSION_ID_NOT_FOUND,
        };
        // Before there were sessions, the fields hold their defaults.
        if !error_code.is_ok() && ask.version >= 7 {
            let answer = FetchResponse { error_code, ..FetchResponse::default() };
            return self.answer::<FetchRequest>(conn, ask, &answer);
        }
        let wait = u64::try_from(request.max_wait_ms).unwrap_or(0);
        let wait = Duration::from_millis(wait).min(self.config.fetch_max_wait);
        if wait.is_zero() || self.is_enough(ask, &request) {
            return self.answer_fetch(conn, ask, &request);
        }
        let timer = self.alarms.set(now + wait, Alarm::Waited(conn));
        if let Some(session) = self.links.get_mut(conn) {
            session.waiting = Some(Waiting { ask, request, timer });
            self.waiting.insert(conn);
        }
        Ok(Served::Waits)
    }

    /// Whether there is as much to read as was asked for, or something to complain about.
    fn is_enough(&self, ask: Ask, request: &FetchRequest) -> bool {
        let mut budget = self.budget(request);
        let mut total = 0usize;
        for topic in &request.topics {
            for wanted in &topic.partitions {
                let Ok(log) = self.readable_log(ask, topic, wanted) else { return true };
                let max = partition_budget(wanted, budget);
                let Some(bytes) = log.readable(wanted.fetch_offset, max, total == 0) else {
                    return true;
                };
                total += bytes;
                budget = budget.saturating_sub(bytes);
            }
        }
        total >= usize::try_from(request.min_bytes).unwrap_or(0)
    }

    fn budget(&self, request: &FetchRequest) -> usize {
        usize::try_from(request.max_bytes).unwrap_or(0).min(self.config.fetch_max_bytes)
    }

    /// The log that a read is about, once its leader epoch was checked.
    fn readable_log(
        &self,
        ask: Ask,
        topic: &FetchTopic,
        wanted: &FetchPartition,
    ) -> Result<&Log, ErrorCode> {
        let (name, unknown) = if ask.version >= 13 {
            (self.topics.name(topic.topic_id), ErrorCode::UNKNOWN_TOPIC_ID)
        } else {
            (Some(&topic.topic), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
        };
        let topic = name.and_then(|name| self.topics.get(name)).ok_or(unknown)?;
        let log = topic.partition(wanted.partition).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
        check_epoch(wanted.current_leader_epoch)?;
        Ok(log)
    }

    fn answer_fetch(
        &mut self,
        conn: ConnId,
        ask: Ask,
        request: &FetchRequest,
    ) -> Result<Served, Error> {
        let mut budget = self.budget(request);
        let mut total = 0usize;
        let committed_only = request.isolation_level == 1;
        let mut responses = Vec::with_capacity(request.topics.len());
        for topic in &request.topics {
            let mut partitions = Vec::with_capacity(topic.partitions.len());
            for wanted in &topic.partitions {
                let max = partition_budget(wanted, budget);
                let read = self.readable_log(ask, topic, wanted).and_then(|log| {
                    let records = log.read(wanted.fetch_offset, max, total == 0);
                    Ok((log.end(), records.ok_or(ErrorCode::OFFSET_OUT_OF_RANGE)?))
                });
                // What the client is too old for is written as it knows it.
                let read = read.and_then(|(end, records)| {
                    let format = Format::of_fetch(ask.version);
                    let from = wanted.fetch_offset;
                    match down_convert(&records, format, from, &mut self.decompressor) {
                        Ok(records) => Ok((end, records)),
                        Err(_) => Err(ErrorCode::UNSUPPORTED_COMPRESSION_TYPE),
                    }
                });
                partitions.push(match read {
                    Ok((end, records)) => {
                        total += records.len();
                        budget = budget.saturating_sub(records.len());
                        PartitionData {
                            partition_index: wanted.partition,
                            high_watermark: end,
                            last_stable_offset: end,
                            log_start_offset: 0,
                            aborted_transactions: committed_only.then(Vec::new),
                            records: Some(records),
                            ..PartitionData::default()
                        }
                    }
                    Err(code) => refused(wanted.partition, code),
                });
            }
            responses.push(FetchableTopicResponse {
                topic: topic.topic.clone(),
                topic_id: topic.topic_id,
                partitions,
                ..FetchableTopicResponse::default()
            });
        }
        let answer = FetchResponse { responses, ..FetchResponse::default() };
        self.answer::<FetchRequest>(conn, ask, &answer)
    }

    /// Partitions were written to: reads that wait for them may have enough now.
    pub(super) fn wake(&mut self, written: &[(Str, i32)]) {
        if written.is_empty() || self.waiting.is_empty() {
            return;
        }
        let ready: Vec<ConnId> = self
            .waiting
            .iter()
            .copied()
            .filter(|conn| {
                let waiting = self.links.get(*conn).and_then(|session| session.waiting.as_ref());
                waiting.is_some_and(|waiting| {
                    self.concerns(waiting, written) && self.is_enough(waiting.ask, &waiting.request)
                })
            })
            .collect();
        for conn in ready {
            self.waited(conn);
        }
    }

    fn concerns(&self, waiting: &Waiting, written: &[(Str, i32)]) -> bool {
        waiting.request.topics.iter().any(|topic| {
            let name = if waiting.ask.version >= 13 {
                self.topics.name(topic.topic_id)
            } else {
                Some(&topic.topic)
            };
            written.iter().any(|(written, partition)| {
                name == Some(written) && topic.partitions.iter().any(|p| p.partition == *partition)
            })
        })
    }

    /// A read has waited long enough: it is answered with whatever there is.
    pub(super) fn waited(&mut self, conn: ConnId) {
        self.waiting.remove(&conn);
        let Some(waiting) = self.links.get_mut(conn).and_then(|s| s.waiting.take()) else { return };
        self.alarms.cancel(waiting.timer);
        match self.answer_fetch(conn, waiting.ask, &waiting.request) {
            Ok(_) => self.go_on(conn),
            Err(error) => self.refuse(conn, &error),
        }
    }

    pub(super) fn list_offsets(
        &mut self,
        conn: ConnId,
        ask: Ask,
        request: ListOffsetsRequest,
    ) -> Result<Served, Error> {
        Self::bound(request.topics.iter().map(|topic| topic.partitions.len() + 1))?;
        let mut topics = Vec::with_capacity(request.topics.len());
        for topic in request.topics {
            let known = self.topics.get(&topic.name);
            let decompressor = &mut self.decompressor;
            let partitions = topic.partitions.iter().map(|wanted| {
                let log = known
                    .and_then(|topic| topic.partition(wanted.partition_index))
                    .ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
                let found = log.and_then(|log| {
                    check_epoch(wanted.current_leader_epoch)?;
                    find(log, ask.version, wanted, decompressor)
                });
                offset_answer(ask.version, wanted, found)
            });
            let partitions = partitions.collect();
            let name = topic.name;
            topics.push(ListOffsetsTopicResponse { name, partitions, ..Default::default() });
        }
        let answer = ListOffsetsResponse { topics, ..ListOffsetsResponse::default() };
        self.answer::<ListOffsetsRequest>(conn, ask, &answer)
    }
}

/// Bytes that a partition may take of what is left. A negative limit of the partition is none at all.
fn partition_budget(wanted: &FetchPartition, left: usize) -> usize {
    usize::try_from(wanted.partition_max_bytes).unwrap_or(0).min(left)
}

fn check_epoch(epoch: i32) -> Result<(), ErrorCode> {
    match epoch {
        ..0 => Ok(()),
        LEADER_EPOCH => Ok(()),
        _ => Err(ErrorCode::UNKNOWN_LEADER_EPOCH),
    }
}

fn refused(partition_index: i32, error_code: ErrorCode) -> PartitionData {
    // As Kafka does it: null on 1 and 75, empty on 3 and 100.
    let unknown =
        matches!(error_code, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION | ErrorCode::UNKNOWN_TOPIC_ID);
    PartitionData {
        partition_index,
        error_code,
        high_watermark: -1,
        aborted_transactions: unknown.then(Vec::new),
        records: Some(bytes::Bytes::new()),
        ..PartitionData::default()
    }
}

/// The offset that a timestamp, or one of the negative numbers with a meaning, stands for. `None` if no
/// record is so late.
fn find(
    log: &Log,
    version: i16,
    wanted: &ListOffsetsPartition,
    decompressor: &mut Decompressor,
) -> Result<Option<Found>, ErrorCode> {
    let at = |offset| Ok(Some(Found { offset, timestamp: -1 }));
    match wanted.timestamp {
        -1 => at(log.end()),
        -2 => at(0),
        -3 if version >= 7 => Ok(log.greatest_time(decompressor)),
        // Everything is local, nothing in a tier behind.
        -4 if version >= 8 => at(0),
        -5 if version >= 9 => Ok(None),
        -6 if version >= 11 => Ok(None),
        ..0 => Err(ErrorCode::UNSUPPORTED_VERSION),
        timestamp => Ok(log.at_time(timestamp, decompressor)),
    }
}

fn offset_answer(
    version: i16,
    wanted: &ListOffsetsPartition,
    found: Result<Option<Found>, ErrorCode>,
) -> ListOffsetsPartitionResponse {
    let mut answer = ListOffsetsPartitionResponse {
        partition_index: wanted.partition_index,
        ..ListOffsetsPartitionResponse::default()
    };
    match found {
        Ok(Some(found)) if version == 0 => {
            answer.old_style_offsets =
                if wanted.max_num_offsets > 0 { vec![found.offset] } else { Vec::new() };
        }
        Ok(Some(found)) => {
            answer.offset = found.offset;
            answer.timestamp = found.timestamp;
            // The field came with version 4.
            answer.leader_epoch = if version >= 4 { LEADER_EPOCH } else { -1 };
        }
        Ok(None) => {}
        Err(code) => answer.error_code = code,
    }
    answer
}
