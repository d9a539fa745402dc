//! Kafka: later.
