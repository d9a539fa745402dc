//! What several tests of this crate share.
#![allow(dead_code, reason = "each test binary uses its own part of this")]

pub(crate) mod debug;
pub(crate) mod definitions;
pub(crate) mod pcap;

use std::path::PathBuf;

/// The directory with official definitions and captures, below which `part` is. Without it the test
/// says in one line what it did not check.
pub(crate) fn material(part: &str, what: &str) -> Option<PathBuf> {
    match std::env::var_os("GRIDWIRE_DEFINITIONS") {
        Some(root) => Some(PathBuf::from(root).join(part)),
        None => {
            println!("GRIDWIRE_DEFINITIONS is not set: {what} was not checked");
            None
        }
    }
}
