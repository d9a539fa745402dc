//! [`CallDesk`]: who waits for what of a client engine: calls by ticket, subscriptions by id, and
//! those who want to know whether the client is connected or down.

use std::hash::{BuildHasherDefault, Hasher};
use std::task::{Context, Poll, Waker};

use gridwire_core::call::{
    Caller, ClientEvent, Failure, Family, Lifecycle, SubscriptionId, Ticket,
};
use gridwire_core::endpoint::Severity;
use gridwire_core::invoker::Delivered;
use gridwire_core::slab::{Key, Slab};
use gridwire_core::subscription::Queue;
use hashbrown::HashMap;

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

/// A call that somebody waits for. The engine may have given its ticket's slot to another before they
/// look at the end, so calls have seats of the desk's own.
struct Seat<F: Family> {
    ticket: Ticket,
    slot: Slot<F>,
}

enum Slot<F: Family> {
    Waiting(Waker),
    Done(End<F>),
}

/// Which seat a ticket's call has, by the slot that the ticket names. An engine gives out the lowest
/// slots that it has free; one of other ways is served more slowly.
#[derive(Default)]
struct Seats {
    near: Vec<Key>,
    far: Table<Key>,
}

impl Seats {
    /// Slots that are looked up by their number.
    const NEAR: usize = 1 << 20;

    fn slot(ticket: Ticket) -> usize {
        ticket.to_u64() as u32 as usize
    }

    fn assign(&mut self, ticket: Ticket, seat: Key) {
        let slot = Self::slot(ticket);
        if slot >= Self::NEAR {
            self.far.insert(slot as u64, seat);
            return;
        }
        if slot >= self.near.len() {
            self.near.resize(slot + 1, Key::default());
        }
        self.near[slot] = seat;
    }

    /// The last seat that was assigned to the ticket's slot; it may have been left.
    fn of(&self, ticket: Ticket) -> Key {
        let slot = Self::slot(ticket);
        let seat = self.near.get(slot).or_else(|| self.far.get(&(slot as u64)));
        seat.copied().unwrap_or_default()
    }
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
    calls: Slab<Seat<F>>,
    seats: Seats,
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
            calls: Slab::default(),
            seats: Seats::default(),
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

    /// Somebody waits for a call, and asks for its end by the key.
    pub(crate) fn expect(&mut self, ticket: Ticket, waker: Waker) -> Key {
        self.waiting += 1;
        let seat = self.calls.insert(Seat { ticket, slot: Slot::Waiting(waker) });
        self.seats.assign(ticket, seat);
        seat
    }

    /// The end of a call, if it has come.
    pub(crate) fn poll_call(&mut self, cx: &mut Context<'_>, seat: Key) -> Poll<End<F>> {
        if let Some(Seat { slot: Slot::Waiting(waker), .. }) = self.calls.get_mut(seat) {
            if !waker.will_wake(cx.waker()) {
                cx.waker().clone_into(waker);
            }
            return Poll::Pending;
        }
        match self.calls.remove(seat) {
            Some(Seat { slot: Slot::Done(end), .. }) => Poll::Ready(end),
            _ => Poll::Ready(Err(self.end())),
        }
    }

    /// Nobody waits for a call any more.
    pub(crate) fn abandon_call(&mut self, seat: Key) -> Abandoned<F> {
        let Some(Seat { ticket, slot }) = self.calls.remove(seat) else { return Abandoned::Over };
        match slot {
            Slot::Waiting(_) => {
                self.waiting -= 1;
                Abandoned::InFlight(ticket)
            }
            Slot::Done(Err(_)) => Abandoned::Over,
            Slot::Done(Ok(answer)) => Abandoned::Done(answer),
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
        if let Some(seat) = self.calls.get_mut(self.seats.of(ticket))
            && seat.ticket == ticket
        {
            if let Slot::Waiting(waker) = std::mem::replace(&mut seat.slot, Slot::Done(end)) {
                self.waiting -= 1;
                wakers.push(waker);
            }
        } else if let Some(id) = self.registrations.remove(&ticket.to_u64())
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
        for (_, Seat { slot, .. }) in self.calls.iter_mut() {
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
    InFlight(Ticket),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_are_found_by_the_slots_that_tickets_name() {
        let mut calls = Slab::default();
        let mut seats = Seats::default();
        let ticket =
            |generation: u64, slot: usize| Ticket::from_u64(generation << 32 | slot as u64);
        assert_eq!(seats.of(ticket(1, 0)), Key::default());
        // The last two are not what our engines give out: no room is made for all before them.
        let tickets =
            [ticket(1, 3), ticket(1, 0), ticket(7, Seats::NEAR), ticket(9, u32::MAX as usize)];
        let assigned = tickets.map(|ticket| {
            let seat = calls.insert(());
            seats.assign(ticket, seat);
            seat
        });
        assert_eq!(tickets.map(|ticket| seats.of(ticket)), assigned);
        assert_eq!((seats.near.len(), seats.far.len()), (4, 2));
        assert_eq!(seats.of(ticket(1, 2)), Key::default());

        // The slot's next call has a seat beside that of the last, whose end nobody has looked at yet.
        let next = calls.insert(());
        seats.assign(ticket(2, 3), next);
        assert_eq!(seats.of(ticket(2, 3)), next);
        assert!(calls.contains(assigned[0]) && next != assigned[0]);
    }
}
