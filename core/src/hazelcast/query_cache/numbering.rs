//! [`Numbering`]: whether the events of one partition are all there.
//!
//! ```text
//!            last + 1: taken                          last + 1: taken, whole again
//!            +------+                                 +---------------------------+
//!            v      |        beyond last + 1          v                           |
//!          Whole ---+------------------------------> Gap -- all others: skipped --+
//!            ^  \                                     |
//!     end of |   \ of another member, or from 1 again | end
//!    sequence|    v                                   v
//!            +-- Whole                              Anew: nothing can be made up for
//! ```
//!
//! The member that owns a partition numbers its events from 1. When it gives the partition away it
//! says that its sequence ends; the new owner begins again with 1. Events of two members come on two
//! connections, in no order.

use crate::hazelcast::Uuid;

/// The number by which a member says that its sequence ends.
const END: i64 = -1;

/// How far the events of a partition have been heard.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    /// Who numbers them; nobody before the first, or where one connection reports for all members.
    source: Option<Uuid>,
    last: i64,
    state: State,
}

/// What is missing.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing.
    #[default]
    Whole,
    /// Events that the member may still have.
    Gap,
    /// Events that nobody numbers any more.
    Anew,
}

/// What becomes of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is the next one.
    Take,
    /// It says nothing, or comes after one that is missing.
    Skip,
    /// It is the first that shows that others are missing.
    Lost,
}

impl Numbering {
    pub(super) fn state(&self) -> State {
        self.state
    }

    /// The number of the event that is missing first, if the member may still have it.
    pub(super) fn gap(&self) -> Option<i64> {
        (self.state == State::Gap).then_some(self.last.saturating_add(1))
    }

    /// Judges an event by its number.
    pub(super) fn judge(&mut self, from: Option<Uuid>, sequence: i64) -> Verdict {
        if sequence == END {
            (self.source, self.last) = (None, 0);
            if self.state == State::Gap {
                self.state = State::Anew;
            }
            return Verdict::Skip;
        }
        if self.state == State::Anew || sequence < 1 {
            return Verdict::Skip;
        }
        let is_other = matches!((self.source, from), (Some(one), Some(other)) if one != other);
        let state = if is_other || sequence == 1 && self.last > 0 {
            State::Anew
        } else if sequence <= self.last {
            return Verdict::Skip;
        } else if sequence - self.last > 1 {
            State::Gap
        } else {
            (self.source, self.last, self.state) = (from, sequence, State::Whole);
            return Verdict::Take;
        };
        if self.source.is_none() {
            self.source = from;
        }
        let known = core::mem::replace(&mut self.state, state);
        if known == State::Whole { Verdict::Lost } else { Verdict::Skip }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Option<Uuid> = Some(Uuid::new(1, 1));
    const OTHER: Option<Uuid> = Some(Uuid::new(2, 2));

    fn run(events: &[(Option<Uuid>, i64, Verdict)]) -> Numbering {
        let mut numbering = Numbering::default();
        for (at, (from, sequence, verdict)) in events.iter().enumerate() {
            assert_eq!(numbering.judge(*from, *sequence), *verdict, "event {at}: {sequence}");
        }
        numbering
    }

    #[test]
    fn a_gap_is_told_once_and_closed_by_what_was_missing() {
        use Verdict::*;
        let numbering = run(&[(ONE, 1, Take), (ONE, 2, Take), (ONE, 5, Lost), (ONE, 6, Skip)]);
        assert_eq!((numbering.state(), numbering.gap()), (State::Gap, Some(3)));
        let numbering = run(&[
            (ONE, 3, Lost),
            (ONE, 4, Skip),
            (ONE, 1, Take),
            (ONE, 2, Take),
            (ONE, 3, Take),
            (ONE, 4, Take),
            (ONE, 4, Skip),
        ]);
        assert_eq!((numbering.state(), numbering.gap()), (State::Whole, None));
    }

    #[test]
    fn a_sequence_that_ends_makes_room_for_another_member() {
        use Verdict::*;
        let numbering = run(&[(ONE, 1, Take), (ONE, END, Skip), (OTHER, 1, Take)]);
        assert_eq!(numbering.state(), State::Whole);
        let numbering = run(&[(ONE, 1, Take), (ONE, 3, Lost), (ONE, END, Skip), (ONE, 1, Skip)]);
        assert_eq!((numbering.state(), numbering.gap()), (State::Anew, None));
    }

    #[test]
    fn numbers_of_another_member_are_not_taken_for_those_that_are_missing() {
        use Verdict::*;
        // The new owner's events overtake the end of the old one's.
        let overtaken = [(ONE, 1, Take), (OTHER, 1, Lost), (OTHER, 2, Skip), (ONE, END, Skip)];
        assert_eq!(run(&overtaken).state(), State::Anew);
        // The old owner's number, which the new one will come to.
        assert_eq!(run(&[(ONE, 1, Take), (OTHER, 2, Lost)]).state(), State::Anew);
        assert_eq!(run(&[(ONE, 7, Lost), (OTHER, 1, Skip)]).state(), State::Anew);
        // The same member counts from 1 again, without a word.
        assert_eq!(run(&[(ONE, 1, Take), (ONE, 2, Take), (ONE, 1, Lost)]).state(), State::Anew);
    }

    #[test]
    fn any_number_is_judged() {
        use Verdict::*;
        run(&[(ONE, 0, Skip), (ONE, -2, Skip), (ONE, i64::MIN, Skip), (ONE, i64::MAX, Lost)]);
        run(&[(None, 1, Take), (None, 2, Take), (None, i64::MAX, Lost), (None, 3, Take)]);
    }
}
