//! Addresses where no member is that the client could talk with.

use std::net::SocketAddr;
use std::time::Duration;

use gridwire_core::endpoint::Target;
use gridwire_core::hazelcast::{Client, Config};

use super::{AMPLE, in_time, soon};
use crate::adapter::Adapter;

/// A client doesn't get in there, and its error names the address and says this. Its start ends by its own
/// time, before that of any step.
pub fn refused<A: Adapter>(at: SocketAddr, why: &str) {
    let mut config = Config::new([Target::new(at.ip().to_string(), at.port())]);
    config.connection_retry.give_up_after = Some(Duration::from_secs(1));
    config.connection_timeout = 2 * AMPLE;
    config.authentication_timeout = 2 * AMPLE;
    let ask = || {
        let end = A::block_on(async { soon(A::connect::<Client>(config.clone())).await.map(drop) });
        end.expect_err("not let in").to_string()
    };
    // On a busy machine, even those who speak may do so later than that.
    let error = in_time(ask, |error| error.contains("timed out") && !error.contains(why));
    assert!(error.contains(why) && error.contains(&at.to_string()), "{error}");
}
