//! The CP subsystem.

use alloc::vec::Vec;

use gridwire_derive::custom;

use super::cluster::Address;
use crate::Str;
use crate::hazelcast::Uuid;

/// A group of CP members that replicate one log.
#[custom]
pub struct RaftGroupId {
    /// Its name.
    pub name: Str,
    /// How often the subsystem was reset before the group was made.
    pub seed: i64,
    /// The log index at which the group was made.
    pub id: i64,
}

/// A member of the CP subsystem.
#[custom(since = "2.1", name = "CPMember")]
pub struct CpMember {
    /// Its id there, which is not that of the cluster member.
    pub uuid: Uuid,
    /// Where it listens.
    pub address: Address,
    /// Hands leadership of its groups on as soon as it gets it.
    #[since("2.10")]
    pub auto_step_down_when_leader: bool,
}

/// A group and who is in it.
#[custom(since = "2.8")]
pub struct RaftGroupInfo {
    /// The group.
    pub group_id: RaftGroupId,
    /// The member that takes its requests.
    pub leader: CpMember,
    /// The others.
    pub followers: Vec<CpMember>,
}
