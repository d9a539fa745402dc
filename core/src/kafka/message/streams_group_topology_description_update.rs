//! StreamsGroupTopologyDescriptionUpdate (93): a member describes its group's topology, when a
//! heartbeat asked for that.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Describes a topology.
#[message(
    key = 93, versions = "0", flexible = "0+",
    response = StreamsGroupTopologyDescriptionUpdateResponse
)]
pub struct StreamsGroupTopologyDescriptionUpdateRequest {
    /// The group's id.
    pub group_id: Str,
    /// The member's id; one that is no longer in the group gets `UNKNOWN_MEMBER_ID`.
    pub member_id: Str,
    /// The topology's epoch.
    pub topology_epoch: i32,
    /// The topology, node by node.
    pub topology_description: TopologyDescription,
}

/// A topology, node by node.
#[message]
pub struct TopologyDescription {
    /// Its parts.
    pub subtopologies: Vec<TopologyDescriptionSubtopology>,
    /// Its global stores.
    pub global_stores: Vec<TopologyDescriptionGlobalStore>,
}

/// A part of a topology.
#[message]
pub struct TopologyDescriptionSubtopology {
    /// The subtopology's id.
    pub subtopology_id: Str,
    /// Its nodes.
    pub nodes: Vec<TopologyDescriptionNode>,
}

/// A step of processing.
#[message]
pub struct TopologyDescriptionNode {
    /// The node's name.
    pub name: Str,
    /// 1 a source, 2 a processor, 3 a sink.
    pub node_type: i8,
    /// The topics that a source reads; empty if chosen while running.
    pub source_topics: Vec<Str>,
    /// The topic that a sink writes; `None` if chosen while running.
    #[kafka(nullable = "0+", default = null)]
    pub sink_topic: Option<Str>,
    /// The state stores that a processor uses.
    pub stores: Vec<Str>,
    /// The names of the nodes after it.
    pub successors: Vec<Str>,
}

/// A store that every instance has whole.
#[message]
pub struct TopologyDescriptionGlobalStore {
    /// The source that it is read from.
    pub source: TopologyDescriptionNode,
    /// The processor that fills it.
    pub processor: TopologyDescriptionNode,
}

/// How it went.
#[message(key = 93, versions = "0", flexible = "0+")]
pub struct StreamsGroupTopologyDescriptionUpdateResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words, if the broker gives any.
    #[kafka(nullable = "0+", default = null)]
    pub error_message: Option<Str>,
}
