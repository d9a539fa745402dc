//! [`Correlation`]: which call an answer belongs to.
//!
//! One slot per call in flight, under an id that is counted up for a whole client, over all its
//! connections and reconnects. So an id that is absent tells its own story:
//!
//! ```text
//!        given out ............................. | never given out ........
//!   0    absent: the call ended, the answer is   next: an answer here breaks
//!        late and is dropped                           the protocol
//! ```
//!
//! Hazelcast needs ids that are unique for the client (backup acknowledgements come on another
//! connection); Kafka and XCP use the same numbers, cut to their width.

use alloc::vec::Vec;

use crate::rng::{KeyedHash, Map};

/// The calls in flight of one client.
#[derive(Debug)]
pub struct Correlation<T> {
    next: u64,
    slots: Map<u64, T>,
}

/// Whose answer it was.
#[derive(Debug, PartialEq, Eq)]
pub enum Lookup<T> {
    /// The call's.
    Found(T),
    /// A call's that has ended: drop it.
    Late,
    /// Nobody's: the id was never given out.
    Violation,
}

impl<T> Correlation<T> {
    /// Ids from `first` up.
    pub fn new(first: u64, hash: KeyedHash) -> Self {
        Self { next: first, slots: Map::with_hasher(hash) }
    }

    /// Gives out an id with no slot, for a message that nobody waits on.
    pub fn skip(&mut self) -> u64 {
        let id = self.next;
        self.next += 1;
        id
    }

    /// Gives out an id and keeps `call` under it.
    pub fn insert(&mut self, call: T) -> u64 {
        let id = self.skip();
        self.slots.insert(id, call);
        id
    }

    /// Ends the call of an id.
    pub fn take(&mut self, id: u64) -> Lookup<T> {
        match self.slots.remove(&id) {
            Some(call) => Lookup::Found(call),
            None if id < self.next => Lookup::Late,
            None => Lookup::Violation,
        }
    }

    /// The call of an id, which goes on: for answers of several parts, and events.
    pub fn get_mut(&mut self, id: u64) -> Lookup<&mut T> {
        let given_out = id < self.next;
        match self.slots.get_mut(&id) {
            Some(call) => Lookup::Found(call),
            None if given_out => Lookup::Late,
            None => Lookup::Violation,
        }
    }

    /// Ends the calls that `chosen` says, in the order of their ids; for a connection that closed.
    pub fn take_if(&mut self, mut chosen: impl FnMut(&T) -> bool) -> Vec<(u64, T)> {
        let mut taken: Vec<_> = self.slots.extract_if(|_, call| chosen(call)).collect();
        taken.sort_unstable_by_key(|(id, _)| *id);
        taken
    }

    /// How many calls are in flight.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether no call is in flight.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_late_answers_from_violations() {
        let mut table = Correlation::new(1, KeyedHash::new(0));
        let id = table.insert("call");
        assert_eq!(id, 1);
        assert_eq!(table.skip(), 2);
        assert_eq!(table.get_mut(id), Lookup::Found(&mut "call"));
        assert_eq!(table.take(id), Lookup::Found("call"));
        assert_eq!(table.take(id), Lookup::Late);
        assert_eq!(table.take(2), Lookup::Late);
        assert_eq!(table.take(3), Lookup::Violation);
        assert_eq!(table.get_mut(u64::MAX), Lookup::Violation);
    }

    #[test]
    fn ends_the_calls_of_a_connection_in_order() {
        let mut table = Correlation::new(1, KeyedHash::new(5));
        for n in 0..100 {
            table.insert(n % 2);
        }
        let ended: Vec<_> =
            table.take_if(|conn| *conn == 1).into_iter().map(|(id, _)| id).collect();
        assert_eq!(ended, (1..=50).map(|n| n * 2).collect::<Vec<u64>>());
        assert_eq!(table.len(), 50);
    }
}
