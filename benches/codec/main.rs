//! Codecs beside their floor, copying the same bytes or walking them by hand, and beside another crate.
//!
//! map.get at 64 B is what a client does for one call: encode the request, decode the response. Its
//! floor is a memcpy of both messages. The views of a large cluster and a page of rows are decoded whole;
//! their floor is a memcpy of the same bytes. Kafka's records are in `records`, its messages in `kafka`.
//! `cargo bench --bench codec -- --ratios` prints what is compared, both sides measured by turns.

mod beside;
mod compact;
mod kafka;
mod records;

use std::hint::black_box;

use bytes::BytesMut;
use criterion::{Criterion, Throughput, criterion_group};
use gridwire_core::Str;
use gridwire_core::hazelcast::message::client::{MembersViewEvent, PartitionsViewEvent};
use gridwire_core::hazelcast::message::custom::{
    Address, EndpointQualifier, MemberInfo, MemberVersion,
};
use gridwire_core::hazelcast::message::map::{Get, GetResponse};
use gridwire_core::hazelcast::message::sql::FetchResponse;
use gridwire_core::hazelcast::message::sql_page::{SqlColumn, SqlColumnType, SqlPage};
use gridwire_core::hazelcast::{Data, FrameWriter, Message, Payload, Uuid, Version};

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

fn beside_others(c: &mut Criterion) {
    beside::measure(c, comparisons());
}

/// What stands beside another crate, or beside its floor.
fn comparisons() -> Vec<beside::Comparison> {
    kafka::comparisons().into_iter().chain(records::comparisons()).collect()
}

criterion_group!(
    benches,
    map_get,
    cluster_views,
    sql_page,
    compact::record,
    records::measure,
    beside_others
);

fn main() {
    if std::env::args().any(|arg| arg == "--ratios") {
        return beside::ratios(comparisons());
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
