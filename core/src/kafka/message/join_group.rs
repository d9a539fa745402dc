//! JoinGroup (11): enters a classic group, or takes part in its next rebalance.

use alloc::vec::Vec;

use bytes::Bytes;
use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Joins a group. Answered when the others have joined too.
#[message(key = 11, versions = "0-9", flexible = "6+", response = JoinGroupResponse)]
pub struct JoinGroupRequest {
    /// The group's id.
    pub group_id: Str,
    /// Milliseconds without a heartbeat after which the member counts as dead.
    pub session_timeout_ms: i32,
    /// Milliseconds that a rebalance waits for members to join; -1 as long as the session.
    #[kafka(versions = "1+", default = -1, ignorable)]
    pub rebalance_timeout_ms: i32,
    /// The member's id; empty on the first time.
    pub member_id: Str,
    /// The static member's instance id, `None` for a dynamic one.
    #[kafka(versions = "5+", nullable = "5+", default = null)]
    pub group_instance_id: Option<Str>,
    /// What the group's protocols are for: "consumer", "connect".
    pub protocol_type: Str,
    /// The protocols that the member could follow, best first.
    pub protocols: Vec<JoinGroupRequestProtocol>,
    /// Why, in words for the coordinator's log.
    #[kafka(versions = "8+", nullable = "8+", default = null, ignorable)]
    pub reason: Option<Str>,
}

/// A protocol that the member could follow.
#[message]
pub struct JoinGroupRequestProtocol {
    /// The protocol's name: an assignor's, for consumers.
    pub name: Str,
    /// The member's subscription, opaque to the coordinator.
    pub metadata: Bytes,
}

/// The new generation. `MEMBER_ID_REQUIRED` asks to join again with the id given.
#[message(key = 11, versions = "0-9", flexible = "6+", throttles = "3+")]
pub struct JoinGroupResponse {
    /// Milliseconds that the client should wait before it sends again.
    #[kafka(versions = "2+", ignorable)]
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The new generation, -1 on errors.
    #[kafka(default = -1)]
    pub generation_id: i32,
    /// What the group's protocols are for: "consumer", "connect".
    #[kafka(versions = "7+", nullable = "7+", default = null, ignorable)]
    pub protocol_type: Option<Str>,
    /// The protocol that all follow. Empty on errors, `None` from version 7 on.
    #[kafka(nullable = "7+")]
    pub protocol_name: Option<Str>,
    /// The leader's member id.
    pub leader: Str,
    /// Whether the leader shall leave the assignment as it is.
    #[kafka(versions = "9+")]
    pub skip_assignment: bool,
    /// The member's id, from now on.
    pub member_id: Str,
    /// All members, for the leader; empty for the others.
    pub members: Vec<JoinGroupResponseMember>,
}

/// A member, as the leader sees it.
#[message]
pub struct JoinGroupResponseMember {
    /// The member's id.
    pub member_id: Str,
    /// The static member's instance id, `None` for a dynamic one.
    #[kafka(versions = "5+", nullable = "5+", default = null, ignorable)]
    pub group_instance_id: Option<Str>,
    /// The member's subscription, opaque to the coordinator.
    pub metadata: Bytes,
}
