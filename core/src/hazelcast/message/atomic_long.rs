//! A 64-bit number of a CP group.

use gridwire_derive::service;

use super::custom::RaftGroupId;
use crate::Str;
use crate::hazelcast::Data;

/// A 64-bit number of a CP group. Functions are serialized objects of classes that the members
/// know.
#[service(id = 0x09)]
pub trait AtomicLong {
    /// Returns what a function makes of the number, which stays.
    #[method(id = 0x01)]
    fn apply(group_id: RaftGroupId, name: Str, function: Data) -> Option<Data>;

    /// Replaces the number by what a function makes of it.
    #[method(id = 0x02)]
    fn alter(
        group_id: RaftGroupId,
        name: Str,
        function: Data,
        /// Which one is returned: 0 the old number, 1 the new one.
        return_value_type: i32,
    ) -> i64;

    /// Adds `delta` and returns the sum.
    #[method(id = 0x03)]
    fn add_and_get(group_id: RaftGroupId, name: Str, delta: i64) -> i64;

    /// Sets the number if it is `expected`, and says whether it was.
    #[method(id = 0x04)]
    fn compare_and_set(group_id: RaftGroupId, name: Str, expected: i64, updated: i64) -> bool;

    /// Returns the number.
    #[method(id = 0x05, retryable)]
    fn get(group_id: RaftGroupId, name: Str) -> i64;

    /// Adds `delta` and returns what was there before.
    #[method(id = 0x06)]
    fn get_and_add(group_id: RaftGroupId, name: Str, delta: i64) -> i64;

    /// Sets the number and returns what was there before.
    #[method(id = 0x07)]
    fn get_and_set(group_id: RaftGroupId, name: Str, new_value: i64) -> i64;
}
