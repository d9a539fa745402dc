//! [`Member`]: the other side, a cluster of one member or several that the official clients accept.
//!
//! ```text
//! accept -> ExpectPrelude --"CP2"--> ExpectAuthentication --status 0--> Ready(client)
//!               |  4,096 bytes, no fragments, one absolute deadline  |
//! ```
//!
//! One engine plays all members of a cluster, so that nothing is shared between engines and a run repeats
//! from its seed: what comes to listener n comes to member n. Each member has its own copies of the
//! partitions that it holds, and what is in one and not yet in the others is lost with it. Commands make
//! members [crash](Member::crash), [start](Member::restart), [fall silent](Member::stall) or
//! [answer wrongly](Member::fault).
//!
//! It keeps its structures in memory, and answers what it doesn't know as a real member does: with error
//! 61, and the connection lives on. For tests of users and of this library, for simulations and
//! demonstrations. One idea per file: `cluster` has members, partitions and their copies, `requests` answers
//! what is of no structure, `map` what is of a map, `listeners` says who hears of what, `wire` takes and
//! sends messages, `faults` spoils some, `query`
//! evaluates predicates.

mod cluster;
mod config;
mod faults;
mod listeners;
mod map;
mod query;
mod requests;
mod wire;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::ToString;
use alloc::vec::Vec;
use core::net::SocketAddr;
use core::time::Duration;

use self::cluster::{Moving, Replication, Slot, Topology, Touched};
pub use self::config::MemberConfig;
pub use self::faults::{Disturbance, Fault};
use self::listeners::Listener;
use self::map::{Batches, Waiting};
pub use self::map::{Processor, Processors};
use super::message::custom::Address;
use super::raw::Message;
use super::serialization::compact::SchemaStore;
use super::session::Inbound;
use super::{Codec, FrameWriter, Uuid};
use crate::Str;
use crate::endpoint::{
    Cause, ConnId, Endpoint, Engine, Input, ListenerId, Note, Output, Peer, Shutdown, Start, Target,
};
use crate::links::Links;
use crate::rng::{KeyedHash, Rng};
use crate::time::{Clock, Instant};
use crate::timers::{TimerId, Timers};

/// What a member tells its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MemberEvent {
    /// A client was let in on a connection.
    ClientConnected {
        /// The connection.
        conn: ConnId,
        /// The client's own id, the same on all its connections.
        client: Option<Uuid>,
        /// Three letters for its language.
        kind: Str,
        /// Its release.
        version: Str,
    },
    /// A connection of a client ended.
    ClientDisconnected {
        /// The connection.
        conn: ConnId,
        /// Why.
        cause: Cause,
    },
    /// A member was started.
    Started {
        /// Which one.
        member: usize,
    },
    /// A member ended.
    Stopped {
        /// Which one.
        member: usize,
    },
    /// A remark for the log.
    Note(Note),
}

/// The release that the member says it is: clients choose their behaviour by it.
const VERSION: (i8, i8, i8) = (5, 7, 0);
const VERSION_TEXT: &str = "5.7.0";

#[derive(Debug)]
struct Conn {
    /// The member that it came to.
    slot: usize,
    stage: Stage,
    inbound: Inbound,
    /// Where the client came to.
    local: Address,
    /// The client, once it is known.
    client: Uuid,
    deadline: Option<TimerId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    ExpectPrelude,
    ExpectAuthentication,
    Ready,
}

/// What happens by itself.
#[derive(Debug, Clone, Copy)]
enum Due {
    /// A client has not said who it is.
    Introduction(ConnId),
    /// A change comes to a backup.
    Arrival(u64),
    /// A partition has moved.
    Moved,
    /// The others see that a member is gone.
    Missed { slot: usize, life: u32 },
    /// A member goes on.
    Thaw { slot: usize, life: u32 },
    /// Near caches are told what was collected.
    Invalidations,
    /// A request is taken up that was held back.
    Delayed(u64),
}

/// The request that is being answered.
#[derive(Debug, Clone, Copy, Default)]
struct Asking {
    client: Uuid,
    /// Its client counts backups by itself, and it is of one partition.
    backup_aware: bool,
}

/// A cluster of embedded members.
#[derive(Debug)]
pub struct Member {
    config: MemberConfig,
    clock: Clock,
    rng: Rng,
    hash: KeyedHash,
    cluster: Uuid,
    links: Links<Conn, MemberEvent>,
    timers: Timers<Due>,
    slots: Vec<Slot>,
    topology: Topology,
    /// How often the last copy of a partition was lost.
    losses: u64,
    moving: Option<Moving>,
    replication: Replication,
    asking: Asking,
    /// What the request that is being answered has changed.
    touched: Vec<Touched>,
    /// Requests that wait until partitions have owners that answer.
    parked: Vec<(ConnId, Message)>,
    listeners: BTreeMap<Uuid, Listener>,
    batches: Batches,
    faults: Vec<Fault>,
    /// What goes wrong with the request that is being answered.
    spoil: Option<Disturbance>,
    /// Requests that are held back, by number.
    delayed: BTreeMap<u64, (ConnId, Message)>,
    delayed_count: u64,
    /// Requests that wait for locks.
    waiting: Vec<Waiting>,
    /// When locks end, or requests no longer wait.
    locks_due: Option<Instant>,
    /// Service and name of everything that clients created.
    objects: BTreeSet<(Str, Str)>,
    /// With the schemas of compact records. As real members, it doesn't look for them in the values that it
    /// is given, but in those that it is asked about.
    codec: Codec,
    /// The names of each map's indexes.
    indexes: BTreeMap<Str, BTreeSet<Str>>,
    /// Requests that wait for events of journals.
    reading: Vec<(ConnId, Message)>,
    writer: FrameWriter,
}

impl Member {
    /// The first member's id.
    pub fn uuid(&self) -> Uuid {
        self.member_uuid(0)
    }

    /// The cluster's id. Another one after all members were gone.
    pub fn cluster_id(&self) -> Uuid {
        self.cluster
    }

    /// How many clients' connections there are, unknown clients included.
    pub fn connections(&self) -> usize {
        self.links.len()
    }

    /// How many entries a map has.
    pub fn map_size(&self, name: &str) -> usize {
        self.stores(name).map(|map| map.len(self.clock.now())).sum()
    }

    /// The schemas of compact records that clients made known.
    pub fn schemas(&self) -> &SchemaStore {
        self.codec.schemas()
    }

    /// All members stop taking part: every connection ends when what it was sent is written.
    pub fn shut_down(&mut self) {
        let conns: Vec<_> = self.links.iter().map(|(conn, _)| conn).collect();
        for conn in conns {
            if let Some(ended) = self.links.close(conn, Shutdown::Flush(Duration::from_secs(1))) {
                self.gone(conn, ended.state, Cause::Local);
            }
        }
    }

    fn unlock_due(&mut self, now: Instant) {
        while self.locks_due.is_some_and(|at| at <= now) {
            self.handle_unlocked(now);
        }
    }

    /// Does what is due, and gives the time back that runs forwards only.
    fn advance(&mut self, now: Instant) -> Instant {
        let now = self.clock.advance(now);
        while let Some(due) = self.timers.pop(now) {
            match due {
                Due::Introduction(conn) => self.handle_unintroduced(now, conn),
                Due::Arrival(id) => self.handle_arrival(now, id),
                Due::Moved => self.handle_moved(now),
                Due::Missed { slot, life } => self.handle_missed(now, slot, life),
                Due::Thaw { slot, life } => self.handle_thaw(now, slot, life),
                Due::Invalidations => self.handle_invalidations(),
                Due::Delayed(number) => self.handle_delayed(now, number),
            }
        }
        self.unlock_due(now);
        now
    }

    fn random_uuid(&mut self) -> Uuid {
        let mut bytes = [0; 16];
        for (into, from) in bytes.iter_mut().zip(self.rng.seed()) {
            *into = from;
        }
        Uuid::random(bytes)
    }
}

impl Engine for Member {
    type Config = MemberConfig;

    fn start(config: MemberConfig, start: Start) -> Self {
        let mut rng = Rng::new(start.seed);
        let hash = rng.hash_key();
        let members = config.members.max(1);
        let running = config.running.unwrap_or(members).clamp(1, members);
        let config =
            MemberConfig { partition_count: config.partition_count.max(1), members, ..config };
        let mut member = Self {
            clock: Clock::new(start.unix_at_zero),
            rng,
            hash,
            cluster: Uuid::NIL,
            links: Links::new(config.links),
            timers: Timers::default(),
            slots: Slot::all(&config),
            losses: 0,
            topology: Topology::new(
                (0..running).collect(),
                usize::from(config.partition_count),
                config.backup_count,
            ),
            moving: None,
            replication: Replication::default(),
            asking: Asking::default(),
            touched: Vec::new(),
            parked: Vec::new(),
            listeners: BTreeMap::new(),
            batches: Batches::new(),
            faults: Vec::new(),
            spoil: None,
            delayed: BTreeMap::new(),
            delayed_count: 0,
            waiting: Vec::new(),
            locks_due: None,
            objects: BTreeSet::new(),
            codec: Codec::default(),
            indexes: BTreeMap::new(),
            reading: Vec::new(),
            writer: FrameWriter::new(),
            config,
        };
        for slot in 0..running {
            let uuid = member.random_uuid();
            if let Some(slot) = member.slots.get_mut(slot) {
                slot.start(uuid);
            }
        }
        member.cluster = member.random_uuid();
        member
    }
}

impl Endpoint for Member {
    type Event = MemberEvent;

    fn handle(&mut self, now: Instant, input: Input<'_>) {
        if let Input::Closed { conn, cause } = input {
            // Before what is due: that may be to close it, which nobody expects any more.
            if let Some(ended) = self.links.closed(conn) {
                self.clock.advance(now);
                self.gone(conn, ended.state, cause);
            }
            self.advance(now);
            return;
        }
        let now = self.advance(now);
        match input {
            Input::Received { conn, data } => self.handle_received(now, conn, data),
            Input::Sent { conn, bytes } => {
                if self.links.sent(conn, bytes) {
                    self.links.resume(conn);
                }
            }
            Input::Closed { .. } | Input::Timeout | Input::Opened { .. } => {}
        }
        self.unlock_due(now);
    }

    /// Members of one cluster must know where the others are; one alone is where its clients came to.
    fn listening(&mut self, now: Instant, on: ListenerId, at: SocketAddr) {
        let unknown = |slot: &Slot| slot.address.is_none();
        let Ok(member) = usize::try_from(on.0) else { return };
        if self.slots.len() > 1
            && !at.ip().is_unspecified()
            && self.slots.get(member).is_some_and(unknown)
        {
            let host = Str::from(at.ip().to_string());
            self.set_address(now, member, Target::new(host, at.port()));
        }
    }

    fn accept(&mut self, now: Instant, on: ListenerId, peer: &Peer) -> Option<ConnId> {
        let now = self.advance(now);
        let slot = match self.slots.len() {
            1 => 0,
            _ => usize::try_from(on.0).ok()?,
        };
        if !self.slots.get(slot)?.is_up() {
            return None;
        }
        let conn = self.links.accept(Conn {
            slot,
            stage: Stage::ExpectPrelude,
            inbound: Inbound::untrusted(self.config.max_message, self.config.fragments),
            local: self.address(slot, peer.local),
            client: Uuid::NIL,
            deadline: None,
        });
        let at = now + self.config.authentication_timeout;
        let deadline = self.timers.set(at, Due::Introduction(conn));
        if let Some(state) = self.links.get_mut(conn) {
            state.deadline = Some(deadline);
        }
        Some(conn)
    }

    fn poll_output(&mut self) -> Option<Output<MemberEvent>> {
        self.links.poll_output()
    }

    fn deadline(&self) -> Option<Instant> {
        [self.timers.deadline(), self.locks_due].into_iter().flatten().min()
    }
}
