//! The official clients against the embedded peers.

use crate::probe::find;
use crate::{AMPLE, HAZELCAST, KAFKA, LIBRDKAFKA, known_values, lines};

use gridwire_conformance::live::{PythonPeer, needed, run_kcat, run_python};
use gridwire_conformance::probe::{Cluster, Finding};
use gridwire_conformance::suite::served;
use gridwire_tokio::core::hazelcast::server::MemberConfig;
use gridwire_tokio::core::kafka::server as kafka;
use gridwire_tokio::testing::{Broker, Member};
use serde_json::{Value, json};

/// A member on a runtime of its own, which serves until both are dropped.
fn member() -> (tokio::runtime::Runtime, Member) {
    served(|| Member::on_loopback(MemberConfig::default()))
}

#[test]
fn python_operations_on_an_embedded_member() {
    let (_runtime, member) = member();
    let at = member.local_addr().to_string();
    let Some(printed) = needed(run_python(HAZELCAST, &[&at, "operations", "embedded"], AMPLE))
    else {
        return;
    };
    assert_eq!(lines(&printed).last().expect("lines")["ok"], true);
}

#[test]
fn python_reads_from_an_embedded_member_what_it_wrote() {
    let (_runtime, member) = member();
    let at = member.local_addr().to_string();
    let (file, known) = known_values();
    let Some(written) = needed(run_python(HAZELCAST, &[&at, "write", "values", &file], AMPLE))
    else {
        return;
    };
    let mut arguments = vec![at.as_str(), "read", "values"];
    arguments.extend(known.iter().map(|value| value["key"].as_str().expect("a key")));
    let read = lines(&run_python(HAZELCAST, &arguments, AMPLE).expect("read"));
    for ((said, known), written) in read.iter().zip(&known).zip(&lines(&written)) {
        let skipped = written.get("skipped").is_some();
        assert!(said == known || (skipped && said["kind"] == "null"), "{said} for {known}");
    }
}

/// An event reaches a client that another client caused.
#[test]
fn python_listens_on_an_embedded_member() {
    let (_runtime, member) = member();
    let at = member.local_addr().to_string();
    let started = PythonPeer::start(HAZELCAST, &[&at, "listen", "listened", "2"]);
    let Some(mut listener) = needed(started) else { return };
    assert_eq!(listener.next_line(AMPLE).expect("ready"), "ready");
    run_python(HAZELCAST, &[&at, "operations", "listened"], AMPLE).expect("operations");
    for (event, value) in [("added", 1), ("updated", 2)] {
        let heard: Value =
            serde_json::from_str(&listener.next_line(AMPLE).expect("event")).expect("JSON");
        let expected = (&event.into(), &"a".into(), &value.into());
        assert_eq!((&heard["event"], &heard["key"], &heard["value"]), expected);
    }
    listener.finish(AMPLE).expect("two events");
}

/// A broker with a topic, `demo`, of three partitions, and whatever else is asked for with one.
pub(crate) fn broker() -> (tokio::runtime::Runtime, String) {
    let config = kafka::Config { topics: vec![("demo".into(), 3)], ..kafka::Config::default() };
    let (runtime, broker) = served(|| Broker::on_loopback(config));
    let at = broker.local_addr().to_string();
    // It serves until the runtime ends.
    runtime.spawn(async move { while broker.event().await.is_some() {} });
    (runtime, at)
}

#[test]
fn kafka_python_on_an_embedded_broker() {
    on_an_embedded_broker(KAFKA);
}

#[test]
fn librdkafka_on_an_embedded_broker() {
    on_an_embedded_broker(LIBRDKAFKA);
}

/// Lists, writes with each acknowledgement, reads, and asks for offsets.
fn on_an_embedded_broker(client: &str) {
    let (_runtime, at) = broker();
    let Some(topics) = needed(run_python(client, &[&at, "topics"], AMPLE)) else { return };
    let expected = json!([{ "topic": "demo", "partitions": [0, 1, 2] }]);
    assert_eq!(json!(lines(&topics)), expected);
    for acks in ["all", "1", "0"] {
        run_python(client, &[&at, "produce", "demo", "1", "20", acks], AMPLE).expect("produce");
    }
    let read = run_python(client, &[&at, "consume", "demo", "60"], AMPLE).expect("consume");
    for (index, record) in lines(&read).iter().enumerate() {
        let n = index % 20;
        let expected = json!({
            "partition": 1, "offset": index, "timestamp": 1_700_000_000_000_u64 + n as u64,
            "key": format!("key {n}"), "value": format!("value {n}"),
            "headers": [["index", n.to_string()]],
        });
        assert_eq!(*record, expected);
    }
    let offsets = lines(&run_python(client, &[&at, "offsets", "demo"], AMPLE).expect("offsets"));
    let seen: Vec<_> =
        offsets.iter().map(|of| (&of["beginning"], &of["end"], &of["at_time"])).collect();
    let (zero, end) = (json!(0), json!(60));
    let empty = (&zero, &zero, &Value::Null);
    assert_eq!(seen, [empty, (&zero, &end, &zero), empty]);
}

#[test]
fn kcat_on_an_embedded_broker() {
    let (_runtime, at) = broker();
    for acks in ["acks=all", "acks=1", "acks=0"] {
        let produce =
            ["-P", "-b", &at, "-t", "demo", "-p", "2", "-K", ":", "-X", acks, "-H", "h=1", "-l"];
        let Some(_) = needed(run_kcat(&produce, Some("a:1\nb:ü\n"), AMPLE)) else { return };
    }
    let format = "%p %o %k=%s %h\n";
    let consume = ["-C", "-b", &at, "-t", "demo", "-o", "beginning", "-e", "-q", "-f", format];
    let read = run_kcat(&consume, None, AMPLE).expect("consume");
    let expected = ["2 0 a=1 h=1", "2 1 b=ü h=1", "2 2 a=1 h=1", "2 3 b=ü h=1", "2 4 a=1 h=1"];
    assert_eq!(read.lines().take(5).collect::<Vec<_>>(), expected);
    assert_eq!(read.lines().count(), 6);
    let listed = run_kcat(&["-L", "-b", &at, "-J"], None, AMPLE).expect("list");
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    assert_eq!(listed["topics"][0]["topic"], "demo");
    assert_eq!(listed["topics"][0]["partitions"].as_array().map(Vec::len), Some(3));
    assert_eq!(listed["brokers"][0]["name"], at);
    let end = run_kcat(&["-Q", "-b", &at, "-t", "demo:2:-1"], None, AMPLE).expect("offsets");
    assert_eq!(end.trim(), "demo [2] offset 6");
}

#[test]
fn a_probe_takes_it_for_a_member() {
    let (_runtime, member) = member();
    let found = find(member.local_addr(), "dev");
    let Finding::Hazelcast { protocol, cluster, members, partitions, .. } = found else {
        panic!("{found:?}")
    };
    assert_eq!((protocol, cluster, partitions), ("2.x (CP2)", Cluster::Accepted, Some(271)));
    assert_eq!(members.len(), 1);
    assert_eq!(members[0].address, member.local_addr().to_string());
}
