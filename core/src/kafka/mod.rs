//! The Kafka protocol.
//!
//! [`wire`] has the encodings, [`message`] the messages declared in them, [`frame`] splits and writes
//! whole frames, [`records`] reads and builds the batches that Produce and Fetch carry, and [`code`]
//! names the brokers' error codes. On top of them stand [`session`], the handshake of one connection,
//! and the two engines: [`client`], whose operations are the proxies of [`proxy`], and [`server`], an
//! embedded broker.

pub mod client;
pub mod code;
pub mod error;
mod family;
pub mod frame;
pub mod message;
pub mod proxy;
pub mod records;
pub mod server;
pub mod session;
pub mod wire;

pub use client::{Acks, Client, Config, OffsetReset};
pub use code::ErrorCode;
pub use error::{Error, Violation};
pub use family::{
    Answer, Assignment, Broker, ClusterMetadata, Codec, FetchOnce, Fetched, FetchedBatch, Kafka,
    Operation, Partition, PartitionOffset, Position, Record, RecordHeader, RecordMetadata, Topic,
};
pub use proxy::KafkaExt;
