//! The distributed set as seen in a transaction.

use gridwire_derive::service;

use crate::Str;
use crate::hazelcast::{Data, Uuid};

/// The distributed set as seen in a transaction.
#[service(id = 0x10)]
pub trait TransactionalSet {
    /// Adds an element; false if it was there already.
    #[method(id = 0x01)]
    fn add(name: Str, txn_id: Uuid, thread_id: i64, item: Data) -> bool;

    /// Removes an element; false if it wasn't there.
    #[method(id = 0x02)]
    fn remove(name: Str, txn_id: Uuid, thread_id: i64, item: Data) -> bool;

    /// How many elements there are.
    #[method(id = 0x03)]
    fn size(name: Str, txn_id: Uuid, thread_id: i64) -> i32;
}
