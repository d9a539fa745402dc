//! Transactions of an outside coordinator, by the X/Open standard.

use alloc::vec::Vec;

use gridwire_derive::service;

use super::custom::Xid;
use crate::hazelcast::Uuid;

/// Transactions of an outside coordinator. Those that this client created go over the connection
/// that did; others by the partition of their id.
#[service(id = 0x14)]
pub trait XATransaction {
    /// Forgets a transaction that has ended.
    #[method(id = 0x01, partition = xid)]
    fn clear_remote(xid: Xid);

    /// Lists the transactions that are prepared and wait for their end.
    #[method(id = 0x02)]
    fn collect_transactions() -> Vec<Xid>;

    /// Ends a transaction of another client.
    #[method(id = 0x03, long_running, partition = xid)]
    fn finalize(
        xid: Xid,
        /// Commits it; else rolls it back.
        is_commit: bool,
    );

    /// Makes the changes visible to all.
    #[method(id = 0x04, long_running)]
    fn commit(
        transaction_id: Uuid,
        /// Without having been prepared.
        one_phase: bool,
    );

    /// Begins a transaction and returns its id.
    #[method(id = 0x05, acquires_resource)]
    fn create(
        xid: Xid,
        /// In seconds.
        timeout: i64,
    ) -> Uuid;

    /// Makes sure that the transaction can be committed.
    #[method(id = 0x06, long_running)]
    fn prepare(transaction_id: Uuid);

    /// Drops the changes and unlocks what was locked.
    #[method(id = 0x07)]
    fn rollback(transaction_id: Uuid);
}
