//! Members that crash, start, fall silent and go on: commands.

use alloc::vec::Vec;

use super::slot::State;
use crate::endpoint::{Cause, ConnId, Target};
use crate::hazelcast::Uuid;
use crate::hazelcast::server::{Due, Member, MemberEvent};
use crate::time::Instant;

impl Member {
    /// A member's id, of its latest life.
    pub fn member_uuid(&self, member: usize) -> Uuid {
        self.slots.get(member).map_or(Uuid::NIL, |slot| slot.uuid)
    }

    /// Whether a member takes connections. One that is silent does.
    pub fn is_up(&self, member: usize) -> bool {
        self.slots.get(member).is_some_and(super::Slot::is_up)
    }

    /// The members that the cluster counts, oldest first.
    pub fn members(&self) -> &[usize] {
        &self.topology.members
    }

    /// The members that have a partition, its owner first.
    pub fn replicas(&self, partition: u32) -> &[usize] {
        self.topology.replicas(partition)
    }

    /// The member that owns a partition.
    pub fn owner(&self, partition: u32) -> Option<usize> {
        self.topology.owner(partition)
    }

    /// How often the last copy of a partition was lost, since the first member started.
    pub fn lost_partitions(&self) -> u64 {
        self.losses
    }

    /// Says where a member is, which may not be known before its listening socket is there.
    pub fn set_address(&mut self, now: Instant, member: usize, address: Target) {
        self.advance(now);
        if let Some(slot) = self.slots.get_mut(member) {
            slot.address = Some(address);
            if self.topology.members.contains(&member) {
                self.topology.members_version += 1;
                self.send_members();
            }
        }
    }

    /// A member ends without a word: its connections are reset, its memory is gone, and what it sent to
    /// backups and has not arrived. The others see it after [`crate::hazelcast::MemberConfig::detection_delay`], and
    /// backups take its place.
    pub fn crash(&mut self, now: Instant, member: usize) {
        let now = self.advance(now);
        let Some(slot) = self.slots.get_mut(member).filter(|slot| slot.is_up()) else { return };
        slot.fall();
        let life = slot.life;
        self.forget_sent_by(member);
        self.forget_batches(member);
        self.cut_off(member);
        self.links.event(MemberEvent::Stopped { member });
        self.timers.set(now + self.config.detection_delay, Due::Missed { slot: member, life });
        self.advance(now);
    }

    /// Starts a member that is down, or ends one that isn't and starts it anew. It joins with a new id and no
    /// data and gets partitions by and by; if it is the only one, the cluster is a new one.
    pub fn restart(&mut self, now: Instant, member: usize) {
        self.crash(now, member);
        let now = self.advance(now);
        self.expel(now, member);
        if !self.slots.iter().any(super::Slot::is_up) {
            // It finds none of those that it knew.
            for other in self.topology.members.clone() {
                self.expel(now, other);
            }
        }
        let uuid = self.random_uuid();
        let Some(slot) = self.slots.get_mut(member) else { return };
        slot.start(uuid);
        if self.topology.members.is_empty() {
            self.cluster = self.random_uuid();
            self.codec = crate::hazelcast::Codec::default();
            self.indexes.clear();
            self.objects.clear();
        }
        self.topology.join(member);
        self.links.event(MemberEvent::Started { member });
        self.send_members();
        self.begin_moves(now);
        self.retry_parked(now);
        self.advance(now);
    }

    /// All members end without a word.
    pub fn crash_all(&mut self, now: Instant) {
        for member in 0..self.slots.len() {
            self.crash(now, member);
        }
        let now = self.advance(now);
        for member in 0..self.slots.len() {
            self.expel(now, member);
        }
    }

    /// A member falls silent, as one that was stopped by a signal: it takes nothing and answers nothing,
    /// and its connections stand. It goes on at `until` or by [`Member::thaw`]. The others go on without it
    /// after [`crate::hazelcast::MemberConfig::member_timeout`].
    pub fn stall(&mut self, now: Instant, member: usize, until: Option<Instant>) {
        let now = self.advance(now);
        let Some(slot) = self.slots.get_mut(member).filter(|slot| slot.is_running()) else {
            return;
        };
        slot.state = State::Stalled;
        slot.life = slot.life.wrapping_add(1);
        let life = slot.life;
        self.timers.set(now + self.config.member_timeout, Due::Missed { slot: member, life });
        if let Some(until) = until {
            self.timers.set(until, Due::Thaw { slot: member, life });
        }
    }

    /// A silent member goes on. If the others went on without it, it begins anew.
    pub fn thaw(&mut self, now: Instant, member: usize) {
        let now = self.advance(now);
        let Some(slot) = self.slots.get(member).filter(|slot| slot.state == State::Stalled) else {
            return;
        };
        let life = slot.life;
        self.handle_thaw(now, member, life);
        self.advance(now);
    }

    pub(in crate::hazelcast::server) fn handle_thaw(
        &mut self,
        now: Instant,
        member: usize,
        life: u32,
    ) {
        let is_it = |slot: &&mut super::Slot| slot.state == State::Stalled && slot.life == life;
        let Some(slot) = self.slots.get_mut(member).filter(is_it) else { return };
        if !self.topology.members.contains(&member) {
            return self.restart(now, member);
        }
        slot.state = State::Running;
        slot.life = slot.life.wrapping_add(1);
        let (inbox, outbox) = (core::mem::take(&mut slot.inbox), slot.take_outbox());
        for conn in core::mem::take(&mut slot.overdue) {
            self.wait_for_introduction(now, conn);
        }
        for (conn, message) in outbox {
            self.links.send(conn, message);
        }
        for arrival in inbox {
            self.apply(arrival);
        }
        for conn in self.connections_of(member) {
            // What was not taken is offered again.
            self.links.retry(conn);
        }
        self.begin_moves(now);
        self.retry_parked(now);
    }

    /// The others see that a member is gone, or has been silent for too long.
    pub(in crate::hazelcast::server) fn handle_missed(
        &mut self,
        now: Instant,
        member: usize,
        life: u32,
    ) {
        if self.slots.get(member).is_some_and(|slot| slot.life == life) {
            self.expel(now, member);
        }
    }

    /// The cluster counts a member no more: backups take its place.
    fn expel(&mut self, now: Instant, member: usize) {
        if !self.topology.members.contains(&member) {
            return;
        }
        // Also of one that is only silent: what it sends from now on is nobody's.
        self.forget_sent_by(member);
        let bereft = self.topology.leave(member);
        self.forget_sent_to(member);
        if let Some(slot) = self.slots.get_mut(member) {
            slot.replicas.clear();
            slot.inbox.clear();
        }
        let mut lost = Vec::new();
        for one in bereft {
            if one.lost {
                lost.push(one.partition);
            } else if let Some(owner) = self.topology.owner(one.partition) {
                if one.promoted {
                    self.count_anew(one.partition);
                }
                self.copy(one.partition, owner);
            }
        }
        self.send_members();
        self.send_partitions();
        self.losses += lost.len() as u64;
        for partition in lost {
            self.tell_lost(partition);
        }
        self.begin_moves(now);
        self.retry_parked(now);
    }

    pub(in crate::hazelcast::server) fn connections_of(&self, member: usize) -> Vec<ConnId> {
        let its = self.links.iter().filter(|(_, state)| state.slot == member);
        its.map(|(conn, _)| conn).collect()
    }

    fn cut_off(&mut self, member: usize) {
        for conn in self.connections_of(member) {
            self.close_now(conn, Cause::Local);
        }
    }
}
