//! [`Member`]: the other side, a cluster of one member that the official clients accept.
//!
//! ```text
//! accept -> ExpectPrelude --"CP2"--> ExpectAuthentication --status 0--> Ready(client)
//!               |  4,096 bytes, no fragments, one absolute deadline  |
//! ```
//!
//! It keeps its structures in memory, owns every partition, and answers what it doesn't know as a real
//! member does: with error 61, and the connection lives on. For tests of users and of this library, for
//! simulations and demonstrations. One idea per file: `requests` answers what is of no structure, `map` what
//! is of a map, `listeners` says who hears of what.

mod listeners;
mod map;
mod requests;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::ToString;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::BytesMut;

use self::listeners::Listener;
use self::map::{MapStore, Waiting};
use super::error::{Error, ErrorCode};
use super::frame::flags;
use super::message::custom::{Address, MemberInfo, MemberVersion};
use super::raw::Message;
use super::serialization::compact::SchemaStore;
use super::session::{Inbound, error_message, take_prelude};
use super::{Credentials, FrameWriter, Payload, Uuid, Version};
use crate::Str;
use crate::endpoint::{
    Cause, ConnId, Endpoint, Engine, Input, ListenerId, Note, Output, Peer, Severity, Shutdown,
    Start, Target,
};
use crate::fragment::FragmentLimits;
use crate::links::{LinkLimits, Links};
use crate::rng::{KeyedHash, Rng};
use crate::time::{Clock, Instant};
use crate::timers::{TimerId, Timers};

/// How a member presents itself. Every combination of values is legal.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct MemberConfig {
    /// The name that clients must know; `dev`.
    pub cluster_name: Str,
    /// What clients must show; nothing, and then nothing else will do. A token and other custom
    /// credentials are one: bytes.
    pub credentials: Credentials,
    /// Where clients are told that the member is; by default where each of them came to.
    pub address: Option<Target>,
    /// How many partitions there are, all of them this member's; 271, and at least 1.
    pub partition_count: u16,
    /// Time from a connection's beginning until its client is known; 10 s.
    pub authentication_timeout: Duration,
    /// Bytes of one message of a client that is known; 128 MiB.
    pub max_message: usize,
    /// Bytes waiting to be sent, and events waiting to be taken.
    pub links: LinkLimits,
    /// Bytes of events that may wait for a client that doesn't read, before it is cut off; 64 MiB.
    pub max_unsent: usize,
    /// Messages that come in parts.
    pub fragments: FragmentLimits,
}

impl Default for MemberConfig {
    fn default() -> Self {
        Self {
            cluster_name: Str::from_static("dev"),
            credentials: Credentials::None,
            address: None,
            partition_count: 271,
            authentication_timeout: Duration::from_secs(10),
            max_message: 128 << 20,
            links: LinkLimits::default(),
            max_unsent: 64 << 20,
            fragments: FragmentLimits::default(),
        }
    }
}

/// What a member tells its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MemberEvent {
    /// A client was let in on a connection.
    ClientConnected {
        /// The connection.
        conn: ConnId,
        /// The client's own id, the same on all its connections.
        client: Option<Uuid>,
        /// Three letters for its language.
        kind: Str,
        /// Its release.
        version: Str,
    },
    /// A connection of a client ended.
    ClientDisconnected {
        /// The connection.
        conn: ConnId,
        /// Why.
        cause: Cause,
    },
    /// A remark for the log.
    Note(Note),
}

/// The release that the member says it is: clients choose their behaviour by it.
const VERSION: (i8, i8, i8) = (5, 7, 0);
const VERSION_TEXT: &str = "5.7.0";

#[derive(Debug)]
struct Conn {
    stage: Stage,
    inbound: Inbound,
    /// Where the client came to.
    local: Address,
    /// The client, once it is known.
    client: Uuid,
    deadline: Option<TimerId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    ExpectPrelude,
    ExpectAuthentication,
    Ready,
}

/// A cluster of one member.
#[derive(Debug)]
pub struct Member {
    config: MemberConfig,
    clock: Clock,
    rng: Rng,
    hash: KeyedHash,
    uuid: Uuid,
    cluster: Uuid,
    links: Links<Conn, MemberEvent>,
    deadlines: Timers<ConnId>,
    maps: BTreeMap<Str, MapStore>,
    listeners: BTreeMap<Uuid, Listener>,
    /// Requests that wait for locks.
    waiting: Vec<Waiting>,
    /// When locks end, or requests no longer wait.
    locks_due: Option<Instant>,
    /// Service and name of everything that clients created.
    objects: BTreeSet<(Str, Str)>,
    /// Of compact records. As real members, it doesn't look for them in the values that it is given.
    schemas: SchemaStore,
    writer: FrameWriter,
}

impl Member {
    /// The member's id.
    pub fn uuid(&self) -> Uuid {
        self.uuid
    }

    /// The cluster's id.
    pub fn cluster_id(&self) -> Uuid {
        self.cluster
    }

    /// How many clients' connections there are, unknown clients included.
    pub fn connections(&self) -> usize {
        self.links.len()
    }

    /// How many entries a map has.
    pub fn map_size(&self, name: &str) -> usize {
        self.maps.get(name).map_or(0, |map| map.len(self.clock.now()))
    }

    /// The schemas of compact records that clients made known.
    pub fn schemas(&self) -> &SchemaStore {
        &self.schemas
    }

    /// Stops taking part: every connection ends when what it was sent is written.
    pub fn shut_down(&mut self) {
        let conns: Vec<_> = self.links.iter().map(|(conn, _)| conn).collect();
        for conn in conns {
            if let Some(state) = self.links.close(conn, Shutdown::Flush(Duration::from_secs(1))) {
                self.gone(conn, state, Cause::Local);
            }
        }
    }

    fn info(&self, at: &Address) -> MemberInfo {
        let (major, minor, patch) = VERSION;
        MemberInfo {
            address: at.clone(),
            uuid: self.uuid,
            attributes: Vec::new(),
            lite_member: false,
            version: MemberVersion { major, minor, patch },
            address_map: Vec::new(),
        }
    }

    fn unlock_due(&mut self, now: Instant) {
        while self.locks_due.is_some_and(|at| at <= now) {
            self.handle_unlocked(now);
        }
    }

    fn handle_received(&mut self, now: Instant, conn: ConnId, data: &mut BytesMut) {
        loop {
            if self.links.is_full() {
                return self.links.retry(conn);
            }
            let Some(state) = self.links.get_mut(conn) else { return };
            let handled = if state.stage == Stage::ExpectPrelude {
                match take_prelude(data) {
                    Ok(true) => {
                        state.stage = Stage::ExpectAuthentication;
                        Ok(())
                    }
                    Ok(false) => return,
                    Err(error) => Err(error),
                }
            } else {
                match state.inbound.next(now, data) {
                    Ok(Some(message)) => self.handle_message(now, conn, &message),
                    Ok(None) => {
                        // A client that doesn't read gets no more to read.
                        if !self.links.has_room(conn) {
                            self.links.pause(conn);
                        }
                        return;
                    }
                    Err(error) => Err(error),
                }
            };
            if let Err(error) = handled {
                return self.close(conn, Cause::from(&error));
            }
            // Who waited for what this message unlocked comes before the next message.
            self.unlock_due(now);
            if !self.links.has_room(conn) {
                return self.links.pause(conn);
            }
        }
    }

    fn close(&mut self, conn: ConnId, cause: Cause) {
        if let Some(state) = self.links.close(conn, Shutdown::Flush(Duration::from_secs(1))) {
            self.gone(conn, state, cause);
        }
    }

    fn close_now(&mut self, conn: ConnId, cause: Cause) {
        if let Some(state) = self.links.close(conn, Shutdown::Now) {
            self.gone(conn, state, cause);
        }
    }

    fn gone(&mut self, conn: ConnId, state: Conn, cause: Cause) {
        if let Some(deadline) = state.deadline {
            self.deadlines.cancel(deadline);
        }
        self.listeners.retain(|_, listener| listener.conn != conn);
        self.handle_gone(conn, state.client);
        self.links.event(if state.stage == Stage::Ready {
            MemberEvent::ClientDisconnected { conn, cause }
        } else {
            MemberEvent::Note(Note::new(
                Severity::Info,
                Some(conn),
                format_args!("a connection ended before its client was known: {cause}"),
            ))
        });
    }

    /// Answers a request.
    fn respond<M: Payload>(&mut self, conn: ConnId, id: i64, body: &M) {
        body.encode(Version::NEWEST, &mut self.writer);
        let mut message = self.writer.finish();
        message.set_correlation_id(id);
        self.links.send(conn, message.into_chunks());
    }

    /// Answers a request with an error.
    fn refuse(&mut self, conn: ConnId, id: i64, code: ErrorCode, class: &'static str, text: Str) {
        self.respond(conn, id, &error_message(code, class, text));
    }

    /// Sends an event to the listener that a request registered.
    fn notify<M: Payload>(&mut self, conn: ConnId, id: i64, message_type: u32, body: &M) {
        body.encode_as(message_type, Version::NEWEST, &mut self.writer);
        let mut message = self.writer.finish();
        message.set_correlation_id(id);
        message.add_flags(flags::IS_EVENT);
        self.links.send(conn, message.into_chunks());
        // Others' changes can't be held back for one client that doesn't read.
        if self.links.unsent(conn) > self.config.max_unsent {
            self.close_now(conn, Cause::Other("the client does not read its events".into()));
        }
    }

    /// Takes one message. An error ends the connection.
    fn handle_message(
        &mut self,
        now: Instant,
        conn: ConnId,
        message: &Message,
    ) -> Result<(), Error> {
        match self.answer(now, conn, message) {
            Err(Error::Malformed(malformed)) => {
                // The frames were whole, so the connection can live on, as a real member's does.
                let class = "java.lang.IllegalArgumentException";
                let text = Str::from(malformed.to_string());
                self.refuse(
                    conn,
                    message.correlation_id(),
                    ErrorCode::ILLEGAL_ARGUMENT,
                    class,
                    text,
                );
                Ok(())
            }
            other => other,
        }
    }

    fn random_uuid(&mut self) -> Uuid {
        let mut bytes = [0; 16];
        for (into, from) in bytes.iter_mut().zip(self.rng.seed()) {
            *into = from;
        }
        Uuid::random(bytes)
    }
}

impl Engine for Member {
    type Config = MemberConfig;

    fn start(config: MemberConfig, start: Start) -> Self {
        let mut rng = Rng::new(start.seed);
        let hash = rng.hash_key();
        let mut member = Self {
            clock: Clock::new(start.unix_at_zero),
            rng,
            hash,
            uuid: Uuid::NIL,
            cluster: Uuid::NIL,
            links: Links::new(config.links),
            deadlines: Timers::default(),
            maps: BTreeMap::new(),
            listeners: BTreeMap::new(),
            waiting: Vec::new(),
            locks_due: None,
            objects: BTreeSet::new(),
            schemas: SchemaStore::default(),
            writer: FrameWriter::new(),
            config: MemberConfig { partition_count: config.partition_count.max(1), ..config },
        };
        member.uuid = member.random_uuid();
        member.cluster = member.random_uuid();
        member
    }
}

impl Endpoint for Member {
    type Event = MemberEvent;

    fn handle(&mut self, now: Instant, input: Input<'_>) {
        let now = self.clock.advance(now);
        match input {
            Input::Received { conn, data } => self.handle_received(now, conn, data),
            Input::Sent { conn, bytes } => {
                if self.links.sent(conn, bytes) {
                    self.links.resume(conn);
                }
            }
            Input::Closed { conn, cause } => {
                if let Some(state) = self.links.closed(conn) {
                    self.gone(conn, state, cause);
                }
            }
            Input::Timeout => {
                while let Some(conn) = self.deadlines.pop(now) {
                    self.close(conn, Cause::TimedOut);
                }
            }
            Input::Opened { .. } => {}
        }
        self.unlock_due(now);
    }

    fn accept(&mut self, now: Instant, _on: ListenerId, peer: &Peer) -> Option<ConnId> {
        let now = self.clock.advance(now);
        let local = match (&self.config.address, peer.local) {
            (Some(target), _) => {
                Address { host: target.host.clone(), port: i32::from(target.port) }
            }
            (None, Some(local)) => {
                Address { host: local.ip().to_string().into(), port: i32::from(local.port()) }
            }
            (None, None) => Address { host: Str::from_static("127.0.0.1"), port: 5701 },
        };
        let inbound = Inbound::untrusted(self.config.max_message, self.config.fragments);
        let stage = Stage::ExpectPrelude;
        let conn =
            self.links.accept(Conn { stage, inbound, local, client: Uuid::NIL, deadline: None });
        let deadline = self.deadlines.set(now + self.config.authentication_timeout, conn);
        if let Some(state) = self.links.get_mut(conn) {
            state.deadline = Some(deadline);
        }
        Some(conn)
    }

    fn poll_output(&mut self) -> Option<Output<MemberEvent>> {
        self.links.poll_output()
    }

    fn deadline(&self) -> Option<Instant> {
        [self.deadlines.deadline(), self.locks_due].into_iter().flatten().min()
    }
}
