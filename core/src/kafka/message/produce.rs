//! Produce (0): appends record batches to partitions.

use alloc::vec::Vec;

use bytes::Bytes;
use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Uuid;

/// Appends records. With `acks` 0 there is no response.
#[message(key = 0, versions = "0-13", flexible = "9+", response = ProduceResponse)]
pub struct ProduceRequest {
    /// The transactional id, if the records are part of a transaction.
    #[kafka(versions = "3+", nullable = "3+", default = null)]
    pub transactional_id: Option<Str>,
    /// 0 for no answer, 1 for the leader's, -1 for all replicas in sync.
    pub acks: i16,
    /// Milliseconds that the broker waits for the replicas.
    pub timeout_ms: i32,
    /// The topics to append to.
    pub topic_data: Vec<TopicProduceData>,
}

/// Records for one topic.
#[message]
pub struct TopicProduceData {
    /// The topic's name.
    #[kafka(versions = "0-12", ignorable)]
    pub name: Str,
    /// The topic's id.
    #[kafka(versions = "13+", ignorable)]
    pub topic_id: Uuid,
    /// Its partitions.
    pub partition_data: Vec<PartitionProduceData>,
}

/// Records for one partition.
#[message]
pub struct PartitionProduceData {
    /// The partition's number.
    pub index: i32,
    /// The record batches: exactly one from version 3 on.
    #[kafka(nullable = "0+")]
    pub records: Option<Bytes>,
}

/// How each append went.
#[message(key = 0, versions = "0-13", flexible = "9+", throttles = "6+")]
pub struct ProduceResponse {
    /// The topics appended to.
    pub responses: Vec<TopicProduceResponse>,
    /// Milliseconds that the client should wait before it sends again.
    #[kafka(versions = "1+", ignorable)]
    pub throttle_time_ms: i32,
    /// Where the leaders named in this answer are reached.
    #[kafka(tag = 0, tagged = "10+")]
    pub node_endpoints: Vec<NodeEndpoint>,
}

/// How the appends to one topic went.
#[message]
pub struct TopicProduceResponse {
    /// The topic's name.
    #[kafka(versions = "0-12", ignorable)]
    pub name: Str,
    /// The topic's id.
    #[kafka(versions = "13+", ignorable)]
    pub topic_id: Uuid,
    /// Its partitions.
    pub partition_responses: Vec<PartitionProduceResponse>,
}

/// How the append to one partition went.
#[message]
pub struct PartitionProduceResponse {
    /// The partition's number.
    pub index: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The offset of the first record, -1 on errors.
    pub base_offset: i64,
    /// The time of appending, in milliseconds since 1970, if the topic stamps records with it; else
    /// -1.
    #[kafka(versions = "2+", default = -1, ignorable)]
    pub log_append_time_ms: i64,
    /// The partition's first offset, -1 if unknown.
    #[kafka(versions = "5+", default = -1, ignorable)]
    pub log_start_offset: i64,
    /// The records that made the broker refuse the batch.
    #[kafka(versions = "8+", ignorable)]
    pub record_errors: Vec<BatchIndexAndErrorMessage>,
    /// The error in words.
    #[kafka(versions = "8+", nullable = "8+", default = null, ignorable)]
    pub error_message: Option<Str>,
    /// Who leads the partition now, if it is not this broker.
    #[kafka(tag = 0, tagged = "10+")]
    pub current_leader: LeaderIdAndEpoch,
}

/// A record that was refused.
#[message]
pub struct BatchIndexAndErrorMessage {
    /// The record's place in the batch.
    #[kafka(versions = "8+")]
    pub batch_index: i32,
    /// Why it was refused.
    #[kafka(versions = "8+", nullable = "8+", default = null)]
    pub batch_index_error_message: Option<Str>,
}

/// The leader of a partition.
#[message]
pub struct LeaderIdAndEpoch {
    /// The leader's broker id, -1 if unknown.
    #[kafka(versions = "10+", default = -1)]
    pub leader_id: i32,
    /// The epoch of that leader, -1 if unknown.
    #[kafka(versions = "10+", default = -1)]
    pub leader_epoch: i32,
}

/// Where a broker is reached.
#[message]
pub struct NodeEndpoint {
    /// The broker's id.
    #[kafka(versions = "10+")]
    pub node_id: i32,
    /// The host name to connect to.
    #[kafka(versions = "10+")]
    pub host: Str,
    /// The port to connect to.
    #[kafka(versions = "10+")]
    pub port: i32,
    /// The broker's rack.
    #[kafka(versions = "10+", nullable = "10+", default = null)]
    pub rack: Option<Str>,
}
