//! Real servers and real clients for the live tests: Hazelcast members, a Kafka broker, the official
//! Python clients, Hazelcast's for Node and kcat, Apache Kafka's own classes, fetched by name, started on loopback and always stopped again.
//!
//! Nothing here runs unless `GRIDWIRE_LIVE=1`, as it downloads some 200 MB; then `conformance/live/install`
//! fills the cache first. A test asks for what it needs and leaves when [`needed`] gives nothing:
//!
//! ```no_run
//! use gridwire_conformance::live::{HazelcastCluster, needed};
//!
//! let Some(cluster) = needed(HazelcastCluster::start(3)) else { return };
//! assert_eq!(cluster.addresses().len(), 3);
//! ```

mod classes;
mod hazelcast;
mod install;
mod kafka;
mod peers;
mod process;

pub use classes::{KafkaClasses, ask_kafka};
pub use hazelcast::{HazelcastCluster, MemberOptions, spare_ports};
pub use kafka::KafkaBroker;
pub use peers::{PythonPeer, run_kcat, run_node, run_python};

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::{env, fmt};

/// Why there is no server or client to test against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The machine lacks something, or nobody asked for the live tests.
    NotRun(String),
    /// All is there, and yet it did not work: a failure of the test.
    Failed(String),
}

impl Error {
    fn failed(what: &str, why: impl fmt::Display) -> Self {
        Self::Failed(format!("{what}: {why}"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRun(why) => write!(f, "not run: {why}"),
            Self::Failed(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Error {}

/// Hands out what a test needs, or says in one line why it is not run and gives `None`.
///
/// # Panics
///
/// When starting it failed, or when the live tests are required (`GRIDWIRE_REQUIRE_LIVE=1`, or `CI` together
/// with `GRIDWIRE_LIVE=1`) and something is lacking.
pub fn needed<T>(found: Result<T, Error>) -> Option<T> {
    match found {
        Ok(found) => Some(found),
        Err(Error::NotRun(why)) if !required() => {
            say_once(&why);
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// Once per reason and test program, past the test harness, which keeps a passing test's output to itself.
fn say_once(why: &str) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let mut said = SAID.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if said.insert(why.to_owned()) {
        let _ = writeln!(std::io::stderr(), "not run: {why}");
    }
}

fn is_set(variable: &str) -> bool {
    env::var_os(variable).is_some_and(|value| !value.is_empty() && value != "0" && value != "false")
}

fn required() -> bool {
    is_set("GRIDWIRE_REQUIRE_LIVE") || (is_set("CI") && is_set("GRIDWIRE_LIVE"))
}

/// Where a program stands on the search path.
fn find_program(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|dir| dir.join(name)).find(|path| path.is_file())
}

/// The live suite's own directory: what to fetch, and the scripts that the real clients run.
fn suite() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("live")
}

/// Where `conformance/live/install` puts things.
fn cache() -> PathBuf {
    env::var_os("GRIDWIRE_LIVE_CACHE")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/live"), PathBuf::from)
}
