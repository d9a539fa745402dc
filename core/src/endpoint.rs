//! The engine's contract: one trait that every adapter, the simulator, the recorder and the fuzzers
//! drive.
//!
//! An engine is a state machine. Its driver owns sockets, buffers and the clock, and tells it what
//! happened ([`Input`]); the engine says what is to be done ([`Output`]). In one loop:
//!
//! ```text
//!   driver                                   engine
//!     | accept / handle(now, Input) ----------> |
//!     | commands (submit, cancel, ...) -------> |    any number, in any order
//!     | <------------------ poll_output, oldest first, until None
//!     | <------------------ deadline: wake me then with Input::Timeout
//! ```
//!
//! What a driver owes, and what it may rely on:
//!
//! - No order is owed: any number of inputs and commands may come before the next drain.
//! - `Received` hands over all bytes not consumed yet. What the engine leaves is offered again with
//!   the next bytes. **On every [`Output::Resume`] the driver offers the unconsumed bytes at once,
//!   even if no new ones have come**: the engine says so after a pause, and also when it stopped
//!   reading because its queue of events was full and has been drained since. So a driver needs no
//!   second rule for a full engine.
//! - Every byte that the transport took is reported by `Sent` before `Closed`. With TLS it counts
//!   plaintext.
//! - [`Output::Close`] ends an id at once: the engine has forgotten it, and inputs that still carry
//!   it are ignored. A driver need not report `Closed` for it, and may.
//! - A peer's fault is a `Close` and an event, never an `Err`; misuse by the caller is a `Result` on
//!   the command that was misused.
//! - Dropping an engine drops its calls; [`crate::call::Caller::shut_down`] ends them in words.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::net::SocketAddr;
use core::time::Duration;

use bytes::{Bytes, BytesMut};
use smallvec::SmallVec;

use crate::slab::Key;
use crate::text::Str;
use crate::time::Instant;

/// What happened outside the engine.
#[derive(Debug)]
pub enum Input<'a> {
    /// A connection that the engine asked for stands.
    Opened {
        /// The id of the [`Output::Open`].
        conn: ConnId,
        /// Who is there.
        peer: &'a Peer,
    },
    /// Bytes have come, or are offered again.
    Received {
        /// On which connection.
        conn: ConnId,
        /// All bytes not consumed yet. The engine splits whole frames off the front.
        data: &'a mut BytesMut,
    },
    /// The transport took bytes of this connection.
    Sent {
        /// On which connection.
        conn: ConnId,
        /// How many more bytes than were reported before.
        bytes: usize,
    },
    /// A connection ended, or could not be opened.
    Closed {
        /// Which connection; its id is dead from here on.
        conn: ConnId,
        /// Why.
        cause: Cause,
    },
    /// The time given by [`Endpoint::deadline`] may have come.
    Timeout,
}

/// What the engine wants done.
#[derive(PartialEq, Eq)]
pub enum Output<E> {
    /// Open a connection. Its end, if it fails, is [`Input::Closed`] without [`Input::Opened`].
    Open {
        /// The id that the connection will have.
        conn: ConnId,
        /// Where to. Names are resolved by the driver, which tries each address in turn.
        target: Target,
    },
    /// Write these bytes, in order after all before them.
    Send {
        /// On which connection.
        conn: ConnId,
        /// The bytes.
        data: Chunks,
    },
    /// End a connection. Its id is dead from here on.
    Close {
        /// Which connection.
        conn: ConnId,
        /// Whether what was handed out is written first.
        how: Shutdown,
    },
    /// Stop reading from a connection.
    Pause {
        /// Which connection.
        conn: ConnId,
    },
    /// Go on reading, and offer the unconsumed bytes now.
    Resume {
        /// Which connection.
        conn: ConnId,
    },
    /// Something for the engine's user.
    Event(E),
}

impl<E: fmt::Debug> fmt::Debug for Output<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open { conn, target } => {
                f.debug_struct("Open").field("conn", conn).field("target", target).finish()
            }
            // Not the bytes themselves: there are passwords among them.
            Self::Send { conn, data } => {
                let bytes: usize = data.iter().map(Bytes::len).sum();
                f.debug_struct("Send").field("conn", conn).field("bytes", &bytes).finish()
            }
            Self::Close { conn, how } => {
                f.debug_struct("Close").field("conn", conn).field("how", how).finish()
            }
            Self::Pause { conn } => f.debug_struct("Pause").field("conn", conn).finish(),
            Self::Resume { conn } => f.debug_struct("Resume").field("conn", conn).finish(),
            Self::Event(event) => f.debug_tuple("Event").field(event).finish(),
        }
    }
}

/// A sans-IO engine: client, server or one that is both.
pub trait Endpoint {
    /// What the engine tells its user.
    type Event;

    /// Takes one input. Never fails: a peer's fault shows in the outputs.
    fn handle(&mut self, now: Instant, input: Input<'_>);

    /// A listening socket stands at this address. For engines that tell peers where they are.
    fn listening(&mut self, now: Instant, on: ListenerId, at: SocketAddr) {
        let _ = (now, on, at);
    }

    /// A listening socket has a new connection. `None` refuses it.
    fn accept(&mut self, now: Instant, on: ListenerId, peer: &Peer) -> Option<ConnId> {
        let _ = (now, on, peer);
        None
    }

    /// The oldest output that was not taken yet.
    fn poll_output(&mut self) -> Option<Output<Self::Event>>;

    /// When the engine wants [`Input::Timeout`]; `None` is never. O(1).
    fn deadline(&self) -> Option<Instant>;
}

/// An engine that an adapter can bring to life by itself: every client and every embedded peer.
pub trait Engine: Endpoint + Sized {
    /// What a user configures. Checked when it is built, so that starting can't fail.
    type Config;

    /// A new engine. The connections it wants come as outputs.
    fn start(config: Self::Config, start: Start) -> Self;
}

/// What an engine needs of the world when it starts.
#[derive(Clone, Copy)]
pub struct Start {
    /// Where all randomness comes from. The same seed and inputs give the same outputs.
    pub seed: [u8; 32],
    /// Wall time, since the UNIX epoch, at [`Instant`] 0.
    pub unix_at_zero: Duration,
}

impl fmt::Debug for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The seed decides ids and hash keys: not for logs.
        f.debug_struct("Start").field("unix_at_zero", &self.unix_at_zero).finish_non_exhaustive()
    }
}

/// The bytes of one [`Output::Send`], in order. Drivers write them vectored.
pub type Chunks = SmallVec<[Bytes; 2]>;

/// A connection of one engine. Opaque; ids of ended connections are never mistaken for living ones. By
/// default it is none.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId(pub(crate) Key);

impl ConnId {
    /// The id in 64 bits, for completion rings.
    pub const fn to_u64(self) -> u64 {
        self.0.to_u64()
    }

    /// The id that [`ConnId::to_u64`] packed. An engine ignores ids that it never gave out.
    pub const fn from_u64(bits: u64) -> Self {
        Self(Key::from_u64(bits))
    }
}

impl fmt::Debug for ConnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.to_u64();
        write!(f, "conn {}.{}", bits as u32, bits >> 32)
    }
}

/// A listening socket of the driver, by a number of the driver's choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListenerId(pub u32);

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Peer {
    /// The address of this end, if the transport has addresses.
    pub local: Option<SocketAddr>,
    /// The address of the other end.
    pub remote: Option<SocketAddr>,
    /// The other end's certificate chain as DER, end entity first, if TLS checked one.
    pub certificates: Option<Arc<[Bytes]>>,
}

/// Where to connect to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// Host name or address, as configured or as a peer named it.
    pub host: Str,
    /// TCP port.
    pub port: u16,
    /// The name to check the certificate against; `None` connects without TLS.
    pub tls: Option<Str>,
}

impl Target {
    /// A target without TLS.
    pub fn new(host: impl Into<Str>, port: u16) -> Self {
        Self { host: host.into(), port, tls: None }
    }

    /// A target with TLS, whose certificate is checked against the host.
    pub fn secure(host: impl Into<Str>, port: u16) -> Self {
        let host = host.into();
        Self { tls: Some(host.clone()), host, port }
    }

    /// Where a peer says that another one is: with TLS if the configured targets have it. If one of
    /// them is checked against another name than its host, so is this one: all have one certificate
    /// then.
    pub fn named_by_peer(host: Str, port: u16, configured: &[Self]) -> Self {
        let mut secure =
            configured.iter().filter_map(|target| Some((target, target.tls.as_ref()?)));
        let own = secure.clone().find(|(target, name)| **name != target.host);
        let tls = match own {
            Some((_, name)) => Some(name.clone()),
            None => secure.next().map(|_| host.clone()),
        };
        Self { host, port, tls }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// Why a connection ended, or never came to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// The peer closed its side.
    #[error("closed by the peer")]
    Eof,
    /// The connection was reset.
    #[error("connection reset")]
    Reset,
    /// Nobody listens there.
    #[error("connection refused")]
    Refused,
    /// The network or host can't be reached.
    #[error("unreachable")]
    Unreachable,
    /// The name has no address.
    #[error("name not resolved")]
    NotResolved,
    /// A deadline passed.
    #[error("timed out")]
    TimedOut,
    /// TLS failed.
    #[error("TLS: {0}")]
    Tls(Box<str>),
    /// This side closed it, or is shutting down.
    #[error("closed by this side")]
    Local,
    /// None of several targets could be used, each for its own cause.
    #[error("{}", Targets(.0))]
    Targets(Arc<[(Target, Cause)]>),
    /// Another fault of the transport.
    #[error("{0}")]
    Other(Box<str>),
}

struct Targets<'a>(&'a [(Target, Cause)]);

impl fmt::Display for Targets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (target, cause)) in self.0.iter().enumerate() {
            write!(f, "{}{target}: {cause}", if number > 0 { "; " } else { "" })?;
        }
        Ok(())
    }
}

/// How to end a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shutdown {
    /// Write what was handed out first, for at most so long.
    Flush(Duration),
    /// At once; what isn't written is dropped.
    Now,
}

/// A remark of the engine that is no answer to anybody: adapters hand it to their log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// How much it matters.
    pub severity: Severity,
    /// The connection it is about, if it is about one.
    pub conn: Option<ConnId>,
    /// What happened. Never holds a secret.
    pub text: Str,
}

/// How much a [`Note`] matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// For those who debug the engine.
    Debug,
    /// The ordinary course of things.
    Info,
    /// Something failed and was dealt with.
    Warn,
}

impl Note {
    /// A remark about a connection.
    pub fn new(severity: Severity, conn: Option<ConnId>, text: impl fmt::Display) -> Self {
        Self { severity, conn, text: Str::from(alloc::format!("{text}")) }
    }
}
