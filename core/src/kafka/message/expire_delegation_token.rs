//! ExpireDelegationToken (40): changes when a token expires.

use bytes::Bytes;
use gridwire_derive::message;

use crate::kafka::code::ErrorCode;

/// Sets when a token expires.
#[message(
    key = 40, versions = "0-2", flexible = "2+",
    listeners = "broker, controller", response = ExpireDelegationTokenResponse
)]
pub struct ExpireDelegationTokenRequest {
    /// The token's secret.
    #[kafka(secret)]
    pub hmac: Bytes,
    /// Milliseconds from now on; a negative number ends the token at once.
    pub expiry_time_period_ms: i64,
}

/// When the token expires.
#[message(key = 40, versions = "0-2", flexible = "2+", throttles = "1+")]
pub struct ExpireDelegationTokenResponse {
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// When the token expires, in milliseconds since 1970.
    pub expiry_timestamp_ms: i64,
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
}
