//! ShareFetch (78): a member of a share group acquires records, and acknowledges others (KIP-932).

use alloc::vec::Vec;

use bytes::Bytes;
use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::{Ids, Uuid};

/// Acquires records within a share session.
#[message(key = 78, versions = "0-2", flexible = "0+", response = ShareFetchResponse)]
pub struct ShareFetchRequest {
    /// The group's id.
    #[kafka(nullable = "0+", default = null)]
    pub group_id: Option<Str>,
    /// The member's id.
    #[kafka(nullable = "0+")]
    pub member_id: Option<Str>,
    /// Which request of the share session this is: 0 opens it, -1 closes it.
    pub share_session_epoch: i32,
    /// Milliseconds to wait for `min_bytes` to be there.
    pub max_wait_ms: i32,
    /// Bytes to wait for.
    pub min_bytes: i32,
    /// Bytes that the response may hold.
    #[kafka(default = 0x7fffffff)]
    pub max_bytes: i32,
    /// Records to acquire; 0 only acknowledges. A batch may exceed it.
    #[kafka(versions = "1+")]
    pub max_records: i32,
    /// Records that the client would like in one acquired batch.
    #[kafka(versions = "1+")]
    pub batch_size: i32,
    /// 0 acquires whole batches, 1 stops at `max_records`.
    #[kafka(versions = "2+", ignorable)]
    pub share_acquire_mode: i8,
    /// Whether any acknowledgement is of type 4, which prolongs the time to process.
    #[kafka(versions = "2+")]
    pub is_renew_ack: bool,
    /// The topics.
    pub topics: Vec<FetchTopic>,
    /// Partitions to drop from the session.
    pub forgotten_topics_data: Vec<ForgottenTopic>,
}

/// A topic to read.
#[message]
pub struct FetchTopic {
    /// The topic's id.
    pub topic_id: Uuid,
    /// The partitions.
    pub partitions: Vec<FetchPartition>,
}

/// A partition to read.
#[message]
pub struct FetchPartition {
    /// The partition's number.
    pub partition_index: i32,
    /// Bytes to read from this partition, 0 if only to acknowledge.
    #[kafka(versions = "0")]
    pub partition_max_bytes: i32,
    /// What became of records delivered earlier.
    pub acknowledgement_batches: Vec<AcknowledgementBatch>,
}

/// What became of a range of records.
#[message]
pub struct AcknowledgementBatch {
    /// The first offset.
    pub first_offset: i64,
    /// The last offset, included.
    pub last_offset: i64,
    /// 0 gap, 1 accept, 2 release, 3 reject, 4 renew; one for each offset, or one for all.
    pub acknowledge_types: Vec<i8>,
}

/// Partitions of one topic to drop from the session.
#[message]
pub struct ForgottenTopic {
    /// The topic's id.
    pub topic_id: Uuid,
    /// The partitions.
    pub partitions: Ids,
}

/// The records acquired.
#[message(key = 78, versions = "0-2", flexible = "0+")]
pub struct ShareFetchResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// An error of the whole request.
    pub error_code: ErrorCode,
    /// The error in words, if the broker gives any.
    #[kafka(nullable = "0+", default = null)]
    pub error_message: Option<Str>,
    /// Milliseconds for which the client has the records to itself.
    #[kafka(versions = "1+")]
    pub acquisition_lock_timeout_ms: i32,
    /// The results of each topic.
    pub responses: Vec<ShareFetchableTopicResponse>,
    /// Where the leaders named in this answer are reached.
    pub node_endpoints: Vec<NodeEndpoint>,
}

/// Records of one topic.
#[message]
pub struct ShareFetchableTopicResponse {
    /// The topic's id.
    pub topic_id: Uuid,
    /// The partitions.
    pub partitions: Vec<PartitionData>,
}

/// Records of one partition.
#[message]
pub struct PartitionData {
    /// The partition's number.
    pub partition_index: i32,
    /// An error of reading, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words, if the broker gives any.
    #[kafka(nullable = "0+", default = null)]
    pub error_message: Option<Str>,
    /// An error of the acknowledgements, or [`ErrorCode::NONE`].
    pub acknowledge_error_code: ErrorCode,
    /// That error in words.
    #[kafka(nullable = "0+", default = null)]
    pub acknowledge_error_message: Option<Str>,
    /// Who leads the partition now, if it is not this broker.
    pub current_leader: LeaderIdAndEpoch,
    /// Record batches; only the ranges acquired are for this member.
    #[kafka(nullable = "0")]
    pub records: Option<Bytes>,
    /// The ranges acquired.
    pub acquired_records: Vec<AcquiredRecords>,
}

/// The leader of a partition.
#[message]
pub struct LeaderIdAndEpoch {
    /// The leader's broker id, -1 if unknown.
    pub leader_id: i32,
    /// The epoch of that leader, -1 if unknown.
    pub leader_epoch: i32,
}

/// A range of records that the member has to itself for a while.
#[message]
pub struct AcquiredRecords {
    /// The first offset.
    pub first_offset: i64,
    /// The last offset, included.
    pub last_offset: i64,
    /// How often they were delivered.
    pub delivery_count: i16,
}

/// Where a broker is reached.
#[message]
pub struct NodeEndpoint {
    /// The broker's id.
    pub node_id: i32,
    /// The host name to connect to.
    pub host: Str,
    /// The port to connect to.
    pub port: i32,
    /// The broker's rack, if it has one.
    #[kafka(nullable = "0+", default = null)]
    pub rack: Option<Str>,
}
