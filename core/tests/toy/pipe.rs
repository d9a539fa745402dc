//! Joins a client engine to a server engine in memory, one drain at a time.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::BytesMut;
use gridwire_core::endpoint::{Cause, ConnId, Endpoint, Input, ListenerId, Output, Peer};
use gridwire_core::time::Instant;

/// One direction's unconsumed bytes, and the other end's id.
#[derive(Default)]
struct Lane {
    other: Option<ConnId>,
    unread: BytesMut,
}

/// Both engines, the bytes between them, and time.
pub struct Pipe<C: Endpoint, S: Endpoint> {
    pub client: C,
    pub server: S,
    pub now: Instant,
    pub events: VecDeque<C::Event>,
    /// Bytes that the client sent are held back while this is set; and likewise the server's.
    pub hold_server: bool,
    to_client: BTreeMap<ConnId, Lane>,
    to_server: BTreeMap<ConnId, Lane>,
    /// How many sends the client made.
    pub sends: usize,
}

impl<C: Endpoint, S: Endpoint> Pipe<C, S> {
    pub fn new(client: C, server: S) -> Self {
        Self {
            client,
            server,
            now: Instant::ZERO,
            events: VecDeque::new(),
            hold_server: false,
            to_client: BTreeMap::new(),
            to_server: BTreeMap::new(),
            sends: 0,
        }
    }

    /// Moves bytes until nothing moves.
    pub fn run(&mut self) {
        while self.client_once() | self.server_once() {}
    }

    fn client_once(&mut self) -> bool {
        let mut moved = false;
        while let Some(output) = self.client.poll_output() {
            moved = true;
            match output {
                Output::Open { conn, .. } => {
                    match self.server.accept(self.now, ListenerId(0), &Peer::default()) {
                        Some(other) => {
                            self.to_client
                                .insert(conn, Lane { other: Some(other), ..Lane::default() });
                            self.to_server
                                .insert(other, Lane { other: Some(conn), ..Lane::default() });
                            self.client
                                .handle(self.now, Input::Opened { conn, peer: &Peer::default() });
                        }
                        None => self
                            .client
                            .handle(self.now, Input::Closed { conn, cause: Cause::Refused }),
                    }
                }
                Output::Send { conn, data } => {
                    self.sends += 1;
                    let Some(other) = self.to_client.get(&conn).and_then(|lane| lane.other) else {
                        continue;
                    };
                    let bytes = data.iter().map(bytes::Bytes::len).sum();
                    let lane = self.to_server.entry(other).or_default();
                    data.iter().for_each(|chunk| lane.unread.extend_from_slice(chunk));
                    self.client.handle(self.now, Input::Sent { conn, bytes });
                    let lane = self.to_server.entry(other).or_default();
                    self.server
                        .handle(self.now, Input::Received { conn: other, data: &mut lane.unread });
                }
                Output::Close { conn, .. } => {
                    if let Some(other) = self.to_client.remove(&conn).and_then(|lane| lane.other) {
                        self.to_server.remove(&other);
                        self.server
                            .handle(self.now, Input::Closed { conn: other, cause: Cause::Eof });
                    }
                }
                Output::Resume { conn } => self.offer(conn),
                Output::Pause { .. } => {}
                Output::Event(event) => self.events.push_back(event),
            }
        }
        moved
    }

    fn server_once(&mut self) -> bool {
        let mut moved = false;
        if self.hold_server {
            return false;
        }
        while let Some(output) = self.server.poll_output() {
            moved = true;
            match output {
                Output::Send { conn, data } => {
                    let Some(other) = self.to_server.get(&conn).and_then(|lane| lane.other) else {
                        continue;
                    };
                    let lane = self.to_client.entry(other).or_default();
                    data.iter().for_each(|chunk| lane.unread.extend_from_slice(chunk));
                    self.offer(other);
                }
                Output::Close { conn, .. } => {
                    if let Some(other) = self.to_server.remove(&conn).and_then(|lane| lane.other) {
                        self.to_client.remove(&other);
                        self.client
                            .handle(self.now, Input::Closed { conn: other, cause: Cause::Eof });
                    }
                }
                _ => {}
            }
        }
        moved
    }

    /// Offers the client its unconsumed bytes.
    fn offer(&mut self, conn: ConnId) {
        if let Some(lane) = self.to_client.get_mut(&conn) {
            self.client.handle(self.now, Input::Received { conn, data: &mut lane.unread });
        }
    }

    /// Hands the client bytes that the server engine never sent.
    pub fn inject(&mut self, conn: ConnId, bytes: &[u8]) {
        if let Some(lane) = self.to_client.get_mut(&conn) {
            lane.unread.extend_from_slice(bytes);
        }
        self.offer(conn);
        self.run();
    }

    /// Breaks a connection under both engines.
    pub fn reset(&mut self, conn: ConnId) {
        if let Some(other) = self.to_client.remove(&conn).and_then(|lane| lane.other) {
            self.to_server.remove(&other);
            self.server.handle(self.now, Input::Closed { conn: other, cause: Cause::Reset });
        }
        self.client.handle(self.now, Input::Closed { conn, cause: Cause::Reset });
        self.run();
    }

    /// Lets time pass, waking whoever asked to be woken on the way.
    pub fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        self.run();
        while let Some(at) = [self.client.deadline(), self.server.deadline()]
            .into_iter()
            .flatten()
            .min()
            .filter(|at| *at <= end)
        {
            self.now = self.now.max(at);
            self.client.handle(self.now, Input::Timeout);
            self.server.handle(self.now, Input::Timeout);
            self.run();
        }
        self.now = end;
    }
}
