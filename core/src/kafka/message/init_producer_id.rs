//! InitProducerId (22): gives a producer its id and epoch, for idempotent and transactional writes.

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Asks for a producer id, or for the next epoch of one.
#[message(
    key = 22, versions = "0-6", flexible = "2+",
    latest_unstable, response = InitProducerIdResponse
)]
pub struct InitProducerIdRequest {
    /// The transactional id; `None` if the producer is only idempotent.
    #[kafka(nullable = "0+")]
    pub transactional_id: Option<Str>,
    /// Milliseconds after which the coordinator aborts a transaction left open.
    pub transaction_timeout_ms: i32,
    /// The id to keep, -1 for a new one.
    #[kafka(versions = "3+", default = -1)]
    pub producer_id: i64,
    /// The epoch that goes with it, -1 if there is none.
    #[kafka(versions = "3+", default = -1)]
    pub producer_epoch: i16,
    /// Whether transactions take part in two-phase commit.
    #[kafka(versions = "6+")]
    pub enable2_pc: bool,
    /// Whether a prepared transaction stays open.
    #[kafka(versions = "6+")]
    pub keep_prepared_txn: bool,
}

/// The producer id to write with.
#[message(key = 22, versions = "0-6", flexible = "2+", throttles = "1+")]
pub struct InitProducerIdResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The producer's id, -1 on errors.
    #[kafka(default = -1)]
    pub producer_id: i64,
    /// The producer's epoch.
    pub producer_epoch: i16,
    /// The producer id of the prepared transaction, -1 if there is none.
    #[kafka(versions = "6+", default = -1)]
    pub ongoing_txn_producer_id: i64,
    /// The epoch that goes with it, -1 if there is none.
    #[kafka(versions = "6+", default = -1)]
    pub ongoing_txn_producer_epoch: i16,
}
