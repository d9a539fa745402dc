//! Requests of calls: where they go, when they wait, and when they are sent again.
//!
//! ```text
//!            not connected / being created        error or connection lost, and harmless
//!   begin -----> parked -----> dispatch -----> sent ---------------------------> dispatch
//!                                               |  answer                   (5 times at once,
//!                                               v                            then after a pause)
//!                                          calls.answered
//! ```
//!
//! A request is sent again under a new correlation id. One whose bytes may have reached a member, and
//! that may not be carried out twice, ends as indeterminate when its connection is lost.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use bytes::{Bytes, BytesMut};

use super::cluster::Reconnect;
use super::config::SHORTEST;
use super::inbox::{Pending, answer_type};
use super::{Alarm, Client};
use crate::call::{ClientEvent, Failure, SubscriptionId};
use crate::calls::RequestId;
use crate::correlation::Lookup;
use crate::endpoint::{Cause, ConnId};
use crate::hazelcast::error::{Error, ErrorCode, Retry};
use crate::hazelcast::family::{Answer, Outgoing, Registration, To};
use crate::hazelcast::frame::flags;
use crate::hazelcast::raw::{self, ERROR, Encoded, Message};
use crate::hazelcast::schema::Method;
use crate::hazelcast::session::remote_error;
use crate::links::{Links, SLICE_FROM};
use crate::partition::hazelcast_partition;
use crate::time::Instant;

/// Times that a request is sent again without a pause.
const FAST_RETRIES: u32 = 5;

/// One request of a call that is not out: it is about to be sent, or waits. A request that is out is in
/// the table of correlation ids, and nowhere else.
#[derive(Debug)]
pub(super) struct Invocation {
    request: RequestId,
    work: Work,
    is_parked: bool,
}

#[derive(Debug)]
pub(super) enum Work {
    Message(Box<Outgoing>),
    Ready,
    Register(SubscriptionId),
}

/// What the engine keeps with a message.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Flight {
    pub(super) request: RequestId,
    /// Where it is out, and where in the connection's bytes it begins.
    pub(super) conn: ConnId,
    start: u64,
    /// Times that it was sent.
    attempts: u8,
    /// Backups that were acknowledged.
    pub(super) backups: u8,
    /// It may have been carried out already: whatever keeps it from being sent again, it can't be said
    /// that it was not done.
    in_doubt: bool,
    /// It goes out even if its connection has no room.
    pub(crate) is_ungated: bool,
}

/// A message that may be sent again.
pub(crate) enum Body {
    /// Small: copied each time that it is sent.
    Own(BytesMut),
    /// Shared with what was handed out. Its first slice begins with the header.
    Shared(Vec<Bytes>),
    /// Not needed any more: the answer is here, while backups are awaited.
    Answered(Message),
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.len())
    }
}

impl Body {
    pub(crate) fn new(message: Encoded) -> Self {
        if message.rest.is_empty() && message.head.len() < SLICE_FROM {
            return Self::Own(message.head);
        }
        Self::Shared(message.into_chunks().into_vec())
    }

    /// The message, if the answer isn't here yet.
    pub(crate) fn into_message(self) -> Option<Encoded> {
        match self {
            Self::Own(head) => Some(Encoded { head, rest: Box::default() }),
            Self::Shared(chunks) => {
                let mut chunks = chunks.into_iter();
                let head = own(chunks.next().unwrap_or_default());
                Some(Encoded { head, rest: chunks.collect() })
            }
            Self::Answered(_) => None,
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Own(message) => message.len(),
            Self::Shared(chunks) => chunks.iter().map(Bytes::len).sum(),
            Self::Answered(_) => 0,
        }
    }

    /// Sends the message with another header, and keeps it.
    fn send<S, E>(
        &mut self,
        links: &mut Links<S, E>,
        conn: ConnId,
        (id, partition, is_backup_aware): (u64, i32, bool),
    ) {
        let set_header = |head: &mut BytesMut| {
            raw::set_correlation_id(head, id.cast_signed());
            raw::set_partition_id(head, partition);
            raw::set_flag(head, flags::IS_BACKUP_AWARE, is_backup_aware);
        };
        match self {
            Self::Own(message) => {
                set_header(message);
                links.send_slice(conn, message);
            }
            Self::Shared(chunks) => {
                if let Some(first) = chunks.first_mut() {
                    let mut head = own(core::mem::take(first));
                    set_header(&mut head);
                    *first = head.freeze();
                }
                links.send(conn, chunks.iter().cloned().collect());
            }
            Self::Answered(_) => {}
        }
    }
}

/// The bytes to be changed: copied only if somebody else has them too.
fn own(bytes: Bytes) -> BytesMut {
    bytes.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&shared[..]))
}

impl Invocation {
    pub(super) const fn new(request: RequestId, work: Work) -> Self {
        Self { request, work, is_parked: false }
    }

    pub(super) const fn request(&self) -> RequestId {
        self.request
    }

    fn len(&self) -> usize {
        self.work.len()
    }

    fn attempts(&self) -> u32 {
        self.work.attempts()
    }

    /// The subscription that it registers.
    pub(super) const fn registers(&self) -> Option<SubscriptionId> {
        match self.work {
            Work::Register(id) => Some(id),
            _ => None,
        }
    }

    fn in_doubt(&self) -> bool {
        matches!(&self.work, Work::Message(outgoing) if outgoing.flight.in_doubt)
    }
}

impl Work {
    /// Bytes that it holds.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Message(outgoing) => outgoing.body.len(),
            _ => 0,
        }
    }

    /// Times that it was sent.
    fn attempts(&self) -> u32 {
        match self {
            Self::Message(outgoing) => outgoing.flight.attempts.into(),
            _ => 0,
        }
    }
}

impl Client {
    /// Sends a request, or has it wait for what it needs first.
    pub(super) fn dispatch(&mut self, now: Instant, invocation: Invocation) {
        let request = invocation.request;
        if !self.context.is_connected {
            let is_offline = if self.was_connected {
                self.config.reconnect == Reconnect::Async
            } else {
                self.config.async_start
            };
            if is_offline {
                let cause = self.round.cause.clone();
                let (failure, in_doubt) = (Failure::NotConnected(cause), invocation.in_doubt());
                // Its end ends what it registers.
                self.keep(invocation);
                return self.fail_unsent(now, request, failure, in_doubt);
            }
            return self.park(now, invocation);
        }
        let missing = match &invocation.work {
            Work::Message(outgoing) => {
                let Outgoing { structure, schemas, .. } = &**outgoing;
                self.prerequisites.missing(structure.as_ref(), schemas.as_deref())
            }
            Work::Register(id) => self.subscriptions.get(id.0).and_then(|subscription| {
                let registration = &subscription.listener()?.registration;
                let Registration { structure, schemas, .. } = registration;
                self.prerequisites.missing(structure.as_ref(), Some(schemas))
            }),
            Work::Ready => None,
        };
        if let Some(missing) = missing {
            return self.prepare(now, missing, invocation);
        }
        match invocation.work {
            Work::Ready if self.ready.iter().any(|conn| !self.links.has_room(*conn)) => {
                self.fail(now, request, Failure::Overloaded("too much waits to be sent"));
            }
            Work::Ready => {
                self.calls.answered(now, request, Ok(Answer::Done), &mut self.context);
            }
            Work::Register(id) => {
                self.keep(invocation);
                self.register(now, request, id);
            }
            Work::Message(outgoing) => self.transmit(now, request, outgoing),
        }
    }

    /// Goes on with a request that waited, unless it was withdrawn.
    pub(super) fn resume(&mut self, now: Instant, request: RequestId) {
        if let Some(invocation) = self.invocations.remove(&request) {
            self.dispatch(now, invocation);
        }
    }

    /// Sends a request again that waited, after a pause.
    pub(super) fn retry_waiting(&mut self, now: Instant, request: RequestId) {
        if let Some(invocation) = self.invocations.remove(&request) {
            self.retry_later(now, invocation);
        }
    }

    /// Keeps a request that isn't out.
    pub(super) fn keep(&mut self, invocation: Invocation) {
        self.invocations.insert(invocation.request, invocation);
    }

    fn transmit(&mut self, now: Instant, request: RequestId, mut outgoing: Box<Outgoing>) {
        let to = outgoing.to;
        let count = self.context.partition_count();
        let partition = match to {
            To::Hash(hash) if count > 0 => Some(hazelcast_partition(hash, count)),
            To::Partition(partition) => Some(partition),
            _ => None,
        };
        let wanted = match to {
            To::Connection(conn) => Some(conn).filter(|conn| self.ready.contains(conn)),
            To::Member(member) => self.by_member.get(&member).copied(),
            _ => {
                let owner = partition.and_then(|partition| self.context.owner(partition));
                owner.and_then(|owner| self.by_member.get(&owner)).copied().or_else(|| {
                    let Self { config, context, ready, by_member, turn, .. } = self;
                    config.load_balancer.choose(ready, by_member, &mut context.rng, turn)
                })
            }
        };
        let Some(conn) = wanted else {
            let is_listed = matches!(to, To::Member(uuid)
                if self.context.members.iter().any(|member| member.uuid == uuid));
            if is_listed {
                let invocation = Invocation::new(request, Work::Message(outgoing));
                return self.retry_later(now, invocation);
            }
            let cause = Cause::Other("its member is not connected".into());
            let in_doubt = outgoing.flight.in_doubt;
            return self.fail_unsent(now, request, Failure::NotSent(cause), in_doubt);
        };
        let Flight { attempts, in_doubt, is_ungated, .. } = outgoing.flight;
        if !is_ungated && attempts == 0 && !self.links.has_room(conn) {
            return self.fail(now, request, Failure::Overloaded("too much waits to be sent"));
        }
        let length = outgoing.body.len();
        if i32::try_from(length).is_err() {
            return self.fail(now, request, Error::Misuse("a message of 2 GiB or more"));
        }
        let Some(state) = self.links.get_mut(conn) else { return };
        state.heart.on_write(now);
        self.metrics.requests_sent += 1;
        self.metrics.requests_retried += u64::from(attempts > 0);
        let attempts = attempts.saturating_add(1);
        let start = self.links.queued(conn);
        outgoing.flight =
            Flight { request, conn, start, attempts, backups: 0, in_doubt, is_ungated };
        let id = self.pending.next_id();
        let number = partition.map_or(-1, u32::cast_signed);
        outgoing.body.send(&mut self.links, conn, (id, number, self.is_backup_aware));
        self.pending.insert(Pending::Call(outgoing));
        self.out += 1;
        self.calls.sent_as(request, id);
    }

    /// Takes a request of a call that is out.
    pub(super) fn take_out(&mut self, id: u64) -> Option<Box<Outgoing>> {
        let Lookup::Found(Pending::Call(outgoing)) = self.pending.take(id) else { return None };
        self.out -= 1;
        Some(outgoing)
    }

    /// Ends a request that is not sent, or not once more. One that is in doubt may have been carried out
    /// when it was sent before.
    fn fail_unsent(&mut self, now: Instant, request: RequestId, failure: Failure, in_doubt: bool) {
        let failure = match failure {
            Failure::NotConnected(cause) | Failure::NotSent(cause) if in_doubt => {
                Failure::Indeterminate(cause)
            }
            other => other,
        };
        self.fail(now, request, failure);
    }

    /// Has a request wait until the client is connected.
    pub(super) fn park(&mut self, now: Instant, mut invocation: Invocation) {
        let request = invocation.request;
        if self.parked_bytes > self.config.links.high_water && invocation.attempts() == 0 {
            let failure = Failure::Overloaded("too much waits for a connection");
            // As in `dispatch`.
            self.keep(invocation);
            return self.fail(now, request, failure);
        }
        invocation.is_parked = true;
        self.parked_bytes += invocation.len();
        self.keep(invocation);
        self.parked.push_back(request);
        // Requests that were withdrawn leave their place behind.
        if self.parked.len() > 2 * self.invocations.len() + 64 {
            let invocations = &self.invocations;
            self.parked.retain(|request| invocations.contains_key(request));
        }
    }

    /// How many requests wait for a connection.
    pub(super) fn parked_requests(&self) -> usize {
        let waiting = self.parked.iter().filter_map(|request| self.invocations.get(request));
        waiting.filter(|invocation| invocation.is_parked).count()
    }

    /// The client is connected: what waited for that goes out.
    pub(super) fn unpark(&mut self, now: Instant) {
        if self.parked_bytes > self.config.links.high_water
            && let Some(conn) = self.ready.first()
        {
            self.links.event(ClientEvent::Room(*conn));
        }
        self.parked_bytes = 0;
        for request in core::mem::take(&mut self.parked) {
            if let Some(mut invocation) = self.invocations.remove(&request) {
                invocation.is_parked = false;
                self.dispatch(now, invocation);
            }
        }
    }

    /// Takes a request out of where it waits.
    pub(super) fn forget(&mut self, request: RequestId) -> Option<Invocation> {
        let Some(invocation) = self.invocations.remove(&request) else {
            self.waiting.take(request);
            return None;
        };
        if invocation.is_parked {
            self.parked_bytes = self.parked_bytes.saturating_sub(invocation.len());
        }
        Some(invocation)
    }

    /// Nobody waits for a request any more. It was last sent under `id`, if it was.
    pub(super) fn withdraw(&mut self, now: Instant, request: RequestId, id: u64) {
        if id != 0 && self.take_out(id).is_some() {
            return;
        }
        if let Some(id) = self.forget(request).and_then(|invocation| invocation.registers()) {
            self.end_subscription(now, id);
        }
    }

    /// An answer to a call's request came.
    pub(super) fn handle_answer(
        &mut self,
        now: Instant,
        id: u64,
        message: Message,
    ) -> Result<(), Error> {
        let Lookup::Found(Pending::Call(outgoing)) = self.pending.get_mut(id) else {
            return Ok(());
        };
        let Outgoing { method, to, flight: Flight { request, backups, .. }, .. } = **outgoing;
        if message.message_type() == method.response_id {
            if message.backup_acks() > backups {
                self.await_backups(now, id, message);
            } else {
                self.complete(now, id, message);
            }
        } else if message.message_type() == ERROR {
            let error = remote_error(&message)?;
            let may_retry = self.may_retry(error.code, method, to);
            match self.take_out(id) {
                Some(mut outgoing) if may_retry => {
                    outgoing.flight.in_doubt |=
                        !method.retryable && error.code.retry() != Retry::Always;
                    self.retry_later(now, Invocation::new(request, Work::Message(outgoing)));
                }
                _ => self.fail(now, request, Error::Remote(error.into())),
            }
        } else {
            self.take_out(id);
            self.fail(now, request, answer_type(method, &message));
        }
        Ok(())
    }

    /// Ends a request with its answer.
    pub(super) fn complete(&mut self, now: Instant, id: u64, message: Message) {
        if let Some(outgoing) = self.take_out(id) {
            let Flight { request, conn, .. } = outgoing.flight;
            let answer = Answer::Message { conn, message };
            self.calls.answered(now, request, Ok(answer), &mut self.context);
        }
    }

    /// Whether a member's error is a reason to send the request again.
    fn may_retry(&self, code: ErrorCode, method: &Method, to: To) -> bool {
        let is_bound = match to {
            To::Connection(_) => {
                matches!(code, ErrorCode::IO | ErrorCode::SOCKET | ErrorCode::TARGET_DISCONNECTED)
            }
            To::Member(_) => code == ErrorCode::TARGET_NOT_MEMBER,
            _ => false,
        };
        match code.retry() {
            _ if is_bound => false,
            Retry::Always => true,
            Retry::IfHarmless => method.retryable || self.config.redo_operation,
            Retry::Never => false,
        }
    }

    /// Sends a request again: at once the first times, then after longer and longer pauses. The
    /// call's own deadline ends it.
    pub(super) fn retry_later(&mut self, now: Instant, invocation: Invocation) {
        let attempts = invocation.attempts();
        let pause = match attempts.checked_sub(FAST_RETRIES + 1) {
            None if attempts > 0 => return self.dispatch(now, invocation),
            None => self.config.invocation_retry_pause,
            Some(slow) => {
                Duration::from_millis(1 << slow.min(20)).min(self.config.invocation_retry_pause)
            }
        };
        let pause = pause.max(SHORTEST);
        self.alarms.set(now + pause, Alarm::Retry(invocation.request));
        self.keep(invocation);
    }

    /// What becomes of a correlation id whose connection is lost. `reached` is how many of the
    /// connection's bytes may have reached the member.
    pub(super) fn disconnected(
        &mut self,
        now: Instant,
        pending: Pending,
        reached: u64,
        cause: &Cause,
    ) {
        match pending {
            Pending::Call(outgoing) => self.call_disconnected(now, outgoing, reached, cause),
            Pending::Prerequisite { what, .. } => self.prerequisite_lost(now, &what),
            Pending::Schemas { conn } => self.restoring_lost(conn),
            Pending::Listener { id: subscription, conn } => {
                self.registration_lost(now, subscription, conn);
            }
            _ => {}
        }
    }

    fn call_disconnected(
        &mut self,
        now: Instant,
        mut outgoing: Box<Outgoing>,
        reached: u64,
        cause: &Cause,
    ) {
        self.out -= 1;
        let Flight { request, start, in_doubt, .. } = outgoing.flight;
        if let Body::Answered(message) = outgoing.body {
            return self.end_awaiting(now, outgoing.flight, message, Some(cause));
        }
        let is_sent = start < reached;
        let is_harmless = outgoing.method.retryable || self.config.redo_operation;
        if !matches!(outgoing.to, To::Connection(_)) && (is_harmless || !is_sent) {
            outgoing.flight.in_doubt |= is_sent && !outgoing.method.retryable;
            return self.retry_later(now, Invocation::new(request, Work::Message(outgoing)));
        }
        let cause = cause.clone();
        let failure = if is_sent { Failure::Indeterminate(cause) } else { Failure::NotSent(cause) };
        self.fail_unsent(now, request, failure, in_doubt);
    }
}
