//! The smallest client engine: messages of a length, an id and a payload, which come back as they are.
//!
//! It is made of the machinery that every family shares, so what the bench shows beside a raw socket
//! is what a call costs before any protocol.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use gridwire_core::call::{
    Call, Caller, ClientEvent, Failure, Family, Lifecycle, Order, SubscriptionId, Ticket,
};
use gridwire_core::calls::{Action, Calls, RequestId};
use gridwire_core::correlation::{Correlation, Lookup};
use gridwire_core::endpoint::{
    Cause, Chunks, ConnId, Endpoint, Engine, Input, Output, Shutdown, Start, Target,
};
use gridwire_core::links::{LinkLimits, Links};
use gridwire_core::rng::Rng;
use gridwire_core::time::{Clock, Instant};

/// Length and id.
pub const HEADER: usize = 12;

#[derive(Debug)]
pub struct Echoes;

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(transparent)]
pub struct Error(#[from] Failure);

impl Family for Echoes {
    type Request = Bytes;
    type Answer = Bytes;
    type Listen = ();
    type Item = ();
    type Error = Error;
    type Codec = ();
    type Context = ();
}

/// Sends a payload and gives what came back.
pub fn echo(payload: Bytes) -> Call<Echoes, Bytes> {
    Call::one(payload, |answer: &Bytes, ()| Ok(answer.clone()))
}

pub struct EchoClient {
    clock: Clock,
    links: Links<(), ClientEvent<Echoes>>,
    calls: Calls<Echoes>,
    in_flight: Correlation<RequestId>,
    conn: Option<ConnId>,
}

impl Engine for EchoClient {
    type Config = Target;

    fn start(target: Target, start: Start) -> Self {
        let mut links = Links::new(LinkLimits { high_water: 64 << 20, events: 1024 });
        let conn = Some(links.open(target, ()));
        Self {
            clock: Clock::new(start.unix_at_zero),
            links,
            calls: Calls::default(),
            in_flight: Correlation::new(1, Rng::new(start.seed).hash_key()),
            conn,
        }
    }
}

impl EchoClient {
    fn work(&mut self) {
        while let Some(action) = self.calls.poll() {
            match action {
                Action::Send(id, payload) => self.send(id, payload),
                Action::Withdraw(..) => {}
                Action::Finish(ticket, end, _) => self.links.event(ClientEvent::Done(ticket, end)),
            }
        }
    }

    fn send(&mut self, id: RequestId, payload: Bytes) {
        let Some(conn) = self.conn else {
            let failure = Failure::NotSent(Cause::Local);
            return self.calls.answered(self.clock.now(), id, Err(failure.into()), &mut ());
        };
        let wire_id = self.in_flight.insert(id);
        let mut header = BytesMut::with_capacity(HEADER);
        header.extend_from_slice(&((payload.len() + HEADER) as u32).to_be_bytes());
        header.extend_from_slice(&wire_id.to_be_bytes());
        self.links.send(conn, Chunks::from_iter([header.freeze(), payload]));
        self.calls.sent(id);
    }

    fn received(&mut self, now: Instant, conn: ConnId, data: &mut BytesMut) {
        while let Some(length) = data.first_chunk::<4>() {
            if self.links.is_full() {
                return self.links.retry(conn);
            }
            let length = u32::from_be_bytes(*length) as usize;
            if length < HEADER {
                self.lost(now, Cause::Other("bad length".into()));
                self.links.close(conn, Shutdown::Now);
                return;
            }
            if data.len() < length {
                return data.reserve(length - data.len());
            }
            let mut frame = data.split_to(length).freeze();
            frame.advance(4);
            if let Lookup::Found(id) = self.in_flight.take(frame.get_u64()) {
                self.calls.answered(now, id, Ok(frame), &mut ());
            }
        }
    }

    fn lost(&mut self, now: Instant, cause: Cause) {
        self.conn = None;
        self.calls.fail_all(now, &Failure::Indeterminate(cause), &mut ());
        self.links.event(ClientEvent::Lifecycle(Lifecycle::Disconnected));
    }
}

impl Endpoint for EchoClient {
    type Event = ClientEvent<Echoes>;

    fn handle(&mut self, now: Instant, input: Input<'_>) {
        let now = self.clock.advance(now);
        match input {
            Input::Opened { conn, .. } => {
                if self.links.opened(conn).is_some() {
                    self.links.event(ClientEvent::Lifecycle(Lifecycle::Connected));
                }
            }
            Input::Received { conn, data } => self.received(now, conn, data),
            Input::Sent { conn, bytes } => {
                self.links.sent(conn, bytes);
            }
            Input::Closed { conn, cause } => {
                if self.links.closed(conn).is_some() {
                    self.lost(now, cause);
                }
            }
            Input::Timeout => self.calls.handle_timeout(now, &mut ()),
        }
        self.work();
    }

    fn poll_output(&mut self) -> Option<Output<ClientEvent<Echoes>>> {
        self.links.poll_output()
    }

    fn deadline(&self) -> Option<Instant> {
        self.calls.deadline()
    }
}

impl Caller for EchoClient {
    type Family = Echoes;

    fn submit(&mut self, now: Instant, order: Order<Echoes>) -> Ticket {
        let now = self.clock.advance(now);
        let ticket = self.calls.submit(now, order, Some(Duration::from_secs(120)), &mut ());
        self.work();
        ticket
    }

    fn subscribe(&mut self, _: Instant, (): ()) -> (Ticket, SubscriptionId) {
        (Ticket::from_u64(0), SubscriptionId::from_u64(0))
    }

    fn unsubscribe(&mut self, _: Instant, _: SubscriptionId) {}

    fn cancel(&mut self, now: Instant, ticket: Ticket) {
        self.calls.cancel(now, ticket, &mut ());
        self.work();
    }

    fn shut_down(&mut self, now: Instant) {
        self.calls.fail_all(now, &Failure::ShutDown, &mut ());
        self.work();
        if let Some(conn) = self.conn.take() {
            self.links.close(conn, Shutdown::Now);
        }
        self.links.event(ClientEvent::ShutDown(Ok(())));
    }

    fn codec(&self) -> Arc<()> {
        Arc::new(())
    }
}
