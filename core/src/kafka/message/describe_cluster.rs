//! DescribeCluster (60): the nodes of the cluster, without its topics.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Asks for the nodes of the cluster.
#[message(
    key = 60, versions = "0-2", flexible = "0+",
    listeners = "broker, controller", response = DescribeClusterResponse
)]
pub struct DescribeClusterRequest {
    /// Whether to say what the client may do with the cluster.
    pub include_cluster_authorized_operations: bool,
    /// 1 brokers, 2 controllers.
    #[kafka(versions = "1+", default = 1)]
    pub endpoint_type: i8,
    /// Whether to name brokers that are fenced.
    #[kafka(versions = "2+")]
    pub include_fenced_brokers: bool,
}

/// The nodes.
#[message(key = 60, versions = "0-2", flexible = "0+")]
pub struct DescribeClusterResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words.
    #[kafka(nullable = "0+", default = null)]
    pub error_message: Option<Str>,
    /// 1 brokers, 2 controllers.
    #[kafka(versions = "1+", default = 1)]
    pub endpoint_type: i8,
    /// The cluster's id.
    pub cluster_id: Str,
    /// The controller's node id, -1 if unknown.
    #[kafka(default = -1)]
    pub controller_id: i32,
    /// The nodes.
    pub brokers: Vec<DescribeClusterBroker>,
    /// A bit for each operation allowed, `i32::MIN` if not asked.
    #[kafka(default = -2147483648)]
    pub cluster_authorized_operations: i32,
}

/// A node.
#[message]
pub struct DescribeClusterBroker {
    /// The broker's id.
    pub broker_id: i32,
    /// The host name to connect to.
    pub host: Str,
    /// The port to connect to.
    pub port: i32,
    /// The broker's rack.
    #[kafka(nullable = "0+", default = null)]
    pub rack: Option<Str>,
    /// Whether the broker is fenced: registered, but not in use.
    #[kafka(versions = "2+")]
    pub is_fenced: bool,
}
