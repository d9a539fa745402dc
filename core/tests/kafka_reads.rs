//! Subscriptions of the client against brokers that send what a test has them send.
#![cfg(feature = "kafka")]

mod kafka;

use std::time::Duration;

use bytes::Bytes;
use gridwire_core::call::Caller;
use gridwire_core::endpoint::{Cause, Endpoint};
use gridwire_core::kafka::message::fetch::FetchRequest;
use gridwire_core::kafka::{KafkaExt, Position};

use kafka::answers::{T, batch, fetched, send_one_answered};
use kafka::scripted::{Asked, Scripted, metadata};

/// A subscription to partition 0 of `t` from `offset` on, and its first read.
fn reader(offset: i64) -> (Scripted, Asked<FetchRequest>) {
    let (mut peer, _) = Scripted::connected();
    send_one_answered(&mut peer);
    let listen = peer.proxy().consumer().read("t", [0], Position::Offset(offset));
    let (_, id) = peer.client.subscribe(peer.now, listen.listen);
    peer.client.demand(peer.now, id, 10);
    peer.let_in();
    let asked = peer.expect::<FetchRequest>();
    assert_eq!((asked.version, asked.request.topics[0].topic_id), (18, T));
    (peer, asked)
}

#[test]
fn a_read_passes_over_marks_old_records_and_a_cut_tail() {
    let (mut peer, asked) = reader(5);
    let mut records = Vec::new();
    records.extend_from_slice(&batch(0, 3, false)); // before what was asked for
    records.extend_from_slice(&batch(3, 4, false)); // 3 to 6
    records.extend_from_slice(&batch(7, 1, true)); // a mark
    records.extend_from_slice(&batch(8, 2, false)); // 8 and 9
    records.extend_from_slice(&batch(10, 2, true));
    records.extend_from_slice(&batch(12, 5, false)[..40]);
    peer.answer(&asked, &fetched(0, records.into()));
    let offsets: Vec<Vec<i64>> =
        peer.items.iter().map(|item| item.records().map(|r| r.offset).collect()).collect();
    assert_eq!(offsets, [vec![5, 6], vec![8, 9]]);
    let next = peer.expect::<FetchRequest>();
    assert_eq!(next.request.topics[0].partitions[0].fetch_offset, 12);
}

#[test]
fn a_bad_checksum_reaches_the_reader_as_an_error() {
    let (mut peer, asked) = reader(0);
    let mut bad = batch(0, 3, false).to_vec();
    *bad.last_mut().unwrap() ^= 1;
    peer.answer(&asked, &fetched(0, bad.into()));
    let listen = peer.proxy().consumer().read("t", [0], Position::Offset(0));
    let opened = listen.opener.open(&peer.items[0], &peer.client.codec());
    assert!(format!("{:?}", opened.unwrap_err()).contains("Checksum"));
}

#[test]
fn a_read_without_progress_does_not_spin() {
    let (mut peer, asked) = reader(50);
    peer.answer(&asked, &fetched(0, batch(0, 3, false)));
    assert!(peer.next().is_none(), "only older records came: not at once again");
    peer.pass(Duration::from_millis(100));
    let asked = peer.expect::<FetchRequest>();
    peer.answer(&asked, &fetched(0, batch(50, 3, false).slice(..40)));
    let last = peer.client.poll_output();
    assert!(last.is_none() && peer.closed.len() == 1, "a first batch cut short ends it");
}

#[test]
fn a_reader_survives_refusals_that_pass_and_lost_connections() {
    for code in [6, 75, 13] {
        let (mut peer, asked) = reader(3);
        peer.metadata = Some(metadata(&[(1, 1)], &[]));
        peer.answer(&asked, &fetched(code, Bytes::new()));
        peer.pass(Duration::from_secs(2));
        let again = peer.expect::<FetchRequest>();
        assert_eq!((again.conn, &again.request), (asked.conn, &asked.request));
        peer.close(again.conn, Cause::Reset);
        peer.pass(Duration::from_secs(2));
        let conn = peer.let_in();
        let again = peer.expect::<FetchRequest>();
        assert_eq!((again.conn, &again.request), (conn, &asked.request));
    }
}
