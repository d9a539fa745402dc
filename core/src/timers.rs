//! [`Timers`]: many deadlines, the earliest known at once.
//!
//! An indexed binary heap: setting and cancelling cost O(log n), the next deadline is O(1), and a
//! cancelled timer is gone instead of waiting to be skipped. Timers due at the same moment fire in
//! the order in which they were set, so a seed repeats a run.

use alloc::vec::Vec;

use crate::slab::{Key, Slab};
use crate::time::Instant;

/// A timer that was set and has neither fired nor been cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimerId(Key);

#[derive(Debug)]
struct Timer<T> {
    /// Where in the heap this timer stands.
    place: usize,
    value: T,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    at: Instant,
    /// Breaks ties by the order of setting.
    order: u64,
    key: Key,
}

/// Deadlines with a value each.
#[derive(Debug)]
pub struct Timers<T> {
    timers: Slab<Timer<T>>,
    heap: Vec<Due>,
    order: u64,
}

impl<T> Default for Timers<T> {
    fn default() -> Self {
        Self { timers: Slab::default(), heap: Vec::new(), order: 0 }
    }
}

impl<T> Timers<T> {
    /// Sets a timer.
    pub fn set(&mut self, at: Instant, value: T) -> TimerId {
        let place = self.heap.len();
        let key = self.timers.insert(Timer { place, value });
        self.order += 1;
        self.heap.push(Due { at, order: self.order, key });
        self.sift_up(place);
        TimerId(key)
    }

    /// Cancels a timer and gives its value back, unless it fired or was cancelled before.
    pub fn cancel(&mut self, id: TimerId) -> Option<T> {
        let timer = self.timers.remove(id.0)?;
        self.take_out(timer.place);
        Some(timer.value)
    }

    /// The earliest deadline.
    pub fn deadline(&self) -> Option<Instant> {
        self.heap.first().map(|due| due.at)
    }

    /// The value of the earliest timer that is due at `now`.
    pub fn pop(&mut self, now: Instant) -> Option<T> {
        let first = self.heap.first().filter(|due| due.at <= now)?;
        self.cancel(TimerId(first.key))
    }

    /// How many timers are set.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether no timer is set.
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    fn take_out(&mut self, place: usize) {
        if place >= self.heap.len() {
            return;
        }
        self.heap.swap_remove(place);
        if place < self.heap.len() {
            self.note_place(place);
            self.sift_up(place);
            self.sift_down(place);
        }
    }

    fn note_place(&mut self, place: usize) {
        if let Some(timer) = self.heap.get(place).and_then(|due| self.timers.get_mut(due.key)) {
            timer.place = place;
        }
    }

    fn swap(&mut self, a: usize, b: usize) {
        self.heap.swap(a, b);
        self.note_place(a);
        self.note_place(b);
    }

    fn sift_up(&mut self, mut place: usize) {
        while place > 0 {
            let parent = (place - 1) / 2;
            if self.heap[parent] <= self.heap[place] {
                break;
            }
            self.swap(parent, place);
            place = parent;
        }
    }

    fn sift_down(&mut self, mut place: usize) {
        loop {
            let left = 2 * place + 1;
            if left >= self.heap.len() {
                break;
            }
            let right = left + 1;
            let least = if right < self.heap.len() && self.heap[right] < self.heap[left] {
                right
            } else {
                left
            };
            if self.heap[place] <= self.heap[least] {
                break;
            }
            self.swap(place, least);
            place = least;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn fires_in_order_and_ties_in_the_order_of_setting() {
        let mut timers = Timers::default();
        for (at, value) in [(5, 'b'), (3, 'a'), (5, 'c'), (9, 'd')] {
            timers.set(Instant::from_nanos(at), value);
        }
        assert_eq!(timers.deadline(), Some(Instant::from_nanos(3)));
        assert_eq!(timers.pop(Instant::from_nanos(2)), None);
        let due: Vec<_> = core::iter::from_fn(|| timers.pop(Instant::from_nanos(5))).collect();
        assert_eq!(due, ['a', 'b', 'c']);
        assert_eq!(timers.len(), 1);
    }

    #[test]
    fn agrees_with_a_sorted_list_under_random_sets_and_cancels() {
        let mut rng = Rng::new([9; 32]);
        let mut timers = Timers::default();
        let mut model: Vec<(u64, u64, TimerId)> = Vec::new();
        for n in 0..5_000 {
            if rng.below(3) < 2 {
                let at = rng.below(1_000);
                model.push((at, n, timers.set(Instant::from_nanos(at), n)));
            } else if !model.is_empty() {
                let (_, value, id) = model.remove(rng.below(model.len() as u64) as usize);
                assert_eq!(timers.cancel(id), Some(value));
                assert_eq!(timers.cancel(id), None);
            }
            let least = model.iter().map(|(at, ..)| Instant::from_nanos(*at)).min();
            assert_eq!(timers.deadline(), least);
        }
        model.sort_by_key(|(at, n, _)| (*at, *n));
        for (_, value, _) in model {
            assert_eq!(timers.pop(Instant::from_nanos(1_000)), Some(value));
        }
        assert!(timers.is_empty());
    }
}
