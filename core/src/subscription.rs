//! [`Queue`]: what waits between a subscription and its reader.
//!
//! Events, answers and heartbeats share a connection, so a slow reader never stops it. Its queue is
//! bounded; what comes while it is full is dropped and counted, and the count is delivered in its
//! place, so that the reader knows what it missed and where.

use alloc::collections::VecDeque;

use crate::invoker::Delivered;

/// A bounded queue that counts what it had no room for.
#[derive(Debug)]
pub struct Queue<T> {
    items: VecDeque<Delivered<T>>,
    capacity: usize,
}

impl<T> Queue<T> {
    /// An empty queue for `capacity` items, at least 1.
    pub fn new(capacity: usize) -> Self {
        Self { items: VecDeque::new(), capacity: capacity.max(1) }
    }

    /// Puts an item in, or counts it as missed. True if it went in.
    pub fn push(&mut self, item: T) -> bool {
        if self.items.len() < self.capacity {
            self.items.push_back(Delivered::Item(item));
            return true;
        }
        match self.items.back_mut() {
            Some(Delivered::Missed(count)) => *count += 1,
            _ => self.items.push_back(Delivered::Missed(1)),
        }
        false
    }

    /// Takes the oldest out.
    pub fn pop(&mut self) -> Option<Delivered<T>> {
        self.items.pop_front()
    }

    /// How many more items fit.
    pub fn room(&self) -> usize {
        self.capacity.saturating_sub(self.items.len())
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overflow_is_an_item_that_says_how_many() {
        let mut queue = Queue::new(2);
        assert!(queue.push('a') && queue.push('b'));
        assert!(!queue.push('c') && !queue.push('d'));
        assert_eq!(queue.pop(), Some(Delivered::Item('a')));
        assert!(!queue.push('e'), "the note of what was missed takes a place");
        assert_eq!(queue.pop(), Some(Delivered::Item('b')));
        assert!(queue.push('f'));
        let rest: alloc::vec::Vec<_> = core::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(rest, [Delivered::Missed(3), Delivered::Item('f')]);
        assert_eq!(queue.room(), 2);
    }
}
