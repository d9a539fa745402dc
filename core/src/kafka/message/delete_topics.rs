//! DeleteTopics (20): removes topics.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Uuid;

/// Removes topics, by name or by id.
#[message(
    key = 20, versions = "0-6", flexible = "4+",
    listeners = "broker, controller", response = DeleteTopicsResponse
)]
pub struct DeleteTopicsRequest {
    /// The topics.
    #[kafka(versions = "6+")]
    pub topics: Vec<DeleteTopicState>,
    /// The topics' names.
    #[kafka(versions = "0-5", ignorable)]
    pub topic_names: Vec<Str>,
    /// Milliseconds that the broker may take.
    pub timeout_ms: i32,
}

/// A topic to remove.
#[message]
pub struct DeleteTopicState {
    /// The topic's name; `None` if it is given by id.
    #[kafka(versions = "6+", nullable = "6+", default = null)]
    pub name: Option<Str>,
    /// The topic's id; zero if it is given by name.
    #[kafka(versions = "6+")]
    pub topic_id: Uuid,
}

/// Which topics were removed.
#[message(key = 20, versions = "0-6", flexible = "4+", throttles = "2+")]
pub struct DeleteTopicsResponse {
    /// Milliseconds that the client should wait before it sends again.
    #[kafka(versions = "1+", ignorable)]
    pub throttle_time_ms: i32,
    /// How each went.
    pub responses: Vec<DeletableTopicResult>,
}

/// How it went for one topic.
#[message]
pub struct DeletableTopicResult {
    /// The topic's name; `None` if it was given by an id that is unknown.
    #[kafka(nullable = "6+")]
    pub name: Option<Str>,
    /// The topic's id.
    #[kafka(versions = "6+", ignorable)]
    pub topic_id: Uuid,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words.
    #[kafka(versions = "5+", nullable = "5+", default = null, ignorable)]
    pub error_message: Option<Str>,
}
