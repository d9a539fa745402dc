//! Says what an address speaks, from outside: no engine, a few blocking sockets.
//!
//! [`Probe::run`] tries each protocol on a connection of its own, the likeliest by port first, and stops at
//! the first that answers. Each step (connecting, each answer) has a deadline. [`Probe::scan`] does many
//! addresses at once. `gridwire probe` calls it.
//!
//! ```text
//!   connect -> CP2 login -> CB2 login -> Kafka ApiVersions -> XCP HELLO
//!      |          each: answers: done; closes, is silent or says other things: next
//!      '-> refused: closed
//! ```

mod cb2;
mod hazelcast;
mod kafka;
mod link;
mod target;
mod xcp;

pub use target::{Target, TargetError, parse_target};

use crate::hex;
use link::{Link, Stop};

use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;

/// How to probe.
#[derive(Clone, Debug)]
pub struct Probe {
    /// How long a peer may take to accept, and for each of its answers.
    pub step: Duration,
    /// The Hazelcast cluster's name to log in with.
    pub cluster: String,
    /// Its password; only 3.x members ask for one.
    pub password: String,
    /// How many addresses at once.
    pub concurrency: usize,
}

impl Default for Probe {
    /// Two seconds a step, cluster `dev`, 64 at once.
    fn default() -> Self {
        Self {
            step: Duration::from_secs(2),
            cluster: "dev".into(),
            password: "dev-pass".into(),
            concurrency: 64,
        }
    }
}

/// What was found at an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// The target as it was asked for.
    pub target: String,
    /// What is there.
    #[serde(flatten)]
    pub finding: Finding,
    /// How long it took to find out, in milliseconds.
    pub millis: u64,
}

/// What an address speaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "speaks", rename_all = "snake_case")]
pub enum Finding {
    /// A Hazelcast member.
    Hazelcast {
        /// The client protocol: `2.x (CP2)` or `1.x (CB2)`.
        protocol: &'static str,
        /// The member's release.
        version: Option<String>,
        /// What became of the login.
        cluster: Cluster,
        /// The members that it knows, if it let us in.
        members: Vec<Member>,
        /// How many partitions the cluster has.
        partitions: Option<u32>,
        /// The cluster's id.
        cluster_id: Option<String>,
    },
    /// A Kafka broker.
    Kafka {
        /// The APIs that it offers.
        apis: Vec<ApiRange>,
        /// The error code of its answer, 0 if none.
        error: i16,
    },
    /// An XCP agent.
    Xcp {
        /// The codecs that it and we know, by number.
        codecs: Vec<u16>,
        /// The longest payload of one frame, in bytes.
        max_frame_bytes: u32,
        /// It speaks the Python reference's form only.
        plain: bool,
    },
    /// It answers, but in no protocol known here.
    Other {
        /// The first bytes that came, in hexadecimal.
        first: String,
        /// What they look like.
        looks_like: Option<&'static str>,
    },
    /// It accepts connections and closes each without a word.
    HangsUp,
    /// It accepts connections and says nothing.
    Silent,
    /// No connection can be made.
    Closed {
        /// Why.
        why: String,
    },
}

/// What a cluster says to its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cluster {
    /// The name is right.
    Accepted,
    /// The name is wrong, or credentials are wanted.
    Refused,
    /// Something else, in words.
    Other(String),
}

/// A member of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Member {
    /// Host and port.
    pub address: String,
    /// Its id.
    pub uuid: String,
    /// Its release, where the protocol says so.
    pub version: Option<String>,
    /// It owns no partitions.
    pub lite: bool,
}

/// The versions of one API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ApiRange {
    /// The API's key.
    pub key: i16,
    /// Its name, where it is declared.
    pub name: Option<&'static str>,
    /// The first version.
    pub min: i16,
    /// The last version.
    pub max: i16,
}

/// A protocol that can be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attempt {
    Cp2,
    Cb2,
    Kafka,
    Xcp,
}

impl Probe {
    /// Probes one target.
    pub fn run(&self, target: &Target) -> Found {
        let started = Instant::now();
        let finding = match (target.host.as_str(), target.port).to_socket_addrs() {
            Ok(addresses) => self.first_open(addresses.collect(), target.port),
            Err(error) => Finding::Closed { why: error.to_string() },
        };
        let millis = started.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
        Found { target: target.to_string(), finding, millis }
    }

    /// Probes many targets at once, calls `done` after each, and gives the findings in the targets' order.
    pub fn scan(&self, targets: &[Target], done: impl Fn() + Sync) -> Vec<Found> {
        let next = AtomicUsize::new(0);
        let found = Mutex::new(Vec::with_capacity(targets.len()));
        thread::scope(|scope| {
            for _ in 0..self.concurrency.clamp(1, targets.len().max(1)) {
                scope.spawn(|| {
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some(target) = targets.get(index) else { return };
                        let one = self.run(target);
                        if let Ok(mut found) = found.lock() {
                            found.push((index, one));
                        }
                        done();
                    }
                });
            }
        });
        let mut found = found.into_inner().unwrap_or_default();
        found.sort_by_key(|(index, _)| *index);
        found.into_iter().map(|(_, one)| one).collect()
    }

    /// A name may have several addresses, of which not all need listen.
    fn first_open(&self, addresses: Vec<SocketAddr>, port: u16) -> Finding {
        let mut finding = Finding::Closed { why: "the name has no address".into() };
        for address in addresses {
            finding = self.address(address, port);
            if !matches!(finding, Finding::Closed { .. }) {
                break;
            }
        }
        finding
    }

    fn address(&self, address: SocketAddr, port: u16) -> Finding {
        let mut first = Vec::new();
        let mut silent = false;
        for attempt in attempts(port) {
            let mut link = match Link::open(address, self.step) {
                Ok(link) => link,
                Err(Stop::Unreachable(why)) => return Finding::Closed { why },
                Err(_) => continue,
            };
            let tried = match attempt {
                Attempt::Cp2 => hazelcast::probe(&mut link, self),
                Attempt::Cb2 => cb2::probe(&mut link, self),
                Attempt::Kafka => kafka::probe(&mut link),
                Attempt::Xcp => xcp::probe(&mut link),
            };
            match tried {
                Ok(finding) => return finding,
                Err(stop) => silent |= stop == Stop::Silent,
            }
            if first.is_empty() {
                first = link.first;
            }
        }
        if !first.is_empty() {
            return Finding::Other { first: hex(&first), looks_like: looks_like(&first) };
        }
        if silent { Finding::Silent } else { Finding::HangsUp }
    }
}

/// What to try, the likeliest first.
fn attempts(port: u16) -> [Attempt; 4] {
    use Attempt::{Cb2, Cp2, Kafka, Xcp};
    match port {
        gridwire_core::xcp::PORT => [Xcp, Cp2, Cb2, Kafka],
        9000..=9999 | 19000..=19999 => [Kafka, Cp2, Cb2, Xcp],
        _ => [Cp2, Cb2, Kafka, Xcp],
    }
}

/// What is often met where one of ours was expected.
fn looks_like(first: &[u8]) -> Option<&'static str> {
    match first {
        [b'H', b'T', b'T', b'P', ..] => Some("HTTP"),
        [b'S', b'S', b'H', b'-', ..] => Some("SSH"),
        [0x15 | 0x16, 3, ..] => Some("TLS"),
        [b'2', b'2', b'0', b' ' | b'-', ..] => Some("SMTP or FTP"),
        [b'-', b'E', b'R', b'R', ..] => Some("Redis"),
        _ => None,
    }
}
