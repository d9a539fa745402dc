//! Sessions of a CP group, which own locks and permits.

use gridwire_derive::service;

use super::custom::RaftGroupId;
use crate::Str;

/// Sessions of a CP group: whoever stops sending heartbeats loses locks and permits.
#[service(id = 0x1f)]
pub trait CPSession {
    /// Opens a session.
    #[method(id = 0x01, retryable, acquires_resource)]
    fn create_session(
        group_id: RaftGroupId,
        /// Who opens it: the client's name.
        endpoint_name: Str,
    );
    /// The session, how long it lives without heartbeats, and how often to send them.
    #[response]
    fn create_session(session_id: i64, ttl_millis: i64, heartbeat_millis: i64);

    /// Closes a session and gives back what it holds; false if there is no such session.
    #[method(id = 0x02, retryable)]
    fn close_session(group_id: RaftGroupId, session_id: i64) -> bool;

    /// Keeps a session alive.
    #[method(id = 0x03, retryable)]
    fn heartbeat_session(group_id: RaftGroupId, session_id: i64);

    /// Returns a thread id that nobody else has in this group, for what needs no session.
    #[method(id = 0x04, retryable)]
    fn generate_thread_id(group_id: RaftGroupId) -> i64;
}
