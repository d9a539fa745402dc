//! IncrementalAlterConfigs (44): changes single settings and leaves the others.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Changes settings.
#[message(
    key = 44, versions = "0-1", flexible = "1+",
    listeners = "broker, controller", response = IncrementalAlterConfigsResponse
)]
pub struct IncrementalAlterConfigsRequest {
    /// What to change.
    pub resources: Vec<AlterConfigsResource>,
    /// Whether only to check the request.
    pub validate_only: bool,
}

/// A resource and its changes.
#[message]
pub struct AlterConfigsResource {
    /// What it is: 2 a topic, 4 a broker, 8 a broker's loggers, 16 client metrics, 32 a group.
    pub resource_type: i8,
    /// Its name, a broker's id; empty for all brokers.
    pub resource_name: Str,
    /// The settings to change.
    pub configs: Vec<AlterableConfig>,
}

/// A change.
#[message]
pub struct AlterableConfig {
    /// The setting's name.
    pub name: Str,
    /// 0 set, 1 back to the default, 2 append to a list, 3 take from a list.
    pub config_operation: i8,
    /// The value; `None` when going back to the default.
    #[kafka(nullable = "0+", secret)]
    pub value: Option<Str>,
}

/// How each change went.
#[message(key = 44, versions = "0-1", flexible = "1+")]
pub struct IncrementalAlterConfigsResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The result of each resource.
    pub responses: Vec<AlterConfigsResourceResponse>,
}

/// The result of one resource.
#[message]
pub struct AlterConfigsResourceResponse {
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words, if the broker gives any.
    #[kafka(nullable = "0+")]
    pub error_message: Option<Str>,
    /// What it is: 2 a topic, 4 a broker, 8 a broker's loggers, 16 client metrics, 32 a group.
    pub resource_type: i8,
    /// Its name, a broker's id; empty for all brokers.
    pub resource_name: Str,
}
