//! Changes on their way to backups, and what is said when they are there.
//!
//! ```text
//! client --- put ---> owner --- change ---> backup      client that counts backups: the answer says how
//!    ^ <-- answer ----'                       |         many, at once, and each backup says so itself;
//!    '------------ backup event --------------'         else the answer waits until all have the change
//! ```
//!
//! What travels is the state of an entry as it was then. Changes between two members arrive in order;
//! one that was sent before the partition's replicas changed finds its place taken, since who was given
//! the partition then was given all that its owner had. With an owner end the changes that it sent.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::topology::Replicas;
use crate::Str;
use crate::endpoint::{Chunks, ConnId};
use crate::hazelcast::error::ErrorCode;
use crate::hazelcast::frame::flags;
use crate::hazelcast::message::client::BackupEvent;
use crate::hazelcast::raw::Encoded;
use crate::hazelcast::server::listeners::ListenerKind;
use crate::hazelcast::server::map::{EntryState, MapStore};
use crate::hazelcast::server::{Due, Member};
use crate::hazelcast::session::error_message;
use crate::hazelcast::{Data, Payload as _, Uuid, Version};
use crate::time::Instant;

/// An entry or a lock that a request changed.
#[derive(Debug, Clone)]
pub(in crate::hazelcast::server) struct Touched {
    pub(in crate::hazelcast::server) partition: u32,
    pub(in crate::hazelcast::server) map: Str,
    pub(in crate::hazelcast::server) key: Data,
}

/// Changes on their way to one member.
#[derive(Debug)]
pub(in crate::hazelcast::server) struct Arrival {
    from: usize,
    to: usize,
    partition: u32,
    epoch: u32,
    states: Vec<(Touched, EntryState)>,
    tells: Tells,
}

/// Who waits for an arrival.
#[derive(Debug, Clone, Copy)]
enum Tells {
    Nobody,
    /// A client, which knows its request by this.
    Client(Uuid, i64),
    /// An answer that is held.
    Answer(u64),
}

#[derive(Debug)]
struct Held {
    conn: ConnId,
    id: i64,
    message: Chunks,
    /// Backups that don't have it yet.
    left: usize,
}

/// Everything on its way.
#[derive(Debug, Default)]
pub(in crate::hazelcast::server) struct Replication {
    next: u64,
    in_flight: BTreeMap<u64, Arrival>,
    held: BTreeMap<u64, Held>,
    /// When the last change between two members arrives.
    latest: BTreeMap<(usize, usize), Instant>,
}

impl Replication {
    fn take(&mut self, which: impl Fn(&Arrival) -> bool) -> Vec<Arrival> {
        let found = self.in_flight.iter().filter(|(_, it)| which(it)).map(|(number, _)| *number);
        let found: Vec<_> = found.collect();
        found.iter().filter_map(|number| self.in_flight.remove(number)).collect()
    }
}

impl Member {
    /// Notes that a request changed an entry or its lock.
    pub(in crate::hazelcast::server) fn touch(&mut self, partition: u32, map: &Str, key: &Data) {
        if self.topology.replicas(partition).len() > 1 {
            let (map, key) = (map.detached(), key.detached());
            self.touched.push(Touched { partition, map, key });
        }
    }

    /// Sends what a request changed to backups, and its answer when it is time.
    pub(in crate::hazelcast::server) fn respond_with_backups(
        &mut self,
        conn: ConnId,
        id: i64,
        mut message: Encoded,
        touched: Vec<Touched>,
    ) {
        let asking = self.asking;
        if asking.backup_aware {
            let sent = self.replicate(touched, Tells::Client(asking.client, id));
            message.set_backup_acks(u8::try_from(sent).unwrap_or(u8::MAX));
            return self.deliver(conn, message.into_chunks());
        }
        self.replication.next += 1;
        let number = self.replication.next;
        let mut partitions: Vec<_> = touched.iter().map(|one| one.partition).collect();
        partitions.sort_unstable();
        partitions.dedup();
        let backups = |partition| self.topology.replicas(partition).len().saturating_sub(1);
        let left = partitions.into_iter().map(backups).sum();
        let held = Held { conn, id, message: message.into_chunks(), left };
        self.replication.held.insert(number, held);
        self.replicate(touched, Tells::Answer(number));
    }

    /// Sends to backups what was changed while nobody asked.
    pub(in crate::hazelcast::server) fn replicate_quietly(&mut self) {
        let touched = core::mem::take(&mut self.touched);
        self.replicate(touched, Tells::Nobody);
    }

    /// To how many members it goes. Those who have it at once have said so.
    fn replicate(&mut self, mut touched: Vec<Touched>, tells: Tells) -> usize {
        let mut sent = 0;
        touched.sort_by_key(|one| one.partition);
        for changes in touched.chunk_by(|one, other| one.partition == other.partition) {
            let Some(partition) = changes.first().map(|one| one.partition) else { continue };
            let Some((&from, backups)) = self.topology.replicas(partition).split_first() else {
                continue;
            };
            for to in Replicas::from_slice(backups) {
                let arrival = Arrival {
                    from,
                    to,
                    partition,
                    epoch: self.topology.epoch(partition),
                    states: self.states(partition, changes),
                    tells,
                };
                sent += 1;
                self.send_to_backup(arrival);
            }
        }
        sent
    }

    fn states(&self, partition: u32, changes: &[Touched]) -> Vec<(Touched, EntryState)> {
        let state = |change: &Touched| {
            let store = self.store(&change.map, partition);
            (change.clone(), store.map(|store| store.state(&change.key)).unwrap_or_default())
        };
        changes.iter().map(state).collect()
    }

    fn send_to_backup(&mut self, arrival: Arrival) {
        let (least, most) = self.config.replication_delay;
        let spread = u64::try_from(most.saturating_sub(least).as_nanos()).unwrap_or(u64::MAX);
        let drawn = core::time::Duration::from_nanos(self.rng.below(spread.saturating_add(1)));
        let now = self.clock.now();
        let latest = self.replication.latest.entry((arrival.from, arrival.to)).or_insert(now);
        let at = (*latest).max(now + least + drawn);
        *latest = at;
        self.replication.next += 1;
        let number = self.replication.next;
        self.replication.in_flight.insert(number, arrival);
        if at > now {
            self.timers.set(at, Due::Arrival(number));
        } else {
            self.handle_arrival(now, number);
        }
    }

    /// Changes have come to a member.
    pub(in crate::hazelcast::server) fn handle_arrival(&mut self, _now: Instant, number: u64) {
        let Some(arrival) = self.replication.in_flight.remove(&number) else { return };
        match self.slots.get_mut(arrival.to) {
            Some(slot) if slot.is_running() => self.apply(arrival),
            Some(slot) if slot.is_up() => slot.inbox.push(arrival),
            // It is gone. Until the others see that, they wait for it.
            _ => drop(self.replication.in_flight.insert(number, arrival)),
        }
    }

    pub(super) fn apply(&mut self, arrival: Arrival) {
        let Arrival { to, partition, epoch, states, tells, .. } = arrival;
        if epoch == self.topology.epoch(partition) {
            let hash = self.hash;
            let replica = self.slots.get_mut(to).map(|slot| slot.replicas.entry(partition));
            if let Some(replica) = replica.map(alloc::collections::btree_map::Entry::or_default) {
                for (Touched { map, key, .. }, state) in states {
                    let store = replica.maps.entry(map).or_insert_with(|| MapStore::new(hash));
                    store.set_state(key, state);
                }
            }
        }
        self.arrived(to, tells);
    }

    /// Tells whoever waits that a backup has what it was sent.
    fn arrived(&mut self, to: usize, tells: Tells) {
        match tells {
            Tells::Nobody => {}
            Tells::Answer(number) => self.let_go(number),
            Tells::Client(client, id) => {
                let is_its = |conn| {
                    self.links.get(conn).is_some_and(|it| it.slot == to && it.client == client)
                };
                let found = self.listeners.values().find(|listener| {
                    matches!(listener.kind, ListenerKind::Backups) && is_its(listener.conn)
                });
                let Some((conn, listener)) = found.map(|it| (it.conn, it.correlation_id)) else {
                    return;
                };
                let event = BackupEvent { source_invocation_correlation_id: id };
                let mut message = self.event(listener, BackupEvent::ID, &event);
                message.add_flags(flags::IS_BACKUP_EVENT);
                self.deliver_event(conn, message);
            }
        }
    }

    /// One backup less that an answer waits for.
    fn let_go(&mut self, number: u64) {
        let Some(held) = self.replication.held.get_mut(&number) else { return };
        held.left = held.left.saturating_sub(1);
        if held.left == 0
            && let Some(held) = self.replication.held.remove(&number)
        {
            self.deliver(held.conn, held.message);
        }
    }

    /// A member is gone, and what it sent with it. Whoever had another member ask it doesn't learn what
    /// became of that.
    pub(super) fn forget_sent_by(&mut self, slot: usize) {
        let mut lost = Vec::new();
        for arrival in self.replication.take(|it| it.from == slot) {
            lost.push(arrival.tells);
        }
        for other in &mut self.slots {
            lost.extend(other.inbox.extract_if(.., |it| it.from == slot).map(|it| it.tells));
        }
        for tells in lost {
            let Tells::Answer(number) = tells else { continue };
            let Some(held) = self.replication.held.remove(&number) else { continue };
            let class = "com.hazelcast.core.IndeterminateOperationStateException";
            let text = Str::from_static("the owner left before its backups had the change");
            let error = error_message(ErrorCode::INDETERMINATE_OPERATION_STATE, class, text);
            error.encode(Version::NEWEST, &mut self.writer);
            let mut message = self.writer.finish();
            message.set_correlation_id(held.id);
            self.deliver(held.conn, message.into_chunks());
        }
    }

    /// A member is not counted any more: nobody waits for it.
    pub(super) fn forget_sent_to(&mut self, slot: usize) {
        self.replication.latest.retain(|(from, to), _| *from != slot && *to != slot);
        for arrival in self.replication.take(|it| it.to == slot) {
            if let Tells::Answer(number) = arrival.tells {
                self.let_go(number);
            }
        }
    }
}
