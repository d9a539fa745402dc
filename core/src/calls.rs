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

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use smallvec::SmallVec;

use crate::call::{Advance, Failure, Family, Order, Plan, Progress, Stepping, Steps, Ticket, Undo};
use crate::slab::Slab;
use crate::time::Instant;
use crate::timers::{TimerId, Timers};

/// One request of one call; by default of none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// Nobody waits for a request any more: forget it, sent or not. Its late answer is dropped. The
    /// number is the engine's own: see [`Calls::sent_as`].
    Withdraw(RequestId, u64),
    /// A call ended that was submitted at this moment.
    Finish(Ticket, Result<F::Answer, F::Error>, Instant),
}

impl<F: Family> fmt::Debug for Action<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(id, _) => f.debug_tuple("Send").field(id).finish(),
            Self::Withdraw(id, _) => f.debug_tuple("Withdraw").field(id).finish(),
            Self::Finish(ticket, ..) => f.debug_tuple("Finish").field(ticket).finish(),
        }
    }
}

/// A request that was handed to the engine and has not ended.
#[derive(Debug, Clone, Copy, Default)]
struct Out {
    tag: u32,
    /// The engine's own number for it.
    mark: u64,
}

struct Live<F: Family> {
    out: SmallVec<[Out; 1]>,
    /// What most calls have nothing of: those of one request with nothing to undo.
    rare: Option<Box<Rare<F>>>,
    submitted: Instant,
    deadline: Deadline,
    /// Nobody waits for the end.
    abandoned: bool,
    /// Whether bytes of it may have reached a peer: the engine says so.
    sent: bool,
}

struct Rare<F: Family> {
    /// `None` for a call of one request: its answer is the call's.
    steps: Option<Box<dyn Steps<F>>>,
    wake: Option<TimerId>,
    undo: Option<Undo<F>>,
}

impl<F: Family> Default for Rare<F> {
    fn default() -> Self {
        Self { steps: None, wake: None, undo: None }
    }
}

/// Where a call's deadline is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deadline {
    None,
    /// In the row of those that came in the order in which they are due.
    InRow,
    Timer(TimerId),
}

#[derive(Debug, Clone, Copy)]
enum Alarm {
    Deadline(Ticket),
    Wake(Ticket),
}

/// Ended calls that the row of deadlines holds before it is swept, beside one for each living.
const SWEEP_ABOVE: usize = 64;

/// The calls of one client engine.
pub struct Calls<F: Family> {
    live: Slab<Live<F>>,
    /// Calls that share a timeout are due in the order in which they began: nearly all deadlines are
    /// here, and need nothing done when their call ends. The first is never one of an ended call.
    row: VecDeque<(Instant, Ticket)>,
    /// The other deadlines, and when steps wake.
    alarms: Timers<Alarm>,
    actions: VecDeque<Action<F>>,
    sends: Vec<(u32, F::Request)>,
}

impl<F: Family> Default for Calls<F> {
    fn default() -> Self {
        Self {
            live: Slab::default(),
            row: VecDeque::new(),
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
            self.set_deadline(now + timeout, ticket);
        }
        self.run(now, ticket, plan, context);
        ticket
    }

    fn set_deadline(&mut self, at: Instant, ticket: Ticket) {
        let Some(live) = self.live.get_mut(ticket.0) else { return };
        if self.row.back().is_none_or(|(last, _)| *last <= at) {
            live.deadline = Deadline::InRow;
            self.row.push_back((at, ticket));
        } else {
            live.deadline = Deadline::Timer(self.alarms.set(at, Alarm::Deadline(ticket)));
        }
    }

    /// A deadline holds no longer.
    fn drop_deadline(&mut self, deadline: Deadline) {
        match deadline {
            Deadline::None => {}
            Deadline::InRow => self.tidy_row(),
            Deadline::Timer(alarm) => {
                self.alarms.cancel(alarm);
            }
        }
    }

    /// Has the row begin with a deadline that holds, and sweeps it if most of it does not.
    fn tidy_row(&mut self) {
        let live = &self.live;
        let holds = |(_, ticket): &(Instant, Ticket)| {
            live.get(ticket.0).is_some_and(|live| live.deadline == Deadline::InRow)
        };
        while self.row.front().is_some_and(|first| !holds(first)) {
            self.row.pop_front();
        }
        if self.row.len() > 2 * live.len() + SWEEP_ABOVE {
            self.row.retain(holds);
        }
    }

    /// Takes a call that nobody waits for: an engine's own errand.
    pub fn errand(&mut self, now: Instant, plan: Plan<F>, context: &mut F::Context) -> Ticket {
        let ticket = self.begin(now, None, true);
        self.run(now, ticket, plan, context);
        ticket
    }

    fn begin(&mut self, now: Instant, undo: Option<Undo<F>>, abandoned: bool) -> Ticket {
        let rare = undo.map(|undo| Box::new(Rare { undo: Some(undo), ..Rare::default() }));
        Ticket(self.live.insert(Live {
            out: SmallVec::new(),
            rare,
            submitted: now,
            deadline: Deadline::None,
            abandoned,
            sent: false,
        }))
    }

    fn run(&mut self, now: Instant, ticket: Ticket, plan: Plan<F>, context: &mut F::Context) {
        match plan {
            Plan::One(request) => {
                if let Some(live) = self.live.get_mut(ticket.0) {
                    live.out.push(Out::default());
                }
                self.actions.push_back(Action::Send(RequestId { ticket, tag: 0 }, request));
            }
            Plan::Steps(steps) => {
                if let Some(live) = self.live.get_mut(ticket.0) {
                    live.rare.get_or_insert_default().steps = Some(steps);
                }
                self.step(now, ticket, Advance::Start, context);
            }
            Plan::Fail(error) => self.finish(now, ticket, Err(*error), context),
            Plan::Ready(answer) => self.finish(now, ticket, Ok(answer()), context),
        }
    }

    fn step(&mut self, now: Instant, ticket: Ticket, event: Advance<F>, context: &mut F::Context) {
        let Some(live) = self.live.get_mut(ticket.0) else { return };
        let Some(rare) = live.rare.as_mut() else { return };
        let Some(steps) = rare.steps.as_mut() else { return };
        let mut stepping =
            Stepping { now, context: &mut *context, sends: &mut self.sends, wake_at: None };
        let progress = steps.advance(event, &mut stepping);
        let wake_at = stepping.wake_at;
        for (tag, request) in self.sends.drain(..) {
            live.out.push(Out { tag, mark: 0 });
            self.actions.push_back(Action::Send(RequestId { ticket, tag }, request));
        }
        if let Some(at) = wake_at
            && let Some(former) = rare.wake.replace(self.alarms.set(at, Alarm::Wake(ticket)))
        {
            self.alarms.cancel(former);
        }
        match progress {
            Progress::Done(result) => self.finish(now, ticket, result, context),
            // Steps that wait for nothing would never end.
            Progress::Waiting if live.out.is_empty() && rare.wake.is_none() => {
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

    /// As [`Calls::sent`], and keeps a number of the engine's with the request: its place in the
    /// engine's tables. It is given back with [`Action::Withdraw`], which has 0 for want of one.
    pub fn sent_as(&mut self, id: RequestId, mark: u64) {
        let Some(live) = self.live.get_mut(id.ticket.0) else { return };
        live.sent = true;
        if let Some(out) = live.out.iter_mut().find(|out| out.tag == id.tag) {
            out.mark = mark;
        }
    }

    /// Whether anybody, or an undo, waits for this request.
    pub fn is_out(&self, id: RequestId) -> bool {
        self.live.get(id.ticket.0).is_some_and(|live| live.out.iter().any(|out| out.tag == id.tag))
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
        let Some(place) = live.out.iter().position(|out| out.tag == id.tag) else { return };
        live.out.swap_remove(place);
        if live.rare.as_ref().is_some_and(|rare| rare.steps.is_some()) {
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
        self.drop_deadline(live.deadline);
        for Out { tag, mark } in live.out {
            self.actions.push_back(Action::Withdraw(RequestId { ticket, tag }, mark));
        }
        let mut undo = None;
        if let Some(rare) = live.rare {
            undo = rare.undo;
            if let Some(alarm) = rare.wake {
                self.alarms.cancel(alarm);
            }
        }
        if !live.abandoned {
            self.actions.push_back(Action::Finish(ticket, result, live.submitted));
        } else if let (Some(undo), Ok(answer)) = (undo, result)
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
        let goes_on = live.sent && live.rare.as_ref().is_some_and(|rare| rare.undo.is_some());
        let deadline = core::mem::replace(&mut live.deadline, Deadline::None);
        self.drop_deadline(deadline);
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
        loop {
            let in_row = self.row.front().map(|(at, _)| *at).filter(|at| *at <= now);
            let other = self.alarms.deadline().filter(|at| *at <= now);
            match (in_row, other) {
                (Some(at), other) if other.is_none_or(|other| at <= other) => {
                    let Some((_, ticket)) = self.row.pop_front() else { return };
                    self.expire(now, ticket, context);
                    self.tidy_row();
                }
                (_, Some(_)) => match self.alarms.pop(now) {
                    Some(Alarm::Deadline(ticket)) => self.expire(now, ticket, context),
                    Some(Alarm::Wake(ticket)) => self.wake(now, ticket, context),
                    None => return,
                },
                _ => return,
            }
        }
    }

    fn expire(&mut self, now: Instant, ticket: Ticket, context: &mut F::Context) {
        let Some(live) = self.live.get_mut(ticket.0) else { return };
        live.deadline = Deadline::None;
        let failure = Failure::TimedOut { sent: live.sent };
        if !live.abandoned {
            let end = Action::Finish(ticket, Err(failure.into()), live.submitted);
            self.actions.push_back(end);
        }
        self.cancel(now, ticket, context);
    }

    fn wake(&mut self, now: Instant, ticket: Ticket, context: &mut F::Context) {
        if let Some(rare) = self.live.get_mut(ticket.0).and_then(|live| live.rare.as_mut()) {
            rare.wake = None;
            self.step(now, ticket, Advance::Woken, context);
        }
    }

    /// When [`Calls::handle_timeout`] is next due. O(1).
    pub fn deadline(&self) -> Option<Instant> {
        let in_row = self.row.front().map(|(at, _)| *at);
        match (in_row, self.alarms.deadline()) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
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
