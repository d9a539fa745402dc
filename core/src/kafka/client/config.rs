//! [`Config`]: what users of the client set. Names and defaults are those of Kafka's own clients.

use alloc::vec::Vec;
use core::time::Duration;

use crate::Str;
use crate::backoff::BackoffRules;
use crate::endpoint::Target;
use crate::kafka::records::{CompressionType, DECOMPRESSED_LIMIT, HEADER_LEN};
use crate::links::LinkLimits;

/// How many copies of a record must be written before its send succeeds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Acks {
    /// None: the broker does not answer, and the offset stays unknown.
    None,
    /// The leader's.
    Leader,
    /// Those of all replicas in sync.
    #[default]
    All,
}

impl Acks {
    /// The number on the wire.
    pub const fn code(self) -> i16 {
        match self {
            Self::None => 0,
            Self::Leader => 1,
            Self::All => -1,
        }
    }
}

/// Where to go on when the offset asked for is not in the log any more, or not yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum OffsetReset {
    /// End the subscription with the broker's error. The default, since a subscription here always
    /// names where it begins: going elsewhere would lose or repeat records behind the reader's back.
    #[default]
    None,
    /// At the first record there is.
    Earliest,
    /// After the last one.
    Latest,
}

/// How a client behaves. All fields are public; [`Config::new`] has the defaults.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// `bootstrap.servers`: where to ask about the cluster first.
    pub bootstrap_servers: Vec<Target>,
    /// `client.id`: the name that brokers log and count quotas for.
    pub client_id: Option<Str>,
    /// `request.timeout.ms`: how long a broker may take to answer; 30 s. Fetches wait on top.
    pub request_timeout: Duration,
    /// `default.api.timeout.ms`: how long a call may take, retries included; 60 s.
    pub api_timeout: Duration,
    /// `delivery.timeout.ms`: how long sending a record may take, retries included; 120 s.
    pub delivery_timeout: Duration,
    /// `socket.connection.setup.timeout.ms`: how long connecting and the handshake may take; 10 s.
    pub connection_setup_timeout: Duration,
    /// `socket.connection.setup.timeout.max.ms`: to what it grows when connecting fails; 30 s.
    pub connection_setup_timeout_max: Duration,
    /// `reconnect.backoff.ms` to `reconnect.backoff.max.ms`: between attempts to connect to the same
    /// broker; 50 ms to 1 s.
    pub reconnect_backoff: BackoffRules,
    /// `retry.backoff.ms` to `retry.backoff.max.ms`: before a request is sent again; 100 ms to 1 s.
    pub retry_backoff: BackoffRules,
    /// `connections.max.idle.ms`: after what time an unused connection is closed; 9 minutes.
    pub connections_max_idle: Option<Duration>,
    /// `metadata.max.age.ms`: after what time metadata is asked for anew; 5 minutes.
    pub metadata_max_age: Duration,
    /// How many times a topic may be reported as unknown before a call on it fails; 10.
    pub unknown_topic_retries: u32,
    /// `allow.auto.create.topics`: whether using a topic may create it; true.
    pub allow_auto_create_topics: bool,
    /// `max.in.flight.requests.per.connection`; 5. With more than 1, a batch that is retried can end
    /// up behind a later one.
    pub max_in_flight: usize,
    /// `acks`, for records that don't say.
    pub acks: Acks,
    /// `linger.ms`: how long a batch waits for more records; 5 ms.
    pub linger: Duration,
    /// `batch.size`: bytes at which a batch is full; 16,384.
    pub batch_size: usize,
    /// `compression.type`: how batches are compressed, with the codec's level where it has levels; not at
    /// all by default. Sizes here count records before that.
    pub compression_type: CompressionType,
    /// `max.request.size`: bytes of batches in one request, and of one record; 1 MiB.
    pub max_request_size: usize,
    /// `buffer.memory`: bytes of records that may wait or be in flight; 32 MiB. Above, sends are
    /// refused as overloaded.
    pub buffer_memory: usize,
    /// Whether a batch is sent again when it is not known if the broker has stored it: records may
    /// then be stored twice. False by default: the sends end as indeterminate.
    pub retry_indeterminate: bool,
    /// `fetch.min.bytes`: bytes that a broker waits for; 1.
    pub fetch_min_bytes: i32,
    /// `fetch.max.bytes`: bytes of one answer; 50 MiB. A first batch that is larger is sent all the same.
    pub fetch_max_bytes: i32,
    /// `max.partition.fetch.bytes`; 1 MiB.
    pub max_partition_fetch_bytes: i32,
    /// `fetch.max.wait.ms`: how long a broker waits for `fetch_min_bytes`; 500 ms.
    pub fetch_max_wait: Duration,
    /// `auto.offset.reset`.
    pub auto_offset_reset: OffsetReset,
    /// Bytes that one batch may unpack to when it is read; 100 MiB.
    pub decompressed_limit: usize,
    /// The largest frame taken from a broker; 100 MiB.
    pub max_frame: usize,
    /// Calls other than sends that may wait for a connection or for metadata; 10,000.
    pub max_waiting: usize,
    /// Bounds of each connection.
    pub links: LinkLimits,
}

impl Config {
    /// The defaults, and where to begin.
    pub fn new(bootstrap_servers: impl IntoIterator<Item = Target>) -> Self {
        let backoff = |initial, max| BackoffRules {
            initial: Duration::from_millis(initial),
            max: Duration::from_millis(max),
            multiplier: 2.0,
            jitter: 0.2,
            give_up_after: None,
        };
        Self {
            bootstrap_servers: bootstrap_servers.into_iter().collect(),
            client_id: Some(Str::from_static("gridwire")),
            request_timeout: Duration::from_secs(30),
            api_timeout: Duration::from_secs(60),
            delivery_timeout: Duration::from_secs(120),
            connection_setup_timeout: Duration::from_secs(10),
            connection_setup_timeout_max: Duration::from_secs(30),
            reconnect_backoff: backoff(50, 1_000),
            retry_backoff: backoff(100, 1_000),
            connections_max_idle: Some(Duration::from_secs(9 * 60)),
            metadata_max_age: Duration::from_secs(5 * 60),
            unknown_topic_retries: 10,
            allow_auto_create_topics: true,
            max_in_flight: 5,
            acks: Acks::All,
            linger: Duration::from_millis(5),
            batch_size: 16_384,
            compression_type: CompressionType::None,
            max_request_size: 1 << 20,
            buffer_memory: 32 << 20,
            retry_indeterminate: false,
            fetch_min_bytes: 1,
            fetch_max_bytes: 50 << 20,
            max_partition_fetch_bytes: 1 << 20,
            fetch_max_wait: Duration::from_millis(500),
            auto_offset_reset: OffsetReset::None,
            decompressed_limit: DECOMPRESSED_LIMIT,
            max_frame: crate::kafka::frame::LIMIT,
            max_waiting: 10_000,
            links: LinkLimits::default(),
        }
    }

    /// The largest batch that may be built; one record always fits, whatever `batch_size` says.
    pub(super) fn batch_room(&self) -> usize {
        self.batch_size.min(self.max_request_size).saturating_sub(HEADER_LEN)
    }
}
