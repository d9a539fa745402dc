//! [`Client`]: many calls to one agent, over one connection or several.
//!
//! ```text
//!   slot:  Waiting --reconnect--> Opening --Opened--> ExpectCaps --CAPS--> Ready
//!             ^                      | 5 s               | 5 s               | silence
//!             +----------------------+-------------------+-------------------+
//! ```
//!
//! A request goes to the ready connection that owes the fewest replies; while there is none it waits.
//! Replies are told apart by `inReplyTo`, and where a plain peer leaves that out, by their order: so
//! a call that ended keeps its place in the order. What was not sent when a connection ended is sent
//! on another; what may have reached the agent is sent again only if it is idempotent.

mod connection;

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;

use crate::backoff::{Backoff, BackoffRules};
use crate::call::{Caller, ClientEvent, Failure, Order, Plan, SubscriptionId, Ticket};
use crate::calls::{Action, Calls, RequestId};
use crate::correlation::{Correlation, Lookup};
use crate::endpoint::{ConnId, Endpoint, Engine, Input, Output, Shutdown, Start, Target};
use crate::heartbeat::HeartbeatRules;
use crate::links::{LinkLimits, Links};
use crate::rng::{Map, Rng};
use crate::text::Str;
use crate::time::{Clock, Instant};
use crate::timers::Timers;
use crate::xcp::error::Error;
use crate::xcp::family::{Bodies, Context, Never, Request, Xcp};
use crate::xcp::session::{Agreed, Terms};
use connection::{Connection, Flight};

/// How a client is set up.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Where the agent listens.
    pub target: Target,
    /// How many connections to keep; 1 by default.
    pub connections: usize,
    /// What the client brings to the handshake.
    pub terms: Terms,
    /// The most time for a connection to stand; 5 s by default.
    pub connect_timeout: Duration,
    /// The most time from there to CAPS; 5 s by default.
    pub handshake_timeout: Duration,
    /// The most time of a call that names none; 30 s by default, `None` is without end.
    pub call_timeout: Option<Duration>,
    /// When to ping a silent agent, and when to give it up: 15 s and 45 s by default.
    pub heartbeat: HeartbeatRules,
    /// How to reconnect: after 100 ms, doubled up to 10 s, half of it random, for ever by default.
    pub reconnect: BackoffRules,
    /// Requests that a connection may owe replies to, and those that wait for one; 1,024 by default.
    pub in_flight: usize,
    /// Bounds of the output queue.
    pub limits: LinkLimits,
}

impl Config {
    /// The defaults, for an agent at `target`.
    pub fn new(target: Target) -> Self {
        Self {
            target,
            connections: 1,
            terms: Terms::default(),
            connect_timeout: Duration::from_secs(5),
            handshake_timeout: Duration::from_secs(5),
            call_timeout: Some(Duration::from_secs(30)),
            heartbeat: HEARTBEAT,
            reconnect: BackoffRules {
                initial: Duration::from_millis(100),
                max: Duration::from_secs(10),
                multiplier: 2.0,
                jitter: 0.5,
                give_up_after: None,
            },
            in_flight: 1024,
            limits: LinkLimits::default(),
        }
    }

    /// The defaults, for an agent at a host and port.
    pub fn to(host: impl Into<Str>, port: u16) -> Self {
        Self::new(Target::new(host, port))
    }
}

/// A ping after 15 s of silence, dead after two that stayed unanswered.
pub(crate) const HEARTBEAT: HeartbeatRules = HeartbeatRules {
    interval: Some(Duration::from_secs(15)),
    timeout: Some(Duration::from_secs(45)),
    idle: None,
};

/// One of the connections to keep.
#[derive(Debug)]
struct Slot {
    conn: Option<ConnId>,
    backoff: Backoff,
}

#[derive(Debug, Clone, Copy)]
enum Alarm {
    /// Time to open a slot's connection again.
    Reconnect(usize),
    /// A connection's time to stand, to shake hands, or to be looked at, is up.
    Connection(ConnId),
}

/// The client engine.
#[derive(Debug)]
pub struct Client {
    config: Config,
    context: Context,
    links: Links<Connection, ClientEvent<Xcp>>,
    calls: Calls<Xcp>,
    slots: Vec<Slot>,
    timers: Timers<Alarm>,
    flights: Correlation<Flight>,
    /// The wire's ids of requests that somebody waits for.
    wire_ids: Map<RequestId, u64>,
    /// Requests that wait for a connection.
    queue: VecDeque<(RequestId, Request)>,
    codec: Arc<Bodies>,
    ready: usize,
    ended: bool,
}

impl Engine for Client {
    type Config = Config;

    fn start(config: Config, start: Start) -> Self {
        let mut rng = Rng::new(start.seed);
        let slot = || Slot { conn: None, backoff: Backoff::new(config.reconnect) };
        let mut client = Self {
            links: Links::new(config.limits),
            calls: Calls::default(),
            slots: (0..config.connections.max(1)).map(|_| slot()).collect(),
            timers: Timers::default(),
            flights: Correlation::new(1, rng.hash_key()),
            wire_ids: Map::with_hasher(rng.hash_key()),
            queue: VecDeque::new(),
            codec: Arc::default(),
            ready: 0,
            ended: false,
            context: Context { clock: Clock::new(start.unix_at_zero), rng },
            config,
        };
        for slot in 0..client.slots.len() {
            client.open(None, slot);
        }
        client
    }
}

impl Client {
    /// What was agreed with the agent, for each connection that is ready.
    pub fn agreed(&self) -> impl Iterator<Item = (ConnId, &Agreed)> {
        self.links.iter().filter_map(|(conn, link)| Some((conn, link.session.agreed()?)))
    }

    /// Does what the calls ask for until they ask for nothing.
    fn work(&mut self) {
        while let Some(action) = self.calls.poll() {
            match action {
                Action::Send(id, request) => self.route(id, request),
                Action::Withdraw(id, _) => self.withdraw(id),
                Action::Finish(ticket, result, _) => {
                    self.links.event(ClientEvent::Done(ticket, result));
                }
            }
        }
    }

    fn answered(&mut self, id: RequestId, result: Result<crate::xcp::Answer, Error>) {
        let now = self.context.clock.now();
        self.calls.answered(now, id, result, &mut self.context);
    }

    fn withdraw(&mut self, id: RequestId) {
        self.queue.retain(|(waiting, _)| *waiting != id);
        let Some(wire_id) = self.wire_ids.remove(&id) else { return };
        let Lookup::Found(flight) = self.flights.get_mut(wire_id) else { return };
        flight.call = None;
        let conn = flight.conn;
        let Some(link) = self.links.get_mut(conn) else { return };
        link.waited_for = link.waited_for.saturating_sub(1);
        // A plain peer will answer all the same, so the place is kept.
        if !link.session.is_plain() {
            link.owed = link.owed.saturating_sub(1);
            let _ = self.flights.take(wire_id);
            self.say_room(conn);
        }
    }
}

impl Endpoint for Client {
    type Event = ClientEvent<Xcp>;

    fn handle(&mut self, now: Instant, input: Input<'_>) {
        let now = self.context.clock.advance(now);
        match input {
            Input::Opened { conn, .. } => self.opened(now, conn),
            Input::Received { conn, data } => self.received(now, conn, data),
            Input::Sent { conn, bytes } => self.taken(conn, bytes),
            Input::Closed { conn, cause } => {
                if let Some(ended) = self.links.closed(conn) {
                    self.lost(now, conn, ended, &cause, None);
                }
            }
            Input::Timeout => {
                while let Some(alarm) = self.timers.pop(now) {
                    match alarm {
                        Alarm::Reconnect(slot) => self.open(Some(now), slot),
                        Alarm::Connection(conn) => self.overdue(now, conn),
                    }
                }
                self.calls.handle_timeout(now, &mut self.context);
            }
        }
        self.work();
    }

    fn poll_output(&mut self) -> Option<Output<ClientEvent<Xcp>>> {
        self.links.poll_output()
    }

    fn deadline(&self) -> Option<Instant> {
        [self.timers.deadline(), self.calls.deadline()].into_iter().flatten().min()
    }
}

impl Caller for Client {
    type Family = Xcp;

    fn submit(&mut self, now: Instant, order: Order<Xcp>) -> Ticket {
        let now = self.context.clock.advance(now);
        let order =
            if self.ended { Order::new(Plan::fail(Failure::ShutDown.into())) } else { order };
        let timeout = self.config.call_timeout;
        let ticket = self.calls.submit(now, order, timeout, &mut self.context);
        self.work();
        ticket
    }

    fn subscribe(&mut self, _: Instant, listen: Never) -> (Ticket, SubscriptionId) {
        match listen {}
    }

    fn unsubscribe(&mut self, _: Instant, _: SubscriptionId) {}

    fn cancel(&mut self, now: Instant, ticket: Ticket) {
        let now = self.context.clock.advance(now);
        self.calls.cancel(now, ticket, &mut self.context);
        self.work();
    }

    fn shut_down(&mut self, now: Instant) {
        let now = self.context.clock.advance(now);
        self.end(now, &Failure::ShutDown, Ok(()));
    }

    fn codec(&self) -> Arc<Bodies> {
        Arc::clone(&self.codec)
    }
}

impl Client {
    /// Ends everything; the last event says why.
    fn end(&mut self, now: Instant, failure: &Failure, why: Result<(), Error>) {
        if core::mem::replace(&mut self.ended, true) {
            return;
        }
        self.timers = Timers::default();
        self.calls.fail_all(now, failure, &mut self.context);
        self.work();
        for conn in self.slots.iter_mut().filter_map(|slot| slot.conn.take()) {
            self.links.close(conn, Shutdown::Flush(Duration::from_secs(1)));
        }
        self.links.event(ClientEvent::ShutDown(why));
    }
}
