//! UpdateMetadata (6): a ZooKeeper controller tells brokers what the cluster looks like. Gone with
//! 4.0.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::{Ids, Uuid};

/// What the cluster looks like.
#[message(
    key = 6, versions = "0-8", flexible = "6+",
    listeners = "zkBroker", internal, response = UpdateMetadataResponse
)]
pub struct UpdateMetadataRequest {
    /// The controller's id.
    pub controller_id: i32,
    /// Whether the controller is of KRaft, during a migration from ZooKeeper.
    #[kafka(versions = "8+")]
    pub is_k_raft_controller: bool,
    /// 0 unknown, 1 some partitions, 2 all of them.
    #[kafka(tag = 0, tagged = "8+")]
    pub r#type: i8,
    /// The controller's epoch; an outdated one is refused.
    pub controller_epoch: i32,
    /// The epoch of the broker addressed, -1 if unknown.
    #[kafka(versions = "5+", default = -1, ignorable)]
    pub broker_epoch: i64,
    /// The partitions, each with its topic.
    #[kafka(versions = "0-4")]
    pub ungrouped_partition_states: Vec<UpdateMetadataPartitionState>,
    /// The topics, each with its partitions.
    #[kafka(versions = "5+")]
    pub topic_states: Vec<UpdateMetadataTopicState>,
    /// The brokers that are up.
    pub live_brokers: Vec<UpdateMetadataBroker>,
}

/// The partitions of one topic.
#[message]
pub struct UpdateMetadataTopicState {
    /// The topic's name.
    #[kafka(versions = "5+")]
    pub topic_name: Str,
    /// The topic's id.
    #[kafka(versions = "7+", ignorable)]
    pub topic_id: Uuid,
    /// The partitions.
    #[kafka(versions = "5+")]
    pub partition_states: Vec<UpdateMetadataPartitionState>,
}

/// A broker.
#[message]
pub struct UpdateMetadataBroker {
    /// The broker's id.
    pub id: i32,
    /// The host name to connect to.
    #[kafka(versions = "0", ignorable)]
    pub v0_host: Str,
    /// The port to connect to.
    #[kafka(versions = "0", ignorable)]
    pub v0_port: i32,
    /// Where it is reached.
    #[kafka(versions = "1+", ignorable)]
    pub endpoints: Vec<UpdateMetadataEndpoint>,
    /// The broker's rack, if it has one.
    #[kafka(versions = "2+", nullable = "0+", ignorable)]
    pub rack: Option<Str>,
}

/// Where a broker is reached.
#[message]
pub struct UpdateMetadataEndpoint {
    /// The port to connect to.
    #[kafka(versions = "1+")]
    pub port: i32,
    /// The host name to connect to.
    #[kafka(versions = "1+")]
    pub host: Str,
    /// The listener's name.
    #[kafka(versions = "3+", ignorable)]
    pub listener: Str,
    /// 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL.
    #[kafka(versions = "1+")]
    pub security_protocol: i16,
}

/// The leader and the replicas of a partition.
#[message]
pub struct UpdateMetadataPartitionState {
    /// The topic's name.
    #[kafka(versions = "0-4", ignorable)]
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
    pub zk_version: i32,
    /// The brokers that have a copy.
    pub replicas: Ids,
    /// The brokers whose copy is offline.
    #[kafka(versions = "4+", ignorable)]
    pub offline_replicas: Ids,
}

/// Whether the broker took it.
#[message(key = 6, versions = "0-8", flexible = "6+")]
pub struct UpdateMetadataResponse {
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
}
