//! OffsetFetch (9): how far groups have read.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::{Ids, Uuid};

/// Asks for offsets: of one group up to version 7, of several after.
#[message(key = 9, versions = "0-10", flexible = "6+", response = OffsetFetchResponse)]
pub struct OffsetFetchRequest {
    /// The group's id.
    #[kafka(versions = "0-7")]
    pub group_id: Str,
    /// The topics wanted; `None`, legal from version 2 on, for all.
    #[kafka(versions = "0-7", nullable = "2-7")]
    pub topics: Option<Vec<OffsetFetchRequestTopic>>,
    /// The groups.
    #[kafka(versions = "8+")]
    pub groups: Vec<OffsetFetchRequestGroup>,
    /// Whether to answer `UNSTABLE_OFFSET_COMMIT` where a transaction may still change the offset.
    #[kafka(versions = "7+")]
    pub require_stable: bool,
}

/// Partitions of one topic.
#[message]
pub struct OffsetFetchRequestTopic {
    /// The topic's name.
    #[kafka(versions = "0-7")]
    pub name: Str,
    /// The partitions.
    #[kafka(versions = "0-7")]
    pub partition_indexes: Ids,
}

/// A group.
#[message]
pub struct OffsetFetchRequestGroup {
    /// The group's id.
    #[kafka(versions = "8+")]
    pub group_id: Str,
    /// The member that asks, `None` if none does.
    #[kafka(versions = "9+", nullable = "9+", default = null, ignorable)]
    pub member_id: Option<Str>,
    /// That member's epoch, -1 in a classic group.
    #[kafka(versions = "9+", default = -1, ignorable)]
    pub member_epoch: i32,
    /// The topics wanted, `None` for all.
    #[kafka(versions = "8+", nullable = "8+")]
    pub topics: Option<Vec<OffsetFetchRequestTopics>>,
}

/// Partitions of one topic.
#[message]
pub struct OffsetFetchRequestTopics {
    /// The topic's name.
    #[kafka(versions = "8-9", ignorable)]
    pub name: Str,
    /// The topic's id.
    #[kafka(versions = "10+", ignorable)]
    pub topic_id: Uuid,
    /// The partitions.
    #[kafka(versions = "8+")]
    pub partition_indexes: Ids,
}

/// The offsets.
#[message(key = 9, versions = "0-10", flexible = "6+", throttles = "4+")]
pub struct OffsetFetchResponse {
    /// Milliseconds that the client should wait before it sends again.
    #[kafka(versions = "3+", ignorable)]
    pub throttle_time_ms: i32,
    /// The topics.
    #[kafka(versions = "0-7")]
    pub topics: Vec<OffsetFetchResponseTopic>,
    /// An error of the whole group.
    #[kafka(versions = "2-7", ignorable)]
    pub error_code: ErrorCode,
    /// The groups.
    #[kafka(versions = "8+")]
    pub groups: Vec<OffsetFetchResponseGroup>,
}

/// The offsets of one topic.
#[message]
pub struct OffsetFetchResponseTopic {
    /// The topic's name.
    #[kafka(versions = "0-7")]
    pub name: Str,
    /// The partitions.
    #[kafka(versions = "0-7")]
    pub partitions: Vec<OffsetFetchResponsePartition>,
}

/// The offset of one partition.
#[message]
pub struct OffsetFetchResponsePartition {
    /// The partition's number.
    #[kafka(versions = "0-7")]
    pub partition_index: i32,
    /// The offset to read from next, -1 if none is stored.
    #[kafka(versions = "0-7")]
    pub committed_offset: i64,
    /// The leader epoch of the last record read, -1 if unknown.
    #[kafka(versions = "5-7", default = -1, ignorable)]
    pub committed_leader_epoch: i32,
    /// The client's text beside it.
    #[kafka(versions = "0-7", nullable = "0-7")]
    pub metadata: Option<Str>,
    /// The error, or [`ErrorCode::NONE`].
    #[kafka(versions = "0-7")]
    pub error_code: ErrorCode,
}

/// The offsets of one group.
#[message]
pub struct OffsetFetchResponseGroup {
    /// The group's id.
    #[kafka(versions = "8+")]
    pub group_id: Str,
    /// The topics.
    #[kafka(versions = "8+")]
    pub topics: Vec<OffsetFetchResponseTopics>,
    /// An error of the whole group.
    #[kafka(versions = "8+")]
    pub error_code: ErrorCode,
}

/// The offsets of one topic.
#[message]
pub struct OffsetFetchResponseTopics {
    /// The topic's name.
    #[kafka(versions = "8-9", ignorable)]
    pub name: Str,
    /// The topic's id.
    #[kafka(versions = "10+", ignorable)]
    pub topic_id: Uuid,
    /// The partitions.
    #[kafka(versions = "8+")]
    pub partitions: Vec<OffsetFetchResponsePartitions>,
}

/// The offset of one partition.
#[message]
pub struct OffsetFetchResponsePartitions {
    /// The partition's number.
    #[kafka(versions = "8+")]
    pub partition_index: i32,
    /// The offset to read from next, -1 if none is stored.
    #[kafka(versions = "8+")]
    pub committed_offset: i64,
    /// The leader epoch of the last record read, -1 if unknown.
    #[kafka(versions = "8+", default = -1, ignorable)]
    pub committed_leader_epoch: i32,
    /// The client's text beside it.
    #[kafka(versions = "8+", nullable = "8+")]
    pub metadata: Option<Str>,
    /// The error, or [`ErrorCode::NONE`].
    #[kafka(versions = "8+")]
    pub error_code: ErrorCode,
}
