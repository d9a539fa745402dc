//! [`CallDesk`]: who waits for what of a client engine: calls by ticket, subscriptions by id, and
//! those who want to know whether the client is connected or down.

use std::hash::{BuildHasherDefault, Hasher};
use std::task::{Context, Poll, Waker};

use gridwire_core::call::{
    Caller, ClientEvent, Failure, Family, Lifecycle, SubscriptionId, Ticket,
};
use gridwire_core::endpoint::Severity;
use gridwire_core::invoker::Delivered;
use gridwire_core::subscription::Queue;
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;

use crate::hub::{Desk, Wakers};

/// Keys are the engine's own small numbers, not a peer's: one multiplication spreads them.
#[derive(Default)]
pub(crate) struct Spread(u64);

impl Hasher for Spread {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(26);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

type Table<T> = HashMap<u64, T, BuildHasherDefault<Spread>>;

type End<F> = Result<<F as Family>::Answer, <F as Family>::Error>;

/// A call that somebody waits for.
enum Slot<F: Family> {
    Waiting(Waker),
    Done(End<F>),
}

/// What waits for the reader of a subscription.
struct Reader<F: Family> {
    queue: Queue<F::Item>,
    waker: Option<Waker>,
    /// It has ended: how. Taken once it was told.
    ended: Option<Result<(), F::Error>>,
    /// Whether the peer has registered it.
    registration: Registration<F>,
}

enum Registration<F: Family> {
    Pending(Ticket),
    Done(Result<(), F::Error>),
}

/// What polling a subscription gives.
pub(crate) enum Next<F: Family> {
    Delivered(Delivered<F::Item>, usize),
    Ended(Result<(), F::Error>),
}

/// The desk of a client.
pub(crate) struct CallDesk<F: Family> {
    calls: Table<Slot<F>>,
    waiting: usize,
    readers: Table<Reader<F>>,
    /// Tickets of registrations, with their subscription.
    registrations: Table<u64>,
    connected: bool,
    down: Option<Result<(), F::Error>>,
    watchers: Wakers,
}

impl<F: Family> Default for CallDesk<F> {
    fn default() -> Self {
        Self {
            calls: Table::default(),
            waiting: 0,
            readers: Table::default(),
            registrations: Table::default(),
            connected: false,
            down: None,
            watchers: Wakers::new(),
        }
    }
}

impl<F: Family> CallDesk<F> {
    /// Whether the engine has ended, and does nothing more.
    pub(crate) fn is_down(&self) -> bool {
        self.down.is_some()
    }

    /// Why calls end from now on.
    pub(crate) fn end(&self) -> F::Error {
        match &self.down {
            Some(Err(error)) => error.clone(),
            _ => Failure::ShutDown.into(),
        }
    }

    /// Somebody waits for a call.
    pub(crate) fn expect(&mut self, ticket: Ticket, waker: Waker) {
        self.waiting += 1;
        self.calls.insert(ticket.to_u64(), Slot::Waiting(waker));
    }

    /// The end of a call, if it has come.
    pub(crate) fn poll_call(&mut self, cx: &mut Context<'_>, ticket: Ticket) -> Poll<End<F>> {
        let Entry::Occupied(mut slot) = self.calls.entry(ticket.to_u64()) else {
            return Poll::Ready(Err(self.end()));
        };
        if let Slot::Waiting(waker) = slot.get_mut() {
            if !waker.will_wake(cx.waker()) {
                cx.waker().clone_into(waker);
            }
            return Poll::Pending;
        }
        match slot.remove() {
            Slot::Done(end) => Poll::Ready(end),
            Slot::Waiting(_) => Poll::Pending,
        }
    }

    /// Nobody waits for a call any more.
    pub(crate) fn abandon_call(&mut self, ticket: Ticket) -> Abandoned<F> {
        match self.calls.remove(&ticket.to_u64()) {
            None | Some(Slot::Done(Err(_))) => Abandoned::Over,
            Some(Slot::Waiting(_)) => {
                self.waiting -= 1;
                Abandoned::InFlight
            }
            Some(Slot::Done(Ok(answer))) => Abandoned::Done(answer),
        }
    }

    /// Somebody reads a subscription.
    pub(crate) fn read(&mut self, id: SubscriptionId, ticket: Ticket, capacity: usize) {
        self.registrations.insert(ticket.to_u64(), id.to_u64());
        self.readers.insert(
            id.to_u64(),
            Reader {
                queue: Queue::new(capacity),
                waker: None,
                ended: None,
                registration: Registration::Pending(ticket),
            },
        );
    }

    /// The next of a subscription, with the room behind it.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>, id: SubscriptionId) -> Poll<Next<F>> {
        let end = self.end();
        let Some(reader) = self.readers.get_mut(&id.to_u64()) else {
            return Poll::Ready(Next::Ended(Err(end)));
        };
        if let Some(delivered) = reader.queue.pop() {
            return Poll::Ready(Next::Delivered(delivered, reader.queue.room()));
        }
        if let Some(ended) = reader.ended.clone() {
            return Poll::Ready(Next::Ended(ended));
        }
        reader.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Whether the peer has registered a subscription.
    pub(crate) fn poll_registered(
        &mut self,
        cx: &mut Context<'_>,
        id: SubscriptionId,
    ) -> Poll<Result<(), F::Error>> {
        let end = self.end();
        let Some(reader) = self.readers.get_mut(&id.to_u64()) else {
            return Poll::Ready(Err(end));
        };
        match (&reader.registration, &reader.ended) {
            (Registration::Done(result), _) | (_, Some(result)) => Poll::Ready(result.clone()),
            _ => {
                reader.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    /// Nobody reads a subscription any more.
    pub(crate) fn unread(&mut self, id: SubscriptionId) {
        if let Some(Reader { registration: Registration::Pending(ticket), .. }) =
            self.readers.remove(&id.to_u64())
        {
            self.registrations.remove(&ticket.to_u64());
        }
    }

    /// Ready when the client is usable, or never will be.
    pub(crate) fn poll_connected(&mut self, cx: &Context<'_>) -> Poll<Result<(), F::Error>> {
        if self.down.is_some() {
            return Poll::Ready(Err(self.end()));
        }
        if self.connected {
            return Poll::Ready(Ok(()));
        }
        self.watchers.push(cx.waker().clone());
        Poll::Pending
    }

    fn done(&mut self, ticket: Ticket, end: End<F>, wakers: &mut Wakers) {
        let key = ticket.to_u64();
        if let Some(slot) = self.calls.get_mut(&key) {
            if let Slot::Waiting(waker) = std::mem::replace(slot, Slot::Done(end)) {
                self.waiting -= 1;
                wakers.push(waker);
            }
        } else if let Some(id) = self.registrations.remove(&key)
            && let Some(reader) = self.readers.get_mut(&id)
        {
            let result = end.map(|_| ());
            if let (Err(error), None) = (&result, &reader.ended) {
                reader.ended = Some(Err(error.clone()));
            }
            reader.registration = Registration::Done(result);
            wakers.extend(reader.waker.take());
        }
    }

    fn finish(&mut self, result: Result<(), F::Error>, wakers: &mut Wakers) {
        if self.down.is_some() {
            return;
        }
        self.down = Some(result);
        let end = self.end();
        // The engine has ended them all by now; if it has not, nobody else will.
        for slot in self.calls.values_mut() {
            if matches!(slot, Slot::Waiting(_))
                && let Slot::Waiting(waker) = std::mem::replace(slot, Slot::Done(Err(end.clone())))
            {
                wakers.push(waker);
            }
        }
        self.waiting = 0;
        for reader in self.readers.values_mut() {
            reader.ended.get_or_insert_with(|| Err(end.clone()));
            wakers.extend(reader.waker.take());
        }
        wakers.append(&mut self.watchers);
    }
}

/// How a call stood that was dropped.
pub(crate) enum Abandoned<F: Family> {
    /// It has ended, and there is nothing to undo.
    Over,
    /// The engine is to cancel it.
    InFlight,
    /// It has ended well: what it took is to be given back.
    Done(F::Answer),
}

impl<C: Caller> Desk<C> for CallDesk<C::Family>
where
    C: 'static,
{
    fn take(&mut self, event: ClientEvent<C::Family>, wakers: &mut Wakers) -> bool {
        match event {
            ClientEvent::Done(ticket, end) => self.done(ticket, end, wakers),
            ClientEvent::Item(id, item) => {
                if let Some(reader) = self.readers.get_mut(&id.to_u64()) {
                    reader.queue.push(item);
                    wakers.extend(reader.waker.take());
                }
            }
            ClientEvent::Ended(id, result) => {
                if let Some(reader) = self.readers.get_mut(&id.to_u64()) {
                    reader.ended.get_or_insert(result);
                    wakers.extend(reader.waker.take());
                }
            }
            ClientEvent::Lifecycle(state) => {
                tracing::info!(target: "gridwire", "{state:?}");
                match state {
                    Lifecycle::Connected | Lifecycle::ChangedCluster => {
                        self.connected = true;
                        wakers.append(&mut self.watchers);
                    }
                    _ => self.connected = false,
                }
            }
            ClientEvent::ShutDown(result) => {
                self.finish(result, wakers);
                return true;
            }
            ClientEvent::Room(_) => {}
            ClientEvent::Note(note) => match (note.severity, note.conn) {
                (Severity::Debug, conn) => {
                    tracing::debug!(target: "gridwire", ?conn, "{}", note.text);
                }
                (Severity::Info, conn) => {
                    tracing::info!(target: "gridwire", ?conn, "{}", note.text);
                }
                (Severity::Warn, conn) => {
                    tracing::warn!(target: "gridwire", ?conn, "{}", note.text);
                }
            },
        }
        false
    }

    fn in_flight(&self) -> usize {
        self.waiting
    }

    fn abandon(&mut self, wakers: &mut Wakers) {
        self.finish(Ok(()), wakers);
    }
}
