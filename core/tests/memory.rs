//! What connections cost, 10,000 of them in one engine; what hostile values cost, for each of their
//! bytes; and what a page of rows does: counted by the allocator.
//!
//! One test after the other in one function: the allocator counts for the whole process.
#![cfg(feature = "hazelcast")]

use std::alloc::System;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use gridwire_core::endpoint::*;
use gridwire_core::hazelcast::message::sql::FetchResponse;
use gridwire_core::hazelcast::message::sql_page::{SqlColumn, SqlColumnType, SqlPage};
use gridwire_core::hazelcast::{
    Client, Codec, Config, Data, FrameWriter, List, Member, MemberConfig, Message, Payload, Value,
    Version,
};
use gridwire_core::links::{LinkLimits, Links};
use gridwire_core::time::Instant;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const CONNECTIONS: usize = 10_000;
/// Bytes for each connection.
const MOST: usize = 1024;
/// What a driver reads into.
const READ_BUFFER: usize = 16 << 10;

/// Bytes that are held now and were not held when the region began, for each connection.
fn held(region: &Region<'_, System>) -> usize {
    let change = region.change();
    change.bytes_allocated.saturating_sub(change.bytes_deallocated) / CONNECTIONS
}

fn start() -> Start {
    Start { seed: [1; 32], unix_at_zero: Duration::ZERO }
}

/// The slots alone, after each connection has sent small and large messages.
fn links() {
    let region = Region::new(ALLOCATOR);
    let mut links = Links::<(), ()>::new(LinkLimits::default());
    let conns: Vec<ConnId> = (0..CONNECTIONS).map(|_| links.accept(())).collect();
    let payload = Bytes::from(vec![0; 4096]);
    for conn in &conns {
        links.send_slice(*conn, b"small");
        links.send_slice(*conn, b"small too");
        links.send(*conn, Chunks::from_iter([payload.clone()]));
        while let Some(output) = links.poll_output() {
            if let Output::Send { conn, data } = output {
                links.sent(conn, data.iter().map(Bytes::len).sum());
            }
        }
    }
    let held = held(&region);
    assert!(held <= MOST, "{held} bytes for each connection");
    println!("connection slots: {held} bytes each");
    drop(links);
}

/// What a client says first: the protocol's name and its authentication.
fn first_words() -> Bytes {
    let mut client = Client::start(Config::new([Target::new("h", 1)]), start());
    let mut said = BytesMut::new();
    while let Some(output) = client.poll_output() {
        match output {
            Output::Open { conn, .. } => {
                client.handle(Instant::ZERO, Input::Opened { conn, peer: &Peer::default() });
            }
            Output::Send { data, .. } => {
                data.iter().for_each(|piece| said.extend_from_slice(piece));
            }
            _ => {}
        }
    }
    assert!(said.starts_with(b"CP2") && said.len() > 100);
    said.freeze()
}

/// A member with so many clients that were let in and say nothing now.
fn member() {
    let words = first_words();
    let region = Region::new(ALLOCATOR);
    let mut member = Member::start(MemberConfig::default(), start());
    for _ in 0..CONNECTIONS {
        let now = Instant::ZERO;
        let Some(conn) = member.accept(now, ListenerId(0), &Peer::default()) else {
            panic!("refused")
        };
        // Each has a read buffer of its own. The member may not hold on to any part of it.
        let mut data = BytesMut::with_capacity(READ_BUFFER);
        data.extend_from_slice(&words);
        member.handle(now, Input::Received { conn, data: &mut data });
        assert!(data.is_empty(), "the member leaves nothing unread");
        let mut answered = false;
        while let Some(output) = member.poll_output() {
            match output {
                Output::Send { conn, data } => {
                    answered = true;
                    let bytes = data.iter().map(Bytes::len).sum();
                    member.handle(now, Input::Sent { conn, bytes });
                }
                Output::Close { .. } => panic!("not let in"),
                _ => {}
            }
        }
        assert!(answered);
    }
    assert_eq!(member.connections(), CONNECTIONS);
    let held = held(&region);
    assert!(held <= MOST, "{held} bytes for each connection");
    println!("a member's connections: {held} bytes each");
}

/// Values made of what takes the least on the wire, and how many bytes are held for each of theirs.
fn values() {
    const MOST: usize = 32;
    let nulls = |count: u32| vec![0; 4 * count as usize];
    let list = |count: u32, items: Vec<u8>| {
        [&(-29i32).to_be_bytes()[..], &count.to_be_bytes(), &items].concat()
    };
    let map = |count: u32| {
        [&(-32i32).to_be_bytes()[..], &count.to_be_bytes(), &nulls(2 * count)].concat()
    };
    let optional = [&(-50i32).to_be_bytes()[..], &[1, 0, 0, 0, 0]].concat();
    let entry = [&(-22i32).to_be_bytes()[..], &[0; 8]].concat();
    let text = [&(-11i32).to_be_bytes()[..], &1u32.to_be_bytes(), b"a"].concat();
    let texts = [&(-20i32).to_be_bytes()[..], &100_000u32.to_be_bytes(), &nulls(100_000)].concat();
    let mut lists = list(0, vec![]);
    for _ in 0..40 {
        lists = list(1, lists);
    }
    for (what, object) in [
        ("nulls", list(100_000, nulls(100_000))),
        ("a map of nulls", map(50_000)),
        ("maps of one null", list(20_000, map(1).repeat(20_000))),
        ("lists of one null", list(20_000, list(1, nulls(1)).repeat(20_000))),
        ("lists in lists", list(1000, lists.repeat(1000))),
        ("optionals", list(20_000, optional.repeat(20_000))),
        ("entries", list(20_000, entry.repeat(20_000))),
        ("texts of a byte", list(20_000, text.repeat(20_000))),
        ("no texts", texts),
    ] {
        let data = Data::new(Bytes::from([&[0; 4][..], &object].concat()));
        let region = Region::new(ALLOCATOR);
        let value: Value = Codec::default().to_value(&data).unwrap();
        let change = region.change();
        let held = change.bytes_allocated.saturating_sub(change.bytes_deallocated);
        let each = held.div_ceil(data.bytes().len());
        assert!(each <= MOST, "{what}: {each} bytes for each");
        assert!(!matches!(value, Value::Raw(_)));
        println!("{what}: {each} bytes for each on the wire");
    }
    // What is refused holds nothing, and took little before that was clear.
    let lying = list(1 << 20, list(1 << 18, vec![0xff; 4 << 20]));
    let data = Data::new(Bytes::from([&[0; 4][..], &lying].concat()));
    let region = Region::new(ALLOCATOR);
    assert!(Codec::default().to_value::<List<Value>>(&data).is_err());
    let change = region.change();
    assert!(change.bytes_allocated < 64 << 10, "{} bytes", change.bytes_allocated);
}

/// A page of 1,000 rows of every type of a fixed size, with and without nulls: what is allocated
/// doesn't grow with the rows, and nothing is for looking at a cell.
fn sql_page() {
    let types = (0..=15).map(SqlColumnType).filter(|kind| kind.size().is_some());
    let page = |rows: usize| {
        let columns = types.clone().flat_map(|kind| {
            let value = [7; 17];
            let value = &value[..kind.size().unwrap()];
            [1, 3].map(|nulls| {
                let rows = (0..rows).map(|row| (row % nulls == 0).then_some(value));
                SqlColumn::new(kind, rows).unwrap()
            })
        });
        let mut out = FrameWriter::new();
        let row_page = Some(SqlPage { last: true, columns: columns.collect() });
        FetchResponse { row_page, error: None }.encode(Version::NEWEST, &mut out);
        Message::new(out.finish().into_bytes()).unwrap()
    };
    let mut counts = vec![];
    for rows in [10, 1000] {
        let message = page(rows);
        let region = Region::new(ALLOCATOR);
        let (answer, _) = FetchResponse::decode(&message).unwrap();
        let decoding = region.change();
        let columns = &answer.row_page.as_ref().unwrap().columns;
        assert_eq!(columns.len(), 22);
        let seen: usize = columns.iter().map(|column| column.cells().flatten().count()).sum();
        let looking = region.change().allocations - decoding.allocations;
        assert_eq!((seen, looking), (11 * (rows + rows.div_ceil(3)), 0));
        counts.push(decoding.allocations + decoding.reallocations);
        println!("22 columns of {rows} rows: {} allocations", counts[counts.len() - 1]);
    }
    assert!(counts[0] == counts[1] && counts[0] < 20, "{counts:?}");
}

#[test]
fn connections_values_and_pages_cost_little() {
    links();
    member();
    values();
    sql_page();
}
