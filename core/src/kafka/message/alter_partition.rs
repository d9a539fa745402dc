//! AlterPartition (56): a leader tells the controller which replicas are in sync.

pub use request::AlterPartitionRequest;
pub use response::AlterPartitionResponse;

/// The request.
pub mod request {
    use alloc::vec::Vec;

    use gridwire_derive::message;

    use crate::Str;
    use crate::kafka::wire::{Ids, Uuid};

    use super::AlterPartitionResponse;

    /// Changes the in-sync replicas of partitions.
    #[message(
        key = 56, versions = "0-3", flexible = "0+",
        listeners = "controller", internal, response = AlterPartitionResponse
    )]
    pub struct AlterPartitionRequest {
        /// The broker's id.
        pub broker_id: i32,
        /// The epoch that the broker was registered with, -1 if unknown.
        #[kafka(default = -1)]
        pub broker_epoch: i64,
        /// The topics.
        pub topics: Vec<TopicData>,
    }

    /// Partitions of one topic.
    #[message]
    pub struct TopicData {
        /// The topic's name.
        #[kafka(versions = "0-1", ignorable)]
        pub topic_name: Str,
        /// The topic's id.
        #[kafka(versions = "2+", ignorable)]
        pub topic_id: Uuid,
        /// The partitions.
        pub partitions: Vec<PartitionData>,
    }

    /// A partition.
    #[message]
    pub struct PartitionData {
        /// The partition's number.
        pub partition_index: i32,
        /// The epoch of that leader, -1 if unknown.
        pub leader_epoch: i32,
        /// The brokers whose copy is in sync.
        #[kafka(versions = "0-2")]
        pub new_isr: Ids,
        /// The brokers whose copy is in sync.
        #[kafka(versions = "3+")]
        pub new_isr_with_epochs: Vec<BrokerState>,
        /// 0 in order, 1 recovering from an unclean election.
        #[kafka(versions = "1+")]
        pub leader_recovery_state: i8,
        /// The epoch of the partition's replica set.
        pub partition_epoch: i32,
    }

    /// A broker whose copy is in sync.
    #[message]
    pub struct BrokerState {
        /// The broker's id.
        #[kafka(versions = "3+")]
        pub broker_id: i32,
        /// The epoch that the broker was registered with, -1 if unknown.
        #[kafka(versions = "3+", default = -1)]
        pub broker_epoch: i64,
    }
}

/// The response.
pub mod response {
    use alloc::vec::Vec;

    use gridwire_derive::message;

    use crate::Str;
    use crate::kafka::code::ErrorCode;
    use crate::kafka::wire::{Ids, Uuid};

    /// What the controller decided.
    #[message(key = 56, versions = "0-3", flexible = "0+")]
    pub struct AlterPartitionResponse {
        /// Milliseconds that the client should wait before it sends again.
        pub throttle_time_ms: i32,
        /// The error, or [`ErrorCode::NONE`].
        pub error_code: ErrorCode,
        /// The topics.
        pub topics: Vec<TopicData>,
    }

    /// Partitions of one topic.
    #[message]
    pub struct TopicData {
        /// The topic's name.
        #[kafka(versions = "0-1", ignorable)]
        pub topic_name: Str,
        /// The topic's id.
        #[kafka(versions = "2+", ignorable)]
        pub topic_id: Uuid,
        /// The partitions.
        pub partitions: Vec<PartitionData>,
    }

    /// A partition.
    #[message]
    pub struct PartitionData {
        /// The partition's number.
        pub partition_index: i32,
        /// The error, or [`ErrorCode::NONE`].
        pub error_code: ErrorCode,
        /// The leader's broker id, -1 if unknown.
        pub leader_id: i32,
        /// The epoch of that leader, -1 if unknown.
        pub leader_epoch: i32,
        /// The brokers whose copy is in sync.
        pub isr: Ids,
        /// 0 in order, 1 recovering from an unclean election.
        #[kafka(versions = "1+", ignorable)]
        pub leader_recovery_state: i8,
        /// The epoch of the partition's replica set.
        pub partition_epoch: i32,
    }
}
