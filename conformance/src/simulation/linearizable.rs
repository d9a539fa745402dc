//! A checker for linearizability: whether calls that overlapped could have been done one at a time.
//!
//! A history is calls with the moments at which each began and ended. It is linearizable if every call
//! can be given one moment in between at which it took effect, such that a [`Model`] of the thing, going
//! through them in that order, gives what each of them saw. A call of which nobody knows whether it was
//! done has no end: it may have taken effect at any moment since it began, or never.
//!
//! The search is Wing and Gong's with Lowe's memory: calls are placed one after the other, and what
//! was placed together with the state it led to is never tried twice. A call that may not have been done
//! is placed only where the next one sees it: where nobody does, it may as well not have been done. Without
//! that, a dozen of them would make a search endless.

use std::collections::BTreeSet;

/// What is done one at a time.
pub trait Model {
    /// What the thing holds.
    type State: Clone + Ord;
    /// A call, together with what it saw. Equal ones do the same.
    type Operation: PartialEq;

    /// Adds the states that may hold after a call: none if it can't have seen there what it saw.
    fn step(&self, state: &Self::State, operation: &Self::Operation, next: &mut Vec<Self::State>);

    /// Whether what a call leaves behind, and what it saw, has nothing to do with what was there before.
    fn is_blind(&self, operation: &Self::Operation) -> bool;
}

/// A call and its time. Moments are numbers of which no two are equal.
#[derive(Debug, Clone)]
pub struct Timed<O> {
    /// The call, together with what it saw.
    pub operation: O,
    /// When it began.
    pub began: u64,
    /// When it ended; `None` if it is not known whether it was done.
    pub ended: Option<u64>,
}

/// What came of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// There is an order.
    Linearizable,
    /// There is none. The longest that was found, as places in the history.
    Not(Vec<usize>),
    /// The search was given up.
    TooHard,
}

/// Partial orders after which a search is given up.
const MOST: usize = 10_000;

/// Which calls were placed.
type Placed = Vec<u64>;

struct Frame<S> {
    /// What may be placed next, the likeliest last.
    choices: Vec<(usize, S)>,
    /// What was placed to come here.
    placed: Option<usize>,
}

/// Whether a history, ordered by when its calls began, has an order, for a thing that begins in `start`.
pub fn check<M: Model>(model: &M, start: M::State, history: &[Timed<M::Operation>]) -> Verdict {
    let mut search = Search::new(model, history);
    let mut stack = vec![search.frame(&start, None)];
    let mut longest = Vec::new();
    loop {
        if search.unplaced == 0 {
            return Verdict::Linearizable;
        }
        if search.seen.len() > MOST {
            return Verdict::TooHard;
        }
        let Some(top) = stack.last_mut() else { return Verdict::Not(longest) };
        if let Some((index, state)) = top.choices.pop() {
            search.place(index, true);
            let is_certain = search.history[index].ended.is_some();
            if search.seen.insert((search.placed.clone(), is_certain, state.clone())) {
                stack.push(search.frame(&state, Some(index)));
                if stack.len() > longest.len() + 1 {
                    longest = stack.iter().filter_map(|frame| frame.placed).collect();
                }
            } else {
                search.place(index, false);
            }
        } else if let Some(Frame { placed: Some(index), .. }) = stack.pop() {
            search.place(index, false);
        }
    }
}

struct Search<'a, M: Model> {
    model: &'a M,
    history: &'a [Timed<M::Operation>],
    /// Places in the history: calls without an end, then the others, the last to end first.
    order: Vec<usize>,
    placed: Placed,
    /// Of each call without an end: the last one before it that is like it.
    twins: Vec<Option<usize>>,
    /// Calls with an end that have no place yet.
    unplaced: usize,
    /// What was placed, whether the last of it was done for certain, and where that led to.
    seen: BTreeSet<(Placed, bool, M::State)>,
}

impl<'a, M: Model> Search<'a, M> {
    fn new(model: &'a M, history: &'a [Timed<M::Operation>]) -> Self {
        let mut order: Vec<_> = (0..history.len()).collect();
        order.sort_by_key(|index| {
            std::cmp::Reverse(history.get(*index).map_or(0, |call| call.ended.unwrap_or(u64::MAX)))
        });
        let placed = vec![0; history.len().div_ceil(64)];
        let unplaced = history.iter().filter(|call| call.ended.is_some()).count();
        let twin = |index: usize| {
            let call = history.get(index).filter(|call| call.ended.is_none())?;
            let is_twin = |other: &&Timed<M::Operation>| {
                other.ended.is_none() && other.operation == call.operation
            };
            history.get(..index)?.iter().rposition(|other| is_twin(&other))
        };
        let twins = (0..history.len()).map(twin).collect();
        Self { model, history, order, placed, twins, unplaced, seen: BTreeSet::new() }
    }

    fn is_placed(&self, index: usize) -> bool {
        self.placed[index / 64] & 1 << (index % 64) != 0
    }

    fn place(&mut self, index: usize, is_placed: bool) {
        self.placed[index / 64] ^= 1 << (index % 64);
        if self.history[index].ended.is_some() {
            self.unplaced = if is_placed { self.unplaced - 1 } else { self.unplaced + 1 };
        }
    }

    /// Whether a call is left that is like this one, and has no end either, and began before it: it may
    /// as well be that one that comes first.
    fn is_twin_left(&self, index: usize) -> bool {
        self.twins[index].is_some_and(|twin| !self.is_placed(twin))
    }

    /// What may come next: calls that began before any that is left ended.
    fn frame(&self, state: &M::State, placed: Option<usize>) -> Frame<M::State> {
        let left = || self.order.iter().copied().filter(|index| !self.is_placed(*index));
        let first_end = left().filter_map(|index| self.history[index].ended).min();
        let must_see = placed.is_some_and(|index| self.history[index].ended.is_none());
        let mut choices = Vec::new();
        let mut next = Vec::new();
        for index in left() {
            let call = &self.history[index];
            let is_later = first_end.is_some_and(|end| end < call.began);
            if is_later
                || must_see && self.model.is_blind(&call.operation)
                || self.is_twin_left(index)
            {
                continue;
            }
            self.model.step(state, &call.operation, &mut next);
            // What may not have been done at all needs no place where it changes nothing.
            next.retain(|next| call.ended.is_some() || next != state);
            choices.extend(next.drain(..).map(|next| (index, next)));
        }
        Frame { choices, placed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Cell {
        Write(u8),
        Read(u8),
        /// Gives what was there before.
        Swap(u8, u8),
    }

    struct Register;

    impl Model for Register {
        type State = u8;
        type Operation = Cell;

        fn step(&self, state: &u8, operation: &Cell, next: &mut Vec<u8>) {
            match *operation {
                Cell::Write(value) => next.push(value),
                Cell::Read(seen) if seen == *state => next.push(seen),
                Cell::Swap(seen, value) if seen == *state => next.push(value),
                Cell::Read(_) | Cell::Swap(..) => {}
            }
        }

        fn is_blind(&self, operation: &Cell) -> bool {
            matches!(operation, Cell::Write(_))
        }
    }

    fn is_linearizable(calls: &[(Cell, u64, u64)]) -> bool {
        let mut calls = calls.to_vec();
        calls.sort_by_key(|(_, began, _)| *began);
        let history: Vec<_> = calls
            .iter()
            .map(|(operation, began, ended)| Timed {
                operation: *operation,
                began: *began,
                ended: Some(*ended).filter(|end| *end > 0),
            })
            .collect();
        match check(&Register, 0, &history) {
            Verdict::Linearizable => true,
            Verdict::Not(_) => false,
            Verdict::TooHard => panic!("too hard"),
        }
    }

    use Cell::{Read, Swap, Write};

    #[test]
    fn finds_orders_that_there_are() {
        assert!(is_linearizable(&[]));
        assert!(is_linearizable(&[(Write(1), 1, 2), (Read(1), 3, 4)]));
        // Reads that overlap a write may see either.
        assert!(is_linearizable(&[(Write(1), 1, 10), (Read(0), 2, 3), (Read(1), 4, 5)]));
        assert!(is_linearizable(&[(Read(1), 1, 10), (Write(1), 2, 3), (Write(2), 4, 5)]));
        // Two writes overlap; later reads agree on either order.
        assert!(is_linearizable(&[(Write(1), 1, 4), (Write(2), 2, 3), (Read(1), 5, 6)]));
        assert!(is_linearizable(&[(Write(1), 1, 4), (Write(2), 2, 3), (Read(2), 5, 6)]));
        assert!(is_linearizable(&[(Swap(2, 1), 1, 4), (Swap(0, 2), 2, 3), (Read(1), 5, 6)]));
    }

    #[test]
    fn finds_none_where_there_is_none() {
        // A stale read: the write had ended before it began.
        assert!(!is_linearizable(&[(Write(1), 1, 2), (Read(0), 3, 4)]));
        // A value that nobody wrote, and one that came back.
        assert!(!is_linearizable(&[(Read(1), 1, 2)]));
        assert!(!is_linearizable(&[(Write(1), 1, 2), (Write(2), 3, 4), (Read(1), 5, 6),]));
        // One read saw the new value, one after it the old.
        assert!(!is_linearizable(&[(Write(1), 1, 10), (Read(1), 2, 3), (Read(0), 4, 5)]));
        // Both took the same old value: one of them was lost.
        assert!(!is_linearizable(&[(Swap(0, 1), 1, 4), (Swap(0, 2), 2, 3)]));
        // Readers that disagree on the order of two writes.
        assert!(!is_linearizable(&[
            (Write(1), 1, 10),
            (Write(2), 2, 9),
            (Read(1), 11, 12),
            (Read(2), 13, 14),
        ]));
    }

    #[test]
    fn what_has_no_end_may_have_been_done_late_or_never() {
        assert!(is_linearizable(&[(Write(1), 1, 0), (Read(0), 3, 4), (Read(1), 5, 6)]));
        assert!(is_linearizable(&[(Write(1), 1, 0), (Read(0), 3, 4), (Read(0), 5, 6)]));
        // But once only, and not before it began.
        assert!(!is_linearizable(&[(Write(1), 1, 0), (Read(1), 3, 4), (Read(0), 5, 6)]));
        assert!(!is_linearizable(&[(Read(1), 1, 2), (Write(1), 3, 0)]));
    }

    #[test]
    fn many_calls_without_an_end_are_no_trouble() {
        let mut calls: Vec<_> = (1..60).map(|n| (Write(n), u64::from(n), 0)).collect();
        calls.extend([
            (Write(100), 70, 71),
            (Read(7), 72, 73),
            (Read(9), 74, 75),
            (Read(9), 76, 77),
        ]);
        assert!(is_linearizable(&calls));
        calls.push((Read(7), 78, 79));
        assert!(!is_linearizable(&calls));
    }

    #[test]
    fn says_how_far_it_came() {
        let calls = [(Write(1), 1, 2), (Read(1), 3, 4), (Read(0), 5, 6)];
        let history: Vec<_> = calls
            .into_iter()
            .map(|(operation, began, ended)| Timed { operation, began, ended: Some(ended) })
            .collect();
        assert_eq!(check(&Register, 0, &history), Verdict::Not(vec![0, 1]));
    }

    /// Every history of a real register is accepted, and of those in which one read is changed to a
    /// value that is never there, none is.
    #[test]
    fn agrees_with_a_register_that_there_was() {
        use gridwire_core::rng::Rng;
        for seed in 0..200 {
            let mut rng = Rng::new([seed; 32]);
            let mut value = 0;
            let mut calls = Vec::new();
            for n in 0..40u64 {
                // Done at `at`, within an interval that others' overlap.
                let at = 1_000 + n * 10;
                let began = at - rng.below(6) * 10 - 1;
                let ended = at + rng.below(6) * 10 + 1;
                let operation = match rng.below(3) {
                    0 => Read(value),
                    1 => Write(n as u8 + 1),
                    _ => Swap(value, n as u8 + 1),
                };
                if let Write(new) | Swap(_, new) = operation {
                    value = new;
                }
                let is_known = matches!(operation, Read(_)) || rng.below(8) > 0;
                calls.push((operation, began, if is_known { ended } else { 0 }));
            }
            assert!(is_linearizable(&calls), "{calls:?}");
            let last = calls.len();
            calls.push((Read(99), 5_000, 5_001));
            assert!(!is_linearizable(&calls));
            calls[last].0 = Read(value);
            assert!(is_linearizable(&calls));
        }
    }
}
