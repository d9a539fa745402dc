//! Joins an XCP client to an agent in memory. Bytes arrive in pieces that a seed decides.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use gridwire_core::call::{Call, Caller, ClientEvent, Ticket, Unopened};
use gridwire_core::endpoint::{
    Cause, ConnId, Endpoint, Engine, Input, ListenerId, Output, Peer, Start,
};
use gridwire_core::rng::Rng;
use gridwire_core::time::Instant;
use gridwire_core::xcp::client::{self, Client};
use gridwire_core::xcp::server::{self, XcpAgent};
use gridwire_core::xcp::{Answer, Error, Xcp};

/// One direction of one connection: where it leads, what has not arrived and what was not consumed.
#[derive(Default)]
struct Lane {
    from: Option<ConnId>,
    under_way: VecDeque<u8>,
    unread: BytesMut,
    paused: bool,
}

/// Both engines, what is under way between them, and time.
pub struct Pipe {
    pub client: Client,
    pub agent: XcpAgent,
    pub now: Instant,
    pub events: VecDeque<ClientEvent<Xcp>>,
    pub agent_events: VecDeque<server::Event>,
    /// No connection is accepted while this is set.
    pub refuse: bool,
    /// Bytes move while this is unset.
    pub stalled: bool,
    rng: Rng,
    /// By the id at the receiving end.
    to_client: BTreeMap<ConnId, Lane>,
    to_agent: BTreeMap<ConnId, Lane>,
}

pub fn start(seed: u64) -> Start {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    Start { seed: bytes, unix_at_zero: Duration::from_secs(1_700_000_000) }
}

impl Pipe {
    pub fn new(seed: u64, client: client::Config, agent: server::Config) -> Self {
        Self {
            client: Client::start(client, start(seed)),
            agent: XcpAgent::start(agent, start(seed + 1)),
            now: Instant::from_millis(5_000),
            events: VecDeque::new(),
            agent_events: VecDeque::new(),
            refuse: false,
            stalled: false,
            rng: Rng::new(start(seed + 2).seed),
            to_client: BTreeMap::new(),
            to_agent: BTreeMap::new(),
        }
    }

    /// Moves bytes until nothing moves.
    pub fn run(&mut self) {
        while self.drain() || self.carry() {}
    }

    fn drain(&mut self) -> bool {
        let mut moved = false;
        while let Some(output) = self.client.poll_output() {
            moved = true;
            match output {
                Output::Open { conn, .. } => self.open(conn),
                Output::Send { conn, data } => {
                    let lane = self.to_agent.values_mut().find(|lane| lane.from == Some(conn));
                    lane.unwrap().under_way.extend(data.iter().flatten());
                }
                Output::Close { conn, .. } => {
                    self.to_client.remove(&conn);
                    let other = self.to_agent.iter().find(|(_, lane)| lane.from == Some(conn));
                    if let Some((&other, _)) = other {
                        self.to_agent.remove(&other);
                        self.agent
                            .handle(self.now, Input::Closed { conn: other, cause: Cause::Eof });
                    }
                }
                Output::Pause { conn } => self.to_client.get_mut(&conn).unwrap().paused = true,
                Output::Resume { conn } => {
                    if let Some(lane) = self.to_client.get_mut(&conn) {
                        lane.paused = false;
                        let data = &mut lane.unread;
                        self.client.handle(self.now, Input::Received { conn, data });
                    }
                }
                Output::Event(event) => self.events.push_back(event),
            }
        }
        while let Some(output) = self.agent.poll_output() {
            moved = true;
            match output {
                Output::Send { conn, data } => {
                    let lane = self.to_client.values_mut().find(|lane| lane.from == Some(conn));
                    if let Some(lane) = lane {
                        lane.under_way.extend(data.iter().flatten());
                    }
                }
                Output::Close { conn, .. } => {
                    // What was sent before arrives before the end.
                    self.to_agent.remove(&conn);
                    let other = self.to_client.iter().find(|(_, lane)| lane.from == Some(conn));
                    if let Some((&other, _)) = other {
                        while self.carry_one(other, false) {}
                        self.to_client.remove(&other);
                        self.client
                            .handle(self.now, Input::Closed { conn: other, cause: Cause::Eof });
                    }
                }
                Output::Pause { conn } => self.to_agent.get_mut(&conn).unwrap().paused = true,
                Output::Resume { conn } => {
                    if let Some(lane) = self.to_agent.get_mut(&conn) {
                        lane.paused = false;
                        let data = &mut lane.unread;
                        self.agent.handle(self.now, Input::Received { conn, data });
                    }
                }
                Output::Event(event) => self.agent_events.push_back(event),
                Output::Open { .. } => panic!("agents open nothing"),
            }
        }
        moved
    }

    fn open(&mut self, conn: ConnId) {
        let peer = Peer::default();
        let accepts = !self.refuse;
        let other = accepts.then(|| self.agent.accept(self.now, ListenerId(0), &peer)).flatten();
        match other {
            Some(other) => {
                self.to_client.insert(conn, Lane { from: Some(other), ..Lane::default() });
                self.to_agent.insert(other, Lane { from: Some(conn), ..Lane::default() });
                self.client.handle(self.now, Input::Opened { conn, peer: &peer });
            }
            None => {
                self.client.handle(self.now, Input::Closed { conn, cause: Cause::Refused });
            }
        }
    }

    fn carry(&mut self) -> bool {
        if self.stalled {
            return false;
        }
        let agents: Vec<_> = self.to_agent.keys().copied().collect();
        let clients: Vec<_> = self.to_client.keys().copied().collect();
        let mut moved = false;
        for conn in agents {
            moved |= self.carry_one(conn, true);
        }
        for conn in clients {
            moved |= self.carry_one(conn, false);
        }
        moved
    }

    /// Hands over a piece of a lane, and tells the sender that it was taken.
    fn carry_one(&mut self, conn: ConnId, to_agent: bool) -> bool {
        let lanes = if to_agent { &mut self.to_agent } else { &mut self.to_client };
        let Some(lane) = lanes.get_mut(&conn).filter(|lane| !lane.paused) else { return false };
        let most = lane.under_way.len();
        if most == 0 {
            return false;
        }
        let bytes =
            (self.rng.below(most as u64) as usize + 1).min(1 + self.rng.below(300) as usize);
        lane.unread.extend(lane.under_way.drain(..bytes));
        let from = lane.from.unwrap();
        let data = &mut lane.unread;
        if to_agent {
            self.agent.handle(self.now, Input::Received { conn, data });
            self.client.handle(self.now, Input::Sent { conn: from, bytes });
        } else {
            self.client.handle(self.now, Input::Received { conn, data });
            self.agent.handle(self.now, Input::Sent { conn: from, bytes });
        }
        true
    }

    /// Hands the client bytes that the agent never sent.
    pub fn inject(&mut self, bytes: &[u8]) {
        let lane = self.to_client.values_mut().next().expect("a connection");
        lane.under_way.extend(bytes);
        self.run();
    }

    /// Breaks all connections under both engines.
    pub fn reset(&mut self) {
        for (conn, _) in std::mem::take(&mut self.to_client) {
            self.client.handle(self.now, Input::Closed { conn, cause: Cause::Reset });
        }
        for (conn, _) in std::mem::take(&mut self.to_agent) {
            self.agent.handle(self.now, Input::Closed { conn, cause: Cause::Reset });
        }
        self.run();
    }

    /// Lets time pass, waking whoever asked to be woken on the way.
    pub fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        self.run();
        loop {
            let due = [self.client.deadline(), self.agent.deadline()].into_iter().flatten().min();
            let Some(at) = due.filter(|at| *at <= end) else { break };
            self.now = self.now.max(at);
            self.client.handle(self.now, Input::Timeout);
            self.agent.handle(self.now, Input::Timeout);
            self.run();
        }
        self.now = end;
    }

    /// The end of a call, if it has ended.
    pub fn end(&mut self, ticket: Ticket) -> Option<Result<Answer, Error>> {
        self.run();
        let place = self
            .events
            .iter()
            .position(|event| matches!(event, ClientEvent::Done(ended, _) if *ended == ticket))?;
        match self.events.remove(place) {
            Some(ClientEvent::Done(_, result)) => Some(result),
            _ => None,
        }
    }

    /// Runs a call to its end as an adapter does.
    pub fn call<R: 'static>(&mut self, call: Call<Xcp, R>) -> Result<R, Error> {
        let ticket = self.client.submit(self.now, call.order);
        let answer = self.end(ticket).expect("the call ends")?;
        call.opener.open(&answer, &self.client.codec()).map_err(|unopened| match unopened {
            Unopened::Failed(error) => error,
            Unopened::Needs(_) => unreachable!("nothing is ever missing"),
        })
    }

    /// The oldest request that the agent's user was asked to answer.
    pub fn asked(&mut self) -> Option<server::Request> {
        self.run();
        let is_request = |event: &server::Event| matches!(event, server::Event::Request(_));
        let place = self.agent_events.iter().position(is_request)?;
        match self.agent_events.remove(place) {
            Some(server::Event::Request(request)) => Some(request),
            _ => None,
        }
    }
}

/// All bytes of a frame.
pub fn flat(chunks: impl IntoIterator<Item = Bytes>) -> Vec<u8> {
    chunks.into_iter().flatten().collect()
}
