//! DescribeShareGroupOffsets (90): how far share groups have read (KIP-932).

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::{Ids, Uuid};

/// Asks how far share groups have read.
#[message(
    key = 90, versions = "0-1", flexible = "0+",
    response = DescribeShareGroupOffsetsResponse
)]
pub struct DescribeShareGroupOffsetsRequest {
    /// The groups.
    pub groups: Vec<DescribeShareGroupOffsetsRequestGroup>,
}

/// A group.
#[message]
pub struct DescribeShareGroupOffsetsRequestGroup {
    /// The group's id.
    pub group_id: Str,
    /// The topics to look at; `None` for all.
    #[kafka(nullable = "0+")]
    pub topics: Option<Vec<DescribeShareGroupOffsetsRequestTopic>>,
}

/// Partitions of one topic.
#[message]
pub struct DescribeShareGroupOffsetsRequestTopic {
    /// The topic's name.
    pub topic_name: Str,
    /// The partitions' numbers.
    pub partitions: Ids,
}

/// How far they have read.
#[message(key = 90, versions = "0-1", flexible = "0+")]
pub struct DescribeShareGroupOffsetsResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The groups.
    pub groups: Vec<DescribeShareGroupOffsetsResponseGroup>,
}

/// A group.
#[message]
pub struct DescribeShareGroupOffsetsResponseGroup {
    /// The group's id.
    pub group_id: Str,
    /// The topics.
    pub topics: Vec<DescribeShareGroupOffsetsResponseTopic>,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words.
    #[kafka(nullable = "0+", default = null)]
    pub error_message: Option<Str>,
}

/// Partitions of one topic.
#[message]
pub struct DescribeShareGroupOffsetsResponseTopic {
    /// The topic's name.
    pub topic_name: Str,
    /// The topic's id.
    pub topic_id: Uuid,
    /// The partitions.
    pub partitions: Vec<DescribeShareGroupOffsetsResponsePartition>,
}

/// A partition.
#[message]
pub struct DescribeShareGroupOffsetsResponsePartition {
    /// The partition's number.
    pub partition_index: i32,
    /// The first offset that is not done with.
    pub start_offset: i64,
    /// The leader epoch of the partition.
    pub leader_epoch: i32,
    /// How many records are not done with, -1 if unknown.
    #[kafka(versions = "1+", default = -1, ignorable)]
    pub lag: i64,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words.
    #[kafka(nullable = "0+", default = null)]
    pub error_message: Option<Str>,
}
