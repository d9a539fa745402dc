//! What the agent does with one of its connections: reads requests, and answers them in their order
//! where the peer counts on it.

use alloc::collections::BTreeMap;
use core::time::Duration;

use bytes::{Bytes, BytesMut};

use crate::endpoint::{Cause, Chunks, ConnId, Note, Severity, Shutdown};
use crate::heartbeat::{Heartbeat, Pulse};
use crate::time::Instant;
use crate::timers::TimerId;
use crate::xcp::error::Error;
use crate::xcp::header::Header;
use crate::xcp::message::{Ack, CodecId, MsgType, Nack, NackCode, Nonce};
use crate::xcp::server::{Event, Handling, Reply, Request, RequestId, XcpAgent, judge};
use crate::xcp::session::{Received, Session, Terms};

/// How long a peer has to take its last frames.
const FAREWELL: Duration = Duration::from_secs(1);

/// A connection of the agent's.
#[derive(Debug)]
pub(super) struct Connection {
    session: Session,
    heartbeat: Heartbeat,
    alarm: Option<TimerId>,
    /// Requests that have no reply yet, or one that waits for those before it.
    open: BTreeMap<u64, Open>,
    /// The number of the next request.
    next: u64,
    /// The id of the next ping.
    next_ping: u64,
}

/// A request that was not answered to the end.
#[derive(Debug)]
struct Open {
    channel_id: u32,
    msg_id: u64,
    reply: Option<Chunks>,
}

impl Connection {
    pub(super) fn new(now: Instant, terms: &Terms) -> Self {
        Self {
            session: Session::accept(terms),
            heartbeat: Heartbeat::new(now),
            alarm: None,
            open: BTreeMap::new(),
            next: 1,
            next_ping: 1,
        }
    }
}

impl XcpAgent {
    pub(super) fn arm(&mut self, conn: ConnId, at: Instant) {
        let Some(link) = self.links.get_mut(conn) else { return };
        if let Some(former) = link.alarm.replace(self.alarms.set(at, conn)) {
            self.alarms.cancel(former);
        }
    }

    fn disarm(&mut self, conn: ConnId) {
        if let Some(alarm) = self.links.get_mut(conn).and_then(|link| link.alarm.take()) {
            self.alarms.cancel(alarm);
        }
    }

    /// A connection's time is up: to shake hands, or to be looked at.
    pub(super) fn overdue(&mut self, now: Instant, conn: ConnId) {
        let Some(link) = self.links.get_mut(conn) else { return };
        link.alarm = None;
        if link.session.agreed().is_none() {
            return self.give_up(conn, Cause::TimedOut, None);
        }
        match link.heartbeat.check(now, &self.config.heartbeat) {
            Pulse::Fine => {}
            Pulse::Dead => return self.give_up(conn, Cause::TimedOut, None),
            Pulse::Idle => return self.give_up(conn, Cause::Local, None),
            Pulse::Ping => {
                let header =
                    Header { msg_type: MsgType::PING, msg_id: link.next_ping, ..Header::default() };
                link.next_ping += 1;
                let body = Nonce { nonce: self.clock.unix().as_micros() as u64 }.encode();
                if let Ok(frame) = link.session.write(&header, body) {
                    self.links.send(conn, frame);
                }
            }
        }
        self.arm_heartbeat(conn);
    }

    /// A plain peer is never sent anything unasked, so its silence isn't looked into.
    fn arm_heartbeat(&mut self, conn: ConnId) {
        let Some(link) = self.links.get(conn) else { return };
        let due = link.heartbeat.deadline(&self.config.heartbeat);
        match due.filter(|_| !link.session.is_plain()) {
            Some(due) => self.arm(conn, due),
            None => self.disarm(conn),
        }
    }

    pub(super) fn received(&mut self, now: Instant, conn: ConnId, data: &mut BytesMut) {
        if let Some(link) = self.links.get_mut(conn) {
            link.heartbeat.on_read(now);
        }
        loop {
            if self.links.is_full() {
                return self.links.retry(conn);
            }
            let busy = !self.links.has_room(conn);
            let Some(link) = self.links.get_mut(conn) else { return };
            if busy || link.open.len() >= self.config.in_flight {
                return self.links.pause(conn);
            }
            match link.session.poll(data, &self.config.terms) {
                Ok(None) => return,
                Ok(Some(received)) => self.take(conn, received),
                Err(broken) => {
                    let cause = Cause::Other(alloc::format!("{}", broken.error).into());
                    return self.give_up(conn, cause, broken.farewell.map(|farewell| *farewell));
                }
            }
        }
    }

    fn take(&mut self, conn: ConnId, received: Received) {
        match received {
            Received::Established(caps) => {
                if let Some(caps) = caps {
                    self.links.send(conn, caps);
                }
                let agreed = self.links.get(conn).and_then(|link| link.session.agreed()).cloned();
                self.links.event(Event::Joined(conn, agreed.unwrap_or_default()));
                self.arm_heartbeat(conn);
            }
            Received::Refused(header, error) => match self.begin(conn, &header) {
                Some(id) => self.refuse(id, judge::refusal(&error)),
                None => self.dropped(conn, header.msg_type),
            },
            Received::Message(header, body) => match self.begin(conn, &header) {
                Some(id) if header.msg_type == MsgType::PING => self.pong(id, &header, body),
                Some(id) => self.request(id, header, body),
                None => self.dropped(conn, header.msg_type),
            },
        }
    }

    /// Opens a request for a message that is to be answered.
    fn begin(&mut self, conn: ConnId, header: &Header) -> Option<RequestId> {
        let asks = match header.msg_type {
            MsgType::PING | MsgType::DATA => true,
            other => other.is_application() && self.config.handling == Handling::Ask,
        };
        let link = self.links.get_mut(conn).filter(|_| asks)?;
        let number = link.next;
        link.next += 1;
        let open = Open { channel_id: header.channel_id, msg_id: header.msg_id, reply: None };
        link.open.insert(number, open);
        Some(RequestId { conn, number })
    }

    fn dropped(&mut self, conn: ConnId, what: MsgType) {
        if what != MsgType::PONG {
            let text = format_args!("{what} was dropped");
            self.links.event(Event::Note(Note::new(Severity::Debug, Some(conn), text)));
        }
    }

    fn pong(&mut self, id: RequestId, ping: &Header, body: Bytes) {
        let header = Header {
            msg_type: MsgType::PONG,
            body_codec: ping.body_codec,
            in_reply_to: ping.msg_id,
            ..Header::default()
        };
        self.settle(id, &header, body);
    }

    fn refuse(&mut self, id: RequestId, code: NackCode) {
        let _ = self.answer(id, Reply::Nack { code, retry_after: Duration::ZERO });
    }

    fn request(&mut self, id: RequestId, header: Header, body: Bytes) {
        let Some(agreed) = self.links.get(id.conn).and_then(|link| link.session.agreed()) else {
            return;
        };
        let ether = match header.msg_type {
            MsgType::DATA => match judge::data(&self.config, agreed, &header, &body) {
                Ok(ether) => ether,
                Err(code) => return self.refuse(id, code),
            },
            _ => None,
        };
        match self.config.handling {
            Handling::Ask => self.links.event(Event::Request(Request { id, header, body, ether })),
            Handling::Echo => {
                let reply = Header {
                    channel_id: header.channel_id,
                    body_codec: header.body_codec,
                    in_reply_to: header.msg_id,
                    ..Header::default()
                };
                self.settle(id, &reply, body);
            }
        }
    }

    pub(super) fn answer(&mut self, id: RequestId, reply: Reply) -> Result<(), Error> {
        let open = self.links.get(id.conn).and_then(|link| link.open.get(&id.number));
        let Some(open) = open.filter(|open| open.reply.is_none()) else {
            return Err(Error::Misuse("a reply to a request that is not open"));
        };
        let msg_id = open.msg_id;
        let base = Header { in_reply_to: msg_id, ..Header::default() };
        let on_channel = Header { channel_id: open.channel_id, ..base.clone() };
        let (header, body) = match reply {
            Reply::Ether(ether) => (on_channel, ether.encode()),
            Reply::Body { msg_type, codec: body_codec, tags, body } => {
                (Header { msg_type, body_codec, tags, ..on_channel }, body)
            }
            Reply::Ack => (Header { msg_type: MsgType::ACK, ..base }, Ack { msg_id }.encode()),
            Reply::Nack { code: error_code, retry_after } => {
                let retry_after_ms = u32::try_from(retry_after.as_millis()).unwrap_or(u32::MAX);
                let header = Header { msg_type: MsgType::NACK, body_codec: CodecId::JSON, ..base };
                (header, Nack { msg_id, error_code, retry_after_ms }.encode())
            }
        };
        if body.len() as u64 > self.config.terms.max_message_bytes {
            return Err(Error::Misuse("a reply above the configured limit"));
        }
        let frame = self.links.get(id.conn).map(|link| link.session.write(&header, body));
        if let Some(frame) = frame.transpose()? {
            self.put(id, frame);
        }
        Ok(())
    }

    /// Answers with a header that can't be too long.
    fn settle(&mut self, id: RequestId, header: &Header, body: Bytes) {
        let frame = self.links.get(id.conn).map(|link| link.session.write(header, body));
        if let Some(Ok(frame)) = frame {
            self.put(id, frame);
        }
    }

    /// Sends a reply, or keeps it until those before it were sent.
    fn put(&mut self, id: RequestId, frame: Chunks) {
        let conn = id.conn;
        let Some(link) = self.links.get_mut(conn) else { return };
        if !link.session.is_plain() {
            link.open.remove(&id.number);
            self.links.send(conn, frame);
            return self.ease(conn);
        }
        if let Some(open) = link.open.get_mut(&id.number) {
            open.reply = Some(frame);
        }
        while let Some(link) = self.links.get_mut(conn)
            && let Some(first) = link.open.first_entry()
            && first.get().reply.is_some()
        {
            if let Some(frame) = first.remove().reply {
                self.links.send(conn, frame);
            }
        }
        self.ease(conn);
    }

    /// Reads on where reading was stopped and half of what stood in the way is gone.
    pub(super) fn ease(&mut self, conn: ConnId) {
        let Some(link) = self.links.get(conn) else { return };
        let eased = link.open.len() <= self.config.in_flight / 2
            && self.links.unsent(conn) <= self.config.limits.high_water / 2;
        if eased {
            self.links.resume(conn);
        }
    }

    fn give_up(&mut self, conn: ConnId, cause: Cause, farewell: Option<Chunks>) {
        if let Some(frame) = farewell {
            self.links.send(conn, frame);
        }
        // What was answered before a fault is still the peer's, unless it is gone.
        let gone = cause == Cause::TimedOut;
        let how = if gone { Shutdown::Now } else { Shutdown::Flush(FAREWELL) };
        if let Some(ended) = self.links.close(conn, how) {
            self.left(conn, &ended.state, cause);
        }
    }

    pub(super) fn left(&mut self, conn: ConnId, link: &Connection, cause: Cause) {
        if let Some(alarm) = link.alarm {
            self.alarms.cancel(alarm);
        }
        if link.session.agreed().is_some() {
            self.links.event(Event::Left(conn, cause));
        } else {
            self.links.event(Event::Note(Note::new(Severity::Warn, Some(conn), cause)));
        }
    }
}
