//! What the fuzz targets do: one function each, from bytes to nothing, that panics if gridwire breaks
//! a promise.
//!
//! They stand apart from the targets so that `cargo test` runs them too, over the corpus in
//! `fuzz/corpus/<name>/` and over bytes from a seed. A crash that fuzzing finds becomes a file there.

pub mod steps;

/// Every body by the name of its target, for the tests and the targets.
pub const BODIES: &[(&str, fn(&[u8]))] = &[];
