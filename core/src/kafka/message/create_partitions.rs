//! CreatePartitions (37): adds partitions to topics.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Ids;

/// Adds partitions.
#[message(
    key = 37, versions = "0-3", flexible = "2+",
    listeners = "broker, controller", response = CreatePartitionsResponse
)]
pub struct CreatePartitionsRequest {
    /// The topics.
    pub topics: Vec<CreatePartitionsTopic>,
    /// Milliseconds that the broker may take.
    pub timeout_ms: i32,
    /// Whether only to check the request.
    pub validate_only: bool,
}

/// A topic that gets more.
#[message]
pub struct CreatePartitionsTopic {
    /// The topic's name.
    pub name: Str,
    /// How many partitions there shall be.
    pub count: i32,
    /// The brokers of each new partition; `None` leaves that to the broker.
    #[kafka(nullable = "0+")]
    pub assignments: Option<Vec<CreatePartitionsAssignment>>,
}

/// The brokers of one new partition.
#[message]
pub struct CreatePartitionsAssignment {
    /// The brokers that get a copy.
    pub broker_ids: Ids,
}

/// How it went.
#[message(key = 37, versions = "0-3", flexible = "2+", throttles = "1+")]
pub struct CreatePartitionsResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// How each went.
    pub results: Vec<CreatePartitionsTopicResult>,
}

/// How it went for one topic.
#[message]
pub struct CreatePartitionsTopicResult {
    /// The topic's name.
    pub name: Str,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words.
    #[kafka(nullable = "0+", default = null)]
    pub error_message: Option<Str>,
}
