//! Compact records of three evolved schemas, between our client and the official one.

use crate::hazelcast::config;
use crate::{AMPLE, lines, one_member};

use gridwire_conformance::adapter::Adapter;
use gridwire_conformance::live::{needed, run_python};
use gridwire_conformance::on_each_adapter;
use gridwire_conformance::suite::records::{self, Employee, Person};
use serde_json::Value;

const COMPACT: &str = "hazelcast_compact.py";

/// The file of records that both sides know, and the records.
fn known_records() -> (String, Vec<Value>) {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/live/records.jsonl");
    (file.to_owned(), lines(&std::fs::read_to_string(file).expect("records.jsonl")))
}

fn keys(known: &[Value]) -> Vec<&str> {
    known.iter().map(|record| record["key"].as_str().expect("a key")).collect()
}

fn employees() -> [Employee; 3] {
    let text = |text: &str| Some(text.to_owned());
    [
        Employee { id: 1, name: text("Ada"), age: -1, tags: vec![], boss: None },
        Employee {
            id: 2,
            name: text("Åse €😀"),
            age: 36,
            tags: vec![text("a"), None, text("")],
            boss: None,
        },
        Employee { id: 3, name: None, age: 37, tags: vec![text("x")], boss: Some(Person { n: 7 }) },
    ]
}

/// Each is read by one type and as a record of its own, and has the bytes that ours has.
fn python_writes_and_we_read<A: Adapter>() {
    let Some(cluster) = one_member() else { return };
    let (file, known) = known_records();
    let (at, map) = (cluster.address_list(), format!("python's records for {}", A::NAME));
    let Some(_) = needed(run_python(COMPACT, &[&at, "write", &map, &file], AMPLE)) else { return };
    let found = records::read::<A>(config(cluster), &map, &keys(&known));
    for (((described, employee, data), known), expected) in
        found.iter().zip(&known).zip(employees())
    {
        assert_eq!(described, known);
        assert_eq!(*employee, expected);
        assert_eq!(data.bytes(), records::bytes(known).bytes());
    }
    assert_eq!(found.len(), 3);
}

fn we_write_and_python_reads<A: Adapter>() {
    let Some(cluster) = one_member() else { return };
    let (file, known) = known_records();
    let (at, map) = (cluster.address_list(), format!("{}'s records for python", A::NAME));
    records::write::<A>(config(cluster), &map, &known);
    let mut arguments = vec![at.as_str(), "read", &map, &file];
    arguments.extend(keys(&known));
    let Some(read) = needed(run_python(COMPACT, &arguments, AMPLE)) else { return };
    assert_eq!(lines(&read), known);
}

on_each_adapter! { python_writes_and_we_read we_write_and_python_reads }
