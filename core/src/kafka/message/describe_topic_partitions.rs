//! DescribeTopicPartitions (75): topics and their partitions, page by page.

pub use request::DescribeTopicPartitionsRequest;
pub use response::DescribeTopicPartitionsResponse;

/// The request.
pub mod request {
    use alloc::vec::Vec;

    use gridwire_derive::message;

    use crate::Str;

    use super::DescribeTopicPartitionsResponse;

    /// Asks for topics.
    #[message(
        key = 75, versions = "0", flexible = "0+",
        response = DescribeTopicPartitionsResponse
    )]
    pub struct DescribeTopicPartitionsRequest {
        /// The topics to describe; all if empty.
        pub topics: Vec<TopicRequest>,
        /// How many partitions a page has at most.
        #[kafka(default = 2000)]
        pub response_partition_limit: i32,
        /// Where the page begins; `None` for the first.
        #[kafka(nullable = "0+", default = null)]
        pub cursor: Option<Cursor>,
    }

    /// A topic to describe.
    #[message]
    pub struct TopicRequest {
        /// The topic's name.
        pub name: Str,
    }

    /// A place in the list of all partitions.
    #[message]
    pub struct Cursor {
        /// The topic's name.
        pub topic_name: Str,
        /// The partition's number.
        pub partition_index: i32,
    }
}

/// The response.
pub mod response {
    use alloc::vec::Vec;

    use gridwire_derive::message;

    use crate::Str;
    use crate::kafka::code::ErrorCode;
    use crate::kafka::wire::{Ids, Uuid};

    /// A page of topics.
    #[message(key = 75, versions = "0", flexible = "0+")]
    pub struct DescribeTopicPartitionsResponse {
        /// Milliseconds that the client should wait before it sends again.
        pub throttle_time_ms: i32,
        /// The topics.
        pub topics: Vec<DescribeTopicPartitionsResponseTopic>,
        /// Where the next page begins; `None` if this is the last.
        #[kafka(nullable = "0+", default = null)]
        pub next_cursor: Option<Cursor>,
    }

    /// A topic.
    #[message]
    pub struct DescribeTopicPartitionsResponseTopic {
        /// The error, or [`ErrorCode::NONE`].
        pub error_code: ErrorCode,
        /// The topic's name; `None` if unknown.
        #[kafka(nullable = "0+")]
        pub name: Option<Str>,
        /// The topic's id.
        pub topic_id: Uuid,
        /// Whether it is one of Kafka's own topics.
        pub is_internal: bool,
        /// The partitions.
        pub partitions: Vec<DescribeTopicPartitionsResponsePartition>,
        /// A bit for each operation allowed, `i32::MIN` if not asked.
        #[kafka(default = -2147483648)]
        pub topic_authorized_operations: i32,
    }

    /// A partition and its replicas.
    #[message]
    pub struct DescribeTopicPartitionsResponsePartition {
        /// The error, or [`ErrorCode::NONE`].
        pub error_code: ErrorCode,
        /// The partition's number.
        pub partition_index: i32,
        /// The leader's broker id, -1 if unknown.
        pub leader_id: i32,
        /// The epoch of that leader, -1 if unknown.
        #[kafka(default = -1)]
        pub leader_epoch: i32,
        /// The brokers that have a copy.
        pub replica_nodes: Ids,
        /// The brokers whose copy is in sync.
        pub isr_nodes: Ids,
        /// The brokers not in sync that may lead all the same, since they have all that is
        /// committed.
        #[kafka(nullable = "0+", default = null)]
        pub eligible_leader_replicas: Option<Ids>,
        /// The last brokers that were so.
        #[kafka(nullable = "0+", default = null)]
        pub last_known_elr: Option<Ids>,
        /// The brokers whose copy is offline.
        pub offline_replicas: Ids,
    }

    /// A place in the list of all partitions.
    #[message]
    pub struct Cursor {
        /// The topic's name.
        pub topic_name: Str,
        /// The partition's number.
        pub partition_index: i32,
    }
}
