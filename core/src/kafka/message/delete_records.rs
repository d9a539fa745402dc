//! DeleteRecords (21): drops the oldest records of partitions.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Drops records.
#[message(key = 21, versions = "0-2", flexible = "2+", response = DeleteRecordsResponse)]
pub struct DeleteRecordsRequest {
    /// The topics.
    pub topics: Vec<DeleteRecordsTopic>,
    /// Milliseconds that the broker may take.
    pub timeout_ms: i32,
}

/// Partitions of one topic.
#[message]
pub struct DeleteRecordsTopic {
    /// The topic's name.
    pub name: Str,
    /// The partitions.
    pub partitions: Vec<DeleteRecordsPartition>,
}

/// A partition to drop records of.
#[message]
pub struct DeleteRecordsPartition {
    /// The partition's number.
    pub partition_index: i32,
    /// The first offset to keep, -1 for the high watermark.
    pub offset: i64,
}

/// What was dropped.
#[message(key = 21, versions = "0-2", flexible = "2+", throttles = "1+")]
pub struct DeleteRecordsResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The topics.
    pub topics: Vec<DeleteRecordsTopicResult>,
}

/// The results of one topic.
#[message]
pub struct DeleteRecordsTopicResult {
    /// The topic's name.
    pub name: Str,
    /// The partitions.
    pub partitions: Vec<DeleteRecordsPartitionResult>,
}

/// The result of one partition.
#[message]
pub struct DeleteRecordsPartitionResult {
    /// The partition's number.
    pub partition_index: i32,
    /// The first offset that is left, -1 on errors.
    pub low_watermark: i64,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
}
