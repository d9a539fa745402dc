//! ControllerRegistration (70): a controller tells the active one what it supports (KIP-919).

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Uuid;

/// Registers a controller.
#[message(
    key = 70, versions = "0", flexible = "0+",
    listeners = "controller", internal, response = ControllerRegistrationResponse
)]
pub struct ControllerRegistrationRequest {
    /// The controller's node id.
    pub controller_id: i32,
    /// An id made anew at each start.
    pub incarnation_id: Uuid,
    /// Whether it could take over from ZooKeeper.
    pub zk_migration_ready: bool,
    /// Where it is reached.
    pub listeners: Vec<Listener>,
    /// The features that it supports.
    pub features: Vec<Feature>,
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
    /// 0 plaintext, 1 TLS, 2 SASL, 3 SASL over TLS.
    pub security_protocol: i16,
}

/// A feature that it supports.
#[message]
pub struct Feature {
    /// The feature's name.
    pub name: Str,
    /// The lowest level.
    pub min_supported_version: i16,
    /// The highest level.
    pub max_supported_version: i16,
}

/// Whether it was registered.
#[message(key = 70, versions = "0", flexible = "0+")]
pub struct ControllerRegistrationResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words.
    #[kafka(nullable = "0+")]
    pub error_message: Option<Str>,
}
