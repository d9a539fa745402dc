//! AddPartitionsToTxn (24): makes partitions part of a transaction. Versions 0 to 3 are for
//! clients, later
//! ones for brokers.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Ids;

/// Adds partitions to transactions.
#[message(key = 24, versions = "0-5", flexible = "3+", response = AddPartitionsToTxnResponse)]
pub struct AddPartitionsToTxnRequest {
    /// The transactions to add to.
    #[kafka(versions = "4+")]
    pub transactions: Vec<AddPartitionsToTxnTransaction>,
    /// The transactional id.
    #[kafka(versions = "0-3")]
    pub v3_and_below_transactional_id: Str,
    /// The producer's id.
    #[kafka(versions = "0-3")]
    pub v3_and_below_producer_id: i64,
    /// The producer's epoch.
    #[kafka(versions = "0-3")]
    pub v3_and_below_producer_epoch: i16,
    /// The partitions to add.
    #[kafka(versions = "0-3")]
    pub v3_and_below_topics: Vec<AddPartitionsToTxnTopic>,
}

/// A transaction to add to.
#[message]
pub struct AddPartitionsToTxnTransaction {
    /// The transactional id.
    #[kafka(versions = "4+")]
    pub transactional_id: Str,
    /// The producer's id.
    #[kafka(versions = "4+")]
    pub producer_id: i64,
    /// The producer's epoch.
    #[kafka(versions = "4+")]
    pub producer_epoch: i16,
    /// Whether only to check that the partitions are in it.
    #[kafka(versions = "4+")]
    pub verify_only: bool,
    /// The partitions to add.
    #[kafka(versions = "4+")]
    pub topics: Vec<AddPartitionsToTxnTopic>,
}

/// Partitions of one topic.
#[message]
pub struct AddPartitionsToTxnTopic {
    /// The topic's name.
    pub name: Str,
    /// The partitions.
    pub partitions: Ids,
}

/// Which partitions were added.
#[message(key = 24, versions = "0-5", flexible = "3+", throttles = "1+")]
pub struct AddPartitionsToTxnResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    #[kafka(versions = "4+", ignorable)]
    pub error_code: ErrorCode,
    /// The results of each transaction.
    #[kafka(versions = "4+")]
    pub results_by_transaction: Vec<AddPartitionsToTxnResult>,
    /// The results of each topic.
    #[kafka(versions = "0-3")]
    pub results_by_topic_v3_and_below: Vec<AddPartitionsToTxnTopicResult>,
}

/// The results of one transaction.
#[message]
pub struct AddPartitionsToTxnResult {
    /// The transactional id.
    #[kafka(versions = "4+")]
    pub transactional_id: Str,
    /// The results of each topic.
    #[kafka(versions = "4+")]
    pub topic_results: Vec<AddPartitionsToTxnTopicResult>,
}

/// The results of one topic.
#[message]
pub struct AddPartitionsToTxnTopicResult {
    /// The topic's name.
    pub name: Str,
    /// The results of each partition.
    pub results_by_partition: Vec<AddPartitionsToTxnPartitionResult>,
}

/// The result of one partition.
#[message]
pub struct AddPartitionsToTxnPartitionResult {
    /// The partition's number.
    pub partition_index: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub partition_error_code: ErrorCode,
}
