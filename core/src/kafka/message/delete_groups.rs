//! DeleteGroups (42): removes empty groups with their offsets.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Removes groups.
#[message(key = 42, versions = "0-3", flexible = "2+", response = DeleteGroupsResponse)]
pub struct DeleteGroupsRequest {
    /// The groups.
    pub groups_names: Vec<Str>,
}

/// Which groups were removed.
#[message(key = 42, versions = "0-3", flexible = "2+", throttles = "1+")]
pub struct DeleteGroupsResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// How each went.
    pub results: Vec<DeletableGroupResult>,
}

/// How it went for one group.
#[message]
pub struct DeletableGroupResult {
    /// The group's id.
    pub group_id: Str,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words.
    #[kafka(versions = "3+", nullable = "3+", default = null, ignorable)]
    pub error_message: Option<Str>,
}
