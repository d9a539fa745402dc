//! Bodies that no Kafka client or broker would send: what is wrong is said with its field and its byte, and
//! what is allocated stays in proportion to what was received.
//!
//! One test runs them all: the allocator counts for the whole process.
#![cfg(feature = "kafka")]

use std::alloc::System;

use bytes::Bytes;
use gridwire_core::kafka::frame::{split_request, split_response};
use gridwire_core::kafka::message::consumer_group_heartbeat::ConsumerGroupHeartbeatRequest;
use gridwire_core::kafka::message::metadata::{MetadataRequest, MetadataResponse};
use gridwire_core::kafka::message::{PRINTERS, Printer, api, printer};
use gridwire_core::kafka::wire::{Message, Reader};
use gridwire_core::{Fault, Malformed};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Bytes that may be allocated for each byte received, all in all: a message whose structs are empty, or
/// made of empty lists, takes far more room in memory than on the wire.
const PER_BYTE: usize = 400;

/// Bytes that may be allocated beyond: room made ahead for lists that claim to be long.
const AHEAD: usize = 512 * 1024;

#[test]
fn bad_bytes_are_refused_by_name_and_cost_no_more_than_they_are() {
    lies_are_named();
    headers_are_whole();
    memory_is_bounded();
}

fn error<M: Message>(version: i16, body: &[u8]) -> Malformed {
    M::decode(version, &mut Reader::new(&Bytes::copy_from_slice(body))).unwrap_err()
}

fn lies_are_named() {
    let named = |error: Malformed| (error.context, error.fault, error.offset);
    let topics = "MetadataRequest.topics";
    // Counts that lie.
    let count = Fault::Count { count: 0x7fff_ffff, available: 2 };
    let body = [0x7f, 0xff, 0xff, 0xff, 0, 0];
    assert_eq!(named(error::<MetadataRequest>(1, &body)), (topics, count, Some(0)));
    let count = Fault::Count { count: 0x7fff_fffe, available: 2 };
    let body = [0xff, 0xff, 0xff, 0xff, 0x07, 0, 0];
    assert_eq!(named(error::<MetadataRequest>(9, &body)), (topics, count, Some(0)));
    // A varint of eleven bytes.
    let body = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    assert_eq!(named(error::<MetadataRequest>(9, &body)), (topics, Fault::Varint, Some(0)));
    // Negative lengths.
    let body = [0xff, 0xff, 0xff, 0xfe];
    assert_eq!(named(error::<MetadataRequest>(1, &body)), (topics, Fault::Length(-2), Some(0)));
    let name = "MetadataRequestTopic.name";
    let body = [0, 0, 0, 2, 0, 1, b't', 0x80, 0];
    assert_eq!(named(error::<MetadataRequest>(1, &body)), (name, Fault::Length(-32768), Some(7)));
    // Null where there is none, and text that is none.
    let body = [0, 0, 0, 2, 0, 1, b't', 0xff, 0xff];
    assert_eq!(named(error::<MetadataRequest>(1, &body)), (name, Fault::Null, Some(7)));
    let body = [0, 0, 0, 2, 0, 1, b't', 0, 2, 0xc3, 0x28];
    assert_eq!(named(error::<MetadataRequest>(1, &body)), (name, Fault::Utf8, Some(7)));
    // Cut short.
    let cut = Fault::Truncated { needed: 4, available: 3 };
    let brokers = "MetadataResponse.brokers";
    assert_eq!(named(error::<MetadataResponse>(0, &[0; 3])), (brokers, cut, Some(0)));
    // Tags: more than there are bytes, out of order, longer than what is left.
    let tags = "ConsumerGroupHeartbeatRequest.unknown_tags";
    let whole = [1, 1, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0];
    let with = |section: &[u8]| {
        named(error::<ConsumerGroupHeartbeatRequest>(0, &[&whole[..], section].concat()))
    };
    let count = Fault::Count { count: 127, available: 0 };
    assert_eq!(with(&[0x7f]), (tags, count, Some(15)));
    let order = Fault::Other("tags that do not ascend");
    assert_eq!(with(&[2, 9, 0, 9, 0]), (tags, order, Some(18)));
    let cut = Fault::Truncated { needed: 5, available: 1 };
    assert_eq!(with(&[1, 9, 5, 0]), (tags, cut, Some(18)));
    // Versions and keys that nobody knows.
    let fault = Fault::Value(99);
    assert_eq!(named(error::<MetadataRequest>(99, &[])), ("MetadataRequest", fault, Some(0)));
    assert!(api(999).is_none() && printer(999).is_none());
}

fn headers_are_whole() {
    let key = "RequestHeader.request_api_key";
    for len in 0..2 {
        let frame = Bytes::from(vec![0; len]);
        let fault = Fault::Truncated { needed: 2, available: len };
        assert_eq!(split_request(&frame), Err(Malformed::new(key, fault).at(0)));
        let metadata = api(3).expect("a declared API");
        let error = split_response(&frame, metadata, 9).unwrap_err();
        let fault = Fault::Truncated { needed: 4, available: len };
        assert_eq!(error, Malformed::new("ResponseHeader.correlation_id", fault).at(0));
    }
    // Whatever the key and the version, one header or another is expected.
    for key in [-1, 0, 3, 7, 18, 999, i16::MAX] {
        for version in [-1, 0, 9, 99, i16::MIN, i16::MAX] {
            let bytes = [i16::to_be_bytes(key), i16::to_be_bytes(version)].concat();
            let error = split_request(&Bytes::from(bytes)).unwrap_err();
            assert_eq!(error.context, "RequestHeader.correlation_id");
            assert_eq!(error.offset, Some(4));
        }
    }
}

/// Bodies of one repeated pattern, long enough to hold long lists: each length and count in them lies.
fn patterns() -> Vec<Bytes> {
    let units: [&[u8]; 12] = [
        &[0],
        &[1],
        &[2],
        &[0x7f],
        &[0x80],
        &[0xff],
        &[0x7f, 0xff, 0xff, 0xff],
        &[0xff, 0xff, 0xff, 0xff, 0x0f],
        &[0, 0, 0, 1],
        &[0, 0, 0x10, 0],
        &[0xff, 0xff, 0xff, 0xfe],
        &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
    ];
    let whole = units.iter().flat_map(|unit| {
        [1, 7, 40, 4096].map(|len| unit.iter().copied().cycle().take(len).collect::<Bytes>())
    });
    // A long list, and nothing in it.
    let first: [&[u8]; 3] = [&[0, 0, 0x10, 0], &[0x80, 0x20], &[0, 0, 0, 0, 0, 0, 0x10, 0]];
    let lists = first.map(|count| [count, &[0; 16 * 1024]].concat().into());
    whole.chain(lists).collect()
}

fn memory_is_bounded() {
    let patterns = patterns();
    let (mut most, mut refused, mut read) = (0, 0, 0);
    for Printer { api, request, response, .. } in PRINTERS {
        for version in api.versions.min..=api.versions.max {
            for body in &patterns {
                for print in [request, response] {
                    let region = Region::new(ALLOCATOR);
                    let result = print(version, body);
                    let allocated = region.change().bytes_allocated;
                    match result {
                        Ok(_) => read += 1,
                        Err(error) => {
                            refused += 1;
                            let place = format!("{} {version}: {error}", api.name);
                            assert!(error.context.contains('.'), "{place}");
                            let offset = error.offset.expect(&place);
                            assert!(offset as usize <= body.len(), "{place}");
                            let bound = AHEAD + PER_BYTE * body.len();
                            assert!(allocated <= bound, "{allocated} for {}: {place}", body.len());
                            most = most.max(allocated);
                        }
                    }
                }
            }
        }
    }
    println!("{refused} refused, {read} read; at most {most} bytes allocated");
    assert!(refused > 30_000 && read > 1000);
}
