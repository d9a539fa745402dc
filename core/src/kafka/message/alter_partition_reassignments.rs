//! AlterPartitionReassignments (45): moves partitions to other brokers, or stops doing so.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Ids;

/// Begins or cancels reassignments.
#[message(
    key = 45, versions = "0-1", flexible = "0+",
    listeners = "broker, controller", response = AlterPartitionReassignmentsResponse
)]
pub struct AlterPartitionReassignmentsRequest {
    /// Milliseconds that the broker may take.
    #[kafka(default = 60000)]
    pub timeout_ms: i32,
    /// Whether the number of replicas may change.
    #[kafka(versions = "1+", default = true)]
    pub allow_replication_factor_change: bool,
    /// The topics.
    pub topics: Vec<ReassignableTopic>,
}

/// Partitions of one topic to move.
#[message]
pub struct ReassignableTopic {
    /// The topic's name.
    pub name: Str,
    /// The partitions.
    pub partitions: Vec<ReassignablePartition>,
}

/// A partition to move.
#[message]
pub struct ReassignablePartition {
    /// The partition's number.
    pub partition_index: i32,
    /// The brokers that shall have a copy; `None` cancels.
    #[kafka(nullable = "0+", default = null)]
    pub replicas: Option<Ids>,
}

/// Which reassignments began or were cancelled.
#[message(key = 45, versions = "0-1", flexible = "0+")]
pub struct AlterPartitionReassignmentsResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// Whether the number of replicas may change.
    #[kafka(versions = "1+", default = true, ignorable)]
    pub allow_replication_factor_change: bool,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words.
    #[kafka(nullable = "0+")]
    pub error_message: Option<Str>,
    /// How each went.
    pub responses: Vec<ReassignableTopicResponse>,
}

/// The results of one topic.
#[message]
pub struct ReassignableTopicResponse {
    /// The topic's name.
    pub name: Str,
    /// The partitions.
    pub partitions: Vec<ReassignablePartitionResponse>,
}

/// The result of one partition.
#[message]
pub struct ReassignablePartitionResponse {
    /// The partition's number.
    pub partition_index: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words.
    #[kafka(nullable = "0+")]
    pub error_message: Option<Str>,
}
