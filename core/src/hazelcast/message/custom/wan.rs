//! Replication to other clusters.

use alloc::vec::Vec;

use gridwire_derive::custom;

use crate::Str;
use crate::hazelcast::Data;

/// To which other clusters a structure is replicated.
#[custom]
pub struct WanReplicationRef {
    /// The replication's name.
    pub name: Str,
    /// What wins against what is there already.
    pub merge_policy_class_name: Str,
    /// Java classes that say what is left out.
    pub filters: Option<Vec<Str>>,
    /// Passes on what came from another cluster.
    pub republishing_enabled: bool,
}

/// How a cluster takes in what others send.
#[custom(since = "2.7")]
pub struct WanConsumerConfigHolder {
    /// Hands it to map stores, too.
    pub persist_wan_replicated_data: bool,
    /// The Java class of a consumer of one's own.
    pub class_name: Option<Str>,
    /// Such a consumer itself.
    pub implementation: Option<Data>,
    /// Its settings.
    #[secret]
    pub properties: Vec<(Str, Data)>,
}

/// A publisher of one's own.
#[custom(since = "2.7")]
pub struct WanCustomPublisherConfigHolder {
    /// Its name.
    pub publisher_id: Option<Str>,
    /// Its Java class.
    pub class_name: Option<Str>,
    /// The publisher itself.
    pub implementation: Option<Data>,
    /// Its settings.
    #[secret]
    pub properties: Vec<(Str, Data)>,
}

/// The publisher that sends changes in batches.
#[custom(since = "2.7")]
pub struct WanBatchPublisherConfigHolder {
    /// Its name, null for that of the cluster.
    pub publisher_id: Option<Str>,
    /// Its Java class.
    pub class_name: Option<Str>,
    /// The publisher itself.
    pub implementation: Option<Data>,
    /// Its settings.
    #[secret]
    pub properties: Vec<(Str, Data)>,
    /// The cluster that it sends to.
    pub cluster_name: Option<Str>,
    /// Of several changes to a key in one batch only the last is sent.
    pub snapshot_enabled: bool,
    /// 0 replicating, 1 paused, 2 stopped.
    pub initial_publisher_state: i8,
    /// Changes that may wait.
    pub queue_capacity: i32,
    /// Changes sent together.
    pub batch_size: i32,
    /// Milliseconds that a change may wait for others.
    pub batch_max_delay_millis: i32,
    /// Milliseconds until a batch is sent again.
    pub response_timeout_millis: i32,
    /// What is done at capacity: 0 discard, 1 refuse the change, 2 refuse it only while
    /// replicating.
    pub queue_full_behavior: i32,
    /// The other side answers 0 on receipt, 1 when the change is made.
    pub acknowledge_type: i32,
    /// Seconds between searches for members.
    pub discovery_period_seconds: i32,
    /// At most so many members are sent to.
    pub max_target_endpoints: i32,
    /// At most so many batches are under way.
    pub max_concurrent_invocations: i32,
    /// Connects to private addresses.
    pub use_endpoint_private_address: bool,
    /// Nanoseconds of sleep when there is little to do, at least.
    pub idle_min_park_ns: i64,
    /// And at most.
    pub idle_max_park_ns: i64,
    /// Members to send to, with commas between.
    pub target_endpoints: Str,
    /// Finding members on AWS.
    pub aws_config: AwsConfig,
    /// Finding members on Google Cloud.
    pub gcp_config: GcpConfig,
    /// Finding members on Azure.
    pub azure_config: AzureConfig,
    /// Finding members on Kubernetes.
    pub kubernetes_config: KubernetesConfig,
    /// Finding members by Eureka.
    pub eureka_config: EurekaConfig,
    /// Other ways of finding them.
    pub discovery_config: DiscoveryConfig,
    /// Comparing clusters.
    pub sync_config: WanSyncConfig,
    /// The members' network settings to use.
    pub endpoint: Option<Str>,
}

/// Finding members on AWS.
#[custom(since = "2.7")]
pub struct AwsConfig {
    /// Which settings these are: `aws`.
    pub tag: Str,
    /// It is in use.
    pub enabled: bool,
    /// Connects to public addresses.
    pub use_public_ip: bool,
    /// Its settings, keys among them.
    #[secret]
    pub properties: Vec<(Str, Str)>,
}

/// Finding members on Google Cloud.
#[custom(since = "2.7")]
pub struct GcpConfig {
    /// Which settings these are: `gcp`.
    pub tag: Str,
    /// It is in use.
    pub enabled: bool,
    /// Connects to public addresses.
    pub use_public_ip: bool,
    /// Its settings, keys among them.
    #[secret]
    pub properties: Vec<(Str, Str)>,
}

/// Finding members on Azure.
#[custom(since = "2.7")]
pub struct AzureConfig {
    /// Which settings these are: `azure`.
    pub tag: Str,
    /// It is in use.
    pub enabled: bool,
    /// Connects to public addresses.
    pub use_public_ip: bool,
    /// Its settings, keys among them.
    #[secret]
    pub properties: Vec<(Str, Str)>,
}

/// Finding members on Kubernetes.
#[custom(since = "2.7")]
pub struct KubernetesConfig {
    /// Which settings these are: `kubernetes`.
    pub tag: Str,
    /// It is in use.
    pub enabled: bool,
    /// Connects to public addresses.
    pub use_public_ip: bool,
    /// Its settings, tokens among them.
    #[secret]
    pub properties: Vec<(Str, Str)>,
}

/// Finding members by Eureka.
#[custom(since = "2.7")]
pub struct EurekaConfig {
    /// Which settings these are: `eureka`.
    pub tag: Str,
    /// It is in use.
    pub enabled: bool,
    /// Connects to public addresses.
    pub use_public_ip: bool,
    /// Its settings.
    #[secret]
    pub properties: Vec<(Str, Str)>,
}

/// A way of finding members.
#[custom(since = "2.7")]
pub struct DiscoveryStrategyConfig {
    /// Its Java class.
    pub class_name: Str,
    /// Its settings.
    #[secret]
    pub properties: Vec<(Str, Data)>,
}

/// Ways of finding members.
#[custom(since = "2.7")]
pub struct DiscoveryConfig {
    /// The ways.
    pub discovery_strategy_configs: Vec<DiscoveryStrategyConfig>,
    /// What makes the service that runs them.
    pub discovery_service_provider: Data,
    /// What says which members are left out.
    pub node_filter: Data,
    /// Its Java class.
    pub node_filter_class: Str,
}

/// How clusters are compared.
#[custom(since = "2.7")]
pub struct WanSyncConfig {
    /// 0 not at all, 1 by trees of hashes.
    pub consistency_check_strategy: i8,
}
