//! The distributed map.

use alloc::vec::Vec;

use gridwire_derive::service;

use crate::Str;
use crate::hazelcast::{Data, Uuid};

/// The distributed map. Times are in milliseconds; -1 is the map's own default.
#[service(id = 0x01)]
pub trait Map {
    /// Stores a value and returns the one it replaced.
    #[method(id = 0x01, partition = key)]
    fn put(name: Str, key: Data, value: Data, thread_id: i64, ttl: i64) -> Option<Data>;

    /// Returns the value of a key.
    #[method(id = 0x02, retryable, partition = key)]
    fn get(name: Str, key: Data, thread_id: i64) -> Option<Data>;

    /// Removes a key and returns its value.
    #[method(id = 0x03, partition = key)]
    fn remove(name: Str, key: Data, thread_id: i64) -> Option<Data>;

    /// Whether there is a value of this key.
    #[method(id = 0x06, retryable, partition = key)]
    fn contains_key(name: Str, key: Data, thread_id: i64) -> bool;

    /// Removes a key.
    #[method(id = 0x09, partition = key)]
    fn delete(name: Str, key: Data, thread_id: i64);
    /// Whether the key was there; older members don't say.
    #[response]
    fn delete(#[since("2.7")] response: bool);

    /// Stores a value.
    #[method(id = 0x0f, partition = key)]
    fn set(name: Str, key: Data, value: Data, thread_id: i64, ttl: i64);

    /// Locks a key, waiting as long as it takes.
    #[method(id = 0x10, retryable, acquires_resource, long_running, partition = key)]
    fn lock(name: Str, key: Data, thread_id: i64, ttl: i64, reference_id: i64);

    /// Locks a key, waiting at most `timeout`.
    #[method(id = 0x11, retryable, acquires_resource, long_running, partition = key)]
    fn try_lock(
        name: Str,
        key: Data,
        thread_id: i64,
        lease: i64,
        timeout: i64,
        reference_id: i64,
    ) -> bool;

    /// Whether a key is locked, by anyone.
    #[method(id = 0x12, retryable, partition = key)]
    fn is_locked(name: Str, key: Data) -> bool;

    /// Unlocks a key that this thread locked.
    #[method(id = 0x13, retryable, partition = key)]
    fn unlock(name: Str, key: Data, thread_id: i64, reference_id: i64);

    /// Listens to the entries of one key that match a predicate.
    #[method(id = 0x16, events(entry = 2))]
    fn add_entry_listener_to_key_with_predicate(
        name: Str,
        key: Data,
        predicate: Data,
        include_value: bool,
        listener_flags: i32,
        local_only: bool,
    ) -> Uuid;

    /// Listens to the entries that match a predicate.
    #[method(id = 0x17, events(entry = 2))]
    fn add_entry_listener_with_predicate(
        name: Str,
        predicate: Data,
        include_value: bool,
        listener_flags: i32,
        local_only: bool,
    ) -> Uuid;

    /// Listens to the entries of one key.
    #[method(id = 0x18, events(entry = 2))]
    fn add_entry_listener_to_key(
        name: Str,
        key: Data,
        include_value: bool,
        listener_flags: i32,
        local_only: bool,
    ) -> Uuid;

    /// Listens to all entries. The flags say to which types of event.
    #[method(id = 0x19, events(entry = 2))]
    fn add_entry_listener(
        name: Str,
        include_value: bool,
        listener_flags: i32,
        local_only: bool,
    ) -> Uuid;

    /// Something happened to an entry, or to all.
    #[event]
    fn entry(
        key: Option<Data>,
        value: Option<Data>,
        old_value: Option<Data>,
        merging_value: Option<Data>,
        /// 1 added, 2 removed, 4 updated, 8 evicted, 16 expired, 32 all evicted, 64 all cleared,
        /// 128 merged, 256 invalidated, 512 loaded.
        event_type: i32,
        /// The member that it happened on.
        uuid: Uuid,
        number_of_affected_entries: i32,
    );

    /// Ends listening.
    #[method(id = 0x1a, retryable)]
    fn remove_entry_listener(name: Str, registration_id: Uuid) -> bool;

    /// Returns the entries of those keys, all of one partition, that are there.
    #[method(id = 0x23, partition = any_key)]
    fn get_all(name: Str, keys: Vec<Data>) -> Vec<(Data, Data)>;

    /// How many entries there are.
    #[method(id = 0x2a, retryable)]
    fn size(name: Str) -> i32;

    /// Whether there is no entry.
    #[method(id = 0x2b, retryable)]
    fn is_empty(name: Str) -> bool;

    /// Stores entries, all of one partition.
    #[method(id = 0x2c, partition = any_key)]
    fn put_all(
        name: Str,
        entries: Vec<(Data, Data)>,
        #[since("2.1", default = true)] trigger_map_loader: bool,
    );

    /// Removes all entries.
    #[method(id = 0x2d)]
    fn clear(name: Str);

    /// Reads from the journal of a partition, waiting until there are `min_size` events.
    #[method(id = 0x42, retryable, long_running, partition = partition_id)]
    fn event_journal_read(
        name: Str,
        start_sequence: i64,
        min_size: i32,
        max_size: i32,
        predicate: Option<Data>,
        projection: Option<Data>,
    );
    /// Events, and where to go on reading.
    #[response]
    fn event_journal_read(
        read_count: i32,
        items: Vec<Data>,
        item_seqs: Option<Vec<i64>>,
        next_seq: i64,
    );
}
