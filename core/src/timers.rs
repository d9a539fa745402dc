//! [`Timers`]: many deadlines, the earliest known at once.
//!
//! ```text
//!   queue   deadlines that were set in the order in which they are due, oldest first
//!   heap    the others: an indexed binary heap
//! ```
//!
//! Calls that share a timeout are due in the order in which they began, so nearly all timers go to the
//! back of the queue, where setting and cancelling cost O(1); the rest costs O(log n) in the heap. The
//! next deadline is O(1). A timer cancelled in the middle of the queue is skipped when it comes to the
//! front, and swept before such make up most of the queue. Timers due at the same moment fire in the
//! order in which they were set, so a seed repeats a run.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use crate::slab::{Key, Slab};
use crate::time::Instant;

/// A timer that was set and has neither fired nor been cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimerId(Key);

#[derive(Debug)]
struct Timer<T> {
    place: Place,
    value: T,
}

#[derive(Debug, Clone, Copy)]
enum Place {
    Queue,
    /// Where in the heap.
    Heap(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    at: Instant,
    /// Breaks ties by the order of setting.
    order: u64,
    key: Key,
}

/// Cancelled timers that the queue holds before it is swept, beside as many as living ones.
const SWEEP_ABOVE: usize = 64;

/// Deadlines with a value each.
#[derive(Debug)]
pub struct Timers<T> {
    timers: Slab<Timer<T>>,
    /// Its front is never a cancelled one.
    queue: VecDeque<Due>,
    heap: Vec<Due>,
    order: u64,
}

impl<T> Default for Timers<T> {
    fn default() -> Self {
        Self { timers: Slab::default(), queue: VecDeque::new(), heap: Vec::new(), order: 0 }
    }
}

impl<T> Timers<T> {
    /// Sets a timer.
    pub fn set(&mut self, at: Instant, value: T) -> TimerId {
        self.order += 1;
        let order = self.order;
        if self.queue.back().is_none_or(|last| last.at <= at) {
            let key = self.timers.insert(Timer { place: Place::Queue, value });
            self.queue.push_back(Due { at, order, key });
            return TimerId(key);
        }
        let place = self.heap.len();
        let key = self.timers.insert(Timer { place: Place::Heap(place), value });
        self.heap.push(Due { at, order, key });
        self.sift_up(place);
        TimerId(key)
    }

    /// Cancels a timer and gives its value back, unless it fired or was cancelled before.
    pub fn cancel(&mut self, id: TimerId) -> Option<T> {
        let timer = self.timers.remove(id.0)?;
        match timer.place {
            Place::Queue => self.tidy_queue(),
            Place::Heap(place) => self.take_out(place),
        }
        Some(timer.value)
    }

    /// The earliest deadline.
    pub fn deadline(&self) -> Option<Instant> {
        self.first().map(|due| due.at)
    }

    /// The value of the earliest timer that is due at `now`.
    pub fn pop(&mut self, now: Instant) -> Option<T> {
        let first = self.first().filter(|due| due.at <= now)?;
        self.cancel(TimerId(first.key))
    }

    /// How many timers are set.
    pub fn len(&self) -> usize {
        self.timers.len()
    }

    /// Whether no timer is set.
    pub fn is_empty(&self) -> bool {
        self.timers.is_empty()
    }

    fn first(&self) -> Option<&Due> {
        match (self.queue.front(), self.heap.first()) {
            (Some(queued), Some(heaped)) => Some(queued.min(heaped)),
            (queued, heaped) => queued.or(heaped),
        }
    }

    fn tidy_queue(&mut self) {
        while self.queue.front().is_some_and(|due| !self.timers.contains(due.key)) {
            self.queue.pop_front();
        }
        let living = self.timers.len() - self.heap.len();
        if self.queue.len() > 2 * living + SWEEP_ABOVE {
            self.queue.retain(|due| self.timers.contains(due.key));
        }
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
            timer.place = Place::Heap(place);
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
    fn what_is_cancelled_behind_a_long_wait_takes_no_room() {
        let mut timers = Timers::default();
        let first = timers.set(Instant::from_nanos(0), 0);
        for n in 1..100_000 {
            let id = timers.set(Instant::from_nanos(n), n);
            assert_eq!(timers.cancel(id), Some(n));
        }
        assert!(timers.queue.len() <= 2 + SWEEP_ABOVE, "{}", timers.queue.len());
        assert_eq!(timers.cancel(first), Some(0));
        assert_eq!(timers.deadline(), None);
    }

    #[test]
    fn agrees_with_a_sorted_list_under_random_sets_and_cancels() {
        let mut rng = Rng::new([9; 32]);
        let mut timers = Timers::default();
        let mut model: Vec<(u64, u64, TimerId)> = Vec::new();
        for n in 0..5_000 {
            if rng.below(3) < 2 {
                // Mostly in order, as calls with one timeout are; some anywhere.
                let spread = if rng.below(4) == 0 { 1_000 } else { 2 };
                let at = n / 8 + rng.below(spread);
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
            assert_eq!(timers.pop(Instant::from_nanos(10_000)), Some(value));
        }
        assert!(timers.is_empty());
    }
}
