//! Ids that are unique in the cluster, in batches.

use gridwire_derive::service;

use crate::Str;

/// Ids that are unique in the cluster and nearly ordered by time.
#[service(id = 0x1c)]
pub trait FlakeIdGenerator {
    /// Fetches ids, 1 to 100,000.
    #[method(id = 0x01, retryable)]
    fn new_id_batch(name: Str, batch_size: i32);
    /// The ids `base`, `base + increment`, … of which there are `batch_size`.
    #[response]
    fn new_id_batch(base: i64, increment: i64, batch_size: i32);
}
