//! Benchmarks beside their peers and their physical limit.
