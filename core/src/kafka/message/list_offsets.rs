//! ListOffsets (2): the first, last or timestamped offsets of partitions.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Asks for offsets by timestamp.
#[message(key = 2, versions = "0-11", flexible = "6+", response = ListOffsetsResponse)]
pub struct ListOffsetsRequest {
    /// The follower's broker id, -1 for a consumer.
    pub replica_id: i32,
    /// 0 reads everything, 1 only what is committed.
    #[kafka(versions = "2+")]
    pub isolation_level: i8,
    /// The topics.
    pub topics: Vec<ListOffsetsTopic>,
    /// Milliseconds to wait for tiered storage.
    #[kafka(versions = "10+", ignorable)]
    pub timeout_ms: i32,
}

/// A topic to look at.
#[message]
pub struct ListOffsetsTopic {
    /// The topic's name.
    pub name: Str,
    /// The partitions.
    pub partitions: Vec<ListOffsetsPartition>,
}

/// A partition to look at.
#[message]
pub struct ListOffsetsPartition {
    /// The partition's number.
    pub partition_index: i32,
    /// The leader epoch that the client knows; an outdated one is refused.
    #[kafka(versions = "4+", default = -1, ignorable)]
    pub current_leader_epoch: i32,
    /// Milliseconds since 1970, or -1 for the end, -2 for the beginning, -3 for the greatest
    /// timestamp, -4 and
    /// below for places in tiered storage.
    pub timestamp: i64,
    /// How many offsets to return at most.
    #[kafka(versions = "0", default = 1)]
    pub max_num_offsets: i32,
}

/// The offsets found.
#[message(key = 2, versions = "0-11", flexible = "6+", throttles = "3+")]
pub struct ListOffsetsResponse {
    /// Milliseconds that the client should wait before it sends again.
    #[kafka(versions = "2+", ignorable)]
    pub throttle_time_ms: i32,
    /// The topics.
    pub topics: Vec<ListOffsetsTopicResponse>,
}

/// The offsets of one topic.
#[message]
pub struct ListOffsetsTopicResponse {
    /// The topic's name.
    pub name: Str,
    /// The partitions.
    pub partitions: Vec<ListOffsetsPartitionResponse>,
}

/// The offset of one partition.
#[message]
pub struct ListOffsetsPartitionResponse {
    /// The partition's number.
    pub partition_index: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The offsets found, in version 0.
    #[kafka(versions = "0")]
    pub old_style_offsets: Vec<i64>,
    /// The timestamp of the record at that offset, -1 if there is none.
    #[kafka(versions = "1+", default = -1)]
    pub timestamp: i64,
    /// The offset found, -1 if there is none.
    #[kafka(versions = "1+", default = -1)]
    pub offset: i64,
    /// The epoch of that leader, -1 if unknown.
    #[kafka(versions = "4+", default = -1)]
    pub leader_epoch: i32,
}
