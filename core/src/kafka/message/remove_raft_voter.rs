//! RemoveRaftVoter (81): takes a voter out of the controllers' quorum.

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Uuid;

/// Removes a voter.
#[message(
    key = 81, versions = "0", flexible = "0+",
    listeners = "controller, broker", response = RemoveRaftVoterResponse
)]
pub struct RemoveRaftVoterRequest {
    /// The cluster that the sender means, `None` to skip the check.
    #[kafka(nullable = "0+")]
    pub cluster_id: Option<Str>,
    /// The voter's id.
    pub voter_id: i32,
    /// The voter's log directory.
    pub voter_directory_id: Uuid,
}

/// How it went.
#[message(key = 81, versions = "0", flexible = "0+")]
pub struct RemoveRaftVoterResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words, if the broker gives any.
    #[kafka(nullable = "0+")]
    pub error_message: Option<Str>,
}
