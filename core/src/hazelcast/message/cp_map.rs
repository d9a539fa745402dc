//! A map of a CP group.

use gridwire_derive::service;

use super::custom::RaftGroupId;
use crate::Str;
use crate::hazelcast::Data;

/// A map of a CP group. Values are never null.
#[service(id = 0x23, since = "2.7")]
pub trait CPMap {
    /// Returns the value of a key, or null.
    #[method(id = 0x01)]
    fn get(group_id: RaftGroupId, name: Str, key: Data) -> Option<Data>;

    /// Stores a value and returns the one it replaced, or null.
    #[method(id = 0x02)]
    fn put(group_id: RaftGroupId, name: Str, key: Data, value: Data) -> Option<Data>;

    /// Stores a value. The answer is always null.
    #[method(id = 0x03)]
    fn set(group_id: RaftGroupId, name: Str, key: Data, value: Data) -> Option<Data>;

    /// Removes a key and returns its value, or null.
    #[method(id = 0x04)]
    fn remove(group_id: RaftGroupId, name: Str, key: Data) -> Option<Data>;

    /// Removes a key. The answer is always null.
    #[method(id = 0x05)]
    fn delete(group_id: RaftGroupId, name: Str, key: Data) -> Option<Data>;

    /// Replaces the value of a key if it is `expected_value`, and says whether it was.
    #[method(id = 0x06)]
    fn compare_and_set(
        group_id: RaftGroupId,
        name: Str,
        key: Data,
        expected_value: Data,
        new_value: Data,
    ) -> bool;

    /// Stores a value if the key has none; returns the one that it has, or null.
    #[method(id = 0x07)]
    fn put_if_absent(group_id: RaftGroupId, name: Str, key: Data, value: Data) -> Option<Data>;
}
