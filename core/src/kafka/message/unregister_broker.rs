//! UnregisterBroker (64): makes the controller forget a broker that is gone for good.

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Forgets a broker.
#[message(
    key = 64, versions = "0", flexible = "0+",
    listeners = "broker, controller", response = UnregisterBrokerResponse
)]
pub struct UnregisterBrokerRequest {
    /// The broker's id.
    pub broker_id: i32,
}

/// How it went.
#[message(key = 64, versions = "0", flexible = "0+")]
pub struct UnregisterBrokerResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words, if the broker gives any.
    #[kafka(nullable = "0+")]
    pub error_message: Option<Str>,
}
