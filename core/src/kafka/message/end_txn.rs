//! EndTxn (26): commits or aborts a transaction.

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Ends a transaction.
#[message(key = 26, versions = "0-5", flexible = "3+", response = EndTxnResponse)]
pub struct EndTxnRequest {
    /// The transactional id.
    pub transactional_id: Str,
    /// The producer's id.
    pub producer_id: i64,
    /// The producer's epoch.
    pub producer_epoch: i16,
    /// Whether to commit it; else it is aborted.
    pub committed: bool,
}

/// Whether it is over, and the producer to go on with.
#[message(key = 26, versions = "0-5", flexible = "3+", throttles = "1+")]
pub struct EndTxnResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The producer id to go on with, -1 if unchanged.
    #[kafka(versions = "5+", default = -1, ignorable)]
    pub producer_id: i64,
    /// The epoch to go on with, -1 if unchanged.
    #[kafka(versions = "5+", default = -1, ignorable)]
    pub producer_epoch: i16,
}
