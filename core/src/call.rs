//! Calls are values: what is to be done, and how to read what comes back.
//!
//! ```text
//!   Map::put(key, value) ----> Call<F, R> = Order<F>          + Opener<F, R>
//!                                            |  untyped: the      |  typed: the caller
//!                                            |  engine runs it    |  runs it
//!   Caller::submit(now, order) -> Ticket     v                    v
//!   ClientEvent::Done(ticket, Ok(answer)) ------------> opener.open(&answer, &codec) = R
//! ```
//!
//! A protocol family names its types once, in [`Family`]; a [`Call`] of that family is built by the
//! proxies of the family and run by any [`Invoker`](crate::invoker::Invoker): an adapter's client, a transaction, or a test.
//! User code never runs inside the engine: values are written before the order is submitted and read
//! after its answer has left.
//!
//! An opener may find that something is missing before the answer can be read (a schema): then it
//! says so with a [`Need`], the invoker runs that, has the codec learn from its answer, and opens
//! again.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::cell::Cell;
use core::fmt;
use core::time::Duration;

use crate::endpoint::{Cause, ConnId, Endpoint, Note};
use crate::slab::Key;
use crate::time::Instant;

/// The types of one protocol family's client side.
pub trait Family: Sized + 'static {
    /// One operation for the engine to route and send. Not bytes: a Kafka record joins a batch.
    type Request: Send + 'static;
    /// What came back, untyped, with the connection it came on.
    type Answer: Send + 'static;
    /// What a subscription asks for.
    type Listen: Send + 'static;
    /// What a subscription brings, untyped.
    type Item: Send + 'static;
    /// The one error enum of the family.
    type Error: core::error::Error + Clone + PartialEq + From<Failure> + Send + Sync + 'static;
    /// Turns values to bytes and back, on the caller's side. Shared by all handles of a client.
    type Codec: Send + Sync + 'static;
    /// What [`Steps`] see of the engine: tables, sessions, pools, caches.
    type Context;
}

/// A call that failed in a way that all families share. Each family's error holds it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The call's time was up. `sent` says whether a peer may have got it.
    #[error("the call timed out {}", if *sent { "waiting for its answer" } else { "before it was sent" })]
    TimedOut {
        /// Whether bytes of it may have reached a peer.
        sent: bool,
    },
    /// The connection ended and nothing of the call had been sent.
    #[error("not sent: {0}")]
    NotSent(Cause),
    /// The connection ended after bytes of the call may have reached the peer, and it isn't known
    /// whether it was done.
    #[error("it is not known whether the call was done: {0}")]
    Indeterminate(Cause),
    /// Too much waits to be sent, or too many calls are in flight.
    #[error("refused: {0}")]
    Overloaded(&'static str),
    /// The client was shut down.
    #[error("the client is shut down")]
    ShutDown,
    /// The client could not connect, and will not try further.
    #[error("not connected: {0}")]
    NotConnected(Cause),
}

/// What the engine runs for one call.
pub enum Plan<F: Family> {
    /// One request, one answer.
    One(F::Request),
    /// Several requests, or none: decided step by step.
    Steps(Box<dyn Steps<F>>),
    /// A call that was wrong from the start: it fails when run, so that there is one `?`.
    Fail(Box<F::Error>),
    /// Nothing: the caller had at hand what it asked for. An engine that is asked all the same gives
    /// this answer, which is made only then.
    Ready(fn() -> F::Answer),
}

impl<F: Family> Plan<F> {
    /// A call that fails with this error when it is run.
    pub fn fail(error: F::Error) -> Self {
        Self::Fail(Box::new(error))
    }
}

impl<F: Family> fmt::Debug for Plan<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(_) => f.write_str("One"),
            Self::Steps(_) => f.write_str("Steps"),
            Self::Fail(error) => f.debug_tuple("Fail").field(error).finish(),
            Self::Ready(_) => f.write_str("Ready"),
        }
    }
}

/// A call of several requests: scatter and gather, session then lock, pages, prefetched ids.
///
/// The engine asks with [`Advance::Start`] once, then with each answer. Steps send what comes next
/// through `cx`, and end the call by [`Progress::Done`]; requests still out are withdrawn then.
pub trait Steps<F: Family>: Send {
    /// Takes one event and says how the call stands.
    fn advance(&mut self, event: Advance<F>, cx: &mut Stepping<'_, F>) -> Progress<F>;
}

/// What happened to a call of several steps.
pub enum Advance<F: Family> {
    /// It begins.
    Start,
    /// A request ended.
    Answer {
        /// The number that the request was sent under.
        tag: u32,
        /// Its answer, or why there is none.
        result: Result<F::Answer, F::Error>,
    },
    /// The time asked for by [`Stepping::wake_at`] has come.
    Woken,
}

impl<F: Family> fmt::Debug for Advance<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("Start"),
            Self::Answer { tag, .. } => write!(f, "Answer({tag})"),
            Self::Woken => f.write_str("Woken"),
        }
    }
}

/// How a call of several steps stands.
pub enum Progress<F: Family> {
    /// It waits, for answers or for a time.
    Waiting,
    /// It ended.
    Done(Result<F::Answer, F::Error>),
}

impl<F: Family> fmt::Debug for Progress<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting => f.write_str("Waiting"),
            Self::Done(result) => {
                write!(f, "Done({})", if result.is_ok() { "ok" } else { "error" })
            }
        }
    }
}

/// What steps see and may do.
pub struct Stepping<'a, F: Family> {
    /// The moment.
    pub now: Instant,
    /// The engine's tables.
    pub context: &'a mut F::Context,
    pub(crate) sends: &'a mut alloc::vec::Vec<(u32, F::Request)>,
    pub(crate) wake_at: Option<Instant>,
}

impl<F: Family> Stepping<'_, F> {
    /// Sends a request; its end comes as [`Advance::Answer`] with this tag. Tags of requests in
    /// flight differ.
    pub fn send(&mut self, tag: u32, request: F::Request) {
        self.sends.push((tag, request));
    }

    /// Asks for [`Advance::Woken`] at a moment; the last such request holds.
    pub fn wake_at(&mut self, at: Instant) {
        self.wake_at = Some(at);
    }
}

impl<F: Family> fmt::Debug for Stepping<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stepping").field("now", &self.now).finish_non_exhaustive()
    }
}

/// How to give back what an abandoned call took when it succeeded late. It sees the answer.
///
/// It runs at most once. It is shared, since a call may be abandoned on either side: the engine runs
/// it when the answer comes late, an invoker when the answer had come and nobody looked at it.
pub type Undo<F> = Arc<dyn Fn(&<F as Family>::Answer) -> Option<Plan<F>> + Send + Sync>;

/// A call without its type: what the engine runs.
pub struct Order<F: Family> {
    /// What is to be done.
    pub plan: Plan<F>,
    /// Time from submission to its end; `None` takes the client's default, and [`Duration::MAX`] is
    /// as long as it takes.
    pub timeout: Option<Duration>,
    /// How to undo it if it is abandoned and succeeds all the same.
    pub undo: Option<Undo<F>>,
    /// Whether invokers submit it at once, rather than when it is first waited for.
    pub at_once: bool,
}

impl<F: Family> Order<F> {
    /// A plan with the client's default timeout and nothing to undo.
    pub const fn new(plan: Plan<F>) -> Self {
        Self { plan, timeout: None, undo: None, at_once: false }
    }
}

impl<F: Family> fmt::Debug for Order<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Order")
            .field("plan", &self.plan)
            .field("timeout", &self.timeout)
            .field("undo", &self.undo.is_some())
            .field("at_once", &self.at_once)
            .finish()
    }
}

/// Something that must be fetched before an answer can be read.
pub struct Need<F: Family> {
    /// What to run.
    pub plan: Plan<F>,
    /// Has the codec learn from its answer.
    pub learn: Learn<F>,
}

/// Has a codec learn from an answer.
pub type Learn<F> = Box<
    dyn Fn(&<F as Family>::Answer, &<F as Family>::Codec) -> Result<(), <F as Family>::Error>
        + Send,
>;

impl<F: Family> fmt::Debug for Need<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Need").field("plan", &self.plan).finish_non_exhaustive()
    }
}

/// Why an answer was not opened.
#[derive(Debug)]
pub enum Unopened<F: Family> {
    /// It can't be read, or it says that the call failed.
    Failed(F::Error),
    /// Something must be fetched first; then open again.
    Needs(Need<F>),
}

/// Reads an answer, or an item of a subscription, as the type that was asked for.
pub enum Opener<F: Family, From, R> {
    /// Needs nothing but the answer and the codec: most calls, and no allocation.
    Plain(fn(&From, &F::Codec) -> Result<R, Unopened<F>>),
    /// Keeps something of the call.
    Keeping(Box<dyn Fn(&From, &F::Codec) -> Result<R, Unopened<F>> + Send>),
    /// Has the result, for whoever takes it first.
    Ready(Cell<Option<R>>),
}

/// The error of who asks a second time for a result that was there once.
fn taken<F: Family>() -> Unopened<F> {
    Unopened::Failed(Failure::Overloaded("a result that was at hand is given out once").into())
}

impl<F: Family, From: 'static, R: 'static> Opener<F, From, R> {
    /// Reads the answer. May be asked again after a [`Need`] was met.
    pub fn open(&self, from: &From, codec: &F::Codec) -> Result<R, Unopened<F>> {
        match self {
            Self::Plain(open) => open(from, codec),
            Self::Keeping(open) => open(from, codec),
            Self::Ready(result) => result.take().ok_or_else(taken),
        }
    }

    fn then<S>(
        self,
        then: impl Fn(R, &F::Codec) -> Result<S, Unopened<F>> + Send + 'static,
    ) -> Opener<F, From, S>
    where
        R: Send,
    {
        Opener::Keeping(match self {
            Self::Plain(open) => Box::new(move |from, codec| then(open(from, codec)?, codec)),
            Self::Keeping(open) => Box::new(move |from, codec| then(open(from, codec)?, codec)),
            Self::Ready(result) => {
                Box::new(move |_, codec| then(result.take().ok_or_else(taken)?, codec))
            }
        })
    }
}

impl<F: Family, From, R> fmt::Debug for Opener<F, From, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opener")
    }
}

/// A call that has not been sent: nothing happens until an invoker or engine runs it.
#[must_use = "a call does nothing until it is run"]
#[derive(Debug)]
pub struct Call<F: Family, R> {
    /// What the engine runs.
    pub order: Order<F>,
    /// How the answer is read.
    pub opener: Opener<F, F::Answer, R>,
}

impl<F: Family, R: 'static> Call<F, R> {
    /// One request whose answer `open` reads.
    pub const fn one(
        request: F::Request,
        open: fn(&F::Answer, &F::Codec) -> Result<R, Unopened<F>>,
    ) -> Self {
        Self { order: Order::new(Plan::One(request)), opener: Opener::Plain(open) }
    }

    /// Several steps whose last answer `open` reads.
    pub fn steps(
        steps: impl Steps<F> + 'static,
        open: fn(&F::Answer, &F::Codec) -> Result<R, Unopened<F>>,
    ) -> Self {
        let plan = Plan::Steps(Box::new(steps));
        Self { order: Order::new(plan), opener: Opener::Plain(open) }
    }

    /// A call that fails when it is run.
    pub fn fail(error: F::Error) -> Self {
        let unread = |_: &F::Answer, _: &F::Codec| {
            Err(Unopened::Failed(Failure::Overloaded("a failed call has no answer").into()))
        };
        Self { order: Order::new(Plan::fail(error)), opener: Opener::Plain(unread) }
    }

    /// No call: its result was at hand. `answer` is what an engine gives that is asked to run it.
    pub const fn ready(answer: fn() -> F::Answer, result: R) -> Self {
        let opener = Opener::Ready(Cell::new(Some(result)));
        Self { order: Order::new(Plan::Ready(answer)), opener }
    }

    /// The most time that the call may take, from submission to its end.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.order.timeout = Some(timeout);
        self
    }

    /// As long as it takes, unless the caller says otherwise: for what waits on the peer for somebody
    /// else.
    pub fn endless(self) -> Self {
        self.timeout(Duration::MAX)
    }

    /// What gives back what the call took, if nobody waits for it any more when it succeeds.
    pub fn undo(
        mut self,
        undo: impl Fn(&F::Answer) -> Option<Plan<F>> + Send + Sync + 'static,
    ) -> Self {
        self.order.undo = Some(Arc::new(undo));
        self
    }

    /// Submitted as soon as it is invoked, for calls whose order among others matters and whose
    /// answer often nobody waits for: a Kafka record joins its batch.
    pub fn at_once(mut self) -> Self {
        self.order.at_once = true;
        self
    }

    /// The same call with its result turned into another.
    pub fn map<S>(self, map: impl Fn(R) -> S + Send + 'static) -> Call<F, S>
    where
        R: Send,
    {
        self.then(move |result, _| Ok(map(result)))
    }

    /// The same call with its result read further, which may fail or need something to be fetched.
    pub fn then<S>(
        self,
        then: impl Fn(R, &F::Codec) -> Result<S, Unopened<F>> + Send + 'static,
    ) -> Call<F, S>
    where
        R: Send,
    {
        Call { order: self.order, opener: self.opener.then(then) }
    }
}

/// A subscription that has not begun.
#[must_use = "nothing is subscribed until it is run"]
#[derive(Debug)]
pub struct Listen<F: Family, T> {
    /// What the engine registers.
    pub listen: F::Listen,
    /// How items are read.
    pub opener: Opener<F, F::Item, T>,
    /// Items that wait for a slow reader before the oldest waiting ones are missed.
    pub capacity: usize,
}

/// Items that wait for a slow reader unless it asks otherwise.
pub const SUBSCRIPTION_CAPACITY: usize = 10_000;

impl<F: Family, T: 'static> Listen<F, T> {
    /// A subscription with the usual capacity.
    pub const fn new(
        listen: F::Listen,
        open: fn(&F::Item, &F::Codec) -> Result<T, Unopened<F>>,
    ) -> Self {
        Self { listen, opener: Opener::Plain(open), capacity: SUBSCRIPTION_CAPACITY }
    }

    /// Another capacity; at least 1.
    pub fn capacity(mut self, items: usize) -> Self {
        self.capacity = items.max(1);
        self
    }

    /// The same subscription with its items turned into others.
    pub fn map<S>(self, map: impl Fn(T) -> S + Send + 'static) -> Listen<F, S>
    where
        T: Send,
    {
        let opener = self.opener.then(move |item, _| Ok(map(item)));
        Listen { listen: self.listen, opener, capacity: self.capacity }
    }
}

/// A call that was submitted and has not ended. By default it is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub(crate) Key);

impl Ticket {
    /// The ticket in 64 bits.
    pub const fn to_u64(self) -> u64 {
        self.0.to_u64()
    }

    /// The ticket that [`Ticket::to_u64`] packed.
    pub const fn from_u64(bits: u64) -> Self {
        Self(Key::from_u64(bits))
    }
}

/// A subscription of one client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubscriptionId(pub(crate) Key);

impl SubscriptionId {
    /// The id in 64 bits.
    pub const fn to_u64(self) -> u64 {
        self.0.to_u64()
    }

    /// The id that [`SubscriptionId::to_u64`] packed.
    pub const fn from_u64(bits: u64) -> Self {
        Self(Key::from_u64(bits))
    }
}

/// What a client engine tells its user.
pub enum ClientEvent<F: Family> {
    /// A call ended. Exactly once for each ticket that was not cancelled.
    Done(Ticket, Result<F::Answer, F::Error>),
    /// A subscription brought something.
    Item(SubscriptionId, F::Item),
    /// A subscription ended, by itself if there is no error.
    Ended(SubscriptionId, Result<(), F::Error>),
    /// The client's life took a turn.
    Lifecycle(Lifecycle),
    /// The last event: every call and subscription has ended, and the engine will do nothing more.
    /// The error says why it gave up by itself; there is none after [`Caller::shut_down`].
    ShutDown(Result<(), F::Error>),
    /// There is room again after a command was refused as [`Failure::Overloaded`].
    Room(ConnId),
    /// A remark for the log.
    Note(Note),
}

impl<F: Family> fmt::Debug for ClientEvent<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done(ticket, Ok(_)) => f.debug_tuple("Done").field(ticket).finish(),
            Self::Done(ticket, Err(error)) => {
                f.debug_tuple("Done").field(ticket).field(error).finish()
            }
            Self::Item(id, _) => f.debug_tuple("Item").field(id).finish(),
            Self::Ended(id, result) => f.debug_tuple("Ended").field(id).field(result).finish(),
            Self::Lifecycle(state) => state.fmt(f),
            Self::ShutDown(result) => f.debug_tuple("ShutDown").field(result).finish(),
            Self::Room(conn) => f.debug_tuple("Room").field(conn).finish(),
            Self::Note(note) => note.fmt(f),
        }
    }
}

/// A client's life, as its user sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lifecycle {
    /// It was made, and looks for its cluster. No event, but what one hears first who asks this early.
    Started,
    /// It is usable: connected, and its tables are known.
    Connected,
    /// Its last connection is gone; it tries again.
    Disconnected,
    /// It is connected to a cluster that isn't the one it knew.
    ChangedCluster,
    /// It is about to end its calls and subscriptions and to close its connections.
    ShuttingDown,
    /// It has.
    ShutDown,
}

/// What every client engine offers an adapter, so that adapters name no protocol.
pub trait Caller: Endpoint<Event = ClientEvent<Self::Family>> {
    /// The protocol's types.
    type Family: Family;

    /// Runs a call. Its end is [`ClientEvent::Done`].
    fn submit(&mut self, now: Instant, order: Order<Self::Family>) -> Ticket;

    /// Begins a subscription. The ticket ends when it is registered, or can't be.
    fn subscribe(
        &mut self,
        now: Instant,
        listen: <Self::Family as Family>::Listen,
    ) -> (Ticket, SubscriptionId);

    /// Ends a subscription; nothing of it comes after.
    fn unsubscribe(&mut self, now: Instant, id: SubscriptionId);

    /// Says how many more items a subscription's reader has room for. Pull sources fetch no more
    /// than that; sources that can't be held back ignore it.
    fn demand(&mut self, now: Instant, id: SubscriptionId, items: usize) {
        let _ = (now, id, items);
    }

    /// Nobody waits for a call any more: no `Done` comes for it. If it is undone, that goes on.
    fn cancel(&mut self, now: Instant, ticket: Ticket);

    /// Ends every call and subscription and closes every connection. [`ClientEvent::ShutDown`] is the
    /// last event.
    fn shut_down(&mut self, now: Instant);

    /// The codec that handles of this client share.
    fn codec(&self) -> Arc<<Self::Family as Family>::Codec>;
}
