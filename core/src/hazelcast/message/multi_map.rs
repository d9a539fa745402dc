//! The distributed map of keys with many values.

use alloc::vec::Vec;

use gridwire_derive::service;

use crate::Str;
use crate::hazelcast::{Data, Uuid};

/// The distributed map of keys with many values, a set or a list by the member's configuration.
/// Times are in milliseconds.
#[service(id = 0x02)]
pub trait MultiMap {
    /// Adds a value to a key; false if a set has it already.
    #[method(id = 0x01, partition = key)]
    fn put(name: Str, key: Data, value: Data, thread_id: i64) -> bool;

    /// Returns the values of a key.
    #[method(id = 0x02, retryable, partition = key)]
    fn get(name: Str, key: Data, thread_id: i64) -> Vec<Data>;

    /// Removes a key and returns its values.
    #[method(id = 0x03, partition = key)]
    fn remove(name: Str, key: Data, thread_id: i64) -> Vec<Data>;

    /// Returns all keys.
    #[method(id = 0x04, retryable)]
    fn key_set(name: Str) -> Vec<Data>;

    /// Returns the values of all keys.
    #[method(id = 0x05, retryable)]
    fn values(name: Str) -> Vec<Data>;

    /// Returns all entries, a key with several values once for each.
    #[method(id = 0x06, retryable)]
    fn entry_set(name: Str) -> Vec<(Data, Data)>;

    /// Whether a key has a value.
    #[method(id = 0x07, retryable, partition = key)]
    fn contains_key(name: Str, key: Data, thread_id: i64) -> bool;

    /// Whether any key has this value.
    #[method(id = 0x08, retryable)]
    fn contains_value(name: Str, value: Data) -> bool;

    /// Whether this key has this value.
    #[method(id = 0x09, retryable, partition = key)]
    fn contains_entry(name: Str, key: Data, value: Data, thread_id: i64) -> bool;

    /// How many values there are, of all keys.
    #[method(id = 0x0a, retryable)]
    fn size(name: Str) -> i32;

    /// Removes all entries.
    #[method(id = 0x0b)]
    fn clear(name: Str);

    /// How many values a key has.
    #[method(id = 0x0c, retryable, partition = key)]
    fn value_count(name: Str, key: Data, thread_id: i64) -> i32;

    /// Listens to the entries of one key.
    #[method(id = 0x0d, events(entry = 2))]
    fn add_entry_listener_to_key(
        name: Str,
        key: Data,
        include_value: bool,
        local_only: bool,
    ) -> Uuid;

    /// Something happened to an entry, or to all.
    #[event]
    fn entry(
        key: Option<Data>,
        value: Option<Data>,
        old_value: Option<Data>,
        merging_value: Option<Data>,
        /// 1 added, 2 removed, 64 all cleared.
        event_type: i32,
        /// The member that it happened on.
        uuid: Uuid,
        number_of_affected_entries: i32,
    );

    /// Listens to all entries.
    #[method(id = 0x0e, events(entry = 2))]
    fn add_entry_listener(name: Str, include_value: bool, local_only: bool) -> Uuid;

    /// Ends listening; false if it had ended already.
    #[method(id = 0x0f, retryable)]
    fn remove_entry_listener(name: Str, registration_id: Uuid) -> bool;

    /// Locks a key, waiting as long as it takes.
    #[method(id = 0x10, retryable, acquires_resource, long_running, partition = key)]
    fn lock(
        name: Str,
        key: Data,
        thread_id: i64,
        /// How long it stays locked; -1 until it is unlocked.
        ttl: i64,
        /// Tells calls of this client apart, the same for each try of one.
        reference_id: i64,
    );

    /// Locks a key, waiting at most `timeout`, and says whether it could.
    #[method(id = 0x11, retryable, acquires_resource, long_running, partition = key)]
    fn try_lock(
        name: Str,
        key: Data,
        thread_id: i64,
        /// How long it stays locked; -1 until it is unlocked.
        lease: i64,
        timeout: i64,
        /// Tells calls of this client apart, the same for each try of one.
        reference_id: i64,
    ) -> bool;

    /// Whether a key is locked, by anyone.
    #[method(id = 0x12, retryable, partition = key)]
    fn is_locked(name: Str, key: Data) -> bool;

    /// Unlocks a key that this thread locked.
    #[method(id = 0x13, retryable, partition = key)]
    fn unlock(name: Str, key: Data, thread_id: i64, reference_id: i64);

    /// Unlocks a key, whoever locked it.
    #[method(id = 0x14, retryable, partition = key)]
    fn force_unlock(name: Str, key: Data, reference_id: i64);

    /// Removes one value of a key, and says whether it was there.
    #[method(id = 0x15, partition = key)]
    fn remove_entry(name: Str, key: Data, value: Data, thread_id: i64) -> bool;

    /// Removes a key and its values.
    #[method(id = 0x16, partition = key)]
    fn delete(name: Str, key: Data, thread_id: i64);

    /// Adds values to keys, all of one partition.
    #[method(id = 0x17, since = "2.1", partition = any_key)]
    fn put_all(name: Str, entries: Vec<(Data, Vec<Data>)>);
}
