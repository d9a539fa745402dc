//! Structures that messages hold, by theme.
//!
//! Where the protocol's name of one isn't Rust's, the declaration says so: `name = "CPMember"`.
//! Settings that may hold passwords or keys are marked `#[secret]`.

mod cache;
mod cluster;
mod config;
mod cp;
mod entries;
mod vector;
mod wan;

pub use self::cache::*;
pub use self::cluster::*;
pub use self::config::*;
pub use self::cp::*;
pub use self::entries::*;
pub use self::vector::*;
pub use self::wan::*;
