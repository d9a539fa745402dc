//! CreateTopics (19): makes topics.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::{Ids, Uuid};

/// Makes topics.
#[message(
    key = 19, versions = "0-7", flexible = "5+",
    listeners = "broker, controller", response = CreateTopicsResponse
)]
pub struct CreateTopicsRequest {
    /// The topics.
    pub topics: Vec<CreatableTopic>,
    /// Milliseconds that the broker may take.
    #[kafka(default = 60000)]
    pub timeout_ms: i32,
    /// Whether only to check the request.
    #[kafka(versions = "1+")]
    pub validate_only: bool,
}

/// A topic to make.
#[message]
pub struct CreatableTopic {
    /// The topic's name.
    pub name: Str,
    /// How many partitions it has, -1 for the default.
    pub num_partitions: i32,
    /// How many replicas each partition has, -1 for the default.
    pub replication_factor: i16,
    /// The brokers of each partition; empty leaves that to the broker.
    pub assignments: Vec<CreatableReplicaAssignment>,
    /// Its settings.
    pub configs: Vec<CreatableTopicConfig>,
}

/// The brokers of one partition.
#[message]
pub struct CreatableReplicaAssignment {
    /// The partition's number.
    pub partition_index: i32,
    /// The brokers that get a copy.
    pub broker_ids: Ids,
}

/// A setting.
#[message]
pub struct CreatableTopicConfig {
    /// The setting's name.
    pub name: Str,
    /// The value.
    #[kafka(nullable = "0+")]
    pub value: Option<Str>,
}

/// Which topics were made.
#[message(key = 19, versions = "0-7", flexible = "5+", throttles = "3+")]
pub struct CreateTopicsResponse {
    /// Milliseconds that the client should wait before it sends again.
    #[kafka(versions = "2+", ignorable)]
    pub throttle_time_ms: i32,
    /// The topics.
    pub topics: Vec<CreatableTopicResult>,
}

/// How it went for one topic.
#[message]
pub struct CreatableTopicResult {
    /// The topic's name.
    pub name: Str,
    /// The topic's id.
    #[kafka(versions = "7+", ignorable)]
    pub topic_id: Uuid,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words.
    #[kafka(versions = "1+", nullable = "0+", ignorable)]
    pub error_message: Option<Str>,
    /// Why the settings are not shown.
    #[kafka(tag = 0, tagged = "5+", ignorable)]
    pub topic_config_error_code: ErrorCode,
    /// How many partitions it has, -1 if unknown.
    #[kafka(versions = "5+", default = -1, ignorable)]
    pub num_partitions: i32,
    /// How many replicas each partition has, -1 if unknown.
    #[kafka(versions = "5+", default = -1, ignorable)]
    pub replication_factor: i16,
    /// Its settings.
    #[kafka(versions = "5+", nullable = "5+", ignorable)]
    pub configs: Option<Vec<CreatableTopicConfigs>>,
}

/// A setting that is in force.
#[message]
pub struct CreatableTopicConfigs {
    /// The setting's name.
    #[kafka(versions = "5+")]
    pub name: Str,
    /// The value.
    #[kafka(versions = "5+", nullable = "5+")]
    pub value: Option<Str>,
    /// Whether it cannot be changed.
    #[kafka(versions = "5+")]
    pub read_only: bool,
    /// Where the value comes from: 1 topic, 2 broker, 3 all brokers, 4 static, 5 default, 6 broker
    /// logger, 7 client metrics, 8 group.
    #[kafka(versions = "5+", default = -1, ignorable)]
    pub config_source: i8,
    /// Whether the value is kept secret, and `None` here.
    #[kafka(versions = "5+")]
    pub is_sensitive: bool,
}
