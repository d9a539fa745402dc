//! Sans-IO engines for three wire protocols: Hazelcast's open binary client protocol, Kafka's, and
//! XCP v0.2.
//!
//! No socket, clock, thread or random number is in here: an engine is told what happened and says
//! what to do, so it runs in any event loop, in a simulator and under a fuzzer. Those who want a
//! ready client take an adapter (`gridwire-tokio`, `gridwire-async-std`, `gridwire-mio`).
//!
//! # The run loop
//!
//! Every engine is an [`Endpoint`](endpoint::Endpoint), driven in four steps:
//!
//! 1. Give it what happened: [`handle`](endpoint::Endpoint::handle) with an
//!    [`Input`](endpoint::Input) (a connection opened, bytes came, bytes were taken, a connection
//!    ended, time passed), or a command such as [`submit`](call::Caller::submit).
//! 2. Drain [`poll_output`](endpoint::Endpoint::poll_output) until it is `None`, and do what each
//!    [`Output`](endpoint::Output) says: open, write, close, pause, resume, or hear an event.
//! 3. Ask for the [`deadline`](endpoint::Endpoint::deadline).
//! 4. Wait for a socket or that deadline, and begin again.
//!
//! `examples/own_loop.rs` is such a loop over non-blocking sockets of the standard library.
//!
//! # Where things are
//!
//! | module | what for |
//! |---|---|
//! | [`endpoint`] | the contract between engine and driver |
//! | [`call`], [`invoker`] | calls as values, and who runs them |
//! | [`calls`], [`links`], [`timers`], [`slab`] | what every client engine is put together from |
//! | [`metrics`] | what an engine counts |
//! | [`correlation`], [`heartbeat`], [`backoff`], [`fragment`], [`partition`] | the core's jobs, one home each |
//! | `hazelcast`, `kafka`, `xcp` | the families, one feature each |
//!
//! # Features
//!
//! `hazelcast`, `kafka`, `xcp`: the families; all on by default. `std`: on by default; without it the
//! crate is `no_std` with `alloc`. `gzip`, `snappy`, `lz4`, `zstd`: Kafka's compression codecs, off by
//! default; the first two need `std`, and `zstd` a C compiler. `arbitrary`: `Arbitrary` for every message and value, for fuzzing.
//! Values of Hazelcast's: `json` for any type of serde as a JSON document, `time`, `num-bigint` and
//! `bigdecimal` for the types of these libraries.
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
pub mod metrics;
pub mod partition;
pub mod rng;
#[cfg(feature = "hazelcast")]
mod secret;
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
#[cfg(feature = "hazelcast")]
pub use secret::Secret;
pub use text::Str;
