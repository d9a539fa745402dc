//! ListGroups (16): the groups that a broker coordinates.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Asks for groups.
#[message(key = 16, versions = "0-5", flexible = "3+", response = ListGroupsResponse)]
pub struct ListGroupsRequest {
    /// The states wanted, such as "Stable"; empty for all.
    #[kafka(versions = "4+")]
    pub states_filter: Vec<Str>,
    /// The types wanted: "classic", "consumer", "share", "streams"; empty for all.
    #[kafka(versions = "5+")]
    pub types_filter: Vec<Str>,
}

/// The groups.
#[message(key = 16, versions = "0-5", flexible = "3+", throttles = "2+")]
pub struct ListGroupsResponse {
    /// Milliseconds that the client should wait before it sends again.
    #[kafka(versions = "1+", ignorable)]
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The groups.
    pub groups: Vec<ListedGroup>,
}

/// A group.
#[message]
pub struct ListedGroup {
    /// The group's id.
    pub group_id: Str,
    /// What its protocols are for; empty if it only keeps offsets.
    pub protocol_type: Str,
    /// The group's state.
    #[kafka(versions = "4+", ignorable)]
    pub group_state: Str,
    /// The group's type.
    #[kafka(versions = "5+", ignorable)]
    pub group_type: Str,
}
