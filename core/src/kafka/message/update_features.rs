//! UpdateFeatures (57): sets the feature levels of the whole cluster.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Sets feature levels.
#[message(
    key = 57, versions = "0-2", flexible = "0+",
    listeners = "broker, controller", response = UpdateFeaturesResponse
)]
pub struct UpdateFeaturesRequest {
    /// Milliseconds to wait for the controller.
    #[kafka(default = 60000)]
    pub timeout_ms: i32,
    /// The levels to set.
    pub feature_updates: Vec<FeatureUpdateKey>,
    /// Whether only to check the request.
    #[kafka(versions = "1+")]
    pub validate_only: bool,
}

/// The level of one feature.
#[message]
pub struct FeatureUpdateKey {
    /// The feature's name.
    pub feature: Str,
    /// The new level; below 1 removes the feature.
    pub max_version_level: i16,
    /// Whether the level may be lowered.
    #[kafka(versions = "0")]
    pub allow_downgrade: bool,
    /// 1 may only raise it, 2 lower it where nothing is lost, 3 lower it at any cost.
    #[kafka(versions = "1+", default = 1)]
    pub upgrade_type: i8,
}

/// How it went. From version 2 on only as a whole.
#[message(key = 57, versions = "0-2", flexible = "0+")]
pub struct UpdateFeaturesResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// An error of the whole request.
    pub error_code: ErrorCode,
    /// The error in words, if the broker gives any.
    #[kafka(nullable = "0+")]
    pub error_message: Option<Str>,
    /// The results of each feature.
    #[kafka(versions = "0-1", ignorable)]
    pub results: Vec<UpdatableFeatureResult>,
}

/// The result of one feature.
#[message]
pub struct UpdatableFeatureResult {
    /// The feature's name.
    pub feature: Str,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words, if the broker gives any.
    #[kafka(nullable = "0+")]
    pub error_message: Option<Str>,
}
