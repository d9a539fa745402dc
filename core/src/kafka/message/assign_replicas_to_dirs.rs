//! AssignReplicasToDirs (73): a broker tells the controller which log directory a replica is in
//! (KIP-858).

pub use request::AssignReplicasToDirsRequest;
pub use response::AssignReplicasToDirsResponse;

/// The request.
pub mod request {
    use alloc::vec::Vec;

    use gridwire_derive::message;

    use crate::kafka::wire::Uuid;

    use super::AssignReplicasToDirsResponse;

    /// Says where replicas are.
    #[message(
        key = 73, versions = "0", flexible = "0+",
        listeners = "controller", internal, response = AssignReplicasToDirsResponse
    )]
    pub struct AssignReplicasToDirsRequest {
        /// The broker's id.
        pub broker_id: i32,
        /// The epoch that the broker was registered with, -1 if unknown.
        #[kafka(default = -1)]
        pub broker_epoch: i64,
        /// The log directories.
        pub directories: Vec<DirectoryData>,
    }

    /// A log directory and its replicas.
    #[message]
    pub struct DirectoryData {
        /// The directory's id.
        pub id: Uuid,
        /// The topics.
        pub topics: Vec<TopicData>,
    }

    /// Partitions of one topic.
    #[message]
    pub struct TopicData {
        /// The topic's id.
        pub topic_id: Uuid,
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

    use crate::kafka::code::ErrorCode;
    use crate::kafka::wire::Uuid;

    /// Which of it the controller took.
    #[message(key = 73, versions = "0", flexible = "0+")]
    pub struct AssignReplicasToDirsResponse {
        /// Milliseconds that the client should wait before it sends again.
        pub throttle_time_ms: i32,
        /// The error, or [`ErrorCode::NONE`].
        pub error_code: ErrorCode,
        /// The log directories.
        pub directories: Vec<DirectoryData>,
    }

    /// A log directory and its replicas.
    #[message]
    pub struct DirectoryData {
        /// The directory's id.
        pub id: Uuid,
        /// The topics.
        pub topics: Vec<TopicData>,
    }

    /// Partitions of one topic.
    #[message]
    pub struct TopicData {
        /// The topic's id.
        pub topic_id: Uuid,
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
    }
}
