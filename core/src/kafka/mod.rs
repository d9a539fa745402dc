//! The Kafka protocol.
//!
//! [`wire`] has the encodings, [`message`] the messages declared in them, [`frame`] splits and writes
//! whole frames, [`records`] reads and builds the batches that Produce and Fetch carry, and [`code`]
//! names the brokers' error codes.

pub mod code;
pub mod frame;
pub mod message;
pub mod records;
pub mod wire;
