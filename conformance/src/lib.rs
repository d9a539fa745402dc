//! Embedded peers, record and replay, simulation, and the live suite: what holds gridwire against
//! other implementations. The `gridwire` program is a thin shell around it.

pub mod adapter;
pub mod capture;
pub mod chaos;
pub mod demo;
pub mod live;
pub mod probe;
pub mod replay;
pub mod simulation;
pub mod suite;
pub mod workload;

/// Bytes as people read them.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The README's programs, run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// The programs of the page on the Hazelcast client, run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../docs/hazelcast.md")]
struct HazelcastPage;
