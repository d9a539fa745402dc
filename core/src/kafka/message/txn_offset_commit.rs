//! TxnOffsetCommit (28): stores how far a group has read, as part of a transaction.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Uuid;

/// Stores offsets once the transaction commits.
#[message(key = 28, versions = "0-6", flexible = "3+", response = TxnOffsetCommitResponse)]
pub struct TxnOffsetCommitRequest {
    /// The transactional id.
    pub transactional_id: Str,
    /// The group's id.
    pub group_id: Str,
    /// The producer's id.
    pub producer_id: i64,
    /// The producer's epoch.
    pub producer_epoch: i16,
    /// The group's generation, or the member's epoch in the newer protocol; -1 from who is no
    /// member.
    #[kafka(versions = "3+", default = -1)]
    pub generation_id_or_member_epoch: i32,
    /// The member's id.
    #[kafka(versions = "3+")]
    pub member_id: Str,
    /// The static member's instance id, `None` for a dynamic one.
    #[kafka(versions = "3+", nullable = "3+", default = null)]
    pub group_instance_id: Option<Str>,
    /// The topics.
    pub topics: Vec<TxnOffsetCommitRequestTopic>,
}

/// Offsets of one topic.
#[message]
pub struct TxnOffsetCommitRequestTopic {
    /// The topic's name.
    #[kafka(versions = "0-5", ignorable)]
    pub name: Str,
    /// The topic's id.
    #[kafka(versions = "6+", ignorable)]
    pub topic_id: Uuid,
    /// The partitions.
    pub partitions: Vec<TxnOffsetCommitRequestPartition>,
}

/// The offset of one partition.
#[message]
pub struct TxnOffsetCommitRequestPartition {
    /// The partition's number.
    pub partition_index: i32,
    /// The offset to read from next.
    pub committed_offset: i64,
    /// The leader epoch of the last record read, -1 if unknown.
    #[kafka(versions = "2+", default = -1, ignorable)]
    pub committed_leader_epoch: i32,
    /// Text of the client's own to keep beside it.
    #[kafka(nullable = "0+")]
    pub committed_metadata: Option<Str>,
}

/// How each commit went.
#[message(key = 28, versions = "0-6", flexible = "3+", throttles = "1+")]
pub struct TxnOffsetCommitResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The topics.
    pub topics: Vec<TxnOffsetCommitResponseTopic>,
}

/// The results of one topic.
#[message]
pub struct TxnOffsetCommitResponseTopic {
    /// The topic's name.
    #[kafka(versions = "0-5", ignorable)]
    pub name: Str,
    /// The topic's id.
    #[kafka(versions = "6+", ignorable)]
    pub topic_id: Uuid,
    /// The partitions.
    pub partitions: Vec<TxnOffsetCommitResponsePartition>,
}

/// The result of one partition.
#[message]
pub struct TxnOffsetCommitResponsePartition {
    /// The partition's number.
    pub partition_index: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
}
