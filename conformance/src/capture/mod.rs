//! Captured sessions: what went over TCP connections, in which order, as plain .pcap.
//!
//! [`read`] takes a file of tcpdump, Wireshark or our own [`Recorder`], gzip'd or not, puts the packets
//! of each connection together and gives a [`Session`]; replay, the fuzzers' corpus and the tests go
//! on from there. Nothing here knows a protocol.

mod reader;
mod recorder;
mod stream;

pub use reader::{Error, read, read_from};
pub use recorder::{Opened, Recorder};

use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};

/// Everything in a capture, connection by connection, in the order of their first packets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// The connections.
    pub connections: Vec<Connection>,
}

/// One TCP connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Who opened it; where the capture began later, who has the higher port.
    pub client: SocketAddr,
    /// Who was connected to.
    pub server: SocketAddr,
    /// What was sent, in the order in which both directions became readable.
    pub segments: Vec<Segment>,
    /// Whether and how the end is in the capture.
    pub end: End,
}

/// Bytes that arrived together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The UNIX time of the packet.
    pub at: Duration,
    /// Which way.
    pub direction: Direction,
    /// What.
    pub bytes: Bytes,
}

/// Which way bytes went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// From the client.
    ToServer,
    /// From the server.
    ToClient,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It was still open when the capture ended.
    Open,
    /// By a FIN, first from this direction.
    Finished(Direction),
    /// By a RST from this direction.
    Reset(Direction),
}

impl Connection {
    /// All bytes of one direction.
    pub fn stream(&self, direction: Direction) -> Bytes {
        let mut whole = BytesMut::new();
        for segment in self.segments.iter().filter(|segment| segment.direction == direction) {
            whole.extend_from_slice(&segment.bytes);
        }
        whole.freeze()
    }
}

impl Direction {
    /// The other way.
    pub fn reverse(self) -> Self {
        match self {
            Self::ToServer => Self::ToClient,
            Self::ToClient => Self::ToServer,
        }
    }
}

impl std::fmt::Display for Direction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::ToServer => "to the server",
            Self::ToClient => "to the client",
        })
    }
}
