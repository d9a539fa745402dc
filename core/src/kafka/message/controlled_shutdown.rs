//! ControlledShutdown (7): a broker that is about to stop hands its partitions over. Gone since
//! 4.0.

use alloc::vec::Vec;

use gridwire_derive::message;

use crate::Str;
use crate::kafka::code::ErrorCode;

/// Asks the controller to move the leaders away from a broker.
#[message(
    key = 7, versions = "0-3", flexible = "3+",
    listeners = "zkBroker, controller", internal, response = ControlledShutdownResponse
)]
pub struct ControlledShutdownRequest {
    /// The broker's id.
    pub broker_id: i32,
    /// The epoch that the broker was registered with, -1 if unknown.
    #[kafka(versions = "2+", default = -1, ignorable)]
    pub broker_epoch: i64,
}

/// What the broker still leads.
#[message(key = 7, versions = "0-3", flexible = "3+")]
pub struct ControlledShutdownResponse {
    /// The error, or [`ErrorCode::NONE`].
    pub error_code: ErrorCode,
    /// The partitions that it still leads.
    pub remaining_partitions: Vec<RemainingPartition>,
}

/// A partition that it still leads.
#[message]
pub struct RemainingPartition {
    /// The topic's name.
    pub topic_name: Str,
    /// The partition's number.
    pub partition_index: i32,
}
