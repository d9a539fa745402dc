//! Tests against real servers and real clients; see `gridwire_conformance::live` for when they run.
//!
//! Servers that tests can share are started once, by the first that asks, and end with this program.

mod broken;
mod chaos;
mod classes;
mod codecs;
mod compact;
mod embedded;
mod failover;
mod foreign;
mod hazelcast;
mod kafka;
mod members;
mod near_caches;
mod peers;
mod portable;
mod probe;
mod records;

use gridwire_conformance::live::{Error, HazelcastCluster, KafkaBroker, MemberOptions, needed};

use std::fmt::Write as _;
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;

/// Ample for anything that takes a second on an idle machine.
const AMPLE: Duration = Duration::from_secs(60);

/// The scripts that the official clients run.
const HAZELCAST: &str = "hazelcast_client.py";
const KAFKA: &str = "kafka_client.py";
const LIBRDKAFKA: &str = "librdkafka_client.py";

/// What a script printed.
fn lines(printed: &str) -> Vec<Value> {
    printed.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
}

/// Bytes as lines of text carry them: in hex, or "-" for none.
fn hex(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "-".into();
    }
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The file of values that both sides know, and the values.
fn known_values() -> (String, Vec<Value>) {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/live/values.jsonl");
    (file.to_owned(), lines(&std::fs::read_to_string(file).expect("values.jsonl")))
}

type Shared<T> = OnceLock<Result<T, Error>>;

fn shared<T>(
    server: &'static Shared<T>,
    start: impl FnOnce() -> Result<T, Error>,
) -> Option<&'static T> {
    needed(server.get_or_init(start).as_ref().map_err(Clone::clone))
}

fn with_code() -> MemberOptions {
    MemberOptions { code: true, ..MemberOptions::default() }
}

/// One member of 5.7.0.
fn one_member() -> Option<&'static HazelcastCluster> {
    static SERVER: Shared<HazelcastCluster> = OnceLock::new();
    shared(&SERVER, || HazelcastCluster::start_with(1, with_code()))
}

/// Three members of 5.7.0, among whom no partition moves any more.
fn three_members() -> Option<&'static HazelcastCluster> {
    static SERVER: Shared<HazelcastCluster> = OnceLock::new();
    shared(&SERVER, || HazelcastCluster::start_settled(3, with_code()))
}

/// A broker of 4.4.0.
fn broker() -> Option<&'static KafkaBroker> {
    static SERVER: Shared<KafkaBroker> = OnceLock::new();
    shared(&SERVER, KafkaBroker::start)
}
