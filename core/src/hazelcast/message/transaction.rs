//! Transactions: they begin, commit and roll back.

use gridwire_derive::service;

use crate::hazelcast::Uuid;

/// Transactions. Everything in one goes over the connection that created it, with the same thread
/// id.
#[service(id = 0x15)]
pub trait Transaction {
    /// Makes the changes visible to all.
    #[method(id = 0x01, long_running)]
    fn commit(transaction_id: Uuid, thread_id: i64);

    /// Begins a transaction and returns its id.
    #[method(id = 0x02, acquires_resource)]
    fn create(
        /// Milliseconds until it is rolled back.
        timeout: i64,
        /// How many members have a copy of its log.
        durability: i32,
        /// 1 one phase, 2 two phases.
        transaction_type: i32,
        thread_id: i64,
    ) -> Uuid;

    /// Drops the changes and unlocks what was locked.
    #[method(id = 0x03)]
    fn rollback(transaction_id: Uuid, thread_id: i64);
}
