//! Simulation: a client engine and server engines on one seeded network.
//!
//! A [`World`] owns the engines, the network between them and time. Nothing in it is real: time jumps
//! to whatever happens next, and every delay, cut and fault is drawn from the seed, so a seed that
//! fails is a failure that repeats. Tests submit calls, let the world run, and hold what the client
//! said against what the servers did.
//!
//! ```text
//!   client engine --Send--> [cut into pieces, delayed] --Received--> server engine
//!         ^                    reset? stall?                               |
//!         +-------------- [cut into pieces, delayed] <--------Send---------+
//! ```
//!
//! What the network does to every connection is in [`Faults`], what it does to those of one target in
//! [`Reach`]. What it never does: reorder or lose bytes of a connection that lives, or report `Sent`
//! for more than it took.
//!
//! [`hazelcast`] is the whole of a cluster's life in this world, as `gridwire simulate` runs it.

pub mod hazelcast;
pub mod history;
pub mod linearizable;
mod network;
mod seeds;
mod trace;
mod world;

pub use network::{Faults, Reach};
pub use seeds::{each_seed, run_seeds, seed_bytes};
pub use trace::Trace;
pub use world::{Ended, World};
