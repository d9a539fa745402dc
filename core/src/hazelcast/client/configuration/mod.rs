//! Configuration from outside the program: YAML in the official client's schema, and environment
//! variables as the official client maps them.
//!
//! ```
//! # use gridwire_core::hazelcast::Config;
//! # #[cfg(feature = "yaml")]
//! # fn main() -> Result<(), gridwire_core::hazelcast::configuration::ConfigError> {
//! use gridwire_core::hazelcast::configuration::Loader;
//!
//! let file = "hazelcast-client:\n  cluster-name: shop\n  network:\n    cluster-members: [node-1:5701]";
//! let variables = [("HZCLIENT_CLUSTERNAME", "try-out")]; // std::env::vars()
//! let config: Config = Loader::new().yaml(file)?.env(variables)?.finish();
//! assert_eq!(&*config.cluster_name, "try-out");
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "yaml"))]
//! # fn main() {}
//! ```
//!
//! What comes later counts before what came earlier, so variables count before the file, as they do
//! for the official client; other than there, they leave alone what they don't name. A key that doesn't
//! exist, a value of another type or out of range, and everything that the official client has and this
//! one lacks is a [`ConfigError`] that names key and line (or variable). A lacking feature may stand
//! there switched off. `${name}` in a value is what [`Loader::variables`] says.
//!
//! # Keys
//!
//! Below `hazelcast-client`:
//!
//! | Key | Value | Default |
//! |---|---|---|
//! | `cluster-name` | text | `dev` |
//! | `instance-name` | text | made up |
//! | `client-labels` | list of texts | none |
//! | `backup-ack-to-client-enabled` | switch | true |
//! | `network.cluster-members` | list of `host`, `host:port`, `host:first-last`, `[IPv6]:port`; ports 5701 to 5703 if none is given | `127.0.0.1` |
//! | `network.smart-routing` | switch: all members, or one; not together with `cluster-routing` | true |
//! | `network.cluster-routing.mode` | `ALL_MEMBERS`, `SINGLE_MEMBER`, `MULTI_MEMBER` | `ALL_MEMBERS` |
//! | `network.redo-operation` | switch | false |
//! | `network.connection-timeout` | milliseconds; 0 is 2^31 − 1 | 5000 |
//! | `network.ssl.enabled` | switch: TLS, certificates checked against the members' hosts. Certificates and keys are given to the adapter | false |
//! | `connection-strategy.async-start` | switch | false |
//! | `connection-strategy.reconnect-mode` | `ON`, `OFF`, `ASYNC` | `ON` |
//! | `connection-strategy.connection-retry.initial-backoff-millis` | milliseconds | 1000 |
//! | `connection-strategy.connection-retry.max-backoff-millis` | milliseconds | 30000 |
//! | `connection-strategy.connection-retry.multiplier` | number from 1 | 1.05 |
//! | `connection-strategy.connection-retry.jitter` | number from 0 to 1 | 0 |
//! | `connection-strategy.connection-retry.cluster-connect-timeout-millis` | milliseconds, or −1 for without end (120 s with failover) | −1 |
//! | `security.username-password` | `username` and `password` | none |
//! | `security.token` | `value`, and `encoding`: `none` or `base64` | none |
//! | `load-balancer.type` | `round-robin`, `random` | `round-robin` |
//! | `metrics.enabled` | switch: send statistics to a member. The official client's default is true | false |
//! | `metrics.collection-frequency-seconds` | seconds | 5 |
//! | `near-cache.<map>` | the near cache of a map, or of those that a pattern with one `*` fits, or `default` | none |
//! | `near-cache.<map>.in-memory-format` | `BINARY`, `OBJECT` | `BINARY` |
//! | `near-cache.<map>.serialize-keys` | switch | false |
//! | `near-cache.<map>.invalidate-on-change` | switch | true |
//! | `near-cache.<map>.time-to-live-seconds` | seconds; 0: for ever | 0 |
//! | `near-cache.<map>.max-idle-seconds` | seconds; 0: for ever | 0 |
//! | `near-cache.<map>.eviction.size` | whole number above 0 | 10000 |
//! | `near-cache.<map>.eviction.eviction-policy` | `LRU`, `LFU`, `RANDOM`, `NONE` | `LRU` |
//! | `serialization.portable-version` | whole number | 0 |
//! | `serialization.byte-order` | `BIG_ENDIAN`, `LITTLE_ENDIAN` | `BIG_ENDIAN` |
//! | `serialization.use-native-byte-order` | switch; counts before `byte-order` | false |
//!
//! Below `hazelcast-client.properties`:
//!
//! | Property | Value | Default |
//! |---|---|---|
//! | `hazelcast.client.shuffle.member.list` | switch | true |
//! | `hazelcast.client.heartbeat.interval` | milliseconds | 5000 |
//! | `hazelcast.client.heartbeat.timeout` | milliseconds | 60000 |
//! | `hazelcast.client.invocation.timeout.seconds` | seconds | 120 |
//! | `hazelcast.client.invocation.retry.pause.millis` | milliseconds | 1000 |
//! | `hazelcast.client.max.concurrent.invocations` | whole number. The official client's default is 2^31 − 1 | 1048576 |
//! | `hazelcast.client.invocation.backoff.timeout.millis` | milliseconds that calls above it wait, or −1 for not at all | −1 |
//! | `hazelcast.client.operation.backup.timeout.millis` | milliseconds | 5000 |
//! | `hazelcast.client.operation.fail.on.indeterminate.state` | switch | false |
//! | `hazelcast.discovery.public.ip.enabled` | switch | found out |
//! | `hazelcast.invalidation.max.tolerated.miss.count` | whole number | 10 |
//! | `hazelcast.invalidation.reconciliation.interval.seconds` | seconds from 30, or 0 for never | 60 |
//! | `hazelcast.client.metrics.enabled`, formerly `hazelcast.client.statistics.enabled` | switch; counts before `metrics.enabled` | |
//! | `hazelcast.client.metrics.collection.frequency`, formerly `hazelcast.client.statistics.period.seconds` | seconds; counts before `metrics.collection-frequency-seconds` | |
//!
//! Below `hazelcast-client-failover` ([`Loader::failover_yaml`]):
//!
//! | Key | Value | Default |
//! |---|---|---|
//! | `clients` | list of files, or of sections `hazelcast-client`: the clusters in the order in which they are tried | |
//! | `try-count` | how often all are gone through | without end |
//!
//! A variable's name is `HZCLIENT_`, then the keys in upper case, without hyphens, joined by
//! underscores: `HZCLIENT_NETWORK_SSL_ENABLED`. Items of a list are numbered
//! (`HZCLIENT_NETWORK_CLUSTERMEMBERS_0`) or divided by commas, and properties have underscores for
//! their dots (`HZCLIENT_PROPERTIES_HAZELCAST_CLIENT_HEARTBEAT_INTERVAL`). A variable that begins so and
//! names no key is an error as well.

mod cursor;
mod draft;
mod error;
#[cfg(feature = "yaml")]
mod failover;
mod members;
mod near_caches;
mod schema;
#[cfg(test)]
mod tests;
#[cfg(feature = "yaml")]
mod text;
mod tree;
mod variables;
mod walk;
#[cfg(feature = "yaml")]
mod yaml;

pub use error::{ConfigError, Place, Problem};

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use self::draft::Draft;
use super::config::Config;

/// What `${name}` stands for.
type Variables<'a> = Box<dyn FnMut(&str) -> Option<String> + 'a>;

/// Reads a configuration from one source after the other; the later counts before the earlier.
pub struct Loader<'a> {
    draft: Draft,
    #[cfg_attr(not(feature = "yaml"), allow(dead_code))]
    variables: Variables<'a>,
}

impl<'a> Loader<'a> {
    /// Begins with the defaults.
    pub fn new() -> Self {
        Self::with(Config::default())
    }

    /// Begins with a configuration that the program made.
    pub fn with(config: Config) -> Self {
        Self { draft: Draft::new(config), variables: Box::new(|_| None) }
    }

    /// Says what `${name}` stands for in the texts read from now on. Without it nothing has a value. One
    /// without a value is an error.
    #[must_use]
    pub fn variables(mut self, variables: impl FnMut(&str) -> Option<String> + 'a) -> Self {
        self.variables = Box::new(variables);
        self
    }

    /// Reads a text of up to 1 MiB, whose root is `hazelcast-client`.
    ///
    /// # Errors
    /// It isn't YAML, or not a configuration.
    #[cfg(feature = "yaml")]
    pub fn yaml(mut self, yaml: &str) -> Result<Self, ConfigError> {
        let node = text::read(yaml, None, &mut self.variables)?;
        self.draft.read(text::section(&node, draft::ROOT)?, false)?;
        Ok(self)
    }

    /// Reads a text whose root is `hazelcast-client-failover`. `file` gives the text of a file by the
    /// name that stands there. Only what is said of the cluster (name, members, TLS, credentials and
    /// connection retry) may differ from client to client. What was read before is replaced; what is
    /// read afterwards, and says something of the cluster, is about the first.
    ///
    /// # Errors
    /// One of the texts isn't YAML, or not a configuration; or there is no such file.
    #[cfg(feature = "yaml")]
    pub fn failover_yaml(
        mut self,
        yaml: &str,
        mut file: impl FnMut(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let config = failover::load(self.draft.finish(), yaml, &mut file, &mut self.variables)?;
        self.draft = Draft::new(config);
        Ok(self)
    }

    /// Reads the environment variables that are for the client: those that begin with `HZCLIENT_`.
    ///
    /// # Errors
    /// One of them names no key, or its value can't be the key's.
    pub fn env<N: AsRef<str>, V: AsRef<str>>(
        mut self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, ConfigError> {
        self.draft.read(&variables::read(variables)?, true)?;
        Ok(self)
    }

    /// The configuration.
    pub fn finish(self) -> Config {
        self.draft.finish()
    }
}

impl Default for Loader<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Loader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loader").field("config", &self.draft.config).finish_non_exhaustive()
    }
}

impl Config {
    /// Reads a text in YAML whose root is `hazelcast-client`; see [`configuration`](self).
    ///
    /// # Errors
    /// It isn't YAML, or not a configuration.
    #[cfg(feature = "yaml")]
    pub fn from_yaml(text: &str) -> Result<Self, ConfigError> {
        Ok(Loader::new().yaml(text)?.finish())
    }

    /// Reads environment variables (`std::env::vars()`), and takes the defaults for the rest.
    ///
    /// # Errors
    /// One of them begins with `HZCLIENT_` and names no key, or its value can't be the key's.
    pub fn from_env<N: AsRef<str>, V: AsRef<str>>(
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, ConfigError> {
        Ok(Loader::new().env(variables)?.finish())
    }

    /// Sets what environment variables name, and leaves the rest alone.
    ///
    /// # Errors
    /// As [`from_env`](Self::from_env) has them; nothing is set then.
    pub fn apply_env<N: AsRef<str>, V: AsRef<str>>(
        &mut self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Result<(), ConfigError> {
        *self = Loader::with(self.clone()).env(variables)?.finish();
        Ok(())
    }
}
