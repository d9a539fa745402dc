//! Tasks whose results outlive members and connections.

use gridwire_derive::service;

use crate::Str;
use crate::hazelcast::Data;

/// Tasks that are backed up, and whose results are kept in a ring of each partition.
#[service(id = 0x18)]
pub trait DurableExecutor {
    /// Refuses new tasks; those that were submitted still run.
    #[method(id = 0x01)]
    fn shutdown(name: Str);

    /// Whether the executor was shut down.
    #[method(id = 0x02)]
    fn is_shutdown(name: Str) -> bool;

    /// Submits a task and returns its slot in the ring of the partition.
    #[method(id = 0x03, retryable, acquires_resource, partition = partition_id)]
    fn submit_to_partition(name: Str, callable: Data) -> i32;

    /// Waits for the result of a slot's task and returns it, null included.
    #[method(id = 0x04, retryable, long_running, partition = partition_id)]
    fn retrieve_result(name: Str, sequence: i32) -> Option<Data>;

    /// Frees a slot.
    #[method(id = 0x05, retryable, partition = partition_id)]
    fn dispose_result(name: Str, sequence: i32);

    /// As [`RetrieveResult`], and frees the slot.
    #[method(id = 0x06, retryable, long_running, partition = partition_id)]
    fn retrieve_and_dispose_result(name: Str, sequence: i32) -> Option<Data>;
}
