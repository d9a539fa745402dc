//! ListTransactions (66): the transactions that a broker coordinates.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Asks for transactions.
#[message(key = 66, versions = "0-2", flexible = "0+", response = ListTransactionsResponse)]
pub struct ListTransactionsRequest {
    /// The states wanted, such as "Ongoing"; empty for all.
    pub state_filters: Vec<Str>,
    /// The producers wanted; empty for all.
    pub producer_id_filters: Vec<i64>,
    /// Only those that have been running for longer than this many milliseconds; below 0 for all.
    #[kafka(versions = "1+", default = -1)]
    pub duration_filter: i64,
    /// A regular expression for the transactional ids; empty or `None` for all.
    #[kafka(versions = "2+", nullable = "2+", default = null)]
    pub transactional_id_pattern: Option<Str>,
}

/// The transactions.
#[message(key = 66, versions = "0-2", flexible = "0+")]
pub struct ListTransactionsResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The states that the coordinator does not know.
    pub unknown_state_filters: Vec<Str>,
    /// The transactions.
    pub transaction_states: Vec<TransactionState>,
}

/// A transaction.
#[message]
pub struct TransactionState {
    /// The transactional id.
    pub transactional_id: Str,
    /// The producer's id.
    pub producer_id: i64,
    /// Its state: "Empty", "Ongoing", "PrepareCommit", "CompleteAbort" and so on.
    pub transaction_state: Str,
}
