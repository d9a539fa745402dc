//! The map that each member has a whole copy of.

use alloc::vec::Vec;

use gridwire_derive::service;

use super::custom::ReplicatedMapEntryViewHolder;
use crate::Str;
use crate::hazelcast::{Data, Uuid};

/// The map that each member has a whole copy of. Times are in milliseconds.
#[service(id = 0x0d)]
pub trait ReplicatedMap {
    /// Stores a value and returns the one it replaced, or null.
    #[method(id = 0x01, partition = key)]
    fn put(
        name: Str,
        key: Data,
        value: Data,
        /// How long it lives; 0 is forever.
        ttl: i64,
    ) -> Option<Data>;

    /// How many entries the asked copy has.
    #[method(id = 0x02, retryable, partition = random)]
    fn size(name: Str) -> i32;

    /// Whether the asked copy has no entry.
    #[method(id = 0x03, retryable, partition = random)]
    fn is_empty(name: Str) -> bool;

    /// Whether there is a value of this key.
    #[method(id = 0x04, retryable, partition = key)]
    fn contains_key(name: Str, key: Data) -> bool;

    /// Whether any key has this value.
    #[method(id = 0x05, retryable, partition = random)]
    fn contains_value(name: Str, value: Data) -> bool;

    /// Returns the value of a key, or null.
    #[method(id = 0x06, retryable, partition = key)]
    fn get(name: Str, key: Data) -> Option<Data>;

    /// Removes a key and returns its value, or null.
    #[method(id = 0x07, partition = key)]
    fn remove(name: Str, key: Data) -> Option<Data>;

    /// Stores entries of any partitions.
    #[method(id = 0x08)]
    fn put_all(name: Str, entries: Vec<(Data, Data)>);

    /// Removes all entries of all copies.
    #[method(id = 0x09)]
    fn clear(name: Str);

    /// Listens to the entry of one key while it matches a predicate.
    #[method(id = 0x0a, events(entry = 2))]
    fn add_entry_listener_to_key_with_predicate(
        name: Str,
        key: Data,
        predicate: Data,
        local_only: bool,
    ) -> Uuid;

    /// Something happened to an entry, or to all.
    #[event]
    fn entry(
        key: Option<Data>,
        value: Option<Data>,
        old_value: Option<Data>,
        merging_value: Option<Data>,
        /// 1 added, 2 removed, 4 updated, 8 evicted, 64 all cleared.
        event_type: i32,
        /// The member that it happened on.
        uuid: Uuid,
        number_of_affected_entries: i32,
    );

    /// Listens to the entries that match a predicate.
    #[method(id = 0x0b, events(entry = 2))]
    fn add_entry_listener_with_predicate(name: Str, predicate: Data, local_only: bool) -> Uuid;

    /// Listens to the entry of one key.
    #[method(id = 0x0c, events(entry = 2))]
    fn add_entry_listener_to_key(name: Str, key: Data, local_only: bool) -> Uuid;

    /// Listens to all entries.
    #[method(id = 0x0d, events(entry = 2))]
    fn add_entry_listener(name: Str, local_only: bool) -> Uuid;

    /// Ends listening; false if it had ended already.
    #[method(id = 0x0e, retryable)]
    fn remove_entry_listener(name: Str, registration_id: Uuid) -> bool;

    /// Returns all keys.
    #[method(id = 0x0f, retryable, partition = random)]
    fn key_set(name: Str) -> Vec<Data>;

    /// Returns all values.
    #[method(id = 0x10, retryable, partition = random)]
    fn values(name: Str) -> Vec<Data>;

    /// Returns all entries.
    #[method(id = 0x11, retryable, partition = random)]
    fn entry_set(name: Str) -> Vec<(Data, Data)>;

    /// Listens to all entries, for a cache of the client's that drops what changes.
    #[method(id = 0x12, events(entry = 2))]
    fn add_near_cache_entry_listener(name: Str, include_value: bool, local_only: bool) -> Uuid;

    /// Stores entries with their times and hits as they are, all of one partition.
    #[method(id = 0x13, since = "2.7", partition = any_key, response_id = 0x0d0801)]
    fn put_all_with_metadata(
        name: Str,
        entries: Vec<ReplicatedMapEntryViewHolder>,
        partition_id: i32,
    );

    /// Reads a page of a partition's entries with their times and hits.
    #[method(id = 0x14, since = "2.7", retryable, acquires_resource, partition = partition_id)]
    fn fetch_entry_views(
        name: Str,
        /// To begin with a random one, then that of the last answer.
        cursor_id: Uuid,
        /// Begins: true for the first page only.
        new_iteration: bool,
        partition_id: i32,
        /// How many at most.
        batch_size: i32,
    );
    /// The next page's cursor. Fewer entries than asked for are the last ones.
    #[response]
    fn fetch_entry_views(cursor_id: Uuid, entry_views: Vec<ReplicatedMapEntryViewHolder>);

    /// Ends reading pages and frees what the member kept for it.
    #[method(id = 0x15, since = "2.7", retryable, partition = partition_id)]
    fn end_entry_view_iteration(
        name: Str,
        /// That of the first answer.
        cursor_id: Option<Uuid>,
    );
}
