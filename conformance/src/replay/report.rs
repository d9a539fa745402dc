//! What a replay found.

use crate::capture::Direction;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde::{Serialize, Serializer};

/// Messages in this repository's captures that nobody can decode, by the beginning of the file's name and
/// their own: what was tried then was how the other side takes them.
pub const BROKEN_ON_PURPOSE: &[(&str, &str)] = &[
    ("4.4.0-errors-raw.pcap", "Produce 2 request"),
    ("4.4.0-errors-raw.pcap", "Fetch 3 request"),
    ("4.4.0-errors-raw.pcap", "Metadata 12 request"),
    ("4.4.0-errors-raw.pcap", "Envelope 0 request"),
    ("5.7.0-java-errors.pcap", "Map.put (010100)"),
    // Made up, with no vectors at all: the sender's codec left their list out.
    ("5.7.0-java-config-and-rest.pcap", "VectorCollection.search_near_vector (240800)"),
    ("5.7.0-raw-fragments.pcap", "fragment"),
    // Wrong checksums.
    ("reference-bad-crc.pcap", "frame"),
    ("reference-bad-crc.pcap", "frame"),
    ("reference-bad-crc.pcap", "frame"),
    // A header in Cap'n Proto form, and three that are not what JSON or the protocol allow.
    ("reference-bad-handshake.pcap", "frame"),
    ("reference-bad-handshake.pcap", "frame"),
    ("reference-bad-handshake.pcap", "frame"),
    ("reference-bad-handshake.pcap", "frame"),
    // Payloads of 2^32 - 1 and 2^62 bytes that never come.
    ("reference-oversized.pcap", "unreadable"),
    ("reference-oversized.pcap", "unreadable"),
];

/// One file's result.
#[derive(Clone, Debug, Serialize)]
pub struct FileReport {
    /// The file, as it was named.
    pub file: String,
    /// How many connections it holds.
    pub connections: usize,
    /// Counts by protocol.
    pub protocols: BTreeMap<&'static str, Tally>,
    /// Bytes of connections whose protocol is unknown.
    pub unrecognized: u64,
    /// What didn't come out as it went in.
    pub differences: Vec<Difference>,
}

/// Counts of one protocol in one file, both directions.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Tally {
    /// Messages that encode to their own bytes.
    pub same: u64,
    /// Those of them that had bytes after their last field.
    pub longer: u64,
    /// Messages that differ.
    pub different: u64,
    /// Messages that aren't declared, by name or number.
    pub undeclared: BTreeMap<String, u64>,
    /// Bytes in all messages.
    pub bytes: u64,
    /// Bytes after the last whole message, or after the one that broke a stream.
    pub unread: u64,
}

impl Tally {
    /// How many messages aren't declared.
    pub fn undeclared_messages(&self) -> u64 {
        self.undeclared.values().sum()
    }

    /// Adds another's counts.
    pub fn add(&mut self, other: &Self) {
        self.same += other.same;
        self.longer += other.longer;
        self.different += other.different;
        self.bytes += other.bytes;
        self.unread += other.unread;
        for (name, count) in &other.undeclared {
            *self.undeclared.entry(name.clone()).or_default() += count;
        }
    }
}

/// A message that doesn't encode to its own bytes, and where it stands.
#[derive(Clone, Debug, Serialize)]
pub struct Difference {
    /// Which connection of the file, counted from 0.
    pub connection: usize,
    /// The connection's client.
    pub client: SocketAddr,
    /// The connection's server.
    pub server: SocketAddr,
    /// Which way it went.
    #[serde(serialize_with = "as_text")]
    pub direction: Direction,
    /// Where it begins among all bytes of that direction.
    pub offset: u64,
    /// Its name or number.
    pub message: String,
    /// What is wrong.
    pub how: String,
}

fn as_text<S: Serializer>(direction: &Direction, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(direction)
}

impl FileReport {
    pub(super) fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            connections: 0,
            protocols: BTreeMap::new(),
            unrecognized: 0,
            differences: Vec::new(),
        }
    }

    /// Differences other than those [`BROKEN_ON_PURPOSE`].
    pub fn unexpected(&self) -> impl Iterator<Item = &Difference> {
        let name = self.file.rsplit('/').next().unwrap_or(&self.file);
        self.differences.iter().filter(move |difference| {
            !BROKEN_ON_PURPOSE
                .iter()
                .any(|(file, message)| name.starts_with(file) && difference.message == *message)
        })
    }

    pub(super) fn tally(&mut self, protocol: &'static str) -> &mut Tally {
        self.protocols.entry(protocol).or_default()
    }
}
