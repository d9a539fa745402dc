//! ListPartitionReassignments (46): the moves of replicas under way.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Ids;

/// Asks for moves under way.
#[message(
    key = 46, versions = "0", flexible = "0+",
    listeners = "broker, controller", response = ListPartitionReassignmentsResponse
)]
pub struct ListPartitionReassignmentsRequest {
    /// Milliseconds to wait for the controller.
    #[kafka(default = 60000)]
    pub timeout_ms: i32,
    /// The topics to look at, `None` for all.
    #[kafka(nullable = "0+", default = null)]
    pub topics: Option<Vec<ListPartitionReassignmentsTopics>>,
}

/// A topic to look at.
#[message]
pub struct ListPartitionReassignmentsTopics {
    /// The topic's name.
    pub name: Str,
    /// The partitions.
    pub partition_indexes: Ids,
}

/// The moves under way.
#[message(key = 46, versions = "0", flexible = "0+")]
pub struct ListPartitionReassignmentsResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words, if the broker gives any.
    #[kafka(nullable = "0+")]
    pub error_message: Option<Str>,
    /// The topics.
    pub topics: Vec<OngoingTopicReassignment>,
}

/// The moves of one topic.
#[message]
pub struct OngoingTopicReassignment {
    /// The topic's name.
    pub name: Str,
    /// The partitions.
    pub partitions: Vec<OngoingPartitionReassignment>,
}

/// The move of one partition.
#[message]
pub struct OngoingPartitionReassignment {
    /// The partition's number.
    pub partition_index: i32,
    /// The brokers that have a copy.
    pub replicas: Ids,
    /// Brokers that are to get a copy.
    pub adding_replicas: Ids,
    /// Brokers that are to lose theirs.
    pub removing_replicas: Ids,
}
