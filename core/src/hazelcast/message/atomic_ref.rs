//! A value of a CP group.

use gridwire_derive::service;

use super::custom::RaftGroupId;
use crate::Str;
use crate::hazelcast::Data;

/// A value, or null, of a CP group. Functions are serialized objects of classes that the members
/// know.
#[service(id = 0x0a)]
pub trait AtomicRef {
    /// Calls a function with the value, and keeps the result if `alter`.
    #[method(id = 0x01)]
    fn apply(
        group_id: RaftGroupId,
        name: Str,
        function: Data,
        /// What is returned: 0 null, 1 the old value, 2 the result.
        return_value_type: i32,
        alter: bool,
    ) -> Option<Data>;

    /// Sets the value if the old one is the same bytes, and says whether it was.
    #[method(id = 0x02)]
    fn compare_and_set(
        group_id: RaftGroupId,
        name: Str,
        old_value: Option<Data>,
        new_value: Option<Data>,
    ) -> bool;

    /// Whether this is the value; null asks whether there is none.
    #[method(id = 0x03, retryable)]
    fn contains(group_id: RaftGroupId, name: Str, value: Option<Data>) -> bool;

    /// Returns the value.
    #[method(id = 0x04, retryable)]
    fn get(group_id: RaftGroupId, name: Str) -> Option<Data>;

    /// Sets the value, or takes it away.
    #[method(id = 0x05)]
    fn set(
        group_id: RaftGroupId,
        name: Str,
        new_value: Option<Data>,
        /// Whether the answer is the value before, not null.
        return_old_value: bool,
    ) -> Option<Data>;
}
