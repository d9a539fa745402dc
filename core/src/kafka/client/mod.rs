//! [`Client`]: a Kafka client as one state machine, for any number of brokers and calls.
//!
//! ```text
//!   submit --> ops (metadata, offsets, one read) ---+
//!          \-> producer (records -> batches) -------+--> the leader's connection --> broker
//!   subscribe, demand -> consumer (positions) ------+             |
//!              ^                                                  v
//!              +----- settle: the answer, or unsettle: the connection was lost
//! ```
//!
//! Inputs and commands only note what changed; the pump then sends whatever can be sent, once
//! for each drain, so records that are submitted together travel together. Whatever can't be sent
//! yet stays where it is until metadata, a connection, an answer or time changes that.

mod batch;
mod cluster;
mod config;
mod connections;
mod consumer;
mod ops;
mod producer;
mod refresh;

pub use cluster::Cluster;
pub use config::{Acks, Config, OffsetReset};

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use bytes::Bytes;

use self::batch::Batch;
use self::connections::{Connection, Slots};
use self::consumer::{Asked, Consumer, Sought};
use self::ops::{Op, Ops};
use self::producer::Producer;
use self::refresh::Refresh;
use super::error::Error;
use super::family::{Answer, Assignment, Body, Codec, Kafka, Kind, Operation};
use super::frame;
use super::message::Request;
use super::wire::{Message, Reader};
use crate::call::{Caller, ClientEvent, Failure, Lifecycle, Order, Plan, SubscriptionId, Ticket};
use crate::calls::{Action, Calls, RequestId};
use crate::correlation::Correlation;
use crate::endpoint::{Cause, ConnId, Endpoint, Engine, Input, Output, Shutdown, Start};
use crate::links::Links;
use crate::rng::Rng;
use crate::time::{Clock, Instant};
use crate::timers::Timers;

/// A Kafka client.
pub struct Client {
    config: Config,
    clock: Clock,
    rng: Rng,
    links: Links<Connection, ClientEvent<Kafka>>,
    slots: Slots,
    calls: Calls<Kafka>,
    in_flight: Correlation<InFlight>,
    cluster: Cluster,
    refresh: Refresh,
    ops: Ops,
    producer: Producer,
    consumer: Consumer,
    alarms: Timers<Alarm>,
    codec: Arc<Codec>,
    /// Something changed since the last pump.
    dirty: bool,
    /// When to pump although nothing changed.
    wake: Option<Instant>,
    /// The user was told that the client is usable, and not since that it isn't.
    connected: bool,
    /// A call is being cancelled, not timed out.
    cancelling: bool,
    ended: bool,
}

/// A request that was sent and not answered.
#[derive(Debug)]
struct InFlight {
    version: i16,
    task: Task,
}

/// Whom an answer is for.
#[derive(Debug)]
enum Task {
    Handshake,
    Refresh,
    Op(Op),
    Produce(Vec<Batch>),
    /// A subscription's search for where to begin.
    Seek(SubscriptionId, Vec<Sought>),
    /// A subscription's read.
    Read(SubscriptionId, Vec<Asked>),
}

#[derive(Debug, Clone, Copy)]
enum Alarm {
    Connection(ConnId),
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("connections", &self.links.len())
            .field("calls", &self.calls.len())
            .finish_non_exhaustive()
    }
}

impl Engine for Client {
    type Config = Config;

    fn start(config: Config, start: Start) -> Self {
        let mut rng = Rng::new(start.seed);
        Self {
            clock: Clock::new(start.unix_at_zero),
            links: Links::new(config.links),
            slots: Slots::default(),
            calls: Calls::default(),
            in_flight: Correlation::new(1, rng.hash_key()),
            cluster: Cluster::default(),
            refresh: Refresh::new(config.retry_backoff),
            ops: Ops::default(),
            producer: Producer::default(),
            consumer: Consumer::default(),
            alarms: Timers::default(),
            codec: Arc::new(Codec { decompressed_limit: config.decompressed_limit }),
            dirty: true,
            wake: None,
            connected: false,
            cancelling: false,
            ended: false,
            rng,
            config,
        }
    }
}

impl Client {
    /// What the client knows of the cluster.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Sets wall time anew, for the timestamps of records that have none.
    pub fn set_unix_time(&mut self, unix: Duration) {
        self.clock.set_unix(unix);
    }

    /// Does what the calls ask for until they ask for nothing.
    fn work(&mut self) {
        let now = self.clock.now();
        while let Some(action) = self.calls.poll() {
            self.dirty = true;
            match action {
                Action::Send(id, Operation(kind)) => self.begin(now, id, kind),
                Action::Withdraw(id, _) => self.withdraw(now, id),
                Action::Finish(ticket, result, _) => {
                    self.links.event(ClientEvent::Done(ticket, result));
                }
            }
        }
    }

    fn begin(&mut self, now: Instant, id: RequestId, kind: Kind) {
        match kind {
            Kind::Produce { topic, record, acks } => self.enqueue(now, id, topic, record, acks),
            Kind::Register(subscription) => self.register(now, id, subscription),
            Kind::Metadata { topics } => self.add_op(now, id, ops::What::Metadata(topics)),
            Kind::Fetch(fetch) => self.add_op(now, id, ops::What::Fetch(fetch)),
            Kind::Offset { topic, partition, position } => {
                self.add_op(now, id, ops::What::Offset { topic, partition, position });
            }
        }
    }

    fn withdraw(&mut self, now: Instant, id: RequestId) {
        self.ops.forget(id);
        // A send enqueues at once: that nobody waits for its end does not take it back. Its time
        // being up does.
        if !self.cancelling {
            self.retract(id);
        }
        self.unregister(now, id);
        self.in_flight.take_if(|flight| matches!(&flight.task, Task::Op(op) if op.id == id));
    }

    fn finish(&mut self, now: Instant, id: RequestId, result: Result<Answer, Error>) {
        self.calls.answered(now, id, result, &mut self.cluster);
    }

    fn fail(&mut self, now: Instant, id: RequestId, error: impl Into<Error>) {
        self.finish(now, id, Err(error.into()));
    }

    fn succeed(&mut self, now: Instant, id: RequestId, conn: ConnId, body: Body) {
        self.finish(now, id, Ok(Answer { conn: Some(conn), body }));
    }

    fn wake_at(&mut self, at: Instant) {
        self.wake = Some(self.wake.map_or(at, |wake| wake.min(at)));
    }

    /// Sends whatever can be sent now.
    fn pump(&mut self) {
        let now = self.clock.now();
        // A round may end calls, and what steps then ask for is sent in the same drain.
        while core::mem::take(&mut self.dirty) && !self.ended {
            self.wake = None;
            self.pump_ops(now);
            self.pump_producer(now);
            self.pump_consumer(now);
            // Last: all of these may have found that something is missing.
            self.pump_refresh(now);
            self.work();
        }
    }

    /// Gives an answer to whom it is for.
    ///
    /// # Errors
    /// It breaks the protocol, and its connection is to be closed. Whoever waited has been told.
    fn settle(
        &mut self,
        now: Instant,
        conn: ConnId,
        version: i16,
        task: Task,
        frame: &Bytes,
    ) -> Result<(), Error> {
        match task {
            Task::Handshake => Ok(()),
            Task::Refresh => self.refreshed(now, conn, version, frame),
            Task::Op(op) => self.op_answered(now, conn, version, op, frame),
            Task::Produce(batches) => self.produced(now, conn, version, batches, frame),
            Task::Seek(id, sought) => self.sought(now, conn, version, id, sought, frame),
            Task::Read(id, asked) => self.read(now, conn, version, id, asked, frame),
        }
    }

    /// A connection was lost before an answer came. `sent` says whether the broker may have got the
    /// request.
    fn unsettle(&mut self, now: Instant, task: Task, cause: &Cause, sent: bool) {
        match task {
            Task::Handshake => {}
            Task::Refresh => self.not_refreshed(now),
            Task::Op(op) => self.retry_op(now, op),
            Task::Produce(batches) => self.not_produced(now, batches, cause, sent),
            Task::Seek(id, sought) => self.not_sought(now, id, &sought),
            Task::Read(id, asked) => self.not_read(now, id, &asked),
        }
    }
}

/// Reads the body of an answer.
fn decode<R: Request>(frame: &Bytes, version: i16) -> Result<R::Response, Error> {
    let (_, body) = frame::split_response(frame, &R::API, version)?;
    Ok(R::Response::decode(version, &mut Reader::new(&body))?)
}

impl Endpoint for Client {
    type Event = ClientEvent<Kafka>;

    fn handle(&mut self, now: Instant, input: Input<'_>) {
        let now = self.clock.advance(now);
        match input {
            Input::Opened { conn, .. } => self.opened(now, conn),
            Input::Received { conn, data } => {
                if self.links.get(conn).is_some() {
                    self.received(now, conn, data);
                }
            }
            Input::Sent { conn, bytes } => self.taken(conn, bytes),
            Input::Closed { conn, cause } => self.closed(now, conn, &cause),
            Input::Timeout => {
                self.calls.handle_timeout(now, &mut self.cluster);
                while let Some(Alarm::Connection(conn)) = self.alarms.pop(now) {
                    self.check(now, conn);
                }
                if self.wake.is_some_and(|wake| wake <= now) {
                    self.wake = None;
                    self.dirty = true;
                }
            }
        }
        self.work();
    }

    fn poll_output(&mut self) -> Option<Output<ClientEvent<Kafka>>> {
        if self.dirty {
            self.pump();
        }
        self.links.poll_output()
    }

    fn deadline(&self) -> Option<Instant> {
        [self.calls.deadline(), self.alarms.deadline(), self.wake].into_iter().flatten().min()
    }
}

impl Caller for Client {
    type Family = Kafka;

    fn submit(&mut self, now: Instant, order: Order<Kafka>) -> Ticket {
        let now = self.clock.advance(now);
        let timeout = match &order.plan {
            Plan::One(Operation(Kind::Produce { .. })) => self.config.delivery_timeout,
            _ => self.config.api_timeout,
        };
        let order =
            if self.ended { Order::new(Plan::fail(Failure::ShutDown.into())) } else { order };
        let ticket = self.calls.submit(now, order, Some(timeout), &mut self.cluster);
        self.work();
        ticket
    }

    fn subscribe(&mut self, now: Instant, assignment: Assignment) -> (Ticket, SubscriptionId) {
        let now = self.clock.advance(now);
        let id = self.consumer.add(assignment, self.config.retry_backoff);
        let ticket = self.submit(now, Order::new(Plan::One(Operation(Kind::Register(id)))));
        (ticket, id)
    }

    fn unsubscribe(&mut self, now: Instant, id: SubscriptionId) {
        let now = self.clock.advance(now);
        if let Some(registration) = self.consumer.remove(id) {
            self.fail(now, registration, Failure::NotSent(Cause::Local));
        }
        self.close_reads(id);
        self.work();
    }

    fn demand(&mut self, now: Instant, id: SubscriptionId, items: usize) {
        self.clock.advance(now);
        self.dirty |= self.consumer.demand(id, items);
    }

    fn cancel(&mut self, now: Instant, ticket: Ticket) {
        let now = self.clock.advance(now);
        self.cancelling = true;
        self.calls.cancel(now, ticket, &mut self.cluster);
        self.work();
        self.cancelling = false;
    }

    fn shut_down(&mut self, now: Instant) {
        let now = self.clock.advance(now);
        if core::mem::replace(&mut self.ended, true) {
            return;
        }
        self.calls.fail_all(now, &Failure::ShutDown, &mut self.cluster);
        self.work();
        for id in self.consumer.ids() {
            self.end_subscription(now, id, Err(Failure::ShutDown.into()));
        }
        let conns: Vec<_> = self.links.iter().map(|(conn, _)| conn).collect();
        for conn in conns {
            self.links.close(conn, Shutdown::Flush(Duration::from_secs(1)));
        }
        self.alarms = Timers::default();
        self.wake = None;
        if core::mem::take(&mut self.connected) {
            self.links.event(ClientEvent::Lifecycle(Lifecycle::Disconnected));
        }
        self.links.event(ClientEvent::ShutDown(Ok(())));
    }

    fn codec(&self) -> Arc<Codec> {
        Arc::clone(&self.codec)
    }
}
