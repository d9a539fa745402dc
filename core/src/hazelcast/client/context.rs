//! [`Context`]: what a client knows of its cluster, for routing, and for the steps of calls.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use crate::endpoint::ConnId;
use crate::hazelcast::follower::Wish;
use crate::hazelcast::message::custom::MemberInfo;
use crate::hazelcast::{Data, Uuid};
use crate::partition::{PartitionTable, hazelcast_partition};
use crate::rng::Rng;
use crate::time::Clock;

/// A client's tables.
#[derive(Debug)]
pub struct Context {
    pub(super) clock: Clock,
    pub(super) rng: Rng,
    pub(super) client: Uuid,
    pub(super) cluster: Option<Uuid>,
    pub(super) members: Vec<MemberInfo>,
    pub(super) partitions: PartitionTable<Uuid>,
    /// Members that a client should keep to if it has a connection to one of them, and the version.
    pub(super) groups: Option<(i32, Vec<Vec<Uuid>>)>,
    /// The connection whose views are listened to, and the versions that it last sent.
    pub(super) view: Option<View>,
    pub(super) is_connected: bool,
    /// There is to be a connection to every member.
    pub(crate) is_direct: bool,
    /// What steps and followers want done.
    pub(super) wishes: VecDeque<Wish>,
}

/// Where the views come from.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    pub(super) conn: ConnId,
    /// The listener is registered.
    pub(super) is_registered: bool,
    pub(super) members: Option<i32>,
    pub(super) partitions: Option<i32>,
}

impl Context {
    pub(super) fn new(clock: Clock, mut rng: Rng) -> Self {
        let mut bytes = [0; 16];
        for (into, from) in bytes.iter_mut().zip(rng.seed()) {
            *into = from;
        }
        Self {
            clock,
            rng,
            client: Uuid::random(bytes),
            cluster: None,
            members: Vec::new(),
            partitions: PartitionTable::default(),
            groups: None,
            view: None,
            is_connected: false,
            is_direct: false,
            wishes: VecDeque::new(),
        }
    }

    /// Whether the client is connected and knows the cluster.
    pub fn is_connected(&self) -> bool {
        self.is_connected
    }

    /// Time, as the engine was last told.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The engine's randomness.
    pub fn rng(&mut self) -> &mut Rng {
        &mut self.rng
    }

    /// The client's own id, the same for as long as it lives.
    pub fn client_id(&self) -> Uuid {
        self.client
    }

    /// The id of the cluster; `None` before the first connection.
    pub fn cluster_id(&self) -> Option<Uuid> {
        self.cluster
    }

    /// The members, as last heard.
    pub fn members(&self) -> &[MemberInfo] {
        &self.members
    }

    /// How many partitions there are; 0 before the first connection.
    pub fn partition_count(&self) -> u32 {
        self.partitions.count()
    }

    /// The partition of a key.
    pub fn partition(&self, key: &Data) -> u32 {
        hazelcast_partition(key.partition_hash(), self.partition_count())
    }

    /// The member that owns a partition, if that is known.
    pub fn owner(&self, partition: u32) -> Option<Uuid> {
        self.partitions.owner(partition).copied()
    }

    /// Has the engine do something once it has done what it is at.
    pub(crate) fn wish(&mut self, wish: Wish) {
        self.wishes.push_back(wish);
    }

    /// Begins with a cluster that isn't the one known, by what its first member says at once.
    pub(super) fn enter(
        &mut self,
        cluster: Uuid,
        partition_count: u32,
        members: &[MemberInfo],
        owners: &[(Uuid, Vec<i32>)],
    ) {
        self.cluster = Some(cluster);
        self.members = members.iter().map(detached).collect();
        self.partitions = table(partition_count, owners);
        self.groups = None;
    }

    /// Takes groups of members unless they are no newer than those known. True if they were taken.
    pub(super) fn apply_groups(&mut self, version: i32, groups: Vec<Vec<Uuid>>) -> bool {
        let is_newer = self.groups.as_ref().is_none_or(|(known, _)| version > *known);
        if is_newer {
            self.groups = Some((version, groups));
        }
        is_newer
    }

    /// Whether a client that talks with one of these members should talk with the other.
    pub(super) fn are_in_one_group(&self, one: Uuid, other: Uuid) -> bool {
        let groups = self.groups.iter().flat_map(|(_, groups)| groups);
        groups.into_iter().any(|group| group.contains(&one) && group.contains(&other))
    }

    /// Takes a list of members unless it is empty, as no cluster is, or no newer than the one known.
    /// True if it was taken.
    pub(super) fn apply_members(
        &mut self,
        conn: ConnId,
        version: i32,
        members: Vec<MemberInfo>,
    ) -> bool {
        let Some(view) = self.view.as_mut().filter(|view| view.conn == conn) else { return false };
        if members.is_empty() || view.members.is_some_and(|known| version <= known) {
            return false;
        }
        view.members = Some(version);
        self.members = members.iter().map(detached).collect();
        true
    }

    /// Takes a partition table unless it is empty or no newer than the one known.
    pub(super) fn apply_partitions(
        &mut self,
        conn: ConnId,
        version: i32,
        owners: &[(Uuid, Vec<i32>)],
    ) {
        let Some(view) = self.view.as_mut().filter(|view| view.conn == conn) else { return };
        if owners.is_empty() || view.partitions.is_some_and(|known| version <= known) {
            return;
        }
        view.partitions = Some(version);
        self.partitions = table(self.partitions.count(), owners);
    }
}

fn table(count: u32, owners: &[(Uuid, Vec<i32>)]) -> PartitionTable<Uuid> {
    let mut table = PartitionTable::with_count(count as usize);
    for (owner, partitions) in owners {
        for partition in partitions {
            // A number outside of the table is a partition that nobody can ask for.
            if let Ok(partition) = u32::try_from(*partition) {
                table.set(partition, *owner, 0);
            }
        }
    }
    table
}

/// A copy that does not keep the read buffer alive.
fn detached(member: &MemberInfo) -> MemberInfo {
    let mut member = member.clone();
    member.address.host = member.address.host.detached();
    for (name, value) in &mut member.attributes {
        (*name, *value) = (name.detached(), value.detached());
    }
    for (purpose, address) in &mut member.address_map {
        purpose.identifier = purpose.identifier.as_ref().map(crate::Str::detached);
        address.host = address.host.detached();
    }
    member
}
