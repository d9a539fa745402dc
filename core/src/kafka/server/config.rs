//! [`Config`]: what users of the broker set.

use alloc::vec::Vec;
use core::time::Duration;

use crate::Str;
use crate::endpoint::Target;
use crate::links::LinkLimits;

/// How a broker behaves. All fields are public; [`Config::default`] has Kafka's own defaults where there
/// are such.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `node.id`; 1.
    pub node_id: i32,
    /// The cluster's id; drawn from the seed if `None`.
    pub cluster_id: Option<Str>,
    /// Where clients are told to connect to. `None` tells each client the address that it has connected
    /// to, so that a broker on a port of the system's choice needs no second look.
    pub advertised: Option<Target>,
    /// Topics that exist from the beginning, with their numbers of partitions.
    pub topics: Vec<(Str, u32)>,
    /// `auto.create.topics.enable`: whether asking for a topic creates it; true.
    pub auto_create_topics: bool,
    /// `num.partitions`: partitions of a topic that was created by asking for it; 1.
    pub default_partitions: u32,
    /// Topics that there may be at most; 10,000.
    pub max_topics: usize,
    /// `message.max.bytes`: the largest batch; 1,048,588.
    pub max_batch: usize,
    /// Bytes that a batch may unpack to when it is checked or converted; 100 MiB.
    pub decompressed_limit: usize,
    /// Bytes of all logs together above which writes are refused; 1 GiB.
    pub max_log_bytes: u64,
    /// `socket.request.max.bytes`: the largest request; 100 MiB.
    pub max_frame: usize,
    /// `fetch.max.bytes`: the most that one read is answered with; 55 MiB.
    pub fetch_max_bytes: usize,
    /// The longest that a read may wait, whatever it asks for; 5 minutes.
    pub fetch_max_wait: Duration,
    /// `max.connections`: connections above which more are refused; 10,000.
    pub max_connections: usize,
    /// `connections.max.idle.ms`: after what time a silent connection is closed; 10 minutes.
    pub connections_max_idle: Option<Duration>,
    /// Producers that each partition remembers for their sequence numbers; 1,000.
    pub max_producers: usize,
    /// Bounds of each connection.
    pub links: LinkLimits,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            node_id: 1,
            cluster_id: None,
            advertised: None,
            topics: Vec::new(),
            auto_create_topics: true,
            default_partitions: 1,
            max_topics: 10_000,
            max_batch: 1_048_588,
            decompressed_limit: crate::kafka::records::DECOMPRESSED_LIMIT,
            max_log_bytes: 1 << 30,
            max_frame: crate::kafka::frame::LIMIT,
            fetch_max_bytes: 55 << 20,
            fetch_max_wait: Duration::from_secs(300),
            max_connections: 10_000,
            connections_max_idle: Some(Duration::from_secs(600)),
            max_producers: 1_000,
            links: LinkLimits::default(),
        }
    }
}
