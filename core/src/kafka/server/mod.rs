//! [`Broker`]: an embedded Kafka broker, in memory, alone in its cluster.
//!
//! It serves what producers and consumers without groups need, as Kafka 4.4.0 answers it: ApiVersions,
//! Metadata, Produce, Fetch, ListOffsets, and InitProducerId, without which idempotent producers (the
//! default of most clients) do not start. Requests of a connection are answered one by one, so a read
//! that waits for records holds back what comes behind it, as in any broker.
//!
//! Like Kafka, it closes the connection without an answer on what it does not serve or can't read, and
//! doesn't mind bytes after a request's last field. Compressed batches are stored and given out as they
//! are.

mod config;
mod fetch;
mod log;
mod metadata;
mod produce;
mod topics;

pub use config::Config;

use alloc::collections::BTreeSet;
use alloc::string::ToString;
use core::time::Duration;

use bytes::{Bytes, BytesMut};

use self::fetch::Waiting;
use self::topics::Topics;
use super::error::Error;
use super::frame::{self, Splitter};
use super::message::api_versions::ApiVersionsRequest;
use super::message::fetch::FetchRequest;
use super::message::init_producer_id::InitProducerIdRequest;
use super::message::list_offsets::ListOffsetsRequest;
use super::message::metadata::MetadataRequest;
use super::message::produce::ProduceRequest;
use super::message::{Request, RequestHeader};
use super::records::Decompressor;
use super::session;
use super::wire::{Message, Reader, Versions, Writer};
use crate::Str;
use crate::endpoint::{
    Cause, ConnId, Endpoint, Engine, Input, ListenerId, Note, Output, Peer, Severity, Shutdown,
    Start, Target,
};
use crate::heartbeat::{Heartbeat, HeartbeatRules, Pulse};
use crate::links::Links;
use crate::rng::Rng;
use crate::time::{Clock, Instant};
use crate::timers::{TimerId, Timers};

/// What is offered to clients. Produce is offered from 0 on, as Kafka does it: older clients ask for
/// single versions, and switch compression off when they miss one. Versions 0 to 2 close the connection.
const OFFERED: &[(i16, Versions)] = &[
    (ProduceRequest::API.key, Versions::new(0, 13)),
    (FetchRequest::API.key, Versions::new(0, 18)),
    (ListOffsetsRequest::API.key, Versions::new(0, 11)),
    (MetadataRequest::API.key, Versions::new(0, 13)),
    (ApiVersionsRequest::API.key, Versions::new(0, 5)),
    (InitProducerIdRequest::API.key, Versions::new(0, 5)),
];

/// Bytes that may wait unread behind a read that waits; above, the connection is paused.
const UNREAD: usize = 64 * 1024;

/// Partitions that one request may name: an answer takes more memory than its question.
const PARTITIONS: usize = 100_000;

/// How long a connection that is closed may take to get the answers that were due.
const FLUSH: Duration = Duration::from_secs(1);

/// What a broker tells its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BrokerEvent {
    /// A topic was created because somebody asked for it.
    TopicCreated {
        /// Its name.
        topic: Str,
        /// How many partitions it has.
        partitions: u32,
    },
    /// A remark for the log.
    Note(Note),
}

/// One connection.
#[derive(Debug)]
struct Session {
    splitter: Splitter,
    heart: Heartbeat,
    alarm: Option<TimerId>,
    /// Where the client has connected to.
    local: Option<Target>,
    /// A read that waits for records.
    waiting: Option<Waiting>,
}

/// What of a request's header its answer needs.
#[derive(Debug, Clone, Copy)]
struct Ask {
    version: i16,
    correlation_id: i32,
}

#[derive(Debug, Clone, Copy)]
enum Alarm {
    Idle(ConnId),
    Waited(ConnId),
}

/// How the service of a request went on.
enum Served {
    /// It was answered, or needs no answer.
    Done,
    /// It waits; nothing behind it is served.
    Waits,
}

/// An embedded broker.
#[derive(Debug)]
pub struct Broker {
    config: Config,
    cluster_id: Str,
    clock: Clock,
    rng: Rng,
    links: Links<Session, BrokerEvent>,
    topics: Topics,
    /// Connections with a read that waits.
    waiting: BTreeSet<ConnId>,
    alarms: Timers<Alarm>,
    next_producer_id: i64,
    decompressor: Decompressor,
}

impl Engine for Broker {
    type Config = Config;

    fn start(config: Config, start: Start) -> Self {
        let mut rng = Rng::new(start.seed);
        let mut topics = Topics::default();
        for (name, partitions) in &config.topics {
            topics.create(name, *partitions, &mut rng);
        }
        let drawn = u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64());
        let cluster_id = config
            .cluster_id
            .clone()
            .unwrap_or_else(|| Str::from(super::wire::Uuid::from(drawn).to_string()));
        Self {
            cluster_id,
            clock: Clock::new(start.unix_at_zero),
            links: Links::new(config.links),
            topics,
            waiting: BTreeSet::new(),
            alarms: Timers::default(),
            next_producer_id: 1_000,
            decompressor: Decompressor::new(config.decompressed_limit),
            rng,
            config,
        }
    }
}

impl Broker {
    /// The topics, with their numbers of partitions, by name.
    pub fn topics(&self) -> impl Iterator<Item = (&Str, usize)> {
        self.topics.iter().map(|(name, topic)| (name, topic.partitions.len()))
    }

    /// The offset of the next record of a partition; `None` if there is no such partition.
    pub fn end_offset(&self, topic: &str, partition: i32) -> Option<i64> {
        Some(self.topics.get(topic)?.partition(partition)?.end())
    }

    /// Creates a topic. False if there is one of that name, or it can't be called so.
    pub fn create_topic(&mut self, name: &Str, partitions: u32) -> bool {
        let new = topics::is_legal(name) && self.topics.get(name).is_none();
        if new {
            self.topics.create(name, partitions, &mut self.rng);
        }
        new
    }

    /// How many clients are connected.
    pub fn connections(&self) -> usize {
        self.links.len()
    }

    fn received(&mut self, now: Instant, conn: ConnId, data: &mut BytesMut) {
        loop {
            let Some(session) = self.links.get_mut(conn) else { return };
            session.heart.on_read(now);
            if session.waiting.is_some() {
                // Answers come in order: what is behind waits too, and not without end.
                if data.len() > UNREAD {
                    self.links.pause(conn);
                }
                return;
            }
            if self.links.is_full() {
                return self.links.retry(conn);
            }
            if !self.links.has_room(conn) {
                // Whoever doesn't take answers gets no more of them.
                return self.links.pause(conn);
            }
            let Some(session) = self.links.get_mut(conn) else { return };
            let frame = match session.splitter.next(data) {
                Ok(Some(frame)) => frame,
                Ok(None) => return,
                Err(malformed) => return self.refuse(conn, &malformed.into()),
            };
            match self.serve(now, conn, &frame) {
                Ok(Served::Done | Served::Waits) => {}
                Err(error) => return self.refuse(conn, &error),
            }
        }
    }

    /// Closes a connection whose request can't be served: no answer could say so.
    fn refuse(&mut self, conn: ConnId, error: &Error) {
        let note = Note::new(Severity::Info, Some(conn), error);
        self.links.event(BrokerEvent::Note(note));
        if let Some(ended) = self.links.close(conn, Shutdown::Flush(FLUSH)) {
            self.forget(conn, ended.state);
        }
    }

    fn forget(&mut self, conn: ConnId, session: Session) {
        self.waiting.remove(&conn);
        let waited = session.waiting.map(|waiting| waiting.timer);
        for alarm in [session.alarm, waited].into_iter().flatten() {
            self.alarms.cancel(alarm);
        }
    }

    fn serve(&mut self, now: Instant, conn: ConnId, frame: &Bytes) -> Result<Served, Error> {
        let (header, body) = frame::split_request(frame)?;
        let RequestHeader { request_api_key: key, request_api_version: version, .. } = header;
        let ask = Ask { version, correlation_id: header.correlation_id };
        let reader = &mut Reader::new(&body);
        // What stands behind the last field is nobody's business: some clients send a few bytes more.
        if key == ApiVersionsRequest::API.key {
            let request = if ApiVersionsRequest::VERSIONS.contains(version) {
                Some(ApiVersionsRequest::decode(version, reader)?)
            } else {
                None
            };
            let (version, answer) = session::offer(OFFERED, version, request.as_ref());
            return self.answer::<ApiVersionsRequest>(conn, Ask { version, ..ask }, &answer);
        }
        if !OFFERED.iter().any(|(offered, versions)| *offered == key && versions.contains(version))
        {
            return Err(Error::Unsupported("a request that is not offered"));
        }
        match key {
            0 => self.produce(conn, ask, ProduceRequest::decode(version, reader)?),
            1 => self.fetch(now, conn, ask, FetchRequest::decode(version, reader)?),
            2 => self.list_offsets(conn, ask, ListOffsetsRequest::decode(version, reader)?),
            3 => self.metadata(conn, ask, MetadataRequest::decode(version, reader)?),
            22 => self.init_producer(conn, ask, InitProducerIdRequest::decode(version, reader)?),
            _ => Err(Error::Unsupported("a request that is not offered")),
        }
    }

    fn answer<R: Request>(
        &mut self,
        conn: ConnId,
        ask: Ask,
        answer: &R::Response,
    ) -> Result<Served, Error> {
        let mut writer = Writer::new();
        frame::write_response::<R>(&mut writer, ask.version, ask.correlation_id, answer)?;
        self.links.send(conn, writer.finish());
        Ok(Served::Done)
    }

    /// Refuses requests that name so many partitions that answering them would be too much.
    fn bound(mut counts: impl Iterator<Item = usize>) -> Result<(), Error> {
        let count = counts.try_fold(0usize, usize::checked_add);
        match count {
            Some(..=PARTITIONS) => Ok(()),
            _ => Err(Error::Unsupported("a request that names too many partitions")),
        }
    }

    fn idle_rules(&self) -> HeartbeatRules {
        HeartbeatRules { idle: self.config.connections_max_idle, ..HeartbeatRules::default() }
    }

    fn watch(&mut self, conn: ConnId) {
        let rules = self.idle_rules();
        if let Some(session) = self.links.get_mut(conn) {
            session.alarm =
                session.heart.deadline(&rules).map(|at| self.alarms.set(at, Alarm::Idle(conn)));
        }
    }

    fn check(&mut self, now: Instant, conn: ConnId) {
        let rules = self.idle_rules();
        let Some(session) = self.links.get_mut(conn) else { return };
        session.alarm = None;
        // A read that waits is use enough.
        if session.waiting.is_none() && session.heart.check(now, &rules) == Pulse::Idle {
            if let Some(ended) = self.links.close(conn, Shutdown::Now) {
                self.forget(conn, ended.state);
            }
            return;
        }
        if session.waiting.is_some() {
            session.heart.on_write(now);
        }
        self.watch(conn);
    }

    /// What was held back may be read again.
    fn go_on(&mut self, conn: ConnId) {
        if self.links.is_paused(conn) {
            self.links.resume(conn);
        } else {
            self.links.retry(conn);
        }
    }
}

impl Endpoint for Broker {
    type Event = BrokerEvent;

    fn accept(&mut self, now: Instant, _: ListenerId, peer: &Peer) -> Option<ConnId> {
        let now = self.clock.advance(now);
        if self.links.len() >= self.config.max_connections {
            return None;
        }
        let local = peer.local.map(|local| Target::new(local.ip().to_string(), local.port()));
        let conn = self.links.accept(Session {
            splitter: Splitter::new(self.config.max_frame),
            heart: Heartbeat::new(now),
            alarm: None,
            local,
            waiting: None,
        });
        self.watch(conn);
        Some(conn)
    }

    fn handle(&mut self, now: Instant, input: Input<'_>) {
        let now = self.clock.advance(now);
        match input {
            Input::Opened { .. } => {}
            Input::Received { conn, data } => self.received(now, conn, data),
            Input::Sent { conn, bytes } => {
                if let Some(session) = self.links.get_mut(conn) {
                    session.heart.on_write(now);
                }
                if self.links.sent(conn, bytes) {
                    self.go_on(conn);
                }
            }
            Input::Closed { conn, cause } => {
                if let Some(ended) = self.links.closed(conn) {
                    self.forget(conn, ended.state);
                    if !matches!(cause, Cause::Eof | Cause::Reset | Cause::Local) {
                        let note = Note::new(Severity::Info, Some(conn), cause);
                        self.links.event(BrokerEvent::Note(note));
                    }
                }
            }
            Input::Timeout => {
                while let Some(alarm) = self.alarms.pop(now) {
                    match alarm {
                        Alarm::Idle(conn) => self.check(now, conn),
                        Alarm::Waited(conn) => self.waited(conn),
                    }
                }
            }
        }
    }

    fn poll_output(&mut self) -> Option<Output<BrokerEvent>> {
        self.links.poll_output()
    }

    fn deadline(&self) -> Option<Instant> {
        self.alarms.deadline()
    }
}
