//! AlterUserScramCredentials (51): sets and removes SCRAM credentials of users. Carries no
//! password, only what is derived from it.

use alloc::vec::Vec;

use bytes::Bytes;
use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Sets and removes SCRAM credentials.
#[message(
    key = 51, versions = "0", flexible = "0+",
    listeners = "broker, controller", response = AlterUserScramCredentialsResponse
)]
pub struct AlterUserScramCredentialsRequest {
    /// The credentials to remove.
    pub deletions: Vec<ScramCredentialDeletion>,
    /// The credentials to set.
    pub upsertions: Vec<ScramCredentialUpsertion>,
}

/// A credential to remove.
#[message]
pub struct ScramCredentialDeletion {
    /// The user's name.
    pub name: Str,
    /// 1 SCRAM-SHA-256, 2 SCRAM-SHA-512.
    pub mechanism: i8,
}

/// A credential to set.
#[message]
pub struct ScramCredentialUpsertion {
    /// The user's name.
    pub name: Str,
    /// 1 SCRAM-SHA-256, 2 SCRAM-SHA-512.
    pub mechanism: i8,
    /// How many rounds of hashing there are.
    pub iterations: i32,
    /// Random bytes of its own.
    #[kafka(secret)]
    pub salt: Bytes,
    /// The password after salting and hashing.
    #[kafka(secret)]
    pub salted_password: Bytes,
}

/// How the changes went.
#[message(key = 51, versions = "0", flexible = "0+")]
pub struct AlterUserScramCredentialsResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// How each went.
    pub results: Vec<AlterUserScramCredentialsResult>,
}

/// How the changes of one user went.
#[message]
pub struct AlterUserScramCredentialsResult {
    /// The user's name.
    pub user: Str,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words.
    #[kafka(nullable = "0+")]
    pub error_message: Option<Str>,
}
