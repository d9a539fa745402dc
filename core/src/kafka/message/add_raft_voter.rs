//! AddRaftVoter (80): adds a voter to the controllers' quorum (KIP-853).

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Uuid;

/// Adds a voter.
#[message(
    key = 80, versions = "0-1", flexible = "0+",
    listeners = "controller, broker", response = AddRaftVoterResponse
)]
pub struct AddRaftVoterRequest {
    /// The cluster that the sender means.
    #[kafka(nullable = "0+")]
    pub cluster_id: Option<Str>,
    /// Milliseconds that the broker may take.
    pub timeout_ms: i32,
    /// The voter's node id.
    pub voter_id: i32,
    /// The voter's log directory.
    pub voter_directory_id: Uuid,
    /// Where the voter is reached.
    pub listeners: Vec<Listener>,
    /// Whether to answer only when the new set of voters is committed.
    #[kafka(versions = "1+", default = true)]
    pub ack_when_committed: bool,
}

/// A listener.
#[message]
pub struct Listener {
    /// The listener's name.
    pub name: Str,
    /// The host name to connect to.
    pub host: Str,
    /// The port to connect to.
    pub port: u16,
}

/// Whether the voter was added.
#[message(key = 80, versions = "0-1", flexible = "0+")]
pub struct AddRaftVoterResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words.
    #[kafka(nullable = "0+")]
    pub error_message: Option<Str>,
}
