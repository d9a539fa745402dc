//! OffsetDelete (47): forgets offsets of a group that no longer subscribes to their topics.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Forgets offsets.
#[message(key = 47, versions = "0", flexible = "none", response = OffsetDeleteResponse)]
pub struct OffsetDeleteRequest {
    /// The group's id.
    pub group_id: Str,
    /// The topics.
    pub topics: Vec<OffsetDeleteRequestTopic>,
}

/// Partitions of one topic.
#[message]
pub struct OffsetDeleteRequestTopic {
    /// The topic's name.
    pub name: Str,
    /// The partitions.
    pub partitions: Vec<OffsetDeleteRequestPartition>,
}

/// A partition.
#[message]
pub struct OffsetDeleteRequestPartition {
    /// The partition's number.
    pub partition_index: i32,
}

/// How it went.
#[message(key = 47, versions = "0", flexible = "none")]
pub struct OffsetDeleteResponse {
    /// An error of the whole request.
    pub error_code: ErrorCode,
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The topics.
    pub topics: Vec<OffsetDeleteResponseTopic>,
}

/// The results of one topic.
#[message]
pub struct OffsetDeleteResponseTopic {
    /// The topic's name.
    pub name: Str,
    /// The partitions.
    pub partitions: Vec<OffsetDeleteResponsePartition>,
}

/// The result of one partition.
#[message]
pub struct OffsetDeleteResponsePartition {
    /// The partition's number.
    pub partition_index: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
}
