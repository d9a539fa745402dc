//! What the fuzz targets do: one function each, from bytes to nothing, that panics if gridwire breaks
//! a promise.
//!
//! They stand apart from the targets so that `cargo test` runs them too, over the corpus in
//! `fuzz/corpus/<name>/` and over bytes from a seed. A crash that fuzzing finds becomes a file there.

#![allow(clippy::missing_panics_doc)] // A panic is how a body reports what it found.

pub mod frames;
pub mod kafka;
pub mod messages;
pub mod steps;

/// Does with bytes what a target does.
pub type Body = fn(&[u8]);

/// Every body by the name of its target.
pub const BODIES: &[(&str, Body)] = &[
    ("hazelcast_frames", frames::hazelcast),
    ("hazelcast_messages", messages::hazelcast),
    ("hazelcast_raw", messages::hazelcast_raw),
    ("kafka_broker_requests", kafka::broker_requests),
    ("kafka_broker_steps", kafka::broker_steps),
    ("kafka_client_answers", kafka::client_answers),
    ("kafka_client_steps", kafka::client_steps),
    ("kafka_frames", frames::kafka),
    ("kafka_messages", messages::kafka),
    ("kafka_records", messages::kafka_records),
    ("kafka_values", messages::kafka_values),
];
