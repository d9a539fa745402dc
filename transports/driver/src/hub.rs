//! [`Hub`]: an engine, what its events mean ([`Desk`]) and its connections, behind one lock.
//!
//! Everybody who has something for the engine takes the lock, tells it, and either drains its
//! outputs and writes, or leaves both to a flush that is pending. The lock is never held over a
//! system call or a waker: sockets are read and written by whoever has taken a link's buffer out
//! (`reading`, `writing`), and wakers collect in the state until [`Held`] is dropped.

use std::io::ErrorKind;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant as Std};

use gridwire_core::endpoint::{Cause, ConnId, Endpoint, Input, ListenerId, Target};
use gridwire_core::time::Instant;
use smallvec::SmallVec;

use crate::link::{Link, cause_of};
use crate::runtime::Socket;
use crate::state::State;
use crate::tls::{Stream, Tls};

/// Wakers that run when the lock is released.
pub(crate) type Wakers = SmallVec<[Waker; 4]>;

/// Room for so many is kept from one batch to the next.
const KEPT_WAKERS: usize = 1024;

/// What an engine's events mean to those who wait. Called with the lock held.
pub(crate) trait Desk<E: Endpoint>: Send + 'static {
    /// Takes an event. True if it was the engine's last.
    fn take(&mut self, event: E::Event, wakers: &mut Wakers) -> bool;

    /// Calls that somebody waits for.
    fn in_flight(&self) -> usize {
        0
    }

    /// Nothing will ever come again: ends everybody's waiting.
    fn abandon(&mut self, wakers: &mut Wakers);
}

/// One engine and its connections. See the module.
pub(crate) struct Hub<E: Endpoint, D, S> {
    state: Mutex<State<E, D, S>>,
    /// The engine's `Instant` 0.
    zero: Std,
    /// How its connections are secured.
    pub(crate) tls: Tls,
}

/// What the keeper does next.
pub(crate) enum Chore {
    Open(ConnId, Target),
    Flush,
    Timeout,
    Stop,
}

/// What a link's task does next.
pub(crate) enum Ready {
    Read,
    Write,
    Gone,
}

/// How a read went.
#[derive(Default)]
pub(crate) struct Turn {
    /// There may be more to read at once.
    pub(crate) more: bool,
    /// A flush is owed, after one yield if there were completions that may bring new calls.
    pub(crate) flush: bool,
    pub(crate) yields: bool,
}

/// The lock, held. Wakers run once it is released.
pub(crate) struct Held<'a, E: Endpoint, D: Desk<E>, S> {
    /// Present until it is dropped.
    guard: Option<MutexGuard<'a, State<E, D, S>>>,
    lock: &'a Mutex<State<E, D, S>>,
}

impl<E: Endpoint, D: Desk<E>, S> Drop for Held<'_, E, D, S> {
    fn drop(&mut self) {
        if let Some(mut state) = self.guard.take() {
            state.wake_keeper_if_owed();
            if state.wakers.is_empty() {
                return;
            }
            let mut wakers = std::mem::take(&mut state.wakers);
            drop(state);
            wakers.drain(..).for_each(Waker::wake);
            // A batch's room serves the next one, unless somebody has the lock and fills another.
            if wakers.spilled()
                && wakers.capacity() <= KEPT_WAKERS
                && let Ok(mut state) = self.lock.try_lock()
                && state.wakers.is_empty()
            {
                state.wakers = wakers;
            }
        }
    }
}

impl<E: Endpoint, D: Desk<E>, S> Deref for Held<'_, E, D, S> {
    type Target = State<E, D, S>;
    fn deref(&self) -> &State<E, D, S> {
        self.guard.as_ref().unwrap_or_else(|| unreachable!("a lock is held until it is dropped"))
    }
}

impl<E: Endpoint, D: Desk<E>, S> DerefMut for Held<'_, E, D, S> {
    fn deref_mut(&mut self) -> &mut State<E, D, S> {
        self.guard.as_mut().unwrap_or_else(|| unreachable!("a lock is held until it is dropped"))
    }
}

impl<E: Endpoint, D: Desk<E>, S: Socket> Hub<E, D, S> {
    pub(crate) fn new(engine: E, desk: D, tls: Tls) -> Self {
        Self { state: Mutex::new(State::new(engine, desk)), zero: Std::now(), tls }
    }

    pub(crate) fn lock(&self) -> Held<'_, E, D, S> {
        // A panic under the lock is a fault of an engine: the others' calls still end by their
        // deadlines rather than by a second panic.
        let guard = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        Held { guard: Some(guard), lock: &self.state }
    }

    /// The engine's time.
    pub(crate) fn now(&self) -> Instant {
        Instant::ZERO + self.zero.elapsed()
    }

    /// The moment of the OS's clock that is `at` to the engine; `None` if that is beyond its range.
    pub(crate) fn os_time(&self, at: Instant) -> Option<Std> {
        self.zero.checked_add(Duration::from_nanos(at.as_nanos()))
    }

    /// Has the engine do something for a caller, and writes at once if nothing else goes on; else a
    /// flush is pending or is asked for.
    pub(crate) fn command<R>(&self, command: impl FnOnce(&mut State<E, D, S>, Instant) -> R) -> R {
        let now = self.now();
        let mut held = self.lock();
        let quiet = !held.flush_pending && held.dirty.is_empty() && held.desk.in_flight() == 0;
        let result = command(&mut held, now);
        if quiet {
            held.drain(now);
            self.write(held);
        } else {
            held.nudge();
        }
        result
    }

    /// Drains the engine and writes what it says.
    pub(crate) fn flush(&self) {
        let now = self.now();
        let mut held = self.lock();
        held.flush_pending = false;
        held.drain(now);
        self.write(held);
    }

    /// The time is up for something.
    pub(crate) fn timeout(&self) {
        let now = self.now();
        let mut held = self.lock();
        if held.engine.deadline().is_some_and(|at| at <= now) {
            held.engine.handle(now, Input::Timeout);
        }
        while let Some((at, conn)) = held.endings.first().copied()
            && at <= now
        {
            held.remove(conn);
        }
        held.drain(now);
        self.write(held);
    }

    /// Writes links that have something new, with the lock released meanwhile.
    fn write<'a>(&'a self, mut held: Held<'a, E, D, S>) {
        while let Some(conn) = held.dirty.pop() {
            let Some(link) = held.links.get_mut(&conn) else { continue };
            link.dirty = false;
            if link.writing || link.blocked || link.broken.is_some() {
                continue;
            }
            let Some(socket) = link.socket.clone() else { continue };
            link.writing = true;
            let mut out = std::mem::take(&mut link.out);
            drop(held);
            let (taken, result) = out.write_to(&*socket);
            let now = self.now();
            held = self.lock();
            let State { links, wakers, engine, .. } = &mut *held;
            let Some(link) = links.get_mut(&conn) else { continue };
            link.writing = false;
            out.append(&mut link.out);
            link.out = out;
            let mut unfinished = false;
            match result {
                Ok(()) => unfinished = !link.out.is_empty(),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    link.blocked = true;
                    wakers.extend(link.waker.take());
                }
                Err(error) => {
                    link.broken = Some(cause_of(&error));
                    link.out.clear();
                    wakers.extend(link.waker.take());
                }
            }
            if taken > 0 && link.ending.is_none() {
                engine.handle(now, Input::Sent { conn, bytes: taken });
            }
            held.finish_ending(conn);
            if let Some(cause) = held.links.get_mut(&conn).and_then(|link| link.over.take()) {
                held.end(now, conn, cause);
            } else if unfinished {
                // Not for ever by one thread: a caller wants to get on.
                held.mark_dirty(conn);
                held.drain(now);
                held.nudge();
                return;
            }
            held.drain(now);
        }
    }

    // What the keeper's task asks for.

    /// The keeper's next chore, or when it is to look again by itself: its alarm is set for `armed`.
    pub(crate) fn poll_chore(
        &self,
        cx: &mut Context<'_>,
        armed: Option<Instant>,
    ) -> Result<Chore, Option<Instant>> {
        let now = self.now();
        let mut held = self.lock();
        if let Some((conn, target)) = held.opens.pop_front() {
            return Ok(Chore::Open(conn, target));
        }
        if std::mem::take(&mut held.nudged) {
            return Ok(Chore::Flush);
        }
        if held.stopping && held.links.is_empty() {
            return Ok(Chore::Stop);
        }
        let deadline = held.deadline();
        if deadline.is_some_and(|at| at <= now) {
            return Ok(Chore::Timeout);
        }
        let armed = match (armed.filter(|at| *at > now), deadline) {
            (Some(armed), Some(deadline)) => Some(armed.min(deadline)),
            (armed, deadline) => armed.or(deadline),
        };
        held.armed = armed;
        held.keeper = Some(cx.waker().clone());
        Err(armed)
    }

    // What links' tasks ask for.

    /// A connection stands. False if the engine has given it up meanwhile.
    pub(crate) fn opened(&self, conn: ConnId, socket: &Arc<Stream<S>>) -> bool {
        let peer = socket.peer();
        let now = self.now();
        let mut held = self.lock();
        let Some(link) = held.links.get_mut(&conn) else { return false };
        link.socket = Some(Arc::clone(socket));
        link.more = socket.is_worth_reading();
        held.engine.handle(now, Input::Opened { conn, peer: &peer });
        held.drain(now);
        self.write(held);
        true
    }

    /// A listening socket has a connection. `None` if the engine doesn't want it.
    pub(crate) fn accept(&self, on: ListenerId, socket: &Arc<Stream<S>>) -> Option<ConnId> {
        let peer = socket.peer();
        let now = self.now();
        let mut held = self.lock();
        if held.stopping {
            return None;
        }
        let conn = held.engine.accept(now, on, &peer)?;
        let mut link = Link::new(Some(Arc::clone(socket)));
        link.more = socket.is_worth_reading();
        held.links.insert(conn, link);
        held.drain(now);
        self.write(held);
        Some(conn)
    }

    /// A connection could not be opened.
    pub(crate) fn unopened(&self, conn: ConnId, cause: Cause) {
        let now = self.now();
        let mut held = self.lock();
        held.end(now, conn, cause);
        held.drain(now);
        self.write(held);
    }

    /// Ready when the engine has given a connection up.
    pub(crate) fn poll_gone(&self, cx: &mut Context<'_>, conn: ConnId) -> Poll<()> {
        match self.lock().links.get_mut(&conn) {
            Some(link) => {
                link.waker = Some(cx.waker().clone());
                Poll::Pending
            }
            None => Poll::Ready(()),
        }
    }

    /// What a link's task does next.
    pub(crate) fn poll_link(
        &self,
        cx: &mut Context<'_>,
        conn: ConnId,
        socket: &Stream<S>,
    ) -> Poll<Ready> {
        let (read, write) = {
            let mut held = self.lock();
            let Some(link) = held.links.get_mut(&conn) else { return Poll::Ready(Ready::Gone) };
            if (link.broken.is_some() && !link.writing) || (link.more && !link.paused) {
                return Poll::Ready(Ready::Read);
            }
            if !link.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
                link.waker = Some(cx.waker().clone());
            }
            (!link.paused, link.blocked || socket.is_unflushed())
        };
        // A failed wait shows in the read or write that follows.
        if write && socket.poll_writable(cx).is_ready() {
            return Poll::Ready(Ready::Write);
        }
        if read && socket.poll_readable(cx).is_ready() {
            return Poll::Ready(Ready::Read);
        }
        Poll::Pending
    }

    /// The socket has room again.
    pub(crate) fn writable(&self, conn: ConnId) {
        let mut held = self.lock();
        if let Some(link) = held.links.get_mut(&conn) {
            link.blocked = false;
            // Even with nothing new: a session may have something of its own to write.
            if !std::mem::replace(&mut link.dirty, true) {
                held.dirty.push(conn);
            }
        }
        self.write(held);
    }

    /// Reads once, and has the engine take it.
    pub(crate) fn read(&self, conn: ConnId, socket: &Stream<S>) -> Turn {
        let mut turn = Turn::default();
        let mut data = {
            let mut held = self.lock();
            let Some(link) = held.links.get_mut(&conn) else { return turn };
            link.take_unread()
        };
        let result = socket.try_read(&mut data);
        let spare = data.capacity() - data.len();
        let read = *result.as_ref().unwrap_or(&0);

        let now = self.now();
        let mut held = self.lock();
        let State { links, engine, .. } = &mut *held;
        let Some(link) = links.get_mut(&conn) else { return turn };
        let mut end = None;
        let mut offer = std::mem::take(&mut link.offer);
        match result {
            Ok(0) => end = Some(Cause::Eof),
            Ok(_) => offer = true,
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::Interrupted => end.clone_from(&link.broken),
                _ => end = Some(cause_of(&error)),
            },
        }
        if link.ending.is_some() {
            data.clear();
        } else if offer && !link.paused && !data.is_empty() {
            engine.handle(now, Input::Received { conn, data: &mut data });
        }
        link.keep_unread(data, read, spare);
        let before = held.desk.in_flight();
        if let Some(cause) = end {
            let cause = held.links.get_mut(&conn).and_then(|l| l.broken.take()).unwrap_or(cause);
            held.end(now, conn, cause);
        }
        held.drain(now);
        let left = held.desk.in_flight();
        let completed = before.saturating_sub(left);
        // Who is alone writes for himself; many are worth waiting for.
        turn.yields = completed > 1 || (completed == 1 && left > 0);
        turn.flush = turn.yields || !held.dirty.is_empty();
        held.flush_pending |= turn.flush;
        turn.more = held.links.get(&conn).is_some_and(|link| link.more && !link.paused);
        turn
    }

    // Life and death.

    /// Counts a task, until the guard is dropped.
    pub(crate) fn begin_task(self: &Arc<Self>, keeper: bool) -> TaskGuard<E, D, S> {
        self.lock().running += 1;
        TaskGuard { hub: Arc::clone(self), keeper }
    }

    /// Ready when no connection is opened or accepted any more.
    pub(crate) fn poll_stopping(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut held = self.lock();
        if held.stopping {
            return Poll::Ready(());
        }
        held.watch(cx);
        Poll::Pending
    }

    /// Ready when all tasks have ended.
    pub(crate) fn poll_idle(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut held = self.lock();
        if held.running == 0 {
            return Poll::Ready(());
        }
        held.watch(cx);
        Poll::Pending
    }
}

/// A task that has not ended. If the keeper's ends before the hub was stopped, as when its event
/// loop is torn down, nobody will be answered any more, and they are told.
pub(crate) struct TaskGuard<E: Endpoint, D: Desk<E>, S: Socket> {
    hub: Arc<Hub<E, D, S>>,
    keeper: bool,
}

impl<E: Endpoint, D: Desk<E>, S: Socket> Drop for TaskGuard<E, D, S> {
    fn drop(&mut self) {
        let now = self.hub.now();
        let mut held = self.hub.lock();
        held.running -= 1;
        if self.keeper {
            if !held.stopping {
                held.stop(now);
            }
            let State { desk, wakers, .. } = &mut *held;
            desk.abandon(wakers);
        }
        if held.running == 0 {
            let State { watchers, wakers, .. } = &mut *held;
            wakers.append(watchers);
        }
    }
}
