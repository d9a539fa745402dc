//! Replays captured sessions through the codecs: each message of both directions is decoded, encoded
//! again and compared byte for byte.
//!
//! [`replay`] puts the bytes of every connection through the [`Replayer`] of its protocol, in the order in
//! which they were captured, and gives a [`FileReport`]. `gridwire replay`, the demo and the tests call it.
//! What isn't declared yet is counted by name and is no difference.

mod cb2;
mod hazelcast;
mod kafka;
mod report;
mod xcp;

pub use report::{BROKEN_ON_PURPOSE, Difference, FileReport, Tally};

use crate::capture::{Connection, Direction, Session};
use crate::hex;

use bytes::{Bytes, BytesMut};
use gridwire_core::Malformed;
use gridwire_core::hazelcast::frame::PRELUDE;
use gridwire_core::xcp::frame::MAGIC;

/// One connection's messages of one protocol, both directions.
pub trait Replayer {
    /// What it is called in a report.
    fn protocol(&self) -> &'static str;

    /// Takes the next whole message off the front of one direction's bytes and tries it; `None` if some of
    /// it is missing.
    ///
    /// # Errors
    /// The bytes can't be split into messages: the rest of this direction is not looked at.
    fn next(&mut self, from: Direction, data: &mut BytesMut) -> Result<Option<Tried>, Malformed>;
}

/// A message that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// Its name, or its number if it has none.
    pub message: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of trying a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It encodes to its own bytes.
    Same,
    /// So it does, but for this many bytes after the last field, which are to be skipped.
    Longer(usize),
    /// There is no declaration of it.
    Undeclared,
    /// It can't be decoded, can't be encoded or not to its own bytes; how, in words.
    Differs(String),
}

/// Replays a session. `file` is what the report calls it.
pub fn replay(file: &str, session: &Session) -> FileReport {
    let mut report = FileReport::new(file);
    for (index, connection) in session.connections.iter().enumerate() {
        replay_connection(index, connection, &mut report);
    }
    report
}

/// The replayer for a connection, by the first bytes that its client sent.
fn replayer(first: &Bytes) -> Option<Box<dyn Replayer>> {
    if first.starts_with(&PRELUDE) {
        Some(Box::new(hazelcast::Hazelcast::default()))
    } else if first.starts_with(b"CB2") {
        Some(Box::new(cb2::Cb2::default()))
    } else if first.starts_with(&MAGIC) {
        Some(Box::new(xcp::Xcp))
    } else if kafka::is_request(first) {
        Some(Box::new(kafka::Kafka::default()))
    } else {
        None
    }
}

fn replay_connection(index: usize, connection: &Connection, report: &mut FileReport) {
    report.connections += 1;
    let first = connection.stream(Direction::ToServer);
    if first.is_empty() && connection.segments.is_empty() {
        return;
    }
    let Some(mut replayer) = replayer(&first) else {
        let bytes: usize = connection.segments.iter().map(|segment| segment.bytes.len()).sum();
        report.unrecognized += bytes as u64;
        return;
    };
    let mut directions = [Stream::default(), Stream::default()];
    for segment in &connection.segments {
        let stream = &mut directions[usize::from(segment.direction == Direction::ToClient)];
        stream.waiting.extend_from_slice(&segment.bytes);
        stream.drain(segment.direction, &mut *replayer, index, connection, report);
    }
    let unread: usize = directions.iter().map(|stream| stream.waiting.len()).sum();
    report.tally(replayer.protocol()).unread += unread as u64;
}

/// One direction: bytes that are not part of a whole message yet.
#[derive(Default)]
struct Stream {
    waiting: BytesMut,
    /// How many bytes were taken before those.
    offset: u64,
    broken: bool,
}

impl Stream {
    fn drain(
        &mut self,
        direction: Direction,
        replayer: &mut dyn Replayer,
        index: usize,
        connection: &Connection,
        report: &mut FileReport,
    ) {
        while !self.broken {
            let before = self.waiting.len();
            let tried = match replayer.next(direction, &mut self.waiting) {
                Ok(None) => return,
                Ok(Some(tried)) => tried,
                Err(error) => {
                    self.broken = true;
                    Tried {
                        message: "unreadable".into(),
                        outcome: Outcome::Differs(error.to_string()),
                    }
                }
            };
            let length = (before - self.waiting.len()) as u64;
            let at = self.offset;
            self.offset += length;
            let tally = report.tally(replayer.protocol());
            tally.bytes += length;
            match tried.outcome {
                Outcome::Same => tally.same += 1,
                Outcome::Longer(_) => {
                    tally.same += 1;
                    tally.longer += 1;
                }
                Outcome::Undeclared => *tally.undeclared.entry(tried.message).or_default() += 1,
                Outcome::Differs(how) => {
                    tally.different += 1;
                    report.differences.push(Difference {
                        connection: index,
                        client: connection.client,
                        server: connection.server,
                        direction,
                        offset: at,
                        message: tried.message,
                        how,
                    });
                }
            }
        }
    }
}

/// Compares a message with what it was encoded to.
fn compare(captured: &[u8], encoded: &[u8]) -> Outcome {
    if captured == encoded {
        return Outcome::Same;
    }
    let at = captured.iter().zip(encoded).take_while(|(one, other)| one == other).count();
    let around = |bytes: &[u8]| -> String {
        let from = at.saturating_sub(4);
        let shown = bytes.get(from..bytes.len().min(at + 12)).unwrap_or_default();
        hex(shown)
    };
    Outcome::Differs(format!(
        "from byte {at} of {}: captured ..{}.., encoded ..{}.. ({} bytes)",
        captured.len(),
        around(captured),
        around(encoded),
        encoded.len()
    ))
}

fn differs(message: String, how: &impl ToString) -> Tried {
    Tried { message, outcome: Outcome::Differs(how.to_string()) }
}
