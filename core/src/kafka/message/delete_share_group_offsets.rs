//! DeleteShareGroupOffsets (92): makes an empty share group forget topics (KIP-932).

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;
use crate::kafka::wire::Uuid;

/// Removes topics from a share group.
#[message(key = 92, versions = "0", flexible = "0+", response = DeleteShareGroupOffsetsResponse)]
pub struct DeleteShareGroupOffsetsRequest {
    /// The group's id.
    pub group_id: Str,
    /// The topics.
    pub topics: Vec<DeleteShareGroupOffsetsRequestTopic>,
}

/// A topic to forget.
#[message]
pub struct DeleteShareGroupOffsetsRequestTopic {
    /// The topic's name.
    pub topic_name: Str,
}

/// Which topics were forgotten.
#[message(key = 92, versions = "0", flexible = "0+")]
pub struct DeleteShareGroupOffsetsResponse {
    /// Milliseconds that the client should wait before it sends again.
    pub throttle_time_ms: i32,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words.
    #[kafka(nullable = "0+", default = null)]
    pub error_message: Option<Str>,
    /// How each went.
    pub responses: Vec<DeleteShareGroupOffsetsResponseTopic>,
}

/// How it went for one topic.
#[message]
pub struct DeleteShareGroupOffsetsResponseTopic {
    /// The topic's name.
    pub topic_name: Str,
    /// The topic's id.
    pub topic_id: Uuid,
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The error in words.
    #[kafka(nullable = "0+", default = null)]
    pub error_message: Option<Str>,
}
