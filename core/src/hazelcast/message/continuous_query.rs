//! Query caches: the result of a query, kept up to date by the members' events.

use alloc::vec::Vec;

use gridwire_derive::service;

use super::custom::QueryCacheEventData;
use crate::Str;
use crate::hazelcast::{Data, Uuid};

/// Query caches: the result of a query, kept up to date by the members' events.
#[service(id = 0x16)]
pub trait ContinuousQuery {
    /// Has the members of a map publish what a query matches; returns the entries that match now.
    #[method(id = 0x01, retryable, acquires_resource)]
    fn publisher_create_with_value(
        map_name: Str,
        cache_name: Str,
        predicate: Data,
        /// Events sent together.
        batch_size: i32,
        /// Events kept for a partition.
        buffer_size: i32,
        /// How long an event may wait for others.
        delay_seconds: i64,
        /// Whether to return what matches now.
        populate: bool,
        /// Of several changes to a key only the last is sent.
        coalesce: bool,
    ) -> Vec<(Data, Data)>;

    /// As [`PublisherCreateWithValue`], for keys alone.
    #[method(id = 0x02, retryable, acquires_resource)]
    fn publisher_create(
        map_name: Str,
        cache_name: Str,
        predicate: Data,
        batch_size: i32,
        buffer_size: i32,
        delay_seconds: i64,
        populate: bool,
        coalesce: bool,
    ) -> Vec<Data>;

    /// Ends the pause in which a publisher only collects events.
    #[method(id = 0x03, retryable)]
    fn made_publishable(map_name: Str, cache_name: Str) -> bool;

    /// Listens to the events of a query cache.
    #[method(id = 0x04, events(query_cache_single = 2, query_cache_batch = 3))]
    fn add_listener(listener_name: Str, local_only: bool) -> Uuid;

    /// A change.
    #[event]
    fn query_cache_single(data: QueryCacheEventData);

    /// Several changes of one partition.
    #[event]
    fn query_cache_batch(
        events: Vec<QueryCacheEventData>,
        /// The member, as text.
        source: Str,
        partition_id: i32,
    );

    /// Has a partition's events sent again from this sequence on; false if they are gone.
    #[method(id = 0x05, partition = sequence)]
    fn set_read_cursor(map_name: Str, cache_name: Str, sequence: i64) -> bool;

    /// Has the members publish no more.
    #[method(id = 0x06)]
    fn destroy_cache(map_name: Str, cache_name: Str) -> bool;
}
