//! FindCoordinator (10): which broker is in charge of a group, a transaction or a share partition.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Asks for coordinators: of one key up to version 3, of several after.
#[message(key = 10, versions = "0-6", flexible = "3+", response = FindCoordinatorResponse)]
pub struct FindCoordinatorRequest {
    /// The group's id, or the transactional id.
    #[kafka(versions = "0-3")]
    pub key: Str,
    /// What the keys are: 0 groups, 1 transactional ids, 2 share partitions ("group:topic
    /// id:partition").
    #[kafka(versions = "1+")]
    pub key_type: i8,
    /// The keys.
    #[kafka(versions = "4+")]
    pub coordinator_keys: Vec<Str>,
}

/// The coordinators.
#[message(key = 10, versions = "0-6", flexible = "3+", throttles = "2+")]
pub struct FindCoordinatorResponse {
    /// Milliseconds that the client should wait before it sends again.
    #[kafka(versions = "1+", ignorable)]
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    #[kafka(versions = "0-3")]
    pub error_code: ErrorCode,
    /// The error in words; "NONE" or `None` if there is none.
    #[kafka(versions = "1-3", nullable = "1-3", ignorable)]
    pub error_message: Option<Str>,
    /// The coordinator's broker id, -1 on errors.
    #[kafka(versions = "0-3")]
    pub node_id: i32,
    /// The host name to connect to.
    #[kafka(versions = "0-3")]
    pub host: Str,
    /// The port to connect to.
    #[kafka(versions = "0-3")]
    pub port: i32,
    /// The coordinator of each key.
    #[kafka(versions = "4+")]
    pub coordinators: Vec<Coordinator>,
}

/// The coordinator of one key.
#[message]
pub struct Coordinator {
    /// The key asked for.
    #[kafka(versions = "4+")]
    pub key: Str,
    /// The coordinator's broker id, -1 on errors.
    #[kafka(versions = "4+")]
    pub node_id: i32,
    /// The host name to connect to.
    #[kafka(versions = "4+")]
    pub host: Str,
    /// The port to connect to.
    #[kafka(versions = "4+")]
    pub port: i32,
    /// The error, or [`ErrorCode::NONE`].
    #[kafka(versions = "4+")]
    pub error_code: ErrorCode,
    /// The error in words, if the broker gives any.
    #[kafka(versions = "4+", nullable = "4+", ignorable)]
    pub error_message: Option<Str>,
}
