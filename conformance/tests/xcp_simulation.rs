//! An XCP client and an embedded agent on a seeded network that delays, cuts, stalls and breaks.

use std::collections::BTreeSet;
use std::time::Duration;

use gridwire_conformance::simulation::{Faults, World, run_seeds, seed_bytes};
use gridwire_core::call::{Call, Order, Plan};
use gridwire_core::endpoint::{Engine, Start, Target};
use gridwire_core::invoker::Detached;
use gridwire_core::xcp::client::{Client, Config};
use gridwire_core::xcp::message::{Kind, Text};
use gridwire_core::xcp::server::{self, XcpAgent};
use gridwire_core::xcp::session::Extensions;
use gridwire_core::xcp::{Agent, Bodies, Ether, Request, Xcp};

fn ether(n: u64, most: usize) -> Ether {
    // Of very different sizes, some of several pieces.
    let text = format!("{n}:{}", "x".repeat((n as usize * 7919) % most));
    Text { text: text.as_str().into() }.to_ether().unwrap()
}

const SEEDS: u64 = 200;

/// A run of mixed calls under faults drawn from the seed.
fn run(seed: u64) -> ((u64, u64), usize) {
    let target = Target::new("agent", 9944);
    let start = Start { seed: seed_bytes(seed), unix_at_zero: Duration::from_secs(1_700_000_000) };
    let mut config = Config::new(target.clone());
    config.connections = 1 + (seed % 3) as usize;
    config.call_timeout = Some(Duration::from_secs(20));
    if seed.is_multiple_of(2) {
        config.terms.extensions = Extensions::default();
    }
    let agent = XcpAgent::start(server::Config::default(), start);
    let client = Client::start(config, start);
    let mut world = World::new(seed, Faults::none(), client, vec![(target, agent)]);
    let faults = Faults::drawn(world.rng());
    world.set_faults(faults);
    let most = if faults.piece < 100 { 200 } else { 9000 };
    let ether = |n| ether(n, most);

    let proxy = Agent::new(Detached::<Xcp>::new(std::sync::Arc::new(Bodies)));
    let mut sent = Vec::new();
    for n in 0..60 {
        match world.rng().below(4) {
            0 => {
                let call: Call<Xcp, Duration> = proxy.ping();
                world.submit(call.order);
            }
            1 => {
                let request = Request { idempotent: true, ..Request::ether(&ether(n)) };
                sent.push((n, world.submit(Order::new(Plan::One(request)))));
            }
            _ => sent.push((n, world.submit(proxy.send(&ether(n)).order))),
        }
        let pause = Duration::from_millis(world.rng().below(80));
        world.run_for(pause);
        if world.rng().below(8) == 0
            && let Some(at) = sent.len().checked_sub(1 + (n as usize % 3))
        {
            let (_, ticket) = sent.remove(at);
            world.cancel(ticket);
        }
        if world.rng().below(40) == 0 {
            world.reset_all();
        }
    }
    assert!(world.run_to_end(Duration::from_secs(60)), "calls that have not ended");
    let mut answered = 0;
    for (n, ticket) in sent {
        // Cancelled after it had ended, or ended in error; what was answered was answered right.
        if let Some(Ok(answer)) = world.outcome(ticket) {
            assert_eq!(answer.ether(), Ok(ether(n)), "seed {seed}");
            answered += 1;
        }
    }
    // Healed, it works again.
    world.set_faults(Faults::none());
    world.run_for(Duration::from_secs(60));
    let call = proxy.send(&ether(1000));
    let answer = world.call(call.order, Duration::from_secs(30));
    assert_eq!(answer.and_then(|answer| answer.ether()), Ok(ether(1000)), "seed {seed}");
    world.shut_down();
    assert!(world.is_shut_down());
    (world.trace().summary(), answered)
}

#[test]
fn every_call_ends_once_and_is_answered_by_its_own_answer() {
    let runs = run_seeds(SEEDS, run);
    let digests: BTreeSet<_> = runs.iter().map(|(digest, _)| digest).collect();
    assert!(digests.len() as u64 > SEEDS - 10, "different seeds give different runs");
    let answered: usize = runs.iter().map(|(_, answered)| answered).sum();
    assert!(answered as u64 > SEEDS * 15, "{answered}");
}
