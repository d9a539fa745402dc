//! AddOffsetsToTxn (25): makes a group's offsets part of a transaction.

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Adds the offsets of a group to a transaction.
#[message(key = 25, versions = "0-4", flexible = "3+", response = AddOffsetsToTxnResponse)]
pub struct AddOffsetsToTxnRequest {
    /// The transactional id.
    pub transactional_id: Str,
    /// The producer's id.
    pub producer_id: i64,
    /// The producer's epoch.
    pub producer_epoch: i16,
    /// The group's id.
    pub group_id: Str,
}

/// Whether they were added.
#[message(key = 25, versions = "0-4", flexible = "3+", throttles = "1+")]
pub struct AddOffsetsToTxnResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
}
