//! Seeds: one after the other, and as bytes.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use gridwire_core::rng::Rng;

/// Runs seeds from 0 on, every fourth one twice.
///
/// # Panics
/// A seed does not repeat its run.
pub fn run_seeds<T: PartialEq + std::fmt::Debug>(seeds: u64, run: impl Fn(u64) -> T) -> Vec<T> {
    let once = |seed: u64| {
        let first = run(seed);
        if seed.is_multiple_of(4) {
            assert_eq!(first, run(seed), "seed {seed} differs from itself");
        }
        first
    };
    (0..seeds).map(once).collect()
}

/// A seed of 32 bytes from a short one.
pub fn seed_bytes(seed: u64) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    Rng::new(bytes).seed()
}

/// Runs seeds on as many threads as there are processors, and says why those failed that did, in order.
pub fn each_seed(seeds: Range<u64>, run: impl Fn(u64) -> Result<(), String> + Sync) -> Vec<String> {
    let next = AtomicU64::new(seeds.start);
    let failed: Mutex<BTreeMap<u64, String>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    if let Err(why) = run(seed) {
                        let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                        failed.insert(seed, why);
                    }
                }
            });
        }
    });
    failed.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
}
