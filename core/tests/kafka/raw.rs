//! Connections to the embedded broker on which a test writes whatever it wants.

use bytes::{Bytes, BytesMut};
use gridwire_core::endpoint::{Cause, ConnId, Endpoint, Input, ListenerId, Output, Peer};
use gridwire_core::kafka::frame::{Splitter, split_response, write_request};
use gridwire_core::kafka::message::Request;
use gridwire_core::kafka::server::Broker;
use gridwire_core::kafka::wire::{Message, Reader, Writer};
use gridwire_core::time::Instant;
use std::collections::BTreeMap;
use std::time::Duration;

/// What the broker said on one connection.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) bytes: BytesMut,
    pub(crate) closed: bool,
}

/// A broker and what it says.
pub(crate) struct Raw {
    pub(crate) broker: Broker,
    pub(crate) now: Instant,
    pub(crate) said: BTreeMap<ConnId, Said>,
    unread: BTreeMap<ConnId, BytesMut>,
    paused: std::collections::BTreeSet<ConnId>,
    next_id: i32,
}

impl Raw {
    pub(crate) fn new(broker: Broker) -> Self {
        Self {
            broker,
            now: Instant::ZERO,
            said: BTreeMap::new(),
            unread: BTreeMap::new(),
            paused: std::collections::BTreeSet::new(),
            next_id: 0,
        }
    }

    pub(crate) fn connect(&mut self) -> ConnId {
        let conn =
            self.broker.accept(self.now, ListenerId(0), &Peer::default()).expect("to be let in");
        self.said.insert(conn, Said::default());
        self.unread.insert(conn, BytesMut::new());
        conn
    }

    pub(crate) fn feed(&mut self, conn: ConnId, bytes: &[u8]) {
        let Some(unread) = self.unread.get_mut(&conn) else { return };
        unread.extend_from_slice(bytes);
        self.offer(conn);
    }

    fn offer(&mut self, conn: ConnId) {
        let Some(data) = self.unread.get_mut(&conn).filter(|_| !self.paused.contains(&conn)) else {
            return;
        };
        self.broker.handle(self.now, Input::Received { conn, data });
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.broker.poll_output() {
            match output {
                Output::Send { conn, data } => {
                    let said = self.said.get_mut(&conn).expect("a connection");
                    assert!(!said.closed, "nothing is said after the end");
                    data.iter().for_each(|chunk| said.bytes.extend_from_slice(chunk));
                    let bytes = data.iter().map(Bytes::len).sum();
                    self.broker.handle(self.now, Input::Sent { conn, bytes });
                }
                Output::Close { conn, .. } => {
                    self.said.get_mut(&conn).expect("a connection").closed = true;
                    self.unread.remove(&conn);
                }
                Output::Pause { conn } => {
                    self.paused.insert(conn);
                }
                Output::Resume { conn } => {
                    self.paused.remove(&conn);
                    if let Some(data) = self.unread.get_mut(&conn) {
                        self.broker.handle(self.now, Input::Received { conn, data });
                    }
                }
                Output::Event(_) => {}
                Output::Open { .. } => panic!("a broker opens nothing"),
            }
        }
    }

    pub(crate) fn hang_up(&mut self, conn: ConnId) {
        if self.unread.remove(&conn).is_some() {
            self.broker.handle(self.now, Input::Closed { conn, cause: Cause::Eof });
            self.drain();
        }
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.broker.deadline().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.broker.handle(self.now, Input::Timeout);
            self.drain();
            assert!(self.broker.deadline().is_none_or(|at| at > self.now));
        }
        self.now = end;
    }

    pub(crate) fn closed(&self, conn: ConnId) -> bool {
        self.said[&conn].closed
    }

    pub(crate) fn frame<R: Request>(&mut self, version: i16, request: &R) -> (i32, Vec<u8>) {
        self.next_id += 1;
        let mut writer = Writer::new();
        write_request(&mut writer, version, self.next_id, Some(&"raw".into()), request).unwrap();
        (self.next_id, writer.finish().iter().flatten().copied().collect())
    }

    /// The next answer on a connection.
    pub(crate) fn heard<R: Request>(&mut self, conn: ConnId, version: i16) -> (i32, R::Response) {
        let said = self.said.get_mut(&conn).expect("a connection");
        let frame = Splitter::default().next(&mut said.bytes).unwrap().expect("an answer");
        let (header, body) = split_response(&frame, &R::API, version).unwrap();
        let mut reader = Reader::new(&body);
        let answer = R::Response::decode(version, &mut reader).unwrap();
        assert_eq!(reader.remaining(), 0);
        (header.correlation_id, answer)
    }

    pub(crate) fn ask<R: Request>(&mut self, conn: ConnId, version: i16, r: &R) -> R::Response {
        let (id, bytes) = self.frame(version, r);
        self.feed(conn, &bytes);
        let (answered, response) = self.heard::<R>(conn, version);
        assert_eq!(answered, id);
        response
    }
}
