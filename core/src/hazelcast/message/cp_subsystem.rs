//! Members and groups of the CP subsystem, watched and listed.

use alloc::vec::Vec;

use gridwire_derive::service;

use super::custom::{CpMember, RaftGroupId};
use crate::Str;
use crate::hazelcast::Uuid;

/// Members and groups of the CP subsystem.
#[service(id = 0x22, since = "2.1")]
pub trait CPSubsystem {
    /// Has this connection told of CP members that come and go.
    #[method(id = 0x01, events(membership = 2))]
    fn add_membership_listener(local: bool) -> Uuid;

    /// A CP member came or went.
    #[event]
    fn membership(
        member: CpMember,
        /// 1 added, 2 removed.
        kind: i8,
    );

    /// Ends [`AddMembershipListener`]; false if it had ended already.
    #[method(id = 0x02, retryable)]
    fn remove_membership_listener(registration_id: Uuid) -> bool;

    /// Has this connection told when a group loses members.
    #[method(id = 0x03, events(group_availability = 2))]
    fn add_group_availability_listener(local: bool) -> Uuid;

    /// A group has members that can't be reached.
    #[event]
    fn group_availability(
        group_id: RaftGroupId,
        members: Vec<CpMember>,
        unavailable_members: Vec<CpMember>,
        /// They left on purpose.
        #[since("2.7")]
        is_shutdown: bool,
    );

    /// Ends [`AddGroupAvailabilityListener`]; false if it had ended already.
    #[method(id = 0x04, retryable)]
    fn remove_group_availability_listener(registration_id: Uuid) -> bool;

    /// Lists the groups.
    #[method(id = 0x05, since = "2.7", retryable)]
    fn get_cp_group_ids() -> Vec<RaftGroupId>;

    /// Lists the names of a service's structures in a group.
    #[method(id = 0x06, since = "2.7", retryable)]
    fn get_cp_object_infos(
        group_id: RaftGroupId,
        /// Such as `hz:raft:mapService`.
        service_name: Str,
        /// Those that were destroyed instead of those that live.
        tombstone: bool,
    ) -> Vec<Str>;
}
