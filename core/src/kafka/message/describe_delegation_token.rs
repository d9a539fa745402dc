//! DescribeDelegationToken (41): the tokens that stand for users.

use alloc::vec::Vec;

use bytes::Bytes;
use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Asks for tokens.
#[message(
    key = 41, versions = "0-3", flexible = "2+",
    listeners = "broker, controller", response = DescribeDelegationTokenResponse
)]
pub struct DescribeDelegationTokenRequest {
    /// Whose tokens to show; `None` for all.
    #[kafka(nullable = "0+")]
    pub owners: Option<Vec<DescribeDelegationTokenOwner>>,
}

/// An owner.
#[message]
pub struct DescribeDelegationTokenOwner {
    /// The principal's type, such as `User`.
    pub principal_type: Str,
    /// The principal's name.
    pub principal_name: Str,
}

/// The tokens.
#[message(key = 41, versions = "0-3", flexible = "2+", throttles = "1+")]
pub struct DescribeDelegationTokenResponse {
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The tokens.
    pub tokens: Vec<DescribedDelegationToken>,
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
}

/// A token.
#[message]
pub struct DescribedDelegationToken {
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
    pub issue_timestamp: i64,
    /// When the token expires, in milliseconds since 1970.
    pub expiry_timestamp: i64,
    /// Until when the token can be renewed, in milliseconds since 1970.
    pub max_timestamp: i64,
    /// The token's id, which serves as user name.
    pub token_id: Str,
    /// The token's secret.
    #[kafka(secret)]
    pub hmac: Bytes,
    /// Who may renew the token, besides its owner.
    pub renewers: Vec<DescribedDelegationTokenRenewer>,
}

/// One who may renew the token.
#[message]
pub struct DescribedDelegationTokenRenewer {
    /// The principal's type, such as `User`.
    pub principal_type: Str,
    /// The principal's name.
    pub principal_name: Str,
}
