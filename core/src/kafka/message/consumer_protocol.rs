//! The protocol of type "consumer" in classic groups: what members say of themselves in JoinGroup's
//! `metadata`, and what the leader assigns to them in SyncGroup's `assignment`. Coordinators pass both on
//! unread. [`Embedded`] reads and writes them.

use alloc::vec::Vec;

use bytes::Bytes;
use gridwire_derive::message;

use super::{Embedded, Framing};
use crate::Str;
use crate::kafka::wire::Ids;

/// What a consumer wants to read.
#[message(versions = "0-3", flexible = "none")]
pub struct ConsumerProtocolSubscription {
    /// The topics that it wants.
    pub topics: Vec<Str>,
    /// The assignor's own bytes.
    #[kafka(nullable = "0+", default = null)]
    pub user_data: Option<Bytes>,
    /// What it has now, for assignors that leave as much as they can where it is.
    #[kafka(versions = "1+", ignorable)]
    pub owned_partitions: Vec<TopicPartition>,
    /// The generation in which it got these, -1 if unknown.
    #[kafka(versions = "2+", default = -1, ignorable)]
    pub generation_id: i32,
    /// The consumer's rack, if it has one.
    #[kafka(versions = "3+", nullable = "3+", default = null, ignorable)]
    pub rack_id: Option<Str>,
}

/// What a consumer is to read.
#[message(versions = "0-3", flexible = "none")]
pub struct ConsumerProtocolAssignment {
    /// Its partitions.
    pub assigned_partitions: Vec<TopicPartition>,
    /// The assignor's own bytes.
    #[kafka(nullable = "0+", default = null)]
    pub user_data: Option<Bytes>,
}

/// Partitions of one topic.
#[message(flexible = "none")]
pub struct TopicPartition {
    /// The topic's name.
    pub topic: Str,
    /// The partitions.
    pub partitions: Ids,
}

impl Embedded for ConsumerProtocolSubscription {
    const FRAMING: Framing = Framing::Open;
}

impl Embedded for ConsumerProtocolAssignment {
    const FRAMING: Framing = Framing::Open;
}
