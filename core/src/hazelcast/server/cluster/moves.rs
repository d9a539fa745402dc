//! Partitions that move, one after the other: a copy is made, and then it is another member's.

use crate::endpoint::ConnId;
use crate::hazelcast::Payload;
use crate::hazelcast::message::client::{MigrationEvent, ReplicaMigrationEvent};
use crate::hazelcast::message::custom::MigrationState;
use crate::hazelcast::server::listeners::ListenerKind;
use crate::hazelcast::server::{Due, Member};
use crate::time::Instant;

use super::topology::Move;

/// A partition that moves, and those before it since the table was even.
#[derive(Debug)]
pub(in crate::hazelcast::server) struct Moving {
    next: Move,
    /// Of the partition's row when it began.
    epoch: u32,
    since: Instant,
    began: Instant,
    planned: usize,
    made: usize,
}

impl Moving {
    pub(in crate::hazelcast::server) fn partition(&self) -> u32 {
        self.next.partition
    }
}

fn number(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

impl Member {
    /// How many partitions are still to move until the table is even.
    pub fn migrations_left(&self) -> usize {
        self.topology.moves_left()
    }

    /// Begins to move, if there is something to move between members that answer.
    pub(super) fn begin_moves(&mut self, now: Instant) {
        if self.moving.is_none() {
            self.begin_move(now, (now, 0));
        }
    }

    fn begin_move(&mut self, now: Instant, (since, made): (Instant, usize)) {
        let runs = |member: usize| self.slots.get(member).is_some_and(super::Slot::is_running);
        let next = self.topology.next_move();
        let next = next.filter(|next| {
            runs(next.destination) && self.topology.owner(next.partition).is_some_and(runs)
        });
        let Some(next) = next else {
            if made > 0 {
                self.tell_migration(since, made, made, 1);
            }
            return;
        };
        let planned = made + self.topology.moves_left();
        if made == 0 {
            self.tell_migration(since, planned, 0, 0);
        }
        let epoch = self.topology.epoch(next.partition);
        self.moving = Some(Moving { next, epoch, since, began: now, planned, made });
        self.timers.set(now + self.config.migration_time, Due::Moved);
    }

    /// A partition has been copied.
    pub(in crate::hazelcast::server) fn handle_moved(&mut self, now: Instant) {
        let Some(moving) = self.moving.take() else { return };
        let Moving { next, epoch, since, began, planned, made } = moving;
        let runs = |member: usize| self.slots.get(member).is_some_and(super::Slot::is_running);
        let owner = self.topology.owner(next.partition).filter(|owner| runs(*owner));
        let stands = epoch == self.topology.epoch(next.partition) && runs(next.destination);
        let success = stands && owner.is_some();
        if let Some(owner) = owner.filter(|_| success) {
            self.topology.commit(&next);
            self.copy(next.partition, owner);
            self.send_partitions();
        }
        let made = made + usize::from(success);
        let event = ReplicaMigrationEvent {
            migration_state: self.migration_state(since, planned, made),
            partition_id: next.partition.cast_signed(),
            replica_index: number(next.index),
            source_uuid: next.source.map(|slot| self.member_uuid(slot)),
            dest_uuid: Some(self.member_uuid(next.destination)),
            success,
            elapsed_time: millis(now, began),
        };
        self.tell_moves(ReplicaMigrationEvent::ID, &event);
        self.begin_move(now, (since, made));
        self.retry_parked(now);
    }

    fn migration_state(&self, since: Instant, planned: usize, made: usize) -> MigrationState {
        let now = self.clock.now();
        let start = self.clock.unix().saturating_sub(now - since).as_millis();
        MigrationState {
            start_time: i64::try_from(start).unwrap_or(i64::MAX),
            planned_migrations: number(planned),
            completed_migrations: number(made),
            total_elapsed_time: millis(now, since),
        }
    }

    fn tell_migration(&mut self, since: Instant, planned: usize, made: usize, kind: i32) {
        let migration_state = self.migration_state(since, planned, made);
        self.tell_moves(MigrationEvent::ID, &MigrationEvent { migration_state, kind });
    }

    /// The oldest member has partitions moved, and says so.
    fn tell_moves<M: Payload>(&mut self, message_type: u32, event: &M) {
        let oldest = self.topology.members.first().copied();
        for (conn, id) in self.hearing(oldest, |kind| matches!(kind, ListenerKind::Migrations)) {
            self.notify(conn, id, message_type, event);
        }
    }

    /// Who listens to something that this member says.
    pub(in crate::hazelcast::server) fn hearing(
        &self,
        source: Option<usize>,
        kind: impl Fn(&ListenerKind) -> bool,
    ) -> alloc::vec::Vec<(ConnId, i64)> {
        self.listeners
            .values()
            .filter(|it| kind(&it.kind) && it.hears_from(source))
            .map(|listener| (listener.conn, listener.correlation_id))
            .collect()
    }
}

fn millis(now: Instant, since: Instant) -> i64 {
    i64::try_from((now - since).as_millis()).unwrap_or(i64::MAX)
}
