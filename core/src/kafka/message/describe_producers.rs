//! DescribeProducers (61): the idempotent and transactional producers that write to partitions.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Ids;

/// Asks who writes to partitions.
#[message(key = 61, versions = "0", flexible = "0+", response = DescribeProducersResponse)]
pub struct DescribeProducersRequest {
    /// The topics.
    pub topics: Vec<TopicRequest>,
}

/// Partitions of one topic.
#[message]
pub struct TopicRequest {
    /// The topic's name.
    pub name: Str,
    /// The partitions' numbers.
    pub partition_indexes: Ids,
}

/// Who writes to them.
#[message(key = 61, versions = "0", flexible = "0+")]
pub struct DescribeProducersResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The topics.
    pub topics: Vec<TopicResponse>,
}

/// The partitions of one topic.
#[message]
pub struct TopicResponse {
    /// The topic's name.
    pub name: Str,
    /// The partitions.
    pub partitions: Vec<PartitionResponse>,
}

/// A partition.
#[message]
pub struct PartitionResponse {
    /// The partition's number.
    pub partition_index: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words.
    #[kafka(nullable = "0+", default = null)]
    pub error_message: Option<Str>,
    /// Its producers.
    pub active_producers: Vec<ProducerState>,
}

/// A producer.
#[message]
pub struct ProducerState {
    /// The producer's id.
    pub producer_id: i64,
    /// The producer's epoch.
    pub producer_epoch: i32,
    /// The last sequence number written, -1 if none.
    #[kafka(default = -1)]
    pub last_sequence: i32,
    /// The timestamp of that record, -1 if none.
    #[kafka(default = -1)]
    pub last_timestamp: i64,
    /// The transaction coordinator's epoch.
    pub coordinator_epoch: i32,
    /// Where its open transaction begins, -1 if there is none.
    #[kafka(default = -1)]
    pub current_txn_start_offset: i64,
}
