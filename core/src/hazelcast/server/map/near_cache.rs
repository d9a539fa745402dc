//! What near caches have to forget. Each partition counts the changes of each map: a gap in what a client
//! hears shows it that it missed some, and another id of the partition that it knows nothing of it any
//! more. The owner counts; where another member takes its place without a word, it begins anew.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::Str;
use crate::endpoint::ConnId;
use crate::hazelcast::error::ErrorCode;
use crate::hazelcast::message::map::{
    FetchNearCacheInvalidationMetadata, FetchNearCacheInvalidationMetadataResponse,
    IMapBatchInvalidationEvent, IMapInvalidationEvent,
};
use crate::hazelcast::server::listeners::ListenerKind;
use crate::hazelcast::server::{Due, Member};
use crate::hazelcast::{Data, Payload as _, Uuid};

/// Invalidations that wait to be sent together: of each member and map.
pub(in crate::hazelcast::server) type Batches = BTreeMap<(usize, Str), Vec<IMapInvalidationEvent>>;

impl Member {
    /// A key of a map was changed by the request that is being answered.
    pub(in crate::hazelcast::server) fn invalidate(
        &mut self,
        name: &Str,
        partition: u32,
        key: &Data,
    ) {
        let owner = self.owner_of(partition);
        let Some((partition_uuid, sequence)) = self.count_change(name, partition) else { return };
        if self.caching(owner, name).is_empty() {
            return;
        }
        let (key, source_uuid) = (Some(key.detached()), self.asking.client);
        let event = IMapInvalidationEvent { key, source_uuid, partition_uuid, sequence };
        let Some((size, delay)) = self.config.invalidation_batch else {
            return self.tell_invalidation(owner, name, &event);
        };
        if self.batches.is_empty() {
            self.timers.set(self.clock.now() + delay, Due::Invalidations);
        }
        let batch = self.batches.entry((owner, name.detached())).or_default();
        batch.push(event);
        if batch.len() >= size {
            let batch = core::mem::take(batch);
            self.tell_invalidations(owner, name, batch);
        }
    }

    /// All of a map was changed. The partition of the map's name counts that.
    pub(in crate::hazelcast::server) fn invalidate_all(&mut self, name: &Str) {
        let Ok(key) = crate::hazelcast::Codec::default().to_data(name.as_str()) else { return };
        let partition = self.partition_of(&key);
        let owner = self.owner_of(partition);
        if let Some(batch) = self.batches.remove(&(owner, name.clone())) {
            self.tell_invalidations(owner, name, batch);
        }
        let Some((partition_uuid, sequence)) = self.count_change(name, partition) else { return };
        let (key, source_uuid) = (None, self.asking.client);
        let event = IMapInvalidationEvent { key, source_uuid, partition_uuid, sequence };
        self.tell_invalidation(owner, name, &event);
    }

    /// The partition's id, and how many changes there were.
    fn count_change(&mut self, name: &Str, partition: u32) -> Option<(Uuid, i64)> {
        let store = self.store_mut(name, partition)?;
        store.sequence += 1;
        let sequence = store.sequence;
        let uuid = match self.replica_mut(partition)?.uuid {
            Some(uuid) => uuid,
            None => self.random_uuid(),
        };
        self.replica_mut(partition)?.uuid = Some(uuid);
        Some((uuid, sequence))
    }

    /// Who caches what this member has of a map.
    fn caching(&self, owner: usize, name: &str) -> Vec<(ConnId, i64)> {
        self.hearing(
            Some(owner),
            |kind| matches!(kind, ListenerKind::Invalidations { map } if map == name),
        )
    }

    fn tell_invalidation(&mut self, owner: usize, name: &str, event: &IMapInvalidationEvent) {
        for (conn, id) in self.caching(owner, name) {
            self.notify(conn, id, IMapInvalidationEvent::ID, event);
        }
    }

    fn tell_invalidations(&mut self, owner: usize, name: &str, batch: Vec<IMapInvalidationEvent>) {
        let caching = self.caching(owner, name);
        if batch.is_empty() || caching.is_empty() {
            return;
        }
        let mut event = IMapBatchInvalidationEvent::default();
        for one in batch {
            event.keys.extend(one.key);
            event.source_uuids.push(one.source_uuid);
            event.partition_uuids.push(one.partition_uuid);
            event.sequences.push(one.sequence);
        }
        for (conn, id) in caching {
            self.notify(conn, id, IMapBatchInvalidationEvent::ID, &event);
        }
    }

    /// It is time to send what was collected.
    pub(in crate::hazelcast::server) fn handle_invalidations(&mut self) {
        for ((owner, name), batch) in core::mem::take(&mut self.batches) {
            if self.slots.get(owner).is_some_and(super::super::Slot::is_up) {
                self.tell_invalidations(owner, &name, batch);
            }
        }
    }

    /// How far each partition of one member has counted.
    pub(super) fn invalidation_metadata(
        &mut self,
        conn: ConnId,
        id: i64,
        request: FetchNearCacheInvalidationMetadata,
    ) {
        let is_it = |member: &&usize| self.member_uuid(**member) == request.uuid;
        let Some(member) = self.topology.members.iter().find(is_it).copied() else {
            let class = "com.hazelcast.spi.exception.TargetNotMemberException";
            let text = alloc::format!("no member is called {}", request.uuid);
            return self.refuse(conn, id, ErrorCode::TARGET_NOT_MEMBER, class, text.into());
        };
        let owned: Vec<u32> = (0..self.topology.partitions())
            .filter(|partition| self.topology.owner(*partition) == Some(member))
            .collect();
        let counted = |name: Str| {
            let sequence = |partition: &u32| {
                let sequence = self.store(&name, *partition).map_or(0, |store| store.sequence);
                (sequence != 0).then_some((partition.cast_signed(), sequence))
            };
            let sequences = owned.iter().filter_map(sequence).collect();
            (name.clone(), sequences)
        };
        let uuid =
            |partition: &u32| Some((partition.cast_signed(), self.replica(*partition)?.uuid?));
        let answer = FetchNearCacheInvalidationMetadataResponse {
            name_partition_sequence_list: request.names.into_iter().map(counted).collect(),
            partition_uuid_list: owned.iter().filter_map(uuid).collect(),
        };
        self.respond(conn, id, &answer);
    }

    /// A backup became the owner: what its predecessor counted doesn't hold on.
    pub(in crate::hazelcast::server) fn count_anew(&mut self, partition: u32) {
        let fresh: Uuid = self.random_uuid();
        let Some(replica) = self.replica_mut(partition) else { return };
        replica.uuid = Some(fresh);
        replica.maps.values_mut().for_each(|map| map.sequence = 0);
    }

    /// A client wants to hear what it has to forget.
    pub(super) fn listen_to_invalidations(
        &mut self,
        conn: ConnId,
        id: i64,
        map: &Str,
        local_only: bool,
    ) -> Uuid {
        self.exists(map);
        self.listen(conn, id, local_only, ListenerKind::Invalidations { map: map.detached() })
    }

    /// A dead member sends no more of what it collected.
    pub(in crate::hazelcast::server) fn forget_batches(&mut self, member: usize) {
        self.batches.retain(|(owner, _), _| *owner != member);
    }
}
