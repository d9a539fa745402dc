//! The map of keys with many values as seen in a transaction.

use alloc::vec::Vec;

use gridwire_derive::service;

use crate::Str;
use crate::hazelcast::{Data, Uuid};

/// The map of keys with many values as seen in a transaction. A key that is written is locked until
/// the end.
#[service(id = 0x0f)]
pub trait TransactionalMultiMap {
    /// Adds a value to a key; false if a set has it already.
    #[method(id = 0x01, long_running)]
    fn put(name: Str, txn_id: Uuid, thread_id: i64, key: Data, value: Data) -> bool;

    /// Returns the values of a key.
    #[method(id = 0x02)]
    fn get(name: Str, txn_id: Uuid, thread_id: i64, key: Data) -> Vec<Data>;

    /// Removes a key and returns its values.
    #[method(id = 0x03, long_running)]
    fn remove(name: Str, txn_id: Uuid, thread_id: i64, key: Data) -> Vec<Data>;

    /// Removes one value of a key, and says whether it was there.
    #[method(id = 0x04, long_running)]
    fn remove_entry(name: Str, txn_id: Uuid, thread_id: i64, key: Data, value: Data) -> bool;

    /// How many values a key has.
    #[method(id = 0x05)]
    fn value_count(name: Str, txn_id: Uuid, thread_id: i64, key: Data) -> i32;

    /// How many values there are, of all keys.
    #[method(id = 0x06)]
    fn size(name: Str, txn_id: Uuid, thread_id: i64) -> i32;
}
