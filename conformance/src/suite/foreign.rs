//! Addresses where no member is that the client could talk with.

use std::net::SocketAddr;
use std::time::Duration;

use gridwire_core::endpoint::Target;
use gridwire_core::hazelcast::{Client, Config};

use super::soon;
use crate::adapter::Adapter;

/// A client doesn't get in there, within a second or two, and its error names the address and says this.
pub fn refused<A: Adapter>(at: SocketAddr, why: &str) {
    let mut config = Config::new([Target::new(at.ip().to_string(), at.port())]);
    config.connection_retry.give_up_after = Some(Duration::from_secs(1));
    let end = A::block_on(async { soon(A::connect::<Client>(config)).await.map(drop) });
    let error = end.expect_err("not let in").to_string();
    assert!(error.contains(why) && error.contains(&at.to_string()), "{error}");
}
