//! DeleteShareGroupState (86): the group coordinator has the state of share partitions removed
//! (KIP-932).

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Uuid;

/// Removes the state of share partitions.
#[message(
    key = 86, versions = "0", flexible = "0+",
    internal, response = DeleteShareGroupStateResponse
)]
pub struct DeleteShareGroupStateRequest {
    /// The group's id.
    pub group_id: Str,
    /// The topics.
    pub topics: Vec<DeleteStateData>,
}

/// Partitions of one topic.
#[message]
pub struct DeleteStateData {
    /// The topic's id.
    pub topic_id: Uuid,
    /// The partitions.
    pub partitions: Vec<PartitionData>,
}

/// A partition.
#[message]
pub struct PartitionData {
    /// The partition's number.
    pub partition: i32,
}

/// What was removed.
#[message(key = 86, versions = "0", flexible = "0+")]
pub struct DeleteShareGroupStateResponse {
    /// How each went.
    pub results: Vec<DeleteStateResult>,
}

/// The results of one topic.
#[message]
pub struct DeleteStateResult {
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
    /// The error in words.
    #[kafka(nullable = "0+", default = null)]
    pub error_message: Option<Str>,
}
