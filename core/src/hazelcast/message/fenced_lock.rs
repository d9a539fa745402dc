//! A lock of a CP group, whose fences grow with each owner.

use gridwire_derive::service;

use super::custom::RaftGroupId;
use crate::Str;
use crate::hazelcast::Uuid;

/// A lock of a CP group, held by a thread of a session. Each acquisition has a greater fence.
#[service(id = 0x07)]
pub trait FencedLock {
    /// Waits for the lock and returns the fence, above 0; 0 if it was entered too often.
    #[method(id = 0x01, retryable, acquires_resource, long_running)]
    fn lock(
        group_id: RaftGroupId,
        name: Str,
        session_id: i64,
        thread_id: i64,
        /// The same for each try of one call.
        invocation_uid: Uuid,
    ) -> i64;

    /// As [`Lock`], but waits at most `timeout_ms`; 0 also when that is over.
    #[method(id = 0x02, retryable, acquires_resource, long_running)]
    fn try_lock(
        group_id: RaftGroupId,
        name: Str,
        session_id: i64,
        thread_id: i64,
        /// The same for each try of one call.
        invocation_uid: Uuid,
        timeout_ms: i64,
    ) -> i64;

    /// Gives the lock back once; true if this thread has entered it more often and holds it still.
    #[method(id = 0x03, retryable)]
    fn unlock(
        group_id: RaftGroupId,
        name: Str,
        session_id: i64,
        thread_id: i64,
        /// The same for each try of one call.
        invocation_uid: Uuid,
    ) -> bool;

    /// Asks who holds the lock.
    #[method(id = 0x04, retryable)]
    fn get_lock_ownership(group_id: RaftGroupId, name: Str);
    /// The owner and how often it entered; fence 0, count 0 if nobody has it.
    #[response]
    fn get_lock_ownership(fence: i64, lock_count: i32, session_id: i64, thread_id: i64);
}
