//! SaslHandshake (17): chooses a SASL mechanism. After version 0 its tokens follow bare, after
//! version 1 in SaslAuthenticate.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Chooses a mechanism.
#[message(
    key = 17, versions = "0-1", flexible = "none",
    listeners = "broker, controller", response = SaslHandshakeResponse
)]
pub struct SaslHandshakeRequest {
    /// The mechanism's name, such as "SCRAM-SHA-256".
    pub mechanism: Str,
}

/// Whether the mechanism is known.
#[message(key = 17, versions = "0-1", flexible = "none")]
pub struct SaslHandshakeResponse {
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The mechanisms that the broker knows, on success as well.
    pub mechanisms: Vec<Str>,
}
