//! The client's connections: opened when somebody needs one, given up when they fail or idle.
//!
//! A broker has one connection for each [`Place`]: one for all that is answered at once, and one for
//! each reader that lets the broker wait, since answers come in order and whoever came after a long
//! poll would wait with it.
//!
//! ```text
//!   wanted --backoff over--> opening --opened--> handshake --agreed--> ready --idle--> closed
//!      ^---- failed: backoff grows ---+---------------+-- lost, violated: backoff --+
//! ```

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::{Bytes, BytesMut};

use super::{Alarm, Client, InFlight, Task};
use crate::Str;
use crate::backoff::{Backoff, BackoffRules};
use crate::call::{ClientEvent, Lifecycle, SubscriptionId};
use crate::correlation::Lookup;
use crate::endpoint::{Cause, ConnId, Note, Severity, Shutdown, Target};
use crate::heartbeat::{Heartbeat, HeartbeatRules, Pulse};
use crate::kafka::error::Error;
use crate::kafka::frame::{self, Splitter};
use crate::kafka::message::{Request, Response};
use crate::kafka::session::{self, Agreed, Due, Handshake, Pipeline, wire_id};
use crate::kafka::wire::{EncodeError, Writer};
use crate::links::Ended;
use crate::time::Instant;
use crate::timers::TimerId;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// Asking about the cluster while no broker is known by id.
    Bootstrap,
    /// What a broker answers at once.
    Broker(i32),
    /// Reads that a broker may hold back, of nobody in particular.
    Reads(i32),
    /// A subscription's reads.
    Subscription(i32, SubscriptionId),
}

impl Place {
    /// The broker at the other end, if it is known which.
    fn node(self) -> Option<i32> {
        match self {
            Self::Bootstrap => None,
            Self::Broker(node) | Self::Reads(node) | Self::Subscription(node, _) => Some(node),
        }
    }

    /// Whether any request may go there.
    fn is_general(self) -> bool {
        matches!(self, Self::Bootstrap | Self::Broker(_))
    }
}

/// One place: its connection, and when it may be opened again.
#[derive(Debug)]
pub(super) struct Slot {
    conn: Option<ConnId>,
    backoff: Backoff,
    not_before: Instant,
}

#[derive(Debug)]
enum Phase {
    Opening,
    /// ApiVersions was asked for.
    ExpectVersions,
    Ready(Agreed),
}

#[derive(Debug)]
pub(super) struct Connection {
    place: Place,
    target: Target,
    splitter: Splitter,
    phase: Phase,
    pub(super) pipeline: Pipeline,
    heart: Heartbeat,
    /// When it must be ready.
    setup_deadline: Instant,
    /// The broker asked not to be sent anything before.
    throttled_until: Instant,
    alarm: Option<(Instant, TimerId)>,
}

/// A request that its version can't carry, and who asked for it.
#[derive(Debug)]
pub(super) struct Unsent {
    pub(super) error: EncodeError,
    pub(super) task: Task,
}

/// All places.
#[derive(Debug, Default)]
pub(super) struct Slots {
    slots: BTreeMap<Place, Slot>,
    /// Which of the bootstrap servers is tried next.
    turn: usize,
}

impl Client {
    /// The connection of a place if it can take a request now; else it is opened, if it may be.
    pub(super) fn ready(&mut self, now: Instant, place: Place) -> Option<ConnId> {
        if let Some(conn) = self.slots.slots.get(&place).and_then(|slot| slot.conn) {
            return self.takes_requests(now, conn).then_some(conn);
        }
        self.open(now, place);
        None
    }

    /// Any connection that can take a request now; else one is opened, if none is being opened.
    pub(super) fn ready_any(&mut self, now: Instant) -> Option<ConnId> {
        let mut best: Option<(usize, ConnId)> = None;
        let mut on_the_way = false;
        for (place, slot) in self.slots.slots.iter().filter(|(place, _)| place.is_general()) {
            let Some(conn) = slot.conn else { continue };
            let Some(connection) = self.links.get(conn) else { continue };
            if matches!(connection.phase, Phase::Ready(_)) {
                let busy = connection.pipeline.len();
                if best.is_none_or(|(least, _)| busy < least) {
                    best = Some((busy, conn));
                }
            } else {
                on_the_way = true;
            }
            debug_assert!(connection.place == *place);
        }
        if let Some((_, conn)) = best {
            return self.takes_requests(now, conn).then_some(conn);
        }
        if !on_the_way {
            let nodes = self.cluster.brokers().map(Place::Broker);
            let free = |place: &Place| {
                self.slots.slots.get(place).is_none_or(|slot| slot.not_before <= now)
            };
            let nodes: Vec<_> = nodes.filter(free).collect();
            let place = self.rng.choose(&nodes).copied().unwrap_or(Place::Bootstrap);
            self.open(now, place);
        }
        None
    }

    fn takes_requests(&mut self, now: Instant, conn: ConnId) -> bool {
        let Some(connection) = self.links.get(conn) else { return false };
        if !matches!(connection.phase, Phase::Ready(_))
            || connection.pipeline.len() >= self.config.max_in_flight.max(1)
        {
            return false;
        }
        if connection.throttled_until > now {
            let until = connection.throttled_until;
            self.wake_at(until);
            return false;
        }
        self.links.has_room(conn)
    }

    /// What both sides of a connection speak.
    pub(super) fn agreed(&self, conn: ConnId) -> Option<&Agreed> {
        match &self.links.get(conn)?.phase {
            Phase::Ready(agreed) => Some(agreed),
            _ => None,
        }
    }

    fn open(&mut self, now: Instant, place: Place) {
        let target = match place.node() {
            Some(node) => self.cluster.address(node).cloned(),
            None => {
                let servers = &self.config.bootstrap_servers;
                servers.get(self.slots.turn.checked_rem(servers.len()).unwrap_or(0)).cloned()
            }
        };
        let Some(target) = target else {
            // The leader is one that the list of brokers lacks.
            self.refresh.wanted |= place.node().is_some();
            return;
        };
        let backoff = Backoff::new(self.config.reconnect_backoff);
        let slot = self.slots.slots.entry(place);
        let slot = slot.or_insert(Slot { conn: None, backoff, not_before: Instant::ZERO });
        if slot.not_before > now {
            let at = slot.not_before;
            return self.wake_at(at);
        }
        let patience = BackoffRules {
            initial: self.config.connection_setup_timeout,
            max: self.config.connection_setup_timeout_max,
            ..self.config.reconnect_backoff
        };
        let setup_deadline = now + patience_after(patience, slot.backoff.attempts());
        let conn = self.links.open(
            target.clone(),
            Connection {
                place,
                target,
                splitter: Splitter::new(self.config.max_frame),
                phase: Phase::Opening,
                pipeline: Pipeline::default(),
                heart: Heartbeat::new(now),
                setup_deadline,
                throttled_until: Instant::ZERO,
                alarm: None,
            },
        );
        slot.conn = Some(conn);
        self.watch(conn);
    }

    pub(super) fn opened(&mut self, now: Instant, conn: ConnId) {
        if self.links.opened(conn).is_some() {
            self.ask_versions(now, conn, session::FIRST_VERSION);
        }
    }

    fn ask_versions(&mut self, now: Instant, conn: ConnId, version: i16) {
        if let Some(connection) = self.links.get_mut(conn) {
            connection.phase = Phase::ExpectVersions;
        }
        let request = session::versions_request(
            &Str::from_static("gridwire"),
            &Str::from_static(env!("CARGO_PKG_VERSION")),
        );
        let timeout = self.config.connection_setup_timeout_max;
        // Cannot fail: the version is one of the message's own, and the texts are short.
        let _ = self.send(now, conn, version, &request, Task::Handshake, timeout);
    }

    /// Queues a request. Its answer comes to `task`.
    ///
    /// # Errors
    /// The version can't carry it; the task comes back.
    pub(super) fn send<R: Request>(
        &mut self,
        now: Instant,
        conn: ConnId,
        version: i16,
        message: &R,
        task: Task,
        timeout: Duration,
    ) -> Result<(), Box<Unsent>> {
        let id = self.in_flight.insert(InFlight { version, task });
        match self.write(now, conn, version, message, id) {
            Ok(start) => {
                if let Some(connection) = self.links.get_mut(conn) {
                    connection.pipeline.sent(Due { id, deadline: now + timeout, start });
                }
                self.watch(conn);
                Ok(())
            }
            Err(error) => match self.in_flight.take(id) {
                Lookup::Found(InFlight { task, .. }) => Err(Box::new(Unsent { error, task })),
                Lookup::Late | Lookup::Violation => Ok(()),
            },
        }
    }

    /// Queues a request that is not answered.
    pub(super) fn send_unanswered<R: Request>(
        &mut self,
        now: Instant,
        conn: ConnId,
        version: i16,
        message: &R,
    ) -> Result<(), EncodeError> {
        let id = self.in_flight.skip();
        self.write(now, conn, version, message, id).map(|_| ())
    }

    fn write<R: Request>(
        &mut self,
        now: Instant,
        conn: ConnId,
        version: i16,
        message: &R,
        id: u64,
    ) -> Result<u64, EncodeError> {
        let mut writer = Writer::new();
        let client_id = self.config.client_id.as_ref();
        frame::write_request(&mut writer, version, wire_id(id), client_id, message)?;
        let start = self.links.queued(conn);
        self.links.send(conn, writer.finish());
        if let Some(connection) = self.links.get_mut(conn) {
            connection.heart.on_write(now);
        }
        Ok(start)
    }

    pub(super) fn taken(&mut self, conn: ConnId, bytes: usize) {
        if self.links.sent(conn, bytes) {
            self.dirty = true;
            self.links.event(ClientEvent::Room(conn));
        }
    }

    pub(super) fn received(&mut self, now: Instant, conn: ConnId, data: &mut BytesMut) {
        loop {
            if self.links.is_full() {
                return self.links.retry(conn);
            }
            let Some(connection) = self.links.get_mut(conn) else { return };
            connection.heart.on_read(now);
            let frame = match connection.splitter.next(data) {
                Ok(Some(frame)) => frame,
                Ok(None) => return,
                Err(malformed) => return self.violated(now, conn, &malformed.into()),
            };
            if let Err(error) = self.answered(now, conn, &frame) {
                return self.violated(now, conn, &error);
            }
        }
    }

    /// Takes one answer.
    fn answered(&mut self, now: Instant, conn: ConnId, frame: &Bytes) -> Result<(), Error> {
        let Some(connection) = self.links.get_mut(conn) else { return Ok(()) };
        let id = connection.pipeline.answered(frame)?;
        match self.in_flight.take(id) {
            Lookup::Found(InFlight { task: Task::Handshake, version, .. }) => {
                self.versions_came(now, conn, frame, version)
            }
            Lookup::Found(InFlight { task, version, .. }) => {
                self.dirty = true;
                self.settle(now, conn, version, task, frame)
            }
            // Nobody waits for it any more.
            Lookup::Late | Lookup::Violation => {
                self.dirty = true;
                Ok(())
            }
        }
    }

    fn versions_came(
        &mut self,
        now: Instant,
        conn: ConnId,
        frame: &Bytes,
        version: i16,
    ) -> Result<(), Error> {
        match session::handshake(frame, version)? {
            Handshake::Again(version) => self.ask_versions(now, conn, version),
            Handshake::Done(agreed) => {
                let Some(connection) = self.links.get_mut(conn) else { return Ok(()) };
                connection.phase = Phase::Ready(agreed);
                if let Some(slot) = self.slots.slots.get_mut(&connection.place) {
                    slot.backoff.succeeded();
                }
                self.watch(conn);
                self.dirty = true;
            }
        }
        Ok(())
    }

    /// Forgets places of brokers that are gone, once nobody is connected to them.
    pub(super) fn prune_slots(&mut self) {
        let cluster = &self.cluster;
        self.slots.slots.retain(|place, slot| {
            slot.conn.is_some() || place.node().is_none_or(|node| cluster.address(node).is_some())
        });
    }

    /// The broker at the other end of the bootstrap connection is known by id from now on.
    pub(super) fn adopt_bootstrap(&mut self) {
        let slots = &mut self.slots.slots;
        let Some(conn) = slots.get(&Place::Bootstrap).and_then(|slot| slot.conn) else { return };
        let Some(connection) = self.links.get_mut(conn) else { return };
        let Some(node) = self.cluster.node_at(&connection.target) else { return };
        let place = Place::Broker(node);
        if slots.get(&place).is_some_and(|slot| slot.conn.is_some()) {
            return;
        }
        connection.place = place;
        if let Some(slot) = slots.remove(&Place::Bootstrap) {
            slots.insert(place, slot);
        }
    }

    /// Has nothing sent on a connection for as long as the broker asks for, if its answer is of a version
    /// that leaves the waiting to the client.
    pub(super) fn throttled(
        &mut self,
        now: Instant,
        conn: ConnId,
        version: i16,
        answer: &impl Response,
    ) {
        let millis = u64::try_from(answer.throttle_time_ms()).unwrap_or(0);
        if millis == 0 || !answer.throttles(version) {
            return;
        }
        if let Some(connection) = self.links.get_mut(conn) {
            // No broker mutes for longer than its quota window; a bound, so that none can for ever.
            let wait = Duration::from_millis(millis).min(self.config.request_timeout);
            connection.throttled_until = connection.throttled_until.max(now + wait);
        }
    }

    fn idle_rules(&self) -> HeartbeatRules {
        HeartbeatRules { idle: self.config.connections_max_idle, ..HeartbeatRules::default() }
    }

    /// Arms the connection's alarm for whatever is due first.
    fn watch(&mut self, conn: ConnId) {
        let rules = self.idle_rules();
        let Some(connection) = self.links.get_mut(conn) else { return };
        let due = match &connection.phase {
            Phase::Opening | Phase::ExpectVersions => Some(connection.setup_deadline),
            Phase::Ready(_) => match connection.pipeline.deadline() {
                Some(deadline) => Some(deadline),
                None => connection.heart.deadline(&rules),
            },
        };
        let Some(due) = due else { return };
        match connection.alarm {
            // An alarm that comes too early finds nothing to do and is armed again.
            Some((at, _)) if at <= due => {}
            former => {
                if let Some((_, timer)) = former {
                    self.alarms.cancel(timer);
                }
                connection.alarm = Some((due, self.alarms.set(due, Alarm::Connection(conn))));
            }
        }
    }

    /// A connection's alarm went off.
    pub(super) fn check(&mut self, now: Instant, conn: ConnId) {
        let rules = self.idle_rules();
        let Some(connection) = self.links.get_mut(conn) else { return };
        connection.alarm = None;
        let late = match &connection.phase {
            Phase::Opening | Phase::ExpectVersions => connection.setup_deadline <= now,
            Phase::Ready(_) => connection.pipeline.deadline().is_some_and(|at| at <= now),
        };
        if late {
            self.note(Severity::Warn, conn, "the broker did not answer in time");
            return self.give_up(now, conn, &Cause::TimedOut);
        }
        let idle = matches!(connection.phase, Phase::Ready(_))
            && connection.pipeline.is_empty()
            && connection.heart.check(now, &rules) == Pulse::Idle;
        if idle {
            let place = connection.place;
            self.note(Severity::Debug, conn, "closed for idleness");
            self.links.close(conn, Shutdown::Now);
            self.slots.slots.remove(&place);
            return;
        }
        self.watch(conn);
    }

    fn violated(&mut self, now: Instant, conn: ConnId, error: &Error) {
        self.note(Severity::Warn, conn, error);
        self.give_up(now, conn, &Cause::Other(alloc::format!("{error}").into()));
    }

    pub(super) fn note(&mut self, severity: Severity, conn: ConnId, what: impl core::fmt::Display) {
        self.links.event(ClientEvent::Note(Note::new(severity, Some(conn), what)));
    }

    /// Ends a connection from this side.
    fn give_up(&mut self, now: Instant, conn: ConnId, cause: &Cause) {
        if let Some(ended) = self.links.close(conn, Shutdown::Now) {
            self.lost(now, conn, ended, cause);
        }
    }

    /// The transport ended a connection.
    pub(super) fn closed(&mut self, now: Instant, conn: ConnId, cause: &Cause) {
        if let Some(ended) = self.links.closed(conn) {
            self.lost(now, conn, ended, cause);
        }
    }

    fn lost(&mut self, now: Instant, conn: ConnId, ended: Ended<Connection>, cause: &Cause) {
        let Ended { state: connection, reached } = ended;
        self.dirty = true;
        if let Some((_, timer)) = connection.alarm {
            self.alarms.cancel(timer);
        }
        let place = connection.place;
        if place == Place::Bootstrap {
            self.slots.turn = self.slots.turn.wrapping_add(1);
        }
        if let Some(slot) = self.slots.slots.get_mut(&place) {
            slot.conn = None;
            slot.not_before = slot.backoff.failed(now, &mut self.rng).unwrap_or(now);
            let at = slot.not_before;
            self.wake_at(at);
        }
        // Its partitions may have other leaders by now.
        if place.node().is_some() {
            self.refresh.wanted = true;
        }
        for due in connection.pipeline.iter() {
            if let Lookup::Found(InFlight { task, .. }) = self.in_flight.take(due.id) {
                self.unsettle(now, task, cause, due.start < reached);
            }
        }
        let phase = connection.phase;
        if matches!(phase, Phase::Ready(_)) && self.connected && !self.has_ready() {
            self.connected = false;
            self.links.event(ClientEvent::Lifecycle(Lifecycle::Disconnected));
        } else if !matches!(phase, Phase::Ready(_)) {
            self.note(Severity::Info, conn, alloc::format!("{}: {cause}", connection.target));
        }
    }

    fn has_ready(&self) -> bool {
        self.links.iter().any(|(_, connection)| matches!(connection.phase, Phase::Ready(_)))
    }

    /// Closes the connections of a subscription.
    pub(super) fn close_reads(&mut self, id: SubscriptionId) {
        let mine = |place: &Place| matches!(place, Place::Subscription(_, of) if *of == id);
        let places: Vec<_> = self.slots.slots.keys().copied().filter(|place| mine(place)).collect();
        for place in places {
            let Some(Slot { conn: Some(conn), .. }) = self.slots.slots.remove(&place) else {
                continue;
            };
            if let Some(Ended { state: connection, .. }) = self.links.close(conn, Shutdown::Now) {
                if let Some((_, timer)) = connection.alarm {
                    self.alarms.cancel(timer);
                }
                for due in connection.pipeline.iter() {
                    let _ = self.in_flight.take(due.id);
                }
            }
        }
    }
}

/// How long setting up may take after so many failures.
fn patience_after(rules: BackoffRules, failures: u32) -> Duration {
    let mut patience = rules.initial;
    for _ in 0..failures.min(16) {
        patience = patience.saturating_mul(2).min(rules.max);
    }
    patience.min(rules.max)
}
