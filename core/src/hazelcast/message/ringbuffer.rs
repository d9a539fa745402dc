//! The ringbuffer, kept whole in one partition.

use alloc::vec::Vec;

use gridwire_derive::service;

use crate::Str;
use crate::hazelcast::Data;

/// The ringbuffer. Sequences count up from 0; the oldest item is at the head, the newest at the
/// tail.
#[service(id = 0x17)]
pub trait Ringbuffer {
    /// How many items there are.
    #[method(id = 0x01, retryable, partition = name)]
    fn size(name: Str) -> i64;

    /// Where the newest item is; -1 before the first one.
    #[method(id = 0x02, retryable, partition = name)]
    fn tail_sequence(name: Str) -> i64;

    /// Where the oldest item is; one past the tail if there is none.
    #[method(id = 0x03, retryable, partition = name)]
    fn head_sequence(name: Str) -> i64;

    /// How many items fit.
    #[method(id = 0x04, retryable, partition = name)]
    fn capacity(name: Str) -> i64;

    /// How much room there is before items that haven't expired are overwritten.
    #[method(id = 0x05, retryable, partition = name)]
    fn remaining_capacity(name: Str) -> i64;

    /// Adds an item and returns its sequence; -1 if it was refused.
    #[method(id = 0x06, partition = name)]
    fn add(
        name: Str,
        /// What if it is full: 0 the oldest item is overwritten, 1 the new one is refused.
        overflow_policy: i32,
        value: Data,
    ) -> i64;

    /// Returns the item of a sequence, and waits for it if it is the next one.
    #[method(id = 0x07, retryable, long_running, partition = name)]
    fn read_one(name: Str, sequence: i64) -> Option<Data>;

    /// Adds items and returns the sequence of the last one; -1 if they were refused.
    #[method(id = 0x08, partition = name)]
    fn add_all(
        name: Str,
        value_list: Vec<Data>,
        /// As for [`Add`].
        overflow_policy: i32,
    ) -> i64;

    /// Reads at most `max_count` items from a sequence on, 1,000 at most, waiting until there are
    /// `min_count`.
    #[method(id = 0x09, retryable, long_running, partition = name)]
    fn read_many(
        name: Str,
        start_sequence: i64,
        min_count: i32,
        max_count: i32,
        /// Null passes all items on.
        filter: Option<Data>,
    );
    /// Items that passed, and where to go on reading.
    #[response]
    fn read_many(
        /// How many were looked at, those that didn't pass included.
        read_count: i32,
        items: Vec<Data>,
        /// Of each item; null from members that don't say.
        item_seqs: Option<Vec<i64>>,
        next_seq: i64,
    );
}
