//! WriteTxnMarkers (27): a transaction coordinator has transactions' ends written into logs.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Ids;

/// Writes the ends of transactions.
#[message(
    key = 27, versions = "0-2", flexible = "1+",
    internal, response = WriteTxnMarkersResponse
)]
pub struct WriteTxnMarkersRequest {
    /// The transactions that end.
    pub markers: Vec<WritableTxnMarker>,
}

/// The end of one transaction.
#[message]
pub struct WritableTxnMarker {
    /// The producer's id.
    pub producer_id: i64,
    /// The producer's epoch.
    pub producer_epoch: i16,
    /// Whether it commits.
    pub transaction_result: bool,
    /// The topics.
    pub topics: Vec<WritableTxnMarkerTopic>,
    /// The coordinator's epoch; an outdated one is refused.
    pub coordinator_epoch: i32,
    /// The version of the transaction protocol: 0 and 1 are the old one, 2 counts the epoch up each
    /// time.
    #[kafka(versions = "2+", ignorable)]
    pub transaction_version: i8,
}

/// Partitions of one topic.
#[message]
pub struct WritableTxnMarkerTopic {
    /// The topic's name.
    pub name: Str,
    /// The partitions.
    pub partition_indexes: Ids,
}

/// How it went.
#[message(key = 27, versions = "0-2", flexible = "1+")]
pub struct WriteTxnMarkersResponse {
    /// The results of each transaction.
    pub markers: Vec<WritableTxnMarkerResult>,
}

/// The results of one transaction.
#[message]
pub struct WritableTxnMarkerResult {
    /// The producer's id.
    pub producer_id: i64,
    /// The topics.
    pub topics: Vec<WritableTxnMarkerTopicResult>,
}

/// The results of one topic.
#[message]
pub struct WritableTxnMarkerTopicResult {
    /// The topic's name.
    pub name: Str,
    /// The partitions.
    pub partitions: Vec<WritableTxnMarkerPartitionResult>,
}

/// The result of one partition.
#[message]
pub struct WritableTxnMarkerPartitionResult {
    /// The partition's number.
    pub partition_index: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
}
