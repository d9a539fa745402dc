//! Where entries are: the copies that members have of partitions.

use alloc::vec::Vec;

use super::slot::Replica;
use crate::Str;
use crate::endpoint::ConnId;
use crate::hazelcast::error::ErrorCode;
use crate::hazelcast::message::map;
use crate::hazelcast::raw::Message;
use crate::hazelcast::server::Member;
use crate::hazelcast::server::map::{MAPS, MapStore};
use crate::hazelcast::{Data, Payload as _};
use crate::partition::hazelcast_partition;
use crate::time::Instant;

/// Requests that may wait for partitions; more are refused.
const MAX_PARKED: usize = 10_000;

/// What stands in a request's way.
enum Obstacle {
    Refuse(ErrorCode, &'static str),
    Wait,
}

impl Member {
    pub(in crate::hazelcast::server) fn partition_of(&self, key: &Data) -> u32 {
        hazelcast_partition(key.partition_hash(), self.topology.partitions())
    }

    /// The member that has the truth of a partition.
    pub(in crate::hazelcast::server) fn owner_of(&self, partition: u32) -> usize {
        self.topology.owner(partition).unwrap_or(0)
    }

    /// The owner's copy of a partition.
    pub(in crate::hazelcast::server) fn replica(&self, partition: u32) -> Option<&Replica> {
        self.slots.get(self.owner_of(partition))?.replicas.get(&partition)
    }

    pub(in crate::hazelcast::server) fn replica_mut(
        &mut self,
        partition: u32,
    ) -> Option<&mut Replica> {
        let owner = self.owner_of(partition);
        Some(self.slots.get_mut(owner)?.replicas.entry(partition).or_default())
    }

    /// What the owner of a partition has of a map that exists.
    pub(in crate::hazelcast::server) fn store(
        &self,
        name: &str,
        partition: u32,
    ) -> Option<&MapStore> {
        self.replica(partition)?.maps.get(name)
    }

    /// All of a map.
    pub(in crate::hazelcast::server) fn stores<'a>(
        &'a self,
        name: &'a str,
    ) -> impl Iterator<Item = &'a MapStore> {
        (0..self.topology.partitions()).filter_map(move |partition| self.store(name, partition))
    }

    /// All entries that are alive, partition by partition: in the same order in each run.
    pub(in crate::hazelcast::server) fn entries<'a>(
        &'a self,
        now: Instant,
        name: &'a str,
    ) -> impl Iterator<Item = (&'a Data, &'a Data)> {
        self.stores(name).flat_map(move |store| store.iter(now))
    }

    /// What the owner of a partition has of a map, which exists from its first use on.
    pub(in crate::hazelcast::server) fn store_mut(
        &mut self,
        name: &Str,
        partition: u32,
    ) -> Option<&mut MapStore> {
        self.exists(name);
        let (hash, owner) = (self.hash, self.owner_of(partition));
        let replica = self.slots.get_mut(owner)?.replicas.entry(partition).or_default();
        if !replica.maps.contains_key(name) {
            replica.maps.insert(name.detached(), MapStore::new(hash));
        }
        replica.maps.get_mut(name)
    }

    /// Creates a map that is used for the first time.
    pub(in crate::hazelcast::server) fn exists(&mut self, name: &Str) {
        let object = (Str::from_static(MAPS), name.clone());
        if !self.objects.contains(&object) {
            self.create(object.0, object.1);
        }
    }

    /// Removes all copies of a map.
    pub(in crate::hazelcast::server) fn destroy_map(&mut self, name: &str) {
        for slot in &mut self.slots {
            slot.replicas.values_mut().for_each(|replica| drop(replica.maps.remove(name)));
        }
    }

    /// Gives everyone who is to have a partition the copy that one member has.
    pub(super) fn copy(&mut self, partition: u32, from: usize) {
        // Who died since, and is still counted, has nothing to give.
        let Some(source) = self.slots.get(from).filter(|slot| slot.is_up()) else { return };
        let source = source.replicas.get(&partition).cloned().unwrap_or_default();
        let replicas: Vec<_> = self.topology.replicas(partition).to_vec();
        for (number, slot) in self.slots.iter_mut().enumerate() {
            if !replicas.contains(&number) {
                slot.replicas.remove(&partition);
            } else if number != from && slot.is_up() {
                slot.replicas.insert(partition, source.clone());
            }
        }
    }

    /// Whether a request on data can be answered now. If not, it waits, or was refused.
    pub(in crate::hazelcast::server) fn can_reach(
        &mut self,
        conn: ConnId,
        message: &Message,
    ) -> bool {
        let id = message.correlation_id();
        match self.obstacle(conn, message) {
            None => return true,
            Some(Obstacle::Refuse(code, class)) => {
                let text = alloc::format!("partition {}", message.partition_id());
                self.refuse(conn, id, code, class, text.into());
            }
            Some(Obstacle::Wait) if self.parked.len() >= MAX_PARKED => {
                let class = "com.hazelcast.core.HazelcastOverloadException";
                let text = Str::from_static("too many requests wait for partitions");
                self.refuse(conn, id, ErrorCode::HAZELCAST_OVERLOAD, class, text);
            }
            Some(Obstacle::Wait) => self.parked.push((conn, message.clone())),
        }
        false
    }

    fn obstacle(&self, conn: ConnId, message: &Message) -> Option<Obstacle> {
        let runs = |member: usize| self.slots.get(member).is_some_and(super::Slot::is_running);
        let here = self.links.get(conn)?.slot;
        if !runs(here) {
            return Some(Obstacle::Wait);
        }
        let partition = u32::try_from(message.partition_id()).ok();
        let Some(partition) = partition.filter(|number| *number < self.topology.partitions())
        else {
            let all_run = self.topology.members.iter().all(|member| runs(*member));
            return (!all_run && concerns_entries(message.message_type()))
                .then_some(Obstacle::Wait);
        };
        let owner = self.topology.owner(partition);
        let moves = self.moving.as_ref().is_some_and(|moving| moving.partition() == partition);
        match owner {
            _ if !self.config.forwards && owner != Some(here) => Some(Obstacle::Refuse(
                ErrorCode::WRONG_TARGET,
                "com.hazelcast.spi.exception.WrongTargetException",
            )),
            _ if moves && !self.config.forwards => Some(Obstacle::Refuse(
                ErrorCode::PARTITION_MIGRATING,
                "com.hazelcast.spi.exception.PartitionMigratingException",
            )),
            Some(owner) if !moves && runs(owner) => None,
            _ => Some(Obstacle::Wait),
        }
    }

    /// Answers what waited, if it can be now.
    pub(super) fn retry_parked(&mut self, now: Instant) {
        for (conn, message) in core::mem::take(&mut self.parked) {
            if let Err(error) = self.handle_request(now, conn, &message) {
                self.close(conn, (&error).into());
            }
        }
    }
}

/// Whether a request that is of no partition is answered from the entries of all.
fn concerns_entries(kind: u32) -> bool {
    !matches!(
        kind,
        map::AddEntryListener::ID
            | map::AddEntryListenerToKey::ID
            | map::AddEntryListenerWithPredicate::ID
            | map::AddEntryListenerToKeyWithPredicate::ID
            | map::RemoveEntryListener::ID
            | map::AddPartitionLostListener::ID
            | map::RemovePartitionLostListener::ID
            | map::AddNearCacheInvalidationListener::ID
            | map::AddInterceptor::ID
            | map::RemoveInterceptor::ID
            | map::Flush::ID
    )
}
