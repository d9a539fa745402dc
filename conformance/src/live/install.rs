//! Makes sure that what a live test starts has been fetched.

use super::{Error, find_program, is_set, suite};

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// What `conformance/live/install` knows to fetch.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    Hazelcast5,
    Hazelcast3,
    Kafka,
    KafkaClients3,
    Python,
    NodeClient,
    Kcat,
}

impl Part {
    /// Its name on the install script's command line, and of its directory in the cache.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Hazelcast5 => "hazelcast-5",
            Self::Hazelcast3 => "hazelcast-3",
            Self::Kafka => "kafka",
            Self::KafkaClients3 => "kafka-clients-3",
            Self::Python => "python",
            Self::NodeClient => "node-client",
            Self::Kcat => "kcat",
        }
    }

    /// The program that runs it, and what people call that.
    fn runner(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Hazelcast5 | Self::Hazelcast3 | Self::Kafka | Self::KafkaClients3 => {
                Some(("java", "Java"))
            }
            Self::Python => Some(("python3", "Python")),
            Self::NodeClient => Some(("node", "Node")),
            Self::Kcat => None,
        }
    }
}

/// Fetches a part if it isn't there, or says why it can't be had.
pub(super) fn install(part: Part) -> Result<(), Error> {
    if let Some((program, called)) = part.runner()
        && find_program(program).is_none()
    {
        return Err(Error::NotRun(format!("no {called}")));
    }
    if !is_set("GRIDWIRE_LIVE") && !is_set("GRIDWIRE_REQUIRE_LIVE") {
        return Err(Error::NotRun("GRIDWIRE_LIVE is not set".into()));
    }
    // Held while the script runs, so that parallel tests of one program wait for one download.
    static INSTALLED: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
    let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
    if installed.contains(part.name()) {
        return Ok(());
    }
    let script = suite().join("install");
    let output = Command::new(&script)
        .arg(part.name())
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Error::failed("conformance/live/install", error))?;
    match output.status.code() {
        Some(0) => {
            installed.insert(part.name());
            Ok(())
        }
        // The script's own code for a program that it lacks.
        Some(3) => Err(Error::NotRun(last_line(&output.stderr))),
        _ => Err(Error::failed(part.name(), String::from_utf8_lossy(&output.stderr))),
    }
}

fn last_line(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.trim_end().lines().last().unwrap_or_default().replacen("install: ", "", 1)
}
