//! AlterConfigs (33): replaces all settings of topics and brokers. IncrementalAlterConfigs changes
//! some.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Replaces settings.
#[message(
    key = 33, versions = "0-2", flexible = "2+",
    listeners = "broker, controller", response = AlterConfigsResponse
)]
pub struct AlterConfigsRequest {
    /// The resources.
    pub resources: Vec<AlterConfigsResource>,
    /// Whether only to check the request.
    pub validate_only: bool,
}

/// A resource and all its settings.
#[message]
pub struct AlterConfigsResource {
    /// 2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group.
    pub resource_type: i8,
    /// The resource's name.
    pub resource_name: Str,
    /// The settings.
    pub configs: Vec<AlterableConfig>,
}

/// A setting.
#[message]
pub struct AlterableConfig {
    /// The setting's name.
    pub name: Str,
    /// The value; `None` is the default.
    #[kafka(nullable = "0+", secret)]
    pub value: Option<Str>,
}

/// How the changes went.
#[message(key = 33, versions = "0-2", flexible = "2+", throttles = "1+")]
pub struct AlterConfigsResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// How each went.
    pub responses: Vec<AlterConfigsResourceResponse>,
}

/// How the change of one resource went.
#[message]
pub struct AlterConfigsResourceResponse {
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words.
    #[kafka(nullable = "0+")]
    pub error_message: Option<Str>,
    /// 2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group.
    pub resource_type: i8,
    /// The resource's name.
    pub resource_name: Str,
}
