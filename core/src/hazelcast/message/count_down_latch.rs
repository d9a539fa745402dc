//! A latch of a CP group.

use gridwire_derive::service;

use super::custom::RaftGroupId;
use crate::Str;
use crate::hazelcast::Uuid;

/// A latch of a CP group: it opens when its count is 0. Each use of it is a round.
#[service(id = 0x0b)]
pub trait CountDownLatch {
    /// Begins a round with this count, above 0; false if the last one hasn't ended.
    #[method(id = 0x01, retryable)]
    fn try_set_count(group_id: RaftGroupId, name: Str, count: i32) -> bool;

    /// Waits until the count is 0; false if that takes longer than `timeout_ms`.
    #[method(id = 0x02, retryable, long_running)]
    fn r#await(
        group_id: RaftGroupId,
        name: Str,
        /// The same for each try of one call.
        invocation_uid: Uuid,
        timeout_ms: i64,
    ) -> bool;

    /// Takes one off the count; nothing happens if the round is over.
    #[method(id = 0x03, retryable)]
    fn count_down(
        group_id: RaftGroupId,
        name: Str,
        /// The same for each try of one call.
        invocation_uid: Uuid,
        expected_round: i32,
    );

    /// Returns the count.
    #[method(id = 0x04, retryable, response_id = 0x0b0501)]
    fn get_count(group_id: RaftGroupId, name: Str) -> i32;

    /// Returns the number of the round.
    #[method(id = 0x05, retryable)]
    fn get_round(group_id: RaftGroupId, name: Str) -> i32;
}
