//! What the tests of XCP share.
#![allow(dead_code, unreachable_pub, reason = "each test takes what it needs")]

pub mod pipe;
pub mod vectors;
