//! The distributed map as seen in a transaction.

use alloc::vec::Vec;

use gridwire_derive::service;

use crate::Str;
use crate::hazelcast::{Data, Uuid};

/// The distributed map as seen in a transaction. A key that is written is locked until the end, so
/// that each of these may have to wait for another transaction.
#[service(id = 0x0e)]
pub trait TransactionalMap {
    /// Whether there is a value of this key.
    #[method(id = 0x01)]
    fn contains_key(name: Str, txn_id: Uuid, thread_id: i64, key: Data) -> bool;

    /// Returns the value of a key, or null.
    #[method(id = 0x02)]
    fn get(name: Str, txn_id: Uuid, thread_id: i64, key: Data) -> Option<Data>;

    /// Locks a key and returns its value, or null.
    #[method(id = 0x03, long_running)]
    fn get_for_update(name: Str, txn_id: Uuid, thread_id: i64, key: Data) -> Option<Data>;

    /// How many entries there are.
    #[method(id = 0x04)]
    fn size(name: Str, txn_id: Uuid, thread_id: i64) -> i32;

    /// Whether there is no entry.
    #[method(id = 0x05)]
    fn is_empty(name: Str, txn_id: Uuid, thread_id: i64) -> bool;

    /// Stores a value and returns the one it replaced, or null.
    #[method(id = 0x06, long_running)]
    fn put(
        name: Str,
        txn_id: Uuid,
        thread_id: i64,
        key: Data,
        value: Data,
        /// Milliseconds to live; -1 is the map's own default, 0 is forever.
        ttl: i64,
    ) -> Option<Data>;

    /// Stores a value.
    #[method(id = 0x07, long_running)]
    fn set(name: Str, txn_id: Uuid, thread_id: i64, key: Data, value: Data);

    /// Stores a value if the key has none; returns the one that it has, or null.
    #[method(id = 0x08, long_running)]
    fn put_if_absent(
        name: Str,
        txn_id: Uuid,
        thread_id: i64,
        key: Data,
        value: Data,
    ) -> Option<Data>;

    /// Stores a value if the key has one; returns that one, or null.
    #[method(id = 0x09, long_running)]
    fn replace(name: Str, txn_id: Uuid, thread_id: i64, key: Data, value: Data) -> Option<Data>;

    /// Replaces the value of a key if it is `old_value`, and says whether it was.
    #[method(id = 0x0a, long_running)]
    fn replace_if_same(
        name: Str,
        txn_id: Uuid,
        thread_id: i64,
        key: Data,
        old_value: Data,
        new_value: Data,
    ) -> bool;

    /// Removes a key and returns its value, or null.
    #[method(id = 0x0b, long_running)]
    fn remove(name: Str, txn_id: Uuid, thread_id: i64, key: Data) -> Option<Data>;

    /// Removes a key.
    #[method(id = 0x0c, long_running)]
    fn delete(name: Str, txn_id: Uuid, thread_id: i64, key: Data);

    /// Removes a key if it has this value, and says whether it had.
    #[method(id = 0x0d, long_running)]
    fn remove_if_same(name: Str, txn_id: Uuid, thread_id: i64, key: Data, value: Data) -> bool;

    /// Returns all keys.
    #[method(id = 0x0e)]
    fn key_set(name: Str, txn_id: Uuid, thread_id: i64) -> Vec<Data>;

    /// Returns the keys whose entries match a predicate.
    #[method(id = 0x0f)]
    fn key_set_with_predicate(
        name: Str,
        txn_id: Uuid,
        thread_id: i64,
        predicate: Data,
    ) -> Vec<Data>;

    /// Returns all values.
    #[method(id = 0x10)]
    fn values(name: Str, txn_id: Uuid, thread_id: i64) -> Vec<Data>;

    /// Returns the values whose entries match a predicate.
    #[method(id = 0x11)]
    fn values_with_predicate(name: Str, txn_id: Uuid, thread_id: i64, predicate: Data)
    -> Vec<Data>;

    /// Whether any key has this value.
    #[method(id = 0x12)]
    fn contains_value(name: Str, txn_id: Uuid, thread_id: i64, value: Data) -> bool;
}
