//! A counter without coordination, with its vector clock.

use alloc::vec::Vec;

use gridwire_derive::service;

use crate::Str;
use crate::hazelcast::Uuid;

/// A counter that members change without coordination. The timestamps are what the client has seen
/// of each replica: the target must have seen as much.
#[service(id = 0x1d)]
pub trait PNCounter {
    /// Reads the counter at a replica.
    #[method(id = 0x01, retryable)]
    fn get(name: Str, replica_timestamps: Vec<(Uuid, i64)>, target_replica_uuid: Uuid);
    /// The counter, and what the replica has seen.
    #[response]
    fn get(value: i64, replica_timestamps: Vec<(Uuid, i64)>, replica_count: i32);

    /// Adds to the counter at a replica; sent twice, it counts twice.
    #[method(id = 0x02)]
    fn add(
        name: Str,
        delta: i64,
        /// Whether the answer is the value before, not after.
        get_before_update: bool,
        replica_timestamps: Vec<(Uuid, i64)>,
        target_replica_uuid: Uuid,
    );
    /// The counter, and what the replica has seen.
    #[response]
    fn add(value: i64, replica_timestamps: Vec<(Uuid, i64)>, replica_count: i32);

    /// How many members shall have a replica; `i32::MAX` is all of them.
    #[method(id = 0x03, retryable)]
    fn get_configured_replica_count(name: Str) -> i32;
}
