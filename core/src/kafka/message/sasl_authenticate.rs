//! SaslAuthenticate (36): carries the tokens of the mechanism that a SaslHandshake of version 1
//! chose.

use bytes::Bytes;
use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// A token of the client's.
#[message(
    key = 36, versions = "0-2", flexible = "2+",
    listeners = "broker, controller", response = SaslAuthenticateResponse
)]
pub struct SaslAuthenticateRequest {
    /// The token, as the mechanism defines it.
    #[kafka(secret)]
    pub auth_bytes: Bytes,
}

/// A token of the broker's.
#[message(key = 36, versions = "0-2", flexible = "2+")]
pub struct SaslAuthenticateResponse {
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words, if the broker gives any.
    #[kafka(nullable = "0+")]
    pub error_message: Option<Str>,
    /// The token, as the mechanism defines it.
    #[kafka(secret)]
    pub auth_bytes: Bytes,
    /// Milliseconds until the client must authenticate again on this connection, 0 for never.
    #[kafka(versions = "1+", ignorable)]
    pub session_lifetime_ms: i64,
}
