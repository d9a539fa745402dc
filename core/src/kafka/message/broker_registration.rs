//! BrokerRegistration (62): a broker enters the cluster by registering with the controller.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Uuid;

/// Registers a broker.
#[message(
    key = 62, versions = "0-4", flexible = "0+",
    listeners = "controller", internal, response = BrokerRegistrationResponse
)]
pub struct BrokerRegistrationRequest {
    /// The broker's id.
    pub broker_id: i32,
    /// The cluster's id.
    pub cluster_id: Str,
    /// An id made anew at each start.
    pub incarnation_id: Uuid,
    /// Where it is reached.
    pub listeners: Vec<Listener>,
    /// The features that it supports.
    pub features: Vec<Feature>,
    /// The broker's rack.
    #[kafka(nullable = "0+")]
    pub rack: Option<Str>,
    /// Whether the broker still uses ZooKeeper and is about to leave it.
    #[kafka(versions = "1+")]
    pub is_migrating_zk_broker: bool,
    /// The log directories that work.
    #[kafka(versions = "2+", ignorable)]
    pub log_dirs: Vec<Uuid>,
    /// The epoch before a clean stop, -1 if there was none.
    #[kafka(versions = "3+", default = -1, ignorable)]
    pub previous_broker_epoch: i64,
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

/// The broker's epoch.
#[message(key = 62, versions = "0-4", flexible = "0+")]
pub struct BrokerRegistrationResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The epoch given to the broker, -1 if none.
    #[kafka(default = -1)]
    pub broker_epoch: i64,
}
