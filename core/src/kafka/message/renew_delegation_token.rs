//! RenewDelegationToken (39): prolongs a delegation token.

use bytes::Bytes;
use gridwire_derive::message;

use crate::kafka::code::ErrorCode;

/// Prolongs a token.
#[message(
    key = 39, versions = "0-2", flexible = "2+",
    listeners = "broker, controller", response = RenewDelegationTokenResponse
)]
pub struct RenewDelegationTokenRequest {
    /// The token's HMAC, which is its secret.
    #[kafka(secret)]
    pub hmac: Bytes,
    /// Milliseconds to prolong it by, -1 for the broker's default.
    pub renew_period_ms: i64,
}

/// When the token expires now.
#[message(key = 39, versions = "0-2", flexible = "2+", throttles = "1+")]
pub struct RenewDelegationTokenResponse {
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// Milliseconds since 1970.
    pub expiry_timestamp_ms: i64,
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
}
