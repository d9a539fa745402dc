//! The Hazelcast open binary client protocol, version 2.x.

pub mod data;
pub mod frame;
pub mod message;
pub mod raw;
pub mod reader;
pub mod schema;
pub mod uuid;
pub mod version;
pub mod wire;
pub mod writer;

pub use data::Data;
pub use raw::{Encoded, Message};
pub use reader::FrameReader;
pub use schema::{Payload, Request};
pub use uuid::Uuid;
pub use version::Version;
pub use writer::FrameWriter;

#[cfg(test)]
mod tests;
