//! Sans-IO engines for three wire protocols: Hazelcast's open binary client protocol, Kafka's, and
//! XCP v0.2.
#![no_std]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

pub mod malformed;
pub mod rng;
pub mod text;

#[cfg(feature = "hazelcast")]
pub mod hazelcast;
#[cfg(feature = "kafka")]
pub mod kafka;
#[cfg(feature = "xcp")]
pub mod xcp;

pub use malformed::{Fault, Malformed};
pub use text::Str;
