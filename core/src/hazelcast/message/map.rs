//! The distributed map.

use alloc::vec::Vec;

use gridwire_derive::service;

use super::custom::{AnchorDataListHolder, IndexConfig, PagingPredicateHolder, SimpleEntryView};
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

    /// Replaces the value of a key that has one, and returns the old one.
    #[method(id = 0x04, partition = key)]
    fn replace(name: Str, key: Data, value: Data, thread_id: i64) -> Option<Data>;

    /// Replaces the value of a key if it is `test_value`.
    #[method(id = 0x05, partition = key)]
    fn replace_if_same(name: Str, key: Data, test_value: Data, value: Data, thread_id: i64)
    -> bool;

    /// Whether there is a value of this key.
    #[method(id = 0x06, retryable, partition = key)]
    fn contains_key(name: Str, key: Data, thread_id: i64) -> bool;

    /// Whether any key has this value.
    #[method(id = 0x07, retryable)]
    fn contains_value(name: Str, value: Data) -> bool;

    /// Removes a key if its value is this one.
    #[method(id = 0x08, partition = key)]
    fn remove_if_same(name: Str, key: Data, value: Data, thread_id: i64) -> bool;

    /// Removes a key.
    #[method(id = 0x09, partition = key)]
    fn delete(name: Str, key: Data, thread_id: i64);
    /// Whether the key was there; older members don't say.
    #[response]
    fn delete(#[since("2.7")] response: bool);

    /// Has the map store write what it still holds back.
    #[method(id = 0x0a)]
    fn flush(name: Str);

    /// Removes a key if it can be locked within `timeout`.
    #[method(id = 0x0b, partition = key)]
    fn try_remove(name: Str, key: Data, thread_id: i64, timeout: i64) -> bool;

    /// Stores a value if the key can be locked within `timeout`.
    #[method(id = 0x0c, partition = key)]
    fn try_put(name: Str, key: Data, value: Data, thread_id: i64, timeout: i64) -> bool;

    /// Stores a value that the map store does not get.
    #[method(id = 0x0d, partition = key)]
    fn put_transient(name: Str, key: Data, value: Data, thread_id: i64, ttl: i64);

    /// Stores a value unless there is one, which is returned then.
    #[method(id = 0x0e, partition = key)]
    fn put_if_absent(name: Str, key: Data, value: Data, thread_id: i64, ttl: i64) -> Option<Data>;

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

    /// Puts an interceptor before reads and changes; returns its id.
    #[method(id = 0x14)]
    fn add_interceptor(name: Str, interceptor: Data) -> Str;

    /// Removes an interceptor.
    #[method(id = 0x15)]
    fn remove_interceptor(name: Str, id: Str) -> bool;

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
        /// The member that it happened on. Null while that member joins another cluster, as after a split.
        #[lenient]
        uuid: Option<Uuid>,
        number_of_affected_entries: i32,
    );

    /// Ends listening.
    #[method(id = 0x1a, retryable)]
    fn remove_entry_listener(name: Str, registration_id: Uuid) -> bool;

    /// Listens to losses of partitions of this map.
    #[method(id = 0x1b, events(map_partition_lost = 2))]
    fn add_partition_lost_listener(name: Str, local_only: bool) -> Uuid;

    /// A partition was lost.
    #[event]
    fn map_partition_lost(partition_id: i32, uuid: Uuid);

    /// Ends [`AddPartitionLostListener`].
    #[method(id = 0x1c, retryable)]
    fn remove_partition_lost_listener(name: Str, registration_id: Uuid) -> bool;

    /// Returns an entry with what its member knows of it.
    #[method(id = 0x1d, retryable, partition = key)]
    fn get_entry_view(name: Str, key: Data, thread_id: i64);
    /// The entry, or null.
    #[response]
    fn get_entry_view(
        response: Option<SimpleEntryView>,
        /// As in the entry.
        max_idle: i64,
    );

    /// Removes a key from memory, and not from the map store.
    #[method(id = 0x1e, partition = key)]
    fn evict(name: Str, key: Data, thread_id: i64) -> bool;

    /// Removes all keys that are not locked from memory.
    #[method(id = 0x1f)]
    fn evict_all(name: Str);

    /// Has the map store load all keys.
    #[method(id = 0x20, long_running)]
    fn load_all(name: Str, replace_existing_values: bool);

    /// Has the map store load these keys.
    #[method(id = 0x21, long_running)]
    fn load_given_keys(name: Str, keys: Vec<Data>, replace_existing_values: bool);

    /// Returns all keys.
    #[method(id = 0x22, retryable)]
    fn key_set(name: Str) -> Vec<Data>;

    /// Returns the entries of those keys, all of one partition, that are there.
    #[method(id = 0x23, partition = any_key)]
    fn get_all(name: Str, keys: Vec<Data>) -> Vec<(Data, Data)>;

    /// Returns all values.
    #[method(id = 0x24, retryable)]
    fn values(name: Str) -> Vec<Data>;

    /// Returns all entries.
    #[method(id = 0x25, retryable)]
    fn entry_set(name: Str) -> Vec<(Data, Data)>;

    /// Returns the keys of matching entries.
    #[method(id = 0x26, retryable)]
    fn key_set_with_predicate(name: Str, predicate: Data) -> Vec<Data>;

    /// Returns the values of matching entries.
    #[method(id = 0x27, retryable)]
    fn values_with_predicate(name: Str, predicate: Data) -> Vec<Data>;

    /// Returns matching entries.
    #[method(id = 0x28, retryable)]
    fn entries_with_predicate(name: Str, predicate: Data) -> Vec<(Data, Data)>;

    /// Adds an index, building it over what is there.
    #[method(id = 0x29, long_running)]
    fn add_index(name: Str, index_config: IndexConfig);

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

    /// Runs an entry processor on a key.
    #[method(id = 0x2e, long_running, partition = key)]
    fn execute_on_key(name: Str, entry_processor: Data, key: Data, thread_id: i64) -> Option<Data>;

    /// As [`ExecuteOnKey`].
    #[method(id = 0x2f, long_running, partition = key)]
    fn submit_to_key(name: Str, entry_processor: Data, key: Data, thread_id: i64) -> Option<Data>;

    /// Runs an entry processor on all entries.
    #[method(id = 0x30, long_running)]
    fn execute_on_all_keys(name: Str, entry_processor: Data) -> Vec<(Data, Data)>;

    /// Runs an entry processor on matching entries.
    #[method(id = 0x31, long_running)]
    fn execute_with_predicate(
        name: Str,
        entry_processor: Data,
        predicate: Data,
    ) -> Vec<(Data, Data)>;

    /// Runs an entry processor on these keys.
    #[method(id = 0x32, long_running)]
    fn execute_on_keys(name: Str, entry_processor: Data, keys: Vec<Data>) -> Vec<(Data, Data)>;

    /// Unlocks a key, whoever locked it.
    #[method(id = 0x33, retryable, partition = key)]
    fn force_unlock(name: Str, key: Data, reference_id: i64);

    /// Returns a page of keys.
    #[method(id = 0x34, retryable)]
    fn key_set_with_paging_predicate(name: Str, predicate: PagingPredicateHolder);
    #[response]
    fn key_set_with_paging_predicate(response: Vec<Data>, anchor_data_list: AnchorDataListHolder);

    /// Returns a page of values.
    #[method(id = 0x35, retryable)]
    fn values_with_paging_predicate(name: Str, predicate: PagingPredicateHolder);
    #[response]
    fn values_with_paging_predicate(response: Vec<Data>, anchor_data_list: AnchorDataListHolder);

    /// Returns a page of entries.
    #[method(id = 0x36, retryable)]
    fn entries_with_paging_predicate(name: Str, predicate: PagingPredicateHolder);
    #[response]
    fn entries_with_paging_predicate(
        response: Vec<(Data, Data)>,
        anchor_data_list: AnchorDataListHolder,
    );

    /// Iterates over the keys of a partition.
    #[method(id = 0x37, retryable, partition = partition_id)]
    fn fetch_keys(
        name: Str,
        /// How far each table of the partition was read, and its size: `[(i32::MAX, -1)]` at first.
        iteration_pointers: Vec<(i32, i32)>,
        batch: i32,
    );
    #[response]
    fn fetch_keys(iteration_pointers: Vec<(i32, i32)>, keys: Vec<Data>);

    /// Iterates over the entries of a partition, as [`FetchKeys`] does.
    #[method(id = 0x38, retryable, partition = partition_id)]
    fn fetch_entries(name: Str, iteration_pointers: Vec<(i32, i32)>, batch: i32);
    #[response]
    fn fetch_entries(iteration_pointers: Vec<(i32, i32)>, entries: Vec<(Data, Data)>);

    /// Computes a value from all entries.
    #[method(id = 0x39, retryable, long_running)]
    fn aggregate(name: Str, aggregator: Data) -> Option<Data>;

    /// Computes a value from matching entries.
    #[method(id = 0x3a, retryable, long_running)]
    fn aggregate_with_predicate(name: Str, aggregator: Data, predicate: Data) -> Option<Data>;

    /// Returns a part of each value.
    #[method(id = 0x3b, retryable, response_id = 0x013c01)]
    fn project(name: Str, projection: Data) -> Vec<Option<Data>>;

    /// Returns a part of each matching entry's value.
    #[method(id = 0x3c, retryable)]
    fn project_with_predicate(name: Str, projection: Data, predicate: Data) -> Vec<Option<Data>>;

    /// Asks a member how many changes near caches should have heard of.
    #[method(id = 0x3d)]
    fn fetch_near_cache_invalidation_metadata(
        names: Vec<Str>,
        /// The member.
        uuid: Uuid,
    );
    /// The last sequence of each partition by map, and the ids that partitions have now.
    #[response]
    fn fetch_near_cache_invalidation_metadata(
        name_partition_sequence_list: Vec<(Str, Vec<(i32, i64)>)>,
        partition_uuid_list: Vec<(i32, Uuid)>,
    );

    /// Removes matching entries.
    #[method(id = 0x3e)]
    fn remove_all(name: Str, predicate: Data);

    /// Listens to changes that a near cache has to forget.
    #[method(id = 0x3f, events(i_map_invalidation = 2, i_map_batch_invalidation = 3))]
    fn add_near_cache_invalidation_listener(
        name: Str,
        listener_flags: i32,
        local_only: bool,
    ) -> Uuid;

    /// Forget a key, or all if it is null.
    #[event]
    fn i_map_invalidation(
        key: Option<Data>,
        /// Who changed it.
        source_uuid: Uuid,
        /// Another one than before means that changes were lost.
        partition_uuid: Uuid,
        /// A gap means that changes were lost.
        sequence: i64,
    );

    /// Forget several keys, with the rest as in [`IMapInvalidationEvent`].
    #[event]
    fn i_map_batch_invalidation(
        keys: Vec<Data>,
        source_uuids: Vec<Uuid>,
        partition_uuids: Vec<Uuid>,
        sequences: Vec<i64>,
    );

    /// Iterates over the matching entries of a partition, as [`FetchKeys`] does, and returns a part
    /// of each.
    #[method(id = 0x40, retryable, partition = partition_id)]
    fn fetch_with_query(
        name: Str,
        iteration_pointers: Vec<(i32, i32)>,
        batch: i32,
        projection: Data,
        predicate: Data,
    );
    #[response]
    fn fetch_with_query(results: Vec<Option<Data>>, iteration_pointers: Vec<(i32, i32)>);

    /// Returns the bounds of a partition's journal.
    #[method(id = 0x41, retryable, partition = partition_id)]
    fn event_journal_subscribe(name: Str);
    #[response]
    fn event_journal_subscribe(oldest_sequence: i64, newest_sequence: i64);

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

    /// Changes how long an entry lives; false if there is none.
    #[method(id = 0x43, partition = key)]
    fn set_ttl(name: Str, key: Data, ttl: i64) -> bool;

    /// As [`Put`], for an entry that also goes when unused for `max_idle`.
    #[method(id = 0x44, partition = key)]
    fn put_with_max_idle(
        name: Str,
        key: Data,
        value: Data,
        thread_id: i64,
        ttl: i64,
        max_idle: i64,
    ) -> Option<Data>;

    /// As [`PutTransient`], likewise.
    #[method(id = 0x45, partition = key)]
    fn put_transient_with_max_idle(
        name: Str,
        key: Data,
        value: Data,
        thread_id: i64,
        ttl: i64,
        max_idle: i64,
    ) -> Option<Data>;

    /// As [`PutIfAbsent`], likewise.
    #[method(id = 0x46, partition = key)]
    fn put_if_absent_with_max_idle(
        name: Str,
        key: Data,
        value: Data,
        thread_id: i64,
        ttl: i64,
        max_idle: i64,
    ) -> Option<Data>;

    /// As [`Set`], likewise.
    #[method(id = 0x47, partition = key)]
    fn set_with_max_idle(
        name: Str,
        key: Data,
        value: Data,
        thread_id: i64,
        ttl: i64,
        max_idle: i64,
    ) -> Option<Data>;

    /// Replaces each value of a partition by what a function makes of it.
    #[method(id = 0x48, since = "2.4", retryable, long_running, partition = partition_id)]
    fn replace_all(name: Str, function: Data);

    /// Stores entries of one partition with their times and counters.
    #[method(id = 0x49, since = "2.7", partition = any_key)]
    fn put_all_with_metadata(name: Str, entries: Vec<SimpleEntryView>);
}
