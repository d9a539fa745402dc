//! [`State`]: what a hub's lock guards, and how the engine's outputs are taken.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::Shutdown as Direction;
use std::task::{Context, Waker};

use gridwire_core::endpoint::{Cause, ConnId, Endpoint, Input, Output, Shutdown, Target};
use gridwire_core::time::Instant;

use crate::hub::{Desk, Wakers};
use crate::link::Link;
use crate::runtime::Socket;

/// An engine, its desk and its links.
pub(crate) struct State<E: Endpoint, D, S> {
    pub(crate) engine: E,
    pub(crate) desk: D,
    pub(crate) links: BTreeMap<ConnId, Link<S>>,
    /// Links with something new to write.
    pub(crate) dirty: Vec<ConnId>,
    /// When closed links that still write or linger are dropped.
    pub(crate) endings: BTreeSet<(Instant, ConnId)>,
    pub(crate) opens: VecDeque<(ConnId, Target)>,
    /// Somebody will flush: a reader after its yield, or the keeper.
    pub(crate) flush_pending: bool,
    /// The keeper is to flush.
    pub(crate) nudged: bool,
    /// When the keeper wakes by itself.
    pub(crate) armed: Option<Instant>,
    pub(crate) keeper: Option<Waker>,
    /// The engine was drained: it may have a deadline before the keeper's alarm, or a connection to open.
    pub(crate) drained: bool,
    /// No connection is opened or accepted any more, and the tasks end with the last link.
    pub(crate) stopping: bool,
    /// Tasks that have not ended.
    pub(crate) running: usize,
    /// Who waits for `stopping`, or for `running` to come to 0.
    pub(crate) watchers: Wakers,
    pub(crate) wakers: Wakers,
}

impl<E: Endpoint, D: Desk<E>, S: Socket> State<E, D, S> {
    pub(crate) fn new(engine: E, desk: D) -> Self {
        Self {
            engine,
            desk,
            links: BTreeMap::new(),
            dirty: Vec::new(),
            endings: BTreeSet::new(),
            opens: VecDeque::new(),
            flush_pending: false,
            nudged: false,
            armed: None,
            keeper: None,
            drained: false,
            stopping: false,
            running: 0,
            watchers: Wakers::new(),
            wakers: Wakers::new(),
        }
    }

    /// Takes all outputs of the engine. Nothing is written yet.
    pub(crate) fn drain(&mut self, now: Instant) {
        self.drained = true;
        while let Some(output) = self.engine.poll_output() {
            match output {
                Output::Open { conn, target } => self.open(now, conn, target),
                Output::Send { conn, data } => {
                    if let Some(link) = self.links.get_mut(&conn) {
                        link.out.push(data);
                        self.mark_dirty(conn);
                    }
                }
                Output::Close { conn, how } => self.close(now, conn, how),
                Output::Pause { conn } => {
                    if let Some(link) = self.links.get_mut(&conn) {
                        link.paused = true;
                    }
                }
                Output::Resume { conn } => self.resume(now, conn),
                Output::Event(event) => {
                    if self.desk.take(event, &mut self.wakers) {
                        self.stop(now);
                    }
                }
            }
        }
    }

    pub(crate) fn open(&mut self, now: Instant, conn: ConnId, target: Target) {
        if self.stopping {
            self.engine.handle(now, Input::Closed { conn, cause: Cause::Local });
        } else {
            self.links.insert(conn, Link::new(None));
            self.opens.push_back((conn, target));
        }
    }

    pub(crate) fn close(&mut self, now: Instant, conn: ConnId, how: Shutdown) {
        let Some(link) = self.links.get_mut(&conn) else { return };
        match how {
            Shutdown::Flush(time) if link.socket.is_some() && link.broken.is_none() => {
                let until = now + time;
                link.ending = Some(until);
                link.paused = false;
                // The engine has no use for what comes; the peer's own end is waited for, since
                // closing over unread bytes would reset the connection and lose what was written.
                link.unread = bytes::BytesMut::new();
                self.wakers.extend(link.waker.take());
                self.endings.insert((until, conn));
                self.finish_ending(conn);
            }
            _ => self.remove(conn),
        }
    }

    pub(crate) fn resume(&mut self, now: Instant, conn: ConnId) {
        let Some(link) = self.links.get_mut(&conn) else { return };
        if link.ending.is_some() {
            return;
        }
        if std::mem::take(&mut link.paused) {
            self.wakers.extend(link.waker.take());
        }
        // Whoever reads right now has the bytes, and offers them.
        link.offer = link.reading;
        if !link.reading && !link.unread.is_empty() {
            let mut unread = std::mem::take(&mut link.unread);
            self.engine.handle(now, Input::Received { conn, data: &mut unread });
            if !unread.is_empty() {
                link.unread = unread;
            }
        }
    }

    /// Tells the peer of a closed link that no more comes, once all is written.
    pub(crate) fn finish_ending(&mut self, conn: ConnId) {
        if let Some(link) = self.links.get_mut(&conn)
            && link.ending.is_some()
            && !link.writing
            && !link.blocked
            && link.out.is_empty()
            && let Some(socket) = &link.socket
            && !std::mem::replace(&mut link.shut, true)
        {
            socket.shut_down(Direction::Write);
        }
    }

    /// The transport ended a connection. If somebody writes, they say so after they have said what
    /// was taken.
    pub(crate) fn end(&mut self, now: Instant, conn: ConnId, cause: Cause) {
        let Some(link) = self.links.get_mut(&conn) else { return };
        if link.writing {
            link.over = Some(cause);
            link.paused = true;
            return;
        }
        let known = link.ending.is_none();
        self.remove(conn);
        if known {
            self.engine.handle(now, Input::Closed { conn, cause });
        }
    }

    pub(crate) fn remove(&mut self, conn: ConnId) {
        if let Some(link) = self.links.remove(&conn) {
            self.wakers.extend(link.waker);
            if let Some(until) = link.ending {
                self.endings.remove(&(until, conn));
            }
            if self.stopping && self.links.is_empty() {
                self.wakers.extend(self.keeper.take());
            }
        }
    }

    pub(crate) fn mark_dirty(&mut self, conn: ConnId) {
        if let Some(link) = self.links.get_mut(&conn)
            && !link.out.is_empty()
            && !std::mem::replace(&mut link.dirty, true)
        {
            self.dirty.push(conn);
        }
    }

    /// Has the keeper flush, unless a flush is pending.
    pub(crate) fn nudge(&mut self) {
        if !std::mem::replace(&mut self.flush_pending, true) {
            self.nudged = true;
            self.wakers.extend(self.keeper.take());
        }
    }

    /// Opens nothing more; links that the engine doesn't close itself are closed now, and tasks end.
    pub(crate) fn stop(&mut self, now: Instant) {
        self.stopping = true;
        self.opens.clear();
        let open: Vec<_> =
            self.links.iter().filter(|(_, l)| l.ending.is_none()).map(|(conn, _)| *conn).collect();
        for conn in open {
            self.remove(conn);
            self.engine.handle(now, Input::Closed { conn, cause: Cause::Local });
        }
        self.wakers.extend(self.keeper.take());
        self.wakers.append(&mut self.watchers);
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        let ending = self.endings.first().map(|(at, _)| *at);
        match (self.engine.deadline(), ending) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    pub(crate) fn watch(&mut self, cx: &Context<'_>) {
        if !self.watchers.iter().any(|waker| waker.will_wake(cx.waker())) {
            self.watchers.push(cx.waker().clone());
        }
    }
}

impl<E: Endpoint, D, S> State<E, D, S> {
    /// Wakes the keeper for a connection to open, or a deadline before its alarm.
    pub(crate) fn wake_keeper_if_owed(&mut self) {
        if !std::mem::take(&mut self.drained) || self.keeper.is_none() {
            return;
        }
        let ending = self.endings.first().map(|(at, _)| *at);
        let earlier = |at: Instant| self.armed.is_none_or(|armed| at < armed);
        if !self.opens.is_empty()
            || self.engine.deadline().is_some_and(earlier)
            || ending.is_some_and(earlier)
        {
            self.wakers.extend(self.keeper.take());
        }
    }
}
