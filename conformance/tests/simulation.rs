//! The simulator itself, tried with the toy protocol of the contract's tests.

#[path = "../../core/tests/toy/mod.rs"]
mod toy;

use std::time::Duration;

use gridwire_conformance::simulation::{Faults, World, seed_bytes};
use gridwire_core::endpoint::{Engine, Start, Target};
use gridwire_core::links::LinkLimits;
use toy::client::{Config, ToyClient};
use toy::server::ToyServer;

fn world(seed: u64, faults: Faults) -> World<ToyClient, ToyServer> {
    let targets = vec![Target::new("toy", 1), Target::new("toy", 2)];
    let config = Config {
        targets: targets.clone(),
        timeout: Some(Duration::from_secs(5)),
        limits: LinkLimits::default(),
    };
    let start = Start { seed: seed_bytes(seed), unix_at_zero: Duration::ZERO };
    let servers = targets.into_iter().map(|target| (target, ToyServer::default())).collect();
    World::new(seed, faults, ToyClient::start(config, start), servers)
}

/// A run of mixed calls under faults drawn from the seed.
fn run(seed: u64) -> (u64, u64) {
    let mut world = world(seed, Faults::none());
    let faults = Faults::drawn(world.rng());
    world.set_faults(faults);
    let mut tickets = Vec::new();
    for n in 0..40u8 {
        let order = match world.rng().below(4) {
            0 => toy::echo(vec![n; 300]).order,
            1 => toy::append(&[n]).order,
            2 => toy::poll(100).order,
            _ => toy::take().order,
        };
        tickets.push(world.submit(order));
        let pause = Duration::from_millis(world.rng().below(50));
        world.run_for(pause);
        if world.rng().below(8) == 0 {
            world.cancel(tickets[usize::from(n) / 2]);
        }
    }
    assert!(world.run_to_end(Duration::from_secs(60)), "calls that have not ended");
    world.shut_down();
    assert!(world.is_shut_down());
    world.trace().summary()
}

#[test]
fn every_call_ends_once_and_a_seed_repeats_its_run() {
    let mut digests = std::collections::BTreeSet::new();
    for seed in 0..200 {
        let first = run(seed);
        assert_eq!(first, run(seed), "seed {seed} differs from itself");
        digests.insert(first);
    }
    assert!(digests.len() > 190, "different seeds give different runs");
}

#[test]
fn a_calm_network_carries_every_byte_in_order() {
    let faults = Faults { piece: 1, ..Faults::none() };
    let mut world = world(1, faults);
    for n in 0..50u8 {
        let call = toy::echo(vec![n; 100]);
        let answer = world.call(call.order, Duration::from_secs(5)).unwrap();
        assert_eq!(answer.body, vec![n; 100]);
    }
}
