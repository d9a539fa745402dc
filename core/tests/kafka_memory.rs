//! What Kafka's messages cost in memory, counted by the allocator: records are never copied, and a partition of
//! a metadata answer needs no allocation of its own.
//!
//! One test after the other in one function: the allocator counts for the whole process.
#![cfg(feature = "kafka")]

use std::alloc::System;

use bytes::{Bytes, BytesMut};
use gridwire_core::Str;
use gridwire_core::kafka::message::metadata::{
    MetadataResponse, MetadataResponsePartition, MetadataResponseTopic,
};
use gridwire_core::kafka::message::produce::{
    PartitionProduceData, ProduceRequest, TopicProduceData,
};
use gridwire_core::kafka::wire::{Message, Reader, Writer};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, Stats, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const RECORDS: usize = 16 << 10;

/// What a piece of work took from the allocator, even if it has given it back: the least of several times, as
/// the test runner's own thread allocates now and then.
fn cost<T>(mut work: impl FnMut() -> T) -> (T, Stats) {
    let mut once = || {
        let region = Region::new(ALLOCATOR);
        let result = work();
        (result, region.change())
    };
    let all = (0..5).map(|_| once());
    all.min_by_key(|(_, taken)| taken.bytes_allocated).expect("several")
}

/// A body that was received: split off a buffer that is shared already.
fn received(chunks: impl IntoIterator<Item = Bytes>) -> Bytes {
    let mut buffer: BytesMut = chunks.into_iter().flatten().collect();
    buffer.split().freeze()
}

fn written(message: &impl Message, at: i16) -> Bytes {
    let mut out = Writer::new();
    message.encode(at, &mut out).expect("the version has all fields");
    received(out.finish())
}

/// The records of a request are the caller's memory when it is written, and the frame's when it is read.
fn produce() {
    let records = Bytes::from(vec![7; RECORDS]);
    let data =
        PartitionProduceData { index: 3, records: Some(records.clone()), unknown_tags: None };
    let request = ProduceRequest {
        acks: -1,
        timeout_ms: 30_000,
        topic_data: vec![TopicProduceData {
            name: Str::from_static("orders"),
            partition_data: vec![data],
            ..TopicProduceData::default()
        }],
        ..ProduceRequest::default()
    };
    for at in 0..=12 {
        let (chunks, cost_of) = cost(|| {
            let mut out = Writer::new();
            request.encode(at, &mut out).expect("the version has all fields");
            out.finish()
        });
        assert!(chunks.iter().any(|chunk| chunk.as_ptr() == records.as_ptr()));
        assert!(cost_of.bytes_allocated < 512, "to write version {at}: {cost_of:?}");

        let bytes = received(chunks);
        let (read, cost_of) = cost(|| {
            ProduceRequest::decode(at, &mut Reader::new(&bytes)).expect("what was written")
        });
        let read = read.topic_data[0].partition_data[0].records.as_ref().expect("records");
        assert!(bytes.as_ptr_range().contains(&read.as_ptr()));
        assert_eq!(*read, records);
        // One list of a topic, and one of a partition.
        assert_eq!((cost_of.allocations, cost_of.reallocations), (2, 0), "to read version {at}");
        assert!(cost_of.bytes_allocated < 512, "to read version {at}: {cost_of:?}");
    }
}

/// Lists of up to four ids need no buffer.
fn metadata() {
    let partition = |index: i32| MetadataResponsePartition {
        partition_index: index,
        replica_nodes: (0..3).collect(),
        isr_nodes: (0..3).collect(),
        offline_replicas: (3..7).collect(),
        ..MetadataResponsePartition::default()
    };
    let topic = |n: i32| MetadataResponseTopic {
        name: Some(Str::from(&*format!("topic-{n}"))),
        partitions: (0..100).map(partition).collect(),
        ..MetadataResponseTopic::default()
    };
    let response =
        MetadataResponse { topics: (0..10).map(topic).collect(), ..MetadataResponse::default() };
    for at in 5..=13 {
        let bytes = written(&response, at);
        let (read, cost_of) = cost(|| {
            MetadataResponse::decode(at, &mut Reader::new(&bytes)).expect("what was written")
        });
        assert_eq!(read.topics.len(), 10);
        // The list of topics, and one of partitions for each.
        assert_eq!((cost_of.allocations, cost_of.reallocations), (11, 0), "to read version {at}");
    }
}

#[test]
fn memory() {
    produce();
    metadata();
}
