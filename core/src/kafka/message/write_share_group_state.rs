//! WriteShareGroupState (85): a partition's leader stores the state of its share partitions.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Uuid;

/// Stores the state of share partitions.
#[message(
    key = 85, versions = "0-1", flexible = "0+",
    internal, response = WriteShareGroupStateResponse
)]
pub struct WriteShareGroupStateRequest {
    /// The group's id.
    pub group_id: Str,
    /// The topics.
    pub topics: Vec<WriteStateData>,
}

/// The state of one topic's share partitions.
#[message]
pub struct WriteStateData {
    /// The topic's id.
    pub topic_id: Uuid,
    /// The partitions.
    pub partitions: Vec<PartitionData>,
}

/// The state of one share partition.
#[message]
pub struct PartitionData {
    /// The partition's number.
    pub partition: i32,
    /// The epoch of the share partition's state.
    pub state_epoch: i32,
    /// The leader epoch of who writes; an outdated one is refused.
    pub leader_epoch: i32,
    /// The first offset that may still be delivered, -1 to keep it as it is.
    pub start_offset: i64,
    /// Offsets from the start offset on that need no more delivery, -1 if unknown.
    #[kafka(versions = "1+", default = -1, ignorable)]
    pub delivery_complete_count: i32,
    /// What became of the offsets from the start offset on.
    pub state_batches: Vec<StateBatch>,
}

/// What became of a range of offsets.
#[message]
pub struct StateBatch {
    /// The first offset.
    pub first_offset: i64,
    /// The last offset, included.
    pub last_offset: i64,
    /// 0 available, 2 acknowledged, 4 archived.
    pub delivery_state: i8,
    /// How often they were delivered.
    pub delivery_count: i16,
}

/// How it went.
#[message(key = 85, versions = "0-1", flexible = "0+")]
pub struct WriteShareGroupStateResponse {
    /// The results of each topic.
    pub results: Vec<WriteStateResult>,
}

/// The results of one topic.
#[message]
pub struct WriteStateResult {
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
