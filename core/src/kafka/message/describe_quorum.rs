//! DescribeQuorum (55): the state of the controllers' Raft quorum.

pub use request::DescribeQuorumRequest;
pub use response::DescribeQuorumResponse;

/// The request.
pub mod request {
    use alloc::vec::Vec;

    use gridwire_derive::message;

    use crate::Str;

    use super::DescribeQuorumResponse;

    /// Asks for the state of a quorum.
    #[message(
        key = 55, versions = "0-2", flexible = "0+",
        listeners = "broker, controller", response = DescribeQuorumResponse
    )]
    pub struct DescribeQuorumRequest {
        /// The topics.
        pub topics: Vec<TopicData>,
    }

    /// The partitions of one topic.
    #[message]
    pub struct TopicData {
        /// The topic's name.
        pub topic_name: Str,
        /// The partitions.
        pub partitions: Vec<PartitionData>,
    }

    /// A partition.
    #[message]
    pub struct PartitionData {
        /// The partition's number.
        pub partition_index: i32,
    }
}

/// The response.
pub mod response {
    use alloc::vec::Vec;

    use gridwire_derive::message;

    use crate::Str;
    use crate::kafka::code::ErrorCode;
    use crate::kafka::wire::Uuid;

    /// The state of a quorum.
    #[message(key = 55, versions = "0-2", flexible = "0+")]
    pub struct DescribeQuorumResponse {
        /// The error, or [`ErrorCode::NONE`].
        pub error_code: ErrorCode,
        /// The error in words.
        #[kafka(versions = "2+", nullable = "2+", ignorable)]
        pub error_message: Option<Str>,
        /// The topics.
        pub topics: Vec<TopicData>,
        /// Where the replicas are reached.
        #[kafka(versions = "2+")]
        pub nodes: Vec<Node>,
    }

    /// The partitions of one topic.
    #[message]
    pub struct TopicData {
        /// The topic's name.
        pub topic_name: Str,
        /// The partitions.
        pub partitions: Vec<PartitionData>,
    }

    /// A partition.
    #[message]
    pub struct PartitionData {
        /// The partition's number.
        pub partition_index: i32,
        /// The error, or [`ErrorCode::NONE`].
        pub error_code: ErrorCode,
        /// The error in words.
        #[kafka(versions = "2+", nullable = "2+", ignorable)]
        pub error_message: Option<Str>,
        /// The leader's broker id, -1 if unknown.
        pub leader_id: i32,
        /// The epoch of that leader, -1 if unknown.
        pub leader_epoch: i32,
        /// The offset after the last record that all replicas in sync have.
        pub high_watermark: i64,
        /// The replicas that vote.
        pub current_voters: Vec<ReplicaState>,
        /// The replicas that only follow.
        pub observers: Vec<ReplicaState>,
    }

    /// Where a replica is reached.
    #[message]
    pub struct Node {
        /// The broker's id.
        #[kafka(versions = "2+")]
        pub node_id: i32,
        /// Its listeners.
        #[kafka(versions = "2+")]
        pub listeners: Vec<Listener>,
    }

    /// A listener.
    #[message]
    pub struct Listener {
        /// The listener's name.
        #[kafka(versions = "2+")]
        pub name: Str,
        /// The host name to connect to.
        #[kafka(versions = "2+")]
        pub host: Str,
        /// The port to connect to.
        #[kafka(versions = "2+")]
        pub port: u16,
    }

    /// How far a replica has come.
    #[message]
    pub struct ReplicaState {
        /// The replica's id.
        pub replica_id: i32,
        /// The replica's log directory.
        #[kafka(versions = "2+")]
        pub replica_directory_id: Uuid,
        /// The offset after its last record, -1 if unknown.
        pub log_end_offset: i64,
        /// When it fetched last, in milliseconds since 1970, -1 if unknown.
        #[kafka(versions = "1+", default = -1, ignorable)]
        pub last_fetch_timestamp: i64,
        /// When it was in step with the leader last, in milliseconds since 1970, -1 if unknown.
        #[kafka(versions = "1+", default = -1, ignorable)]
        pub last_caught_up_timestamp: i64,
    }
}
