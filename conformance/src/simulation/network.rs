//! The network of a [`super::World`]: wires between engines, and what befalls them.

use std::time::Duration;

use bytes::BytesMut;
use gridwire_core::endpoint::{
    Cause, Chunks, ConnId, Endpoint, Input, ListenerId, Output, Peer, Shutdown, Target,
};
use gridwire_core::rng::Rng;
use gridwire_core::slab::{Key, Slab};
use gridwire_core::time::Instant;
use gridwire_core::timers::Timers;

/// What the network does to connections. Chances are in thousandths, for each piece of bytes.
#[derive(Debug, Clone, Copy)]
pub struct Faults {
    /// The least and most time that a piece is under way.
    pub delay: (Duration, Duration),
    /// The most bytes that arrive in one piece.
    pub piece: usize,
    /// Connections that break.
    pub reset: u64,
    /// Directions that stand still for [`Faults::stall_for`].
    pub stall: u64,
    /// How long they stand still.
    pub stall_for: Duration,
    /// Attempts to connect that are refused.
    pub refuse: u64,
}

impl Faults {
    /// A network of a fifth of a millisecond that breaks nothing, and cuts nothing.
    pub const fn none() -> Self {
        Self {
            delay: (Duration::from_micros(200), Duration::from_micros(200)),
            piece: usize::MAX,
            reset: 0,
            stall: 0,
            stall_for: Duration::ZERO,
            refuse: 0,
        }
    }

    /// Faults drawn for one run: some runs are calm, some only cut, some break often.
    pub fn drawn(rng: &mut Rng) -> Self {
        let pieces = [usize::MAX, 1460, 64, 7, 1];
        Self {
            delay: (Duration::from_micros(50), Duration::from_micros(100 + rng.below(20_000))),
            piece: rng.choose(&pieces).copied().unwrap_or(usize::MAX),
            reset: rng.choose(&[0, 0, 1, 5]).copied().unwrap_or(0),
            stall: rng.choose(&[0, 0, 1, 4]).copied().unwrap_or(0),
            stall_for: Duration::from_millis(rng.below(30_000)),
            refuse: rng.choose(&[0, 0, 200]).copied().unwrap_or(0),
        }
    }
}

/// How a target can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// As everything else.
    Whole,
    /// Attempts to connect are refused. What is connected stays so.
    Refused,
    /// Nothing comes through, and nobody is told; bytes that were sent come through when this is over,
    /// if their connection still stands then.
    Silent,
}

impl Reach {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Refused => "refused",
            Self::Silent => "silent",
        }
    }
}

/// A target, who is there, and how it is reached.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) target: Target,
    server: usize,
    on: ListenerId,
    reach: Reach,
    /// How long pieces are under way beyond what they are elsewhere.
    slow: Duration,
    /// What does not come through now.
    held: Vec<Happening>,
}

impl Route {
    pub(super) fn new(target: Target, server: usize, on: ListenerId) -> Self {
        Self { target, server, on, reach: Reach::Whole, slow: Duration::ZERO, held: Vec::new() }
    }
}

/// Which engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Client,
    Server(usize),
}

#[derive(Debug)]
pub(super) enum Happening {
    /// A connection reaches its server.
    Arrive(Key, ConnId),
    /// A piece reaches its end.
    Deliver(Key, End, Vec<u8>),
    /// The transport took a piece.
    Taken(Key, End, usize),
    /// One end closed in good order, and all it sent has arrived.
    Finish(Key, End),
    /// The connection breaks.
    Reset(Key),
}

/// An end of a wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Client,
    Server,
}

impl End {
    fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

impl Happening {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Arrive(..) => "arrive",
            Self::Deliver(_, End::Client, _) => "to client",
            Self::Deliver(_, End::Server, _) => "to server",
            Self::Taken(..) => "taken",
            Self::Finish(..) => "finish",
            Self::Reset(..) => "reset",
        }
    }

    pub(super) fn detail(&self) -> u64 {
        match self {
            Self::Deliver(_, _, bytes) => bytes.len() as u64,
            Self::Taken(_, _, bytes) => *bytes as u64,
            Self::Arrive(wire, _) | Self::Finish(wire, _) | Self::Reset(wire) => wire.to_u64(),
        }
    }

    /// The wire, unless it happens at one end alone.
    fn across(&self) -> Option<Key> {
        match self {
            Self::Arrive(wire, _)
            | Self::Deliver(wire, ..)
            | Self::Finish(wire, _)
            | Self::Reset(wire) => Some(*wire),
            Self::Taken(..) => None,
        }
    }
}

/// What one end has received.
#[derive(Debug, Default)]
struct Inbox {
    conn: Option<ConnId>,
    unread: BytesMut,
    paused: bool,
    /// When the last piece for this end arrives: pieces don't overtake.
    last: Instant,
}

#[derive(Debug)]
struct Wire {
    route: usize,
    server: usize,
    client_end: Inbox,
    server_end: Inbox,
}

impl Wire {
    fn inbox(&mut self, end: End) -> &mut Inbox {
        match end {
            End::Client => &mut self.client_end,
            End::Server => &mut self.server_end,
        }
    }
}

#[derive(Debug)]
pub(super) struct Network {
    pub(super) rng: Rng,
    pub(super) faults: Faults,
    /// Bytes that were taken of all connections, in both directions.
    pub(super) carried: u64,
    /// How many more bytes are taken before the connection of the next one breaks.
    pub(super) cut_after: Option<u64>,
    /// Connections that stood and ended at the client.
    pub(super) lost: u64,
    pub(super) routes: Vec<Route>,
    wires: Slab<Wire>,
    happenings: Timers<Happening>,
}

impl Network {
    pub(super) fn new(rng: Rng, faults: Faults, routes: Vec<Route>) -> Self {
        let (wires, happenings) = (Slab::default(), Timers::default());
        Self { rng, faults, carried: 0, cut_after: None, lost: 0, routes, wires, happenings }
    }

    pub(super) fn set_reach(&mut self, now: Instant, route: usize, reach: Reach, slow: Duration) {
        let Some(route) = self.routes.get_mut(route) else { return };
        (route.reach, route.slow) = (reach, slow);
        if reach != Reach::Silent {
            // In the order in which it would have come, and before anything that is sent from now on.
            for happening in std::mem::take(&mut route.held) {
                self.happenings.set(now, happening);
            }
        }
    }

    pub(super) fn ids(&self) -> Vec<Key> {
        self.wires.keys()
    }

    pub(super) fn schedule(&mut self, at: Instant, happening: Happening) {
        self.happenings.set(at, happening);
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.happenings.deadline()
    }

    pub(super) fn pop(&mut self, now: Instant) -> Option<Happening> {
        loop {
            let happening = self.happenings.pop(now)?;
            let route = happening.across().and_then(|wire| self.wires.get(wire)).map(|w| w.route);
            match route.and_then(|route| self.routes.get_mut(route)) {
                Some(route) if route.reach == Reach::Silent => route.held.push(happening),
                _ => return Some(happening),
            }
        }
    }

    pub(super) fn open(&mut self, now: Instant, conn: ConnId, route: usize) {
        let Some(server) = self.routes.get(route).map(|route| route.server) else { return };
        let client_end = Inbox { conn: Some(conn), ..Inbox::default() };
        let server_end = Inbox::default();
        let key = self.wires.insert(Wire { route, server, client_end, server_end });
        let at = now + self.delay(route);
        self.schedule(at, Happening::Arrive(key, conn));
    }

    fn delay(&mut self, route: usize) -> Duration {
        let (least, most) = self.faults.delay;
        let slow = self.routes.get(route).map_or(Duration::ZERO, |route| route.slow);
        let spread = most.saturating_sub(least).as_nanos() as u64;
        slow + least + Duration::from_nanos(self.rng.below(spread))
    }

    fn chance(&mut self, thousandths: u64) -> bool {
        thousandths > 0 && self.rng.below(1000) < thousandths
    }

    fn find(&self, side: Side, conn: ConnId) -> Option<(Key, End)> {
        self.wires.iter().find_map(|(key, wire)| match side {
            Side::Client if wire.client_end.conn == Some(conn) => Some((key, End::Client)),
            Side::Server(index) if wire.server == index && wire.server_end.conn == Some(conn) => {
                Some((key, End::Server))
            }
            _ => None,
        })
    }

    /// Does what an engine wants of the network.
    pub(super) fn output<E: Endpoint>(
        &mut self,
        now: Instant,
        side: Side,
        output: Output<E::Event>,
        engine: &mut E,
    ) {
        match output {
            Output::Send { conn, data } => {
                if let Some((wire, from)) = self.find(side, conn) {
                    self.send(now, wire, from, &data);
                }
            }
            Output::Close { conn, how } => {
                let Some((wire, from)) = self.find(side, conn) else { return };
                let Some(ends) = self.wires.get_mut(wire) else { return };
                self.lost += u64::from(from == End::Client && ends.server_end.conn.is_some());
                ends.inbox(from).conn = None;
                let last = ends.inbox(from.other()).last.max(now);
                match how {
                    Shutdown::Flush(_) => self.schedule(last, Happening::Finish(wire, from)),
                    Shutdown::Now => self.schedule(now, Happening::Reset(wire)),
                }
            }
            Output::Pause { conn } => self.hold(side, conn, true),
            Output::Resume { conn } => {
                self.hold(side, conn, false);
                let Some((wire, end)) = self.find(side, conn) else { return };
                self.offer(now, wire, end, engine);
            }
            Output::Open { .. } | Output::Event(_) => {}
        }
    }

    fn hold(&mut self, side: Side, conn: ConnId, paused: bool) {
        if let Some((wire, end)) = self.find(side, conn)
            && let Some(wire) = self.wires.get_mut(wire)
        {
            wire.inbox(end).paused = paused;
        }
    }

    fn send(&mut self, now: Instant, wire: Key, from: End, data: &Chunks) {
        let all: Vec<u8> = data.iter().flat_map(|chunk| chunk.iter().copied()).collect();
        let mut rest = &all[..];
        let mut is_cut = false;
        if let Some(left) = self.cut_after {
            is_cut = left < rest.len() as u64;
            rest = &rest[..left.min(rest.len() as u64) as usize];
            self.cut_after = (!is_cut).then(|| left - rest.len() as u64);
        }
        self.carried += rest.len() as u64;
        let Some(route) = self.wires.get(wire).map(|wire| wire.route) else { return };
        while !rest.is_empty() {
            let most = self.faults.piece.min(rest.len());
            let length = 1 + self.rng.below(most as u64) as usize;
            let (piece, after) = rest.split_at(length);
            rest = after;
            let mut at = now + self.delay(route);
            if self.chance(self.faults.stall) {
                at = at + self.faults.stall_for;
            }
            let Some(ends) = self.wires.get_mut(wire) else { return };
            let inbox = ends.inbox(from.other());
            inbox.last = inbox.last.max(at);
            let at = inbox.last;
            self.schedule(now, Happening::Taken(wire, from, length));
            self.schedule(at, Happening::Deliver(wire, from.other(), piece.to_vec()));
            if self.chance(self.faults.reset) {
                self.schedule(at, Happening::Reset(wire));
            }
        }
        if is_cut && let Some(ends) = self.wires.get_mut(wire) {
            let at = ends.inbox(from.other()).last.max(now);
            self.schedule(at, Happening::Reset(wire));
        }
    }

    /// Lets one thing happen.
    pub(super) fn happen<C: Endpoint, S: Endpoint>(
        &mut self,
        now: Instant,
        happening: Happening,
        client: &mut C,
        servers: &mut [S],
    ) {
        match happening {
            Happening::Arrive(wire, conn) => {
                let refused = self.chance(self.faults.refuse);
                let Some(ends) = self.wires.get(wire) else { return };
                let Some(server) = servers.get_mut(ends.server) else { return };
                let Some(route) = self.routes.get(ends.route) else { return };
                // The client may have given the attempt up meanwhile.
                if ends.client_end.conn.is_none() {
                    self.wires.remove(wire);
                    return;
                }
                let accepted = if refused || route.reach == Reach::Refused {
                    None
                } else {
                    server.accept(now, route.on, &Peer::default())
                };
                let Some(ends) = self.wires.get_mut(wire) else { return };
                match accepted {
                    Some(other) => {
                        ends.server_end.conn = Some(other);
                        client.handle(now, Input::Opened { conn, peer: &Peer::default() });
                    }
                    None => {
                        self.wires.remove(wire);
                        client.handle(now, Input::Closed { conn, cause: Cause::Refused });
                    }
                }
            }
            Happening::Deliver(wire, to, bytes) => {
                let Some(ends) = self.wires.get_mut(wire) else { return };
                let index = ends.server;
                ends.inbox(to).unread.extend_from_slice(&bytes);
                match (to, servers.get_mut(index)) {
                    (End::Client, _) => self.offer(now, wire, to, client),
                    (End::Server, Some(server)) => self.offer(now, wire, to, server),
                    (End::Server, None) => {}
                }
            }
            Happening::Taken(wire, by, bytes) => {
                let Some(ends) = self.wires.get_mut(wire) else { return };
                let Some(conn) = ends.inbox(by).conn else { return };
                let input = Input::Sent { conn, bytes };
                match (by, servers.get_mut(ends.server)) {
                    (End::Client, _) => client.handle(now, input),
                    (End::Server, Some(server)) => server.handle(now, input),
                    (End::Server, None) => {}
                }
            }
            Happening::Finish(wire, by) => {
                self.end(now, wire, Some(by), &Cause::Eof, client, servers);
            }
            Happening::Reset(wire) => self.end(now, wire, None, &Cause::Reset, client, servers),
        }
    }

    fn end<C: Endpoint, S: Endpoint>(
        &mut self,
        now: Instant,
        wire: Key,
        by: Option<End>,
        cause: &Cause,
        client: &mut C,
        servers: &mut [S],
    ) {
        let Some(ends) = self.wires.remove(wire) else { return };
        if let Some(conn) = ends.client_end.conn.filter(|_| by != Some(End::Client)) {
            self.lost += u64::from(ends.server_end.conn.is_some());
            client.handle(now, Input::Closed { conn, cause: cause.clone() });
        }
        let server = servers.get_mut(ends.server);
        if let (Some(conn), Some(server)) = (ends.server_end.conn, server)
            && by != Some(End::Server)
        {
            server.handle(now, Input::Closed { conn, cause: cause.clone() });
        }
    }

    /// Hands an end what it has not consumed, unless it is paused.
    fn offer<E: Endpoint>(&mut self, now: Instant, wire: Key, end: End, engine: &mut E) {
        let Some(ends) = self.wires.get_mut(wire) else { return };
        let inbox = ends.inbox(end);
        let (false, Some(conn)) = (inbox.paused, inbox.conn) else { return };
        engine.handle(now, Input::Received { conn, data: &mut inbox.unread });
    }
}
