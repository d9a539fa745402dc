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
use core::fmt;
use core::time::Duration;

use bytes::BytesMut;

use super::cluster::Reconnect;
use super::config::SHORTEST;
use super::inbox::{Pending, answer_type};
use super::{Alarm, Client};
use crate::call::{ClientEvent, Failure, SubscriptionId};
use crate::calls::RequestId;
use crate::correlation::Lookup;
use crate::endpoint::{Cause, Chunks, ConnId};
use crate::hazelcast::error::{Error, ErrorCode, Retry};
use crate::hazelcast::family::{Answer, Outgoing, To};
use crate::hazelcast::raw::{ERROR, Encoded, Message};
use crate::hazelcast::schema::Method;
use crate::hazelcast::session::remote_error;
use crate::partition::hazelcast_partition;
use crate::time::Instant;

/// Times that a request is sent again without a pause.
const FAST_RETRIES: u32 = 5;

/// One request of a call that has not ended.
#[derive(Debug)]
pub(super) struct Invocation {
    work: Work,
    /// Times that it was sent or waited for a retry.
    attempts: u32,
    /// Under which it is out.
    correlation: Option<u64>,
    is_parked: bool,
    /// It may have been carried out already: whatever keeps it from being sent again, it can't be said
    /// that it was not done.
    in_doubt: bool,
}

#[derive(Debug)]
pub(super) enum Work {
    Message(Box<Outgoing>),
    Ready,
    Register(SubscriptionId),
}

/// A message that may be sent again.
pub(crate) enum Body {
    New(Encoded),
    Sent(Chunks),
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.len())
    }
}

impl Body {
    fn len(&self) -> usize {
        match self {
            Self::New(encoded) => encoded.len(),
            Self::Sent(chunks) => chunks.iter().map(bytes::Bytes::len).sum(),
        }
    }

    /// The message with another header, to be sent now, and kept.
    fn send(&mut self, id: u64, partition: i32, flags: u16) -> Chunks {
        let mut encoded = match core::mem::replace(self, Self::Sent(Chunks::new())) {
            Self::New(encoded) => encoded,
            Self::Sent(chunks) => {
                let mut chunks = chunks.into_iter();
                let head = BytesMut::from(chunks.next().unwrap_or_default().as_ref());
                Encoded { head, rest: chunks.collect() }
            }
        };
        encoded.set_correlation_id(id.cast_signed());
        encoded.set_partition_id(partition);
        encoded.add_flags(flags);
        let chunks = encoded.into_chunks();
        *self = Self::Sent(chunks.clone());
        chunks
    }
}

/// A request that is out.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) request: RequestId,
    pub(super) conn: ConnId,
    pub(super) method: &'static Method,
    /// Where in the connection's bytes it begins.
    start: u64,
    to: To,
    /// Backups that were acknowledged.
    pub(super) backups: u8,
    /// The answer, while backups are awaited.
    pub(super) answer: Option<Message>,
}

impl Invocation {
    pub(super) fn new(work: Work) -> Self {
        Self { work, attempts: 0, correlation: None, is_parked: false, in_doubt: false }
    }

    fn len(&self) -> usize {
        self.work.len()
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
}

impl Client {
    /// Sends a request, or has it wait for what it needs first.
    pub(super) fn dispatch(&mut self, now: Instant, request: RequestId) {
        let Some(invocation) = self.invocations.get_mut(&request) else { return };
        if !self.context.is_connected {
            let is_offline = if self.was_connected {
                self.config.reconnect == Reconnect::Async
            } else {
                self.config.async_start
            };
            if is_offline {
                let cause = self.round.cause.clone();
                return self.fail_unsent(now, request, Failure::NotConnected(cause));
            }
            return self.park(now, request);
        }
        let missing = match &invocation.work {
            Work::Message(outgoing) => {
                self.prerequisites.missing(outgoing.structure.as_ref(), &outgoing.schemas)
            }
            Work::Register(id) => self.subscriptions.get(id.0).and_then(|subscription| {
                let registration = &subscription.listener()?.registration;
                self.prerequisites.missing(registration.structure.as_ref(), &registration.schemas)
            }),
            Work::Ready => None,
        };
        if let Some(missing) = missing {
            return self.prepare(now, missing, request);
        }
        match invocation.work {
            Work::Ready if self.ready.iter().any(|conn| !self.links.has_room(*conn)) => {
                self.fail(now, request, Failure::Overloaded("too much waits to be sent"));
            }
            Work::Ready => {
                self.forget(request);
                self.calls.answered(now, request, Ok(Answer::Done), &mut self.context);
            }
            Work::Register(id) => self.register(now, request, id),
            Work::Message(_) => self.transmit(now, request),
        }
    }

    fn transmit(&mut self, now: Instant, request: RequestId) {
        let Some(invocation) = self.invocations.get_mut(&request) else { return };
        let Work::Message(outgoing) = &mut invocation.work else { return };
        let (to, method) = (outgoing.to, outgoing.method);
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
                return self.retry_later(now, request);
            }
            let cause = Cause::Other("its member is not connected".into());
            return self.fail_unsent(now, request, Failure::NotSent(cause));
        };
        if outgoing.gated && invocation.attempts == 0 && !self.links.has_room(conn) {
            return self.fail(now, request, Failure::Overloaded("too much waits to be sent"));
        }
        let length = outgoing.body.len();
        if i32::try_from(length).is_err() {
            return self.fail(now, request, Error::Misuse("a message of 2 GiB or more"));
        }
        let Some(state) = self.links.get_mut(conn) else { return };
        let start = state.queued;
        state.queued += length as u64;
        state.heart.on_write(now);
        let (backups, answer) = (0, None);
        let sent = Sent { request, conn, method, start, to, backups, answer };
        let id = self.pending.insert(Pending::Call(sent));
        invocation.correlation = Some(id);
        self.metrics.requests_sent += 1;
        self.metrics.requests_retried += u64::from(invocation.attempts > 0);
        invocation.attempts = invocation.attempts.saturating_add(1);
        let number = partition.map_or(-1, u32::cast_signed);
        let chunks = outgoing.body.send(id, number, self.backup_flag);
        self.links.send(conn, chunks);
        self.calls.sent(request);
    }

    /// Ends a request that is not sent, or not once more.
    fn fail_unsent(&mut self, now: Instant, request: RequestId, failure: Failure) {
        let in_doubt = self.invocations.get(&request).is_some_and(|invocation| invocation.in_doubt);
        let failure = match failure {
            Failure::NotConnected(cause) | Failure::NotSent(cause) if in_doubt => {
                Failure::Indeterminate(cause)
            }
            other => other,
        };
        self.fail(now, request, failure);
    }

    /// Notes that a request may have been carried out by the member that it was sent to.
    fn doubt(&mut self, request: RequestId) {
        if let Some(invocation) = self.invocations.get_mut(&request) {
            invocation.in_doubt = true;
        }
    }

    /// Has a request wait until the client is connected.
    pub(super) fn park(&mut self, now: Instant, request: RequestId) {
        let Some(invocation) = self.invocations.get_mut(&request) else { return };
        let length = invocation.len();
        if self.parked_bytes > self.config.links.high_water && invocation.attempts == 0 {
            let failure = Failure::Overloaded("too much waits for a connection");
            return self.fail(now, request, failure);
        }
        invocation.is_parked = true;
        self.parked_bytes += length;
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
            if let Some(invocation) = self.invocations.get_mut(&request) {
                invocation.is_parked = false;
                self.dispatch(now, request);
            }
        }
    }

    /// Takes a request out of every place that it may be in.
    pub(super) fn forget(&mut self, request: RequestId) {
        let Some(invocation) = self.invocations.remove(&request) else {
            self.waiting.take(request);
            return;
        };
        if let Some(id) = invocation.correlation {
            self.pending.take(id);
        }
        if invocation.is_parked {
            self.parked_bytes = self.parked_bytes.saturating_sub(invocation.len());
        }
    }

    /// Nobody waits for a request any more.
    pub(super) fn withdraw(&mut self, now: Instant, request: RequestId) {
        let subscription = self.invocations.get(&request).and_then(|i| match i.work {
            Work::Register(id) => Some(id),
            _ => None,
        });
        self.forget(request);
        if let Some(id) = subscription {
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
        let Lookup::Found(Pending::Call(sent)) = self.pending.get_mut(id) else { return Ok(()) };
        let (request, method, to) = (sent.request, sent.method, sent.to);
        if message.message_type() == ERROR {
            let error = remote_error(&message)?;
            if self.may_retry(error.code, method, to) {
                self.pending.take(id);
                if !method.retryable && error.code.retry() != Retry::Always {
                    self.doubt(request);
                }
                self.retry_later(now, request);
            } else {
                self.fail(now, request, Error::Remote(error.into()));
            }
        } else if message.message_type() != method.response_id {
            self.fail(now, request, answer_type(method, &message));
        } else if message.backup_acks() > sent.backups {
            self.await_backups(now, id, message);
        } else {
            self.complete(now, id, message);
        }
        Ok(())
    }

    /// Ends a request with its answer.
    pub(super) fn complete(&mut self, now: Instant, id: u64, message: Message) {
        if let Lookup::Found(Pending::Call(sent)) = self.pending.take(id) {
            self.invocations.remove(&sent.request);
            let answer = Answer::Message { conn: sent.conn, message };
            self.calls.answered(now, sent.request, Ok(answer), &mut self.context);
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
    pub(super) fn retry_later(&mut self, now: Instant, request: RequestId) {
        let Some(invocation) = self.invocations.get_mut(&request) else { return };
        invocation.correlation = None;
        let pause = match invocation.attempts.checked_sub(FAST_RETRIES + 1) {
            None if invocation.attempts > 0 => return self.dispatch(now, request),
            None => self.config.invocation_retry_pause,
            Some(slow) => {
                Duration::from_millis(1 << slow.min(20)).min(self.config.invocation_retry_pause)
            }
        };
        let pause = pause.max(SHORTEST);
        self.alarms.set(now + pause, Alarm::Retry(request));
    }

    /// What becomes of a correlation id whose connection is lost. `taken` is how many of the
    /// connection's bytes may have reached the member.
    pub(super) fn disconnected(
        &mut self,
        now: Instant,
        pending: Pending,
        taken: u64,
        cause: &Cause,
    ) {
        match pending {
            Pending::Call(Sent { answer: Some(message), request, conn, .. }) => {
                self.metrics.backups_missed += 1;
                self.invocations.remove(&request);
                // The owner did it. If it went before its backups had it, nobody has it now.
                let end = if self.config.fail_on_indeterminate_operation_state {
                    Err(Failure::Indeterminate(cause.clone()).into())
                } else {
                    Ok(Answer::Message { conn, message })
                };
                self.calls.answered(now, request, end, &mut self.context);
            }
            Pending::Call(Sent { request, method, start, to, .. }) => {
                let is_sent = start < taken;
                let is_harmless = method.retryable || self.config.redo_operation;
                if matches!(to, To::Connection(_)) || is_sent && !is_harmless {
                    let cause = cause.clone();
                    let failure = if is_sent {
                        Failure::Indeterminate(cause)
                    } else {
                        Failure::NotSent(cause)
                    };
                    self.fail_unsent(now, request, failure);
                } else {
                    if is_sent && !method.retryable {
                        self.doubt(request);
                    }
                    self.retry_later(now, request);
                }
            }
            Pending::Prerequisite { what, .. } => self.prerequisite_lost(now, &what),
            Pending::Schemas { conn } => self.restoring_lost(conn),
            Pending::Listener { id: subscription, conn } => {
                self.registration_lost(now, subscription, conn);
            }
            _ => {}
        }
    }
}
