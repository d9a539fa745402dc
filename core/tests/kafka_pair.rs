//! The client and the embedded broker, joined in memory: every operation, over streams that are cut
//! anywhere.
#![cfg(feature = "kafka")]

mod kafka;

use std::time::Duration;

use bytes::Bytes;
use gridwire_core::call::{Caller, Failure, Lifecycle};
use gridwire_core::kafka::records::CompressionType;
use gridwire_core::kafka::{
    Acks, Codec, Config, Error, ErrorCode, FetchOnce, KafkaExt, Position, Record, RecordMetadata,
};

use kafka::net::Net;
use kafka::{BEGIN, broker, client, config};

fn net(seed: u64) -> Net {
    Net::new(seed, client(seed, config()), broker(&[("t", 3)]))
}

fn record(n: usize) -> Record {
    Record::keyed(format!("k{n}"), format!("value {n}"))
        .header("h", Bytes::from(n.to_string()))
        .header("h", None)
        .timestamp(1_000 + n as i64)
}

/// Sends records of the keys k0 to k9, which murmur2 puts on known partitions.
fn send_ten(net: &mut Net) {
    let producer = net.proxy().producer("t");
    let sent: Vec<_> = (0..10).map(|n| net.submit(producer.send(record(n)))).collect();
    net.pass(Duration::from_millis(20));
    let partitions: Vec<i32> =
        sent.iter().map(|call| net.take_end(call).unwrap().unwrap().partition).collect();
    assert_eq!(partitions, [2, 2, 0, 1, 1, 0, 1, 1, 2, 2]);
}

#[test]
fn records_come_back_as_they_went_however_the_streams_are_cut() {
    for seed in 0..40 {
        let mut net = net(seed);
        send_ten(&mut net);
        let (ticket, id) =
            net.subscribe(net.proxy().consumer().read("t", 0..3, Position::Earliest));
        net.demand(id, 100);
        net.run();
        assert!(net.done.remove(&ticket).unwrap().is_ok());
        let mut seen = Vec::new();
        for item in std::mem::take(&mut net.items) {
            assert_eq!((item.topic().as_str(), item.high_watermark()), ("t", item.next_offset()));
            for record in item.records() {
                let key = std::str::from_utf8(record.key.unwrap()).unwrap();
                let n: usize = key[1..].parse().unwrap();
                assert_eq!(record.value, Some(format!("value {n}").as_bytes()));
                assert_eq!(record.timestamp, 1_000 + n as i64);
                let headers: Vec<_> = record.headers.iter().map(|h| (h.key, h.value)).collect();
                let value = n.to_string();
                assert_eq!(headers, [(&b"h"[..], Some(value.as_bytes())), (b"h", None)]);
                seen.push((item.partition(), record.offset, n));
            }
        }
        seen.sort_unstable();
        let expected = [
            (0, 0, 2),
            (0, 1, 5),
            (1, 0, 3),
            (1, 1, 4),
            (1, 2, 6),
            (1, 3, 7),
            (2, 0, 0),
            (2, 1, 1),
            (2, 2, 8),
            (2, 3, 9),
        ];
        assert_eq!(seen, expected, "seed {seed}");
    }
}

#[test]
fn what_is_compressed_on_the_way_comes_back_as_it_went() {
    for name in ["gzip", "snappy", "lz4", "zstd"] {
        let compression_type: CompressionType = name.parse().unwrap();
        let config = Config { compression_type, ..config() };
        let mut net = Net::new(1, client(1, config), broker(&[("t", 3)]));
        if !compression_type.is_built_in() {
            let refused = net.call(net.proxy().producer("t").send(record(1)));
            assert!(matches!(refused, Err(Error::Unsupported(_))), "{refused:?}");
            continue;
        }
        send_ten(&mut net);
        let (_, id) = net.subscribe(net.proxy().consumer().read("t", 0..3, Position::Earliest));
        net.demand(id, 100);
        net.run();
        let mut seen = Vec::new();
        for item in std::mem::take(&mut net.items) {
            let codec = item.batch().header().attributes.compression();
            assert_eq!((codec, item.records().count()), (compression_type.codec(), 0));
            let item = item.open(&Codec::default()).unwrap();
            seen.extend(item.records().map(|record| (record.timestamp, record.headers.len())));
        }
        seen.sort_unstable();
        assert_eq!(seen, (0..10).map(|n| (1_000 + n, 2)).collect::<Vec<_>>(), "{name}");
        // The broker looks inside for the record of a time.
        let call = net.proxy().admin().list_offsets("t", [2], Position::Timestamp(1_008));
        assert_eq!(net.call(call).unwrap()[0].offset, Some(2));
    }
}

#[test]
fn each_acknowledgement_says_what_it_can() {
    for seed in 0..10 {
        let mut net = net(seed);
        let send = |net: &mut Net, acks| {
            let producer = net.proxy().producer("t").acks(acks);
            net.call(producer.send(Record::value("x").to_partition(1)))
        };
        let timestamp = |net: &Net| BEGIN as i64 + (net.now.as_nanos() / 1_000_000) as i64;
        let at = timestamp(&net);
        let stored = |offset, timestamp| RecordMetadata { partition: 1, offset, timestamp };
        assert_eq!(send(&mut net, Acks::All), Ok(stored(Some(0), at)));
        let at = timestamp(&net);
        assert_eq!(send(&mut net, Acks::Leader), Ok(stored(Some(1), at)));
        let at = timestamp(&net);
        assert_eq!(send(&mut net, Acks::None), Ok(stored(None, at)));
        // An answer that nobody gives takes no place in the queue of answers.
        assert_eq!(send(&mut net, Acks::All).unwrap().offset, Some(3));
    }
}

#[test]
fn offsets_are_found_by_place_and_by_time() {
    let mut net = net(1);
    send_ten(&mut net);
    let mut offsets = |at| {
        let call = net.proxy().admin().list_offsets("t", [1, 0, 2], at);
        let found = net.call(call).unwrap();
        found
            .iter()
            .map(|found| (found.partition, found.offset, found.timestamp))
            .collect::<Vec<_>>()
    };
    let none = [(1, Some(0), None), (0, Some(0), None), (2, Some(0), None)];
    assert_eq!(offsets(Position::Earliest), none);
    let ends = [(1, Some(4), None), (0, Some(2), None), (2, Some(4), None)];
    assert_eq!(offsets(Position::Latest), ends);
    let after_three =
        [(1, Some(1), Some(1_004)), (0, Some(1), Some(1_005)), (2, Some(2), Some(1_008))];
    assert_eq!(offsets(Position::Timestamp(1_004)), after_three);
    let late = [(1, None, None), (0, None, None), (2, Some(3), Some(1_009))];
    assert_eq!(offsets(Position::Timestamp(1_009)), late);
    let nothing = net.proxy().admin().list_offsets("t", [], Position::Latest);
    assert!(matches!(net.call(nothing), Err(Error::Misuse(_))));
}

#[test]
fn metadata_lists_what_there_is_and_creates_nothing() {
    let mut net = net(2);
    let call = net.proxy().admin().cluster();
    let cluster = net.call(call).unwrap();
    assert_eq!((cluster.brokers.len(), cluster.controller), (1, Some(1)));
    assert_eq!(cluster.topics.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(), ["t"]);
    assert_eq!(cluster.topics[0].partitions.len(), 3);
    assert!(cluster.topics[0].partitions.iter().all(|p| p.leader == Some(1)));
    let call = net.proxy().admin().topics(["t", "other"]);
    let topics = net.call(call).unwrap().topics;
    let codes: Vec<_> = topics.iter().map(|topic| (topic.name.as_str(), topic.error.0)).collect();
    assert_eq!(codes, [("other", 3), ("t", 0)]);
    assert_eq!(net.broker.topics().count(), 1);
    assert_eq!(net.lifecycle, [Lifecycle::Connected]);
}

#[test]
fn using_a_topic_creates_it_if_that_is_allowed() {
    let mut net = net(3);
    let call = net.proxy().producer("new").send(Record::value("x"));
    assert_eq!(net.call(call).unwrap().offset, Some(0));
    assert_eq!(net.broker.topics().map(|(name, n)| (name.as_str(), n)).last(), Some(("t", 3)));

    let mut config = config();
    config.allow_auto_create_topics = false;
    let mut net = Net::new(3, client(3, config), broker(&[]));
    let call = net.proxy().producer("new").send(Record::value("x"));
    let error = net.call(call).unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION));
    let call = net.proxy().producer("a b").send(Record::value("x"));
    let error = net.call(call).unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::INVALID_TOPIC_EXCEPTION));
}

#[test]
fn a_partition_that_the_topic_lacks_is_refused() {
    let mut net = net(4);
    let unknown = Some(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    let call = net.proxy().producer("t").send(Record::value("x").to_partition(3));
    assert_eq!(net.call(call).unwrap_err().code(), unknown);
    let call = net.proxy().admin().list_offsets("t", [-1], Position::Latest);
    assert_eq!(net.call(call).unwrap_err().code(), unknown);
    let (ticket, id) = net.subscribe(net.proxy().consumer().read("t", [9], Position::Offset(0)));
    net.pass(Duration::from_secs(1));
    assert_eq!(net.done.remove(&ticket).unwrap().unwrap_err().code(), unknown);
    assert_eq!(net.ended.len(), 1);
    assert_eq!(net.ended[0].0, id);
}

#[test]
fn a_read_that_waits_is_woken_by_a_write() {
    let mut net = net(5);
    let (_, id) = net.subscribe(net.proxy().consumer().read("t", 0..3, Position::Latest));
    net.demand(id, 10);
    // Several waits in a row run out first.
    net.pass(Duration::from_millis(1_700));
    assert!(net.items.is_empty());
    let before = net.now;
    let call = net.proxy().producer("t").send(Record::value("news").to_partition(2));
    let sent = net.submit(call);
    net.pass(Duration::from_millis(5));
    assert_eq!(net.take_end(&sent).unwrap().unwrap().offset, Some(0));
    let item = net.items.pop_front().expect("the record, without waiting");
    assert_eq!(item.records().next().unwrap().value, Some(&b"news"[..]));
    assert_eq!(net.now, before + Duration::from_millis(5), "only the linger passed");
}

#[test]
fn one_read_waits_as_long_as_it_says_and_reads_from_inside_a_batch() {
    let mut net = net(6);
    send_ten(&mut net);
    let fetch = |offset, max_wait| FetchOnce {
        topic: "t".into(),
        partition: 1,
        offset,
        max_bytes: 1 << 20,
        min_bytes: 1,
        max_wait,
    };
    let call = net.proxy().consumer().fetch(fetch(2, Duration::ZERO));
    let fetched = net.call(call).unwrap();
    assert_eq!((fetched.high_watermark, fetched.next_offset), (4, 4));
    let offsets: Vec<_> =
        fetched.batches.iter().flat_map(|batch| batch.records().map(|r| r.offset)).collect();
    assert_eq!(offsets, [2, 3], "the batch holds 0 to 3");
    let call = net.proxy().consumer().fetch(fetch(4, Duration::from_millis(700)));
    let waits = net.submit(call);
    net.pass(Duration::from_millis(699));
    assert!(net.take_end(&waits).is_none());
    net.pass(Duration::from_millis(1));
    let fetched = net.take_end(&waits).unwrap().unwrap();
    assert_eq!((fetched.batches.len(), fetched.next_offset), (0, 4));
    let call = net.proxy().consumer().fetch(fetch(5, Duration::ZERO));
    let error = net.call(call).unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::OFFSET_OUT_OF_RANGE));
}

#[test]
fn nothing_is_handed_out_beyond_demand() {
    let mut net = net(7);
    for n in 0..30 {
        let call = net.proxy().producer("t").send(Record::value(vec![n; 100]).to_partition(0));
        net.call(call).unwrap();
    }
    let (_, id) = net.subscribe(net.proxy().consumer().read("t", [0], Position::Earliest));
    net.pass(Duration::from_secs(2));
    assert_eq!(net.items.len(), 0, "nobody has asked");
    for (demand, so_far) in [(1, 1), (4, 5), (0, 5), (20, 25), (100, 30)] {
        net.demand(id, demand);
        net.pass(Duration::from_secs(2));
        assert_eq!(net.items.len(), so_far);
    }
    let offsets: Vec<_> = net.items.iter().flat_map(|i| i.records().map(|r| r.offset)).collect();
    assert_eq!(offsets, (0..30).collect::<Vec<_>>());
    net.client.unsubscribe(net.now, id);
    net.run();
    assert_eq!(net.broker.connections(), 1, "its connection went with it");
}

#[test]
fn an_offset_that_is_gone_ends_or_begins_anew() {
    let read = |reset| {
        let mut config = config();
        config.auto_offset_reset = reset;
        let mut net = Net::new(8, client(8, config), broker(&[("t", 1)]));
        let call = net.proxy().producer("t").send(Record::value("x"));
        net.call(call).unwrap();
        let (_, id) = net.subscribe(net.proxy().consumer().read("t", [0], Position::Offset(77)));
        net.demand(id, 9);
        net.pass(Duration::from_secs(1));
        let ended = net.ended.pop().map(|(_, result)| result.unwrap_err().code().unwrap());
        (ended, net.items.len())
    };
    use gridwire_core::kafka::OffsetReset;
    assert_eq!(read(OffsetReset::None), (Some(ErrorCode::OFFSET_OUT_OF_RANGE), 0));
    assert_eq!(read(OffsetReset::Earliest), (None, 1));
    assert_eq!(read(OffsetReset::Latest), (None, 0));
}

#[test]
fn many_records_arrive_in_order_through_small_batches() {
    for seed in 0..5 {
        let mut config = config();
        config.batch_size = 700;
        config.max_partition_fetch_bytes = 2_000;
        let mut net = Net::new(seed, client(seed, config), broker(&[("t", 2)]));
        let calls: Vec<_> = (0..1_000u32)
            .map(|n| {
                let record = Record::value(n.to_be_bytes().to_vec()).to_partition((n % 2) as i32);
                let call = net.proxy().producer("t").send(record);
                net.submit(call)
            })
            .collect();
        net.pass(Duration::from_millis(100));
        for (n, call) in calls.iter().enumerate() {
            let stored = net.take_end(call).unwrap().unwrap();
            assert_eq!(stored.offset, Some(n as i64 / 2));
        }
        let (_, id) = net.subscribe(net.proxy().consumer().read("t", 0..2, Position::Earliest));
        let mut next = [0u32, 1];
        while next != [1_000, 1_001] {
            net.demand(id, 3);
            net.run();
            assert!((1..=3).contains(&net.items.len()));
            for item in std::mem::take(&mut net.items) {
                for record in item.records() {
                    let expected = &mut next[item.partition() as usize];
                    assert_eq!(record.value, Some(&expected.to_be_bytes()[..]));
                    *expected += 2;
                }
            }
        }
    }
}

#[test]
fn a_full_buffer_refuses_and_says_so() {
    let mut config = config();
    config.buffer_memory = 10_000;
    config.max_request_size = 5_000;
    let mut net = Net::new(9, client(9, config), broker(&[("t", 1)]));
    let producer = net.proxy().producer("t");
    let call = producer.send(Record::value(vec![0; 6_000]));
    assert!(matches!(net.call(call), Err(Error::Misuse(_))));
    let calls: Vec<_> =
        (0..4).map(|_| net.submit(producer.send(Record::value(vec![0; 3_000])))).collect();
    net.pass(Duration::from_secs(1));
    let ends: Vec<_> = calls.iter().map(|call| net.take_end(call).unwrap().is_ok()).collect();
    assert_eq!(ends, [true, true, true, false]);
    let call = producer.send(Record::value(vec![0; 3_000]));
    assert!(net.call(call).is_ok(), "there is room again");
}

#[test]
fn a_broken_network_loses_no_call_wherever_it_breaks() {
    // How many bytes a whole session has.
    let mut whole = net(10);
    send_ten(&mut whole);
    let call = whole.proxy().admin().list_offsets("t", 0..3, Position::Latest);
    whole.call(call).unwrap();
    let total = whole.bytes_to_client;
    assert!(total > 300);
    for cut in 0..=total {
        let mut net = net(10);
        net.cut_after = Some(cut);
        let producer = net.proxy().producer("t");
        let sent: Vec<_> = (0..10).map(|n| net.submit(producer.send(record(n)))).collect();
        let call = net.proxy().admin().list_offsets("t", 0..3, Position::Earliest);
        assert!(net.call(call).is_ok(), "cut after {cut}: what may be repeated is");
        net.pass(Duration::from_secs(5));
        let mut ok = 0;
        for call in &sent {
            match net.take_end(call).expect("an end") {
                Ok(_) => ok += 1,
                Err(Error::Failure(Failure::Indeterminate(_))) => {}
                Err(other) => panic!("cut after {cut}: {other}"),
            }
        }
        let stored: i64 = (0..3).map(|p| net.broker.end_offset("t", p).unwrap()).sum();
        assert!((ok..=10).contains(&stored), "cut after {cut}: {ok} acknowledged, {stored} stored");
    }
}

#[test]
fn a_subscription_outlives_its_connections() {
    let mut net = net(11);
    let (_, id) = net.subscribe(net.proxy().consumer().read("t", 0..3, Position::Earliest));
    net.demand(id, 100);
    for round in 0..5 {
        send_ten(&mut net);
        net.pass(Duration::from_secs(2));
        net.reset_all();
        if round == 2 {
            net.refuse = true;
            net.pass(Duration::from_secs(20));
            net.refuse = false;
        }
        net.pass(Duration::from_secs(2));
    }
    let mut offsets: Vec<_> = net
        .items
        .iter()
        .flat_map(|item| item.records().map(|record| (item.partition(), record.offset)))
        .collect();
    let count = offsets.len();
    offsets.sort_unstable();
    offsets.dedup();
    assert_eq!((count, offsets.len()), (50, 50), "each record once");
    assert!(net.ended.is_empty());
    assert!(net.lifecycle.contains(&Lifecycle::Disconnected));
    assert_eq!(net.lifecycle.last(), Some(&Lifecycle::Connected));
}

#[test]
fn calls_end_in_time_when_nobody_is_there() {
    let mut net = net(12);
    net.refuse = true;
    let call = net.proxy().producer("t").send(Record::value("x"));
    let sent = net.submit(call);
    let call = net.proxy().admin().cluster().timeout(Duration::from_secs(3));
    let asked = net.submit(call);
    let (ticket, _) = net.subscribe(net.proxy().consumer().read("t", [0], Position::Latest));
    net.pass(Duration::from_secs(3));
    let timed_out = Error::Failure(Failure::TimedOut { sent: false });
    assert_eq!(net.take_end(&asked).unwrap().unwrap_err(), timed_out);
    net.pass(Duration::from_secs(57));
    assert_eq!(net.done.remove(&ticket).unwrap().unwrap_err(), timed_out);
    assert_eq!(net.ended.len(), 1);
    net.pass(Duration::from_secs(60));
    assert_eq!(net.take_end(&sent).unwrap().unwrap_err(), timed_out);
    // Backoff grows to a second, with three hosts' worth of patience.
    assert!((100..200).contains(&net.opened), "{} attempts in two minutes", net.opened);
}

#[test]
fn an_abandoned_send_is_sent_all_the_same() {
    let mut net = net(13);
    let call = net.proxy().producer("t").send(Record::value("x").to_partition(0));
    let sent = net.submit(call);
    net.client.cancel(net.now, sent.ticket);
    net.pass(Duration::from_secs(1));
    assert!(net.take_end(&sent).is_none());
    assert_eq!(net.broker.end_offset("t", 0), Some(1));
}

#[test]
fn shutting_down_ends_everything_once() {
    let mut net = net(14);
    let (_, id) = net.subscribe(net.proxy().consumer().read("t", 0..3, Position::Latest));
    net.demand(id, 1);
    net.pass(Duration::from_millis(100));
    let call = net.proxy().producer("t").send(Record::value("x"));
    let sent = net.submit(call);
    net.client.shut_down(net.now);
    net.client.shut_down(net.now);
    let call = net.proxy().admin().cluster();
    let late = net.submit(call);
    net.run();
    let down = Error::Failure(Failure::ShutDown);
    assert_eq!(net.take_end(&sent).unwrap().unwrap_err(), down);
    assert_eq!(net.take_end(&late).unwrap().unwrap_err(), down);
    assert_eq!(net.ended, [(id, Err(down))]);
    assert_eq!((net.shut_down, net.broker.connections()), (1, 0));
}

#[test]
fn idle_connections_are_closed_and_opened_again_when_needed() {
    let mut config = config();
    config.metadata_max_age = Duration::from_secs(3_600);
    let mut net = Net::new(15, client(15, config), broker(&[("t", 3)]));
    send_ten(&mut net);
    assert_eq!(net.broker.connections(), 1);
    net.pass(Duration::from_secs(541));
    assert_eq!(net.broker.connections(), 0);
    send_ten(&mut net);
    assert_eq!((net.broker.connections(), net.opened), (1, 2));
}

#[test]
fn a_topic_is_asked_for_although_all_was_known_before() {
    for seed in 0..10 {
        let mut net = net(seed);
        net.pass(Duration::from_secs(2));
        assert_eq!(net.lifecycle, [Lifecycle::Connected]);
        let listen = net.proxy().consumer().read("created", [0, 1], Position::Earliest);
        let (ticket, _) = net.subscribe(listen);
        net.pass(Duration::from_secs(1));
        assert!(net.done.remove(&ticket).expect("registered").is_ok());
        let sent = net.submit(net.proxy().producer("another").send(record(1)));
        net.pass(Duration::from_secs(1));
        assert!(net.take_end(&sent).expect("stored").is_ok());
    }
}
