//! [`Mio`]: a reactor and who turns it. Whoever waits drives.
//!
//! There is one [`Turner`]. A thread that waits for a future takes it and turns until its own future
//! is ready, completing the others' on the way, and then hands it to another that waits. While nobody
//! waits, a thread in the background turns, so that heartbeats are sent and answers to those who poll
//! elsewhere are taken. It takes over a moment after the last one left, since who has just waited
//! mostly waits again, and waking a thread for each call would cost more than the call.

use std::cell::Cell;
use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use crate::reactor::{Reactor, Sleep, Turner, lock};
use crate::socket::{Listener, TcpSocket};

/// How long the turner rests unused before the background thread takes it.
const REST: Duration = Duration::from_millis(1);
/// How seldom the background thread looks while one thread waits for long.
const LONGEST_REST: Duration = Duration::from_millis(50);

/// An event loop of mio. Clones share it.
#[derive(Clone)]
pub struct Mio {
    shared: Arc<Shared>,
}

struct Seat {
    state: Mutex<State>,
    /// Tells the background thread that the turner rests, or that it is to end.
    changed: Condvar,
    /// Threads that wait, the one that turns included.
    waiting: AtomicUsize,
}

struct State {
    /// Absent while somebody turns.
    turner: Option<Turner>,
    /// Threads that wait while somebody else turns, in the order they came.
    parked: VecDeque<Arc<Parker>>,
    /// How often the turner was put back.
    turns: u64,
    over: bool,
}

/// Held by users and tasks, and not by the background thread, which ends with the last.
struct Shared {
    reactor: Arc<Reactor>,
    seat: Arc<Seat>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        lock(&self.seat.state).over = true;
        self.seat.changed.notify_all();
        self.reactor.interrupt();
    }
}

impl Mio {
    /// A new event loop, with its background thread.
    pub fn new() -> io::Result<Self> {
        let (reactor, turner) = Reactor::new()?;
        let state = State { turner: Some(turner), parked: VecDeque::new(), turns: 0, over: false };
        let seat = Arc::new(Seat {
            state: Mutex::new(state),
            changed: Condvar::new(),
            waiting: AtomicUsize::new(0),
        });
        let (background, its_seat) = (Arc::clone(&reactor), Arc::clone(&seat));
        thread::Builder::new()
            .name("gridwire".into())
            .spawn(move || its_seat.turn_while_nobody_waits(&background))?;
        Ok(Self { shared: Arc::new(Shared { reactor, seat }) })
    }

    /// Waits for a future, and turns the event loop meanwhile if nobody else does. Not for use inside
    /// a task of the same event loop.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        let poll =
            |(_, future): &mut (_, Pin<&mut F>), cx: &mut Context<'_>| future.as_mut().poll(cx);
        Self::block_with((self, pin!(future)), |(event_loop, _)| event_loop, poll)
    }

    /// The same for who knows the event loop itself: one handle less to be made for each call.
    pub(crate) fn block_with<W, T>(
        mut waiting: W,
        event_loop: impl Fn(&W) -> &Self,
        mut poll: impl FnMut(&mut W, &mut Context<'_>) -> Poll<T>,
    ) -> T {
        let place = Place::take(&event_loop(&waiting).shared.reactor);
        let mut cx = Context::from_waker(&place.waker);
        loop {
            place.parker.woken.store(false, Ordering::SeqCst);
            if let Poll::Ready(output) = poll(&mut waiting, &mut cx) {
                place.keep();
                return output;
            }
            let Shared { reactor, seat } = &*event_loop(&waiting).shared;
            seat.wait(reactor, &place.parker);
        }
    }
}

/// Where a thread waits, with what wakes it there. A thread keeps the last one that it had: it mostly
/// waits for the same event loop again. Who was given the waker may wake it late, which does no harm.
struct Place {
    parker: Arc<Parker>,
    waker: Waker,
}

thread_local! {
    static KEPT: Cell<Option<Place>> = const { Cell::new(None) };
}

impl Place {
    /// The thread's own, unless it waits with it already.
    fn take(reactor: &Arc<Reactor>) -> Self {
        if let Ok(Some(place)) = KEPT.try_with(Cell::take)
            && place.parker.reactor.as_ptr() == Arc::as_ptr(reactor)
        {
            return place;
        }
        let parker = Arc::new(Parker {
            woken: AtomicBool::new(false),
            turning: AtomicBool::new(false),
            thread: thread::current(),
            reactor: Arc::downgrade(reactor),
        });
        Self { waker: Waker::from(Arc::clone(&parker)), parker }
    }

    fn keep(self) {
        // Only while the thread ends there is no place for it.
        let _ = KEPT.try_with(|kept| kept.set(Some(self)));
    }
}

impl Seat {
    /// Waits until the parker is woken, turning if nobody else does.
    fn wait(&self, reactor: &Reactor, parker: &Arc<Parker>) {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        while !parker.woken.load(Ordering::SeqCst) {
            let turner = {
                let mut state = lock(&self.state);
                let turner = state.turner.take();
                if turner.is_none() && !state.parked.iter().any(|other| Arc::ptr_eq(other, parker))
                {
                    state.parked.push_back(Arc::clone(parker));
                }
                turner
            };
            if let Some(mut turner) = turner {
                let woken = || parker.woken.load(Ordering::SeqCst);
                parker.turning.store(true, Ordering::SeqCst);
                while !woken() {
                    turner.turn(reactor, woken);
                }
                parker.turning.store(false, Ordering::SeqCst);
                let mut state = lock(&self.state);
                state.turner = Some(turner);
                state.turns += 1;
            } else {
                // The background thread gives way; a thread that waits goes on.
                if self.waiting.load(Ordering::SeqCst) == 1 {
                    reactor.interrupt();
                }
                thread::park();
            }
        }
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        let mut state = lock(&self.state);
        state.parked.retain(|other| !Arc::ptr_eq(other, parker));
        Self::hand_over(state);
    }

    /// If the turner rests, has one that waits take it. Whoever leaves does so, since it may have been
    /// the one that was called.
    fn hand_over(mut state: MutexGuard<'_, State>) {
        if state.turner.is_some()
            && let Some(next) = state.parked.pop_front()
        {
            drop(state);
            next.thread.unpark();
        }
    }

    /// The background thread.
    fn turn_while_nobody_waits(&self, reactor: &Arc<Reactor>) {
        loop {
            let mut turner = {
                let mut state = lock(&self.state);
                let mut rest = REST;
                loop {
                    if state.over {
                        drop(state);
                        reactor.clear();
                        return;
                    }
                    let before = state.turns;
                    let (after, _) = self
                        .changed
                        .wait_timeout(state, rest)
                        .unwrap_or_else(PoisonError::into_inner);
                    state = after;
                    let same = state.turns == before && state.turner.is_none();
                    rest = if same { (rest * 2).min(LONGEST_REST) } else { REST };
                    if state.turns == before
                        && self.waiting.load(Ordering::SeqCst) == 0
                        && let Some(turner) = state.turner.take()
                    {
                        break turner;
                    }
                }
            };
            let stop = || self.waiting.load(Ordering::SeqCst) > 0 || lock(&self.state).over;
            while !stop() {
                turner.turn(reactor, stop);
            }
            let mut state = lock(&self.state);
            state.turner = Some(turner);
            state.turns += 1;
            Self::hand_over(state);
        }
    }
}

/// A thread that waits for its future to be woken.
struct Parker {
    woken: AtomicBool,
    /// It waits in the poll rather than parked.
    turning: AtomicBool,
    thread: Thread,
    /// Kept by threads that may never wait again, so it keeps nothing alive.
    reactor: Weak<Reactor>,
}

impl Wake for Parker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.woken.swap(true, Ordering::SeqCst) || self.thread.id() == thread::current().id() {
            return;
        }
        if self.turning.load(Ordering::SeqCst) {
            if let Some(reactor) = self.reactor.upgrade() {
                reactor.interrupt();
            }
        } else {
            self.thread.unpark();
        }
    }
}

impl std::fmt::Debug for Mio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mio")
    }
}

impl gridwire_driver::Runtime for Mio {
    type Socket = TcpSocket;
    type Listener = Listener;
    type Sleep = Sleep;

    fn here() -> io::Result<Self> {
        Self::new()
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.shared.reactor.spawn(task);
    }

    /// A name is looked up by a thread of its own: the OS's resolver blocks.
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let shared = Arc::new(Lookup::default());
        let (answer, host) = (Arc::clone(&shared), host.to_owned());
        thread::Builder::new().name("gridwire-resolve".into()).spawn(move || {
            let found = (host.as_str(), port).to_socket_addrs().map(Iterator::collect);
            let mut state = lock(&answer.0);
            state.0 = Some(found);
            let waker = state.1.take();
            drop(state);
            waker.into_iter().for_each(Waker::wake);
        })?;
        std::future::poll_fn(|cx| {
            let mut state = lock(&shared.0);
            if let Some(found) = state.0.take() {
                return Poll::Ready(found);
            }
            state.1 = Some(cx.waker().clone());
            Poll::Pending
        })
        .await
    }

    async fn connect(&self, to: SocketAddr) -> io::Result<TcpSocket> {
        TcpSocket::connect(&self.shared.reactor, to).await
    }

    fn listen(&self, at: SocketAddr) -> io::Result<(Listener, SocketAddr)> {
        Listener::bind(&self.shared.reactor, at)
    }

    async fn accept(&self, on: &Listener) -> io::Result<TcpSocket> {
        on.accept().await
    }

    /// Its tasks run when a thread has nothing to do but to wait, and has sent what it had to send.
    async fn before_flush(&self) {}

    fn sleep_until(&self, at: Instant) -> Sleep {
        self.shared.reactor.sleep(at)
    }
}

/// What a resolving thread found, and who waits for it.
#[derive(Default)]
struct Lookup(Mutex<(Option<io::Result<Vec<SocketAddr>>>, Option<Waker>)>);
