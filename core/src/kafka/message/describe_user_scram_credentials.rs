//! DescribeUserScramCredentials (50): which SCRAM credentials users have, without what is secret of
//! them.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Asks for users' SCRAM credentials.
#[message(
    key = 50, versions = "0", flexible = "0+",
    listeners = "broker, controller", response = DescribeUserScramCredentialsResponse
)]
pub struct DescribeUserScramCredentialsRequest {
    /// The users; all if `None` or empty.
    #[kafka(nullable = "0+")]
    pub users: Option<Vec<UserName>>,
}

/// A user.
#[message]
pub struct UserName {
    /// The user's name.
    pub name: Str,
}

/// The credentials.
#[message(key = 50, versions = "0", flexible = "0+")]
pub struct DescribeUserScramCredentialsResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words.
    #[kafka(nullable = "0+")]
    pub error_message: Option<Str>,
    /// The users.
    pub results: Vec<DescribeUserScramCredentialsResult>,
}

/// A user's credentials.
#[message]
pub struct DescribeUserScramCredentialsResult {
    /// The user's name.
    pub user: Str,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words.
    #[kafka(nullable = "0+")]
    pub error_message: Option<Str>,
    /// The credentials.
    pub credential_infos: Vec<CredentialInfo>,
}

/// A credential.
#[message]
pub struct CredentialInfo {
    /// 1 SCRAM-SHA-256, 2 SCRAM-SHA-512.
    pub mechanism: i8,
    /// How many rounds of hashing there are.
    pub iterations: i32,
}
