//! ShareGroupDescribe (77): the state and members of share groups.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::{Ids, Uuid};

/// Asks for share groups.
#[message(key = 77, versions = "0-1", flexible = "0+", response = ShareGroupDescribeResponse)]
pub struct ShareGroupDescribeRequest {
    /// The groups' ids.
    pub group_ids: Vec<Str>,
    /// Whether to say what the client may do with each group.
    pub include_authorized_operations: bool,
}

/// Share groups.
#[message(key = 77, versions = "0-1", flexible = "0+")]
pub struct ShareGroupDescribeResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The groups.
    pub groups: Vec<DescribedGroup>,
}

/// A share group.
#[message]
pub struct DescribedGroup {
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words, if the broker gives any.
    #[kafka(nullable = "0+", default = null)]
    pub error_message: Option<Str>,
    /// The group's id.
    pub group_id: Str,
    /// The group's state, empty if there is none.
    pub group_state: Str,
    /// The epoch of the group, counted up with its subscriptions.
    pub group_epoch: i32,
    /// The epoch that the target assignment was made for.
    pub assignment_epoch: i32,
    /// The assignor's name.
    pub assignor_name: Str,
    /// The members.
    pub members: Vec<Member>,
    /// A bit for each operation allowed, `i32::MIN` if not asked.
    #[kafka(default = -2147483648)]
    pub authorized_operations: i32,
}

/// A member.
#[message]
pub struct Member {
    /// The member's id.
    pub member_id: Str,
    /// The member's rack, if it has one.
    #[kafka(nullable = "0+", default = null)]
    pub rack_id: Option<Str>,
    /// The member's epoch.
    pub member_epoch: i32,
    /// The client's name for itself.
    pub client_id: Str,
    /// The address that it connects from.
    pub client_host: Str,
    /// The topics that it subscribes to.
    pub subscribed_topic_names: Vec<Str>,
    /// What it is assigned.
    pub assignment: Assignment,
}

/// Partitions of one topic.
#[message]
pub struct TopicPartitions {
    /// The topic's id.
    pub topic_id: Uuid,
    /// The topic's name.
    pub topic_name: Str,
    /// The partitions.
    pub partitions: Ids,
}

/// Partitions assigned to a member.
#[message]
pub struct Assignment {
    /// The partitions.
    pub topic_partitions: Vec<TopicPartitions>,
}
