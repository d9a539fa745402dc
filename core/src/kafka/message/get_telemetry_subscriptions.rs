//! GetTelemetrySubscriptions (71): which of its metrics a client is to push (KIP-714).

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Uuid;

/// Asks which metrics to push.
#[message(key = 71, versions = "0", flexible = "0+", response = GetTelemetrySubscriptionsResponse)]
pub struct GetTelemetrySubscriptionsRequest {
    /// The client's id; zero asks for one.
    pub client_instance_id: Uuid,
}

/// What to push, how and when.
#[message(key = 71, versions = "0", flexible = "0+")]
pub struct GetTelemetrySubscriptionsResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The client's id if it asked for one, else zero.
    pub client_instance_id: Uuid,
    /// Which set of subscriptions this is; pushes repeat it.
    pub subscription_id: i32,
    /// The codecs that may be used, best first, numbered as in record batches; 4 is zstd.
    pub accepted_compression_types: Vec<i8>,
    /// Milliseconds between pushes.
    pub push_interval_ms: i32,
    /// Bytes that a push may hold.
    pub telemetry_max_bytes: i32,
    /// Whether counters say their growth since the last push, rather than their total.
    pub delta_temporality: bool,
    /// Prefixes of the names wanted: none at all if empty, every one if it is one empty string.
    pub requested_metrics: Vec<Str>,
}
