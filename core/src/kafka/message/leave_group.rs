//! LeaveGroup (13): takes members out of a classic group.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Leaves a group: one member up to version 2, several after.
#[message(key = 13, versions = "0-5", flexible = "4+", response = LeaveGroupResponse)]
pub struct LeaveGroupRequest {
    /// The group's id.
    pub group_id: Str,
    /// The member's id.
    #[kafka(versions = "0-2")]
    pub member_id: Str,
    /// The members that leave.
    #[kafka(versions = "3+")]
    pub members: Vec<MemberIdentity>,
}

/// A member that leaves.
#[message]
pub struct MemberIdentity {
    /// The member's id; empty if a static member is named by its instance id.
    #[kafka(versions = "3+")]
    pub member_id: Str,
    /// The static member's instance id, `None` for a dynamic one.
    #[kafka(versions = "3+", nullable = "3+", default = null)]
    pub group_instance_id: Option<Str>,
    /// Why, in words for the coordinator's log.
    #[kafka(versions = "5+", nullable = "5+", default = null, ignorable)]
    pub reason: Option<Str>,
}

/// How it went. No error here does not mean that each member left.
#[message(key = 13, versions = "0-5", flexible = "4+", throttles = "2+")]
pub struct LeaveGroupResponse {
    /// Milliseconds that the client should wait before it sends again.
    #[kafka(versions = "1+", ignorable)]
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The result of each member.
    #[kafka(versions = "3+")]
    pub members: Vec<MemberResponse>,
}

/// The result of one member.
#[message]
pub struct MemberResponse {
    /// The member's id.
    #[kafka(versions = "3+")]
    pub member_id: Str,
    /// The static member's instance id, `None` for a dynamic one.
    #[kafka(versions = "3+", nullable = "3+")]
    pub group_instance_id: Option<Str>,
    /// The error, or [`ErrorCode::NONE`].
    #[kafka(versions = "3+")]
    pub error_code: ErrorCode,
}
