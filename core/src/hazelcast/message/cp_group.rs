//! Groups of the CP subsystem, and the end of what is in them.

use gridwire_derive::service;

use super::custom::RaftGroupId;
use crate::Str;

/// Groups of the CP subsystem.
#[service(id = 0x1e)]
pub trait CPGroup {
    /// Finds or creates the group that a structure's name asks for: `name@group`, or the default
    /// one.
    #[method(id = 0x01, retryable)]
    fn create_cp_group(proxy_name: Str);
    /// The group, with a new seed each time that it is created again.
    #[response]
    fn create_cp_group(group_id: RaftGroupId);

    /// Destroys a structure for good: its name in this group can't be used again.
    #[method(id = 0x02, retryable)]
    fn destroy_cp_object(
        group_id: RaftGroupId,
        /// Such as `hz:raft:lockService`.
        service_name: Str,
        /// The name before `@`.
        object_name: Str,
    );
}
