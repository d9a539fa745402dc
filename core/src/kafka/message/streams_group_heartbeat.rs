//! StreamsGroupHeartbeat (88): membership of a group that runs a Kafka Streams topology (KIP-1071).

pub use request::StreamsGroupHeartbeatRequest;
pub use response::StreamsGroupHeartbeatResponse;

/// The request.
pub mod request {
    use alloc::vec::Vec;

    use gridwire_derive::message;

    use crate::Str;
    use crate::kafka::wire::Ids;

    use super::StreamsGroupHeartbeatResponse;

    /// Joins, stays in or leaves a streams group. `None` says that nothing changed since the last
    /// one.
    #[message(
        key = 88, versions = "0-1", flexible = "0+",
        response = StreamsGroupHeartbeatResponse
    )]
    pub struct StreamsGroupHeartbeatRequest {
        /// The group's id.
        pub group_id: Str,
        /// The member's id, of its own making.
        pub member_id: Str,
        /// The member's epoch: 0 joins, -1 leaves, -2 leaves for a while (static members).
        pub member_epoch: i32,
        /// The epoch of the endpoint table that the member has.
        pub endpoint_information_epoch: i32,
        /// The static member's instance id.
        #[kafka(nullable = "0+", default = null)]
        pub instance_id: Option<Str>,
        /// The member's rack.
        #[kafka(nullable = "0+", default = null)]
        pub rack_id: Option<Str>,
        /// Milliseconds that the member may take to give tasks up, -1 if unchanged.
        #[kafka(default = -1)]
        pub rebalance_timeout_ms: i32,
        /// The topology that the member runs; said on joining.
        #[kafka(nullable = "0+", default = null)]
        pub topology: Option<Topology>,
        /// The tasks that it runs.
        #[kafka(nullable = "0+", default = null)]
        pub active_tasks: Option<Vec<TaskIds>>,
        /// The tasks that it keeps copies of.
        #[kafka(nullable = "0+", default = null)]
        pub standby_tasks: Option<Vec<TaskIds>>,
        /// The tasks that it is catching up with.
        #[kafka(nullable = "0+", default = null)]
        pub warmup_tasks: Option<Vec<TaskIds>>,
        /// The process that the member lives in.
        #[kafka(nullable = "0+", default = null)]
        pub process_id: Option<Str>,
        /// Where its state is queried.
        #[kafka(nullable = "0+", default = null)]
        pub user_endpoint: Option<Endpoint>,
        /// Labels for spreading standby tasks.
        #[kafka(nullable = "0+", default = null)]
        pub client_tags: Option<Vec<KeyValue>>,
        /// How far the tasks' changelogs were read.
        #[kafka(nullable = "0+", default = null)]
        pub task_offsets: Option<Vec<TaskOffset>>,
        /// Where the tasks' changelogs end.
        #[kafka(nullable = "0+", default = null)]
        pub task_end_offsets: Option<Vec<TaskOffset>>,
        /// Whether all members shall stop.
        pub shutdown_application: bool,
    }

    /// The topology that the member runs.
    #[message]
    pub struct Topology {
        /// The topology's epoch.
        pub epoch: i32,
        /// Its parts.
        pub subtopologies: Vec<Subtopology>,
    }

    /// A part of a topology, run as tasks.
    #[message]
    pub struct Subtopology {
        /// The subtopology's id.
        pub subtopology_id: Str,
        /// The topics that it reads.
        pub source_topics: Vec<Str>,
        /// Patterns of topics that it reads.
        pub source_topic_regex: Vec<Str>,
        /// The changelogs of its state.
        pub state_changelog_topics: Vec<TopicInfo>,
        /// The repartition topics that it writes.
        pub repartition_sink_topics: Vec<Str>,
        /// The repartition topics that it reads.
        pub repartition_source_topics: Vec<TopicInfo>,
        /// Topics that need equal numbers of partitions.
        pub copartition_groups: Vec<CopartitionGroup>,
    }

    /// Topics that need equal numbers of partitions, as places in the lists above.
    #[message]
    pub struct CopartitionGroup {
        /// Places in `source_topics`.
        pub source_topics: Vec<i16>,
        /// Places in `source_topic_regex`.
        pub source_topic_regex: Vec<i16>,
        /// Places in `repartition_source_topics`.
        pub repartition_source_topics: Vec<i16>,
    }

    /// A label or setting.
    #[message]
    pub struct KeyValue {
        /// Its name.
        pub key: Str,
        /// Its value.
        pub value: Str,
    }

    /// An internal topic.
    #[message]
    pub struct TopicInfo {
        /// The topic's name.
        pub name: Str,
        /// How many partitions it has, 0 to leave that to the broker.
        pub partitions: i32,
        /// How many replicas it has, 0 to leave that to the broker.
        pub replication_factor: i16,
        /// Its settings.
        pub topic_configs: Vec<KeyValue>,
    }

    /// Where state is queried.
    #[message]
    pub struct Endpoint {
        /// The host name to connect to.
        pub host: Str,
        /// The port to connect to.
        pub port: u16,
    }

    /// A task's place in a changelog.
    #[message]
    pub struct TaskOffset {
        /// The subtopology's id.
        pub subtopology_id: Str,
        /// The partition's number.
        pub partition: i32,
        /// The offset.
        pub offset: i64,
    }

    /// Tasks of one subtopology.
    #[message]
    pub struct TaskIds {
        /// The subtopology's id.
        pub subtopology_id: Str,
        /// Their partitions.
        pub partitions: Ids,
    }
}

/// The response.
pub mod response {
    use alloc::vec::Vec;

    use gridwire_derive::message;

    use crate::Str;
    use crate::kafka::code::ErrorCode;
    use crate::kafka::wire::Ids;

    /// The member's epoch and its tasks; `None` if they did not change.
    #[message(key = 88, versions = "0-1", flexible = "0+")]
    pub struct StreamsGroupHeartbeatResponse {
        /// Milliseconds that the client should wait before it sends again.
        pub throttle_time_ms: i32,
        /// The error, or [`ErrorCode::NONE`].
        pub error_code: ErrorCode,
        /// The error in words.
        #[kafka(nullable = "0+", default = null)]
        pub error_message: Option<Str>,
        /// The member's id.
        pub member_id: Str,
        /// The member's epoch.
        pub member_epoch: i32,
        /// Milliseconds until the next heartbeat.
        pub heartbeat_interval_ms: i32,
        /// Records that a warm-up task may lag, in version 0.
        #[kafka(versions = "0")]
        pub acceptable_recovery_lag_legacy: i32,
        /// Milliseconds between reports of offsets.
        pub task_offset_interval_ms: i32,
        /// Records that a warm-up task may lag, -1 if not said.
        #[kafka(versions = "1+", default = -1, ignorable)]
        pub acceptable_recovery_lag: i64,
        /// What hinders the group.
        #[kafka(nullable = "0+")]
        pub status: Option<Vec<Status>>,
        /// The tasks to run.
        #[kafka(nullable = "0+", default = null)]
        pub active_tasks: Option<Vec<TaskIds>>,
        /// The tasks to keep copies of.
        #[kafka(nullable = "0+", default = null)]
        pub standby_tasks: Option<Vec<TaskIds>>,
        /// The tasks to catch up with.
        #[kafka(nullable = "0+", default = null)]
        pub warmup_tasks: Option<Vec<TaskIds>>,
        /// Whether the broker wants a description of the topology.
        #[kafka(versions = "1+")]
        pub topology_description_required: bool,
        /// The epoch of the endpoint table.
        pub endpoint_information_epoch: i32,
        /// Which endpoint has the state of which partitions.
        #[kafka(nullable = "0+", default = null)]
        pub partitions_by_user_endpoint: Option<Vec<EndpointToPartitions>>,
    }

    /// The partitions whose state an endpoint has.
    #[message]
    pub struct EndpointToPartitions {
        /// The endpoint.
        pub user_endpoint: Endpoint,
        /// Those that it runs.
        pub active_partitions: Vec<TopicPartition>,
        /// Those that it keeps copies of.
        pub standby_partitions: Vec<TopicPartition>,
    }

    /// What hinders the group.
    #[message]
    pub struct Status {
        /// The condition.
        pub status_code: i8,
        /// The condition in words.
        pub status_detail: Str,
    }

    /// Partitions of one topic.
    #[message]
    pub struct TopicPartition {
        /// The topic's name.
        pub topic: Str,
        /// The partitions.
        pub partitions: Ids,
    }

    /// Tasks of one subtopology.
    #[message]
    pub struct TaskIds {
        /// The subtopology's id.
        pub subtopology_id: Str,
        /// Their partitions.
        pub partitions: Ids,
    }

    /// Where state is queried.
    #[message]
    pub struct Endpoint {
        /// The host name to connect to.
        pub host: Str,
        /// The port to connect to.
        pub port: u16,
    }
}
