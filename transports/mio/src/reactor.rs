//! [`Reactor`]: sockets, timers and tasks, turned by whoever has the [`Turner`].
//!
//! One turn runs the tasks that are ready, waits for sockets and timers, and runs what they woke.
//! Anybody may wake a task at any time; if the turner waits in the poll just then, it is woken.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use mio::event::Source;
use mio::{Events, Interest, Registry, Token};

/// Wakes the turner.
const WAKE: Token = Token(0);
const EVENTS: usize = 256;

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What tasks and sockets share.
pub(crate) struct Reactor {
    registry: Registry,
    waker: mio::Waker,
    /// Somebody waits in the poll.
    polling: AtomicBool,
    ready: Mutex<VecDeque<Arc<Task>>>,
    timers: Mutex<BTreeMap<(Instant, u64), Waker>>,
    next_timer: AtomicU64,
    sources: Mutex<BTreeMap<usize, Arc<Readiness>>>,
    next_source: AtomicUsize,
}

/// The right to turn a reactor.
pub(crate) struct Turner {
    poll: mio::Poll,
    events: Events,
}

impl Reactor {
    pub(crate) fn new() -> io::Result<(Arc<Self>, Turner)> {
        let poll = mio::Poll::new()?;
        let registry = poll.registry().try_clone()?;
        let waker = mio::Waker::new(&registry, WAKE)?;
        let reactor = Self {
            registry,
            waker,
            polling: AtomicBool::new(false),
            ready: Mutex::default(),
            timers: Mutex::default(),
            next_timer: AtomicU64::new(0),
            sources: Mutex::default(),
            next_source: AtomicUsize::new(WAKE.0 + 1),
        };
        Ok((Arc::new(reactor), Turner { poll, events: Events::with_capacity(EVENTS) }))
    }

    pub(crate) fn spawn(self: &Arc<Self>, future: impl Future<Output = ()> + Send + 'static) {
        let task = Task {
            future: Mutex::new(Some(Box::pin(future))),
            queued: AtomicBool::new(false),
            reactor: Arc::downgrade(self),
        };
        Arc::new(task).wake();
    }

    /// Has a turner that waits in the poll come back.
    pub(crate) fn interrupt(&self) {
        if self.polling.load(Ordering::SeqCst) {
            // Fails only when the OS is out of resources; the poll then ends by its timer.
            let _ = self.waker.wake();
        }
    }

    /// Drops all tasks that are ready; those that wait end with what they wait for.
    pub(crate) fn clear(&self) {
        let tasks = std::mem::take(&mut *lock(&self.ready));
        drop(tasks);
    }

    pub(crate) fn register(&self, source: &mut impl Source) -> io::Result<(usize, Arc<Readiness>)> {
        let token = self.next_source.fetch_add(1, Ordering::Relaxed);
        let readiness = Arc::new(Readiness::default());
        lock(&self.sources).insert(token, Arc::clone(&readiness));
        let interest = Interest::READABLE | Interest::WRITABLE;
        if let Err(error) = self.registry.register(source, Token(token), interest) {
            lock(&self.sources).remove(&token);
            return Err(error);
        }
        Ok((token, readiness))
    }

    pub(crate) fn deregister(&self, source: &mut impl Source, token: usize) {
        lock(&self.sources).remove(&token);
        // The socket is about to be closed, which ends its registration too.
        let _ = self.registry.deregister(source);
    }

    pub(crate) fn sleep(self: &Arc<Self>, at: Instant) -> Sleep {
        let id = self.next_timer.fetch_add(1, Ordering::Relaxed);
        Sleep { reactor: Arc::clone(self), key: (at, id) }
    }

    fn next_task(&self) -> Option<Arc<Task>> {
        lock(&self.ready).pop_front()
    }
}

impl Turner {
    /// Runs what is ready, waits for more, and runs that once. `done` says that whoever turns has
    /// something better to do than to wait.
    pub(crate) fn turn(&mut self, reactor: &Reactor, done: impl Fn() -> bool) {
        Self::run(reactor);
        if done() {
            return;
        }
        reactor.polling.store(true, Ordering::SeqCst);
        let timeout = Self::timeout(reactor, done());
        // An error of the poll itself, an interrupt of a signal for one, brings no events.
        let polled = self.poll.poll(&mut self.events, timeout);
        reactor.polling.store(false, Ordering::SeqCst);
        if polled.is_ok() {
            let sources = lock(&reactor.sources);
            for event in &self.events {
                if let Some(readiness) = sources.get(&event.token().0) {
                    readiness.set(event);
                }
            }
        }
        let due = {
            let mut timers = lock(&reactor.timers);
            if timers.is_empty() {
                BTreeMap::new()
            } else {
                let later = timers.split_off(&(Instant::now(), u64::MAX));
                std::mem::replace(&mut *timers, later)
            }
        };
        due.into_values().for_each(Waker::wake);
        Self::run(reactor);
    }

    /// Runs the tasks that are ready now, and not what they make ready again.
    fn run(reactor: &Reactor) {
        let ready = lock(&reactor.ready).len();
        for _ in 0..ready {
            let Some(task) = reactor.next_task() else { return };
            task.run();
        }
    }

    fn timeout(reactor: &Reactor, done: bool) -> Option<Duration> {
        if done || !lock(&reactor.ready).is_empty() {
            return Some(Duration::ZERO);
        }
        let first = lock(&reactor.timers).keys().next().map(|(at, _)| *at);
        first.map(|at| at.saturating_duration_since(Instant::now()))
    }
}

/// A future that the reactor runs.
pub(crate) struct Task {
    future: Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>,
    queued: AtomicBool,
    reactor: Weak<Reactor>,
}

impl Task {
    fn run(self: Arc<Self>) {
        self.queued.store(false, Ordering::SeqCst);
        let waker = Waker::from(Arc::clone(&self));
        let mut slot = lock(&self.future);
        if let Some(future) = slot.as_mut()
            && future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready()
        {
            *slot = None;
        }
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        if self.queued.swap(true, Ordering::SeqCst) {
            return;
        }
        if let Some(reactor) = self.reactor.upgrade() {
            lock(&reactor.ready).push_back(self);
            reactor.interrupt();
        }
    }
}

/// Ends at a time.
pub struct Sleep {
    reactor: Arc<Reactor>,
    key: (Instant, u64),
}

impl std::fmt::Debug for Sleep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sleep").field("until", &self.key.0).finish_non_exhaustive()
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if Instant::now() >= self.key.0 {
            return Poll::Ready(());
        }
        let mut timers = lock(&self.reactor.timers);
        timers.insert(self.key, cx.waker().clone());
        let first = timers.keys().next() == Some(&self.key);
        drop(timers);
        if first {
            self.reactor.interrupt();
        }
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        lock(&self.reactor.timers).remove(&self.key);
    }
}

/// What a socket was last said to be ready for, in each direction.
#[derive(Default)]
pub(crate) struct Readiness {
    pub(crate) read: Direction,
    pub(crate) write: Direction,
}

impl Readiness {
    fn set(&self, event: &mio::event::Event) {
        if event.is_readable() || event.is_error() {
            self.read.set(event.is_read_closed() || event.is_error());
        }
        if event.is_writable() || event.is_error() {
            self.write.set(event.is_write_closed() || event.is_error());
        }
    }
}

/// A flag that the poll sets once per change and only `WouldBlock`, or a read that left room, clears.
#[derive(Default)]
pub(crate) struct Direction(Mutex<Flag>);

#[derive(Default)]
struct Flag {
    ready: bool,
    /// Ready for ever: what comes is the end.
    closed: bool,
    /// Changes with each event, so that what was tried before one doesn't clear the flag after it.
    tick: u32,
    waker: Option<Waker>,
}

impl Direction {
    fn set(&self, closed: bool) {
        let waker = {
            let mut flag = lock(&self.0);
            flag.ready = true;
            flag.closed |= closed;
            flag.tick = flag.tick.wrapping_add(1);
            flag.waker.take()
        };
        waker.into_iter().for_each(Waker::wake);
    }

    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        let mut flag = lock(&self.0);
        if flag.ready || flag.closed {
            return Poll::Ready(());
        }
        flag.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Tries something; `exhausted` says of its result whether nothing is left to do.
    pub(crate) fn attempt<T>(
        &self,
        attempt: impl FnOnce() -> io::Result<T>,
        exhausted: impl FnOnce(&T) -> bool,
    ) -> io::Result<T> {
        let tick = lock(&self.0).tick;
        let result = attempt();
        let clear = match &result {
            Ok(value) => exhausted(value),
            Err(error) => error.kind() == io::ErrorKind::WouldBlock,
        };
        if clear {
            let mut flag = lock(&self.0);
            if flag.tick == tick {
                flag.ready = false;
            }
        }
        result
    }
}
