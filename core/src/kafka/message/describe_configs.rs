//! DescribeConfigs (32): the settings of topics, brokers and groups.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Asks for settings.
#[message(
    key = 32, versions = "0-4", flexible = "4+",
    listeners = "broker, controller", response = DescribeConfigsResponse
)]
pub struct DescribeConfigsRequest {
    /// The resources.
    pub resources: Vec<DescribeConfigsResource>,
    /// Whether to show what stands behind each value.
    #[kafka(versions = "1+")]
    pub include_synonyms: bool,
    /// Whether to explain the settings.
    #[kafka(versions = "3+")]
    pub include_documentation: bool,
}

/// A resource.
#[message]
pub struct DescribeConfigsResource {
    /// 2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group.
    pub resource_type: i8,
    /// The resource's name.
    pub resource_name: Str,
    /// The settings to show; `None` for all.
    #[kafka(nullable = "0+")]
    pub configuration_keys: Option<Vec<Str>>,
}

/// The settings.
#[message(key = 32, versions = "0-4", flexible = "4+", throttles = "2+")]
pub struct DescribeConfigsResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The resources.
    pub results: Vec<DescribeConfigsResult>,
}

/// A resource and its settings.
#[message]
pub struct DescribeConfigsResult {
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words.
    #[kafka(nullable = "0+")]
    pub error_message: Option<Str>,
    /// 2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group.
    pub resource_type: i8,
    /// The resource's name.
    pub resource_name: Str,
    /// The settings.
    pub configs: Vec<DescribeConfigsResourceResult>,
}

/// A setting.
#[message]
pub struct DescribeConfigsResourceResult {
    /// The setting's name.
    pub name: Str,
    /// The value.
    #[kafka(nullable = "0+")]
    pub value: Option<Str>,
    /// Whether it cannot be changed.
    pub read_only: bool,
    /// Whether nobody has set it.
    #[kafka(versions = "0")]
    pub is_default: bool,
    /// Where the value comes from: 1 topic, 2 broker, 3 all brokers, 4 static, 5 default, 6 broker
    /// logger, 7 client metrics, 8 group.
    #[kafka(versions = "1+", default = -1, ignorable)]
    pub config_source: i8,
    /// Whether the value is kept secret, and `None` here.
    pub is_sensitive: bool,
    /// The values that count, the first one most.
    #[kafka(versions = "1+", ignorable)]
    pub synonyms: Vec<DescribeConfigsSynonym>,
    /// 0 unknown, 1 boolean, 2 string, 3 int, 4 short, 5 long, 6 double, 7 list, 8 class, 9
    /// password.
    #[kafka(versions = "3+", ignorable)]
    pub config_type: i8,
    /// What it does, in words.
    #[kafka(versions = "3+", nullable = "0+", ignorable)]
    pub documentation: Option<Str>,
}

/// A value of the setting at another place.
#[message]
pub struct DescribeConfigsSynonym {
    /// The setting's name.
    #[kafka(versions = "1+")]
    pub name: Str,
    /// The value.
    #[kafka(versions = "1+", nullable = "0+")]
    pub value: Option<Str>,
    /// Where it comes from, as `config_source`.
    #[kafka(versions = "1+")]
    pub source: i8,
}
