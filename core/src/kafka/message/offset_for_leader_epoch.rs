//! OffsetForLeaderEpoch (23): where a leader epoch ended, to find out where logs part.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Asks where leader epochs ended.
#[message(key = 23, versions = "0-4", flexible = "4+", response = OffsetForLeaderEpochResponse)]
pub struct OffsetForLeaderEpochRequest {
    /// The follower's broker id, -1 for a consumer, -2 for a tool.
    #[kafka(versions = "3+", default = -2, ignorable)]
    pub replica_id: i32,
    /// The topics.
    pub topics: Vec<OffsetForLeaderTopic>,
}

/// Partitions of one topic.
#[message]
pub struct OffsetForLeaderTopic {
    /// The topic's name.
    pub topic: Str,
    /// The partitions.
    pub partitions: Vec<OffsetForLeaderPartition>,
}

/// A partition and an epoch of it.
#[message]
pub struct OffsetForLeaderPartition {
    /// The partition's number.
    pub partition: i32,
    /// The leader epoch that the client knows; an outdated one is refused.
    #[kafka(versions = "2+", default = -1, ignorable)]
    pub current_leader_epoch: i32,
    /// The epoch asked for.
    pub leader_epoch: i32,
}

/// Where the epochs ended.
#[message(key = 23, versions = "0-4", flexible = "4+")]
pub struct OffsetForLeaderEpochResponse {
    /// Milliseconds that the client should wait before it sends again.
    #[kafka(versions = "2+", ignorable)]
    pub throttle_time_ms: i32,
    /// The topics.
    pub topics: Vec<OffsetForLeaderTopicResult>,
}

/// The results of one topic.
#[message]
pub struct OffsetForLeaderTopicResult {
    /// The topic's name.
    pub topic: Str,
    /// The partitions.
    pub partitions: Vec<EpochEndOffset>,
}

/// Where an epoch of one partition ended.
#[message]
pub struct EpochEndOffset {
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The partition's number.
    pub partition: i32,
    /// The largest epoch up to the one asked for, -1 if unknown.
    #[kafka(versions = "1+", default = -1, ignorable)]
    pub leader_epoch: i32,
    /// The offset after its last record, -1 if unknown.
    #[kafka(default = -1)]
    pub end_offset: i64,
}
