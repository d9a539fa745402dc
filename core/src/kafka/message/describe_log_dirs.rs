//! DescribeLogDirs (35): a broker's log directories and the replicas in them.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Ids;

/// Asks what is in the log directories.
#[message(key = 35, versions = "0-5", flexible = "2+", response = DescribeLogDirsResponse)]
pub struct DescribeLogDirsRequest {
    /// The partitions to look for; `None` for all.
    #[kafka(nullable = "0+")]
    pub topics: Option<Vec<DescribableLogDirTopic>>,
}

/// Partitions of one topic.
#[message]
pub struct DescribableLogDirTopic {
    /// The topic's name.
    pub topic: Str,
    /// The partitions' numbers.
    pub partitions: Ids,
}

/// The log directories.
#[message(key = 35, versions = "0-5", flexible = "2+", throttles = "1+")]
pub struct DescribeLogDirsResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    #[kafka(versions = "3+", ignorable)]
    pub error_code: ErrorCode,
    /// The directories.
    pub results: Vec<DescribeLogDirsResult>,
}

/// A log directory.
#[message]
pub struct DescribeLogDirsResult {
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The directory's absolute path.
    pub log_dir: Str,
    /// The topics.
    pub topics: Vec<DescribeLogDirsTopic>,
    /// The size of the volume, -1 if unknown.
    #[kafka(versions = "4+", default = -1, ignorable)]
    pub total_bytes: i64,
    /// What is free of it, -1 if unknown.
    #[kafka(versions = "4+", default = -1, ignorable)]
    pub usable_bytes: i64,
    /// Whether it gets no new replicas.
    #[kafka(versions = "5+", ignorable)]
    pub is_cordoned: bool,
}

/// Replicas of one topic.
#[message]
pub struct DescribeLogDirsTopic {
    /// The topic's name.
    pub name: Str,
    /// The partitions.
    pub partitions: Vec<DescribeLogDirsPartition>,
}

/// A replica.
#[message]
pub struct DescribeLogDirsPartition {
    /// The partition's number.
    pub partition_index: i32,
    /// Its size in bytes.
    pub partition_size: i64,
    /// How many records it is behind: behind the high watermark, or behind the replica that it will
    /// replace.
    pub offset_lag: i64,
    /// Whether it will replace one in another directory.
    pub is_future_key: bool,
}
