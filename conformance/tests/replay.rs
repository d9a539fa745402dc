//! Every capture in the tree goes through the codecs and comes out as it went in.

use gridwire_conformance::capture::{Direction, Recorder, read, read_from};
use gridwire_conformance::replay::{BROKEN_ON_PURPOSE, FileReport, Tally, replay};

use std::path::Path;
use std::time::Duration;

/// Replays all captures of a protocol.
fn all(protocol: &str) -> Vec<FileReport> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(protocol);
    let mut reports = Vec::new();
    for entry in directory.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.contains(".pcap") {
            reports.push(replay(&name, &read(&path).unwrap()));
        }
    }
    reports.sort_by(|one, other| one.file.cmp(&other.file));
    reports
}

fn total(reports: &[FileReport]) -> Tally {
    let mut total = Tally::default();
    reports.iter().flat_map(|report| report.protocols.values()).for_each(|tally| total.add(tally));
    total
}

/// Checks that exactly the messages that were broken on purpose differ.
fn check(reports: &[FileReport]) {
    let mut expected: Vec<_> = BROKEN_ON_PURPOSE
        .iter()
        .filter(|(file, _)| reports.iter().any(|report| report.file.starts_with(file)))
        .collect();
    for report in reports {
        let unexpected: Vec<_> = report.unexpected().collect();
        assert!(unexpected.is_empty(), "{}: {unexpected:#?}", report.file);
        for difference in &report.differences {
            let at = expected.iter().position(|(file, message)| {
                report.file.starts_with(file) && difference.message == *message
            });
            expected.remove(at.expect("twice in one file"));
        }
    }
    assert_eq!(expected, Vec::<&(&str, &str)>::new(), "now taken, although broken");
}

#[test]
fn kafka() {
    let reports = all("kafka");
    check(&reports);
    let total = total(&reports);
    assert!(total.same >= 3800, "{total:?}");
    assert!(total.longer > 0, "librdkafka sends more than it should");
}

#[test]
fn hazelcast() {
    let reports = all("hazelcast");
    check(&reports);
    let total = total(&reports);
    assert_eq!(total.unread, 0);
    // What is left undeclared is of protocol 1.x.
    let now = |report: &FileReport| report.protocols.get("hazelcast 2.x").cloned();
    let mut total = Tally::default();
    reports.iter().filter_map(now).for_each(|tally| total.add(&tally));
    println!("{} messages of protocol 2.x come out as they went in", total.same);
    // Types that no release has, made up to see what a member answers.
    let made_up = ["002000", "00ff00", "010001", "014a00", "7f0100"];
    assert!(total.undeclared.keys().eq(made_up), "{:?}", total.undeclared);
    assert!(total.same >= 17_000, "{total:?}");
}

#[test]
fn xcp() {
    let reports = all("xcp");
    check(&reports);
    let total = total(&reports);
    assert!(total.same >= 200, "{total:?}");
}

#[test]
fn a_changed_byte_is_found_and_located() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/captures/hazelcast/5.7.0-java-idle.pcap.gz");
    let mut session = read(path).unwrap();
    let connection = &mut session.connections[0];
    let answer =
        connection.segments.iter_mut().find(|s| s.direction == Direction::ToClient).unwrap();
    let mut bytes = answer.bytes.to_vec();
    // In the authentication's answer a reserved flag survives; a boolean that is neither 0 nor 1 can't.
    bytes[4] |= 1;
    let failover = 6 + 13 + 1 + 17 + 1 + 4 + 17;
    assert!(bytes[failover] < 2);
    bytes[failover] = 7;
    answer.bytes = bytes.into();
    let report = replay("changed", &session);
    let [found] = &report.differences[..] else { panic!("{:?}", report.differences) };
    assert_eq!((found.connection, found.direction, found.offset), (0, Direction::ToClient, 0));
    assert_eq!(found.message, "Client.authentication (000101)");
    assert!(found.how.starts_with(&format!("from byte {failover} of ")), "{}", found.how);
    assert_eq!(report.unexpected().count(), 1);
}

#[test]
fn what_is_no_protocol_is_counted() {
    let mut recorder = Recorder::new(Vec::new()).unwrap();
    let (client, server) = ("127.0.0.1:50000".parse().unwrap(), "127.0.0.1:80".parse().unwrap());
    let opened = recorder.open(Duration::ZERO, client, server).unwrap();
    recorder.data(Duration::ZERO, opened, Direction::ToServer, b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let report = replay("http", &read_from(&recorder.finish()[..]).unwrap());
    assert_eq!((report.unrecognized, report.differences.len()), (18, 0));
}

#[test]
fn a_frame_that_cannot_be_ends_its_direction() {
    let mut recorder = Recorder::new(Vec::new()).unwrap();
    let (client, server) = ("127.0.0.1:50000".parse().unwrap(), "127.0.0.1:5701".parse().unwrap());
    let opened = recorder.open(Duration::ZERO, client, server).unwrap();
    recorder.data(Duration::ZERO, opened, Direction::ToServer, b"CP2\x05\0\0\0\0\0rest").unwrap();
    let report = replay("short", &read_from(&recorder.finish()[..]).unwrap());
    let [found] = &report.differences[..] else { panic!("{:?}", report.differences) };
    assert_eq!(found.message, "unreadable");
    assert_eq!(report.protocols["hazelcast 2.x"].unread, 10);
}
