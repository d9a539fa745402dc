//! [`Batch`]: records of one partition that travel together, and the request that carries batches.

use alloc::vec;
use alloc::vec::Vec;

use bytes::Bytes;

use super::config::Acks;
use crate::Str;
use crate::backoff::Backoff;
use crate::calls::RequestId;
use crate::kafka::code::ErrorCode;
use crate::kafka::error::Error;
use crate::kafka::family::Record;
use crate::kafka::message::produce::{PartitionProduceData, ProduceRequest, TopicProduceData};
use crate::kafka::records::{BatchBuilder, BatchHeader, CompressionType, Header, NewRecord};
use crate::kafka::wire::Uuid;
use crate::time::Instant;

/// Bytes that a record takes besides its key, value and headers, at most.
const RECORD_OVERHEAD: usize = 36;

/// Bytes that a header takes besides its name and value, at most.
const HEADER_OVERHEAD: usize = 10;

/// A record that waits for its end.
#[derive(Debug)]
pub(super) struct Queued {
    pub(super) id: RequestId,
    /// Counts over the whole client, so that what is sent again finds its place.
    pub(super) order: u64,
    pub(super) record: Record,
    pub(super) timestamp: i64,
    pub(super) acks: Acks,
    pub(super) size: usize,
    /// When it is given up even if nobody waits for it.
    pub(super) expires: Instant,
}

/// Records of one partition that travel together.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) topic: Str,
    pub(super) topic_id: Uuid,
    pub(super) partition: i32,
    pub(super) acks: Acks,
    pub(super) records: Vec<Queued>,
    pub(super) size: usize,
    /// When it is sent even if it isn't full.
    pub(super) due: Instant,
    /// No record joins it any more.
    pub(super) closed: bool,
    pub(super) backoff: Backoff,
}

impl Batch {
    pub(super) fn order(&self) -> u64 {
        self.records.first().map_or(u64::MAX, |first| first.order)
    }

    fn build(&self, how: CompressionType) -> Result<Bytes, Error> {
        let mut builder = BatchBuilder::with_capacity(self.size);
        let mut headers: Vec<Header<'_>> = Vec::new();
        for queued in &self.records {
            let record = &queued.record;
            headers.clear();
            headers.extend(
                record.headers.iter().map(|header| Header {
                    key: header.key.bytes(),
                    value: header.value.as_deref(),
                }),
            );
            builder.push(&NewRecord {
                timestamp: queued.timestamp,
                key: record.key.as_deref(),
                value: record.value.as_deref(),
                headers: &headers,
            })?;
        }
        Ok(builder.finish_with(BatchHeader::default(), how)?)
    }
}

/// Bytes of a record in a batch, at most.
pub(super) fn size_of(record: &Record) -> usize {
    let len = |bytes: &Option<Bytes>| bytes.as_ref().map_or(0, Bytes::len);
    let headers = record.headers.iter().map(|header| {
        header.key.len().saturating_add(len(&header.value)).saturating_add(HEADER_OVERHEAD)
    });
    headers.fold(RECORD_OVERHEAD + len(&record.key) + len(&record.value), usize::saturating_add)
}

/// Whether a batch that is refused with this code may be in the log all the same.
pub(super) fn may_be_written(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::REQUEST_TIMED_OUT
            | ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND
            | ErrorCode::NETWORK_EXCEPTION
    )
}

pub(super) fn produce_request(
    batches: &[Batch],
    acks: Acks,
    timeout_ms: i32,
    how: CompressionType,
) -> Result<ProduceRequest, Error> {
    let mut topic_data: Vec<TopicProduceData> = Vec::new();
    for batch in batches {
        let data = PartitionProduceData {
            index: batch.partition,
            records: Some(batch.build(how)?),
            ..PartitionProduceData::default()
        };
        // Lanes are sorted by topic, so partitions of a topic follow each other.
        match topic_data.last_mut().filter(|topic| topic.name == batch.topic) {
            Some(topic) => topic.partition_data.push(data),
            None => topic_data.push(TopicProduceData {
                name: batch.topic.clone(),
                topic_id: batch.topic_id,
                partition_data: vec![data],
                ..TopicProduceData::default()
            }),
        }
    }
    Ok(ProduceRequest { acks: acks.code(), timeout_ms, topic_data, ..ProduceRequest::default() })
}
