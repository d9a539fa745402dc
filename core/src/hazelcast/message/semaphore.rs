//! A semaphore of a CP group.

use gridwire_derive::service;

use super::custom::RaftGroupId;
use crate::Str;
use crate::hazelcast::Uuid;

/// A semaphore of a CP group. `session_id` -1 is for those that need no session, whose permits
/// outlive their client. `invocation_uid` is the same for each try of one call.
#[service(id = 0x0c)]
pub trait Semaphore {
    /// Sets the number of permits, 0 or more; false if they were set before.
    #[method(id = 0x01, retryable)]
    fn init(group_id: RaftGroupId, name: Str, permits: i32) -> bool;

    /// Takes permits, and says whether it could.
    #[method(id = 0x02, retryable, acquires_resource, long_running)]
    fn acquire(
        group_id: RaftGroupId,
        name: Str,
        session_id: i64,
        thread_id: i64,
        invocation_uid: Uuid,
        permits: i32,
        /// How long to wait for them; -1 as long as it takes, 0 not at all.
        timeout_ms: i64,
    ) -> bool;

    /// Gives permits back. The answer is always true.
    #[method(id = 0x03, retryable)]
    fn release(
        group_id: RaftGroupId,
        name: Str,
        session_id: i64,
        thread_id: i64,
        invocation_uid: Uuid,
        permits: i32,
    ) -> bool;

    /// Takes all permits that are free and returns how many.
    #[method(id = 0x04, retryable, acquires_resource)]
    fn drain(
        group_id: RaftGroupId,
        name: Str,
        session_id: i64,
        thread_id: i64,
        invocation_uid: Uuid,
    ) -> i32;

    /// Adds permits, or takes them away if below 0. The answer is always true.
    #[method(id = 0x05, retryable)]
    fn change(
        group_id: RaftGroupId,
        name: Str,
        session_id: i64,
        thread_id: i64,
        invocation_uid: Uuid,
        permits: i32,
    ) -> bool;

    /// How many permits are free.
    #[method(id = 0x06, retryable)]
    fn available_permits(group_id: RaftGroupId, name: Str) -> i32;

    /// Whether this semaphore needs no session.
    #[method(id = 0x07, retryable)]
    fn get_semaphore_type(
        /// The name with its `@group`.
        proxy_name: Str,
    ) -> bool;
}
