//! [`Config`]: what a client may be told, by the names and with the defaults of the official clients.

use alloc::vec::Vec;
use core::time::Duration;

use super::cluster::{Cluster, Credentials, LoadBalancer, Reconnect, Routing, Translator};
use crate::Str;
use crate::backoff::BackoffRules;
use crate::endpoint::Target;
use crate::fragment::FragmentLimits;
use crate::hazelcast::near_cache::NearCacheConfig;
use crate::hazelcast::serialization::Registry;
use crate::heartbeat::HeartbeatRules;
use crate::links::LinkLimits;

/// A client's configuration. Every combination of values is legal.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Config {
    /// The name of the cluster, which members check; `dev`.
    pub cluster_name: Str,
    /// The name of this client, for the members' logs; made up from the seed if empty.
    pub client_name: Str,
    /// Words that members can filter clients by.
    pub labels: Vec<Str>,
    /// Members to begin with. One is enough: it names the others. None: 127.0.0.1, ports 5701 to
    /// 5703.
    pub addresses: Vec<Target>,
    /// Try members in another order each time; true. From the seed.
    pub shuffle_member_list: bool,
    /// Which members to talk with; all.
    pub routing: Routing,
    /// Who gets what any member can serve; one after the other.
    pub load_balancer: LoadBalancer,
    /// Reach members by their public addresses. `None`: if none of the addresses that they give for
    /// themselves is one of the configured, and all of them have a public one.
    pub use_public_ip: Option<bool>,
    /// Where members are reached, if that is another address than they give.
    pub address_translator: Option<Translator>,
    /// What members want to see; nothing.
    pub credentials: Credentials,
    /// Other clusters to go to, in turn, when this one can't be reached in the time that
    /// `connection_retry` gives up after (120 s if it doesn't) or doesn't allow the client; none.
    pub failover: Vec<Cluster>,
    /// How often to go through all clusters before giving up; without end.
    pub failover_try_count: Option<u32>,
    /// Calls that come before the first connection fail at once; false: they wait.
    pub async_start: bool,
    /// What becomes of calls while the connection is lost; they wait.
    pub reconnect: Reconnect,
    /// Time until the transport says that a connection stands; 5 s.
    pub connection_timeout: Duration,
    /// Time from then on until the member has let the client in, its start included; 10 s. Official
    /// clients wait for as long as their heartbeat timeout.
    pub authentication_timeout: Duration,
    /// How long to wait before trying all members again: 1 s, each time 1.05 times as long, at most
    /// 30 s, without end.
    pub connection_retry: BackoffRules,
    /// Silence of a member after which it is pinged; 5 s.
    pub heartbeat_interval: Duration,
    /// Silence of a member after which it counts as dead; 60 s.
    pub heartbeat_timeout: Duration,
    /// Time that a call may take from submission to its end, retries included, unless it names its
    /// own; 120 s.
    pub invocation_timeout: Duration,
    /// The longest pause before a request is sent again, after five times without one; 1 s.
    pub invocation_retry_pause: Duration,
    /// Send requests again that may have been carried out, whatever they do; false.
    pub redo_operation: bool,
    /// Have members that keep backups report to the client itself, which spares a hop; true.
    pub backup_ack_to_client: bool,
    /// Time after which an answered call ends although backups were not reported; 5 s.
    pub backup_ack_timeout: Duration,
    /// A call whose backups were not reported in time, or whose owner was lost before they were, fails
    /// as not known to be done; false: it ends as if they had been.
    pub fail_on_indeterminate_operation_state: bool,
    /// How often the client tells a member of itself, for the management center; `None`: never. Official
    /// clients do every 5 s.
    pub statistics: Option<Duration>,
    /// Near caches of maps, for those who ask for them with
    /// [`near_cached_map`](crate::hazelcast::Structures::near_cached_map); none.
    pub near_caches: Vec<NearCacheConfig>,
    /// Invalidations of a map that may be missed, or late, before what is kept of their partitions
    /// counts as stale; 10.
    pub invalidation_max_tolerated_miss_count: u32,
    /// How often members are asked how many invalidations there were; 60 s. `None`: only after
    /// connections were lost. Official clients allow no less than 30 s.
    pub invalidation_reconciliation_interval: Option<Duration>,
    /// Requests in flight, those included that wait for a connection; 1,048,576. A call above it waits
    /// for `invocation_backoff_timeout`, or is refused.
    pub max_concurrent_invocations: usize,
    /// How long a call waits above the limit of those in flight, in the order in which they came, before
    /// it is refused as overloaded; `None`: not at all. Its own timeout ends it sooner. What waits holds
    /// at most [`LinkLimits::high_water`] bytes and one call more.
    pub invocation_backoff_timeout: Option<Duration>,
    /// Bytes of one message of a member; 128 MiB.
    pub max_message: usize,
    /// What values may be, and how they are written.
    pub serialization: Registry,
    /// Bytes waiting to be sent, and events waiting to be taken.
    pub links: LinkLimits,
    /// Messages that come in parts.
    pub fragments: FragmentLimits,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            cluster_name: Str::from_static("dev"),
            client_name: Str::default(),
            labels: Vec::new(),
            addresses: Vec::new(),
            shuffle_member_list: true,
            routing: Routing::AllMembers,
            load_balancer: LoadBalancer::RoundRobin,
            use_public_ip: None,
            address_translator: None,
            credentials: Credentials::None,
            failover: Vec::new(),
            failover_try_count: None,
            async_start: false,
            reconnect: Reconnect::On,
            connection_timeout: Duration::from_secs(5),
            authentication_timeout: Duration::from_secs(10),
            connection_retry: BackoffRules {
                initial: Duration::from_secs(1),
                max: Duration::from_secs(30),
                multiplier: 1.05,
                jitter: 0.0,
                give_up_after: None,
            },
            heartbeat_interval: Duration::from_secs(5),
            heartbeat_timeout: Duration::from_secs(60),
            invocation_timeout: Duration::from_secs(120),
            invocation_retry_pause: Duration::from_secs(1),
            redo_operation: false,
            backup_ack_to_client: true,
            backup_ack_timeout: Duration::from_secs(5),
            fail_on_indeterminate_operation_state: false,
            statistics: None,
            near_caches: Vec::new(),
            invalidation_max_tolerated_miss_count: 10,
            invalidation_reconciliation_interval: Some(Duration::from_secs(60)),
            max_concurrent_invocations: 1 << 20,
            invocation_backoff_timeout: None,
            max_message: 128 << 20,
            serialization: Registry::default(),
            links: LinkLimits::default(),
            fragments: FragmentLimits::default(),
        }
    }
}

/// What waits shorter than this waits this long, so that no configuration makes an engine spin.
pub(super) const SHORTEST: Duration = Duration::from_millis(1);

/// Time after which a cluster is given up for the next one.
const FAILOVER_AFTER: Duration = Duration::from_secs(120);

/// Where members are tried if none is configured.
pub(super) fn local_members() -> Vec<Target> {
    (5701..=5703).map(|port| Target::new("127.0.0.1", port)).collect()
}

impl Config {
    /// The defaults, beginning with these members.
    pub fn new(addresses: impl IntoIterator<Item = Target>) -> Self {
        Self { addresses: addresses.into_iter().collect(), ..Self::default() }
    }

    pub(super) fn heartbeat(&self) -> HeartbeatRules {
        HeartbeatRules {
            // Without any interval an engine would do nothing but ping.
            interval: Some(self.heartbeat_interval.max(SHORTEST)),
            timeout: Some(self.heartbeat_timeout),
            idle: None,
        }
    }

    /// The cluster of this number: the first is the configuration's own.
    pub(super) fn cluster(&self, number: usize) -> Cluster {
        let mut cluster = match number.checked_sub(1).and_then(|other| self.failover.get(other)) {
            Some(other) => other.clone(),
            None => Cluster {
                name: self.cluster_name.clone(),
                credentials: self.credentials.clone(),
                addresses: self.addresses.clone(),
                connection_retry: self.connection_retry,
            },
        };
        if cluster.addresses.is_empty() {
            cluster.addresses = local_members();
        }
        if !self.failover.is_empty() {
            cluster.connection_retry.give_up_after.get_or_insert(FAILOVER_AFTER);
        }
        cluster
    }
}
