//! What the fuzz targets do: one function each, from bytes to nothing, that panics if gridwire breaks
//! a promise.
//!
//! They stand apart from the targets so that `cargo test` runs them too, over the corpus in
//! `fuzz/corpus/<name>/` and over bytes from a seed. A crash that fuzzing finds becomes a file there.

#![allow(clippy::missing_panics_doc)] // A panic is how a body reports what it found.

pub mod compact;
pub mod configuration;
pub mod engines;
pub mod frames;
pub mod kafka;
pub mod kafka_messages;
pub mod kafka_records;
pub mod messages;
pub mod portable;
pub mod queries;
pub mod shapes;
pub mod steps;
pub mod values;

/// Does with bytes what a target does.
pub type Body = fn(&[u8]);

/// Every body by the name of its target.
pub const BODIES: &[(&str, Body)] = &[
    ("hazelcast_client", engines::hazelcast_client),
    ("hazelcast_compact", compact::hazelcast),
    ("hazelcast_configuration", configuration::load),
    ("hazelcast_frames", frames::hazelcast),
    ("hazelcast_member", engines::hazelcast_member),
    ("hazelcast_messages", messages::hazelcast),
    ("hazelcast_portable", portable::hazelcast),
    ("hazelcast_queries", queries::hazelcast),
    ("hazelcast_raw", messages::hazelcast_raw),
    ("hazelcast_shapes", shapes::hazelcast),
    ("hazelcast_values", values::hazelcast),
    ("kafka_broker", engines::kafka_broker),
    ("kafka_broker_requests", kafka::broker_requests),
    ("kafka_client", engines::kafka_client),
    ("kafka_client_answers", kafka::client_answers),
    ("kafka_embedded", kafka_messages::embedded),
    ("kafka_frames", frames::kafka),
    ("kafka_gzip", kafka_records::gzip),
    ("kafka_lz4", kafka_records::lz4),
    ("kafka_message_sets", kafka_records::message_sets),
    ("kafka_records", kafka_records::batches),
    ("kafka_requests", kafka_messages::requests),
    ("kafka_responses", kafka_messages::responses),
    ("kafka_snappy", kafka_records::snappy),
    ("kafka_values", kafka_messages::values),
    ("kafka_zstd", kafka_records::zstd),
    ("xcp_agent", engines::xcp_agent),
    ("xcp_client", engines::xcp_client),
    ("xcp_frames", frames::xcp),
    ("xcp_messages", messages::xcp),
];
