//! EndQuorumEpoch (54): a leader of the controllers' quorum steps down.

pub use request::EndQuorumEpochRequest;
pub use response::EndQuorumEpochResponse;

/// The request.
pub mod request {
    use alloc::vec::Vec;

    use gridwire_derive::message;

    use crate::Str;
    use crate::kafka::wire::{Ids, Uuid};

    use super::EndQuorumEpochResponse;

    /// Announces that a leader steps down.
    #[message(
        key = 54, versions = "0-1", flexible = "1+",
        listeners = "controller", internal, response = EndQuorumEpochResponse
    )]
    pub struct EndQuorumEpochRequest {
        /// The cluster that the sender means.
        #[kafka(nullable = "0+", default = null)]
        pub cluster_id: Option<Str>,
        /// The topics.
        pub topics: Vec<TopicData>,
        /// Where the leader is reached.
        #[kafka(versions = "1+", ignorable)]
        pub leader_endpoints: Vec<LeaderEndpoint>,
    }

    /// Partitions of one topic.
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
        /// The leader's broker id, -1 if unknown.
        pub leader_id: i32,
        /// The epoch of that leader, -1 if unknown.
        pub leader_epoch: i32,
        /// The voters, the best candidate first.
        #[kafka(versions = "0", ignorable)]
        pub preferred_successors: Ids,
        /// The voters, the best candidate first.
        #[kafka(versions = "1+", ignorable)]
        pub preferred_candidates: Vec<ReplicaInfo>,
    }

    /// A voter.
    #[message]
    pub struct ReplicaInfo {
        /// The voter's node id.
        #[kafka(versions = "1+")]
        pub candidate_id: i32,
        /// The voter's log directory.
        #[kafka(versions = "1+")]
        pub candidate_directory_id: Uuid,
    }

    /// A listener of the leader.
    #[message]
    pub struct LeaderEndpoint {
        /// The listener's name.
        #[kafka(versions = "1+")]
        pub name: Str,
        /// The host name to connect to.
        #[kafka(versions = "1+")]
        pub host: Str,
        /// The port to connect to.
        #[kafka(versions = "1+")]
        pub port: u16,
    }
}

/// The response.
pub mod response {
    use alloc::vec::Vec;

    use gridwire_derive::message;

    use crate::Str;
    use crate::kafka::code::ErrorCode;

    /// Whom the voter takes for the leader.
    #[message(key = 54, versions = "0-1", flexible = "1+")]
    pub struct EndQuorumEpochResponse {
        /// The error, or [`ErrorCode::NONE`].
        pub error_code: ErrorCode,
        /// The topics.
        pub topics: Vec<TopicData>,
        /// Where the leaders named in this answer are reached.
        #[kafka(tag = 0, tagged = "1+")]
        pub node_endpoints: Vec<NodeEndpoint>,
    }

    /// Partitions of one topic.
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
        /// The leader's broker id, -1 if unknown.
        pub leader_id: i32,
        /// The epoch of that leader, -1 if unknown.
        pub leader_epoch: i32,
    }

    /// Where a broker is reached.
    #[message]
    pub struct NodeEndpoint {
        /// The broker's id.
        #[kafka(versions = "1+")]
        pub node_id: i32,
        /// The host name to connect to.
        #[kafka(versions = "1+")]
        pub host: Str,
        /// The port to connect to.
        #[kafka(versions = "1+")]
        pub port: u16,
    }
}
