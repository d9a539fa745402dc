//! Answers about topic `t`, and a record sent there, as tests of the client need them all the time.

use std::time::Duration;

use bytes::Bytes;
use gridwire_core::call::Ticket;
use gridwire_core::kafka::message::fetch::{FetchResponse, FetchableTopicResponse, PartitionData};
use gridwire_core::kafka::message::list_offsets::{
    ListOffsetsPartitionResponse, ListOffsetsResponse, ListOffsetsTopicResponse,
};
use gridwire_core::kafka::message::metadata::MetadataRequest;
use gridwire_core::kafka::message::produce::{
    PartitionProduceResponse, ProduceRequest, ProduceResponse, TopicProduceResponse,
};
use gridwire_core::kafka::records::{BatchBuilder, BatchHeader, NewRecord};
use gridwire_core::kafka::wire::Uuid;
use gridwire_core::kafka::{ErrorCode, KafkaExt, Record};

use super::scripted::{Asked, Scripted, metadata};

pub(crate) const T: Uuid = Uuid([7; 16]);

pub(crate) fn produced(index: i32, code: i16, base_offset: i64) -> ProduceResponse {
    let partition = PartitionProduceResponse {
        index,
        error_code: ErrorCode(code),
        base_offset,
        ..PartitionProduceResponse::default()
    };
    produced_by(partition)
}

pub(crate) fn produced_by(partition: PartitionProduceResponse) -> ProduceResponse {
    ProduceResponse {
        responses: vec![TopicProduceResponse {
            name: "t".into(),
            topic_id: T,
            partition_responses: vec![partition],
            ..TopicProduceResponse::default()
        }],
        ..ProduceResponse::default()
    }
}

pub(crate) fn listed(code: i16, offset: i64) -> ListOffsetsResponse {
    let partition = ListOffsetsPartitionResponse {
        error_code: ErrorCode(code),
        offset,
        ..ListOffsetsPartitionResponse::default()
    };
    ListOffsetsResponse {
        topics: vec![ListOffsetsTopicResponse {
            name: "t".into(),
            partitions: vec![partition],
            ..ListOffsetsTopicResponse::default()
        }],
        ..ListOffsetsResponse::default()
    }
}

pub(crate) fn fetched(code: i16, records: Bytes) -> FetchResponse {
    let partition = PartitionData {
        error_code: ErrorCode(code),
        high_watermark: 100,
        records: Some(records),
        ..PartitionData::default()
    };
    FetchResponse {
        responses: vec![FetchableTopicResponse {
            topic: "t".into(),
            topic_id: T,
            partitions: vec![partition],
            ..FetchableTopicResponse::default()
        }],
        ..FetchResponse::default()
    }
}

pub(crate) fn batch(base_offset: i64, records: usize, control: bool) -> Bytes {
    let mut builder = BatchBuilder::default();
    for _ in 0..records {
        builder.push(&NewRecord { value: Some(b"0123456789"), ..NewRecord::default() }).unwrap();
    }
    let mut header = BatchHeader { base_offset, ..BatchHeader::default() };
    if control {
        header.attributes = header.attributes.for_control();
    }
    builder.finish(header)
}

/// Sends a record to partition 0 of `t` and gives the request that carries it.
pub(crate) fn send_one(peer: &mut Scripted) -> (Ticket, Asked<ProduceRequest>) {
    let call = peer.proxy().producer("t").send(Record::value("x").to_partition(0));
    let ticket = peer.submit(call);
    // Whoever hasn't asked for the topic before asks now.
    if peer.client.cluster().partitions("t").is_none() {
        let asked = peer.expect::<MetadataRequest>();
        peer.answer(&asked, &metadata(&[(1, 1)], &[]));
    }
    peer.pass(Duration::from_millis(5));
    (ticket, peer.expect::<ProduceRequest>())
}

pub(crate) fn send_one_answered(peer: &mut Scripted) {
    let (ticket, asked) = send_one(peer);
    peer.answer(&asked, &produced(0, 0, 0));
    assert!(peer.done.remove(&ticket).unwrap().is_ok());
}
