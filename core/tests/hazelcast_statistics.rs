//! What a client tells a member of itself.
#![cfg(feature = "hazelcast")]

#[path = "hazelcast/mod.rs"]
mod world;

use std::time::Duration;

use gridwire_core::endpoint::Cause;
use gridwire_core::hazelcast::Config;
use gridwire_core::hazelcast::message::client::{Ping, Statistics};
use gridwire_core::time::Instant;
use world::script::{Script, one};

const PERIOD: Duration = Duration::from_secs(3);

fn telling(name: &str) -> Config {
    let mut config = one();
    config.statistics = Some(PERIOD);
    config.client_name = name.into();
    config
}

/// Answers pings until the statistics come.
fn next(script: &mut Script) -> Statistics {
    for _ in 0..100 {
        if script.has_sent::<Statistics>() {
            return script.expect::<Statistics>().1;
        }
        if script.has_sent::<Ping>() {
            let (id, _) = script.expect::<Ping>();
            script.answer(id, &gridwire_core::hazelcast::message::client::PingResponse {});
        }
        assert!(script.wait(), "no alarm");
    }
    panic!("no statistics");
}

#[test]
fn statistics_are_told_at_once_and_every_period() {
    let mut script = Script::connected(telling("till,1=a"));
    let (id, first) = script.expect::<Statistics>();
    assert_eq!(first.timestamp, 1_700_000_000_000);
    assert_eq!(
        first.client_attributes.as_str(),
        format!(
            "lastStatisticsCollectionTime=1700000000000,enterprise=false,clientType=GWR,clientVersion={},\
             clusterConnectionTimestamp=1700000000000,clientName=till\\,1\\=a,runtime.uptime=0",
            env!("CARGO_PKG_VERSION")
        )
    );
    assert!(first.metrics_blob.0.is_empty());
    // The answer is for nobody, and no fault.
    script.answer(id, &gridwire_core::hazelcast::message::client::StatisticsResponse {});
    assert!(script.closed.is_empty());
    for turn in 1..5 {
        let told = next(&mut script);
        assert_eq!(script.now, Instant::ZERO + PERIOD * turn);
        assert_eq!(told.timestamp, 1_700_000_000_000 + 3_000 * i64::from(turn));
    }
}

#[test]
fn nothing_is_told_while_nobody_is_there_nor_unless_configured() {
    let mut script = Script::connected(one());
    for _ in 0..20 {
        script.wait();
        assert!(!script.has_sent::<Statistics>());
    }

    let mut script = Script::connected(telling("till"));
    script.expect::<Statistics>();
    script.close(Cause::Reset);
    script.now = script.now + PERIOD * 3;
    while script.opening.is_empty() {
        assert!(script.wait());
    }
    assert!(!script.has_sent::<Statistics>());
    script.open();
    script.let_in();
    // The rhythm goes on: one more per period, not one more rhythm.
    let before = script.now;
    next(&mut script);
    next(&mut script);
    assert!(script.now >= before + PERIOD, "{before:?} {:?}", script.now);
}
