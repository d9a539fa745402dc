//! SyncGroup (14): hands out the assignment that a classic group's leader made.

use alloc::vec::Vec;

use bytes::Bytes;
use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Asks for the member's assignment; the leader brings everyone's.
#[message(key = 14, versions = "0-5", flexible = "4+", response = SyncGroupResponse)]
pub struct SyncGroupRequest {
    /// The group's id.
    pub group_id: Str,
    /// The group's generation.
    pub generation_id: i32,
    /// The member's id.
    pub member_id: Str,
    /// The static member's instance id, `None` for a dynamic one.
    #[kafka(versions = "3+", nullable = "3+", default = null)]
    pub group_instance_id: Option<Str>,
    /// The protocol type that JoinGroup answered; another one is refused.
    #[kafka(versions = "5+", nullable = "5+", default = null, ignorable)]
    pub protocol_type: Option<Str>,
    /// The protocol that JoinGroup answered; another one is refused.
    #[kafka(versions = "5+", nullable = "5+", default = null, ignorable)]
    pub protocol_name: Option<Str>,
    /// Everyone's assignment, from the leader; empty from the others.
    pub assignments: Vec<SyncGroupRequestAssignment>,
}

/// The assignment of one member.
#[message]
pub struct SyncGroupRequestAssignment {
    /// The member's id.
    pub member_id: Str,
    /// Its assignment, opaque to the coordinator.
    pub assignment: Bytes,
}

/// The member's assignment.
#[message(key = 14, versions = "0-5", flexible = "4+", throttles = "2+")]
pub struct SyncGroupResponse {
    /// Milliseconds that the client should wait before it sends again.
    #[kafka(versions = "1+", ignorable)]
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// What the group's protocols are for: "consumer", "connect".
    #[kafka(versions = "5+", nullable = "5+", default = null, ignorable)]
    pub protocol_type: Option<Str>,
    /// The protocol that the coordinator chose.
    #[kafka(versions = "5+", nullable = "5+", default = null, ignorable)]
    pub protocol_name: Option<Str>,
    /// The assignment, as the leader wrote it.
    pub assignment: Bytes,
}
