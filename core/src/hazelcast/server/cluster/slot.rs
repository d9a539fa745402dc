//! [`Slot`]: the place of one member, and what is in its memory.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::replication::Arrival;
use crate::Str;
use crate::endpoint::{Chunks, ConnId, Target};
use crate::hazelcast::Uuid;
use crate::hazelcast::server::config::MemberConfig;
use crate::hazelcast::server::map::MapStore;

/// A member that may run.
#[derive(Debug)]
pub(in crate::hazelcast::server) struct Slot {
    pub(in crate::hazelcast::server) uuid: Uuid,
    pub(in crate::hazelcast::server) address: Option<Target>,
    pub(in crate::hazelcast::server) state: State,
    /// Counts its starts and falls, so that what was to happen to it before doesn't happen after.
    pub(in crate::hazelcast::server) life: u32,
    /// The partitions that it has a copy of.
    pub(in crate::hazelcast::server) replicas: BTreeMap<u32, Replica>,
    /// What came from other members while it was silent.
    pub(in crate::hazelcast::server) inbox: Vec<Arrival>,
    /// What it had to send while it was silent.
    outbox: Vec<(ConnId, Chunks)>,
    pub(in crate::hazelcast::server) outbox_bytes: usize,
    /// Connections whose clients had said nothing in time, had it listened.
    pub(in crate::hazelcast::server) overdue: Vec<ConnId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::hazelcast::server) enum State {
    Down,
    Running,
    /// Stopped by a signal: its connections stand, and nothing goes on.
    Stalled,
}

/// A member's copy of one partition.
#[derive(Debug, Clone, Default)]
pub(in crate::hazelcast::server) struct Replica {
    pub(in crate::hazelcast::server) maps: BTreeMap<Str, MapStore>,
    /// What near caches know the partition by; another one after changes were lost.
    pub(in crate::hazelcast::server) uuid: Option<Uuid>,
}

impl Slot {
    pub(in crate::hazelcast::server) fn all(config: &MemberConfig) -> Vec<Self> {
        let slot = |number| Self {
            uuid: Uuid::NIL,
            address: config.addresses.get(number).cloned(),
            state: State::Down,
            life: 0,
            replicas: BTreeMap::new(),
            inbox: Vec::new(),
            outbox: Vec::new(),
            outbox_bytes: 0,
            overdue: Vec::new(),
        };
        (0..config.members).map(slot).collect()
    }

    /// Begins a life.
    pub(in crate::hazelcast::server) fn start(&mut self, uuid: Uuid) {
        self.fall();
        self.uuid = uuid;
        self.state = State::Running;
    }

    /// Ends a life: what was in its memory is gone.
    pub(in crate::hazelcast::server) fn fall(&mut self) {
        self.state = State::Down;
        self.life = self.life.wrapping_add(1);
        self.replicas.clear();
        self.inbox.clear();
        self.outbox.clear();
        self.outbox_bytes = 0;
        self.overdue.clear();
    }

    /// Whether connections to it stand.
    pub(in crate::hazelcast::server) fn is_up(&self) -> bool {
        self.state != State::Down
    }

    /// Whether it does anything.
    pub(in crate::hazelcast::server) fn is_running(&self) -> bool {
        self.state == State::Running
    }

    /// Keeps a message until it goes on.
    pub(in crate::hazelcast::server) fn hold(&mut self, conn: ConnId, message: Chunks) {
        self.outbox_bytes += message.iter().map(bytes::Bytes::len).sum::<usize>();
        self.outbox.push((conn, message));
    }

    pub(in crate::hazelcast::server) fn take_outbox(&mut self) -> Vec<(ConnId, Chunks)> {
        self.outbox_bytes = 0;
        core::mem::take(&mut self.outbox)
    }
}
