//! The scripts themselves: what the real clients do against the real servers, where both are right by
//! definition. When one of these fails, the scripts or the machine are at fault and not gridwire.

use crate::{AMPLE, HAZELCAST, KAFKA, broker, known_values, lines, one_member, three_members};

use gridwire_conformance::live::{PythonPeer, needed, run_kcat, run_python};

use serde_json::Value;

#[test]
fn python_reads_the_values_that_it_wrote() {
    let Some(member) = one_member() else { return };
    let at = member.address_list();
    let (file, known) = known_values();
    let Some(written) = needed(run_python(HAZELCAST, &[&at, "write", "values", &file], AMPLE))
    else {
        return;
    };
    let written = lines(&written);
    assert_eq!(written.len(), known.len());
    for (said, known) in written.iter().zip(&known) {
        assert!(said == known || said.get("skipped").is_some(), "{said} for {known}");
    }
    let skipped = written.iter().filter(|said| said.get("skipped").is_some()).count();
    assert_eq!(skipped, 18, "null, the two floats, a character, arrays, and collections");

    let mut arguments = vec![at.as_str(), "read", "values"];
    arguments.extend(known.iter().map(|value| value["key"].as_str().expect("a key")));
    let read = lines(&run_python(HAZELCAST, &arguments, AMPLE).expect("read"));
    for ((said, known), written) in read.iter().zip(&known).zip(&written) {
        let skipped = written.get("skipped").is_some();
        assert!(said == known || (skipped && said["kind"] == "null"), "{said} for {known}");
    }
}

#[test]
fn python_operations_on_one_member() {
    let Some(member) = one_member() else { return };
    let at = member.address_list();
    let Some(printed) = needed(run_python(HAZELCAST, &[&at, "operations", "one"], AMPLE)) else {
        return;
    };
    assert_eq!(lines(&printed).last().expect("lines")["ok"], true);
}

#[test]
fn python_operations_on_three_members() {
    let Some(members) = three_members() else { return };
    let at = members.address_list();
    let Some(printed) = needed(run_python(HAZELCAST, &[&at, "operations", "three"], AMPLE)) else {
        return;
    };
    assert_eq!(lines(&printed).last().expect("lines")["ok"], true);
}

#[test]
fn python_listens_to_what_another_does() {
    let Some(member) = one_member() else { return };
    let at = member.address_list();
    let started = PythonPeer::start(HAZELCAST, &[&at, "listen", "listened", "2"]);
    let Some(mut listener) = needed(started) else { return };
    assert_eq!(listener.next_line(AMPLE).expect("ready"), "ready");
    run_python(HAZELCAST, &[&at, "operations", "listened"], AMPLE).expect("operations");
    let event: Value =
        serde_json::from_str(&listener.next_line(AMPLE).expect("event")).expect("JSON");
    assert_eq!((&event["event"], &event["key"]), (&"added".into(), &"a".into()));
    listener.finish(AMPLE).expect("two events");
}

#[test]
fn kafka_python_reads_what_it_wrote() {
    let Some(broker) = broker() else { return };
    let at = broker.address().to_string();
    let Some(_) = needed(run_python(KAFKA, &[&at, "create", "python", "3"], AMPLE)) else { return };
    let topics = lines(&run_python(KAFKA, &[&at, "topics"], AMPLE).expect("topics"));
    let ours = topics.iter().find(|line| line["topic"] == "python").expect("the topic");
    assert_eq!(ours["partitions"], serde_json::json!([0, 1, 2]));

    for acks in ["all", "1", "0"] {
        run_python(KAFKA, &[&at, "produce", "python", "1", "20", acks], AMPLE).expect("produce");
    }
    let read =
        lines(&run_python(KAFKA, &[&at, "consume", "python", "60"], AMPLE).expect("consume"));
    for (index, record) in read.iter().enumerate() {
        assert_eq!(record["partition"], 1);
        assert_eq!(record["offset"], index);
        assert_eq!(record["key"], format!("key {}", index % 20));
        assert_eq!(record["value"], format!("value {}", index % 20));
        assert_eq!(record["timestamp"], 1_700_000_000_000_u64 + index as u64 % 20);
        assert_eq!(record["headers"][0], serde_json::json!(["index", (index % 20).to_string()]));
    }
    let offsets = lines(&run_python(KAFKA, &[&at, "offsets", "python"], AMPLE).expect("offsets"));
    let seen: Vec<_> =
        offsets.iter().map(|of| (&of["beginning"], &of["end"], &of["at_time"])).collect();
    let (zero, end) = (Value::from(0), Value::from(60));
    let empty = (&zero, &zero, &Value::Null);
    assert_eq!(seen, [empty, (&zero, &end, &zero), empty]);
}

#[test]
fn kcat_lists_writes_and_reads() {
    let Some(broker) = broker() else { return };
    let at = broker.address().to_string();
    let Some(_) = needed(run_python(KAFKA, &[&at, "create", "kcat", "3"], AMPLE)) else { return };
    let produce = ["-P", "-b", &at, "-t", "kcat", "-p", "2", "-K", ":", "-l"];
    let Some(_) = needed(run_kcat(&produce, Some("a:1\nb:2\nc:3\n"), AMPLE)) else { return };
    let consume =
        ["-C", "-b", &at, "-t", "kcat", "-o", "beginning", "-e", "-q", "-f", "%p %o %k=%s\n"];
    let read = run_kcat(&consume, None, AMPLE).expect("consume");
    assert_eq!(read, "2 0 a=1\n2 1 b=2\n2 2 c=3\n");
    let listed = run_kcat(&["-L", "-b", &at, "-J"], None, AMPLE).expect("list");
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    let topics = listed["topics"].as_array().expect("topics");
    let ours = topics.iter().find(|topic| topic["topic"] == "kcat").expect("the topic");
    assert_eq!(ours["partitions"].as_array().map(Vec::len), Some(3));
    let end = run_kcat(&["-Q", "-b", &at, "-t", "kcat:2:-1"], None, AMPLE).expect("offsets");
    assert_eq!(end.trim(), "kcat [2] offset 3");
}
