//! What clients are told of the cluster: its members, who owns which partition, and what was lost.

use alloc::collections::BTreeMap;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::net::SocketAddr;

use crate::Str;
use crate::endpoint::ConnId;
use crate::hazelcast::message::client::{
    AddClusterViewListenerResponse, ClusterVersionEvent, MembersViewEvent, PartitionLostEvent,
    PartitionsViewEvent,
};
use crate::hazelcast::message::custom::{Address, ClusterVersion, MemberInfo, MemberVersion};
use crate::hazelcast::message::map::MapPartitionLostEvent;
use crate::hazelcast::server::listeners::ListenerKind;
use crate::hazelcast::server::{Member, VERSION};
use crate::hazelcast::{Payload, Uuid};

impl Member {
    /// Where a member is, by what is known or where somebody came to.
    pub(in crate::hazelcast::server) fn address(
        &self,
        member: usize,
        came_to: Option<SocketAddr>,
    ) -> Address {
        if let Some(target) = self.slots.get(member).and_then(|slot| slot.address.as_ref()) {
            return Address { host: target.host.clone(), port: i32::from(target.port) };
        }
        match came_to {
            Some(local) => {
                Address { host: local.ip().to_string().into(), port: i32::from(local.port()) }
            }
            None => {
                let port = i32::try_from(member).unwrap_or_default().saturating_add(5701);
                Address { host: Str::from_static("127.0.0.1"), port }
            }
        }
    }

    /// All members, as a client of this connection sees them.
    pub(in crate::hazelcast::server) fn member_infos(&self, conn: ConnId) -> Vec<MemberInfo> {
        let (major, minor, patch) = VERSION;
        let here = self.links.get(conn);
        let info = |member: usize| MemberInfo {
            address: match here.filter(|state| state.slot == member) {
                Some(state) => state.local.clone(),
                None => self.address(member, None),
            },
            uuid: self.member_uuid(member),
            attributes: self.config.attributes.clone(),
            lite_member: false,
            version: MemberVersion { major, minor, patch },
            address_map: Vec::new(),
        };
        self.topology.members.iter().map(|member| info(*member)).collect()
    }

    /// The partitions of each owner.
    pub(in crate::hazelcast::server) fn partitions(&self) -> Vec<(Uuid, Vec<i32>)> {
        let mut owned: BTreeMap<usize, Vec<i32>> = BTreeMap::new();
        for partition in 0..self.topology.partitions() {
            if let Some(owner) = self.topology.owner(partition) {
                owned.entry(owner).or_default().push(partition.cast_signed());
            }
        }
        owned.into_iter().map(|(owner, owned)| (self.member_uuid(owner), owned)).collect()
    }

    /// A client wants to be told. As real members do, the views before the answer.
    pub(in crate::hazelcast::server) fn show(&mut self, conn: ConnId, id: i64) {
        self.listen(conn, id, false, ListenerKind::Views);
        let (version, member_infos) = (self.topology.members_version, self.member_infos(conn));
        let members = MembersViewEvent { version, member_infos };
        self.notify(conn, id, MembersViewEvent::ID, &members);
        let (version, partitions) = (self.topology.table_version, self.partitions());
        let partitions = PartitionsViewEvent { version, partitions };
        self.notify(conn, id, PartitionsViewEvent::ID, &partitions);
        let (major, minor, _) = VERSION;
        let version = ClusterVersionEvent { version: ClusterVersion { major, minor } };
        self.notify(conn, id, ClusterVersionEvent::ID, &version);
        self.respond(conn, id, &AddClusterViewListenerResponse {});
    }

    /// Who looks at the cluster through a member that is one of it.
    fn watching(&self) -> Vec<(ConnId, i64)> {
        let mut found = self.hearing(None, |kind| matches!(kind, ListenerKind::Views));
        found.retain(|(conn, _)| {
            self.links.get(*conn).is_some_and(|it| self.topology.members.contains(&it.slot))
        });
        found
    }

    pub(super) fn send_members(&mut self) {
        for (conn, id) in self.watching() {
            let (version, member_infos) = (self.topology.members_version, self.member_infos(conn));
            let event = MembersViewEvent { version, member_infos };
            self.notify(conn, id, MembersViewEvent::ID, &event);
        }
    }

    pub(super) fn send_partitions(&mut self) {
        let (version, partitions) = (self.topology.table_version, self.partitions());
        let event = PartitionsViewEvent { version, partitions };
        for (conn, id) in self.watching() {
            self.notify(conn, id, PartitionsViewEvent::ID, &event);
        }
    }

    /// A partition began anew: nobody had a copy.
    pub(super) fn tell_lost(&mut self, partition: u32) {
        let source = self.topology.owner(partition);
        let uuid = source.map_or(Uuid::NIL, |owner| self.member_uuid(owner));
        let partition_id = partition.cast_signed();
        let lost_backup_count = i32::try_from(self.config.backup_count).unwrap_or(i32::MAX);
        let event = PartitionLostEvent { partition_id, lost_backup_count, source: Some(uuid) };
        for (conn, id) in self.hearing(source, |it| matches!(it, ListenerKind::Losses)) {
            self.notify(conn, id, PartitionLostEvent::ID, &event);
        }
        let event = MapPartitionLostEvent { partition_id, uuid };
        for (conn, id) in self.hearing(source, |it| matches!(it, ListenerKind::MapLosses)) {
            self.notify(conn, id, MapPartitionLostEvent::ID, &event);
        }
    }
}
