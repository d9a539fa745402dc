//! An estimate of how many different values there were.

use gridwire_derive::service;

use crate::Str;

/// Estimates how many different values were added.
#[service(id = 0x19)]
pub trait CardinalityEstimator {
    /// Adds a value by its 64-bit hash, which the client computes.
    #[method(id = 0x01, partition = name)]
    fn add(name: Str, hash: i64);

    /// Returns the estimate.
    #[method(id = 0x02, partition = name)]
    fn estimate(name: Str) -> i64;
}
