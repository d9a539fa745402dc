use alloc::boxed::Box;
use alloc::vec::Vec;

use bytes::Bytes;

use super::*;
use crate::kafka::message::RequestHeader;
use crate::kafka::message::fetch::{FetchRequest, FetchResponse};
use crate::kafka::message::metadata::{MetadataRequest, MetadataRequestTopic, MetadataResponse};
use crate::kafka::message::produce::ProduceRequest;
use crate::{Fault, Str};

fn encoded(message: &impl Message, at: i16) -> Vec<u8> {
    let mut writer = Writer::new();
    message.encode(at, &mut writer).unwrap();
    writer.finish().into_iter().flatten().collect()
}

fn decode<M: Message>(at: i16, bytes: &[u8]) -> Result<M, Malformed> {
    M::decode(at, &mut Reader::new(&Bytes::copy_from_slice(bytes)))
}

fn fault<M: Message>(at: i16, bytes: &[u8]) -> Fault {
    decode::<M>(at, bytes).unwrap_err().fault
}

#[test]
fn varints_are_as_long_as_their_type_allows() {
    for value in [0, 1, 127, 128, 16_383, 16_384, u32::MAX] {
        let mut out = Vec::new();
        varint::write_u32(&mut out, value);
        assert_eq!(varint::read_u32(&out), Ok((value, out.len())));
        assert_eq!(varint::len_u32(value), out.len());
    }
    for value in [0, -1, 1, -64, 64, i64::MIN, i64::MAX] {
        let mut out = Vec::new();
        varint::write_i64(&mut out, value);
        assert_eq!(varint::read_i64(&out), Ok((value, out.len())));
        assert_eq!(varint::len_i64(value), out.len());
    }
    for value in [0, -1, i32::MIN, i32::MAX] {
        let mut out = Vec::new();
        varint::write_i32(&mut out, value);
        assert_eq!(varint::read_i32(&out), Ok((value, out.len())));
        assert_eq!(varint::len_i32(value), out.len());
    }
    // Padded, as Java reads it too; then one byte too many, and bits that do not fit.
    assert_eq!(varint::read_u32(&[0x81, 0]), Ok((1, 2)));
    assert_eq!(varint::read_u32(&[0x80; 5]), Err(Fault::Varint));
    assert_eq!(varint::read_u32(&[0xff, 0xff, 0xff, 0xff, 0x1f]), Err(Fault::Varint));
    assert_eq!(varint::read_i64(&[0xff; 11]), Err(Fault::Varint));
    let wide = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02];
    assert_eq!(varint::read_i64(&wide), Err(Fault::Varint));
    assert_eq!(varint::read_u32(&[0x80]), Err(Fault::Truncated { needed: 2, available: 1 }));
    assert_eq!(varint::read_u32(&[]), Err(Fault::Truncated { needed: 1, available: 0 }));
}

#[test]
fn counts_that_the_bytes_cannot_hold_are_refused_before_anything_is_allocated() {
    let classic = [0x7f, 0xff, 0xff, 0xff];
    let available = 0;
    assert_eq!(
        fault::<MetadataRequest>(0, &classic),
        Fault::Count { count: 0x7fff_ffff, available }
    );
    let compact = [0xff, 0xff, 0xff, 0xff, 0x0f];
    assert_eq!(
        fault::<MetadataRequest>(9, &compact),
        Fault::Count { count: 0xffff_fffe, available }
    );
    assert_eq!(fault::<MetadataRequest>(1, &[0xff, 0xff, 0xff, 0xfe]), Fault::Length(-2));
    // Tags: no topics, three flags, then a count of tags.
    let tags = [0, 1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f];
    assert!(matches!(fault::<MetadataRequest>(9, &tags), Fault::Count { .. }));
}

#[test]
fn nulls_are_refused_where_the_version_has_none() {
    assert_eq!(fault::<MetadataRequest>(0, &[0xff; 4]), Fault::Null);
    assert_eq!(decode::<MetadataRequest>(1, &[0xff; 4]).unwrap().topics, None);
    assert_eq!(fault::<MetadataRequest>(1, &[0, 0, 0, 1, 0xff, 0xff]), Fault::Null);
    let error = fault::<MetadataRequest>(1, &[0, 0, 0, 1, 0xff, 0xfe]);
    assert_eq!(error, Fault::Length(-2));
}

#[test]
fn text_is_utf8_and_not_too_long() {
    assert_eq!(fault::<MetadataRequest>(1, &[0, 0, 0, 1, 0, 1, 0xff]), Fault::Utf8);
    let mut long = [2, 0x81, 0x80, 0x02].to_vec();
    long.resize(0x9000, b'x');
    assert_eq!(fault::<MetadataRequest>(9, &long), Fault::Length(0x8000));
    let name = Str::from("x".repeat(0x8000));
    let topic = MetadataRequestTopic { name: Some(name), ..Default::default() };
    let message = MetadataRequest { topics: Some([topic].into()), ..Default::default() };
    let error = message.encode(9, &mut Writer::new()).unwrap_err();
    assert_eq!(error.fault, EncodeFault::TooLong(0x8000));
    assert_eq!(error.context, "MetadataRequestTopic.name");
}

#[test]
fn a_field_that_the_version_lacks_is_refused_unless_it_may_be_dropped() {
    let mut message = MetadataRequest { allow_auto_topic_creation: false, ..Default::default() };
    let error = message.encode(3, &mut Writer::new()).unwrap_err();
    let (context, fault) = ("MetadataRequest.allow_auto_topic_creation", EncodeFault::Absent);
    assert_eq!(error, EncodeError { context, version: 3, fault });
    message.allow_auto_topic_creation = true;
    message.encode(3, &mut Writer::new()).unwrap();
    // The throttle time is ignorable.
    let response = MetadataResponse { throttle_time_ms: 5, ..Default::default() };
    assert_eq!(encoded(&response, 0), [0; 8]);
    assert_eq!(message.encode(14, &mut Writer::new()).unwrap_err().fault, EncodeFault::Version);
    assert_eq!(decode::<MetadataRequest>(14, &[]).unwrap_err().fault, Fault::Value(14));
    assert_eq!(decode::<MetadataRequest>(-1, &[]).unwrap_err().fault, Fault::Value(-1));
}

#[test]
fn unknown_tags_are_kept_in_order_between_the_known_ones() {
    let mut tags = Tags::default();
    tags.0.insert(5, Bytes::from_static(b"five"));
    tags.0.insert(2, Bytes::from(alloc::vec![9; 200]));
    let message = FetchRequest {
        cluster_id: Some("c".into()),
        unknown_tags: Some(Box::new(tags)),
        ..Default::default()
    };
    let bytes = encoded(&message, 12);
    assert_eq!(decode::<FetchRequest>(12, &bytes).unwrap(), message);
    let tail = &bytes[bytes.len() - 214..];
    assert_eq!(tail[..9], [3, 0, 2, 2, b'c', 2, 0xc8, 1, 9]);
    assert!(tail.ends_with(&[5, 4, b'f', b'i', b'v', b'e']));
    // Versions without tags cannot carry them.
    let error = message.encode(11, &mut Writer::new()).unwrap_err();
    assert_eq!(error.context, "FetchRequest.unknown_tags");
}

#[test]
fn tags_ascend_and_hold_nothing_more_than_their_value() {
    let header = [0, 3, 0, 9, 0, 0, 0, 1, 0xff, 0xff];
    let with = |tags: &[u8]| decode::<RequestHeader>(2, &[&header, tags].concat());
    assert_eq!(with(&[0]).unwrap().unknown_tags, None);
    assert_eq!(with(&[2, 0, 0, 1, 1, 7]).unwrap().unknown_tags.unwrap().0.len(), 2);
    assert!(with(&[2, 1, 0, 1, 0]).is_err());
    assert!(with(&[2, 1, 0, 0, 0]).is_err());
    let bytes = encoded(&FetchRequest { cluster_id: Some("c".into()), ..Default::default() }, 12);
    let mut longer = bytes[..bytes.len() - 4].to_vec();
    longer.extend([0, 3, 2, b'c', 0]);
    let error = decode::<FetchRequest>(12, &longer).unwrap_err();
    assert!(matches!(error.fault, Fault::Other(_)), "{error}");
}

#[test]
fn every_truncation_is_an_error() {
    let response = FetchResponse {
        responses: alloc::vec![Default::default(); 2],
        unknown_tags: Some(Box::new(Tags([(7, Bytes::from_static(b"x"))].into()))),
        ..Default::default()
    };
    for at in [4, 11, 12, 16] {
        let mut response = response.clone();
        if at < 12 {
            response.unknown_tags = None;
        }
        let bytes = encoded(&response, at);
        assert_eq!(decode::<FetchResponse>(at, &bytes).unwrap(), response);
        for len in 0..bytes.len() {
            assert!(decode::<FetchResponse>(at, &bytes[..len]).is_err(), "{at} at {len}");
        }
    }
}

#[test]
fn large_bytes_are_slices_and_small_ones_are_copied() {
    use crate::kafka::message::produce::{PartitionProduceData, TopicProduceData};
    let produce = |records: &Bytes| ProduceRequest {
        topic_data: alloc::vec![TopicProduceData {
            partition_data: alloc::vec![PartitionProduceData {
                records: Some(records.clone()),
                ..Default::default()
            }],
            ..Default::default()
        }],
        ..Default::default()
    };
    let large = Bytes::from(alloc::vec![1; SLICE_FROM]);
    let mut writer = Writer::new();
    for records in [&large, &large.slice(1..)] {
        let mark = writer.begin_frame();
        produce(records).encode(9, &mut writer).unwrap();
        writer.end_frame(mark).unwrap();
    }
    let total = writer.len();
    let chunks = writer.finish();
    assert_eq!(chunks.len(), 3);
    assert_eq!(chunks[1].as_ptr(), large.as_ptr());
    assert_eq!(chunks.iter().map(Bytes::len).sum::<usize>(), total);
    let bytes: Vec<u8> = chunks.into_iter().flatten().collect();
    let size = u32::from_be_bytes(*bytes.first_chunk().unwrap()) as usize;
    assert_eq!(decode::<ProduceRequest>(9, &bytes[4..4 + size]).unwrap(), produce(&large));
    assert_eq!(
        decode::<ProduceRequest>(9, &bytes[8 + size..]).unwrap(),
        produce(&large.slice(1..))
    );
}

#[test]
fn uuids_are_shown_as_kafka_shows_them() {
    use alloc::string::ToString;
    let mut id = Uuid::ZERO;
    assert_eq!(id.to_string(), "AAAAAAAAAAAAAAAAAAAAAA");
    id.0[0] = 0x69;
    id.0[15] = 0xff;
    assert_eq!(id.to_string(), "aQAAAAAAAAAAAAAAAAAA_w");
}
