//! Metadata (3): the brokers, the topics and who leads their partitions.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::{Ids, Uuid};

/// Asks a broker where topics and their partition leaders are.
#[message(key = 3, versions = "0-13", flexible = "9+", response = MetadataResponse)]
pub struct MetadataRequest {
    /// The topics to describe. All of them if empty in version 0, if `None` in later ones.
    #[kafka(nullable = "1+")]
    pub topics: Option<Vec<MetadataRequestTopic>>,
    /// Whether a topic that is missing may be created.
    #[kafka(versions = "4+", default = true)]
    pub allow_auto_topic_creation: bool,
    /// Whether to say what the client may do with the cluster.
    #[kafka(versions = "8-10")]
    pub include_cluster_authorized_operations: bool,
    /// Whether to say what the client may do with each topic.
    #[kafka(versions = "8+")]
    pub include_topic_authorized_operations: bool,
}

/// A topic to describe.
#[message]
pub struct MetadataRequestTopic {
    /// The topic's id; asked by id only from version 12 on.
    #[kafka(versions = "10+", ignorable)]
    pub topic_id: Uuid,
    /// The topic's name; `None` if asked by id.
    #[kafka(nullable = "10+")]
    pub name: Option<Str>,
}

/// The cluster as one broker knows it.
#[message(key = 3, versions = "0-13", flexible = "9+", throttles = "6+")]
pub struct MetadataResponse {
    /// Milliseconds that the client should wait before it sends again.
    #[kafka(versions = "3+", ignorable)]
    pub throttle_time_ms: i32,
    /// The brokers that are up.
    pub brokers: Vec<MetadataResponseBroker>,
    /// The cluster's id.
    #[kafka(versions = "2+", nullable = "2+", default = null, ignorable)]
    pub cluster_id: Option<Str>,
    /// The controller's broker id, -1 if unknown.
    #[kafka(versions = "1+", default = -1, ignorable)]
    pub controller_id: i32,
    /// The topics, in no promised order.
    pub topics: Vec<MetadataResponseTopic>,
    /// A bit for each operation allowed, `i32::MIN` if not asked.
    #[kafka(versions = "8-10", default = -2147483648)]
    pub cluster_authorized_operations: i32,
    /// The error, or [`ErrorCode::NONE`].
    #[kafka(versions = "13+", ignorable)]
    pub error_code: ErrorCode,
}

/// A broker of the cluster.
#[message]
pub struct MetadataResponseBroker {
    /// The broker's id.
    pub node_id: i32,
    /// The host name to connect to.
    pub host: Str,
    /// The port to connect to.
    pub port: i32,
    /// The broker's rack.
    #[kafka(versions = "1+", nullable = "1+", default = null, ignorable)]
    pub rack: Option<Str>,
}

/// A topic.
#[message]
pub struct MetadataResponseTopic {
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The topic's name; `None` if it was asked by an id that does not exist.
    #[kafka(nullable = "12+")]
    pub name: Option<Str>,
    /// The topic's id; zero if it was asked by a name that does not exist.
    #[kafka(versions = "10+", ignorable)]
    pub topic_id: Uuid,
    /// Whether it is one of Kafka's own topics.
    #[kafka(versions = "1+", ignorable)]
    pub is_internal: bool,
    /// The partitions.
    pub partitions: Vec<MetadataResponsePartition>,
    /// A bit for each operation allowed, `i32::MIN` if not asked.
    #[kafka(versions = "8+", default = -2147483648)]
    pub topic_authorized_operations: i32,
}

/// A partition and its replicas.
#[message(hot)]
pub struct MetadataResponsePartition {
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The partition's number.
    pub partition_index: i32,
    /// The leader's broker id, -1 if unknown.
    pub leader_id: i32,
    /// The epoch of that leader, -1 if unknown.
    #[kafka(versions = "7+", default = -1, ignorable)]
    pub leader_epoch: i32,
    /// The brokers that have a copy.
    pub replica_nodes: Ids,
    /// The brokers whose copy is in sync.
    pub isr_nodes: Ids,
    /// The brokers whose copy is offline.
    #[kafka(versions = "5+", ignorable)]
    pub offline_replicas: Ids,
}
