//! The toy's server engine.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use gridwire_core::endpoint::{
    Chunks, ConnId, Endpoint, Input, ListenerId, Note, Output, Peer, Shutdown,
};
use gridwire_core::links::{LinkLimits, Links};
use gridwire_core::time::{Clock, Instant};
use gridwire_core::timers::Timers;

use super::{ANSWER, ERROR, EVENT, Op, message, split};

pub struct ToyServer {
    clock: Clock,
    links: Links<(), Note>,
    schemas: BTreeMap<u8, Bytes>,
    stored: Bytes,
    sessions: u8,
    pub tokens_out: Vec<u8>,
    next_token: u8,
    subscribers: Vec<(ConnId, u64)>,
    pollers: Timers<(ConnId, u64)>,
    log: u32,
    /// Operations in the order in which they came.
    pub seen: Vec<u8>,
    /// How many messages asked for an append.
    pub batches: usize,
}

impl Default for ToyServer {
    fn default() -> Self {
        Self {
            clock: Clock::default(),
            links: Links::new(LinkLimits::default()),
            schemas: BTreeMap::new(),
            stored: Bytes::new(),
            sessions: 0,
            tokens_out: Vec::new(),
            next_token: 0,
            subscribers: Vec::new(),
            pollers: Timers::default(),
            log: 0,
            seen: Vec::new(),
            batches: 0,
        }
    }
}

impl ToyServer {
    fn send(&mut self, conn: ConnId, id: u64, kind: u8, body: &[u8]) {
        self.links.send(conn, Chunks::from_iter([message(id, kind, body)]));
    }

    fn request(&mut self, now: Instant, conn: ConnId, id: u64, op: u8, mut body: Bytes) {
        self.seen.push(op);
        let known_session = body.first().is_some_and(|s| *s != 0 && *s <= self.sessions);
        let known_schema = body.first().is_some_and(|s| self.schemas.contains_key(s));
        let answer: Result<Bytes, &'static str> = match op {
            op if op == Op::Echo as u8 => Ok(body),
            op if op == Op::Session as u8 => {
                self.sessions += 1;
                Ok(vec![self.sessions].into())
            }
            op if op == Op::Work as u8 && known_session => Ok(body.slice(1..)),
            op if op == Op::Work as u8 => Err("no such session"),
            op if op == Op::Define as u8 => {
                self.schemas.insert(body.get_u8(), body);
                Ok(Bytes::new())
            }
            op if op == Op::Store as u8 && known_schema => {
                self.stored = body;
                Ok(Bytes::new())
            }
            op if op == Op::Store as u8 => Err("no such schema"),
            op if op == Op::Load as u8 => Ok(self.stored.clone()),
            op if op == Op::Fetch as u8 && known_schema => {
                Ok([&body[..1], &self.schemas[&body[0]]].concat().into())
            }
            op if op == Op::Take as u8 => {
                self.next_token += 1;
                self.tokens_out.push(self.next_token);
                Ok(vec![self.next_token].into())
            }
            op if op == Op::Give as u8 => {
                self.tokens_out.retain(|token| body.first() != Some(token));
                Ok(Bytes::new())
            }
            op if op == Op::Subscribe as u8 => {
                self.subscribers.push((conn, id));
                Ok(Bytes::new())
            }
            op if op == Op::Publish as u8 => {
                for (conn, id) in self.subscribers.clone() {
                    self.send(conn, id, EVENT, &body);
                }
                // Whoever waited on the server has something now.
                while let Some((conn, id)) = self.pollers.pop(Instant::from_nanos(u64::MAX)) {
                    self.send(conn, id, ANSWER, &body);
                }
                Ok(Bytes::new())
            }
            op if op == Op::Batch as u8 => {
                self.batches += 1;
                let mut offsets = Vec::new();
                while body.remaining() >= 4 {
                    let length = body.get_u32() as usize;
                    body.advance(length.min(body.len()));
                    offsets.extend_from_slice(&self.log.to_be_bytes());
                    self.log += 1;
                }
                Ok(offsets.into())
            }
            op if op == Op::Poll as u8 => {
                let wait = Duration::from_millis(u64::from(body.get_u32()));
                self.pollers.set(now + wait, (conn, id));
                return;
            }
            _ => Err("no such operation"),
        };
        match answer {
            Ok(body) => self.send(conn, id, ANSWER, &body),
            Err(what) => self.send(conn, id, ERROR, what.as_bytes()),
        }
    }

    fn received(&mut self, now: Instant, conn: ConnId, data: &mut BytesMut) {
        while let Ok(Some((id, op, body))) = split(data) {
            self.request(now, conn, id, op, body);
        }
        if split(data).is_err() {
            self.links.close(conn, Shutdown::Now);
        }
    }
}

impl Endpoint for ToyServer {
    type Event = Note;

    fn handle(&mut self, now: Instant, input: Input<'_>) {
        let now = self.clock.advance(now);
        match input {
            Input::Received { conn, data } if self.links.get(conn).is_some() => {
                self.received(now, conn, data);
            }
            Input::Sent { conn, bytes } => {
                self.links.sent(conn, bytes);
            }
            Input::Closed { conn, .. } => {
                self.links.closed(conn);
                self.subscribers.retain(|(subscriber, _)| *subscriber != conn);
            }
            Input::Timeout => {
                while let Some((conn, id)) = self.pollers.pop(now) {
                    self.send(conn, id, ANSWER, b"");
                }
            }
            Input::Opened { .. } | Input::Received { .. } => {}
        }
    }

    fn accept(&mut self, now: Instant, _: ListenerId, _: &Peer) -> Option<ConnId> {
        self.clock.advance(now);
        Some(self.links.accept(()))
    }

    fn poll_output(&mut self) -> Option<Output<Note>> {
        self.links.poll_output()
    }

    fn deadline(&self) -> Option<Instant> {
        self.pollers.deadline()
    }
}
