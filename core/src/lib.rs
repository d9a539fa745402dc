//! Sans-IO engines for three wire protocols: Hazelcast's open binary client protocol, Kafka's, and
//! XCP v0.2.
#![no_std]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

pub mod backoff;
pub mod call;
pub mod calls;
pub mod correlation;
#[cfg(any(feature = "kafka", feature = "xcp"))]
pub mod crc;
pub mod endpoint;
pub mod fragment;
pub mod heartbeat;
pub mod invoker;
pub mod links;
pub mod malformed;
pub mod partition;
pub mod rng;
pub mod slab;
pub mod subscription;
pub mod text;
pub mod time;
pub mod timers;

#[cfg(feature = "hazelcast")]
pub mod hazelcast;
#[cfg(feature = "kafka")]
pub mod kafka;
#[cfg(feature = "xcp")]
pub mod xcp;

pub use malformed::{Fault, Malformed};
pub use text::Str;
