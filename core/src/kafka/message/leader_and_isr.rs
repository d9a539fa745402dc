//! LeaderAndIsr (4): a ZooKeeper controller tells brokers what they lead and follow. Gone with 4.0.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::{Ids, Uuid};

/// What a broker is to lead and follow.
#[message(
    key = 4, versions = "0-7", flexible = "4+",
    listeners = "zkBroker", internal, response = LeaderAndIsrResponse
)]
pub struct LeaderAndIsrRequest {
    /// The controller's id.
    pub controller_id: i32,
    /// Whether the controller is of KRaft, during a migration from ZooKeeper.
    #[kafka(versions = "7+")]
    pub is_k_raft_controller: bool,
    /// The controller's epoch; an outdated one is refused.
    pub controller_epoch: i32,
    /// The epoch of the broker addressed, -1 if unknown.
    #[kafka(versions = "2+", default = -1, ignorable)]
    pub broker_epoch: i64,
    /// 0 unknown, 1 some partitions, 2 all of them.
    #[kafka(versions = "5+")]
    pub r#type: i8,
    /// The partitions, each with its topic.
    #[kafka(versions = "0-1")]
    pub ungrouped_partition_states: Vec<LeaderAndIsrPartitionState>,
    /// The topics, each with its partitions.
    #[kafka(versions = "2+")]
    pub topic_states: Vec<LeaderAndIsrTopicState>,
    /// Where the leaders are reached.
    pub live_leaders: Vec<LeaderAndIsrLiveLeader>,
}

/// The partitions of one topic.
#[message]
pub struct LeaderAndIsrTopicState {
    /// The topic's name.
    #[kafka(versions = "2+")]
    pub topic_name: Str,
    /// The topic's id.
    #[kafka(versions = "5+", ignorable)]
    pub topic_id: Uuid,
    /// The partitions.
    #[kafka(versions = "2+")]
    pub partition_states: Vec<LeaderAndIsrPartitionState>,
}

/// Where a leader is reached.
#[message]
pub struct LeaderAndIsrLiveLeader {
    /// The broker's id.
    pub broker_id: i32,
    /// The host name to connect to.
    pub host_name: Str,
    /// The port to connect to.
    pub port: i32,
}

/// The leader and the replicas of a partition.
#[message]
pub struct LeaderAndIsrPartitionState {
    /// The topic's name.
    #[kafka(versions = "0-1", ignorable)]
    pub topic_name: Str,
    /// The partition's number.
    pub partition_index: i32,
    /// The epoch of the controller that decided it.
    pub controller_epoch: i32,
    /// The leader's broker id, -1 for none, -2 if the partition is being deleted.
    pub leader: i32,
    /// The epoch of that leader, -1 if unknown.
    pub leader_epoch: i32,
    /// The brokers whose copy is in sync.
    pub isr: Ids,
    /// Counted up with each change of the partition.
    pub partition_epoch: i32,
    /// The brokers that have a copy.
    pub replicas: Ids,
    /// Brokers that are to get a copy.
    #[kafka(versions = "3+", ignorable)]
    pub adding_replicas: Ids,
    /// Brokers that are to lose theirs.
    #[kafka(versions = "3+", ignorable)]
    pub removing_replicas: Ids,
    /// Whether the replica is new, rather than known to the broker.
    #[kafka(versions = "1+", ignorable)]
    pub is_new: bool,
    /// 1 if the leader recovers from an unclean election, else 0.
    #[kafka(versions = "6+")]
    pub leader_recovery_state: i8,
}

/// How it went.
#[message(key = 4, versions = "0-7", flexible = "4+")]
pub struct LeaderAndIsrResponse {
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The results of each partition.
    #[kafka(versions = "0-4")]
    pub partition_errors: Vec<LeaderAndIsrPartitionError>,
    /// The topics.
    #[kafka(versions = "5+")]
    pub topics: Vec<LeaderAndIsrTopicError>,
}

/// The results of one topic.
#[message]
pub struct LeaderAndIsrTopicError {
    /// The topic's id.
    #[kafka(versions = "5+")]
    pub topic_id: Uuid,
    /// The results of each partition.
    #[kafka(versions = "5+")]
    pub partition_errors: Vec<LeaderAndIsrPartitionError>,
}

/// The result of one partition.
#[message]
pub struct LeaderAndIsrPartitionError {
    /// The topic's name.
    #[kafka(versions = "0-4", ignorable)]
    pub topic_name: Str,
    /// The partition's number.
    pub partition_index: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
}
