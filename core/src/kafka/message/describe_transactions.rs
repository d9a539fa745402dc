//! DescribeTransactions (65): the state of transactions.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Ids;

/// Asks about transactions.
#[message(key = 65, versions = "0", flexible = "0+", response = DescribeTransactionsResponse)]
pub struct DescribeTransactionsRequest {
    /// Their transactional ids.
    pub transactional_ids: Vec<Str>,
}

/// The transactions.
#[message(key = 65, versions = "0", flexible = "0+")]
pub struct DescribeTransactionsResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The transactions.
    pub transaction_states: Vec<TransactionState>,
}

/// A transaction.
#[message]
pub struct TransactionState {
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The transactional id.
    pub transactional_id: Str,
    /// Its state, as a word.
    pub transaction_state: Str,
    /// Milliseconds after which it is aborted.
    pub transaction_timeout_ms: i32,
    /// When it began, in milliseconds since 1970, -1 if it did not.
    pub transaction_start_time_ms: i64,
    /// The producer's id.
    pub producer_id: i64,
    /// The producer's epoch.
    pub producer_epoch: i16,
    /// The partitions that are part of it.
    pub topics: Vec<TopicData>,
}

/// Partitions of one topic.
#[message]
pub struct TopicData {
    /// The topic's name.
    pub topic: Str,
    /// The partitions' numbers.
    pub partitions: Ids,
}
