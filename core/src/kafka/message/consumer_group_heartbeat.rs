//! ConsumerGroupHeartbeat (68): membership of a consumer group of the new protocol (KIP-848).

pub use request::ConsumerGroupHeartbeatRequest;
pub use response::ConsumerGroupHeartbeatResponse;

/// The request.
pub mod request {
    use alloc::vec::Vec;

    use gridwire_derive::message;

    use crate::Str;
    use crate::kafka::wire::{Ids, Uuid};

    use super::ConsumerGroupHeartbeatResponse;

    /// Joins, stays in or leaves a group. `None` says that nothing changed since the last one.
    #[message(
        key = 68, versions = "0-1", flexible = "0+",
        response = ConsumerGroupHeartbeatResponse
    )]
    pub struct ConsumerGroupHeartbeatRequest {
        /// The group's id.
        pub group_id: Str,
        /// The member's id, of its own making from version 1 on.
        pub member_id: Str,
        /// The member's epoch: 0 joins, -1 leaves, -2 leaves for a while (static members).
        pub member_epoch: i32,
        /// The static member's instance id.
        #[kafka(nullable = "0+", default = null)]
        pub instance_id: Option<Str>,
        /// The member's rack.
        #[kafka(nullable = "0+", default = null)]
        pub rack_id: Option<Str>,
        /// Milliseconds that the member may take to give partitions up, -1 if unchanged.
        #[kafka(default = -1)]
        pub rebalance_timeout_ms: i32,
        /// The topics that it subscribes to by name.
        #[kafka(nullable = "0+", default = null)]
        pub subscribed_topic_names: Option<Vec<Str>>,
        /// A pattern of topics that it subscribes to.
        #[kafka(versions = "1+", nullable = "1+", default = null)]
        pub subscribed_topic_regex: Option<Str>,
        /// The broker's assignor to use; `None` leaves that to the broker.
        #[kafka(nullable = "0+", default = null)]
        pub server_assignor: Option<Str>,
        /// The partitions that the member has.
        #[kafka(nullable = "0+", default = null)]
        pub topic_partitions: Option<Vec<TopicPartitions>>,
    }

    /// Partitions of one topic.
    #[message]
    pub struct TopicPartitions {
        /// The topic's id.
        pub topic_id: Uuid,
        /// The partitions' numbers.
        pub partitions: Ids,
    }
}

/// The response.
pub mod response {
    use alloc::vec::Vec;

    use gridwire_derive::message;

    use crate::Str;
    use crate::kafka::code::ErrorCode;
    use crate::kafka::wire::{Ids, Uuid};

    /// The member's epoch, and its assignment if it changed.
    #[message(key = 68, versions = "0-1", flexible = "0+")]
    pub struct ConsumerGroupHeartbeatResponse {
        /// Milliseconds that the client should wait before it sends again.
        pub throttle_time_ms: i32,
        /// The error, or [`ErrorCode::NONE`].
        pub error_code: ErrorCode,
        /// The error in words.
        #[kafka(nullable = "0+", default = null)]
        pub error_message: Option<Str>,
        /// The member's id.
        #[kafka(nullable = "0+", default = null)]
        pub member_id: Option<Str>,
        /// The member's epoch.
        pub member_epoch: i32,
        /// Milliseconds until the next heartbeat.
        pub heartbeat_interval_ms: i32,
        /// What the member shall have; `None` if that did not change.
        #[kafka(nullable = "0+", default = null)]
        pub assignment: Option<Assignment>,
    }

    /// Partitions that a member shall have.
    #[message]
    pub struct Assignment {
        /// The partitions, by topic.
        pub topic_partitions: Vec<TopicPartitions>,
    }

    /// Partitions of one topic.
    #[message]
    pub struct TopicPartitions {
        /// The topic's id.
        pub topic_id: Uuid,
        /// The partitions' numbers.
        pub partitions: Ids,
    }
}
