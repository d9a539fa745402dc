//! The two attributes in which gridwire-core declares its wire messages.
//!
//! `#[service]` turns a trait into the request, answer and event structs of one Hazelcast service;
//! `#[message]` turns a struct into one versioned Kafka message. Both emit plain structs with public
//! fields and non-generic `encode` and `decode` functions for both directions, and both report a
//! wrong attribute as a compile error under the word that is wrong. They are an implementation
//! detail of gridwire-core: the code they emit names its items by `crate::`.
