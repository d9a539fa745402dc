//! Heartbeat (12): a member of a classic group is alive.

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Keeps the member in the group.
#[message(key = 12, versions = "0-4", flexible = "4+", response = HeartbeatResponse)]
pub struct HeartbeatRequest {
    /// The group's id.
    pub group_id: Str,
    /// The group's generation.
    pub generation_id: i32,
    /// The member's id.
    pub member_id: Str,
    /// The static member's instance id, `None` for a dynamic one.
    #[kafka(versions = "3+", nullable = "3+", default = null)]
    pub group_instance_id: Option<Str>,
}

/// Whether the member is still in; an error says what to do: join again, find the coordinator.
#[message(key = 12, versions = "0-4", flexible = "4+", throttles = "2+")]
pub struct HeartbeatResponse {
    /// Milliseconds that the client should wait before it sends again.
    #[kafka(versions = "1+", ignorable)]
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
}
