//! [`NearCacheStatistics`]: what came of a near cache.

use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;

/// What came of a near cache since it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct NearCacheStatistics {
    /// When it was made: time since the UNIX epoch.
    pub creation_time: Duration,
    /// Records that it has. One that expired or went stale counts until it is come across.
    pub owned_entry_count: usize,
    /// Bytes that they take, if values are kept serialized; 0 otherwise.
    pub owned_entry_memory_cost: usize,
    /// Reads that it answered.
    pub hits: usize,
    /// Reads that it did not answer.
    pub misses: usize,
    /// Records that went for others.
    pub evictions: usize,
    /// Records whose time was up.
    pub expirations: usize,
    /// Records that went since something changed.
    pub invalidations: usize,
    /// Changes that it heard of: of one key, or of all at once.
    pub invalidation_requests: usize,
}

impl NearCacheStatistics {
    /// Hits for each hundred misses, as official clients have it: infinite if there was no miss, and
    /// not a number if nothing was read.
    pub fn ratio(&self) -> f64 {
        self.hits as f64 / self.misses as f64 * 100.0
    }
}

/// What is counted.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    hits: AtomicUsize,
    misses: AtomicUsize,
    evictions: AtomicUsize,
    expirations: AtomicUsize,
    invalidations: AtomicUsize,
    invalidation_requests: AtomicUsize,
}

impl Counters {
    pub(super) fn hit(&self) {
        self.hits.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn miss(&self) {
        self.misses.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn evicted(&self) {
        self.evictions.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn expired(&self, records: usize) {
        self.expirations.fetch_add(records, Ordering::Relaxed);
    }

    pub(super) fn invalidated(&self, records: usize) {
        self.invalidation_requests.fetch_add(1, Ordering::Relaxed);
        self.invalidations.fetch_add(records, Ordering::Relaxed);
    }

    pub(super) fn snapshot(&self) -> NearCacheStatistics {
        let of = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
        NearCacheStatistics {
            hits: of(&self.hits),
            misses: of(&self.misses),
            evictions: of(&self.evictions),
            expirations: of(&self.expirations),
            invalidations: of(&self.invalidations),
            invalidation_requests: of(&self.invalidation_requests),
            ..NearCacheStatistics::default()
        }
    }
}
