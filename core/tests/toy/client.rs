//! The toy's client engine: two connections to one server, round robin.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use gridwire_core::call::{Caller, ClientEvent, Failure, Lifecycle, Order, SubscriptionId, Ticket};
use gridwire_core::calls::{Action, Calls, RequestId};
use gridwire_core::correlation::{Correlation, Lookup};
use gridwire_core::endpoint::{
    Cause, Chunks, ConnId, Endpoint, Engine, Input, Note, Output, Severity, Shutdown, Start, Target,
};
use gridwire_core::links::{LinkLimits, Links};
use gridwire_core::rng::Rng;
use gridwire_core::time::{Clock, Instant};

use super::{
    ANSWER, Answer, Codec, Context, ERROR, EVENT, Everything, Op, Request, Toy, message, split,
};

#[derive(Debug, Clone)]
pub struct Config {
    pub targets: Vec<Target>,
    pub timeout: Option<Duration>,
    pub limits: LinkLimits,
}

enum Waiting {
    Call(RequestId),
    /// One message for several calls, each with its part of the answer.
    Batch(Vec<RequestId>),
    Subscription(SubscriptionId, Option<RequestId>),
    /// A schema that goes ahead of what needs it.
    Schema,
}

struct InFlight {
    conn: ConnId,
    waiting: Waiting,
}

pub struct ToyClient {
    config: Config,
    clock: Clock,
    links: Links<(), ClientEvent<Toy>>,
    calls: Calls<Toy>,
    in_flight: Correlation<InFlight>,
    context: Context,
    codec: Arc<Codec>,
    connections: Vec<ConnId>,
    turn: usize,
    schemas_sent: BTreeSet<u8>,
    batch: Vec<(RequestId, Bytes)>,
    waiting_for_link: VecDeque<(RequestId, Request)>,
    subscriptions: Vec<(SubscriptionId, RequestId)>,
    ended: bool,
}

impl Engine for ToyClient {
    type Config = Config;

    fn start(config: Config, start: Start) -> Self {
        let mut rng = Rng::new(start.seed);
        let mut links = Links::new(config.limits);
        let connections = config.targets.iter().map(|t| links.open(t.clone(), ())).collect();
        Self {
            clock: Clock::new(start.unix_at_zero),
            links,
            calls: Calls::default(),
            in_flight: Correlation::new(1, rng.hash_key()),
            context: Context::default(),
            codec: Arc::default(),
            connections,
            turn: 0,
            schemas_sent: BTreeSet::new(),
            batch: Vec::new(),
            waiting_for_link: VecDeque::new(),
            subscriptions: Vec::new(),
            ended: false,
            config,
        }
    }
}

impl ToyClient {
    pub fn connections(&self) -> &[ConnId] {
        &self.connections
    }

    /// Does what the calls ask for until they ask for nothing.
    fn work(&mut self) {
        let now = self.clock.now();
        while let Some(action) = self.calls.poll() {
            match action {
                Action::Send(id, request) => self.route(now, id, request),
                Action::Withdraw(id, _) => {
                    self.waiting_for_link.retain(|(waiting, _)| *waiting != id);
                    self.batch.retain(|(waiting, _)| *waiting != id);
                    self.in_flight
                        .take_if(|call| matches!(call.waiting, Waiting::Call(c) if c == id));
                }
                Action::Finish(ticket, result, _) => {
                    self.links.event(ClientEvent::Done(ticket, result));
                }
            }
        }
    }

    fn fail(&mut self, now: Instant, id: RequestId, failure: Failure) {
        self.calls.answered(now, id, Err(failure.into()), &mut self.context);
    }

    fn route(&mut self, now: Instant, id: RequestId, request: Request) {
        let conn = match request.pinned {
            Some(conn) if self.links.is_open(conn) => conn,
            Some(_) => return self.fail(now, id, Failure::NotSent(Cause::Local)),
            None => {
                let open: Vec<_> =
                    self.connections.iter().copied().filter(|c| self.links.is_open(*c)).collect();
                if open.is_empty() {
                    self.waiting_for_link.push_back((id, request));
                    return;
                }
                self.turn += 1;
                open[self.turn % open.len()]
            }
        };
        if !self.links.has_room(conn) {
            return self.fail(now, id, Failure::Overloaded("above the high-water mark"));
        }
        if request.batched {
            self.batch.push((id, request.body));
            return;
        }
        if let Some(schema) = request.schema.filter(|schema| self.schemas_sent.insert(*schema)) {
            let id = self.in_flight.insert(InFlight { conn, waiting: Waiting::Schema });
            let body = [&[schema][..], b"schema"].concat();
            self.links.send(conn, Chunks::from_iter([message(id, Op::Define as u8, &body)]));
        }
        let subscription =
            self.subscriptions.iter().find(|(_, request)| *request == id).map(|(id, _)| *id);
        let waiting = match subscription {
            Some(subscription) => Waiting::Subscription(subscription, Some(id)),
            None => Waiting::Call(id),
        };
        let wire_id = self.in_flight.insert(InFlight { conn, waiting });
        self.links
            .send(conn, Chunks::from_iter([message(wire_id, request.op as u8, &request.body)]));
        self.calls.sent(id);
    }

    /// Sends what was batched since the last drain as one message.
    fn flush_batch(&mut self) {
        let Some(conn) = self.connections.iter().copied().find(|c| self.links.is_open(*c)) else {
            return;
        };
        if self.batch.is_empty() {
            return;
        }
        let mut body = BytesMut::new();
        let mut ids = Vec::new();
        for (id, payload) in self.batch.drain(..) {
            body.put_u32(payload.len() as u32);
            body.extend_from_slice(&payload);
            self.calls.sent(id);
            ids.push(id);
        }
        let id = self.in_flight.insert(InFlight { conn, waiting: Waiting::Batch(ids) });
        self.links.send(conn, Chunks::from_iter([message(id, Op::Batch as u8, &body)]));
    }

    fn received(&mut self, now: Instant, conn: ConnId, data: &mut BytesMut) {
        loop {
            if self.links.is_full() {
                return self.links.retry(conn);
            }
            match split(data) {
                Ok(Some((id, kind, body))) => {
                    if !self.answered(now, conn, id, kind, body) {
                        return self.violated(now, conn, "an id that was never given out");
                    }
                }
                Ok(None) => return,
                Err(fault) => return self.violated(now, conn, &fault.to_string()),
            }
        }
    }

    fn answered(&mut self, now: Instant, conn: ConnId, id: u64, kind: u8, body: Bytes) -> bool {
        if kind == EVENT {
            return match self.in_flight.get_mut(id) {
                Lookup::Found(InFlight { waiting: Waiting::Subscription(id, _), .. }) => {
                    let id = *id;
                    self.links.event(ClientEvent::Item(id, body));
                    true
                }
                Lookup::Found(_) | Lookup::Violation => false,
                Lookup::Late => true,
            };
        }
        // A subscription goes on under its id after its answer.
        if let Lookup::Found(InFlight { waiting: Waiting::Subscription(_, request), .. }) =
            self.in_flight.get_mut(id)
        {
            if let Some(request) = request.take() {
                let answer = Answer { conn: Some(conn), body };
                self.calls.answered(now, request, Ok(answer), &mut self.context);
            }
            return true;
        }
        let result = |body| match kind {
            ERROR => Err(super::ToyError::Remote(body)),
            _ => Ok(Answer { conn: Some(conn), body }),
        };
        debug_assert!(kind == ANSWER || kind == ERROR);
        match self.in_flight.take(id) {
            Lookup::Found(call) => match call.waiting {
                Waiting::Call(request) => {
                    self.calls.answered(now, request, result(body), &mut self.context);
                }
                Waiting::Batch(requests) => {
                    for (request, offset) in requests.into_iter().zip(body.chunks(4)) {
                        let part = result(Bytes::copy_from_slice(offset));
                        self.calls.answered(now, request, part, &mut self.context);
                    }
                }
                Waiting::Subscription(..) | Waiting::Schema => {}
            },
            Lookup::Late => {}
            Lookup::Violation => return false,
        }
        true
    }

    fn violated(&mut self, now: Instant, conn: ConnId, what: &str) {
        self.links.event(ClientEvent::Note(Note::new(Severity::Warn, Some(conn), what)));
        self.links.close(conn, Shutdown::Now);
        self.lost(now, conn, &Cause::Other(what.into()));
    }

    fn lost(&mut self, now: Instant, conn: ConnId, cause: &Cause) {
        self.connections.retain(|c| *c != conn);
        for (_, call) in self.in_flight.take_if(|call| call.conn == conn) {
            let requests = match call.waiting {
                Waiting::Call(request) => vec![request],
                Waiting::Batch(requests) => requests,
                Waiting::Subscription(id, request) => {
                    let failure = Failure::Indeterminate(cause.clone());
                    self.links.event(ClientEvent::Ended(id, Err(failure.into())));
                    request.into_iter().collect()
                }
                Waiting::Schema => vec![],
            };
            for request in requests {
                self.fail(now, request, Failure::Indeterminate(cause.clone()));
            }
        }
        if self.connections.is_empty() {
            self.links.event(ClientEvent::Lifecycle(Lifecycle::Disconnected));
            for (id, _) in std::mem::take(&mut self.waiting_for_link) {
                self.fail(now, id, Failure::NotSent(cause.clone()));
            }
        }
    }
}

impl Endpoint for ToyClient {
    type Event = ClientEvent<Toy>;

    fn handle(&mut self, now: Instant, input: Input<'_>) {
        let now = self.clock.advance(now);
        match input {
            Input::Opened { conn, .. } => {
                if self.links.opened(conn).is_some() {
                    self.links.event(ClientEvent::Lifecycle(Lifecycle::Connected));
                    for (id, request) in std::mem::take(&mut self.waiting_for_link) {
                        self.route(now, id, request);
                    }
                }
            }
            Input::Received { conn, data } => {
                if self.links.get(conn).is_some() {
                    self.received(now, conn, data);
                }
            }
            Input::Sent { conn, bytes } => {
                if self.links.sent(conn, bytes) {
                    self.links.event(ClientEvent::Room(conn));
                }
            }
            Input::Closed { conn, cause } => {
                if self.links.closed(conn).is_some() {
                    self.lost(now, conn, &cause);
                }
            }
            Input::Timeout => self.calls.handle_timeout(now, &mut self.context),
        }
        self.work();
    }

    fn poll_output(&mut self) -> Option<Output<ClientEvent<Toy>>> {
        self.flush_batch();
        self.links.poll_output()
    }

    fn deadline(&self) -> Option<Instant> {
        self.calls.deadline()
    }
}

impl Caller for ToyClient {
    type Family = Toy;

    fn submit(&mut self, now: Instant, order: Order<Toy>) -> Ticket {
        let now = self.clock.advance(now);
        let ticket = self.calls.submit(now, order, self.config.timeout, &mut self.context);
        self.work();
        ticket
    }

    fn subscribe(&mut self, now: Instant, _: Everything) -> (Ticket, SubscriptionId) {
        let now = self.clock.advance(now);
        let order =
            Order::new(gridwire_core::call::Plan::One(Request::new(Op::Subscribe, Bytes::new())));
        let ticket = self.calls.submit(now, order, self.config.timeout, &mut self.context);
        let id = SubscriptionId::from_u64(ticket.to_u64());
        // The ticket's one request is known before it is routed, so its events find their reader.
        if let Some(Action::Send(request, wire)) = self.calls.poll() {
            self.subscriptions.push((id, request));
            self.route(now, request, wire);
        }
        self.work();
        (ticket, id)
    }

    fn unsubscribe(&mut self, _: Instant, id: SubscriptionId) {
        self.subscriptions.retain(|(known, _)| *known != id);
        self.in_flight
            .take_if(|call| matches!(call.waiting, Waiting::Subscription(known, _) if known == id));
    }

    fn cancel(&mut self, now: Instant, ticket: Ticket) {
        let now = self.clock.advance(now);
        self.calls.cancel(now, ticket, &mut self.context);
        self.work();
    }

    fn shut_down(&mut self, now: Instant) {
        let now = self.clock.advance(now);
        self.calls.fail_all(now, &Failure::ShutDown, &mut self.context);
        self.work();
        for conn in std::mem::take(&mut self.connections) {
            self.links.close(conn, Shutdown::Flush(Duration::from_secs(1)));
        }
        for (id, _) in std::mem::take(&mut self.subscriptions) {
            self.links.event(ClientEvent::Ended(id, Err(Failure::ShutDown.into())));
        }
        if !std::mem::replace(&mut self.ended, true) {
            self.links.event(ClientEvent::ShutDown(Ok(())));
        }
    }

    fn codec(&self) -> Arc<Codec> {
        Arc::clone(&self.codec)
    }
}
