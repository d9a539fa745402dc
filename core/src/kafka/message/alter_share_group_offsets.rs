//! AlterShareGroupOffsets (91): sets where an empty share group reads on (KIP-932).

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Uuid;

/// Sets the start offsets of a share group.
#[message(key = 91, versions = "0", flexible = "0+", response = AlterShareGroupOffsetsResponse)]
pub struct AlterShareGroupOffsetsRequest {
    /// The group's id.
    pub group_id: Str,
    /// The topics.
    pub topics: Vec<AlterShareGroupOffsetsRequestTopic>,
}

/// Partitions of one topic.
#[message]
pub struct AlterShareGroupOffsetsRequestTopic {
    /// The topic's name.
    pub topic_name: Str,
    /// The partitions.
    pub partitions: Vec<AlterShareGroupOffsetsRequestPartition>,
}

/// A partition and its offset.
#[message]
pub struct AlterShareGroupOffsetsRequestPartition {
    /// The partition's number.
    pub partition_index: i32,
    /// The offset to read on from.
    pub start_offset: i64,
}

/// Which offsets were set.
#[message(key = 91, versions = "0", flexible = "0+")]
pub struct AlterShareGroupOffsetsResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words.
    #[kafka(nullable = "0+", default = null)]
    pub error_message: Option<Str>,
    /// How each went.
    pub responses: Vec<AlterShareGroupOffsetsResponseTopic>,
}

/// The results of one topic.
#[message]
pub struct AlterShareGroupOffsetsResponseTopic {
    /// The topic's name.
    pub topic_name: Str,
    /// The topic's id.
    pub topic_id: Uuid,
    /// The partitions.
    pub partitions: Vec<AlterShareGroupOffsetsResponsePartition>,
}

/// The result of one partition.
#[message]
pub struct AlterShareGroupOffsetsResponsePartition {
    /// The partition's number.
    pub partition_index: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words.
    #[kafka(nullable = "0+", default = null)]
    pub error_message: Option<Str>,
}
