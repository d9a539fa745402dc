//! The proxies: what users call. Each operation is written once and comes out as whatever its invoker
//! makes of calls: a future, a blocking handle, or the bare call.
//!
//! ```
//! use gridwire_core::call::Family;
//! use gridwire_core::invoker::{Detached, Invoker};
//! use gridwire_core::kafka::{Kafka, KafkaExt, Position, Record};
//!
//! let client: Detached<Kafka> = Detached::new(Default::default());
//! let call = client.producer("orders").send(Record::keyed("7", "three of them"));
//! let listen = client.consumer().read("orders", [0, 1, 2], Position::Earliest);
//! ```

// What an opener may need is large, and rare; the contract fixes its shape.
#![allow(clippy::result_large_err)]

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::client::Acks;
use super::error::{Error, Violation};
use super::family::{
    Answer, Assignment, Body, ClusterMetadata, Codec, FetchOnce, Fetched, FetchedBatch, Kafka,
    Kind, Operation, PartitionOffset, Position, Record, RecordMetadata,
};
use crate::Str;
use crate::call::{
    Advance, Call, Listen, Opener, Order, Plan, Progress, Stepping, Steps, Unopened,
};
use crate::invoker::Invoker;

/// Batches that wait for a slow reader unless it asks otherwise: each may be a megabyte.
pub const BATCHES: usize = 64;

/// What every invoker of Kafka calls can be asked for.
pub trait KafkaExt: Invoker<Family = Kafka> {
    /// Sends records to a topic.
    fn producer(&self, topic: impl Into<Str>) -> Producer<Self> {
        Producer { invoker: self.clone(), topic: topic.into(), acks: None }
    }

    /// Reads records.
    fn consumer(&self) -> Consumer<Self> {
        Consumer { invoker: self.clone() }
    }

    /// Asks about the cluster.
    fn admin(&self) -> Admin<Self> {
        Admin { invoker: self.clone() }
    }
}

impl<I: Invoker<Family = Kafka>> KafkaExt for I {}

/// Sends records to a topic.
#[derive(Debug, Clone)]
pub struct Producer<I> {
    invoker: I,
    topic: Str,
    acks: Option<Acks>,
}

impl<I: Invoker<Family = Kafka>> Producer<I> {
    /// The same, but with other acknowledgements than the client's.
    pub fn acks(mut self, acks: Acks) -> Self {
        self.acks = Some(acks);
        self
    }

    /// Sends a record: to its partition, else by its key, else to where the client gathers records
    /// just now. It joins a batch at once, and is sent even if nobody waits for the end.
    pub fn send(&self, record: Record) -> I::Invocation<RecordMetadata> {
        let (topic, acks) = (self.topic.clone(), self.acks);
        let operation = Operation(Kind::Produce { topic, record, acks });
        self.invoker.invoke(Call::one(operation, open_produced).at_once())
    }
}

/// Reads records.
#[derive(Debug, Clone)]
pub struct Consumer<I> {
    invoker: I,
}

impl<I: Invoker<Family = Kafka>> Consumer<I> {
    /// Reads partitions of a topic from a position on, for as long as the subscription lives. Each item
    /// is a batch of records.
    pub fn read(
        &self,
        topic: impl Into<Str>,
        partitions: impl IntoIterator<Item = i32>,
        from: Position,
    ) -> I::Subscription<FetchedBatch> {
        let topic = topic.into();
        let partitions = partitions.into_iter().map(|partition| (topic.clone(), partition, from));
        self.assign(Assignment { partitions: partitions.collect() })
    }

    /// Reads partitions of any topics, each from a position of its own.
    pub fn assign(&self, assignment: Assignment) -> I::Subscription<FetchedBatch> {
        self.invoker.listen(Listen::new(assignment, open_batch).capacity(BATCHES))
    }

    /// Reads once from a partition.
    pub fn fetch(&self, fetch: FetchOnce) -> I::Invocation<Fetched> {
        self.invoker.invoke(Call::one(Operation(Kind::Fetch(fetch)), open_fetched))
    }
}

/// Asks about the cluster.
#[derive(Debug, Clone)]
pub struct Admin<I> {
    invoker: I,
}

impl<I: Invoker<Family = Kafka>> Admin<I> {
    /// The brokers and all topics.
    pub fn cluster(&self) -> I::Invocation<ClusterMetadata> {
        self.metadata(None)
    }

    /// The brokers, and the topics that are named. Topics that don't exist come back with an error code
    /// and are not created.
    pub fn topics(
        &self,
        names: impl IntoIterator<Item = impl Into<Str>>,
    ) -> I::Invocation<ClusterMetadata> {
        self.metadata(Some(names.into_iter().map(Into::into).collect()))
    }

    fn metadata(&self, topics: Option<Vec<Str>>) -> I::Invocation<ClusterMetadata> {
        let operation = Operation(Kind::Metadata { topics });
        self.invoker.invoke(Call::one(operation, open_metadata))
    }

    /// The offsets at a position, in the order of the partitions asked for.
    pub fn list_offsets(
        &self,
        topic: impl Into<Str>,
        partitions: impl IntoIterator<Item = i32>,
        at: Position,
    ) -> I::Invocation<Vec<PartitionOffset>> {
        let topic = topic.into();
        let asked: Vec<_> = partitions.into_iter().map(|partition| (partition, None)).collect();
        if asked.is_empty() {
            return self.invoker.invoke(Call::fail(Error::Misuse("offsets of no partition")));
        }
        let gather = Gather { topic, at, asked };
        self.invoker.invoke(Call {
            order: Order::new(Plan::Steps(Box::new(gather))),
            opener: Opener::Plain(open_offsets),
        })
    }
}

/// Asks each partition's leader, and puts the answers together.
struct Gather {
    topic: Str,
    at: Position,
    asked: Vec<(i32, Option<PartitionOffset>)>,
}

impl Steps<Kafka> for Gather {
    fn advance(&mut self, event: Advance<Kafka>, cx: &mut Stepping<'_, Kafka>) -> Progress<Kafka> {
        match event {
            Advance::Start => {
                for (tag, (partition, _)) in self.asked.iter().enumerate() {
                    let (topic, partition, position) = (self.topic.clone(), *partition, self.at);
                    let kind = Kind::Offset { topic, partition, position };
                    cx.send(tag as u32, Operation(kind));
                }
                Progress::Waiting
            }
            Advance::Answer { tag, result: Ok(Answer { conn, body: Body::Offsets(found) }) } => {
                if let Some((_, slot)) = self.asked.get_mut(tag as usize) {
                    *slot = found.first().copied();
                }
                if self.asked.iter().any(|(_, found)| found.is_none()) {
                    return Progress::Waiting;
                }
                let found = self.asked.iter().filter_map(|(_, found)| *found).collect();
                Progress::Done(Ok(Answer { conn, body: Body::Offsets(found) }))
            }
            Advance::Answer { result: Err(error), .. } => Progress::Done(Err(error)),
            Advance::Answer { result: Ok(_), .. } => Progress::Done(Err(OTHER_ANSWER)),
            Advance::Woken => Progress::Waiting,
        }
    }
}

const OTHER_ANSWER: Error = Error::Violation(Violation::Lacking("what was asked for"));

fn open_produced(answer: &Answer, _: &Codec) -> Result<RecordMetadata, Unopened<Kafka>> {
    match &answer.body {
        Body::Produced(metadata) => Ok(*metadata),
        _ => Err(OTHER_ANSWER.into()),
    }
}

fn open_metadata(answer: &Answer, _: &Codec) -> Result<ClusterMetadata, Unopened<Kafka>> {
    match &answer.body {
        Body::Metadata(metadata) => Ok(metadata.clone()),
        _ => Err(OTHER_ANSWER.into()),
    }
}

fn open_offsets(answer: &Answer, _: &Codec) -> Result<Vec<PartitionOffset>, Unopened<Kafka>> {
    match &answer.body {
        Body::Offsets(offsets) => Ok(offsets.clone()),
        _ => Err(OTHER_ANSWER.into()),
    }
}

fn open_fetched(answer: &Answer, codec: &Codec) -> Result<Fetched, Unopened<Kafka>> {
    let Body::Fetched(fetched) = &answer.body else { return Err(OTHER_ANSWER.into()) };
    let batches = fetched.batches.iter().map(|batch| batch.open(codec));
    Ok(Fetched { batches: batches.collect::<Result<_, _>>()?, ..fetched.clone() })
}

fn open_batch(item: &FetchedBatch, codec: &Codec) -> Result<FetchedBatch, Unopened<Kafka>> {
    Ok(item.open(codec)?)
}
