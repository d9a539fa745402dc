//! Codecs beside their floor: copying the same bytes, or walking them by hand.
//!
//! map.get at 64 B is what a client does for one call: encode the request, decode the response. Its
//! floor is a memcpy of both messages. The views of a large cluster and a page of rows are decoded whole;
//! their floor is a memcpy of the same bytes. A record batch of 1,000 × 100 B is checked and walked; its
//! floor is the checksum over the same bytes and a walk written by hand for just them. It is built and
//! sealed; that floor is a copy of the bytes and the checksum over it.

mod compact;

use std::hint::black_box;

use bytes::{Bytes, BytesMut};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gridwire_core::Str;
use gridwire_core::hazelcast::message::client::{MembersViewEvent, PartitionsViewEvent};
use gridwire_core::hazelcast::message::custom::{
    Address, EndpointQualifier, MemberInfo, MemberVersion,
};
use gridwire_core::hazelcast::message::map::{Get, GetResponse};
use gridwire_core::hazelcast::message::sql::FetchResponse;
use gridwire_core::hazelcast::message::sql_page::{SqlColumn, SqlColumnType, SqlPage};
use gridwire_core::hazelcast::{Data, FrameWriter, Message, Payload, Uuid, Version};
use gridwire_core::kafka::records::{
    Batch, BatchBuilder, BatchHeader, CompressionType, Decompressor, NewRecord, Record,
};

fn data(length: usize) -> Data {
    Data::from_parts(0, -12, &vec![7; length.saturating_sub(8)])
}

/// A message as a member sends it, in one buffer.
fn sent<M: Payload>(message: &M) -> Message {
    let mut out = FrameWriter::new();
    message.encode(Version::NEWEST, &mut out);
    Message::new(out.finish().into_bytes()).expect("what we wrote has frames")
}

fn map_get(c: &mut Criterion) {
    let mut group = c.benchmark_group("map.get 64 B");
    let request = Get { name: Str::from_static("map"), key: data(64), thread_id: 1 };
    let answer = sent(&GetResponse { response: Some(data(64)) });
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

/// Decoding a message, beside a copy of its bytes.
fn decode<M: Payload>(c: &mut Criterion, name: &str, message: &M, read: impl Fn(M) -> usize) {
    let mut group = c.benchmark_group(name);
    let message = sent(message);
    let bytes = message.bytes();
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("decode", |b| {
        b.iter(|| read(M::decode(black_box(&message)).expect("sound").0));
    });
    let mut to = vec![0u8; bytes.len()];
    group.bench_function("floor: memcpy", |b| {
        b.iter(|| {
            to.copy_from_slice(black_box(bytes));
            black_box(&to);
        });
    });
    group.finish();
}

fn cluster_views(c: &mut Criterion) {
    let address = |n: usize| Address { host: format!("10.0.1.{n}").into(), port: 5701 };
    let uuid = |n: usize| Uuid::new(n as u64 * 7919, n as u64);
    let member = |n: usize| MemberInfo {
        address: address(n),
        uuid: uuid(n),
        attributes: vec![("zone".into(), format!("z{}", n % 3).into())],
        lite_member: n.is_multiple_of(10),
        version: MemberVersion { major: 5, minor: 7, patch: 0 },
        address_map: (0..2)
            .map(|kind| (EndpointQualifier { kind, identifier: None }, address(n)))
            .collect(),
    };
    let members = MembersViewEvent { version: 1, member_infos: (0..100).map(member).collect() };
    decode(c, "members view, 100 members", &members, |view| view.member_infos.len());
    let owned = |n: usize| (0..5003).filter(|partition| partition % 100 == n as i32).collect();
    let partitions = (0..100).map(|n| (uuid(n), owned(n))).collect();
    let partitions = PartitionsViewEvent { version: 1, partitions };
    decode(c, "partitions view, 5,003 partitions", &partitions, |view| {
        view.partitions.iter().map(|(_, owned)| owned.len()).sum()
    });
}

/// Ten columns of fixed types, one in four of the last one's values null, every cell looked at.
fn sql_page(c: &mut Criterion) {
    let column = |number: u64| {
        let values: Vec<[u8; 8]> = (0..1000u64).map(|row| (row * number).to_le_bytes()).collect();
        let null = |row: usize| number == 9 && row.is_multiple_of(4);
        let values =
            values.iter().enumerate().map(|(row, value)| (!null(row)).then_some(&value[..]));
        SqlColumn::new(SqlColumnType::BIGINT, values).expect("of eight bytes")
    };
    let page = SqlPage { last: false, columns: (0..10).map(column).collect() };
    let answer = FetchResponse { row_page: Some(page), error: None };
    decode(c, "SQL page, 1,000 rows x 10", &answer, |answer| {
        let columns = answer.row_page.map(|page| page.columns).unwrap_or_default();
        columns.iter().flat_map(SqlColumn::cells).flatten().map(|cell| usize::from(cell[0])).sum()
    });
}

fn one_batch(bytes: &Bytes) -> Batch {
    let mut rest = bytes.clone();
    Batch::split_from(&mut rest).expect("a batch").expect("a whole one")
}

/// What a reader gets to see of a record.
fn look(record: &Record<'_>) -> usize {
    let key = record.key.map_or(0, <[u8]>::len);
    let value = record.value.map_or(0, <[u8]>::len);
    key + value + record.headers.len() + (record.offset ^ record.timestamp) as usize
}

/// The least that borrowing every field of every record takes, written for just these bytes: numbers of one
/// byte or two, nothing but values, lengths that are true.
mod by_hand {
    pub(super) struct Borrowed<'a> {
        pub(super) offset: i64,
        pub(super) timestamp: i64,
        pub(super) key: Option<&'a [u8]>,
        pub(super) value: Option<&'a [u8]>,
        pub(super) headers: usize,
    }

    fn number(from: &mut &[u8]) -> Option<i32> {
        let (bits, left) = match **from {
            [a, ref left @ ..] if a < 0x80 => (u32::from(a), left),
            [a, b, ref left @ ..] => (u32::from(a & 0x7f) | u32::from(b) << 7, left),
            _ => return None,
        };
        *from = left;
        Some((bits >> 1) as i32 ^ -((bits & 1) as i32))
    }

    fn field<'a>(from: &mut &'a [u8]) -> Option<Option<&'a [u8]>> {
        let length = number(from)?;
        if length < 0 {
            return Some(None);
        }
        let (field, left) = from.split_at_checked(length as usize)?;
        *from = left;
        Some(Some(field))
    }

    pub(super) fn next<'a>(left: &mut &'a [u8], timestamp: i64) -> Option<Borrowed<'a>> {
        let length = number(left)?;
        let (mut body, rest) = left.split_at_checked(length as usize)?;
        *left = rest;
        body.split_off_first()?;
        let timestamp = timestamp + i64::from(number(&mut body)?);
        let offset = i64::from(number(&mut body)?);
        let (key, value) = (field(&mut body)?, field(&mut body)?);
        let headers = number(&mut body)? as usize;
        Some(Borrowed { offset, timestamp, key, value, headers })
    }
}

fn walk_by_hand(batch: &Batch) -> usize {
    let records = batch.raw_records();
    let (mut left, mut sum) = (&records[..], 0usize);
    let base = batch.header().base_timestamp;
    while let Some(record) = by_hand::next(&mut left, base) {
        let key = record.key.map_or(0, <[u8]>::len);
        let value = record.value.map_or(0, <[u8]>::len);
        let seen = key + value + record.headers + (record.offset ^ record.timestamp) as usize;
        sum = sum.wrapping_add(seen);
    }
    sum
}

fn record_batch(c: &mut Criterion) {
    let mut group = c.benchmark_group("record batch 1,000 x 100 B");
    let values: Vec<[u8; 100]> = (0..1_000).map(|n| [n as u8; 100]).collect();
    let build = || {
        let mut builder = BatchBuilder::with_capacity(112_000);
        for (n, value) in values.iter().enumerate() {
            let timestamp = 1_700_000_000_000 + n as i64;
            let record = NewRecord { timestamp, value: Some(value), ..NewRecord::default() };
            builder.push(&record).expect("there is room");
        }
        builder
    };
    let bytes: Bytes = build().finish(BatchHeader::default());
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("check and walk", |b| {
        b.iter(|| {
            let batch = one_batch(black_box(&bytes));
            batch.verify().expect("the checksum holds");
            let records = batch.records().expect("not compressed");
            records.map(|record| look(&record.expect("whole"))).fold(0, usize::wrapping_add)
        });
    });
    group.bench_function("floor: checksum and a walk by hand", |b| {
        b.iter(|| {
            let batch = one_batch(black_box(&bytes));
            batch.verify().expect("the checksum holds");
            walk_by_hand(&batch)
        });
    });
    group.bench_function("floor: the checksum alone", |b| {
        b.iter(|| black_box(one_batch(black_box(&bytes)).verify()));
    });
    group.bench_function("build and seal", |b| {
        b.iter(|| build().finish(BatchHeader::default()));
    });
    let sum = |bytes: &[u8]| gridwire_core::crc::crc32c(bytes);
    group.bench_function("floor: memcpy of the batch, and its checksum", |b| {
        b.iter(|| {
            let to = black_box(&bytes).to_vec();
            (sum(&to), to)
        });
    });
    group.bench_function("floor: memcpy of each value, and a checksum", |b| {
        b.iter(|| {
            let mut to = Vec::with_capacity(bytes.len());
            for value in black_box(&values) {
                to.extend_from_slice(value);
            }
            (sum(&to), to)
        });
    });
    let mut decompressor = Decompressor::default();
    for name in ["gzip", "snappy", "lz4", "zstd"] {
        let how: CompressionType = name.parse().expect("a codec");
        let finish = || build().finish_with(BatchHeader::default(), how).expect("built in");
        group.bench_function(format!("build and seal with {name}"), |b| b.iter(finish));
        let bytes = finish();
        group.bench_function(format!("check and walk with {name}"), |b| {
            b.iter(|| {
                let batch = one_batch(black_box(&bytes));
                batch.verify().expect("the checksum holds");
                let records = batch.records_with(&mut decompressor).expect("readable");
                records.map(|record| look(&record.expect("whole"))).fold(0, usize::wrapping_add)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, map_get, cluster_views, sql_page, compact::record, record_batch);
criterion_main!(benches);
