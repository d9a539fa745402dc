//! Tasks for members.

use gridwire_derive::service;

use crate::Str;
use crate::hazelcast::{Data, Uuid};

/// Tasks that run on a member: that of a partition, or a certain one.
#[service(id = 0x08)]
pub trait ExecutorService {
    /// Refuses new tasks; those that were submitted still run.
    #[method(id = 0x01)]
    fn shutdown(name: Str);

    /// Whether the executor was shut down.
    #[method(id = 0x02)]
    fn is_shutdown(name: Str) -> bool;

    /// Cancels a task of a partition's owner, and says whether that went well.
    #[method(id = 0x03, partition = partition_id)]
    fn cancel_on_partition(
        /// As submitted.
        uuid: Uuid,
        /// Interrupts it if it runs already.
        interrupt: bool,
    ) -> bool;

    /// Cancels a task of a certain member, and says whether that went well.
    #[method(id = 0x04)]
    fn cancel_on_member(
        /// As submitted.
        uuid: Uuid,
        member_uuid: Uuid,
        /// Interrupts it if it runs already.
        interrupt: bool,
    ) -> bool;

    /// Runs a task at a partition's owner and returns its result, null included.
    #[method(id = 0x05, long_running, partition = partition_id)]
    fn submit_to_partition(
        name: Str,
        /// A new one for each task, to cancel it by.
        uuid: Uuid,
        callable: Data,
    ) -> Option<Data>;

    /// Runs a task at a certain member and returns its result, null included.
    #[method(id = 0x06, long_running)]
    fn submit_to_member(
        name: Str,
        /// A new one for each task, to cancel it by.
        uuid: Uuid,
        callable: Data,
        member_uuid: Uuid,
    ) -> Option<Data>;
}
