//! A client and a broker on a network in memory that cuts every stream into pieces by a seed.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use gridwire_core::call::{
    Call, Caller, ClientEvent, Lifecycle, Listen, SubscriptionId, Ticket, Unopened,
};
use gridwire_core::endpoint::{Cause, ConnId, Endpoint, Input, ListenerId, Output, Peer};
use gridwire_core::invoker::Detached;
use gridwire_core::kafka::server::Broker;
use gridwire_core::kafka::{Answer, Client, Error, FetchedBatch, Kafka};
use gridwire_core::rng::Rng;
use gridwire_core::time::Instant;

/// One direction: bytes under way, and bytes that arrived and were not consumed.
#[derive(Default)]
struct Way {
    flying: BytesMut,
    unread: BytesMut,
    paused: bool,
}

struct Wire {
    server: ConnId,
    to_server: Way,
    to_client: Way,
}

/// The network.
pub(crate) struct Net {
    pub(crate) client: Client,
    pub(crate) broker: Broker,
    pub(crate) now: Instant,
    rng: Rng,
    wires: BTreeMap<ConnId, Wire>,
    pub(crate) done: BTreeMap<Ticket, Result<Answer, Error>>,
    pub(crate) items: VecDeque<FetchedBatch>,
    pub(crate) ended: Vec<(SubscriptionId, Result<(), Error>)>,
    pub(crate) lifecycle: Vec<Lifecycle>,
    pub(crate) shut_down: usize,
    /// Nobody listens.
    pub(crate) refuse: bool,
    /// After so many bytes to the client, counted over all connections, everything breaks once.
    pub(crate) cut_after: Option<usize>,
    pub(crate) bytes_to_client: usize,
    /// Frames that the client has sent, as many as sends.
    pub(crate) opened: usize,
}

impl Net {
    pub(crate) fn new(seed: u64, client: Client, broker: Broker) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        Self {
            client,
            broker,
            now: Instant::ZERO,
            rng: Rng::new(bytes),
            wires: BTreeMap::new(),
            done: BTreeMap::new(),
            items: VecDeque::new(),
            ended: Vec::new(),
            lifecycle: Vec::new(),
            shut_down: 0,
            refuse: false,
            cut_after: None,
            bytes_to_client: 0,
            opened: 0,
        }
    }

    /// Moves bytes until nothing moves.
    pub(crate) fn run(&mut self) {
        for _ in 0..1_000_000 {
            let moved = self.drain_client() | self.drain_broker() | self.deliver();
            if !moved {
                return;
            }
        }
        panic!("the engines never come to rest");
    }

    fn drain_client(&mut self) -> bool {
        let mut moved = false;
        while let Some(output) = self.client.poll_output() {
            moved = true;
            match output {
                Output::Open { conn, .. } => {
                    self.opened += 1;
                    let peer = Peer::default();
                    let server =
                        (!self.refuse).then(|| self.broker.accept(self.now, ListenerId(0), &peer));
                    match server.flatten() {
                        Some(server) => {
                            let wire = Wire {
                                server,
                                to_server: Way::default(),
                                to_client: Way::default(),
                            };
                            self.wires.insert(conn, wire);
                            self.client.handle(self.now, Input::Opened { conn, peer: &peer });
                        }
                        None => self
                            .client
                            .handle(self.now, Input::Closed { conn, cause: Cause::Refused }),
                    }
                }
                Output::Send { conn, data } => {
                    if let Some(wire) = self.wires.get_mut(&conn) {
                        let bytes = data.iter().map(Bytes::len).sum();
                        data.iter().for_each(|c| wire.to_server.flying.extend_from_slice(c));
                        self.client.handle(self.now, Input::Sent { conn, bytes });
                    }
                }
                Output::Close { conn, .. } => {
                    if let Some(wire) = self.wires.remove(&conn) {
                        let (conn, cause) = (wire.server, Cause::Eof);
                        self.broker.handle(self.now, Input::Closed { conn, cause });
                    }
                }
                Output::Pause { conn } => {
                    if let Some(wire) = self.wires.get_mut(&conn) {
                        wire.to_client.paused = true;
                    }
                }
                Output::Resume { conn } => {
                    if let Some(wire) = self.wires.get_mut(&conn) {
                        wire.to_client.paused = false;
                        let data = &mut wire.to_client.unread;
                        self.client.handle(self.now, Input::Received { conn, data });
                    }
                }
                Output::Event(event) => self.take(event),
            }
        }
        moved
    }

    fn take(&mut self, event: ClientEvent<Kafka>) {
        match event {
            ClientEvent::Done(ticket, result) => {
                assert!(self.done.insert(ticket, result).is_none(), "a call ended twice");
            }
            ClientEvent::Item(_, item) => self.items.push_back(item),
            ClientEvent::Ended(id, result) => self.ended.push((id, result)),
            ClientEvent::Lifecycle(state) => self.lifecycle.push(state),
            ClientEvent::ShutDown(result) => {
                assert_eq!(result, Ok(()));
                self.shut_down += 1;
            }
            ClientEvent::Room(_) | ClientEvent::Note(_) => {}
        }
    }

    fn drain_broker(&mut self) -> bool {
        let mut moved = false;
        while let Some(output) = self.broker.poll_output() {
            moved = true;
            match output {
                Output::Send { conn, data } => {
                    if let Some((_, wire)) = self.by_server(conn) {
                        let bytes = data.iter().map(Bytes::len).sum();
                        data.iter().for_each(|c| wire.to_client.flying.extend_from_slice(c));
                        self.broker.handle(self.now, Input::Sent { conn, bytes });
                    }
                }
                Output::Close { conn, .. } => {
                    if let Some((client, _)) = self.by_server(conn) {
                        // What was flushed arrives first.
                        while self.deliver_to_client(client) {}
                        self.wires.remove(&client);
                        let cause = Cause::Eof;
                        self.client.handle(self.now, Input::Closed { conn: client, cause });
                    }
                }
                Output::Pause { conn } => {
                    if let Some((_, wire)) = self.by_server(conn) {
                        wire.to_server.paused = true;
                    }
                }
                Output::Resume { conn } => {
                    if let Some(client) = self.by_server(conn).map(|(client, _)| client)
                        && let Some(wire) = self.wires.get_mut(&client)
                    {
                        wire.to_server.paused = false;
                        let data = &mut wire.to_server.unread;
                        self.broker.handle(self.now, Input::Received { conn, data });
                    }
                }
                Output::Event(_) => {}
                Output::Open { .. } => panic!("a broker opens nothing"),
            }
        }
        moved
    }

    fn by_server(&mut self, server: ConnId) -> Option<(ConnId, &mut Wire)> {
        let found = self.wires.iter_mut().find(|(_, wire)| wire.server == server);
        found.map(|(conn, wire)| (*conn, wire))
    }

    /// Delivers one piece of each stream.
    fn deliver(&mut self) -> bool {
        let mut moved = false;
        for conn in self.wires.keys().copied().collect::<Vec<_>>() {
            moved |= self.deliver_to_client(conn);
            let Some(wire) = self.wires.get_mut(&conn) else { continue };
            if !wire.to_server.paused && !wire.to_server.flying.is_empty() {
                let cut = 1 + self.rng.below(wire.to_server.flying.len() as u64) as usize;
                let piece = wire.to_server.flying.split_to(cut);
                wire.to_server.unread.extend_from_slice(&piece);
                let (conn, data) = (wire.server, &mut wire.to_server.unread);
                self.broker.handle(self.now, Input::Received { conn, data });
                moved = true;
            }
        }
        moved
    }

    fn deliver_to_client(&mut self, conn: ConnId) -> bool {
        let Some(wire) = self.wires.get_mut(&conn) else { return false };
        if wire.to_client.paused || wire.to_client.flying.is_empty() {
            return false;
        }
        let mut cut = 1 + self.rng.below(wire.to_client.flying.len() as u64) as usize;
        let mut breaks = false;
        if let Some(limit) = self.cut_after {
            let left = limit.saturating_sub(self.bytes_to_client);
            breaks = cut >= left;
            cut = cut.min(left);
        }
        let piece = wire.to_client.flying.split_to(cut);
        self.bytes_to_client += piece.len();
        wire.to_client.unread.extend_from_slice(&piece);
        let data = &mut wire.to_client.unread;
        self.client.handle(self.now, Input::Received { conn, data });
        if breaks {
            self.cut_after = None;
            self.reset_all();
        }
        true
    }

    /// Breaks every connection under both engines.
    pub(crate) fn reset_all(&mut self) {
        for (conn, wire) in std::mem::take(&mut self.wires) {
            let server = wire.server;
            self.broker.handle(self.now, Input::Closed { conn: server, cause: Cause::Reset });
            self.client.handle(self.now, Input::Closed { conn, cause: Cause::Reset });
        }
    }

    /// Lets time pass, waking whoever asked to be woken on the way.
    pub(crate) fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        self.run();
        while let Some(at) = [self.client.deadline(), self.broker.deadline()]
            .into_iter()
            .flatten()
            .min()
            .filter(|at| *at <= end)
        {
            self.now = self.now.max(at);
            self.client.handle(self.now, Input::Timeout);
            self.broker.handle(self.now, Input::Timeout);
            self.run();
            let next = [self.client.deadline(), self.broker.deadline()];
            assert!(next.into_iter().flatten().all(|at| at > self.now), "a deadline that stays");
        }
        self.now = end;
    }

    /// A proxy's invoker: its calls are run by [`Net::submit`].
    pub(crate) fn proxy(&self) -> Detached<Kafka> {
        Detached::new(self.client.codec())
    }

    pub(crate) fn submit<R>(&mut self, call: Call<Kafka, R>) -> Pending<R> {
        let ticket = self.client.submit(self.now, call.order);
        Pending { ticket, opener: call.opener }
    }

    pub(crate) fn take_end<R: 'static>(
        &mut self,
        pending: &Pending<R>,
    ) -> Option<Result<R, Error>> {
        let result = self.done.remove(&pending.ticket)?;
        Some(result.and_then(|answer| {
            pending.opener.open(&answer, &self.client.codec()).map_err(|unopened| match unopened {
                Unopened::Failed(error) => error,
                Unopened::Needs(_) => panic!("Kafka's answers need nothing"),
            })
        }))
    }

    /// Runs a call to its end, for at most five minutes of the net's time.
    pub(crate) fn call<R: 'static>(&mut self, call: Call<Kafka, R>) -> Result<R, Error> {
        let pending = self.submit(call);
        for _ in 0..3_000 {
            self.run();
            if let Some(end) = self.take_end(&pending) {
                return end;
            }
            self.pass(Duration::from_millis(100));
        }
        panic!("the call never ended");
    }

    pub(crate) fn subscribe<T>(&mut self, listen: Listen<Kafka, T>) -> (Ticket, SubscriptionId) {
        self.client.subscribe(self.now, listen.listen)
    }

    pub(crate) fn demand(&mut self, id: SubscriptionId, items: usize) {
        self.client.demand(self.now, id, items);
    }
}

/// A call that was submitted.
pub(crate) struct Pending<R> {
    pub(crate) ticket: Ticket,
    opener: gridwire_core::call::Opener<Kafka, Answer, R>,
}
