//! The embedded broker against clients that write whatever they want: what Kafka 4.4.0 answers, and
//! what it closes the connection for.
#![cfg(feature = "kafka")]

mod kafka;

use std::time::Duration;

use bytes::Bytes;
use gridwire_core::endpoint::{ConnId, Engine};
use gridwire_core::kafka::message::Request;
use gridwire_core::kafka::message::api_versions::ApiVersionsRequest;
use gridwire_core::kafka::message::fetch::{
    FetchPartition, FetchRequest, FetchResponse, FetchTopic,
};
use gridwire_core::kafka::message::init_producer_id::InitProducerIdRequest;
use gridwire_core::kafka::message::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use gridwire_core::kafka::message::metadata::{MetadataRequest, MetadataRequestTopic};
use gridwire_core::kafka::message::produce::{
    PartitionProduceData, ProduceRequest, TopicProduceData,
};
use gridwire_core::kafka::records::message_set::MessageSetBuilder;
use gridwire_core::kafka::records::{
    Attributes, BatchBuilder, BatchHeader, Compression, CompressionType, Decompressor, Entries,
    Format, NewRecord,
};
use gridwire_core::kafka::server::{self, Broker};
use gridwire_core::kafka::wire::Uuid;

use kafka::raw::Raw;
use kafka::{broker, start};

fn raw() -> (Raw, ConnId) {
    let mut raw = Raw::new(broker(&[("t", 2)]));
    let conn = raw.connect();
    (raw, conn)
}

fn topic_id(raw: &mut Raw, conn: ConnId) -> Uuid {
    let topic = MetadataRequestTopic { name: Some("t".into()), ..Default::default() };
    let request = MetadataRequest { topics: Some(vec![topic]), ..Default::default() };
    raw.ask(conn, 12, &request).topics[0].topic_id
}

fn builder(records: usize) -> BatchBuilder {
    let mut builder = BatchBuilder::default();
    for n in 0..records {
        let timestamp = 100 + n as i64;
        builder
            .push(&NewRecord { timestamp, value: Some(b"value"), ..Default::default() })
            .unwrap();
    }
    builder
}

fn batch(records: usize, header: BatchHeader) -> Bytes {
    builder(records).finish(header)
}

/// A batch that is not compressed, and says that it is.
fn claiming(codec: Compression) -> Bytes {
    let mut bytes = plain(1).to_vec();
    let attributes = Attributes::default().with_compression(codec);
    let header = BatchHeader {
        attributes,
        last_offset_delta: 0,
        base_timestamp: 100,
        max_timestamp: 100,
        count: 1,
        ..Default::default()
    };
    header.seal(&mut bytes).unwrap();
    bytes.into()
}

fn plain(records: usize) -> Bytes {
    batch(records, BatchHeader::default())
}

fn produce(acks: i16, index: i32, records: Option<Bytes>) -> ProduceRequest {
    ProduceRequest {
        acks,
        timeout_ms: 1_000,
        topic_data: vec![TopicProduceData {
            name: "t".into(),
            partition_data: vec![PartitionProduceData { index, records, ..Default::default() }],
            ..Default::default()
        }],
        ..Default::default()
    }
}

/// Writes, and gives the error code and the offset.
fn write(raw: &mut Raw, conn: ConnId, records: Bytes) -> (i16, i64) {
    let answer = raw.ask(conn, 9, &produce(-1, 0, Some(records)));
    let partition = &answer.responses[0].partition_responses[0];
    (partition.error_code.0, partition.base_offset)
}

fn fetch(offset: i64, max_wait_ms: i32) -> FetchRequest {
    FetchRequest {
        max_wait_ms,
        min_bytes: 1,
        max_bytes: 1 << 20,
        topics: vec![FetchTopic {
            topic: "t".into(),
            partitions: vec![FetchPartition {
                partition: 0,
                fetch_offset: offset,
                partition_max_bytes: 1 << 20,
                ..Default::default()
            }],
            ..Default::default()
        }],
        ..Default::default()
    }
}

fn read(answer: &FetchResponse) -> (i16, usize) {
    let data = &answer.responses[0].partitions[0];
    (data.error_code.0, data.records.as_ref().map_or(0, Bytes::len))
}

fn init(transactional_id: Option<&str>) -> InitProducerIdRequest {
    InitProducerIdRequest {
        transactional_id: transactional_id.map(Into::into),
        ..Default::default()
    }
}

#[test]
fn every_version_that_is_offered_is_served() {
    let (mut raw, conn) = raw();
    let id = topic_id(&mut raw, conn);
    for version in 0..=5 {
        let request = ApiVersionsRequest {
            client_software_name: "a-b.c".into(),
            client_software_version: "1".into(),
            ..Default::default()
        };
        let answer = raw.ask(conn, version, &request);
        assert_eq!((answer.error_code.0, answer.api_keys.len()), (0, 6));
    }
    for version in 3..=13 {
        let mut request = produce(-1, 0, Some(plain(2)));
        request.topic_data[0].topic_id = id;
        let answer = raw.ask(conn, version, &request);
        let partition = &answer.responses[0].partition_responses[0];
        assert_eq!(
            (partition.error_code.0, partition.base_offset),
            (0, 2 * i64::from(version - 3))
        );
    }
    let size = plain(2).len();
    for version in 4..=18 {
        let mut request = fetch(0, 0);
        request.topics[0].topic_id = id;
        assert_eq!(read(&raw.ask(conn, version, &request)), (0, 11 * size), "{version}");
    }
    for version in 0..=11 {
        let partition = ListOffsetsPartition { timestamp: -1, ..Default::default() };
        let topic = ListOffsetsTopic {
            name: "t".into(),
            partitions: vec![partition],
            ..Default::default()
        };
        let request = ListOffsetsRequest { topics: vec![topic], ..Default::default() };
        let answer = raw.ask(conn, version, &request);
        let found = &answer.topics[0].partitions[0];
        let offset = found.old_style_offsets.first().copied().unwrap_or(found.offset);
        assert_eq!((found.error_code.0, offset), (0, 22), "{version}");
    }
    for version in 0..=13 {
        let topics = if version == 0 { Some(vec![]) } else { None };
        let answer = raw.ask(conn, version, &MetadataRequest { topics, ..Default::default() });
        assert_eq!(answer.topics[0].partitions.len(), 2);
    }
    for version in 0..=5 {
        let answer = raw.ask(conn, version, &init(None));
        assert_eq!((answer.error_code.0, answer.producer_id), (0, 1_000 + i64::from(version)));
    }
    assert!(!raw.closed(conn));
}

#[test]
fn what_is_not_served_closes_the_connection() {
    let body = [0; 64];
    let mut requests: Vec<Vec<u8>> = Vec::new();
    // Unserved keys and versions, and versions that nobody has.
    for (key, version) in [(0, 14), (1, 19), (2, 12), (3, 14), (11, 9), (22, 6), (-1, 0), (999, 0)]
    {
        let mut request = Vec::from(i16::to_be_bytes(key));
        request.extend_from_slice(&i16::to_be_bytes(version));
        request.extend_from_slice(&[0, 0, 0, 1, 0xff, 0xff]);
        request.extend_from_slice(&body);
        requests.push(request);
    }
    // No header, part of one, a body cut short.
    requests.push(vec![]);
    requests.push(vec![0, 3, 0, 1, 0]);
    requests.push(vec![0, 3, 0, 4, 0, 0, 0, 1, 0xff, 0xff, 0, 0, 0, 9]);
    for request in requests {
        let (mut raw, conn) = raw();
        let mut frame = Vec::from((request.len() as u32).to_be_bytes());
        frame.extend_from_slice(&request);
        raw.feed(conn, &frame);
        assert!(raw.closed(conn), "{request:?}");
        assert!(raw.said[&conn].bytes.is_empty());
    }
    for size in [-1, i32::MIN, i32::MAX, 0x4745_5420] {
        let (mut raw, conn) = raw();
        raw.feed(conn, &i32::to_be_bytes(size));
        assert!(raw.closed(conn), "{size}");
    }
}

#[test]
fn an_api_versions_that_is_too_new_is_answered_in_version_0() {
    let (mut raw, conn) = raw();
    let mut frame = vec![0, 0, 0, 12, 0, 18, 0, 99, 0, 0, 0, 7, 0xff, 0xff];
    frame.extend_from_slice(b"\0?");
    raw.feed(conn, &frame);
    let (id, answer) = raw.heard::<ApiVersionsRequest>(conn, 0);
    assert_eq!((id, answer.error_code.0, answer.api_keys.len()), (7, 35, 6));
    let named = |key| answer.api_keys.iter().find(|offer| offer.api_key == key).unwrap();
    assert_eq!((named(18).min_version, named(18).max_version), (0, 5));
    assert_eq!(named(0).min_version, 0, "or old clients switch compression off");
    // A library that calls itself something illegal is told so, and may go on.
    for name in ["", "-a", "a b", "a.", "ä"] {
        let request = ApiVersionsRequest {
            client_software_name: name.into(),
            client_software_version: "1".into(),
            ..Default::default()
        };
        let answer = raw.ask(conn, 3, &request);
        assert_eq!((answer.error_code.0, answer.api_keys.len()), (42, 0), "{name}");
    }
}

#[test]
fn bytes_after_the_last_field_do_no_harm() {
    let (mut raw, conn) = raw();
    let request = MetadataRequest { topics: None, ..Default::default() };
    let (_, mut frame) = raw.frame(13, &request);
    frame.extend_from_slice(&[1, 2, 3]);
    let size = frame.len() as u32 - 4;
    frame[..4].copy_from_slice(&size.to_be_bytes());
    raw.feed(conn, &frame);
    assert_eq!(raw.heard::<MetadataRequest>(conn, 13).1.topics.len(), 1);
}

#[test]
fn bad_writes_are_refused_as_kafka_refuses_them() {
    let (mut raw, conn) = raw();
    let mut bad_crc = plain(2).to_vec();
    *bad_crc.last_mut().unwrap() ^= 1;
    let mut two = plain(1).to_vec();
    two.extend_from_slice(&plain(1));
    let mut old = plain(1).to_vec();
    old[16] = 1;
    let with = |attributes| batch(1, BatchHeader { attributes, ..Default::default() });
    let none = Attributes::default();
    let mut deltas = plain(2).to_vec();
    // The second record claims to be the first: the checksum is right, the batch is not.
    let second = 61 + (deltas.len() - 61) / 2;
    deltas[second + 3] = 0;
    let header = BatchHeader {
        last_offset_delta: 1,
        base_timestamp: 100,
        max_timestamp: 101,
        count: 2,
        ..Default::default()
    };
    header.seal(&mut deltas).unwrap();
    let mut empty = plain(0).to_vec();
    BatchHeader::default().seal(&mut empty).unwrap();
    for (records, code) in [
        (bad_crc.into(), 2),
        (two.into(), 87),
        (old.into(), 43),
        (plain(2).slice(..70), 2),
        (Bytes::new(), 87),
        (with(none.for_control()), 87),
        (with(none.in_transaction()), 49),
        (claiming(Compression(6)), 76),
        (deltas.into(), 87),
        (empty.into(), 87),
        (Bytes::from(vec![0; 2_000_000]), 43),
        (batch(1, BatchHeader { producer_id: 5, ..Default::default() }), 87),
    ] {
        assert_eq!(write(&mut raw, conn, records), (code, -1));
    }
    let mut large = BatchBuilder::default();
    large.push(&NewRecord { value: Some(&vec![0; 1_100_000]), ..Default::default() }).unwrap();
    assert_eq!(write(&mut raw, conn, large.finish(BatchHeader::default())), (10, -1));
    let code = |raw: &mut Raw, request: &ProduceRequest, version| {
        raw.ask(conn, version, request).responses[0].partition_responses[0].error_code.0
    };
    let zstd = if Compression::ZSTD.is_built_in() {
        assert_eq!(write(&mut raw, conn, claiming(Compression::ZSTD)), (87, -1), "it is not");
        builder(1).finish_with(BatchHeader::default(), CompressionType::ZSTD).unwrap()
    } else {
        // What can't be looked into is stored.
        claiming(Compression::ZSTD)
    };
    assert_eq!(code(&mut raw, &produce(-1, 0, Some(zstd.clone())), 6), 76);
    assert_eq!(code(&mut raw, &produce(-1, 0, Some(zstd)), 7), 0);
    assert_eq!(code(&mut raw, &produce(5, 0, Some(plain(1))), 9), 21);
    assert_eq!(code(&mut raw, &produce(-1, 2, Some(plain(1))), 9), 3);
    assert_eq!(code(&mut raw, &produce(-1, -1, Some(plain(1))), 9), 3);
    assert_eq!(code(&mut raw, &produce(-1, 0, None), 9), 87);
    assert_eq!(code(&mut raw, &produce(-1, 0, Some(plain(1))), 13), 100, "an id of zero");
    assert_eq!(raw.broker.end_offset("t", 0), Some(1));
    // Without an answer, the end of the connection is the only word.
    let (_, frame) = raw.frame(9, &produce(0, 0, Some(plain(1))));
    raw.feed(conn, &frame);
    assert!(!raw.closed(conn) && raw.said[&conn].bytes.is_empty());
    let (_, frame) = raw.frame(9, &produce(0, 9, Some(plain(1))));
    raw.feed(conn, &frame);
    assert!(raw.closed(conn) && raw.said[&conn].bytes.is_empty());
}

#[test]
fn old_clients_write_and_read_message_sets() {
    let (mut raw, conn) = raw();
    let mut set = MessageSetBuilder::new(Format::V1, CompressionType::None, 0).unwrap();
    for timestamp in [7, 8] {
        set.push(&NewRecord { timestamp, value: Some(b"old"), ..Default::default() }).unwrap();
    }
    let set = set.finish().unwrap();
    let sent = |raw: &mut Raw, version, records: Bytes| {
        let answer = raw.ask(conn, version, &produce(-1, 0, Some(records)));
        let partition = &answer.responses[0].partition_responses[0];
        (partition.error_code.0, partition.base_offset)
    };
    assert_eq!(sent(&mut raw, 2, set.clone()), (0, 0));
    assert_eq!(sent(&mut raw, 0, set.clone()), (0, 2), "as the broker looks at the format alone");
    assert_eq!(sent(&mut raw, 3, set.clone()), (43, -1), "sets are gone from version 3 on");
    assert_eq!(sent(&mut raw, 1, set.slice(..set.len() - 1)), (2, -1));
    assert_eq!(write(&mut raw, conn, plain(1)), (0, 4));
    for (version, format) in [(0, Format::V0), (1, Format::V0), (2, Format::V1), (3, Format::V1)] {
        let answer = raw.ask(conn, version, &fetch(1, 0));
        let records = answer.responses[0].partitions[0].records.clone().unwrap();
        let mut seen = Vec::new();
        for entry in Entries::new(records) {
            let entry = entry.unwrap();
            assert_eq!(entry.format(), format);
            entry.verify().unwrap();
            for record in entry.records_with(&mut Decompressor::default()).unwrap() {
                seen.push(record.map(|record| (record.offset, record.timestamp)).unwrap());
            }
        }
        let expected = [(1, 8), (2, 7), (3, 8), (4, 100)];
        let known = |(offset, time)| (offset, if format == Format::V0 { -1 } else { time });
        assert_eq!(seen, expected.map(known));
    }
}

#[test]
fn idempotent_writes_follow_their_sequence() {
    let (mut raw, conn) = raw();
    let sequence = |producer_epoch, base_sequence, records| {
        let producer_id = 7;
        batch(
            records,
            BatchHeader { producer_id, producer_epoch, base_sequence, ..Default::default() },
        )
    };
    // A producer that the partition has never seen may begin anywhere.
    assert_eq!(write(&mut raw, conn, sequence(1, 10, 3)), (0, 0));
    assert_eq!(write(&mut raw, conn, sequence(1, 13, 2)), (0, 3));
    assert_eq!(write(&mut raw, conn, sequence(1, 10, 3)), (0, 0), "the same again");
    assert_eq!(write(&mut raw, conn, sequence(1, 13, 2)), (0, 3));
    assert_eq!(write(&mut raw, conn, sequence(1, 16, 1)), (45, -1), "a gap");
    assert_eq!(write(&mut raw, conn, sequence(0, 15, 1)), (47, -1), "an older epoch");
    assert_eq!(write(&mut raw, conn, sequence(2, 15, 1)), (45, -1), "a new one begins at 0");
    assert_eq!(write(&mut raw, conn, sequence(2, 0, 1)), (0, 5));
    // Sequences wrap to 0, not below it.
    let (mut raw, conn) = self::raw();
    assert_eq!(write(&mut raw, conn, sequence(0, i32::MAX, 2)), (0, 0));
    assert_eq!(write(&mut raw, conn, sequence(0, 1, 1)), (0, 2));
    // Producers that come back get their next epoch; transactions are not served.
    let again = InitProducerIdRequest { producer_id: 7, producer_epoch: 2, ..init(None) };
    let answer = raw.ask(conn, 5, &again);
    assert_eq!((answer.producer_id, answer.producer_epoch), (7, 3));
    assert_eq!(raw.ask(conn, 5, &init(Some("x"))).error_code.0, 42);
}

#[test]
fn reads_are_bounded_and_refused_as_kafka_does_it() {
    let (mut raw, conn) = raw();
    let size = plain(2).len();
    for _ in 0..5 {
        write(&mut raw, conn, plain(2));
    }
    let mut read_with = |offset, max: i32, partition_max: i32, epoch| {
        let mut request = fetch(offset, 60_000);
        request.max_bytes = max;
        let partition = &mut request.topics[0].partitions[0];
        (partition.partition_max_bytes, partition.current_leader_epoch) = (partition_max, epoch);
        read(&raw.ask(conn, 11, &request))
    };
    let all = 1 << 20;
    assert_eq!(read_with(0, all, all, -1), (0, 5 * size));
    assert_eq!(read_with(3, all, all, -1), (0, 4 * size), "the batch that holds it, whole");
    assert_eq!(read_with(0, 2 * size as i32, all, 0), (0, 2 * size));
    assert_eq!(read_with(0, all, 2 * size as i32 + 1, 0), (0, 2 * size));
    assert_eq!(read_with(0, 0, 0, 0), (0, size), "a first batch comes whole");
    assert_eq!(read_with(11, all, all, -1), (1, 0));
    assert_eq!(read_with(-1, all, all, -1), (1, 0));
    assert_eq!(read_with(0, all, all, 1), (75, 0));
    let session = |id, epoch| FetchRequest { session_id: id, session_epoch: epoch, ..fetch(0, 0) };
    assert_eq!(raw.ask(conn, 11, &session(0, 0)).session_id, 0, "sessions are declined");
    for (id, epoch, code) in [(9, 1, 70), (9, -1, 70), (0, 5, 71)] {
        let answer = raw.ask(conn, 11, &session(id, epoch));
        assert_eq!((answer.error_code.0, answer.responses.len()), (code, 0));
    }
    let id = topic_id(&mut raw, conn);
    let mut request = fetch(0, 0);
    request.topics[0].topic_id = id;
    assert_eq!(read(&raw.ask(conn, 18, &request)), (0, 5 * size));
    request.topics[0].topic_id = Uuid([1; 16]);
    let answer = raw.ask(conn, 18, &request);
    assert_eq!(read(&answer), (100, 0));
    assert_eq!(answer.responses[0].partitions[0].aborted_transactions, Some(vec![]));
}

#[test]
fn a_read_waits_and_what_is_behind_it_waits_too() {
    let (mut raw, reader) = raw();
    let writer = raw.connect();
    let (first, waits) = raw.frame(12, &fetch(0, 500));
    let (second, behind) =
        raw.frame(1, &MetadataRequest { topics: Some(vec![]), ..Default::default() });
    raw.feed(reader, &[waits, behind].concat());
    raw.pass(Duration::from_millis(499));
    assert!(raw.said[&reader].bytes.is_empty());
    raw.pass(Duration::from_millis(1));
    let (id, answer) = raw.heard::<FetchRequest>(reader, 12);
    assert_eq!((id, read(&answer)), (first, (0, 0)));
    assert_eq!(raw.heard::<MetadataRequest>(reader, 1).0, second);
    // Enough wakes it; less than was asked for does not, nor does another partition.
    let size = plain(1).len();
    let mut request = fetch(0, 5_000);
    request.min_bytes = 2 * size as i32;
    let (_, waits) = raw.frame(12, &request);
    raw.feed(reader, &waits);
    write(&mut raw, writer, plain(1));
    raw.ask(writer, 9, &produce(1, 1, Some(plain(1))));
    assert!(raw.said[&reader].bytes.is_empty());
    write(&mut raw, writer, plain(1));
    let (_, answer) = raw.heard::<FetchRequest>(reader, 12);
    assert_eq!(read(&answer), (0, 2 * size));
    // Whoever hangs up while waiting is forgotten.
    let (_, waits) = raw.frame(12, &fetch(2, 5_000));
    raw.feed(reader, &waits);
    raw.hang_up(reader);
    assert_eq!(write(&mut raw, writer, plain(1)), (0, 2));
    assert_eq!(raw.broker.connections(), 1);
}

#[test]
fn offsets_by_time_need_the_version_that_knows_them() {
    let (mut raw, conn) = raw();
    write(&mut raw, conn, plain(3));
    let mut find = |version, timestamp| {
        let partition = ListOffsetsPartition { timestamp, ..Default::default() };
        let topic = ListOffsetsTopic {
            name: "t".into(),
            partitions: vec![partition],
            ..Default::default()
        };
        let request = ListOffsetsRequest { topics: vec![topic], ..Default::default() };
        let answer = raw.ask(conn, version, &request);
        let found = &answer.topics[0].partitions[0];
        (found.error_code.0, found.offset, found.timestamp)
    };
    assert_eq!(find(5, 101), (0, 1, 101));
    assert_eq!(find(5, 0), (0, 0, 100));
    assert_eq!(find(5, 103), (0, -1, -1));
    assert_eq!(find(11, -2), (0, 0, -1));
    assert_eq!(find(6, -3), (35, -1, -1));
    assert_eq!(find(7, -3), (0, 2, 102));
    assert_eq!(find(8, -4), (0, 0, -1));
    assert_eq!(find(9, -5), (0, -1, -1));
    assert_eq!(find(11, -9), (35, -1, -1));
}

#[test]
fn what_fills_up_is_bounded() {
    let config = server::Config {
        topics: vec![("t".into(), 1)],
        max_connections: 2,
        max_log_bytes: 100,
        max_topics: 2,
        ..server::Config::default()
    };
    let mut raw = Raw::new(Broker::start(config, start(1)));
    let conn = raw.connect();
    raw.connect();
    let refused = gridwire_core::endpoint::Endpoint::accept(
        &mut raw.broker,
        raw.now,
        gridwire_core::endpoint::ListenerId(0),
        &Default::default(),
    );
    assert_eq!(refused, None);
    assert_eq!(write(&mut raw, conn, plain(5)), (0, 0));
    assert_eq!(write(&mut raw, conn, plain(1)), (44, -1));
    let names = ["a", "b", "no spaces", "", ".."];
    let topics = names
        .iter()
        .map(|name| MetadataRequestTopic { name: Some((*name).into()), ..Default::default() });
    let request = MetadataRequest { topics: Some(topics.collect()), ..Default::default() };
    let answer = raw.ask(conn, 8, &request);
    let codes: Vec<_> = answer.topics.iter().map(|topic| topic.error_code.0).collect();
    assert_eq!(codes, [0, 44, 17, 17, 17]);
    raw.pass(Duration::from_secs(601));
    assert!(raw.closed(conn), "idle for ten minutes");
    assert_eq!(raw.broker.connections(), 0);
    assert_eq!(ProduceRequest::API.key, 0);
}
