//! AllocateProducerIds (67): a broker takes a block of producer ids from the controller.

use gridwire_derive::message;

use crate::kafka::code::ErrorCode;

/// Asks for a block of producer ids.
#[message(
    key = 67, versions = "0", flexible = "0+",
    listeners = "controller", internal, response = AllocateProducerIdsResponse
)]
pub struct AllocateProducerIdsRequest {
    /// The broker's id.
    pub broker_id: i32,
    /// The epoch that the broker was registered with, -1 if unknown.
    #[kafka(default = -1)]
    pub broker_epoch: i64,
}

/// The block.
#[message(key = 67, versions = "0", flexible = "0+")]
pub struct AllocateProducerIdsResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The first producer id.
    pub producer_id_start: i64,
    /// How many there are.
    pub producer_id_len: i32,
}
