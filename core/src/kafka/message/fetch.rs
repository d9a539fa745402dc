//! Fetch (1): reads record batches from partitions, within a session or without.

use alloc::vec::Vec;

use bytes::Bytes;
use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::{Ids, Uuid};

/// Reads from partitions. From version 13 on topics are named by id.
#[message(
    key = 1, versions = "0-18", flexible = "12+",
    listeners = "broker, controller", response = FetchResponse
)]
pub struct FetchRequest {
    /// The cluster that a follower believes to be in.
    #[kafka(tag = 0, tagged = "12+", nullable = "12+", default = null, ignorable)]
    pub cluster_id: Option<Str>,
    /// The follower's broker id, -1 for a consumer.
    #[kafka(versions = "0-14", default = -1)]
    pub replica_id: i32,
    /// The follower that asks; left out by consumers.
    #[kafka(tag = 1, tagged = "15+")]
    pub replica_state: ReplicaState,
    /// Milliseconds to wait for `min_bytes` to be there.
    pub max_wait_ms: i32,
    /// Bytes to wait for.
    pub min_bytes: i32,
    /// Bytes that the response may hold; the first batch is sent even if it is larger.
    #[kafka(versions = "3+", default = 0x7fffffff, ignorable)]
    pub max_bytes: i32,
    /// 0 reads everything, 1 only what is committed.
    #[kafka(versions = "4+", ignorable)]
    pub isolation_level: i8,
    /// The session's id, 0 to open one.
    #[kafka(versions = "7+", ignorable)]
    pub session_id: i32,
    /// Which request of the session this is: 0 opens it, -1 closes it or asks for none.
    #[kafka(versions = "7+", default = -1, ignorable)]
    pub session_epoch: i32,
    /// The topics.
    pub topics: Vec<FetchTopic>,
    /// Partitions to drop from the session.
    #[kafka(versions = "7+")]
    pub forgotten_topics_data: Vec<ForgottenTopic>,
    /// The consumer's rack, to be sent to a replica nearby.
    #[kafka(versions = "11+", ignorable)]
    pub rack_id: Str,
}

/// The follower that asks; left out by consumers.
#[message]
pub struct ReplicaState {
    /// The follower's broker id, -1 for a consumer.
    #[kafka(versions = "15+", default = -1)]
    pub replica_id: i32,
    /// The follower's epoch, -1 if it has none.
    #[kafka(versions = "15+", default = -1)]
    pub replica_epoch: i64,
}

/// A topic to read.
#[message]
pub struct FetchTopic {
    /// The topic's name.
    #[kafka(versions = "0-12", ignorable)]
    pub topic: Str,
    /// The topic's id.
    #[kafka(versions = "13+", ignorable)]
    pub topic_id: Uuid,
    /// The partitions.
    pub partitions: Vec<FetchPartition>,
}

/// A partition to read.
#[message]
pub struct FetchPartition {
    /// The partition's number.
    pub partition: i32,
    /// The leader epoch that the client knows; an outdated one is refused.
    #[kafka(versions = "9+", default = -1, ignorable)]
    pub current_leader_epoch: i32,
    /// The offset to read from.
    pub fetch_offset: i64,
    /// The leader epoch of the last record read, -1 if there is none.
    #[kafka(versions = "12+", default = -1)]
    pub last_fetched_epoch: i32,
    /// The follower's first offset, -1 for a consumer.
    #[kafka(versions = "5+", default = -1, ignorable)]
    pub log_start_offset: i64,
    /// Bytes to read from this partition.
    pub partition_max_bytes: i32,
    /// The follower's log directory.
    #[kafka(tag = 0, tagged = "17+", ignorable)]
    pub replica_directory_id: Uuid,
    /// The high watermark that the follower knows; `i64::MAX` if it does not take part in this.
    #[kafka(tag = 1, tagged = "18+", default = 9223372036854775807, ignorable)]
    pub high_watermark: i64,
}

/// Partitions of one topic to drop from the session.
#[message]
pub struct ForgottenTopic {
    /// The topic's name.
    #[kafka(versions = "7-12", ignorable)]
    pub topic: Str,
    /// The topic's id.
    #[kafka(versions = "13+", ignorable)]
    pub topic_id: Uuid,
    /// The partitions.
    #[kafka(versions = "7+")]
    pub partitions: Ids,
}

/// What was read. Within a session, only partitions that have something to say.
#[message(key = 1, versions = "0-18", flexible = "12+", throttles = "8+")]
pub struct FetchResponse {
    /// Milliseconds that the client should wait before it sends again.
    #[kafka(versions = "1+", ignorable)]
    pub throttle_time_ms: i32,
    /// An error of the whole request: mostly of its session.
    #[kafka(versions = "7+", ignorable)]
    pub error_code: ErrorCode,
    /// The session's id, 0 if there is none.
    #[kafka(versions = "7+")]
    pub session_id: i32,
    /// The topics read.
    pub responses: Vec<FetchableTopicResponse>,
    /// Where the leaders named in this answer are reached.
    #[kafka(tag = 0, tagged = "16+")]
    pub node_endpoints: Vec<NodeEndpoint>,
}

/// What was read from one topic.
#[message]
pub struct FetchableTopicResponse {
    /// The topic's name.
    #[kafka(versions = "0-12", ignorable)]
    pub topic: Str,
    /// The topic's id.
    #[kafka(versions = "13+", ignorable)]
    pub topic_id: Uuid,
    /// The partitions.
    pub partitions: Vec<PartitionData>,
}

/// What was read from one partition.
#[message]
pub struct PartitionData {
    /// The partition's number.
    pub partition_index: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The offset after the last record that all replicas in sync have.
    pub high_watermark: i64,
    /// The offset before which all transactions have ended, -1 if unknown.
    #[kafka(versions = "4+", default = -1, ignorable)]
    pub last_stable_offset: i64,
    /// The partition's first offset, -1 if unknown.
    #[kafka(versions = "5+", default = -1, ignorable)]
    pub log_start_offset: i64,
    /// Where the follower's log leaves the leader's, if it does.
    #[kafka(tag = 0, tagged = "12+")]
    pub diverging_epoch: EpochEndOffset,
    /// Who leads the partition now, if it is not this broker.
    #[kafka(tag = 1, tagged = "12+")]
    pub current_leader: LeaderIdAndEpoch,
    /// The snapshot to fetch instead, if the offset is no longer in the log.
    #[kafka(tag = 2, tagged = "12+")]
    pub snapshot_id: SnapshotId,
    /// The aborted transactions among these records; `None` if uncommitted records were asked for.
    #[kafka(versions = "4+", nullable = "4+", ignorable)]
    pub aborted_transactions: Option<Vec<AbortedTransaction>>,
    /// The replica to read from next time, -1 for this one.
    #[kafka(versions = "11+", default = -1)]
    pub preferred_read_replica: i32,
    /// Record batches; the last may be cut short.
    #[kafka(nullable = "0+")]
    pub records: Option<Bytes>,
}

/// A leader epoch and where it ended.
#[message]
pub struct EpochEndOffset {
    /// The leader epoch, -1 if unknown.
    #[kafka(versions = "12+", default = -1)]
    pub epoch: i32,
    /// The offset after its last record, -1 if unknown.
    #[kafka(versions = "12+", default = -1)]
    pub end_offset: i64,
}

/// The leader of a partition.
#[message]
pub struct LeaderIdAndEpoch {
    /// The leader's broker id, -1 if unknown.
    #[kafka(versions = "12+", default = -1)]
    pub leader_id: i32,
    /// The epoch of that leader, -1 if unknown.
    #[kafka(versions = "12+", default = -1)]
    pub leader_epoch: i32,
}

/// The snapshot to fetch instead, if the offset is no longer in the log.
#[message]
pub struct SnapshotId {
    /// The offset after the last record in it.
    #[kafka(default = -1)]
    pub end_offset: i64,
    /// The leader epoch of that record.
    #[kafka(default = -1)]
    pub epoch: i32,
}

/// A transaction that was aborted.
#[message]
pub struct AbortedTransaction {
    /// The producer's id.
    #[kafka(versions = "4+")]
    pub producer_id: i64,
    /// The offset of its first record.
    #[kafka(versions = "4+")]
    pub first_offset: i64,
}

/// Where a broker is reached.
#[message]
pub struct NodeEndpoint {
    /// The broker's id.
    #[kafka(versions = "16+")]
    pub node_id: i32,
    /// The host name to connect to.
    #[kafka(versions = "16+")]
    pub host: Str,
    /// The port to connect to.
    #[kafka(versions = "16+")]
    pub port: i32,
    /// The broker's rack.
    #[kafka(versions = "16+", nullable = "16+", default = null)]
    pub rack: Option<Str>,
}
