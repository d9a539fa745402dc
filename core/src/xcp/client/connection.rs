//! What the client does with one of its connections: opens it, sends on it, reads from it, loses it.

use alloc::collections::VecDeque;

use bytes::{Bytes, BytesMut};

use crate::call::{ClientEvent, Failure, Lifecycle};
use crate::calls::RequestId;
use crate::correlation::Lookup;
use crate::endpoint::{Cause, Chunks, ConnId, Note, Severity, Shutdown};
use crate::heartbeat::{Heartbeat, Pulse};
use crate::links::Ended;
use crate::time::Instant;
use crate::timers::TimerId;
use crate::xcp::client::{Alarm, Client};
use crate::xcp::error::Error;
use crate::xcp::family::{Answer, Request};
use crate::xcp::header::Header;
use crate::xcp::message::{MsgType, Nack, Nonce};
use crate::xcp::session::{Received, Session};

/// A connection of the client's.
#[derive(Debug)]
pub(super) struct Connection {
    slot: usize,
    pub(super) session: Session,
    heartbeat: Heartbeat,
    /// Whether the time to open was counted from a moment that was known.
    timed: bool,
    alarm: Option<TimerId>,
    /// Ids whose replies a plain peer owes, in the order of sending.
    order: VecDeque<u64>,
    /// Replies that the peer owes.
    pub(super) owed: usize,
    /// Those of them that a call waits for.
    pub(super) waited_for: usize,
    /// A request was refused because too many replies are owed.
    choked: bool,
}

/// A request whose reply is owed.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) conn: ConnId,
    /// Who waits for it; nobody, if the call ended or it is the engine's own ping.
    pub(super) call: Option<(RequestId, Request)>,
    /// Bytes queued on the connection before it.
    offset: u64,
    sent_at: Instant,
}

impl Client {
    /// Opens the connection of a slot. `now` is not known yet when the client starts: then the
    /// engine asks to be told the time at once.
    pub(super) fn open(&mut self, now: Option<Instant>, slot: usize) {
        let (session, hello) = Session::connect(&self.config.terms);
        let connection = Connection {
            slot,
            session,
            heartbeat: Heartbeat::new(now.unwrap_or_default()),
            timed: now.is_some(),
            alarm: None,
            order: VecDeque::new(),
            owed: 0,
            waited_for: 0,
            choked: false,
        };
        let conn = self.links.open(self.config.target.clone(), connection);
        if let Some(slot) = self.slots.get_mut(slot) {
            slot.conn = Some(conn);
        }
        self.send(conn, hello);
        self.arm(conn, now.map_or(Instant::ZERO, |now| now + self.config.connect_timeout));
    }

    pub(super) fn opened(&mut self, now: Instant, conn: ConnId) {
        if let Some(link) = self.links.opened(conn) {
            link.timed = true;
            link.heartbeat = Heartbeat::new(now);
            self.arm(conn, now + self.config.handshake_timeout);
        }
    }

    fn arm(&mut self, conn: ConnId, at: Instant) {
        let Some(link) = self.links.get_mut(conn) else { return };
        if let Some(former) = link.alarm.replace(self.timers.set(at, Alarm::Connection(conn))) {
            self.timers.cancel(former);
        }
    }

    /// A connection's time is up: to stand, to shake hands, or to be looked at.
    pub(super) fn overdue(&mut self, now: Instant, conn: ConnId) {
        let rules = self.config.heartbeat;
        let Some(link) = self.links.get_mut(conn) else { return };
        link.alarm = None;
        if !core::mem::replace(&mut link.timed, true) {
            return self.arm(conn, now + self.config.connect_timeout);
        }
        if link.session.agreed().is_none() {
            return self.give_up(now, conn, &Cause::TimedOut, None);
        }
        let plain = link.session.is_plain();
        match link.heartbeat.check(now, &rules) {
            // A peer that works through its requests in order is busy, not silent, as long as
            // somebody waits for a reply: the call's own time decides.
            Pulse::Dead if !plain || link.waited_for == 0 => {
                return self.give_up(now, conn, &Cause::TimedOut, None);
            }
            Pulse::Ping if !plain || link.owed == 0 => self.ping(now, conn),
            Pulse::Idle => return self.give_up(now, conn, &Cause::Local, None),
            Pulse::Ping | Pulse::Dead | Pulse::Fine => {}
        }
        self.arm_heartbeat(now, conn);
    }

    fn arm_heartbeat(&mut self, now: Instant, conn: ConnId) {
        let rules = &self.config.heartbeat;
        let Some(link) = self.links.get(conn) else { return };
        let Some(due) = link.heartbeat.deadline(rules) else { return };
        // What is past due was put off: look again after an interval.
        let later = rules.interval.or(rules.timeout).or(rules.idle).unwrap_or_default();
        let due = if due > now { due } else { now + later };
        self.arm(conn, due);
    }

    fn ping(&mut self, now: Instant, conn: ConnId) {
        let flight = Flight { conn, call: None, offset: 0, sent_at: now };
        let msg_id = self.flights.insert(flight);
        let body = Nonce { nonce: self.context.clock.unix().as_micros() as u64 }.encode();
        let header = Header { msg_type: MsgType::PING, msg_id, ..Header::default() };
        if let Some(frame) = self.links.get(conn).map(|link| link.session.write(&header, body)) {
            match frame {
                Ok(frame) => self.owe(conn, msg_id, frame),
                Err(_) => drop(self.flights.take(msg_id)),
            }
        }
    }

    fn owe(&mut self, conn: ConnId, msg_id: u64, frame: Chunks) {
        if let Some(link) = self.links.get_mut(conn) {
            link.owed += 1;
            if link.session.is_plain() {
                link.order.push_back(msg_id);
            }
        }
        self.send(conn, frame);
    }

    fn send(&mut self, conn: ConnId, frame: Chunks) {
        self.links.send(conn, frame);
    }

    pub(super) fn taken(&mut self, conn: ConnId, bytes: usize) {
        if self.links.sent(conn, bytes) {
            self.links.event(ClientEvent::Room(conn));
        }
    }

    /// Sends a request where the fewest replies are owed, or has it wait.
    pub(super) fn route(&mut self, id: RequestId, request: Request) {
        if self.ready == 0 {
            if self.queue.len() >= self.config.in_flight {
                let full = Failure::Overloaded("too many requests wait for a connection");
                return self.answered(id, Err(full.into()));
            }
            self.queue.push_back((id, request));
            return;
        }
        let bound = self.config.in_flight;
        let best = self
            .links
            .iter_mut()
            .filter(|(_, link)| link.session.agreed().is_some())
            .min_by_key(|(_, link)| link.owed);
        let Some((conn, link)) = best else { return };
        if link.owed >= bound {
            link.choked = true;
            let full = Failure::Overloaded("too many requests are in flight");
            return self.answered(id, Err(full.into()));
        }
        if !self.links.has_room(conn) {
            let full = Failure::Overloaded("above the high-water mark");
            return self.answered(id, Err(full.into()));
        }
        if let Err(error) = self.put(conn, id, request) {
            self.answered(id, Err(error));
        }
    }

    /// Writes a request to a connection.
    fn put(&mut self, conn: ConnId, id: RequestId, request: Request) -> Result<(), Error> {
        let now = self.context.clock.now();
        let offset = self.links.queued(conn);
        let Some(link) = self.links.get_mut(conn) else { return Ok(()) };
        let is_ping = request.msg_type == MsgType::PING;
        let agreed = link.session.agreed().is_some_and(|a| a.codecs.contains(&request.body_codec));
        if !agreed && !is_ping {
            return Err(Error::Unsupported("the agent did not agree to this codec"));
        }
        if request.body.len() as u64 > self.config.terms.max_message_bytes {
            return Err(Error::Misuse("a body above the configured limit"));
        }
        let body = match request.body.clone() {
            empty if empty.is_empty() && is_ping => {
                Nonce { nonce: self.context.clock.unix().as_micros() as u64 }.encode()
            }
            body => body,
        };
        let mut header = Header {
            channel_id: request.channel_id,
            msg_type: request.msg_type,
            body_codec: request.body_codec,
            schema_key: request.schema_key,
            msg_id: 0,
            in_reply_to: 0,
            tags: request.tags.clone(),
        };
        let flight = Flight { conn, call: Some((id, request)), offset, sent_at: now };
        header.msg_id = self.flights.insert(flight);
        let frame = match link.session.write(&header, body) {
            Ok(frame) => frame,
            Err(error) => {
                let _ = self.flights.take(header.msg_id);
                return Err(error);
            }
        };
        link.waited_for += 1;
        link.heartbeat.on_write(now);
        self.wire_ids.insert(id, header.msg_id);
        self.owe(conn, header.msg_id, frame);
        self.calls.sent(id);
        Ok(())
    }

    pub(super) fn received(&mut self, now: Instant, conn: ConnId, data: &mut BytesMut) {
        if !self.links.is_open(conn) {
            return;
        }
        if let Some(link) = self.links.get_mut(conn) {
            link.heartbeat.on_read(now);
        }
        loop {
            if self.links.is_full() {
                return self.links.retry(conn);
            }
            let Some(link) = self.links.get_mut(conn) else { return };
            match link.session.poll(data, &self.config.terms) {
                Ok(None) => return,
                Ok(Some(received)) => {
                    if let Err(error) = self.take(now, conn, received) {
                        return self.violated(now, conn, error);
                    }
                }
                Err(broken) => return self.violated(now, conn, broken.error),
            }
            self.work();
        }
    }

    fn take(&mut self, now: Instant, conn: ConnId, received: Received) -> Result<(), Error> {
        match received {
            Received::Established(_) => self.established(now, conn),
            Received::Refused(header, error) => {
                return self.reply(now, conn, header, Err(error));
            }
            Received::Message(header, body) => match header.msg_type {
                MsgType::PING if header.in_reply_to == 0 => self.pong(conn, &header, body)?,
                MsgType::HELLO | MsgType::CAPS => self.dropped(conn, header.msg_type),
                _ => return self.reply(now, conn, header, Ok(body)),
            },
        }
        Ok(())
    }

    fn established(&mut self, now: Instant, conn: ConnId) {
        let slot = self.links.get(conn).map(|link| link.slot);
        if let Some(slot) = slot.and_then(|slot| self.slots.get_mut(slot)) {
            slot.backoff.succeeded();
        }
        self.ready += 1;
        self.arm_heartbeat(now, conn);
        if self.ready == 1 {
            self.links.event(ClientEvent::Lifecycle(Lifecycle::Connected));
        }
        for (id, request) in core::mem::take(&mut self.queue) {
            self.route(id, request);
        }
    }

    fn pong(&mut self, conn: ConnId, ping: &Header, body: Bytes) -> Result<(), Error> {
        let header = Header {
            msg_type: MsgType::PONG,
            body_codec: ping.body_codec,
            in_reply_to: ping.msg_id,
            ..Header::default()
        };
        let Some(link) = self.links.get(conn) else { return Ok(()) };
        let frame = link.session.write(&header, body)?;
        self.send(conn, frame);
        Ok(())
    }

    fn dropped(&mut self, conn: ConnId, what: MsgType) {
        let text = format_args!("{what} that nobody asked for");
        self.links.event(ClientEvent::Note(Note::new(Severity::Debug, Some(conn), text)));
    }

    /// Finds whose reply it is, and ends the request.
    fn reply(
        &mut self,
        now: Instant,
        conn: ConnId,
        header: Header,
        body: Result<Bytes, Error>,
    ) -> Result<(), Error> {
        let Some(link) = self.links.get_mut(conn) else { return Ok(()) };
        let named = match (header.in_reply_to, header.msg_type, &body) {
            (0, MsgType::NACK, Ok(body)) => Nack::decode(body).map_or(0, |nack| nack.msg_id),
            (id, ..) => id,
        };
        let id = match (named, link.session.is_plain()) {
            (0, true) => link.order.pop_front(),
            (0, false) => None,
            (id, _) => {
                // In order, it stands at the front.
                if let Some(place) = link.order.iter().position(|owed| *owed == id) {
                    link.order.remove(place);
                }
                Some(id)
            }
        };
        let Some(id) = id else {
            self.dropped(conn, header.msg_type);
            return Ok(());
        };
        match self.flights.get_mut(id) {
            Lookup::Found(flight) if flight.conn == conn => {}
            Lookup::Late => return Ok(()),
            Lookup::Found(_) => return Err(Error::Protocol("a reply on another connection")),
            Lookup::Violation => return Err(Error::Protocol("a reply to nothing that was asked")),
        }
        let Lookup::Found(flight) = self.flights.take(id) else { return Ok(()) };
        if let Some(link) = self.links.get_mut(conn) {
            link.owed = link.owed.saturating_sub(1);
            link.waited_for = link.waited_for.saturating_sub(usize::from(flight.call.is_some()));
        }
        self.say_room(conn);
        let Some((request, _)) = flight.call else { return Ok(()) };
        self.wire_ids.remove(&request);
        let result = body.and_then(|body| {
            let took = now - flight.sent_at;
            answer(Answer { conn, header, body, took })
        });
        self.answered(request, result);
        Ok(())
    }

    /// Says that requests are taken again after one was refused.
    pub(super) fn say_room(&mut self, conn: ConnId) {
        let Some(link) = self.links.get_mut(conn) else { return };
        if link.choked && link.owed <= self.config.in_flight / 2 {
            link.choked = false;
            self.links.event(ClientEvent::Room(conn));
        }
    }

    fn violated(&mut self, now: Instant, conn: ConnId, error: Error) {
        let cause = Cause::Other(alloc::format!("{error}").into());
        self.give_up(now, conn, &cause, Some(error));
    }

    fn give_up(&mut self, now: Instant, conn: ConnId, cause: &Cause, error: Option<Error>) {
        if let Some(ended) = self.links.close(conn, Shutdown::Now) {
            self.lost(now, conn, ended, cause, error);
        }
    }

    /// Sees to what a connection leaves behind.
    pub(super) fn lost(
        &mut self,
        now: Instant,
        conn: ConnId,
        ended: Ended<Connection>,
        cause: &Cause,
        error: Option<Error>,
    ) {
        let Ended { state: link, reached } = ended;
        if let Some(alarm) = link.alarm {
            self.timers.cancel(alarm);
        }
        self.links.event(ClientEvent::Note(Note::new(Severity::Warn, Some(conn), cause)));
        let established = link.session.agreed().is_some();
        self.ready -= usize::from(established);
        if established && self.ready == 0 {
            self.links.event(ClientEvent::Lifecycle(Lifecycle::Disconnected));
        }
        let retry_at = self.slots.get_mut(link.slot).and_then(|slot| {
            slot.conn = None;
            slot.backoff.failed(now, &mut self.context.rng)
        });
        let mut again = VecDeque::new();
        for (_, flight) in self.flights.take_if(|flight| flight.conn == conn) {
            let Some((request_id, request)) = flight.call else { continue };
            self.wire_ids.remove(&request_id);
            if flight.offset >= reached || request.idempotent {
                again.push_back((request_id, request));
            } else {
                let failure = Failure::Indeterminate(cause.clone());
                self.answered(request_id, Err(failure.into()));
            }
        }
        again.append(&mut self.queue);
        self.queue = again;
        // An agent that can't be spoken to won't change its mind soon: who waits is told why.
        if let Some(error @ Error::Unsupported(_)) = error
            && self.ready == 0
        {
            for (id, _) in core::mem::take(&mut self.queue) {
                self.answered(id, Err(error.clone()));
            }
        }
        match retry_at {
            Some(at) => drop(self.timers.set(at, Alarm::Reconnect(link.slot))),
            None if self.slots.iter().all(|slot| slot.conn.is_none()) => {
                let failure = Failure::NotConnected(cause.clone());
                self.end(now, &failure, Err(failure.clone().into()));
            }
            None => {}
        }
        if self.ready > 0 {
            for (id, request) in core::mem::take(&mut self.queue) {
                self.route(id, request);
            }
        }
    }
}

/// A refusal is an error; everything else is for the call to judge.
fn answer(answer: Answer) -> Result<Answer, Error> {
    match answer.header.msg_type {
        MsgType::NACK => {
            let nack = Nack::decode(&answer.body)?;
            let retry_after = core::time::Duration::from_millis(u64::from(nack.retry_after_ms));
            Err(Error::Nack { code: nack.error_code, retry_after })
        }
        MsgType::CLARIFY_REQ => Err(Error::Unsupported("the agent asks back for missing fields")),
        _ => Ok(answer),
    }
}
