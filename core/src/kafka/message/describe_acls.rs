//! DescribeAcls (29): the access rules that a filter matches.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Asks for access rules; `None` matches all.
#[message(
    key = 29, versions = "0-3", flexible = "2+",
    listeners = "broker, controller", response = DescribeAclsResponse
)]
pub struct DescribeAclsRequest {
    /// 1 any, 2 topic, 3 group, 4 cluster, 5 transactional id, 6 delegation token, 7 user.
    pub resource_type_filter: i8,
    /// The resource's name.
    #[kafka(nullable = "0+")]
    pub resource_name_filter: Option<Str>,
    /// 1 any, 2 all that apply to the name, 3 literal, 4 prefixed.
    #[kafka(versions = "1+", default = 3)]
    pub pattern_type_filter: i8,
    /// Who it is for.
    #[kafka(nullable = "0+")]
    pub principal_filter: Option<Str>,
    /// The address that it is for.
    #[kafka(nullable = "0+")]
    pub host_filter: Option<Str>,
    /// What is done: 1 any, 2 all, 3 read, 4 write, 5 create, 6 delete, 7 alter, 8 describe, and so
    /// on.
    pub operation: i8,
    /// 1 any, 2 deny, 3 allow.
    pub permission_type: i8,
}

/// The rules.
#[message(key = 29, versions = "0-3", flexible = "2+", throttles = "1+")]
pub struct DescribeAclsResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words.
    #[kafka(nullable = "0+")]
    pub error_message: Option<Str>,
    /// The resources that have such rules.
    pub resources: Vec<DescribeAclsResource>,
}

/// A resource and its rules.
#[message]
pub struct DescribeAclsResource {
    /// 2 topic, 3 group, 4 cluster, 5 transactional id, 6 delegation token, 7 user.
    pub resource_type: i8,
    /// The resource's name.
    pub resource_name: Str,
    /// 3 literal, 4 prefixed.
    #[kafka(versions = "1+", default = 3)]
    pub pattern_type: i8,
    /// The rules.
    pub acls: Vec<AclDescription>,
}

/// A rule.
#[message]
pub struct AclDescription {
    /// Who it is for, as `User:alice`.
    pub principal: Str,
    /// The address that it is for.
    pub host: Str,
    /// What is done: 1 any, 2 all, 3 read, 4 write, 5 create, 6 delete, 7 alter, 8 describe, and so
    /// on.
    pub operation: i8,
    /// 1 any, 2 deny, 3 allow.
    pub permission_type: i8,
}
