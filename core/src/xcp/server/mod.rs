//! [`XcpAgent`]: the embedded agent, the other side of [`crate::xcp::client`].
//!
//! It answers PING with PONG, body for body, and DATA with the same body ([`Handling::Echo`]) or with
//! whatever its user says: a request comes as [`Event::Request`], its answer by [`XcpAgent::reply`].
//!
//! ```text
//!   request -> judged: codec, schema, body, kind -> refused by NACK
//!                 \-> echo, or Event::Request ... reply -> sent at once, or to a plain peer
//!                                                          when all before it were answered
//! ```
//!
//! A connection that owes too many replies, or doesn't take those it was sent, isn't read from until
//! that has eased.

mod connection;
mod judge;

use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use crate::endpoint::{
    Cause, ConnId, Endpoint, Engine, Input, ListenerId, Note, Output, Peer, Shutdown, Start,
};
use crate::heartbeat::HeartbeatRules;
use crate::links::{LinkLimits, Links};
use crate::time::{Clock, Instant};
use crate::timers::Timers;
use crate::xcp::client::HEARTBEAT;
use crate::xcp::error::Error;
use crate::xcp::header::{Header, SchemaKey, Tag};
use crate::xcp::message::{CodecId, Ether, MsgType, NackCode};
use crate::xcp::session::{Agreed, Terms};
use connection::Connection;

/// How an agent is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// What it brings to handshakes.
    pub terms: Terms,
    /// What it does with requests; the echo by default.
    pub handling: Handling,
    /// Whether a JSON body must be an Ether, as the draft has it (the default). If not, any body is
    /// taken under JSON, as the reference does.
    pub require_ether: bool,
    /// Schemas that it knows beside those of the standard kinds.
    pub schemas: Vec<SchemaKey>,
    /// The most time from a connection to its HELLO; 5 s by default.
    pub handshake_timeout: Duration,
    /// When to ping a silent peer that isn't plain, and when to give it up: 15 s and 45 s by default.
    pub heartbeat: HeartbeatRules,
    /// The most connections; 1,024 by default.
    pub connections: usize,
    /// The most replies that it may owe on a connection before it stops reading; 1,024 by default.
    pub in_flight: usize,
    /// Bounds of the output queue.
    pub limits: LinkLimits,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            terms: Terms::default(),
            handling: Handling::Echo,
            require_ether: true,
            schemas: Vec::new(),
            handshake_timeout: Duration::from_secs(5),
            heartbeat: HEARTBEAT,
            connections: 1024,
            in_flight: 1024,
            limits: LinkLimits::default(),
        }
    }
}

/// What an agent does with requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handling {
    /// DATA comes back as it is; types of the application's are dropped.
    Echo,
    /// All are handed to the agent's user.
    Ask,
}

/// What an agent tells its user.
#[derive(Debug, PartialEq)]
pub enum Event {
    /// A peer has shaken hands.
    Joined(ConnId, Agreed),
    /// A peer waits for [`XcpAgent::reply`].
    Request(Request),
    /// A peer that had joined is gone; its requests can't be answered any more.
    Left(ConnId, Cause),
    /// A remark for the log.
    Note(Note),
}

/// A request that waits for its reply.
#[derive(Debug, PartialEq)]
pub struct Request {
    /// What to answer to.
    pub id: RequestId,
    /// Its header.
    pub header: Header,
    /// Its body, a slice of the read buffer.
    pub body: Bytes,
    /// The body's value, if it is DATA in JSON.
    pub ether: Option<Ether>,
}

/// A request of one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId {
    conn: ConnId,
    number: u64,
}

impl RequestId {
    /// The connection that the request came on.
    pub const fn conn(self) -> ConnId {
        self.conn
    }
}

/// What a request is answered with.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// An Ether, as JSON.
    Ether(Ether),
    /// Any body.
    Body {
        /// DATA, or a type of the application's.
        msg_type: MsgType,
        /// How the body is written.
        codec: CodecId,
        /// Tags of the header.
        tags: Vec<Tag>,
        /// The body.
        body: Bytes,
    },
    /// Nothing but that it was taken.
    Ack,
    /// A refusal.
    Nack {
        /// Why.
        code: NackCode,
        /// How long to wait before trying again; whole milliseconds, zero leaves it open.
        retry_after: Duration,
    },
}

/// The embedded agent.
#[derive(Debug)]
pub struct XcpAgent {
    config: Config,
    clock: Clock,
    links: Links<Connection, Event>,
    alarms: Timers<ConnId>,
    ended: bool,
}

impl Engine for XcpAgent {
    type Config = Config;

    fn start(config: Config, start: Start) -> Self {
        Self {
            clock: Clock::new(start.unix_at_zero),
            links: Links::new(config.limits),
            alarms: Timers::default(),
            ended: false,
            config,
        }
    }
}

impl XcpAgent {
    /// Answers a request.
    ///
    /// # Errors
    /// [`Error::Misuse`] if it was answered before or its connection is gone, or if the reply is
    /// above the configured limit.
    pub fn reply(&mut self, now: Instant, to: RequestId, reply: Reply) -> Result<(), Error> {
        self.clock.advance(now);
        self.answer(to, reply)
    }

    /// Ends a connection once what was handed out is written, for at most a second.
    pub fn disconnect(&mut self, now: Instant, conn: ConnId) {
        self.clock.advance(now);
        if let Some(ended) = self.links.close(conn, Shutdown::Flush(Duration::from_secs(1))) {
            self.left(conn, &ended.state, Cause::Local);
        }
    }

    /// Ends every connection and takes no more.
    pub fn shut_down(&mut self, now: Instant) {
        self.ended = true;
        let all: Vec<_> = self.links.iter().map(|(conn, _)| conn).collect();
        for conn in all {
            self.disconnect(now, conn);
        }
    }
}

impl Endpoint for XcpAgent {
    type Event = Event;

    fn handle(&mut self, now: Instant, input: Input<'_>) {
        let now = self.clock.advance(now);
        match input {
            Input::Opened { .. } => {}
            Input::Received { conn, data } => self.received(now, conn, data),
            Input::Sent { conn, bytes } => {
                self.links.sent(conn, bytes);
                self.ease(conn);
            }
            Input::Closed { conn, cause } => {
                if let Some(ended) = self.links.closed(conn) {
                    self.left(conn, &ended.state, cause);
                }
            }
            Input::Timeout => {
                while let Some(conn) = self.alarms.pop(now) {
                    self.overdue(now, conn);
                }
            }
        }
    }

    fn accept(&mut self, now: Instant, _: ListenerId, _: &Peer) -> Option<ConnId> {
        let now = self.clock.advance(now);
        if self.ended || self.links.len() >= self.config.connections {
            return None;
        }
        let conn = self.links.accept(Connection::new(now, &self.config.terms));
        self.arm(conn, now + self.config.handshake_timeout);
        Some(conn)
    }

    fn poll_output(&mut self) -> Option<Output<Event>> {
        self.links.poll_output()
    }

    fn deadline(&self) -> Option<Instant> {
        self.alarms.deadline()
    }
}
