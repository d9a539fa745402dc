//! DescribeGroups (15): members and assignments of groups of the classic protocol.

use alloc::vec::Vec;

use bytes::Bytes;
use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Asks about groups.
#[message(key = 15, versions = "0-6", flexible = "5+", response = DescribeGroupsResponse)]
pub struct DescribeGroupsRequest {
    /// The groups.
    pub groups: Vec<Str>,
    /// Whether to say what the client may do with them.
    #[kafka(versions = "3+")]
    pub include_authorized_operations: bool,
}

/// The groups.
#[message(key = 15, versions = "0-6", flexible = "5+", throttles = "2+")]
pub struct DescribeGroupsResponse {
    /// Milliseconds that the client should wait before it sends again.
    #[kafka(versions = "1+", ignorable)]
    pub throttle_time_ms: i32,
    /// The groups.
    pub groups: Vec<DescribedGroup>,
}

/// A group.
#[message]
pub struct DescribedGroup {
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words.
    #[kafka(versions = "6+", nullable = "6+", default = null)]
    pub error_message: Option<Str>,
    /// The group's id.
    pub group_id: Str,
    /// The group's state, as a word.
    pub group_state: Str,
    /// What the group is for, `consumer` for consumers.
    pub protocol_type: Str,
    /// The protocol in use, mostly an assignor; empty if there is none.
    pub protocol_data: Str,
    /// The members.
    pub members: Vec<DescribedGroupMember>,
    /// A bit for each operation allowed, `i32::MIN` if not asked.
    #[kafka(versions = "3+", default = -2147483648)]
    pub authorized_operations: i32,
}

/// A member.
#[message]
pub struct DescribedGroupMember {
    /// The member's id.
    pub member_id: Str,
    /// The static member's instance id.
    #[kafka(versions = "4+", nullable = "4+", default = null, ignorable)]
    pub group_instance_id: Option<Str>,
    /// The client id in the member's requests.
    pub client_id: Str,
    /// The member's address.
    pub client_host: Str,
    /// What the member said of itself for that protocol.
    pub member_metadata: Bytes,
    /// What the leader assigned to it.
    pub member_assignment: Bytes,
}
