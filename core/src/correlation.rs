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
//!
//! Since ids are counted, the calls stand in a row and an id is a place in it:
//!
//! ```text
//!    old (few)        window: one slot per id, from `base` on
//!   { 3: T, 17: T }   [ T | - | T | T | - | T ]
//! ```
//!
//! What ended at the front leaves the row. A call that lasts (a listener, a view) would hold up all after
//! it: once most of the row is empty, those at its front move to the side. Each moves once at most, so
//! every operation costs O(1).

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use crate::rng::{KeyedHash, Map};

/// Empty slots that the window may have, beside three for each call in it.
const SPARE: usize = 64;

/// The calls in flight of one client.
#[derive(Debug)]
pub struct Correlation<T> {
    /// The id of the window's first slot.
    base: u64,
    window: VecDeque<Option<T>>,
    /// Calls in the window.
    living: usize,
    /// Calls that the window has left behind.
    old: Map<u64, T>,
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
        Self { base: first, window: VecDeque::new(), living: 0, old: Map::with_hasher(hash) }
    }

    /// Gives out an id with no slot, for a message that nobody waits on.
    pub fn skip(&mut self) -> u64 {
        let id = self.next_id();
        if self.window.is_empty() {
            self.base += 1;
        } else {
            self.push(None);
        }
        id
    }

    /// Gives out an id and keeps `call` under it.
    pub fn insert(&mut self, call: T) -> u64 {
        let id = self.next_id();
        self.living += 1;
        self.push(Some(call));
        id
    }

    /// Ends the call of an id.
    pub fn take(&mut self, id: u64) -> Lookup<T> {
        match self.place(id) {
            Ok(place) => match self.window.get_mut(place).and_then(Option::take) {
                Some(call) => {
                    self.living -= 1;
                    while let Some(None) = self.window.front() {
                        self.window.pop_front();
                        self.base += 1;
                    }
                    Lookup::Found(call)
                }
                None => Lookup::Late,
            },
            Err(Lookup::Late) => self.old.remove(&id).map_or(Lookup::Late, Lookup::Found),
            Err(_) => Lookup::Violation,
        }
    }

    /// The call of an id, which goes on: for answers of several parts, and events.
    pub fn get_mut(&mut self, id: u64) -> Lookup<&mut T> {
        let call = match self.place(id) {
            Ok(place) => self.window.get_mut(place).and_then(Option::as_mut),
            Err(Lookup::Late) => self.old.get_mut(&id),
            Err(_) => return Lookup::Violation,
        };
        call.map_or(Lookup::Late, Lookup::Found)
    }

    /// Ends the calls that `chosen` says, in the order of their ids; for a connection that closed.
    pub fn take_if(&mut self, mut chosen: impl FnMut(&T) -> bool) -> Vec<(u64, T)> {
        let mut taken: Vec<_> = self.old.extract_if(|_, call| chosen(call)).collect();
        taken.sort_unstable_by_key(|(id, _)| *id);
        for (id, slot) in (self.base..).zip(&mut self.window) {
            if let Some(call) = slot.take_if(|call| chosen(call)) {
                self.living -= 1;
                taken.push((id, call));
            }
        }
        taken
    }

    /// How many calls are in flight.
    pub fn len(&self) -> usize {
        self.living + self.old.len()
    }

    /// Whether no call is in flight.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The id that is given out next.
    pub fn next_id(&self) -> u64 {
        self.base + self.window.len() as u64
    }

    fn push(&mut self, slot: Option<T>) {
        self.window.push_back(slot);
        if self.window.len() > 4 * self.living + SPARE {
            self.advance();
        }
    }

    /// Where in the window an id is. If it isn't there, it may be old, or was never given out.
    fn place(&self, id: u64) -> Result<usize, Lookup<()>> {
        match id.checked_sub(self.base) {
            None => Err(Lookup::Late),
            Some(place) if place < self.window.len() as u64 => Ok(place as usize),
            Some(_) => Err(Lookup::Violation),
        }
    }

    /// Leaves calls at the front behind until at least half of the window is in use.
    fn advance(&mut self) {
        while self.window.len() > 2 * self.living {
            let Some(slot) = self.window.pop_front() else { break };
            if let Some(call) = slot {
                self.living -= 1;
                self.old.insert(self.base, call);
            }
            self.base += 1;
        }
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

    #[test]
    fn calls_that_last_hold_no_others_up() {
        let mut table = Correlation::new(7, KeyedHash::new(1));
        let lasting = [table.insert(0), table.insert(1)];
        for n in 2..10_000 {
            let id = table.insert(n);
            assert_eq!(table.skip(), id + 1);
            assert_eq!(table.take(id), Lookup::Found(n));
        }
        assert_eq!(table.len(), 2);
        assert!(table.window.len() <= 2 * SPARE, "{}", table.window.len());
        assert_eq!(table.get_mut(lasting[1]), Lookup::Found(&mut 1));
        assert_eq!(table.take(lasting[0]), Lookup::Found(0));
        assert_eq!(table.take(lasting[0]), Lookup::Late);
        assert_eq!(table.take_if(|_| true), [(lasting[1], 1)]);
        assert!(table.is_empty());
    }

    #[test]
    fn agrees_with_a_map_under_random_calls() {
        let mut rng = crate::rng::Rng::new([4; 32]);
        let mut table = Correlation::new(1, KeyedHash::new(2));
        let mut model = alloc::collections::BTreeMap::new();
        let mut next = 1;
        for n in 0..20_000u64 {
            match rng.below(8) {
                0..=3 => {
                    assert_eq!(table.insert(n), next);
                    model.insert(next, n);
                    next += 1;
                }
                4 if rng.below(200) == 0 => {
                    let chosen = |call: &u64| call.is_multiple_of(3);
                    let taken: Vec<_> = model.extract_if(.., |_, call| chosen(call)).collect();
                    assert_eq!(table.take_if(chosen), taken);
                }
                4 => {
                    assert_eq!(table.skip(), next);
                    next += 1;
                }
                _ => {
                    let id = rng.below(next + 2);
                    let expected = match model.remove(&id) {
                        Some(call) => Lookup::Found(call),
                        None if id < next => Lookup::Late,
                        None => Lookup::Violation,
                    };
                    assert_eq!(table.take(id), expected);
                }
            }
            assert_eq!(table.len(), model.len());
        }
    }
}
