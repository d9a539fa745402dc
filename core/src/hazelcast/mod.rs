//! The Hazelcast open binary client protocol, version 2.x: the wire, a client, and a member.

pub mod client;
pub mod data;
pub mod error;
mod error_code;
mod family;
mod follower;
pub mod frame;
pub mod message;
mod near_cache;
pub mod print;
pub mod proxy;
pub mod query;
mod query_cache;
pub mod raw;
pub mod reader;
pub mod schema;
pub mod serialization;
pub mod server;
mod session;
pub mod uuid;
pub mod version;
pub mod wire;
pub mod writer;

pub use client::{
    Client, Cluster, Config, Context, Credentials, Load, LoadBalancer, Metrics, Reconnect, Routing,
    Translator, configuration,
};
pub use data::Data;
pub use error::Error;
pub use family::{
    Answer, Hazelcast, Item, MembershipEvent, Operation, Registration, Source, Structure, To,
};
pub use near_cache::{
    Eviction, EvictionPolicy, InMemoryFormat, NearCacheConfig, NearCacheStatistics,
};
pub use proxy::{
    BitmapIndex, ClusterEvents, Cursor, CursorPage, DistributedObject, EntryEvent, EntryEvents,
    EntryProcessor, EntryView, Expiry, Form, Index, JournalBounds, JournalEvent, JournalPage,
    LockOwner, Map, MapPartitionLost, Migration, NearCachedMap, ObjectEvent, Owned, PartitionLost,
    QueryCache, QueryCacheEvent, Readable, Structures, Transformation,
};
pub use query_cache::{CacheChange, QueryCacheConfig};
pub use raw::{Encoded, Message};
pub use reader::FrameReader;
pub use schema::{Payload, Request};
pub use serialization::{Codec, Json, List, Read, Registry, Value, Write, compact, portable};
pub use server::{Disturbance, Fault, Member, MemberConfig, MemberEvent, Processor, Processors};
pub use uuid::Uuid;
pub use version::Version;
pub use writer::FrameWriter;

#[doc(inline)]
pub use crate::{__custom as custom, __identified as identified};

#[cfg(test)]
mod tests;
