//! Near caches of our client on real members, on each adapter.

use crate::hazelcast::{config, on_one, on_three};

use gridwire_conformance::adapter::{Adapter, AsyncStd, Mio, Tokio};
use gridwire_conformance::live::{HazelcastCluster, needed};
use gridwire_conformance::on_each_adapter;
use gridwire_conformance::suite::near_caches;
use gridwire_core::hazelcast::Routing;

fn near_cache_on_one<A: Adapter>() {
    on_one(|config| near_caches::reads_and_changes::<A>(&config));
}

fn near_cache_on_three<A: Adapter>() {
    on_three(|config| near_caches::reads_and_changes::<A>(&config));
}

fn near_cache_of_others_on_one<A: Adapter>() {
    on_one(|config| near_caches::changes_of_others::<A>(&config));
}

fn near_cache_of_others_on_three<A: Adapter>() {
    on_three(|config| near_caches::changes_of_others::<A>(&config));
}

/// One connection, over which all members tell of changes.
fn near_cache_over_one_of_three<A: Adapter>() {
    on_three(|mut config| {
        config.routing = Routing::SingleMember;
        near_caches::changes_of_others::<A>(&config);
    });
}

/// Three members, of which one crashes.
#[test]
fn near_caches_outlive_members() {
    fn on<A: Adapter>() {
        let Some(mut cluster) = needed(HazelcastCluster::start(3)) else { return };
        near_caches::lost_members::<A>(&config(&cluster), || cluster.crash(1));
    }
    on::<Tokio>();
    on::<AsyncStd>();
    on::<Mio>();
}

on_each_adapter! {
    near_cache_on_one near_cache_on_three near_cache_of_others_on_one near_cache_of_others_on_three
    near_cache_over_one_of_three
}
