//! ElectLeaders (43): has partitions elect their leader anew.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Ids;

/// Has leaders elected.
#[message(
    key = 43, versions = "0-2", flexible = "2+",
    listeners = "broker, controller", response = ElectLeadersResponse
)]
pub struct ElectLeadersRequest {
    /// 0 the preferred replica, 1 any replica, even one not in sync.
    #[kafka(versions = "1+")]
    pub election_type: i8,
    /// The partitions; `None` for all.
    #[kafka(nullable = "0+")]
    pub topic_partitions: Option<Vec<TopicPartitions>>,
    /// Milliseconds that the broker may take.
    #[kafka(default = 60000)]
    pub timeout_ms: i32,
}

/// Partitions of one topic.
#[message]
pub struct TopicPartitions {
    /// The topic's name.
    pub topic: Str,
    /// The partitions' numbers.
    pub partitions: Ids,
}

/// How the elections went.
#[message(key = 43, versions = "0-2", flexible = "2+")]
pub struct ElectLeadersResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    #[kafka(versions = "1+")]
    pub error_code: ErrorCode,
    /// The results of each topic.
    pub replica_election_results: Vec<ReplicaElectionResult>,
}

/// The results of one topic.
#[message]
pub struct ReplicaElectionResult {
    /// The topic's name.
    pub topic: Str,
    /// The results of each partition.
    pub partition_result: Vec<PartitionResult>,
}

/// The result of one partition.
#[message]
pub struct PartitionResult {
    /// The partition's number.
    pub partition_id: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words.
    #[kafka(nullable = "0+")]
    pub error_message: Option<Str>,
}
