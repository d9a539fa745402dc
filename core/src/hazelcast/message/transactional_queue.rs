//! The distributed queue as seen in a transaction.

use gridwire_derive::service;

use crate::Str;
use crate::hazelcast::{Data, Uuid};

/// The distributed queue as seen in a transaction. `timeout` is in milliseconds, 0 waits not at
/// all.
#[service(id = 0x12)]
pub trait TransactionalQueue {
    /// Appends an element, and says whether there was room.
    #[method(id = 0x01, long_running)]
    fn offer(name: Str, txn_id: Uuid, thread_id: i64, item: Data, timeout: i64) -> bool;

    /// Removes the head and returns it, waiting as long as it takes.
    #[method(id = 0x02, long_running)]
    fn take(name: Str, txn_id: Uuid, thread_id: i64) -> Option<Data>;

    /// Removes the head and returns it; null if there is none in time.
    #[method(id = 0x03, long_running)]
    fn poll(name: Str, txn_id: Uuid, thread_id: i64, timeout: i64) -> Option<Data>;

    /// Returns the head and leaves it there; null if there is none in time.
    #[method(id = 0x04, long_running)]
    fn peek(name: Str, txn_id: Uuid, thread_id: i64, timeout: i64) -> Option<Data>;

    /// How many elements there are.
    #[method(id = 0x05)]
    fn size(name: Str, txn_id: Uuid, thread_id: i64) -> i32;
}
