//! The suite that real servers are put through as well, here against the embedded peers: on each adapter,
//! without anything to be installed.

use gridwire_conformance::adapter::Adapter;
use gridwire_conformance::on_each_adapter;
use gridwire_conformance::suite::{
    self, hazelcast as maps, kafka as logs, maps as whole, near_caches, served,
};
use gridwire_core::endpoint::Target;
use gridwire_core::hazelcast::{Config, MemberConfig};
use gridwire_core::kafka;
use gridwire_tokio::testing::{Broker, Member};

/// Runs a part of the suite against a member of its own.
fn on_member(run: impl FnOnce(Config)) {
    let (_runtime, member) = served(|| Member::on_loopback(MemberConfig::default()));
    let at = member.local_addr();
    run(Config::new([Target::new(at.ip().to_string(), at.port())]));
}

fn operations<A: Adapter>() {
    on_member(maps::operations::<A>);
}

fn one_connection<A: Adapter>() {
    on_member(maps::one_connection::<A>);
}

fn listeners<A: Adapter>() {
    on_member(maps::listeners::<A>);
}

fn routing<A: Adapter>() {
    on_member(|config| maps::routing::<A>(config, 1));
}

fn configured<A: Adapter>() {
    on_member(|config| maps::configured::<A>(&config));
}

fn refusal<A: Adapter>() {
    on_member(maps::refusal::<A>);
}

fn load<A: Adapter>() {
    on_member(maps::load::<A>);
}

fn limits<A: Adapter>() {
    on_member(maps::limits::<A>);
}

fn dropped<A: Adapter>() {
    on_member(maps::dropped::<A>);
}

fn closing<A: Adapter>() {
    on_member(maps::closing::<A>);
}

fn changes<A: Adapter>() {
    on_member(whole::changes::<A>);
}

fn expiry<A: Adapter>() {
    on_member(whole::expiry::<A>);
}

fn whole_maps<A: Adapter>() {
    on_member(whole::whole::<A>);
}

fn locks<A: Adapter>() {
    on_member(whole::locks::<A>);
}

fn waiting_ends<A: Adapter>() {
    on_member(whole::waiting_ends::<A>);
}

fn watched<A: Adapter>() {
    on_member(|config| suite::cluster::watched::<A>(config, 1));
}

fn credentials<A: Adapter>() {
    on_member(|config| suite::cluster::credentials::<A>(&config));
}

fn a_group<A: Adapter>() {
    on_member(suite::cluster::a_group::<A>);
}

fn key_listeners<A: Adapter>() {
    on_member(whole::key_listeners::<A>);
}

fn near_cached_maps<A: Adapter>() {
    on_member(|config| near_caches::untold::<A>(&config));
}

fn near_caches_told<A: Adapter>() {
    on_member(|config| near_caches::reads_and_changes::<A>(&config));
}

fn near_caches_of_others<A: Adapter>() {
    on_member(|config| near_caches::changes_of_others::<A>(&config));
}

fn near_cache_limits<A: Adapter>() {
    on_member(|config| near_caches::limits::<A>(&config));
}

fn values<A: Adapter>() {
    on_member(|config| {
        let file = std::fs::read_to_string("live/values.jsonl").expect("values.jsonl");
        let known: Vec<serde_json::Value> =
            file.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        suite::values::write::<A>(config.clone(), "values", &known);
        let keys: Vec<_> =
            known.iter().map(|value| value["key"].as_str().expect("a key")).collect();
        assert_eq!(suite::values::read::<A>(config, "values", &keys), known);
    });
}

/// Runs a part of the suite against a broker of its own.
fn on_broker(run: impl FnOnce(kafka::Config)) {
    let config = kafka::server::Config { default_partitions: 3, ..Default::default() };
    let (_runtime, broker) = served(|| Broker::on_loopback(config));
    let at = broker.local_addr();
    run(kafka::Config::new([Target::new(at.ip().to_string(), at.port())]));
}

fn metadata<A: Adapter>() {
    on_broker(|config| logs::metadata::<A>(config, 3));
}

fn positions<A: Adapter>() {
    on_broker(logs::positions::<A>);
}

fn long_poll<A: Adapter>() {
    on_broker(logs::long_poll::<A>);
}

fn records<A: Adapter>() {
    on_broker(|config| {
        let sent = logs::write::<A>(config.clone(), "records", 1);
        assert_eq!(logs::read::<A>(config, "records", 3, sent.len()), sent);
    });
}

fn many_records<A: Adapter>() {
    on_broker(logs::load::<A>);
}

fn unknown_topics<A: Adapter>() {
    on_broker(logs::errors::<A>);
}

fn dropped_sends<A: Adapter>() {
    on_broker(logs::dropped::<A>);
}

fn closing_a_producer<A: Adapter>() {
    on_broker(logs::closing::<A>);
}

on_each_adapter! {
    operations one_connection listeners routing configured refusal load limits dropped closing values
    changes expiry whole_maps locks waiting_ends key_listeners watched credentials a_group
    near_cached_maps near_caches_told near_caches_of_others near_cache_limits
    metadata positions long_poll records many_records unknown_topics dropped_sends closing_a_producer
}
