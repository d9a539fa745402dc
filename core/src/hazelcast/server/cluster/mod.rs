//! The members of a cluster: `topology` says who holds what, `slot` is one member's memory, `replication`
//! brings changes to backups, `moves` moves partitions, `life` has members crash, start, fall silent, and
//! `views` tells clients of it.

mod life;
mod moves;
mod replicas;
mod replication;
mod slot;
mod topology;
mod views;

pub(super) use moves::Moving;
pub(super) use replication::{Replication, Touched};
pub(super) use slot::Slot;
pub(super) use topology::Topology;
