//! [`Load`]: what a client holds, to see that it returns to nothing.

use super::Client;

/// How much a client holds at a moment. With nothing to do it holds its connections, a timer for each,
/// and what members send unasked: the cluster's views on one of them, reports of backups on all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    /// Calls that have not ended; cancelled ones that are still to be undone too.
    pub calls: usize,
    /// Requests of calls: sent, or waiting for something.
    pub requests: usize,
    /// Ids under which members may still send something.
    pub awaited: usize,
    /// Answered requests whose backups were not all reported, and places of those that have ended.
    pub acknowledgements: usize,
    /// Requests that wait for a connection, and the places of those that no longer do.
    pub parked: usize,
    /// Bytes of them.
    pub parked_bytes: usize,
    /// Subscriptions.
    pub subscriptions: usize,
    /// Timers, deadlines of calls not counted.
    pub timers: usize,
    /// Connections, whatever their state.
    pub connections: usize,
    /// Bytes that were handed out, and not taken yet.
    pub unsent: usize,
}

impl Client {
    /// What the client holds. Takes time in proportion to its connections.
    pub fn load(&self) -> Load {
        Load {
            calls: self.calls.len(),
            requests: self.requests(),
            awaited: self.pending.len(),
            acknowledgements: self.acknowledgements.len(),
            parked: self.parked.len(),
            parked_bytes: self.parked_bytes,
            subscriptions: self.subscriptions.len(),
            timers: self.alarms.len(),
            connections: self.links.len(),
            unsent: self.links.iter().map(|(conn, _)| self.links.unsent(conn)).sum(),
        }
    }
}
