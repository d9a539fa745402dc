//! One connection of a probe: every step has an absolute deadline, so that a peer that answers one byte
//! a second costs no more time than one that is silent.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use bytes::BytesMut;

/// No answer that a probe asks for is longer; a peer that claims more is not what it seems.
const MAX_ANSWER: usize = 16 << 20;

/// Why a conversation ended without the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// No connection: nobody listens there, or nobody is there.
    Unreachable(String),
    /// The peer closed the connection.
    Closed,
    /// The deadline passed.
    Silent,
    /// What came isn't this protocol.
    Foreign,
}

/// A connection, and what has come over it and isn't consumed yet.
#[derive(Debug)]
pub(super) struct Link {
    stream: TcpStream,
    step: Duration,
    buffer: BytesMut,
    /// The first bytes that ever came, to show where nothing understands them.
    pub(super) first: Vec<u8>,
}

impl Link {
    /// Connects within the time of one step, which every [`Link::read`] may take again.
    pub(super) fn open(to: SocketAddr, step: Duration) -> Result<Self, Stop> {
        let stream = TcpStream::connect_timeout(&to, step).map_err(|error| {
            Stop::Unreachable(match error.kind() {
                ErrorKind::ConnectionRefused => "connection refused".into(),
                ErrorKind::TimedOut => "no answer to the connection attempt".into(),
                _ => error.to_string(),
            })
        })?;
        let _ = stream.set_nodelay(true);
        let _ = stream.set_write_timeout(Some(step));
        Ok(Self { stream, step, buffer: BytesMut::new(), first: Vec::new() })
    }

    /// Sends all of it.
    pub(super) fn send(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        self.stream.write_all(bytes).map_err(|error| match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => Stop::Silent,
            _ => Stop::Closed,
        })
    }

    /// Reads until `parse` takes a whole message off the front of what has come. It gives nothing when bytes
    /// are missing, or says that this isn't the protocol.
    pub(super) fn read<T>(
        &mut self,
        mut parse: impl FnMut(&mut BytesMut) -> Result<Option<T>, Stop>,
    ) -> Result<T, Stop> {
        let deadline = Instant::now() + self.step;
        loop {
            if let Some(message) = parse(&mut self.buffer)? {
                return Ok(message);
            }
            if self.buffer.len() > MAX_ANSWER {
                return Err(Stop::Foreign);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            // A read timeout of zero would mean none.
            if left.is_zero() || self.stream.set_read_timeout(Some(left)).is_err() {
                return Err(Stop::Silent);
            }
            let mut chunk = [0; 16 << 10];
            match self.stream.read(&mut chunk) {
                Ok(0) => return Err(Stop::Closed),
                Ok(read) => {
                    let room = 32_usize.saturating_sub(self.first.len()).min(read);
                    self.first.extend_from_slice(&chunk[..room]);
                    self.buffer.extend_from_slice(&chunk[..read]);
                }
                Err(error) => match error.kind() {
                    ErrorKind::Interrupted => {}
                    ErrorKind::WouldBlock | ErrorKind::TimedOut => return Err(Stop::Silent),
                    _ => return Err(Stop::Closed),
                },
            }
        }
    }
}
