//! What the tests of Kafka's engines share: a client joined to brokers in memory, and a broker whose
//! every word a test decides.
#![allow(dead_code, reason = "each test binary uses its own part of this")]

pub(crate) mod answers;
pub(crate) mod net;
pub(crate) mod raw;
pub(crate) mod scripted;

use std::time::Duration;

use gridwire_core::endpoint::{Engine, Start, Target};
use gridwire_core::kafka::server::{self, Broker};
use gridwire_core::kafka::{Client, Config};

/// The wall time of every test when it begins, in milliseconds since 1970.
pub(crate) const BEGIN: u64 = 1_700_000_000_000;

pub(crate) fn start(seed: u64) -> Start {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    Start { seed: bytes, unix_at_zero: Duration::from_millis(BEGIN) }
}

pub(crate) fn target(port: u16) -> Target {
    Target::new("broker", port)
}

/// A client's configuration without randomness in its waits.
pub(crate) fn config() -> Config {
    let mut config = Config::new([target(1)]);
    config.retry_backoff.jitter = 0.0;
    config.reconnect_backoff.jitter = 0.0;
    config
}

pub(crate) fn client(seed: u64, config: Config) -> Client {
    Client::start(config, start(seed))
}

pub(crate) fn broker(topics: &[(&'static str, u32)]) -> Broker {
    let config = server::Config {
        advertised: Some(target(1)),
        topics: topics.iter().map(|(name, count)| ((*name).into(), *count)).collect(),
        default_partitions: 2,
        ..server::Config::default()
    };
    Broker::start(config, start(99))
}
