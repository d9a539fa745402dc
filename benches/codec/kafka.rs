//! Kafka's messages and records beside the crate `kafka-protocol`, which decodes to owned structs with a
//! vector for each list of ids, and encodes into one buffer.
//!
//! Both sides read the same bytes and write the same bytes, which is checked before anything is measured.
//! A decoded value is dropped within the time, an encoder keeps its buffer from one round to the next.

use std::hint::black_box;

use bytes::{Bytes, BytesMut};
use gridwire_core::Str;
use gridwire_core::kafka::message::metadata::{
    MetadataResponse, MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use gridwire_core::kafka::message::produce::{
    PartitionProduceData, ProduceRequest, TopicProduceData,
};
use gridwire_core::kafka::records::BatchHeader;
use gridwire_core::kafka::wire::{Message, Reader, Uuid, Writer};
use kafka_protocol::messages as theirs;
use kafka_protocol::protocol::{Decodable, Encodable};
use kafka_protocol::records::{
    Compression, RecordBatchDecoder, RecordBatchEncoder, RecordEncodeOptions,
};

use crate::beside::Comparison;
use crate::records;

const OTHER: &str = "kafka-protocol 0.18";
const METADATA: i16 = 12;
const PRODUCE: i16 = 9;
const RECORDS_LEN: usize = 16 << 10;

/// Ten topics of a hundred partitions, each on three of six brokers, all in sync.
fn metadata() -> MetadataResponse {
    let partition = |index: i32| MetadataResponsePartition {
        partition_index: index,
        leader_id: index % 6,
        leader_epoch: 7,
        replica_nodes: (0..3).map(|n| (index + n) % 6).collect(),
        isr_nodes: (0..3).map(|n| (index + n) % 6).collect(),
        ..MetadataResponsePartition::default()
    };
    let topic = |n: u8| MetadataResponseTopic {
        name: Some(Str::from(&*format!("some.topic.of.orders-{n}"))),
        topic_id: Uuid([n; 16]),
        partitions: (0..100).map(partition).collect(),
        ..MetadataResponseTopic::default()
    };
    let broker = |id: i32| MetadataResponseBroker {
        node_id: id,
        host: Str::from(&*format!("broker-{id}.example.com")),
        port: 9092,
        ..MetadataResponseBroker::default()
    };
    MetadataResponse {
        brokers: (0..6).map(broker).collect(),
        cluster_id: Some(Str::from_static("Z3JpZHdpcmUtbGl2ZS0wMQ")),
        controller_id: 1,
        topics: (0..10).map(topic).collect(),
        ..MetadataResponse::default()
    }
}

fn produce() -> ProduceRequest {
    let records = Some(Bytes::from(vec![7; RECORDS_LEN]));
    let partition_data = vec![PartitionProduceData { index: 3, records, unknown_tags: None }];
    let name = Str::from_static("some.topic.of.orders");
    let topic = TopicProduceData { name, partition_data, ..TopicProduceData::default() };
    ProduceRequest {
        acks: -1,
        timeout_ms: 30_000,
        topic_data: vec![topic],
        ..ProduceRequest::default()
    }
}

fn encode(message: &impl Message, at: i16, out: &mut Writer) -> usize {
    message.encode(at, out).expect("the version has all fields");
    black_box(out.finish()).iter().map(Bytes::len).sum()
}

fn written(message: &impl Message, at: i16) -> Bytes {
    let mut out = Writer::new();
    message.encode(at, &mut out).expect("the version has all fields");
    out.finish().into_iter().flatten().collect()
}

fn decode<M: Message>(at: i16, bytes: &Bytes) -> M {
    M::decode(at, &mut Reader::new(bytes)).expect("what was written")
}

fn decode_theirs<M: Decodable>(at: i16, bytes: &Bytes) -> M {
    M::decode(&mut bytes.clone(), at).expect("what was written")
}

/// Decoding and encoding of a message, ours and theirs.
fn message<O, T>(
    what: [&'static str; 2],
    at: i16,
    ours: O,
    wanted: [Option<f64>; 2],
) -> [Comparison; 2]
where
    O: Message + 'static,
    T: Decodable + Encodable + 'static,
{
    let bytes = written(&ours, at);
    assert_eq!(decode::<O>(at, &bytes), ours);
    let theirs: T = decode_theirs(at, &bytes);
    let mut buffer = BytesMut::new();
    theirs.encode(&mut buffer, at).expect("what was decoded");
    assert_eq!(buffer.split().freeze(), bytes);

    let (their_bytes, our_bytes) = (bytes.clone(), bytes);
    let mut out = Writer::new();
    let decoding = Comparison {
        what: what[0],
        other: OTHER,
        theirs: Box::new(move || drop(black_box(decode_theirs::<T>(at, black_box(&their_bytes))))),
        ours: Box::new(move || drop(black_box(decode::<O>(at, black_box(&our_bytes))))),
        wanted: wanted[0],
    };
    let encoding = Comparison {
        what: what[1],
        other: OTHER,
        theirs: Box::new(move || {
            black_box(&theirs).encode(&mut buffer, at).expect("what was decoded");
            black_box(buffer.split().freeze());
        }),
        ours: Box::new(move || {
            encode(black_box(&ours), at, &mut out);
        }),
        wanted: wanted[1],
    };
    [decoding, encoding]
}

/// Reading a batch's records and writing them, with the checksum.
fn record_batch() -> [Comparison; 2] {
    let values = records::values();
    let bytes = records::build(&values).finish(BatchHeader::default());
    let set = RecordBatchDecoder::decode(&mut bytes.clone()).expect("a batch");
    assert_eq!(set.records.len(), values.len());
    let options = RecordEncodeOptions { version: 2, compression: Compression::None };
    let mut buffer = BytesMut::new();
    RecordBatchEncoder::encode(&mut buffer, &set.records, &options).expect("what was decoded");
    assert_eq!(buffer.len(), bytes.len());
    buffer.clear();

    let (their_bytes, our_bytes) = (bytes.clone(), bytes);
    let reading = Comparison {
        what: "record batch, 1,000 × 100 B: check and read",
        other: OTHER,
        theirs: Box::new(move || {
            let set = RecordBatchDecoder::decode(&mut black_box(&their_bytes).clone());
            drop(black_box(set.expect("a batch")));
        }),
        ours: Box::new(move || {
            black_box(records::check_and_walk(black_box(&our_bytes)));
        }),
        wanted: None,
    };
    let writing = Comparison {
        what: "record batch, 1,000 × 100 B: build and seal",
        other: OTHER,
        theirs: Box::new(move || {
            let records = black_box(&set.records);
            RecordBatchEncoder::encode(&mut buffer, records, &options).expect("decoded before");
            black_box(buffer.split().freeze());
        }),
        ours: Box::new(move || {
            let batch = records::build(black_box(&values));
            drop(black_box(batch.finish(BatchHeader::default())));
        }),
        wanted: None,
    };
    [reading, writing]
}

/// Everything that is compared.
pub(crate) fn comparisons() -> Vec<Comparison> {
    assert_records_are_shared();
    let metadata = message::<MetadataResponse, theirs::MetadataResponse>(
        ["Metadata v12, 1,000 partitions: decode", "Metadata v12, 1,000 partitions: encode"],
        METADATA,
        metadata(),
        [Some(0.25), Some(0.5)],
    );
    let produce = message::<ProduceRequest, theirs::ProduceRequest>(
        ["Produce v9, 16 KiB: decode", "Produce v9, 16 KiB: encode"],
        PRODUCE,
        produce(),
        [None, None],
    );
    metadata.into_iter().chain(produce).chain(record_batch()).collect()
}

/// The records of a request are the caller's own memory when it is written, the frame's when it is read.
fn assert_records_are_shared() {
    let request = produce();
    let records = request.topic_data[0].partition_data[0].records.as_ref().expect("records");
    let mut out = Writer::new();
    request.encode(PRODUCE, &mut out).expect("the version has all fields");
    assert!(out.finish().iter().any(|chunk| chunk.as_ptr() == records.as_ptr()));

    let bytes = written(&request, PRODUCE);
    let read: ProduceRequest = decode(PRODUCE, &bytes);
    let records = read.topic_data[0].partition_data[0].records.as_ref().expect("records");
    assert!(bytes.as_ptr_range().contains(&records.as_ptr()) && records.len() == RECORDS_LEN);
}
