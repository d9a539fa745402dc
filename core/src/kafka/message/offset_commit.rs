//! OffsetCommit (8): stores how far a group has read.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Uuid;

/// Stores offsets.
#[message(key = 8, versions = "0-10", flexible = "8+", response = OffsetCommitResponse)]
pub struct OffsetCommitRequest {
    /// The group's id.
    pub group_id: Str,
    /// The group's generation, or the member's epoch in the newer protocol; -1 from who is no
    /// member.
    #[kafka(versions = "1+", default = -1, ignorable)]
    pub generation_id_or_member_epoch: i32,
    /// The member's id.
    #[kafka(versions = "1+", ignorable)]
    pub member_id: Str,
    /// The static member's instance id, `None` for a dynamic one.
    #[kafka(versions = "7+", nullable = "7+", default = null)]
    pub group_instance_id: Option<Str>,
    /// Milliseconds to keep the offsets, -1 for the broker's default.
    #[kafka(versions = "2-4", default = -1, ignorable)]
    pub retention_time_ms: i64,
    /// The topics.
    pub topics: Vec<OffsetCommitRequestTopic>,
}

/// Offsets of one topic.
#[message]
pub struct OffsetCommitRequestTopic {
    /// The topic's name.
    #[kafka(versions = "0-9", ignorable)]
    pub name: Str,
    /// The topic's id.
    #[kafka(versions = "10+", ignorable)]
    pub topic_id: Uuid,
    /// The partitions.
    pub partitions: Vec<OffsetCommitRequestPartition>,
}

/// The offset of one partition.
#[message]
pub struct OffsetCommitRequestPartition {
    /// The partition's number.
    pub partition_index: i32,
    /// The offset to read from next.
    pub committed_offset: i64,
    /// The leader epoch of the last record read, -1 if unknown.
    #[kafka(versions = "6+", default = -1, ignorable)]
    pub committed_leader_epoch: i32,
    /// Milliseconds since 1970, -1 for the time of arrival.
    #[kafka(versions = "1", default = -1)]
    pub commit_timestamp: i64,
    /// Text of the client's own to keep beside it.
    #[kafka(nullable = "0+")]
    pub committed_metadata: Option<Str>,
}

/// How each commit went.
#[message(key = 8, versions = "0-10", flexible = "8+", throttles = "4+")]
pub struct OffsetCommitResponse {
    /// Milliseconds that the client should wait before it sends again.
    #[kafka(versions = "3+", ignorable)]
    pub throttle_time_ms: i32,
    /// The topics.
    pub topics: Vec<OffsetCommitResponseTopic>,
}

/// The results of one topic.
#[message]
pub struct OffsetCommitResponseTopic {
    /// The topic's name.
    #[kafka(versions = "0-9", ignorable)]
    pub name: Str,
    /// The topic's id.
    #[kafka(versions = "10+", ignorable)]
    pub topic_id: Uuid,
    /// The partitions.
    pub partitions: Vec<OffsetCommitResponsePartition>,
}

/// The result of one partition.
#[message]
pub struct OffsetCommitResponsePartition {
    /// The partition's number.
    pub partition_index: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
}
