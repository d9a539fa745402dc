//! Vote (52): a candidate for the lead of the controllers' quorum asks for a vote.

pub use request::VoteRequest;
pub use response::VoteResponse;

/// The request.
pub mod request {
    use alloc::vec::Vec;

    use gridwire_derive::message;

    use crate::Str;
    use crate::kafka::wire::Uuid;

    use super::VoteResponse;

    /// Asks for a vote.
    #[message(
        key = 52, versions = "0-2", flexible = "0+",
        listeners = "controller", internal, response = VoteResponse
    )]
    pub struct VoteRequest {
        /// The cluster that the sender means, `None` to skip the check.
        #[kafka(nullable = "0+", default = null)]
        pub cluster_id: Option<Str>,
        /// The voter asked, -1 if unknown.
        #[kafka(versions = "1+", default = -1, ignorable)]
        pub voter_id: i32,
        /// The topics.
        pub topics: Vec<TopicData>,
    }

    /// Partitions of one topic.
    #[message]
    pub struct TopicData {
        /// The topic's name.
        pub topic_name: Str,
        /// The partitions.
        pub partitions: Vec<PartitionData>,
    }

    /// What the candidate has to show.
    #[message]
    pub struct PartitionData {
        /// The partition's number.
        pub partition_index: i32,
        /// The epoch that it would lead in.
        pub replica_epoch: i32,
        /// The candidate's id.
        pub replica_id: i32,
        /// The candidate's log directory.
        #[kafka(versions = "1+", ignorable)]
        pub replica_directory_id: Uuid,
        /// The voter's log directory.
        #[kafka(versions = "1+", ignorable)]
        pub voter_directory_id: Uuid,
        /// The leader epoch of the last record in its log.
        pub last_offset_epoch: i32,
        /// The offset after the last record in its log.
        pub last_offset: i64,
        /// Whether it only asks who would vote for it.
        #[kafka(versions = "2+")]
        pub pre_vote: bool,
    }
}

/// The response.
pub mod response {
    use alloc::vec::Vec;

    use gridwire_derive::message;

    use crate::Str;
    use crate::kafka::code::ErrorCode;

    /// Who gets the vote.
    #[message(key = 52, versions = "0-2", flexible = "0+")]
    pub struct VoteResponse {
        /// An error of the whole request.
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

    /// Who gets the vote in one partition.
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
        /// Whether the candidate gets it.
        pub vote_granted: bool,
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
