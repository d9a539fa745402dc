//! The Kafka protocol.
//!
//! [`wire`] has the encodings, [`message`] the messages declared in them, [`frame`] splits and writes
//! whole frames, and [`code`] names the brokers' error codes.

pub mod code;
pub mod frame;
pub mod message;
pub mod wire;
