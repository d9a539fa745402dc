//! UpdateRaftVoter (82): a voter tells the quorum's leader where it is reached and what it knows.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Uuid;

/// Updates a voter.
#[message(
    key = 82, versions = "0", flexible = "0+",
    listeners = "controller", internal, response = UpdateRaftVoterResponse
)]
pub struct UpdateRaftVoterRequest {
    /// The cluster that the sender means, `None` to skip the check.
    #[kafka(nullable = "0+")]
    pub cluster_id: Option<Str>,
    /// The leader epoch that the voter knows, -1 if unknown.
    pub current_leader_epoch: i32,
    /// The voter's id.
    pub voter_id: i32,
    /// The voter's log directory.
    pub voter_directory_id: Uuid,
    /// Where the voter is reached.
    pub listeners: Vec<Listener>,
    /// The versions of `kraft.version` that it knows.
    pub k_raft_version_feature: KRaftVersionFeature,
}

/// Where the voter is reached.
#[message]
pub struct Listener {
    /// The listener's name.
    pub name: Str,
    /// The host name to connect to.
    pub host: Str,
    /// The port to connect to.
    pub port: u16,
}

/// The versions of `kraft.version` that a voter knows.
#[message]
pub struct KRaftVersionFeature {
    /// The first version.
    pub min_supported_version: i16,
    /// The last version.
    pub max_supported_version: i16,
}

/// How it went.
#[message(key = 82, versions = "0", flexible = "0+")]
pub struct UpdateRaftVoterResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The quorum's leader.
    #[kafka(tag = 0, tagged = "0+")]
    pub current_leader: CurrentLeader,
}

/// The quorum's leader.
#[message]
pub struct CurrentLeader {
    /// Its id, -1 if unknown.
    #[kafka(default = -1)]
    pub leader_id: i32,
    /// The epoch of that leader, -1 if unknown.
    #[kafka(default = -1)]
    pub leader_epoch: i32,
    /// The host name to connect to.
    pub host: Str,
    /// The port to connect to.
    pub port: i32,
}
