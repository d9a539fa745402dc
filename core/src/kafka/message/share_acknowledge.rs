//! ShareAcknowledge (79): a member of a share group says what became of records (KIP-932).

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Uuid;

/// Acknowledges records.
#[message(key = 79, versions = "0-2", flexible = "0+", response = ShareAcknowledgeResponse)]
pub struct ShareAcknowledgeRequest {
    /// The group's id.
    #[kafka(nullable = "0+", default = null)]
    pub group_id: Option<Str>,
    /// The member's id.
    #[kafka(nullable = "0+")]
    pub member_id: Option<Str>,
    /// Which request of the share session this is: 0 opens it, -1 closes it.
    pub share_session_epoch: i32,
    /// Whether any acknowledgement is of type 4, which prolongs the time to process.
    #[kafka(versions = "2+")]
    pub is_renew_ack: bool,
    /// The topics.
    pub topics: Vec<AcknowledgeTopic>,
}

/// Records of one topic.
#[message]
pub struct AcknowledgeTopic {
    /// The topic's id.
    pub topic_id: Uuid,
    /// The partitions.
    pub partitions: Vec<AcknowledgePartition>,
}

/// Records of one partition.
#[message]
pub struct AcknowledgePartition {
    /// The partition's number.
    pub partition_index: i32,
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

/// How the acknowledgements went.
#[message(key = 79, versions = "0-2", flexible = "0+")]
pub struct ShareAcknowledgeResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// An error of the whole request.
    pub error_code: ErrorCode,
    /// The error in words, if the broker gives any.
    #[kafka(nullable = "0+", default = null)]
    pub error_message: Option<Str>,
    /// Milliseconds for which the client has the records to itself.
    #[kafka(versions = "2+", ignorable)]
    pub acquisition_lock_timeout_ms: i32,
    /// The results of each topic.
    pub responses: Vec<ShareAcknowledgeTopicResponse>,
    /// Where the leaders named in this answer are reached.
    pub node_endpoints: Vec<NodeEndpoint>,
}

/// The results of one topic.
#[message]
pub struct ShareAcknowledgeTopicResponse {
    /// The topic's id.
    pub topic_id: Uuid,
    /// The partitions.
    pub partitions: Vec<PartitionData>,
}

/// The result of one partition.
#[message]
pub struct PartitionData {
    /// The partition's number.
    pub partition_index: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words, if the broker gives any.
    #[kafka(nullable = "0+", default = null)]
    pub error_message: Option<Str>,
    /// Who leads the partition now, if it is not this broker.
    pub current_leader: LeaderIdAndEpoch,
}

/// The leader of a partition.
#[message]
pub struct LeaderIdAndEpoch {
    /// The leader's broker id, -1 if unknown.
    pub leader_id: i32,
    /// The epoch of that leader, -1 if unknown.
    pub leader_epoch: i32,
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
