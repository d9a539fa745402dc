//! ShareGroupHeartbeat (76): membership of a share group (KIP-932).

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::{Ids, Uuid};

/// Joins, stays in or leaves a share group. `None` says that nothing changed since the last one.
#[message(key = 76, versions = "0-1", flexible = "0+", response = ShareGroupHeartbeatResponse)]
pub struct ShareGroupHeartbeatRequest {
    /// The group's id.
    pub group_id: Str,
    /// The member's id, of its own making.
    pub member_id: Str,
    /// The member's epoch: 0 joins, -1 leaves.
    pub member_epoch: i32,
    /// The member's rack, if it has one.
    #[kafka(nullable = "0+", default = null)]
    pub rack_id: Option<Str>,
    /// The topics that it subscribes to.
    #[kafka(nullable = "0+", default = null)]
    pub subscribed_topic_names: Option<Vec<Str>>,
}

/// The member's epoch and what it is assigned.
#[message(key = 76, versions = "0-1", flexible = "0+")]
pub struct ShareGroupHeartbeatResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words, if the broker gives any.
    #[kafka(nullable = "0+", default = null)]
    pub error_message: Option<Str>,
    /// The member's id.
    #[kafka(nullable = "0+", default = null)]
    pub member_id: Option<Str>,
    /// The member's epoch.
    pub member_epoch: i32,
    /// Milliseconds until the next heartbeat.
    pub heartbeat_interval_ms: i32,
    /// What the member is assigned; `None` if that did not change.
    #[kafka(nullable = "0+", default = null)]
    pub assignment: Option<Assignment>,
}

/// Partitions assigned to a member.
#[message]
pub struct Assignment {
    /// The partitions.
    pub topic_partitions: Vec<TopicPartitions>,
}

/// Partitions of one topic.
#[message]
pub struct TopicPartitions {
    /// The topic's id.
    pub topic_id: Uuid,
    /// The partitions.
    pub partitions: Ids,
}
