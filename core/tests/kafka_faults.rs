//! The client against brokers that refuse, move, stall, lie and vanish.
#![cfg(feature = "kafka")]

mod kafka;

use std::time::Duration;

use gridwire_core::call::{Caller, Failure};
use gridwire_core::endpoint::{Cause, Endpoint, Input};
use gridwire_core::kafka::message::api_versions::{
    ApiVersion, ApiVersionsRequest, ApiVersionsResponse,
};
use gridwire_core::kafka::message::list_offsets::ListOffsetsRequest;
use gridwire_core::kafka::message::metadata::MetadataRequest;
use gridwire_core::kafka::message::produce::{
    LeaderIdAndEpoch, PartitionProduceResponse, ProduceRequest, ProduceResponse,
};
use gridwire_core::kafka::records::Batches;
use gridwire_core::kafka::{Acks, Error, ErrorCode, KafkaExt, Position, Record, Violation};

use kafka::answers::{listed, produced, produced_by, send_one, send_one_answered};
use kafka::config;
use kafka::scripted::{Asked, Scripted, encoded, metadata, versions};

#[test]
fn many_sends_end_by_one_answer_each_with_its_own_offset() {
    let (mut peer, _) = Scripted::connected();
    let producer = peer.proxy().producer("t");
    let sent: Vec<_> = (0..100)
        .map(|n| peer.submit(producer.send(Record::value(vec![n]).to_partition(0))))
        .collect();
    let asked = peer.expect::<MetadataRequest>();
    peer.answer(&asked, &metadata(&[(1, 1)], &[]));
    assert!(peer.next().is_none(), "the batch lingers");
    peer.pass(Duration::from_millis(5));
    let asked = peer.expect::<ProduceRequest>();
    assert_eq!((asked.version, asked.request.acks), (13, -1));
    let data = &asked.request.topic_data[0].partition_data[0];
    let batches: Vec<_> = Batches::new(data.records.clone().unwrap()).map(Result::unwrap).collect();
    assert_eq!((batches.len(), batches[0].header().count), (1, 100));
    batches[0].verify().unwrap();
    peer.answer(&asked, &produced(0, 0, 1_000));
    for (n, ticket) in sent.iter().enumerate() {
        let offset = format!("offset: Some({})", 1_000 + n);
        let answer = format!("{:?}", peer.done.remove(ticket).unwrap().unwrap());
        assert!(answer.contains(&offset), "{answer}");
    }
}

#[test]
fn a_batch_follows_its_leader() {
    let (mut peer, first) = Scripted::connected();
    let (ticket, asked) = send_one(&mut peer);
    assert_eq!(asked.conn, first);
    peer.answer(&asked, &produced(0, 6, -1));
    assert!(peer.done.is_empty());
    peer.pass(Duration::from_millis(100));
    let asked = peer.expect::<MetadataRequest>();
    peer.answer(&asked, &metadata(&[(2, 2)], &[]));
    let second = peer.let_in();
    assert_eq!(peer.target(second).port, 2);
    let asked = peer.expect::<ProduceRequest>();
    assert_eq!(asked.conn, second);
    peer.answer(&asked, &produced(0, 0, 5));
    assert!(peer.done.remove(&ticket).unwrap().is_ok());

    // An answer that names the new leader saves the question.
    let (ticket, asked) = send_one(&mut peer);
    assert_eq!(asked.conn, second);
    peer.answer(
        &asked,
        &produced_by(PartitionProduceResponse {
            error_code: ErrorCode::NOT_LEADER_OR_FOLLOWER,
            current_leader: LeaderIdAndEpoch {
                leader_id: 1,
                leader_epoch: 3,
                ..LeaderIdAndEpoch::default()
            },
            ..PartitionProduceResponse::default()
        }),
    );
    peer.pass(Duration::from_millis(100));
    let mut kinds = Vec::new();
    while let Some((conn, frame)) = peer.next() {
        kinds.push((conn, frame[1]));
    }
    assert!(kinds.contains(&(first, 0)), "{kinds:?}");
    assert!(!peer.done.contains_key(&ticket));

    // Metadata of an older epoch does not take it back.
    assert_eq!(peer.client.cluster().leader("t", 0), Some(1));
}

#[test]
fn whether_a_refused_batch_is_sent_again_follows_from_the_code() {
    // Written by nobody: again. Perhaps written: only if the user wants that. Final: never.
    for (code, again, again_if_wanted) in [
        (2, true, true),
        (3, true, true),
        (5, true, true),
        (19, true, true),
        (56, true, true),
        (100, true, true),
        (7, false, true),
        (20, false, true),
        (10, false, false),
        (29, false, false),
        (87, false, false),
        (-1, false, false),
        (999, false, false),
    ] {
        for retry_indeterminate in [false, true] {
            let mut config = config();
            config.retry_indeterminate = retry_indeterminate;
            let (mut peer, _) = Scripted::connected_with(config);
            let (ticket, asked) = send_one(&mut peer);
            peer.metadata = Some(metadata(&[(1, 1)], &[]));
            peer.answer(&asked, &produced(0, code, -1));
            let expected = if retry_indeterminate { again_if_wanted } else { again };
            let end = peer.done.remove(&ticket);
            assert_eq!(end.is_none(), expected, "{code}");
            match end.map(Result::unwrap_err) {
                None => {
                    peer.pass(Duration::from_millis(200));
                    peer.expect::<ProduceRequest>();
                }
                Some(Error::Failure(Failure::Indeterminate(_))) => assert!(again_if_wanted),
                Some(error) => assert_eq!(error.code(), Some(ErrorCode(code))),
            }
        }
    }
}

#[test]
fn a_batch_too_large_is_cut_in_two_and_keeps_its_order() {
    let (mut peer, _) = Scripted::connected();
    let producer = peer.proxy().producer("t");
    let sent: Vec<_> = (0..4u8)
        .map(|n| peer.submit(producer.send(Record::value(vec![n]).to_partition(0))))
        .collect();
    let asked = peer.expect::<MetadataRequest>();
    peer.answer(&asked, &metadata(&[(1, 1)], &[]));
    peer.pass(Duration::from_millis(5));
    let asked = peer.expect::<ProduceRequest>();
    peer.answer(&asked, &produced(0, 10, -1));
    let mut values = Vec::new();
    for n in 0..2 {
        peer.pass(Duration::from_secs(1));
        let asked = peer.expect::<ProduceRequest>();
        let records = asked.request.topic_data[0].partition_data[0].records.clone().unwrap();
        let batch = Batches::new(records).next().unwrap().unwrap();
        values.extend(batch.records().unwrap().map(|r| r.unwrap().value.unwrap()[0]));
        peer.answer(&asked, &produced(0, 0, n * 2));
    }
    assert_eq!(values, [0, 1, 2, 3]);
    assert!(sent.iter().all(|ticket| peer.done[ticket].is_ok()));
}

#[test]
fn what_was_not_written_is_sent_again_and_what_may_be_is_not() {
    for (taken, again) in [(0, true), (1, false), (10_000, false)] {
        let (mut peer, conn) = Scripted::connected();
        send_one_answered(&mut peer);
        peer.takes = false;
        let (ticket, _) = send_one(&mut peer);
        if taken > 0 {
            peer.client.handle(peer.now, Input::Sent { conn, bytes: taken });
        }
        peer.close(conn, Cause::Reset);
        let end = peer.done.remove(&ticket);
        assert_eq!(end.is_none(), again, "{taken} bytes taken");
        if let Some(end) = end {
            let lost = Failure::Indeterminate(Cause::Reset);
            assert_eq!(end.unwrap_err(), Error::Failure(lost));
        }
    }
}

#[test]
fn no_more_requests_are_in_flight_than_allowed() {
    let mut config = config();
    config.linger = Duration::ZERO;
    config.max_in_flight = 3;
    let (mut peer, _) = Scripted::connected_with(config);
    send_one_answered(&mut peer);
    let mut asked = Vec::new();
    for n in 0..6 {
        let call = peer.proxy().producer("t").send(Record::value(vec![n]).to_partition(0));
        peer.submit(call);
        if n < 3 {
            asked.push(peer.expect::<ProduceRequest>());
        } else {
            assert!(peer.next().is_none());
        }
    }
    peer.answer(&asked[0], &produced(0, 0, 1));
    let last = peer.expect::<ProduceRequest>();
    let records = last.request.topic_data[0].partition_data[0].records.clone().unwrap();
    assert_eq!(Batches::new(records).next().unwrap().unwrap().header().count, 3);
    // Answers come in order, whatever the requests were.
    peer.answer(&asked[1], &produced(0, 0, 2));
    peer.answer(&asked[2], &produced(0, 0, 3));
    peer.answer(&last, &produced(0, 0, 4));
    assert_eq!(peer.done.values().filter(|end| end.is_ok()).count(), 6);
}

#[test]
fn batches_in_flight_wait_for_one_that_came_back() {
    let mut config = config();
    config.linger = Duration::ZERO;
    let (mut peer, _) = Scripted::connected_with(config);
    send_one_answered(&mut peer);
    let mut asked = Vec::new();
    for n in 1..=3u8 {
        let call = peer.proxy().producer("t").send(Record::value(vec![n]).to_partition(0));
        peer.submit(call);
        asked.push(peer.expect::<ProduceRequest>());
    }
    for asked in &asked {
        peer.answer(asked, &produced(0, 19, -1));
    }
    let mut values = Vec::new();
    for _ in 0..20 {
        peer.pass(Duration::from_millis(100));
        while let Some((_, frame)) = peer.next() {
            if frame[1] == 0 {
                // The one byte of the value is the last but one: a count of headers follows.
                values.push(frame[frame.len() - 5]);
            }
        }
    }
    assert_eq!(values, [1, 2, 3]);
}

#[test]
fn answers_out_of_order_or_unasked_break_the_connection() {
    type Spoil = fn(i32) -> i32;
    let spoils: [Spoil; 4] = [|id| id + 1, |id| id - 1, |_| i32::MIN, |id| id + 1_000];
    for spoil in spoils {
        let (mut peer, conn) = Scripted::connected();
        let (ticket, mut asked) = send_one(&mut peer);
        asked.id = spoil(asked.id);
        peer.answer(&asked, &produced(0, 0, 0));
        assert_eq!(peer.closed, [conn]);
        let end = peer.done.remove(&ticket).unwrap().unwrap_err();
        assert!(matches!(end, Error::Failure(Failure::Indeterminate(Cause::Other(_)))), "{end}");
    }
    let (mut peer, conn) = Scripted::connected();
    peer.feed(conn, &[0, 0, 0, 4, 0, 0, 0, 9]);
    assert_eq!(peer.closed, [conn], "nothing was asked");
}

#[test]
fn an_answer_cut_short_anywhere_ends_its_call_and_its_connection() {
    let (mut peer, _) = Scripted::connected();
    let (_, asked) = send_one(&mut peer);
    let whole = encoded(&asked, &produced(0, 0, 0));
    for cut in 0..whole.len() - 4 {
        let (mut peer, conn) = Scripted::connected();
        let (ticket, _) = send_one(&mut peer);
        let mut bytes = whole[..4 + cut].to_vec();
        bytes[..4].copy_from_slice(&(cut as u32).to_be_bytes());
        peer.feed(conn, &bytes);
        assert_eq!(peer.closed, [conn], "{cut}");
        assert!(peer.done.remove(&ticket).unwrap().is_err());
    }
}

#[test]
fn frame_lengths_that_cannot_be_are_not_waited_for() {
    for size in [-1, i32::MIN, i32::MAX, 100 * 1024 * 1024 + 1] {
        let (mut peer, conn) = Scripted::connected();
        let (ticket, _) = send_one(&mut peer);
        peer.feed(conn, &size.to_be_bytes());
        assert_eq!(peer.closed, [conn]);
        assert!(peer.done.remove(&ticket).unwrap().is_err());
    }
}

#[test]
fn an_answer_that_lacks_what_was_asked_for_is_a_violation() {
    let (mut peer, conn) = Scripted::connected();
    let (ticket, asked) = send_one(&mut peer);
    peer.answer(&asked, &produced(1, 0, 0));
    let end = peer.done.remove(&ticket).unwrap().unwrap_err();
    assert!(matches!(end, Error::Violation(Violation::Lacking(_))), "{end}");
    assert_eq!(peer.closed, [conn]);
}

#[test]
fn a_silent_peer_is_given_up_at_every_step() {
    // It never lets us in.
    let mut peer = Scripted::new(config());
    peer.drain();
    let (conn, _) = peer.opening.pop_front().unwrap();
    peer.pass(Duration::from_secs(10));
    assert_eq!(peer.closed, [conn]);
    // It lets us in and says nothing; patience grows.
    peer.pass(Duration::from_millis(50));
    let conn = peer.open();
    peer.pass(Duration::from_millis(19_949));
    assert_eq!(peer.closed.len(), 1);
    peer.pass(Duration::from_millis(51));
    assert_eq!(peer.closed.last(), Some(&conn));
    // It shakes hands and answers nothing more.
    peer.pass(Duration::from_millis(100));
    let conn = peer.let_in();
    peer.expect::<MetadataRequest>();
    peer.pass(Duration::from_secs(30));
    assert_eq!(peer.closed.last(), Some(&conn));
    // It forgets a write.
    let (mut peer, conn) = Scripted::connected();
    let (ticket, _) = send_one(&mut peer);
    peer.pass(Duration::from_millis(29_999));
    assert!(peer.done.is_empty());
    peer.pass(Duration::from_millis(1));
    assert_eq!(peer.closed, [conn]);
    let lost = Failure::Indeterminate(Cause::TimedOut);
    assert_eq!(peer.done.remove(&ticket).unwrap().unwrap_err(), Error::Failure(lost));
}

#[test]
fn a_late_answer_to_a_call_that_ended_is_dropped() {
    let (mut peer, conn) = Scripted::connected();
    send_one_answered(&mut peer);
    let call = peer.proxy().admin().list_offsets("t", [0], Position::Latest);
    let ticket = peer.submit(call.timeout(Duration::from_secs(1)));
    let asked = peer.expect::<ListOffsetsRequest>();
    peer.pass(Duration::from_secs(1));
    let timed_out = Error::Failure(Failure::TimedOut { sent: true });
    assert_eq!(peer.done.remove(&ticket).unwrap().unwrap_err(), timed_out);
    let call = peer.proxy().admin().list_offsets("t", [0], Position::Latest);
    let ticket = peer.submit(call);
    let second = peer.expect::<ListOffsetsRequest>();
    peer.answer(&asked, &listed(0, 1));
    assert!(peer.done.is_empty());
    peer.answer(&second, &listed(0, 2));
    assert!(peer.done.remove(&ticket).unwrap().is_ok());
    assert!(peer.closed.is_empty());
    assert_eq!(asked.conn, conn);
}

#[test]
fn reads_are_repeated_when_their_connection_is_lost_or_the_leader_moved() {
    let (mut peer, conn) = Scripted::connected();
    send_one_answered(&mut peer);
    peer.metadata = Some(metadata(&[(1, 1)], &[]));
    let call = peer.proxy().admin().list_offsets("t", [0], Position::Latest);
    let ticket = peer.submit(call);
    peer.expect::<ListOffsetsRequest>();
    peer.close(conn, Cause::Eof);
    peer.pass(Duration::from_millis(100));
    let conn = peer.let_in();
    let asked = peer.expect::<ListOffsetsRequest>();
    assert_eq!(asked.conn, conn);
    peer.metadata = Some(metadata(&[(2, 2)], &[]));
    peer.answer(&asked, &listed(74, -1));
    assert!(peer.done.is_empty());
    peer.pass(Duration::from_millis(500));
    let conn = peer.let_in();
    assert_eq!(peer.target(conn).port, 2);
    let asked = peer.expect::<ListOffsetsRequest>();
    assert_eq!(asked.request.topics[0].partitions[0].current_leader_epoch, 2);
    peer.answer(&asked, &listed(0, 7));
    assert!(format!("{:?}", peer.done.remove(&ticket).unwrap().unwrap()).contains("Some(7)"));
}

#[test]
fn versions_are_negotiated_down() {
    // 35 in a body of version 0 that names the newest version.
    let mut peer = Scripted::new(config());
    peer.open();
    let mut asked = peer.expect::<ApiVersionsRequest>();
    assert_eq!(asked.version, 5);
    let answer = |max_version| ApiVersionsResponse {
        error_code: ErrorCode::UNSUPPORTED_VERSION,
        api_keys: vec![ApiVersion { api_key: 18, max_version, ..ApiVersion::default() }],
        ..ApiVersionsResponse::default()
    };
    asked.version = 0;
    peer.answer(&asked, &answer(2));
    let mut asked = peer.expect::<ApiVersionsRequest>();
    assert_eq!(asked.version, 2);
    // A broker that goes on refusing is asked in version 0, and then given up.
    asked.version = 0;
    peer.answer(&asked, &answer(9));
    let asked = peer.expect::<ApiVersionsRequest>();
    assert_eq!(asked.version, 0);
    peer.answer(&asked, &answer(9));
    assert_eq!(peer.closed.len(), 1);

    // Without topic ids, and with an old broker: names, and what it speaks.
    let mut peer = Scripted::new(config());
    peer.open();
    let asked = peer.expect::<ApiVersionsRequest>();
    let mut old = versions();
    for offer in &mut old.api_keys {
        offer.max_version = match offer.api_key {
            0 => 5,
            1 => 7,
            2 => 0,
            3 => 1,
            _ => offer.max_version,
        };
    }
    peer.answer(&asked, &old);
    let asked = peer.expect::<MetadataRequest>();
    assert_eq!(asked.version, 1);
    peer.answer(&asked, &metadata(&[(1, 0)], &[]));
    let (_, asked) = send_one(&mut peer);
    assert_eq!((asked.version, asked.request.topic_data[0].name.as_str()), (5, "t"));
    let call = peer.proxy().admin().list_offsets("t", [0], Position::Timestamp(3));
    let ticket = peer.submit(call);
    let error = peer.done.remove(&ticket).unwrap().unwrap_err();
    assert_eq!(error, Error::Unsupported("ListOffsets"), "version 0 knows no times");
}

#[test]
fn a_topic_that_stays_unknown_fails_its_calls() {
    let (mut peer, _) = Scripted::connected();
    let call = peer.proxy().producer("nope").acks(Acks::Leader).send(Record::value("x"));
    let ticket = peer.submit(call);
    let mut asked = 0;
    while !peer.done.contains_key(&ticket) {
        let request = peer.expect::<MetadataRequest>();
        peer.answer(&request, &metadata(&[(1, 1)], &["nope"]));
        peer.pass(Duration::from_secs(1));
        asked += 1;
    }
    let error = peer.done.remove(&ticket).unwrap().unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION));
    assert_eq!(asked, 11);
}

#[test]
fn a_throttled_client_waits() {
    let (mut peer, _) = Scripted::connected();
    let (_, asked) = send_one(&mut peer);
    let answer = ProduceResponse { throttle_time_ms: 700, ..produced(0, 0, 0) };
    peer.answer(&asked, &answer);
    let call = peer.proxy().producer("t").send(Record::value("x").to_partition(0));
    peer.submit(call);
    peer.pass(Duration::from_millis(699));
    assert!(peer.next().is_none());
    peer.pass(Duration::from_millis(1));
    peer.expect::<ProduceRequest>();
}

#[test]
fn a_topic_that_was_given_up_is_left_alone_until_somebody_asks_again() {
    let (mut peer, _) = Scripted::connected();
    peer.metadata = Some(metadata(&[(1, 1)], &["nope"]));
    let call = peer.proxy().producer("nope").send(Record::value("x"));
    let ticket = peer.submit(call);
    peer.next();
    peer.pass(Duration::from_secs(20));
    assert!(peer.done.remove(&ticket).unwrap().is_err());
    peer.metadata = None;
    peer.pass(Duration::from_secs(60));
    assert!(peer.next().is_none(), "nobody wants to know any more");
    let call = peer.proxy().admin().list_offsets("nope", [0], Position::Latest);
    peer.submit(call);
    peer.expect::<MetadataRequest>();
    let call = peer.proxy().producer("x".repeat(250)).send(Record::value("x"));
    let ticket = peer.submit(call);
    assert!(matches!(peer.done.remove(&ticket).unwrap(), Err(Error::Misuse(_))));
}

#[test]
fn a_full_connection_goes_on_when_there_is_room() {
    let mut config = config();
    config.links.high_water = 500;
    config.linger = Duration::ZERO;
    let (mut peer, conn) = Scripted::connected_with(config);
    send_one_answered(&mut peer);
    peer.takes = false;
    let producer = peer.proxy().producer("t");
    let large = Record::value(vec![0; 1_000]).to_partition(0);
    let tickets = [(); 2].map(|()| peer.submit(producer.send(large.clone())));
    let first = peer.expect::<ProduceRequest>();
    assert!(peer.next().is_none(), "above the high-water mark");
    peer.client.handle(peer.now, Input::Sent { conn, bytes: 1_000 });
    let second = peer.expect::<ProduceRequest>();
    peer.answer(&first, &produced(0, 0, 1));
    peer.answer(&second, &produced(0, 0, 2));
    assert!(tickets.iter().all(|ticket| peer.done[ticket].is_ok()));
}

#[test]
fn a_hundred_thousand_records_that_time_out_together_are_no_burden() {
    let mut peer = Scripted::new(config());
    let producer = peer.proxy().producer("t");
    for _ in 0..100_000 {
        let call = producer.send(Record::value("x"));
        peer.client.submit(peer.now, call.order);
    }
    peer.pass(Duration::from_secs(121));
    assert_eq!(peer.done.len(), 100_000);
    let timed_out = Error::Failure(Failure::TimedOut { sent: false });
    assert!(peer.done.values().all(|end| *end.as_ref().unwrap_err() == timed_out));
}

#[test]
fn an_answer_of_another_api_fails_its_call_and_ends_the_connection() {
    // Answers name no type: the body of another one is one that can't be read.
    let (mut peer, conn) = Scripted::connected();
    let (ticket, asked) = send_one(&mut peer);
    let asked = Asked { conn, version: 13, id: asked.id, request: MetadataRequest::default() };
    peer.answer(&asked, &metadata(&[(1, 1)], &["t"]));
    let end = peer.done.remove(&ticket).unwrap().unwrap_err();
    assert!(matches!(end, Error::Malformed(_) | Error::Violation(_)), "{end}");
    assert_eq!(peer.closed, [conn]);
}

#[test]
fn a_byte_a_second_is_cut_off_in_time() {
    let dribble = |peer: &mut Scripted, conn, bytes: &[u8]| {
        let began = peer.now;
        for byte in bytes {
            if peer.closed.contains(&conn) {
                break;
            }
            peer.feed(conn, &[*byte]);
            peer.pass(Duration::from_secs(1));
        }
        assert!(peer.closed.contains(&conn));
        peer.now - began
    };
    let mut peer = Scripted::new(config());
    let conn = peer.open();
    let asked = peer.expect::<ApiVersionsRequest>();
    let answer = encoded(&asked, &versions());
    assert_eq!(dribble(&mut peer, conn, &answer), Duration::from_secs(10));

    let (mut peer, conn) = Scripted::connected();
    let (ticket, asked) = send_one(&mut peer);
    let answer = encoded(&asked, &produced(0, 0, 0));
    assert_eq!(dribble(&mut peer, conn, &answer), Duration::from_secs(30));
    assert!(peer.done.remove(&ticket).unwrap().is_err());
}
