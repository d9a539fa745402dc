//! [`Kafka`]: the family's types, as proxies and engine exchange them.
//!
//! ```text
//!   proxy: NewRecord, topic  --Operation--> engine: partition, batch, leader, retries --> bytes
//!   proxy: RecordMetadata   <--Answer------ engine: the call's part of one answer <------ bytes
//! ```

use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use super::client::{Acks, Cluster};
use super::error::Error;
use super::records::{
    Batch, Compression, DECOMPRESSED_LIMIT, Decompressor, Record as BorrowedRecord,
};
use crate::Str;
use crate::call::{Family, SubscriptionId, Unopened};
use crate::endpoint::ConnId;

/// The Kafka family.
#[derive(Debug)]
pub enum Kafka {}

impl Family for Kafka {
    type Request = Operation;
    type Answer = Answer;
    type Listen = Assignment;
    type Item = FetchedBatch;
    type Error = Error;
    type Codec = Codec;
    type Context = Cluster;
}

impl From<Error> for Unopened<Kafka> {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Reads what comes back on the caller's side.
#[derive(Debug)]
#[non_exhaustive]
pub struct Codec {
    /// Bytes that one batch may unpack to.
    pub decompressed_limit: usize,
}

impl Default for Codec {
    fn default() -> Self {
        Self { decompressed_limit: DECOMPRESSED_LIMIT }
    }
}

/// A header of a record. Names may repeat, and their order is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordHeader {
    /// The name.
    pub key: Str,
    /// The value.
    pub value: Option<Bytes>,
}

/// A record to be sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// The key. It decides the partition, unless one is named; no key is not an empty key.
    pub key: Option<Bytes>,
    /// The value; `None` deletes the key in a compacted topic.
    pub value: Option<Bytes>,
    /// The headers.
    pub headers: Vec<RecordHeader>,
    /// Milliseconds since 1970; `None` takes the time of sending.
    pub timestamp: Option<i64>,
    /// The partition; `None` leaves the choice to the key, or without one to the client.
    pub partition: Option<i32>,
}

impl Record {
    /// A record with a value and no key.
    pub fn value(value: impl Into<Bytes>) -> Self {
        Self { value: Some(value.into()), ..Self::default() }
    }

    /// A record with key and value.
    pub fn keyed(key: impl Into<Bytes>, value: impl Into<Bytes>) -> Self {
        Self { key: Some(key.into()), ..Self::value(value) }
    }

    /// The same record for this partition.
    pub fn to_partition(mut self, partition: i32) -> Self {
        self.partition = Some(partition);
        self
    }

    /// The same record with one more header.
    pub fn header(mut self, key: impl Into<Str>, value: impl Into<Option<Bytes>>) -> Self {
        self.headers.push(RecordHeader { key: key.into(), value: value.into() });
        self
    }

    /// The same record with this timestamp, in milliseconds since 1970.
    pub fn timestamp(mut self, millis: i64) -> Self {
        self.timestamp = Some(millis);
        self
    }
}

/// Where a record was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordMetadata {
    /// The partition.
    pub partition: i32,
    /// The offset; `None` with [`Acks::None`].
    pub offset: Option<i64>,
    /// The record's timestamp in milliseconds since 1970: its own, or the broker's if the topic says
    /// so.
    pub timestamp: i64,
}

/// A place in a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Position {
    /// The first record there is.
    Earliest,
    /// After the last record.
    Latest,
    /// This offset.
    Offset(i64),
    /// The first record at or after this time, in milliseconds since 1970; the end if there is none.
    Timestamp(i64),
}

/// What a subscription reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assignment {
    /// Partitions, and where to begin in each. One that is named twice is read once, from the first
    /// place given.
    pub partitions: Vec<(Str, i32, Position)>,
}

/// The first offset at or after a [`Position`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartitionOffset {
    /// The partition.
    pub partition: i32,
    /// The offset; `None` if no record is as late as the time asked for.
    pub offset: Option<i64>,
    /// The timestamp of the record there, if a time was asked for.
    pub timestamp: Option<i64>,
    /// The leader epoch of that record, -1 if unknown.
    pub leader_epoch: i32,
}

/// Reads once from a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchOnce {
    /// The topic.
    pub topic: Str,
    /// The partition.
    pub partition: i32,
    /// The offset to read from.
    pub offset: i64,
    /// Bytes to read at most; a first batch that is larger comes all the same.
    pub max_bytes: i32,
    /// Bytes to wait for.
    pub min_bytes: i32,
    /// How long to wait for them.
    pub max_wait: Duration,
}

/// What a read found.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The partition's first offset, -1 if the broker does not say.
    pub log_start_offset: i64,
    /// The offset after the last record that consumers may read.
    pub high_watermark: i64,
    /// Where to go on reading: one after the last offset here, records or not.
    pub next_offset: i64,
    /// The batches, checked.
    pub batches: Vec<FetchedBatch>,
}

/// A batch as it was read, with a view of the records that were asked for.
///
/// Records are borrowed from the batch: walking them copies nothing.
#[derive(Debug, Clone)]
pub struct FetchedBatch {
    pub(crate) topic: Str,
    pub(crate) partition: i32,
    pub(crate) from: i64,
    pub(crate) high_watermark: i64,
    pub(crate) batch: Batch,
    // The records of a compressed batch, once somebody has opened it.
    pub(crate) unpacked: Option<Bytes>,
}

impl FetchedBatch {
    /// The topic.
    pub fn topic(&self) -> &Str {
        &self.topic
    }

    /// The partition.
    pub fn partition(&self) -> i32 {
        self.partition
    }

    /// Where to go on reading: one after the batch's last offset.
    pub fn next_offset(&self) -> i64 {
        self.batch.header().last_offset().saturating_add(1)
    }

    /// The offset after the last record that consumers could read when this was fetched.
    pub fn high_watermark(&self) -> i64 {
        self.high_watermark
    }

    /// The whole batch, with records from before the offset that was asked for.
    pub fn batch(&self) -> &Batch {
        &self.batch
    }

    /// The records from the offset on that was asked for. Of a compressed batch that was taken from an
    /// event of the engine's as it is, and not through its opener or [`FetchedBatch::open`], there are none.
    pub fn records(&self) -> impl Iterator<Item = BorrowedRecord<'_>> {
        // Whoever handed the batch out has walked it before: nothing is dropped here.
        let records = match &self.unpacked {
            Some(unpacked) => self.batch.records_in(unpacked).ok(),
            None => self.batch.records().ok(),
        };
        records
            .into_iter()
            .flatten()
            .filter_map(Result::ok)
            .filter(|record| record.offset >= self.from)
    }

    /// Checks the checksum and every record, unpacking them if they are compressed. Whoever gets batches
    /// from a client's proxy gets them like that.
    ///
    /// # Errors
    /// The batch is broken, unpacks to more than `codec` allows, or its codec is not built in.
    pub fn open(&self, codec: &Codec) -> Result<Self, Error> {
        self.batch.verify()?;
        let mut opened = self.clone();
        let packing = self.batch.header().attributes.compression();
        if packing != Compression::NONE {
            let mut decompressor = Decompressor::new(codec.decompressed_limit);
            let packed = self.batch.raw_records();
            let unpacked = Bytes::copy_from_slice(decompressor.decompress(packing, &packed)?);
            for record in self.batch.records_in(&unpacked)? {
                record?;
            }
            opened.unpacked = Some(unpacked);
        } else {
            for record in self.batch.records()? {
                record?;
            }
        }
        Ok(opened)
    }
}

/// One operation for the engine to run. Made by the proxies.
#[derive(Debug)]
pub struct Operation(pub(crate) Kind);

#[derive(Debug)]
pub(crate) enum Kind {
    /// Who is there, and who leads what. `None` asks for all topics.
    Metadata {
        topics: Option<Vec<Str>>,
    },
    Produce {
        topic: Str,
        record: Record,
        acks: Option<Acks>,
    },
    Fetch(FetchOnce),
    Offset {
        topic: Str,
        partition: i32,
        position: Position,
    },
    /// A subscription's registration.
    Register(SubscriptionId),
}

/// What came back, with the connection that it came on, if it came on one.
#[derive(Debug)]
pub struct Answer {
    pub(crate) conn: Option<ConnId>,
    pub(crate) body: Body,
}

#[derive(Debug)]
pub(crate) enum Body {
    Nothing,
    Metadata(ClusterMetadata),
    Produced(RecordMetadata),
    Fetched(Fetched),
    Offsets(Vec<PartitionOffset>),
}

impl Answer {
    /// The connection that brought it.
    pub fn conn(&self) -> Option<ConnId> {
        self.conn
    }
}

/// The cluster, as one broker knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClusterMetadata {
    /// The cluster's id.
    pub cluster_id: Option<Str>,
    /// The controller's broker id, if it is known.
    pub controller: Option<i32>,
    /// The brokers, by id.
    pub brokers: Vec<Broker>,
    /// The topics, by name.
    pub topics: Vec<Topic>,
}

/// A broker of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broker {
    /// Its id.
    pub id: i32,
    /// The host to connect to.
    pub host: Str,
    /// The port to connect to.
    pub port: u16,
    /// Its rack.
    pub rack: Option<Str>,
}

/// A topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// Its name.
    pub name: Str,
    /// Its id; all zero if the broker gives none.
    pub id: super::wire::Uuid,
    /// Whether it is one of Kafka's own.
    pub internal: bool,
    /// Why there is nothing to say of it; success otherwise.
    pub error: super::code::ErrorCode,
    /// Its partitions, by number.
    pub partitions: Vec<Partition>,
}

/// A partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// Its number.
    pub partition: i32,
    /// The leader's broker id, if there is one.
    pub leader: Option<i32>,
    /// The epoch of that leader, -1 if unknown.
    pub leader_epoch: i32,
    /// The brokers that have a copy.
    pub replicas: super::wire::Ids,
    /// The brokers whose copy is in sync.
    pub in_sync: super::wire::Ids,
}
