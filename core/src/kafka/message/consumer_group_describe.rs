//! ConsumerGroupDescribe (69): members and assignments of consumer groups of the new protocol
//! (KIP-848).

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::{Ids, Uuid};

/// Asks about groups.
#[message(key = 69, versions = "0-1", flexible = "0+", response = ConsumerGroupDescribeResponse)]
pub struct ConsumerGroupDescribeRequest {
    /// The groups.
    pub group_ids: Vec<Str>,
    /// Whether to say what the client may do with them.
    pub include_authorized_operations: bool,
}

/// The groups.
#[message(key = 69, versions = "0-1", flexible = "0+")]
pub struct ConsumerGroupDescribeResponse {
    /// Milliseconds that the client should wait before it sends again.
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
    #[kafka(nullable = "0+", default = null)]
    pub error_message: Option<Str>,
    /// The group's id.
    pub group_id: Str,
    /// The group's state, as a word.
    pub group_state: Str,
    /// The group's epoch.
    pub group_epoch: i32,
    /// The epoch of the assignment.
    pub assignment_epoch: i32,
    /// The assignor in use.
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
    /// The static member's instance id.
    #[kafka(nullable = "0+", default = null)]
    pub instance_id: Option<Str>,
    /// The member's rack.
    #[kafka(nullable = "0+", default = null)]
    pub rack_id: Option<Str>,
    /// The member's epoch.
    pub member_epoch: i32,
    /// The client id in the member's requests.
    pub client_id: Str,
    /// The member's address.
    pub client_host: Str,
    /// The topics that it subscribes to by name.
    pub subscribed_topic_names: Vec<Str>,
    /// A pattern of topics that it subscribes to.
    #[kafka(nullable = "0+", default = null)]
    pub subscribed_topic_regex: Option<Str>,
    /// What the member has.
    pub assignment: Assignment,
    /// What the member shall have.
    pub target_assignment: Assignment,
    /// -1 unknown, 0 classic, 1 consumer.
    #[kafka(versions = "1+", default = -1, ignorable)]
    pub member_type: i8,
}

/// Partitions of one topic.
#[message]
pub struct TopicPartitions {
    /// The topic's id.
    pub topic_id: Uuid,
    /// The topic's name.
    pub topic_name: Str,
    /// The partitions' numbers.
    pub partitions: Ids,
}

/// Partitions that a member has.
#[message]
pub struct Assignment {
    /// The partitions, by topic.
    pub topic_partitions: Vec<TopicPartitions>,
}
