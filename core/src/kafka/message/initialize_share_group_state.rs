//! InitializeShareGroupState (83): a group coordinator begins the state of share partitions.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Uuid;

/// Begins the state of share partitions.
#[message(
    key = 83, versions = "0", flexible = "0+",
    internal, response = InitializeShareGroupStateResponse
)]
pub struct InitializeShareGroupStateRequest {
    /// The group's id.
    pub group_id: Str,
    /// The topics.
    pub topics: Vec<InitializeStateData>,
}

/// Share partitions of one topic.
#[message]
pub struct InitializeStateData {
    /// The topic's id.
    pub topic_id: Uuid,
    /// The partitions.
    pub partitions: Vec<PartitionData>,
}

/// The beginning of one share partition.
#[message]
pub struct PartitionData {
    /// The partition's number.
    pub partition: i32,
    /// The epoch of the share partition's state.
    pub state_epoch: i32,
    /// The offset to begin at, -1 to leave that open.
    pub start_offset: i64,
}

/// How it went.
#[message(key = 83, versions = "0", flexible = "0+")]
pub struct InitializeShareGroupStateResponse {
    /// The results of each topic.
    pub results: Vec<InitializeStateResult>,
}

/// The results of one topic.
#[message]
pub struct InitializeStateResult {
    /// The topic's id.
    pub topic_id: Uuid,
    /// The partitions.
    pub partitions: Vec<PartitionResult>,
}

/// The result of one partition.
#[message]
pub struct PartitionResult {
    /// The partition's number.
    pub partition: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words, if the broker gives any.
    #[kafka(nullable = "0+", default = null)]
    pub error_message: Option<Str>,
}
