//! AlterReplicaLogDirs (34): moves replicas between the log directories of one broker.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Ids;

/// Moves replicas to other log directories.
#[message(key = 34, versions = "0-2", flexible = "2+", response = AlterReplicaLogDirsResponse)]
pub struct AlterReplicaLogDirsRequest {
    /// The directories to move to.
    pub dirs: Vec<AlterReplicaLogDir>,
}

/// A directory to move to.
#[message]
pub struct AlterReplicaLogDir {
    /// The directory's absolute path.
    pub path: Str,
    /// The topics.
    pub topics: Vec<AlterReplicaLogDirTopic>,
}

/// Partitions of one topic to move.
#[message]
pub struct AlterReplicaLogDirTopic {
    /// The topic's name.
    pub name: Str,
    /// The partitions' numbers.
    pub partitions: Ids,
}

/// Which moves began.
#[message(key = 34, versions = "0-2", flexible = "2+", throttles = "1+")]
pub struct AlterReplicaLogDirsResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// How each went.
    pub results: Vec<AlterReplicaLogDirTopicResult>,
}

/// The results of one topic.
#[message]
pub struct AlterReplicaLogDirTopicResult {
    /// The topic's name.
    pub topic_name: Str,
    /// The partitions.
    pub partitions: Vec<AlterReplicaLogDirPartitionResult>,
}

/// The result of one partition.
#[message]
pub struct AlterReplicaLogDirPartitionResult {
    /// The partition's number.
    pub partition_index: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
}
