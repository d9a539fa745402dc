//! Embedded peers, record and replay, simulation.
