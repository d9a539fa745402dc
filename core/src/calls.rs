//! [`Calls`]: the calls of one client engine, from submission to their one end.
//!
//! Every family's client keeps its calls here and brings only what differs: where a request goes and
//! when it is tried again. What is the same stands in this room: tickets, deadlines, steps, cancelling,
//! and undoing what an abandoned call took.
//!
//! ```text
//!   submit -> Live --last answer--------------------> Finish, slot free
//!              |  \--deadline--> Finish(TimedOut) --+
//!              |  \--cancel-------------------------+--> no undo: Withdraw its requests, slot free
//!              |                                    +--> undo: Abandoned --late success--> undo's plan
//!              +---- Send(request) ... answered(request, result)
//! ```
//!
//! The engine drains [`Calls::poll`] after every command and input: it sends what is to be sent,
//! forgets what is withdrawn, and reports what has finished.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use smallvec::SmallVec;

use crate::call::{Advance, Failure, Family, Order, Plan, Progress, Stepping, Steps, Ticket, Undo};
use crate::slab::Slab;
use crate::time::Instant;
use crate::timers::{TimerId, Timers};

/// One request of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId {
    ticket: Ticket,
    tag: u32,
}

impl RequestId {
    /// The call that the request belongs to.
    pub const fn ticket(self) -> Ticket {
        self.ticket
    }
}

/// What the engine is to do for its calls.
pub enum Action<F: Family> {
    /// Route and send a request; [`Calls::answered`] ends it.
    Send(RequestId, F::Request),
    /// Nobody waits for a request any more: forget it, sent or not. Its late answer is dropped.
    Withdraw(RequestId),
    /// A call ended that was submitted at this moment.
    Finish(Ticket, Result<F::Answer, F::Error>, Instant),
}

impl<F: Family> fmt::Debug for Action<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(id, _) => f.debug_tuple("Send").field(id).finish(),
            Self::Withdraw(id) => f.debug_tuple("Withdraw").field(id).finish(),
            Self::Finish(ticket, ..) => f.debug_tuple("Finish").field(ticket).finish(),
        }
    }
}

struct Live<F: Family> {
    /// `None` for a call of one request: its answer is the call's.
    steps: Option<alloc::boxed::Box<dyn Steps<F>>>,
    /// Tags of requests that were sent and have not ended.
    out: SmallVec<[u32; 2]>,
    deadline: Option<TimerId>,
    wake: Option<TimerId>,
    undo: Option<Undo<F>>,
    submitted: Instant,
    /// Nobody waits for the end.
    abandoned: bool,
    /// Whether bytes of it may have reached a peer: the engine says so.
    sent: bool,
}

#[derive(Debug, Clone, Copy)]
enum Alarm {
    Deadline(Ticket),
    Wake(Ticket),
}

/// The calls of one client engine.
pub struct Calls<F: Family> {
    live: Slab<Live<F>>,
    alarms: Timers<Alarm>,
    actions: VecDeque<Action<F>>,
    sends: Vec<(u32, F::Request)>,
}

impl<F: Family> Default for Calls<F> {
    fn default() -> Self {
        Self {
            live: Slab::default(),
            alarms: Timers::default(),
            actions: VecDeque::new(),
            sends: Vec::new(),
        }
    }
}

impl<F: Family> fmt::Debug for Calls<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calls").field("live", &self.live.len()).finish_non_exhaustive()
    }
}

impl<F: Family> Calls<F> {
    /// Takes a call. `default_timeout` holds where the order names none; `None` is without end.
    pub fn submit(
        &mut self,
        now: Instant,
        order: Order<F>,
        default_timeout: Option<Duration>,
        context: &mut F::Context,
    ) -> Ticket {
        let Order { plan, timeout, undo, at_once: _ } = order;
        let ticket = self.begin(now, undo, false);
        let timeout = timeout.or(default_timeout).filter(|timeout| *timeout != Duration::MAX);
        if let Some(timeout) = timeout {
            let alarm = self.alarms.set(now + timeout, Alarm::Deadline(ticket));
            if let Some(live) = self.live.get_mut(ticket.0) {
                live.deadline = Some(alarm);
            }
        }
        self.run(now, ticket, plan, context);
        ticket
    }

    /// Takes a call that nobody waits for: an engine's own errand.
    pub fn errand(&mut self, now: Instant, plan: Plan<F>, context: &mut F::Context) -> Ticket {
        let ticket = self.begin(now, None, true);
        self.run(now, ticket, plan, context);
        ticket
    }

    fn begin(&mut self, now: Instant, undo: Option<Undo<F>>, abandoned: bool) -> Ticket {
        Ticket(self.live.insert(Live {
            steps: None,
            out: SmallVec::new(),
            deadline: None,
            wake: None,
            undo,
            submitted: now,
            abandoned,
            sent: false,
        }))
    }

    fn run(&mut self, now: Instant, ticket: Ticket, plan: Plan<F>, context: &mut F::Context) {
        match plan {
            Plan::One(request) => {
                if let Some(live) = self.live.get_mut(ticket.0) {
                    live.out.push(0);
                }
                self.actions.push_back(Action::Send(RequestId { ticket, tag: 0 }, request));
            }
            Plan::Steps(steps) => {
                if let Some(live) = self.live.get_mut(ticket.0) {
                    live.steps = Some(steps);
                }
                self.step(now, ticket, Advance::Start, context);
            }
            Plan::Fail(error) => self.finish(now, ticket, Err(error), context),
            Plan::Ready(answer) => self.finish(now, ticket, Ok(answer()), context),
        }
    }

    fn step(&mut self, now: Instant, ticket: Ticket, event: Advance<F>, context: &mut F::Context) {
        let Some(live) = self.live.get_mut(ticket.0) else { return };
        let Some(steps) = live.steps.as_mut() else { return };
        let mut stepping =
            Stepping { now, context: &mut *context, sends: &mut self.sends, wake_at: None };
        let progress = steps.advance(event, &mut stepping);
        let wake_at = stepping.wake_at;
        for (tag, request) in self.sends.drain(..) {
            live.out.push(tag);
            self.actions.push_back(Action::Send(RequestId { ticket, tag }, request));
        }
        if let Some(at) = wake_at
            && let Some(former) = live.wake.replace(self.alarms.set(at, Alarm::Wake(ticket)))
        {
            self.alarms.cancel(former);
        }
        match progress {
            Progress::Done(result) => self.finish(now, ticket, result, context),
            // Steps that wait for nothing would never end.
            Progress::Waiting if live.out.is_empty() && live.wake.is_none() => {
                let stuck = Failure::Overloaded("the call's steps wait for nothing").into();
                self.finish(now, ticket, Err(stuck), context);
            }
            Progress::Waiting => {}
        }
    }

    /// Notes that bytes of a request may have reached a peer, for the truth of a timeout.
    pub fn sent(&mut self, id: RequestId) {
        if let Some(live) = self.live.get_mut(id.ticket.0) {
            live.sent = true;
        }
    }

    /// Whether anybody, or an undo, waits for this request.
    pub fn is_out(&self, id: RequestId) -> bool {
        self.live.get(id.ticket.0).is_some_and(|live| live.out.contains(&id.tag))
    }

    /// Whether nobody waits for the call of this request: an errand, or a call that is to be undone.
    pub fn is_abandoned(&self, id: RequestId) -> bool {
        self.live.get(id.ticket.0).is_some_and(|live| live.abandoned)
    }

    /// Ends a request. Ignored if the request was withdrawn.
    pub fn answered(
        &mut self,
        now: Instant,
        id: RequestId,
        result: Result<F::Answer, F::Error>,
        context: &mut F::Context,
    ) {
        let Some(live) = self.live.get_mut(id.ticket.0) else { return };
        let Some(place) = live.out.iter().position(|tag| *tag == id.tag) else { return };
        live.out.swap_remove(place);
        if live.steps.is_some() {
            self.step(now, id.ticket, Advance::Answer { tag: id.tag, result }, context);
        } else {
            self.finish(now, id.ticket, result, context);
        }
    }

    fn finish(
        &mut self,
        now: Instant,
        ticket: Ticket,
        result: Result<F::Answer, F::Error>,
        context: &mut F::Context,
    ) {
        let Some(live) = self.live.remove(ticket.0) else { return };
        for alarm in [live.deadline, live.wake].into_iter().flatten() {
            self.alarms.cancel(alarm);
        }
        for tag in live.out {
            self.actions.push_back(Action::Withdraw(RequestId { ticket, tag }));
        }
        if !live.abandoned {
            self.actions.push_back(Action::Finish(ticket, result, live.submitted));
        } else if let (Some(undo), Ok(answer)) = (live.undo, result)
            && let Some(plan) = undo(&answer)
        {
            self.errand(now, plan, context);
        }
    }

    /// Nobody waits for a call any more. It ends without [`Action::Finish`]; one that has an undo
    /// goes on, so that its late success can be undone. False if it had ended, or was cancelled before.
    pub fn cancel(&mut self, now: Instant, ticket: Ticket, context: &mut F::Context) -> bool {
        let Some(live) = self.live.get_mut(ticket.0) else { return false };
        let waited_for = !core::mem::replace(&mut live.abandoned, true);
        let goes_on = live.undo.is_some() && live.sent;
        if let Some(alarm) = live.deadline.take() {
            self.alarms.cancel(alarm);
        }
        if !goes_on {
            self.finish(now, ticket, Err(Failure::ShutDown.into()), context);
        }
        waited_for
    }

    /// Ends every call with the same failure, in the order of their slots; nothing is undone. Of those
    /// that may have reached a peer it isn't said that there was no connection.
    pub fn fail_all(&mut self, now: Instant, failure: &Failure, context: &mut F::Context) {
        for key in self.live.keys() {
            let failure = match failure {
                Failure::NotConnected(cause) if self.live.get(key).is_some_and(|it| it.sent) => {
                    Failure::Indeterminate(cause.clone())
                }
                other => other.clone(),
            };
            self.finish(now, Ticket(key), Err(failure.into()), context);
        }
    }

    /// Ends calls whose time is up and wakes steps.
    pub fn handle_timeout(&mut self, now: Instant, context: &mut F::Context) {
        while let Some(alarm) = self.alarms.pop(now) {
            match alarm {
                Alarm::Deadline(ticket) => {
                    let Some(live) = self.live.get_mut(ticket.0) else { continue };
                    live.deadline = None;
                    let failure = Failure::TimedOut { sent: live.sent };
                    if !live.abandoned {
                        let end = Action::Finish(ticket, Err(failure.into()), live.submitted);
                        self.actions.push_back(end);
                    }
                    self.cancel(now, ticket, context);
                }
                Alarm::Wake(ticket) => {
                    if let Some(live) = self.live.get_mut(ticket.0) {
                        live.wake = None;
                        self.step(now, ticket, Advance::Woken, context);
                    }
                }
            }
        }
    }

    /// When [`Calls::handle_timeout`] is next due. O(1).
    pub fn deadline(&self) -> Option<Instant> {
        self.alarms.deadline()
    }

    /// What the engine is to do, oldest first.
    pub fn poll(&mut self) -> Option<Action<F>> {
        self.actions.pop_front()
    }

    /// How many calls have not ended, abandoned ones included.
    pub fn len(&self) -> usize {
        self.live.len()
    }

    /// Whether every call has ended.
    pub fn is_empty(&self) -> bool {
        self.live.is_empty()
    }
}

#[cfg(test)]
mod tests;
