//! StreamsGroupDescribe (89): the state, members and topology of streams groups (KIP-1071).

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Ids;

/// Asks for streams groups.
#[message(key = 89, versions = "0-1", flexible = "0+", response = StreamsGroupDescribeResponse)]
pub struct StreamsGroupDescribeRequest {
    /// The groups' ids.
    pub group_ids: Vec<Str>,
    /// Whether to say what the client may do with each group.
    pub include_authorized_operations: bool,
    /// Whether to add the description of each topology, node by node.
    #[kafka(versions = "1+")]
    pub include_topology_description: bool,
}

/// Streams groups.
#[message(key = 89, versions = "0-1", flexible = "0+")]
pub struct StreamsGroupDescribeResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The groups.
    pub groups: Vec<DescribedGroup>,
}

/// A streams group.
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
    /// The topology that it runs; `None` on errors.
    #[kafka(nullable = "0+", default = null)]
    pub topology: Option<Topology>,
    /// The members.
    pub members: Vec<Member>,
    /// A bit for each operation allowed, `i32::MIN` if not asked.
    #[kafka(default = -2147483648)]
    pub authorized_operations: i32,
    /// The topology node by node, if the status is 3.
    #[kafka(versions = "1+", nullable = "1+", default = null)]
    pub topology_description: Option<TopologyDescription>,
    /// 0 not asked for, 1 none is kept, 2 the broker could not get it, 3 here it is.
    #[kafka(versions = "1+")]
    pub topology_description_status: i8,
    /// The assignor of the next assignment; `None` on errors.
    #[kafka(versions = "1+", nullable = "1+", default = null, ignorable)]
    pub assignor_name: Option<Str>,
}

/// A topology.
#[message]
pub struct Topology {
    /// The topology's epoch.
    pub epoch: i32,
    /// Its parts, with their topics resolved; `None` if these are missing or do not fit.
    #[kafka(nullable = "0+", default = null)]
    pub subtopologies: Option<Vec<Subtopology>>,
}

/// A part of a topology, run as tasks.
#[message]
pub struct Subtopology {
    /// The subtopology's id.
    pub subtopology_id: Str,
    /// The topics that it reads.
    pub source_topics: Vec<Str>,
    /// The repartition topics that it writes.
    pub repartition_sink_topics: Vec<Str>,
    /// The changelogs of its state.
    pub state_changelog_topics: Vec<TopicInfo>,
    /// The repartition topics that it reads.
    pub repartition_source_topics: Vec<TopicInfo>,
}

/// A member.
#[message]
pub struct Member {
    /// The member's id.
    pub member_id: Str,
    /// The member's epoch.
    pub member_epoch: i32,
    /// The static member's instance id.
    #[kafka(nullable = "0+", default = null)]
    pub instance_id: Option<Str>,
    /// The member's rack, if it has one.
    #[kafka(nullable = "0+", default = null)]
    pub rack_id: Option<Str>,
    /// The client's name for itself.
    pub client_id: Str,
    /// The address that it connects from.
    pub client_host: Str,
    /// The topology's epoch.
    pub topology_epoch: i32,
    /// The process that the member lives in.
    pub process_id: Str,
    /// Where its state is queried, if it can be.
    #[kafka(nullable = "0+", default = null)]
    pub user_endpoint: Option<Endpoint>,
    /// Labels for spreading standby tasks.
    pub client_tags: Vec<KeyValue>,
    /// How far the tasks' changelogs were read.
    pub task_offsets: Vec<TaskOffset>,
    /// Where the tasks' changelogs end.
    pub task_end_offsets: Vec<TaskOffset>,
    /// The tasks that it has.
    pub assignment: Assignment,
    /// The tasks that it shall have.
    pub target_assignment: Assignment,
    /// Whether it still uses the classic protocol.
    pub is_classic: bool,
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

/// Tasks.
#[message]
pub struct Assignment {
    /// Those to run.
    pub active_tasks: Vec<TaskIds>,
    /// Those to keep copies of.
    pub standby_tasks: Vec<TaskIds>,
    /// Those to catch up with.
    pub warmup_tasks: Vec<TaskIds>,
}

/// Tasks of one subtopology.
#[message]
pub struct TaskIds {
    /// The subtopology's id.
    pub subtopology_id: Str,
    /// Their partitions.
    pub partitions: Ids,
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
    /// How many partitions it has, 0 if that is left to the broker.
    pub partitions: i32,
    /// How many replicas it has, 0 if that is left to the broker.
    pub replication_factor: i16,
    /// Its settings.
    pub topic_configs: Vec<KeyValue>,
}

/// A topology, node by node.
#[message]
pub struct TopologyDescription {
    /// Its parts.
    #[kafka(versions = "1+")]
    pub subtopologies: Vec<TopologyDescriptionSubtopology>,
    /// Its global stores.
    #[kafka(versions = "1+")]
    pub global_stores: Vec<TopologyDescriptionGlobalStore>,
}

/// A part of a topology.
#[message]
pub struct TopologyDescriptionSubtopology {
    /// The subtopology's id.
    #[kafka(versions = "1+")]
    pub subtopology_id: Str,
    /// Its nodes.
    #[kafka(versions = "1+")]
    pub nodes: Vec<TopologyDescriptionNode>,
}

/// A step of processing.
#[message]
pub struct TopologyDescriptionNode {
    /// The node's name.
    #[kafka(versions = "1+")]
    pub name: Str,
    /// 1 a source, 2 a processor, 3 a sink.
    #[kafka(versions = "1+")]
    pub node_type: i8,
    /// The topics that a source reads; empty if chosen while running.
    #[kafka(versions = "1+")]
    pub source_topics: Vec<Str>,
    /// The topic that a sink writes; `None` if chosen while running.
    #[kafka(versions = "1+", nullable = "1+", default = null)]
    pub sink_topic: Option<Str>,
    /// The state stores that a processor uses.
    #[kafka(versions = "1+")]
    pub stores: Vec<Str>,
    /// The names of the nodes after it.
    #[kafka(versions = "1+")]
    pub successors: Vec<Str>,
}

/// A store that every instance has whole.
#[message]
pub struct TopologyDescriptionGlobalStore {
    /// The source that it is read from.
    #[kafka(versions = "1+")]
    pub source: TopologyDescriptionNode,
    /// The processor that fills it.
    #[kafka(versions = "1+")]
    pub processor: TopologyDescriptionNode,
}
