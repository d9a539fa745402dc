//! [`Client`]: a cluster's client, as one sans-IO engine.
//!
//! ```text
//!            targets in turn, backoff          views, members
//!   Connecting ----> authenticated connection ----> Connected ----> one connection per member
//!       ^                                              |
//!       +--------- the last connection is gone --------+
//! ```
//!
//! One idea per file: `config` and `cluster` are what users say; `round` finds a first member;
//! `connections` opens, authenticates and ends connections; `inbox` takes their messages; `waiting` keeps
//! to the limit of requests in flight; `invocations` routes requests, sends them, and sends them again;
//! `backups` waits for acknowledgements; `listeners` keeps subscriptions registered; `followers` has state
//! of the caller's side follow events; `watches` tells of the client itself, `statistics` tells members of
//! it; `prerequisites` has the cluster know what is used first; `context` is what the cluster is known to
//! be; `metrics` is what the client has done; [`configuration`] reads what users say from files and
//! variables.

mod backups;
mod cluster;
mod config;
pub mod configuration;
mod connections;
mod context;
mod followers;
mod inbox;
mod invocations;
mod listeners;
mod load;
mod metrics;
mod prerequisites;
mod round;
mod statistics;
mod waiting;
mod watches;

pub use cluster::{Cluster, Credentials, LoadBalancer, Reconnect, Routing, Translator};
pub use config::Config;
pub use context::Context;
pub(crate) use invocations::{Body, Flight};
pub use load::Load;
pub use metrics::Metrics;

use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

use self::backups::Acknowledgements;
use self::connections::Conn;
use self::inbox::Pending;
use self::invocations::Invocation;
use self::listeners::Subscription;
use self::prerequisites::Prerequisites;
use self::round::Round;
use self::waiting::Waiting;
use self::watches::Watch;
use super::Uuid;
use super::error::Error;
use super::family::{Hazelcast, Kind, Operation, Source};
use super::message::custom::MemberInfo;
use super::near_cache::NearCaches;
use super::serialization::Codec;
use super::serialization::compact::Schema;
use crate::call::{Caller, ClientEvent, Failure, Lifecycle, Order, Plan, SubscriptionId, Ticket};
use crate::calls::{Action, Calls, RequestId};
use crate::correlation::Correlation;
use crate::endpoint::{
    Cause, ConnId, Endpoint, Engine, Input, Note, Output, Severity, Shutdown, Start,
};
use crate::links::Links;
use crate::rng::{Map, Rng};
use crate::slab::Slab;
use crate::time::{Clock, Instant};
use crate::timers::Timers;

/// What a timer is for.
#[derive(Debug, Clone)]
enum Alarm {
    /// A connection's deadline, or its next heartbeat.
    Connection(ConnId),
    /// Ask a member again that was starting.
    Authenticate(ConnId),
    /// The member should have shown the cluster by now.
    View(ConnId),
    /// Try the targets again.
    Round,
    /// Try the members again that have no connection.
    Members,
    /// Send a request again.
    Retry(RequestId),
    /// Send a schema again that not all members have.
    Schema(Arc<Schema>),
    /// Register a listener on a connection again.
    Register(SubscriptionId, ConnId),
    /// Tell a member of the client.
    Statistics,
}

/// A client of one Hazelcast cluster.
#[derive(Debug)]
pub struct Client {
    config: Config,
    codec: Arc<Codec>,
    context: Context,
    calls: Calls<Hazelcast>,
    links: Links<Conn, ClientEvent<Hazelcast>>,
    alarms: Timers<Alarm>,
    /// What each correlation id waits for.
    pending: Correlation<Pending>,
    /// Requests that are not out, nor above the limit: those that wait for what they need.
    invocations: Map<RequestId, Invocation>,
    /// How many requests are out, in `pending`.
    out: usize,
    /// Requests above the limit of those in flight.
    waiting: Waiting,
    /// Requests that wait for a connection, and the bytes that they have.
    parked: VecDeque<RequestId>,
    parked_bytes: usize,
    prerequisites: Prerequisites,
    subscriptions: Slab<Subscription>,
    /// Authenticated connections.
    by_member: BTreeMap<Uuid, ConnId>,
    ready: Vec<ConnId>,
    round: Round,
    /// The cluster that the client is at, or tries.
    active: Cluster,
    /// Whose turn it is among members that can all serve.
    turn: usize,
    acknowledgements: Acknowledgements,
    /// Acknowledgements would be heard: requests ask for them.
    is_backup_aware: bool,
    /// It was connected at least once.
    was_connected: bool,
    /// It has begun to tell members of itself.
    tells_statistics: bool,
    is_shut_down: bool,
    /// The last turn that the client's life took.
    life: Lifecycle,
    /// What is counted; how things stand is added when somebody asks.
    metrics: Metrics,
}

impl Client {
    /// The members, as last heard.
    pub fn members(&self) -> &[MemberInfo] {
        self.context.members()
    }

    /// How many partitions the cluster has; 0 before the first connection.
    pub fn partition_count(&self) -> u32 {
        self.context.partition_count()
    }

    /// Whether the client is connected and knows the cluster.
    pub fn is_connected(&self) -> bool {
        self.context.is_connected()
    }

    /// The client's tables.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Requests that were sent and not answered, and those that wait to be sent.
    pub fn in_flight(&self) -> usize {
        self.requests() + self.waiting.len()
    }

    /// Requests that were let in and have not ended.
    fn requests(&self) -> usize {
        self.invocations.len() + self.out
    }

    /// Takes the caller's time.
    fn advance(&mut self, now: Instant) -> Instant {
        let now = self.context.clock.advance(now);
        self.codec.near_caches().advance(now);
        now
    }

    /// Does what the calls want done.
    fn pump(&mut self, now: Instant) {
        loop {
            while let Some(action) = self.calls.poll() {
                match action {
                    Action::Send(request, Operation(kind)) => self.begin(now, request, kind),
                    Action::Withdraw(request, id) => self.withdraw(now, request, id),
                    Action::Finish(ticket, result, submitted) => {
                        self.metrics.ended(now, submitted, &result);
                        self.links.event(ClientEvent::Done(ticket, result));
                    }
                }
            }
            match self.context.wishes.pop_front() {
                Some(wish) => self.grant(now, wish),
                None if self.admit_next(now) => {}
                None => return,
            }
        }
    }

    fn begin(&mut self, now: Instant, request: RequestId, kind: Kind) {
        if self.is_shut_down || !self.calls.is_out(request) {
            return;
        }
        match kind {
            Kind::Register(id) if self.begin_watch(now, request, id) => return,
            Kind::Unfollow(number) => return self.unfollow(now, request, number),
            _ => {}
        }
        self.admit(now, request, kind);
    }

    /// Ends a request that has no answer, and the subscription that was to be registered by it.
    fn fail(&mut self, now: Instant, request: RequestId, error: impl Into<Error>) {
        let subscription = self.forget(request).and_then(|invocation| invocation.registers());
        self.calls.answered(now, request, Err(error.into()), &mut self.context);
        if let Some(id) = subscription {
            self.end_subscription(now, id);
        }
    }

    fn note(&mut self, severity: Severity, conn: Option<ConnId>, text: impl core::fmt::Display) {
        self.links.event(ClientEvent::Note(Note::new(severity, conn, text)));
    }

    /// Ends everything: after an order, or because no cluster will have this client.
    fn end(&mut self, now: Instant, result: Result<(), Error>) {
        if self.is_shut_down {
            return;
        }
        self.lifecycle(Lifecycle::ShuttingDown);
        self.is_shut_down = true;
        let failure = match &result {
            Ok(()) => Failure::ShutDown,
            Err(Error::Failure(failure)) => failure.clone(),
            Err(error) => Failure::NotConnected(Cause::Other(error.to_string().into_boxed_str())),
        };
        self.calls.fail_all(now, &failure, &mut self.context);
        self.pump(now);
        self.lifecycle(Lifecycle::ShutDown);
        self.lose_all_followers();
        for key in self.subscriptions.keys() {
            self.subscriptions.remove(key);
            let ended = Err(failure.clone().into());
            self.links.event(ClientEvent::Ended(SubscriptionId(key), ended));
        }
        let conns: Vec<_> = self.links.iter().map(|(conn, _)| conn).collect();
        let how = Shutdown::Flush(self.config.connection_timeout);
        for conn in conns {
            if let Some(ended) = self.links.close(conn, how) {
                self.metrics.connection_ended(ended.state.member().is_some());
            }
        }
        self.invocations.clear();
        self.out = 0;
        self.waiting.clear();
        self.parked.clear();
        self.prerequisites.clear();
        self.pending.take_if(|_| true);
        self.by_member.clear();
        self.ready.clear();
        self.alarms = Timers::default();
        self.acknowledgements = Acknowledgements::default();
        self.context.is_connected = false;
        self.context.wishes.clear();
        self.links.event(ClientEvent::ShutDown(result));
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.calls.handle_timeout(now, &mut self.context);
        self.give_up_acknowledgements(now);
        self.give_up_waiting(now);
        while let Some(alarm) = self.alarms.pop(now) {
            match alarm {
                Alarm::Connection(conn) => self.check_connection(now, conn),
                Alarm::Authenticate(conn) => self.authenticate(now, conn),
                Alarm::View(conn) => self.check_view(now, conn),
                Alarm::Round => self.start_round(now),
                Alarm::Members => self.connect_members(now),
                Alarm::Retry(request) => self.resume(now, request),
                Alarm::Schema(schema) => self.send_schema_again(now, schema),
                Alarm::Register(id, conn) => self.register_on(now, id, conn),
                Alarm::Statistics => self.send_statistics(now),
            }
        }
    }
}

impl Engine for Client {
    type Config = Config;

    fn start(config: Config, start: Start) -> Self {
        let active = config.cluster(0);
        let mut rng = Rng::new(start.seed);
        let hash = rng.hash_key();
        let near_caches = NearCaches::new(&config, start);
        let codec = Codec::new(config.serialization.clone()).with_near_caches(near_caches);
        let mut client = Self {
            codec: Arc::new(codec),
            context: Context::new(Clock::new(start.unix_at_zero), Rng::new(rng.seed())),
            calls: Calls::default(),
            links: Links::new(config.links),
            alarms: Timers::default(),
            pending: Correlation::new(1, hash),
            invocations: Map::with_hasher(hash),
            out: 0,
            waiting: Waiting::new(hash),
            parked: VecDeque::new(),
            parked_bytes: 0,
            prerequisites: Prerequisites::new(hash),
            subscriptions: Slab::default(),
            by_member: BTreeMap::new(),
            ready: Vec::new(),
            round: Round::new(&active),
            active,
            turn: 0,
            acknowledgements: Acknowledgements::default(),
            is_backup_aware: false,
            was_connected: false,
            tells_statistics: false,
            is_shut_down: false,
            life: Lifecycle::Started,
            metrics: Metrics::default(),
            config,
        };
        client.context.is_direct = client.config.routing == Routing::AllMembers;
        if client.config.client_name.is_empty() {
            let number = client.context.rng.next_u64() as u32;
            client.config.client_name = alloc::format!("gridwire-{number:08x}").into();
        }
        client.start_round(Instant::ZERO);
        client
    }
}

impl Endpoint for Client {
    type Event = ClientEvent<Hazelcast>;

    fn handle(&mut self, now: Instant, input: Input<'_>) {
        let now = self.advance(now);
        match input {
            Input::Opened { conn, peer } => self.handle_opened(now, conn, peer),
            Input::Received { conn, data } => self.handle_received(now, conn, data),
            Input::Sent { conn, bytes } => self.handle_sent(conn, bytes),
            Input::Closed { conn, cause } => {
                if let Some(ended) = self.links.closed(conn) {
                    self.lost(now, conn, ended, cause);
                }
            }
            Input::Timeout => self.handle_timeout(now),
        }
        self.pump(now);
    }

    fn poll_output(&mut self) -> Option<Output<Self::Event>> {
        self.links.poll_output()
    }

    fn deadline(&self) -> Option<Instant> {
        let acknowledgement = self.acknowledgements.deadline();
        let waiting = self.waiting.deadline();
        let all = [self.calls.deadline(), self.alarms.deadline(), acknowledgement, waiting];
        all.into_iter().flatten().min()
    }
}

impl Caller for Client {
    type Family = Hazelcast;

    fn submit(&mut self, now: Instant, order: Order<Hazelcast>) -> Ticket {
        let now = self.advance(now);
        let timeout = Some(self.config.invocation_timeout);
        self.metrics.calls_submitted += 1;
        let ticket = self.calls.submit(now, order, timeout, &mut self.context);
        if self.is_shut_down {
            self.calls.fail_all(now, &Failure::ShutDown, &mut self.context);
        }
        self.pump(now);
        ticket
    }

    fn subscribe(&mut self, now: Instant, listen: Source) -> (Ticket, SubscriptionId) {
        let (id, plan) = match Subscription::new(listen) {
            Ok(subscription) => {
                let id = SubscriptionId(self.subscriptions.insert(subscription));
                (id, Plan::One(Operation(Kind::Register(id))))
            }
            Err(error) => {
                // An id that names nothing, now and later.
                let key = self.subscriptions.insert(Subscription::Watch(Watch::Lifecycle));
                self.subscriptions.remove(key);
                (SubscriptionId(key), Plan::fail(error))
            }
        };
        (self.submit(now, Order::new(plan)), id)
    }

    fn unsubscribe(&mut self, now: Instant, id: SubscriptionId) {
        let now = self.advance(now);
        self.end_subscription(now, id);
        self.pump(now);
    }

    fn cancel(&mut self, now: Instant, ticket: Ticket) {
        let now = self.advance(now);
        let was_waited_for = self.calls.cancel(now, ticket, &mut self.context);
        self.metrics.calls_cancelled += u64::from(was_waited_for);
        self.pump(now);
    }

    fn shut_down(&mut self, now: Instant) {
        let now = self.advance(now);
        self.end(now, Ok(()));
    }

    fn codec(&self) -> Arc<Codec> {
        Arc::clone(&self.codec)
    }
}
