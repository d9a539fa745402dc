//! ApiVersions (18): which APIs a broker serves, and in which versions. The first request of most
//! connections.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Asks which APIs and versions a broker serves.
#[message(
    key = 18, versions = "0-5", flexible = "3+",
    listeners = "broker, controller", response = ApiVersionsResponse
)]
pub struct ApiVersionsRequest {
    /// The client library's name.
    #[kafka(versions = "3+", ignorable)]
    pub client_software_name: Str,
    /// The client library's version.
    #[kafka(versions = "3+", ignorable)]
    pub client_software_version: Str,
    /// The cluster that the client means to reach.
    #[kafka(versions = "5+", nullable = "5+", default = null, ignorable)]
    pub cluster_id: Option<Str>,
    /// The broker that the client means to reach, -1 if it does not know.
    #[kafka(versions = "5+", default = -1, ignorable)]
    pub node_id: i32,
}

/// The APIs and versions that a broker serves. Its header is of version 0 whatever its own version.
#[message(key = 18, versions = "0-5", flexible = "3+", throttles = "2+")]
pub struct ApiVersionsResponse {
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The APIs served.
    pub api_keys: Vec<ApiVersion>,
    /// Milliseconds that the client should wait before it sends again.
    #[kafka(versions = "1+", ignorable)]
    pub throttle_time_ms: i32,
    /// The features that the broker knows; versions 0 to 3 leave out those that begin at level 0.
    #[kafka(tag = 0, tagged = "3+", ignorable)]
    pub supported_features: Vec<SupportedFeatureKey>,
    /// The epoch of the finalized features, -1 if unknown.
    #[kafka(tag = 1, tagged = "3+", default = -1, ignorable)]
    pub finalized_features_epoch: i64,
    /// The feature levels that the cluster has agreed on.
    #[kafka(tag = 2, tagged = "3+", ignorable)]
    pub finalized_features: Vec<FinalizedFeatureKey>,
    /// Whether a controller is ready to take over from ZooKeeper.
    #[kafka(tag = 3, tagged = "3+", ignorable)]
    pub zk_migration_ready: bool,
}

/// An API and its versions.
#[message]
pub struct ApiVersion {
    /// The API's key.
    pub api_key: i16,
    /// The first version.
    pub min_version: i16,
    /// The last version.
    pub max_version: i16,
}

/// A feature that the broker knows.
#[message]
pub struct SupportedFeatureKey {
    /// The feature's name.
    #[kafka(versions = "3+")]
    pub name: Str,
    /// The first version.
    #[kafka(versions = "3+")]
    pub min_version: i16,
    /// The last version.
    #[kafka(versions = "3+")]
    pub max_version: i16,
}

/// A feature level that the cluster has agreed on.
#[message]
pub struct FinalizedFeatureKey {
    /// The feature's name.
    #[kafka(versions = "3+")]
    pub name: Str,
    /// The highest level.
    #[kafka(versions = "3+")]
    pub max_version_level: i16,
    /// The lowest level.
    #[kafka(versions = "3+")]
    pub min_version_level: i16,
}
