//! The distributed list as seen in a transaction.

use gridwire_derive::service;

use crate::Str;
use crate::hazelcast::{Data, Uuid};

/// The distributed list as seen in a transaction.
#[service(id = 0x11)]
pub trait TransactionalList {
    /// Appends an element. The answer is always true.
    #[method(id = 0x01)]
    fn add(name: Str, txn_id: Uuid, thread_id: i64, item: Data) -> bool;

    /// Removes the first element that is equal; false if there is none.
    #[method(id = 0x02)]
    fn remove(name: Str, txn_id: Uuid, thread_id: i64, item: Data) -> bool;

    /// How many elements there are.
    #[method(id = 0x03)]
    fn size(name: Str, txn_id: Uuid, thread_id: i64) -> i32;
}
