//! CreateAcls (30): adds access rules.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Adds access rules.
#[message(
    key = 30, versions = "0-3", flexible = "2+",
    listeners = "broker, controller", response = CreateAclsResponse
)]
pub struct CreateAclsRequest {
    /// The rules to add.
    pub creations: Vec<AclCreation>,
}

/// A rule to add.
#[message]
pub struct AclCreation {
    /// 2 topic, 3 group, 4 cluster, 5 transactional id, 6 delegation token, 7 user.
    pub resource_type: i8,
    /// The resource's name.
    pub resource_name: Str,
    /// 3 literal, 4 prefixed.
    #[kafka(versions = "1+", default = 3)]
    pub resource_pattern_type: i8,
    /// Who it is for, as `User:alice`.
    pub principal: Str,
    /// The address that it is for, `*` for all.
    pub host: Str,
    /// What is done: 1 any, 2 all, 3 read, 4 write, 5 create, 6 delete, 7 alter, 8 describe, and so
    /// on.
    pub operation: i8,
    /// 1 any, 2 deny, 3 allow.
    pub permission_type: i8,
}

/// Which rules were added.
#[message(key = 30, versions = "0-3", flexible = "2+", throttles = "1+")]
pub struct CreateAclsResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// How each rule went, in the order of the request.
    pub results: Vec<AclCreationResult>,
}

/// How one rule went.
#[message]
pub struct AclCreationResult {
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words.
    #[kafka(nullable = "0+")]
    pub error_message: Option<Str>,
}
