//! Codecs beside their floor: copying the same bytes, or walking them by hand.
//!
//! map.get at 64 B is what a client does for one call: encode the request, decode the response. Its
//! floor is a memcpy of both messages. A record batch of 1,000 × 100 B is checked and walked; its floor
//! is the checksum over the same bytes, which no consumer that checks can do without.

use std::hint::black_box;

use bytes::{Bytes, BytesMut};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gridwire_core::Str;
use gridwire_core::hazelcast::message::map::{Get, GetResponse};
use gridwire_core::hazelcast::{Data, FrameWriter, Message, Payload, Version};
use gridwire_core::kafka::records::{Batch, BatchBuilder, BatchHeader, NewRecord};

fn data(length: usize) -> Data {
    Data::from_parts(0, -12, &vec![7; length.saturating_sub(8)])
}

/// A response as a member sends it, in one buffer.
fn response(value: Data) -> Message {
    let mut out = FrameWriter::new();
    GetResponse { response: Some(value) }.encode(Version::NEWEST, &mut out);
    Message::new(out.finish().into_bytes()).expect("what we wrote has frames")
}

fn map_get(c: &mut Criterion) {
    let mut group = c.benchmark_group("map.get 64 B");
    let request = Get { name: Str::from_static("map"), key: data(64), thread_id: 1 };
    let answer = response(data(64));
    let mut out = FrameWriter::new();
    group.bench_function("encode the request", |b| {
        b.iter(|| {
            black_box(&request).encode(Version::NEWEST, &mut out);
            let mut message = out.finish();
            message.set_correlation_id(black_box(7));
            message.set_partition_id(black_box(11));
            black_box(message.into_chunks())
        });
    });
    group.bench_function("decode the response", |b| {
        b.iter(|| GetResponse::decode(black_box(&answer)));
    });
    group.bench_function("both", |b| {
        b.iter(|| {
            black_box(&request).encode(Version::NEWEST, &mut out);
            let mut message = out.finish();
            message.set_correlation_id(black_box(7));
            message.set_partition_id(black_box(11));
            (black_box(message.into_chunks()), GetResponse::decode(black_box(&answer)))
        });
    });
    request.encode(Version::NEWEST, &mut out);
    let sizes = (out.finish().len(), answer.bytes().len());
    let from = vec![7u8; sizes.0 + sizes.1];
    let mut to = BytesMut::with_capacity(from.len());
    group.bench_function("floor: memcpy of both messages", |b| {
        b.iter(|| {
            to.clear();
            to.extend_from_slice(black_box(&from));
            black_box(&to);
        });
    });
    group.finish();
}

fn record_batch(c: &mut Criterion) {
    let mut group = c.benchmark_group("record batch 1,000 x 100 B");
    let value = [5u8; 100];
    let record = |n: i64| NewRecord {
        timestamp: 1_700_000_000_000 + n,
        value: Some(&value),
        ..NewRecord::default()
    };
    let build = || {
        let mut builder = BatchBuilder::with_capacity(110_000);
        for n in 0..1_000 {
            builder.push(&record(n)).expect("there is room");
        }
        builder.finish(BatchHeader::default())
    };
    let bytes: Bytes = build();
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("check and walk", |b| {
        b.iter(|| {
            let mut rest = bytes.clone();
            let batch = Batch::split_from(&mut rest).expect("a batch").expect("a whole one");
            batch.verify().expect("the checksum holds");
            let records = batch.records().expect("not compressed");
            records.map(|record| record.expect("whole").value.map_or(0, <[u8]>::len)).sum::<usize>()
        });
    });
    group.bench_function("floor: the checksum alone", |b| {
        b.iter(|| {
            let mut rest = bytes.clone();
            let batch = Batch::split_from(&mut rest).expect("a batch").expect("a whole one");
            black_box(batch.verify())
        });
    });
    group.bench_function("build and seal", |b| b.iter(build));
    let mut to = vec![0u8; bytes.len()];
    group.bench_function("floor: memcpy of the batch", |b| {
        b.iter(|| {
            to.copy_from_slice(black_box(&bytes));
            black_box(&to);
        });
    });
    group.finish();
}

criterion_group!(benches, map_get, record_batch);
criterion_main!(benches);
