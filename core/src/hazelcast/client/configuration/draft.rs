//! [`Draft`]: a configuration while it is read, from one source after the other.

use alloc::vec::Vec;
use core::time::Duration;

use super::cursor::Cursor;
use super::error::{ConfigError, Problem};
use super::schema::CLIENT;
use super::tree::Node;
use super::walk::walk;
use crate::Str;
use crate::endpoint::Target;
use crate::hazelcast::client::config::{Config, local_members};
use crate::hazelcast::serialization::ByteOrder;

/// The root of a client's configuration.
pub(super) const ROOT: &str = "hazelcast-client";

/// A period for which none is said.
const PERIOD: Duration = Duration::from_secs(5);

/// What was read so far. Some of it counts only when all has been read.
pub(super) struct Draft {
    pub(super) config: Config,
    pub(super) addresses: Option<Vec<(Str, u16)>>,
    pub(super) tls: Option<bool>,
    pub(super) statistics: Statistics,
    pub(super) portable_version: Option<i32>,
    pub(super) byte_order: Option<ByteOrder>,
    pub(super) native_order: Option<bool>,
    /// Which of the near caches is being read.
    pub(super) near_cache: usize,
    /// Which of the keys was said that exclude each other, in this source.
    said: [Option<&'static str>; 2],
}

/// Whether and how often statistics are sent. Properties count before the section `metrics`, and the
/// properties of former versions in between.
#[derive(Default)]
pub(super) struct Statistics {
    pub(super) property: Option<bool>,
    pub(super) former: Option<bool>,
    pub(super) section: Option<bool>,
    pub(super) property_period: Option<Duration>,
    pub(super) former_period: Option<Duration>,
    pub(super) section_period: Option<Duration>,
}

impl Draft {
    pub(super) const ROUTING: usize = 0;
    pub(super) const IDENTITY: usize = 1;

    pub(super) fn new(config: Config) -> Self {
        Self {
            config,
            addresses: None,
            tls: None,
            statistics: Statistics::default(),
            portable_version: None,
            byte_order: None,
            native_order: None,
            near_cache: 0,
            said: [None; 2],
        }
    }

    /// Reads a source, which counts before those that were read already.
    pub(super) fn read(&mut self, node: &Node, loose: bool) -> Result<(), ConfigError> {
        self.said = [None; 2];
        walk(CLIENT, self, &Cursor::root(node, ROOT, loose))
    }

    /// Notes that one of some keys was said that exclude each other.
    pub(super) fn exclusive(
        &mut self,
        at: &Cursor<'_>,
        what: usize,
        key: &'static str,
    ) -> Result<(), ConfigError> {
        let Some(said) = self.said.get_mut(what) else { return Ok(()) };
        match said.replace(key) {
            Some(other) if other != key => Err(at.error(Problem::Conflict(other))),
            _ => Ok(()),
        }
    }

    pub(super) fn finish(self) -> Config {
        let mut config = self.config;
        if let Some(addresses) = self.addresses {
            // Where the former addresses had TLS, these have.
            let former = core::mem::take(&mut config.addresses);
            let target = |(host, port)| Target::named_by_peer(host, port, &former);
            config.addresses = addresses.into_iter().map(target).collect();
        }
        match self.tls {
            Some(true) => {
                if config.addresses.is_empty() {
                    config.addresses = local_members();
                }
                for target in &mut config.addresses {
                    target.tls.get_or_insert_with(|| target.host.clone());
                }
            }
            Some(false) => config.addresses.iter_mut().for_each(|target| target.tls = None),
            None => {}
        }
        let Statistics { property, former, section, .. } = self.statistics;
        let enabled = property.or(former).or(section).unwrap_or(config.statistics.is_some());
        let Statistics { property_period, former_period, section_period, .. } = self.statistics;
        let period = property_period.or(former_period).or(section_period).or(config.statistics);
        config.statistics = enabled.then(|| period.unwrap_or(PERIOD));

        let mut registry = core::mem::take(&mut config.serialization);
        if let Some(version) = self.portable_version {
            registry = registry.portable_version(version);
        }
        let native = if cfg!(target_endian = "big") { ByteOrder::Big } else { ByteOrder::Little };
        let order = self.native_order.unwrap_or(false).then_some(native).or(self.byte_order);
        if let Some(order) = order {
            registry = registry.byte_order(order);
        }
        config.serialization = registry;
        config
    }
}
