//! PushTelemetry (72): a client's metrics (KIP-714).

use bytes::Bytes;
use gridwire_derive::message;

use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Uuid;

/// Pushes metrics.
#[message(key = 72, versions = "0", flexible = "0+", response = PushTelemetryResponse)]
pub struct PushTelemetryRequest {
    /// The client's id, given by the broker.
    pub client_instance_id: Uuid,
    /// Which set of subscriptions this is.
    pub subscription_id: i32,
    /// Whether this is the last push.
    pub terminating: bool,
    /// The codec, numbered as in record batches: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.
    pub compression_type: i8,
    /// OpenTelemetry's MetricsData in Protobuf, compressed.
    pub metrics: Bytes,
}

/// How it went.
#[message(key = 72, versions = "0", flexible = "0+")]
pub struct PushTelemetryResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
}
