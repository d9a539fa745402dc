//! Produce: batches are checked as Kafka checks them, then appended as they are. Message sets, which came
//! before batches, are made into one first.

use alloc::vec::Vec;

use bytes::Bytes;

use super::{Ask, Broker, Served};
use crate::Str;
use crate::endpoint::ConnId;
use crate::kafka::code::ErrorCode;
use crate::kafka::error::Error;
use crate::kafka::message::produce::{
    PartitionProduceData, PartitionProduceResponse, ProduceRequest, ProduceResponse,
    TopicProduceResponse,
};
use crate::kafka::records::{Batch, Compression, Decompressor, RecordsError, gather};

impl Broker {
    pub(super) fn produce(
        &mut self,
        conn: ConnId,
        ask: Ask,
        request: ProduceRequest,
    ) -> Result<Served, Error> {
        Self::bound(request.topic_data.iter().map(|topic| topic.partition_data.len() + 1))?;
        let acks = request.acks;
        let mut responses = Vec::with_capacity(request.topic_data.len());
        let mut written = Vec::new();
        for topic in request.topic_data {
            let by_id = ask.version >= 13;
            let name = if by_id {
                self.topics.name(topic.topic_id).cloned()
            } else {
                Some(topic.name.clone())
            };
            let mut partition_responses = Vec::with_capacity(topic.partition_data.len());
            for data in topic.partition_data {
                let index = data.index;
                let unknown = if by_id {
                    ErrorCode::UNKNOWN_TOPIC_ID
                } else {
                    ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
                };
                let result = match &name {
                    _ if !matches!(acks, -1..=1) => Err(ErrorCode::INVALID_REQUIRED_ACKS),
                    Some(name) => self.append(name, ask.version, data),
                    None => Err(unknown),
                };
                if let (Ok(_), Some(name)) = (&result, &name) {
                    written.push((name.clone(), index));
                }
                partition_responses.push(PartitionProduceResponse {
                    index,
                    error_code: result.err().unwrap_or_default(),
                    base_offset: result.unwrap_or(-1),
                    log_start_offset: if result.is_ok() { 0 } else { -1 },
                    ..PartitionProduceResponse::default()
                });
            }
            responses.push(TopicProduceResponse {
                name: topic.name,
                topic_id: topic.topic_id,
                partition_responses,
                ..TopicProduceResponse::default()
            });
        }
        let all_well =
            responses.iter().flat_map(|t| &t.partition_responses).all(|p| p.error_code.is_ok());
        let served = if acks != 0 {
            let answer = ProduceResponse { responses, ..ProduceResponse::default() };
            self.answer::<ProduceRequest>(conn, ask, &answer)
        } else if all_well {
            Ok(Served::Done)
        } else {
            // There is no answer that could tell.
            Err(Error::Unsupported("an unacknowledged write that failed"))
        };
        self.wake(&written);
        served
    }

    fn append(
        &mut self,
        name: &Str,
        version: i16,
        data: PartitionProduceData,
    ) -> Result<i64, ErrorCode> {
        let full = self.topics.bytes >= self.config.max_log_bytes;
        let (max_batch, max_producers) = (self.config.max_batch, self.config.max_producers);
        let log = self
            .topics
            .get_mut(name)
            .and_then(|topic| topic.partitions.get_mut(usize::try_from(data.index).ok()?))
            .ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
        let records = data.records.unwrap_or_default();
        let batch = only_batch(records, version, max_batch, &mut self.decompressor)?;
        if full {
            return Err(ErrorCode::POLICY_VIOLATION);
        }
        let appended = log.append(&batch, max_producers)?;
        self.topics.bytes += appended.bytes as u64;
        Ok(appended.base_offset)
    }
}

/// The one batch that a partition's records must be.
fn only_batch(
    mut records: Bytes,
    version: i16,
    max_batch: usize,
    decompressor: &mut Decompressor,
) -> Result<Batch, ErrorCode> {
    if version < 3 && !records.is_empty() {
        records = gather(&records, decompressor).map_err(|error| match error {
            RecordsError::NotBuiltIn(_) | RecordsError::UnsupportedCodec(_) => {
                ErrorCode::UNSUPPORTED_COMPRESSION_TYPE
            }
            RecordsError::TooLarge { .. } => ErrorCode::MESSAGE_TOO_LARGE,
            _ => ErrorCode::CORRUPT_MESSAGE,
        })?;
    }
    let batch = match Batch::split_from(&mut records) {
        Ok(Some(batch)) if records.is_empty() => batch,
        Ok(Some(_)) => return Err(ErrorCode::INVALID_RECORD),
        Err(RecordsError::UnsupportedMagic(_)) => {
            return Err(ErrorCode::UNSUPPORTED_FOR_MESSAGE_FORMAT);
        }
        Ok(None) if records.is_empty() => return Err(ErrorCode::INVALID_RECORD),
        Ok(None) | Err(_) => return Err(ErrorCode::CORRUPT_MESSAGE),
    };
    if batch.bytes().len() > max_batch {
        return Err(ErrorCode::MESSAGE_TOO_LARGE);
    }
    if batch.verify().is_err() {
        return Err(ErrorCode::CORRUPT_MESSAGE);
    }
    let header = batch.header();
    let attributes = header.attributes;
    match attributes.compression() {
        Compression::ZSTD if version < 7 => return Err(ErrorCode::UNSUPPORTED_COMPRESSION_TYPE),
        Compression(5..) => return Err(ErrorCode::UNSUPPORTED_COMPRESSION_TYPE),
        _ => {}
    }
    // Only brokers write marks, and transactions are not served.
    if attributes.control() {
        return Err(ErrorCode::INVALID_RECORD);
    }
    if attributes.transactional() {
        return Err(ErrorCode::INVALID_PRODUCER_ID_MAPPING);
    }
    if header.count <= 0 || header.last_offset_delta != header.count - 1 {
        return Err(ErrorCode::INVALID_RECORD);
    }
    if header.producer_id >= 0 && (header.base_sequence < 0 || header.producer_epoch < 0) {
        return Err(ErrorCode::INVALID_RECORD);
    }
    // What can't be unpacked here is taken as it is.
    if attributes.compression().is_built_in() {
        let records = batch.records_with(decompressor).map_err(|error| match error {
            RecordsError::TooLarge { .. } => ErrorCode::MESSAGE_TOO_LARGE,
            _ => ErrorCode::INVALID_RECORD,
        })?;
        for (delta, record) in records.enumerate() {
            let in_order = record
                .is_ok_and(|record| record.offset == header.base_offset.wrapping_add(delta as i64));
            if !in_order {
                return Err(ErrorCode::INVALID_RECORD);
            }
        }
    }
    Ok(batch)
}
