//! JCache. Names have the cache manager's prefix: `/hz/name`. A completion id, unless it is -1, comes back in an event when all listeners were told.

use alloc::vec::Vec;

use gridwire_derive::service;

use super::custom::{CacheConfigHolder, CacheEventData};
use crate::Str;
use crate::hazelcast::{Data, Uuid};

/// JCache. Names have the cache manager's prefix: `/hz/name`. A completion id, unless it is -1, comes back in an event when all listeners were told.
#[service(id = 0x13)]
pub trait Cache {
    /// Listens to a cache's entries.
    #[method(id = 0x01, events(cache = 2))]
    fn add_entry_listener(name: Str, local_only: bool) -> Uuid;

    /// Something happened to entries.
    #[event]
    fn cache(
        /// As in [`CacheEventData::cache_event_type`].
        kind: i32,
        keys: Vec<CacheEventData>,
        completion_id: i32,
    );

    /// Removes all entries, and tells no listener.
    #[method(id = 0x02)]
    fn clear(name: Str);

    /// Removes these keys.
    #[method(id = 0x03)]
    fn remove_all_keys(name: Str, keys: Vec<Data>, completion_id: i32);

    /// Removes all entries.
    #[method(id = 0x04)]
    fn remove_all(name: Str, completion_id: i32);

    /// Whether there is a value of this key.
    #[method(id = 0x05, retryable, partition = key)]
    fn contains_key(name: Str, key: Data) -> bool;

    /// Makes a cache; returns the configuration in force. Goes to the partition of the name with its
    /// prefix.
    #[method(id = 0x06, retryable, partition = name(_))]
    fn create_config(
        cache_config: CacheConfigHolder,
        /// On all members, not only the one that is asked.
        create_also_on_others: bool,
    ) -> Option<CacheConfigHolder>;

    /// Destroys a cache.
    #[method(id = 0x07, partition = name)]
    fn destroy(name: Str);

    /// Runs an entry processor on a key.
    #[method(id = 0x08, long_running, partition = key)]
    fn entry_processor(
        name: Str,
        key: Data,
        entry_processor: Data,
        arguments: Vec<Data>,
        completion_id: i32,
    ) -> Option<Data>;

    /// Returns the entries of those keys that are there.
    #[method(id = 0x09)]
    fn get_all(name: Str, keys: Vec<Data>, expiry_policy: Option<Data>) -> Vec<(Data, Data)>;

    /// Removes a key and returns its value.
    #[method(id = 0x0a, partition = key)]
    fn get_and_remove(name: Str, key: Data, completion_id: i32) -> Option<Data>;

    /// Replaces the value of a key that has one, and returns the old one.
    #[method(id = 0x0b, partition = key)]
    fn get_and_replace(
        name: Str,
        key: Data,
        value: Data,
        expiry_policy: Option<Data>,
        completion_id: i32,
    ) -> Option<Data>;

    /// Returns a cache's configuration.
    #[method(id = 0x0c, retryable, partition = name)]
    fn get_config(
        name: Str,
        /// Without prefix.
        simple_name: Str,
    ) -> Option<CacheConfigHolder>;

    /// Returns the value of a key.
    #[method(id = 0x0d, retryable, partition = key)]
    fn get(name: Str, key: Data, expiry_policy: Option<Data>) -> Option<Data>;

    /// Iterates over the keys of a partition.
    #[method(id = 0x0e, partition = partition_id)]
    fn iterate(
        name: Str,
        /// How far each table of the partition was read, and its size: `[(i32::MAX, -1)]` at first.
        iteration_pointers: Vec<(i32, i32)>,
        batch: i32,
    );
    #[response]
    fn iterate(iteration_pointers: Vec<(i32, i32)>, keys: Vec<Data>);

    /// Adds a listener to a cache's configuration, or removes it.
    #[method(id = 0x0f)]
    fn listener_registration(
        name: Str,
        listener_config: Data,
        should_register: bool,
        /// The member that is asked.
        uuid: Uuid,
    );

    /// Has the cache's loader load these keys.
    #[method(id = 0x10, long_running)]
    fn load_all(name: Str, keys: Vec<Data>, replace_existing_values: bool);

    /// Switches management or statistics on or off.
    #[method(id = 0x11, retryable)]
    fn management_config(
        name: Str,
        is_stat: bool,
        enabled: bool,
        /// The member that is asked.
        uuid: Uuid,
    );

    /// Stores a value unless there is one.
    #[method(id = 0x12, partition = key)]
    fn put_if_absent(
        name: Str,
        key: Data,
        value: Data,
        expiry_policy: Option<Data>,
        completion_id: i32,
    ) -> bool;

    /// Stores a value.
    #[method(id = 0x13, partition = key)]
    fn put(
        name: Str,
        key: Data,
        value: Data,
        expiry_policy: Option<Data>,
        /// Whether to return the one it replaced.
        get: bool,
        completion_id: i32,
    ) -> Option<Data>;

    /// Ends [`AddEntryListener`].
    #[method(id = 0x14, retryable)]
    fn remove_entry_listener(name: Str, registration_id: Uuid) -> bool;

    /// Ends [`AddNearCacheInvalidationListener`].
    #[method(id = 0x15, retryable)]
    fn remove_invalidation_listener(name: Str, registration_id: Uuid) -> bool;

    /// Removes a key, if its value is `current_value` where one is given.
    #[method(id = 0x16, partition = key)]
    fn remove(name: Str, key: Data, current_value: Option<Data>, completion_id: i32) -> bool;

    /// Replaces the value of a key, if it is `old_value` where one is given.
    #[method(id = 0x17, partition = key)]
    fn replace(
        name: Str,
        key: Data,
        old_value: Option<Data>,
        new_value: Data,
        expiry_policy: Option<Data>,
        completion_id: i32,
    ) -> Option<Data>;

    /// How many entries there are.
    #[method(id = 0x18, retryable)]
    fn size(name: Str) -> i32;

    /// Listens to losses of partitions of this cache.
    #[method(id = 0x19, events(cache_partition_lost = 2))]
    fn add_partition_lost_listener(name: Str, local_only: bool) -> Uuid;

    /// A partition was lost.
    #[event]
    fn cache_partition_lost(partition_id: i32, uuid: Uuid);

    /// Ends [`AddPartitionLostListener`].
    #[method(id = 0x1a, retryable)]
    fn remove_partition_lost_listener(name: Str, registration_id: Uuid) -> bool;

    /// Stores entries, all of one partition.
    #[method(id = 0x1b, partition = any_key)]
    fn put_all(
        name: Str,
        entries: Vec<(Data, Data)>,
        expiry_policy: Option<Data>,
        completion_id: i32,
    );

    /// Iterates over the entries of a partition, as [`Iterate`] does.
    #[method(id = 0x1c, retryable, partition = partition_id)]
    fn iterate_entries(name: Str, iteration_pointers: Vec<(i32, i32)>, batch: i32);
    #[response]
    fn iterate_entries(iteration_pointers: Vec<(i32, i32)>, entries: Vec<(Data, Data)>);

    /// Listens to changes that a near cache has to forget.
    #[method(id = 0x1d, events(cache_invalidation = 2, cache_batch_invalidation = 3))]
    fn add_near_cache_invalidation_listener(name: Str, local_only: bool) -> Uuid;

    /// Forget a key, or all if it is null.
    #[event]
    fn cache_invalidation(
        name: Str,
        key: Option<Data>,
        source_uuid: Option<Uuid>,
        /// Another one than before means that changes were lost.
        partition_uuid: Uuid,
        /// A gap means that changes were lost.
        sequence: i64,
    );

    /// Forget several keys, with the rest as in [`CacheInvalidationEvent`].
    #[event]
    fn cache_batch_invalidation(
        name: Str,
        keys: Vec<Data>,
        source_uuids: Vec<Uuid>,
        partition_uuids: Vec<Uuid>,
        sequences: Vec<i64>,
    );

    /// Asks a member how many changes near caches should have heard of.
    #[method(id = 0x1e)]
    fn fetch_near_cache_invalidation_metadata(
        names: Vec<Str>,
        /// The member.
        uuid: Uuid,
    );
    /// The last sequence of each partition by cache, and the ids that partitions have now.
    #[response]
    fn fetch_near_cache_invalidation_metadata(
        name_partition_sequence_list: Vec<(Str, Vec<(i32, i64)>)>,
        partition_uuid_list: Vec<(i32, Uuid)>,
    );

    /// Returns the bounds of a partition's journal.
    #[method(id = 0x1f, retryable, partition = partition_id)]
    fn event_journal_subscribe(name: Str);
    #[response]
    fn event_journal_subscribe(oldest_sequence: i64, newest_sequence: i64);

    /// Reads from the journal of a partition, waiting until there are `min_size` events.
    #[method(id = 0x20, retryable, long_running, partition = partition_id)]
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

    /// Gives keys, all of one partition, an expiry policy of their own; false if none is there.
    #[method(id = 0x21, partition = any_key)]
    fn set_expiry_policy(name: Str, keys: Vec<Data>, expiry_policy: Data) -> bool;
}
