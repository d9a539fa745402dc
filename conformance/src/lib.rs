//! Embedded peers, record and replay, simulation, and the live suite: what holds gridwire against
//! other implementations. The `gridwire` program is a thin shell around it.

pub mod capture;
pub mod live;
pub mod simulation;
