//! ListConfigResources (74): which resources have settings of their own. Called
//! ListClientMetricsResources before version 1.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Asks for resources. Version 0 gives those of client metrics.
#[message(key = 74, versions = "0-1", flexible = "0+", response = ListConfigResourcesResponse)]
pub struct ListConfigResourcesRequest {
    /// The types wanted, as in [`ConfigResource::resource_type`]; empty for all that the broker can
    /// list.
    #[kafka(versions = "1+")]
    pub resource_types: Vec<i8>,
}

/// The resources.
#[message(key = 74, versions = "0-1", flexible = "0+")]
pub struct ListConfigResourcesResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The resources.
    pub config_resources: Vec<ConfigResource>,
}

/// A resource.
#[message]
pub struct ConfigResource {
    /// Its name.
    pub resource_name: Str,
    /// What it is: 2 a topic, 4 a broker, 8 a broker's loggers, 16 client metrics, 32 a group.
    #[kafka(versions = "1+", default = 16, ignorable)]
    pub resource_type: i8,
}
