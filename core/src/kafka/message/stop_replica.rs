//! StopReplica (5): a ZooKeeper controller tells a broker to give replicas up. Gone with 4.0.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Ids;

/// Which replicas to give up.
#[message(
    key = 5, versions = "0-4", flexible = "2+",
    listeners = "zkBroker", internal, response = StopReplicaResponse
)]
pub struct StopReplicaRequest {
    /// The controller's id.
    pub controller_id: i32,
    /// Whether the controller is of KRaft, during a migration from ZooKeeper.
    #[kafka(versions = "4+")]
    pub is_k_raft_controller: bool,
    /// The controller's epoch; an outdated one is refused.
    pub controller_epoch: i32,
    /// The epoch of the broker addressed, -1 if unknown.
    #[kafka(versions = "1+", default = -1, ignorable)]
    pub broker_epoch: i64,
    /// Whether to delete them.
    #[kafka(versions = "0-2")]
    pub delete_partitions: bool,
    /// The partitions, each with its topic.
    #[kafka(versions = "0")]
    pub ungrouped_partitions: Vec<StopReplicaPartitionV0>,
    /// The topics.
    #[kafka(versions = "1-2")]
    pub topics: Vec<StopReplicaTopicV1>,
    /// The topics, each with its partitions.
    #[kafka(versions = "3+")]
    pub topic_states: Vec<StopReplicaTopicState>,
}

/// A partition.
#[message]
pub struct StopReplicaPartitionV0 {
    /// The topic's name.
    #[kafka(versions = "0")]
    pub topic_name: Str,
    /// The partition's number.
    #[kafka(versions = "0")]
    pub partition_index: i32,
}

/// Partitions of one topic.
#[message]
pub struct StopReplicaTopicV1 {
    /// The topic's name.
    #[kafka(versions = "1-2")]
    pub name: Str,
    /// The partitions.
    #[kafka(versions = "1-2")]
    pub partition_indexes: Ids,
}

/// Partitions of one topic.
#[message]
pub struct StopReplicaTopicState {
    /// The topic's name.
    #[kafka(versions = "3+")]
    pub topic_name: Str,
    /// The partitions.
    #[kafka(versions = "3+")]
    pub partition_states: Vec<StopReplicaPartitionState>,
}

/// A partition.
#[message]
pub struct StopReplicaPartitionState {
    /// The partition's number.
    #[kafka(versions = "3+")]
    pub partition_index: i32,
    /// The leader epoch, -1 if unknown, -2 if the topic is being deleted.
    #[kafka(versions = "3+", default = -1)]
    pub leader_epoch: i32,
    /// Whether to delete it.
    #[kafka(versions = "3+")]
    pub delete_partition: bool,
}

/// How it went.
#[message(key = 5, versions = "0-4", flexible = "2+")]
pub struct StopReplicaResponse {
    /// An error of the whole request.
    pub error_code: ErrorCode,
    /// The results of each partition.
    pub partition_errors: Vec<StopReplicaPartitionError>,
}

/// The result of one partition.
#[message]
pub struct StopReplicaPartitionError {
    /// The topic's name.
    pub topic_name: Str,
    /// The partition's number.
    pub partition_index: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
}
