//! FetchSnapshot (59): reads a piece of a snapshot of the metadata log.

pub use request::FetchSnapshotRequest;
pub use response::FetchSnapshotResponse;

/// The request.
pub mod request {
    use alloc::vec::Vec;

    use gridwire_derive::message;

    use crate::Str;
    use crate::kafka::wire::Uuid;

    use super::FetchSnapshotResponse;

    /// Asks for bytes of snapshots.
    #[message(
        key = 59, versions = "0-1", flexible = "0+",
        listeners = "controller", internal, response = FetchSnapshotResponse
    )]
    pub struct FetchSnapshotRequest {
        /// The cluster that the sender means, `None` to skip the check.
        #[kafka(tag = 0, tagged = "0+", nullable = "0+", default = null)]
        pub cluster_id: Option<Str>,
        /// The follower's id.
        #[kafka(default = -1)]
        pub replica_id: i32,
        /// Bytes that the response may hold.
        #[kafka(default = 0x7fffffff)]
        pub max_bytes: i32,
        /// The topics.
        pub topics: Vec<TopicSnapshot>,
    }

    /// Snapshots of one topic.
    #[message]
    pub struct TopicSnapshot {
        /// The topic's name.
        pub name: Str,
        /// The partitions.
        pub partitions: Vec<PartitionSnapshot>,
    }

    /// A snapshot of one partition.
    #[message]
    pub struct PartitionSnapshot {
        /// The partition's number.
        pub partition: i32,
        /// The leader epoch that the follower knows, -1 if unknown.
        pub current_leader_epoch: i32,
        /// The snapshot.
        pub snapshot_id: SnapshotId,
        /// The byte to read from.
        pub position: i64,
        /// The replica's log directory.
        #[kafka(tag = 0, tagged = "1+", ignorable)]
        pub replica_directory_id: Uuid,
    }

    /// Names a snapshot.
    #[message]
    pub struct SnapshotId {
        /// The offset after the last record in it.
        pub end_offset: i64,
        /// The leader epoch of that record.
        pub epoch: i32,
    }
}

/// The response.
pub mod response {
    use alloc::vec::Vec;

    use bytes::Bytes;
    use gridwire_derive::message;

    use crate::Str;
    use crate::kafka::code::ErrorCode;

    /// Bytes of snapshots.
    #[message(key = 59, versions = "0-1", flexible = "0+")]
    pub struct FetchSnapshotResponse {
        /// Milliseconds that the client should wait before it sends again.
        pub throttle_time_ms: i32,
        /// An error of the whole request.
        pub error_code: ErrorCode,
        /// The topics.
        pub topics: Vec<TopicSnapshot>,
        /// Where the leaders named in this answer are reached.
        #[kafka(tag = 0, tagged = "1+")]
        pub node_endpoints: Vec<NodeEndpoint>,
    }

    /// Snapshots of one topic.
    #[message]
    pub struct TopicSnapshot {
        /// The topic's name.
        pub name: Str,
        /// The partitions.
        pub partitions: Vec<PartitionSnapshot>,
    }

    /// A piece of a snapshot of one partition.
    #[message]
    pub struct PartitionSnapshot {
        /// The partition's number.
        pub index: i32,
        /// The error, or [`ErrorCode::NONE`].
        pub error_code: ErrorCode,
        /// The snapshot.
        pub snapshot_id: SnapshotId,
        /// Who leads the partition now, if it is not this broker.
        #[kafka(tag = 0, tagged = "0+")]
        pub current_leader: LeaderIdAndEpoch,
        /// The snapshot's size in bytes.
        pub size: i64,
        /// Where in the snapshot the bytes begin.
        pub position: i64,
        /// The bytes, cut without regard to batches.
        pub unaligned_records: Bytes,
    }

    /// Names a snapshot.
    #[message]
    pub struct SnapshotId {
        /// The offset after the last record in it.
        pub end_offset: i64,
        /// The leader epoch of that record.
        pub epoch: i32,
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
