//! CreateDelegationToken (38): makes a token that stands for a user.

use alloc::vec::Vec;

use bytes::Bytes;
use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Asks for a token.
#[message(
    key = 38, versions = "0-3", flexible = "2+",
    listeners = "broker, controller", response = CreateDelegationTokenResponse
)]
pub struct CreateDelegationTokenRequest {
    /// The owner's type; `None` for the sender.
    #[kafka(versions = "3+", nullable = "3+")]
    pub owner_principal_type: Option<Str>,
    /// The owner's name; `None` for the sender.
    #[kafka(versions = "3+", nullable = "3+")]
    pub owner_principal_name: Option<Str>,
    /// Who may renew the token, besides its owner.
    pub renewers: Vec<CreatableRenewers>,
    /// Milliseconds that the token may live at most, -1 for the broker's limit.
    pub max_lifetime_ms: i64,
}

/// One who may renew the token.
#[message]
pub struct CreatableRenewers {
    /// The principal's type, such as `User`.
    pub principal_type: Str,
    /// The principal's name.
    pub principal_name: Str,
}

/// The token.
#[message(key = 38, versions = "0-3", flexible = "2+", throttles = "1+")]
pub struct CreateDelegationTokenResponse {
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The owner's type.
    pub principal_type: Str,
    /// The owner's name.
    pub principal_name: Str,
    /// The type of who asked for the token.
    #[kafka(versions = "3+")]
    pub token_requester_principal_type: Str,
    /// The name of who asked for the token.
    #[kafka(versions = "3+")]
    pub token_requester_principal_name: Str,
    /// When the token was made, in milliseconds since 1970.
    pub issue_timestamp_ms: i64,
    /// When the token expires, in milliseconds since 1970.
    pub expiry_timestamp_ms: i64,
    /// Until when the token can be renewed, in milliseconds since 1970.
    pub max_timestamp_ms: i64,
    /// The token's id, which serves as user name.
    pub token_id: Str,
    /// The token's secret.
    #[kafka(secret)]
    pub hmac: Bytes,
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
}
