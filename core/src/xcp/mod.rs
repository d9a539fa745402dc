//! XCP v0.2: Ethers between agents, as the Python reference speaks it and the draft means it.
//!
//! ```text
//!   proxy    Agent<I>: send an Ether, ping        print   one frame as text, for the replay tool
//!   client   Client: many calls to one agent      server  XcpAgent: answers them
//!   session  handshake and rules of one connection, both roles
//!   frame  header  message                        bytes <-> values
//! ```
//!
//! Spoken are JSON headers, JSON bodies and opaque bodies of codecs that both sides named. A frame
//! that is compressed, encrypted or one of several chunks is refused with the code that the protocol
//! has for it. Peers that don't say the extension word `ack` are *plain*: they get one frame per
//! request, in order, and nothing unasked.

pub mod client;
mod error;
mod family;
pub mod frame;
pub mod header;
mod json;
pub mod message;
pub mod print;
mod proxy;
pub mod server;
pub mod session;

pub use client::{Client, Config};
pub use error::Error;
pub use family::{Answer, Bodies, Context, Never, Request, Xcp};
pub use header::{Header, SchemaKey, Tag};
pub use json::MAX_NESTING;
pub use message::{CodecId, Ether, MsgType, NackCode};
pub use proxy::{Agent, Agents};

/// The port that the Python reference listens on.
pub const PORT: u16 = 9944;
