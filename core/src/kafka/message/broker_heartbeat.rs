//! BrokerHeartbeat (63): a broker shows the controller that it is alive.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Uuid;

/// A broker's state.
#[message(
    key = 63, versions = "0-2", flexible = "0+",
    listeners = "controller", internal, response = BrokerHeartbeatResponse
)]
pub struct BrokerHeartbeatRequest {
    /// The broker's id.
    pub broker_id: i32,
    /// The epoch that the broker was registered with, -1 if unknown.
    #[kafka(default = -1)]
    pub broker_epoch: i64,
    /// The last offset of the metadata log that the broker has seen.
    pub current_metadata_offset: i64,
    /// Whether the broker asks to be taken out of use.
    pub want_fence: bool,
    /// Whether the broker asks to stop.
    pub want_shut_down: bool,
    /// The log directories that failed.
    #[kafka(tag = 0, tagged = "1+")]
    pub offline_log_dirs: Vec<Uuid>,
    /// The log directories that shall get no new replicas.
    #[kafka(tag = 1, tagged = "2+", nullable = "2+", default = null)]
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
}

/// What the controller makes of it.
#[message(key = 63, versions = "0-2", flexible = "0+")]
pub struct BrokerHeartbeatResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// Whether the broker has nearly all of the metadata log.
    pub is_caught_up: bool,
    /// Whether the broker is fenced: registered, but not in use.
    #[kafka(default = true)]
    pub is_fenced: bool,
    /// Whether the broker may stop now.
    pub should_shut_down: bool,
}
