//! ReadShareGroupStateSummary (87): where share partitions stand, without their batches.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Uuid;

/// Asks where share partitions stand.
#[message(
    key = 87, versions = "0-1", flexible = "0+",
    internal, response = ReadShareGroupStateSummaryResponse
)]
pub struct ReadShareGroupStateSummaryRequest {
    /// The group's id.
    pub group_id: Str,
    /// The topics.
    pub topics: Vec<ReadStateSummaryData>,
}

/// Share partitions of one topic.
#[message]
pub struct ReadStateSummaryData {
    /// The topic's id.
    pub topic_id: Uuid,
    /// The partitions.
    pub partitions: Vec<PartitionData>,
}

/// A share partition.
#[message]
pub struct PartitionData {
    /// The partition's number.
    pub partition: i32,
    /// The leader epoch of who asks; an outdated one is refused.
    pub leader_epoch: i32,
}

/// Where share partitions stand.
#[message(key = 87, versions = "0-1", flexible = "0+")]
pub struct ReadShareGroupStateSummaryResponse {
    /// The results of each topic.
    pub results: Vec<ReadStateSummaryResult>,
}

/// Those of one topic.
#[message]
pub struct ReadStateSummaryResult {
    /// The topic's id.
    pub topic_id: Uuid,
    /// The partitions.
    pub partitions: Vec<PartitionResult>,
}

/// Where one share partition stands.
#[message]
pub struct PartitionResult {
    /// The partition's number.
    pub partition: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words, if the broker gives any.
    #[kafka(nullable = "0+", default = null)]
    pub error_message: Option<Str>,
    /// The epoch of the share partition's state.
    pub state_epoch: i32,
    /// The leader epoch that its state was written at.
    pub leader_epoch: i32,
    /// The first offset that may still be delivered, -1 if not set.
    pub start_offset: i64,
    /// Offsets from the start offset on that need no more delivery, -1 if unknown.
    #[kafka(versions = "1+", default = -1, ignorable)]
    pub delivery_complete_count: i32,
}
