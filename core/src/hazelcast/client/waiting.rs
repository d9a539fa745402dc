//! The limit on requests in flight: what comes above it is refused, or waits its turn.
//!
//! ```text
//!   begin --below the limit, and nobody waits--> dispatch
//!     |                                             ^
//!     +--no backoff timeout--> refused              | one in flight has ended: the oldest goes on
//!     +--------------------> waiting ---------------+
//!                               +--backoff timeout--> refused     +--the call's own end--> forgotten
//! ```
//!
//! Whoever waits goes on in the order in which they came. Registrations of listeners, and what undoes a
//! call that nobody waited for, are not held up: they are few, and who waits may wait for them.

use alloc::collections::VecDeque;

use super::Client;
use super::invocations::{Invocation, Work};
use crate::call::Failure;
use crate::calls::RequestId;
use crate::hazelcast::family::Kind;
use crate::rng::{KeyedHash, Map};
use crate::time::Instant;

const IN_FLIGHT: Failure = Failure::Overloaded("too many calls in flight");
const NO_TURN: Failure =
    Failure::Overloaded("too many calls in flight, and none ended within the backoff timeout");
const BYTES: Failure = Failure::Overloaded("too much waits for calls in flight to end");

/// Requests that wait for one in flight to end.
#[derive(Debug)]
pub(super) struct Waiting {
    /// By when they came, with the end of their patience. All are equally patient, so the first is the
    /// first to give up. One that was withdrawn leaves its place until it would be its turn.
    queue: VecDeque<(Instant, RequestId)>,
    requests: Map<RequestId, Work>,
    bytes: usize,
}

impl Waiting {
    pub(super) fn new(hash: KeyedHash) -> Self {
        Self { queue: VecDeque::new(), requests: Map::with_hasher(hash), bytes: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.requests.len()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.queue.front().map(|(until, _)| *until)
    }

    pub(super) fn clear(&mut self) {
        self.queue.clear();
        self.requests.clear();
        self.bytes = 0;
    }

    fn push(&mut self, until: Instant, request: RequestId, work: Work) {
        self.bytes += work.len();
        self.requests.insert(request, work);
        self.queue.push_back((until, request));
    }

    /// Takes a request out, wherever it stands.
    pub(super) fn take(&mut self, request: RequestId) -> Option<Work> {
        if self.requests.is_empty() {
            return None;
        }
        let work = self.requests.remove(&request)?;
        self.bytes = self.bytes.saturating_sub(work.len());
        // Places left behind at the front would only wake the engine for nothing, and elsewhere they
        // must not become too many.
        let requests = &self.requests;
        while self.queue.front().is_some_and(|(_, request)| !requests.contains_key(request)) {
            self.queue.pop_front();
        }
        if self.queue.len() > 2 * requests.len() + 64 {
            self.queue.retain(|(_, request)| requests.contains_key(request));
        }
        Some(work)
    }

    fn first(&self) -> Option<RequestId> {
        self.queue.front().map(|(_, request)| *request)
    }
}

impl Client {
    /// Begins a request, or has it wait, or refuses it.
    pub(super) fn admit(&mut self, now: Instant, request: RequestId, kind: Kind) {
        let (work, is_limited) = match kind {
            Kind::Message(outgoing) => (Work::Message(outgoing), true),
            Kind::Ready | Kind::Unfollow(_) => (Work::Ready, true),
            Kind::Register(id) => (Work::Register(id), false),
            Kind::Follow(follow) => (Work::Register(self.begin_to_follow(*follow)), false),
        };
        let has_turn = self.waiting.len() == 0 && self.is_below_limit();
        if has_turn || !is_limited || self.calls.is_abandoned(request) {
            return self.go_on(now, request, work);
        }
        let refusal = match self.config.invocation_backoff_timeout {
            None => IN_FLIGHT,
            Some(time) if time.is_zero() => IN_FLIGHT,
            Some(_) if self.waiting.bytes > self.config.links.high_water => BYTES,
            Some(time) => return self.waiting.push(now + time, request, work),
        };
        self.refuse(now, request, refusal);
    }

    fn is_below_limit(&self) -> bool {
        self.requests() < self.config.max_concurrent_invocations
    }

    fn go_on(&mut self, now: Instant, request: RequestId, work: Work) {
        self.dispatch(now, Invocation::new(request, work));
    }

    fn refuse(&mut self, now: Instant, request: RequestId, refusal: Failure) {
        self.metrics.requests_refused += 1;
        self.fail(now, request, refusal);
    }

    /// Has the oldest go on whose turn it is. False if there is none.
    pub(super) fn admit_next(&mut self, now: Instant) -> bool {
        if !self.is_below_limit() {
            return false;
        }
        let Some(request) = self.waiting.first() else { return false };
        if let Some(work) = self.waiting.take(request) {
            self.go_on(now, request, work);
        }
        true
    }

    /// Refuses those that have waited for as long as they may.
    pub(super) fn give_up_waiting(&mut self, now: Instant) {
        while self.waiting.deadline().is_some_and(|until| until <= now) {
            let Some(request) = self.waiting.first() else { return };
            if self.waiting.take(request).is_some() {
                self.refuse(now, request, NO_TURN);
            }
        }
    }
}
