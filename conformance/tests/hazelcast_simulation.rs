//! Hazelcast's client and member on the simulated network: every call ends once, what was
//! acknowledged is there, and a seed repeats its run.

use std::collections::BTreeMap;
use std::time::Duration;

use gridwire_conformance::simulation::{Faults, World, seed_bytes};
use gridwire_core::call::Caller;
use gridwire_core::endpoint::{Engine, Start, Target};
use gridwire_core::hazelcast::{
    Client, Config, EntryEvents, Hazelcast, Map, Member, MemberConfig, Structures,
};
use gridwire_core::invoker::Detached;

type Numbers = Map<i32, i64, Detached<Hazelcast>>;

fn world(seed: u64) -> (World<Client, Member>, Numbers) {
    let start = |part| Start {
        seed: seed_bytes(2 * seed + part),
        unix_at_zero: Duration::from_secs(1_700_000_000),
    };
    let target = Target::new("member", 5701);
    let mut member = MemberConfig::default();
    member.address = Some(target.clone());
    let mut config = Config::new([target.clone()]);
    config.invocation_timeout = Duration::from_secs(30);
    let client = Client::start(config, start(0));
    let map = Detached::new(client.codec()).map("map");
    let servers = vec![(target, Member::start(member, start(1)))];
    (World::new(seed, Faults::none(), client, servers), map)
}

fn run(seed: u64) -> (u64, u64) {
    let (mut world, map) = world(seed);
    let faults = Faults::drawn(world.rng());
    world.set_faults(faults);
    let listen = map.listen(EntryEvents::ALL, true);
    let (subscribed, _) = world.subscribe(listen.listen);
    // A key is written once: what may have been done twice would show.
    let mut puts = BTreeMap::new();
    let mut others = Vec::new();
    for n in 0..60i32 {
        let value = i64::from(n);
        match world.rng().below(5) {
            0 | 1 => {
                puts.insert(n, world.submit(map.put(&n, &value).order));
            }
            2 => others.push(world.submit(map.get(&(n / 2)).order)),
            3 => others.push(world.submit(map.get_all((0..n).collect::<Vec<_>>().iter()).order)),
            _ => others.push(world.submit(map.size().order)),
        }
        let pause = Duration::from_millis(world.rng().below(60));
        world.run_for(pause);
        if world.rng().below(10) == 0
            && let Some(ticket) = others.pop()
            && world.outcome(ticket).is_none()
        {
            world.cancel(ticket);
        }
    }
    assert!(world.run_to_end(Duration::from_secs(120)), "seed {seed}: {:?}", world.trace());
    let _ = world.outcome(subscribed);
    // On a network that is well again, everything that was acknowledged is there.
    world.set_faults(Faults::none());
    for (key, ticket) in puts {
        if world.outcome(ticket).is_some_and(|end| end.is_ok()) {
            let call = map.get(&key);
            let answer = world.call(call.order, Duration::from_secs(60)).unwrap();
            let codec = world.client.codec();
            let value = call.opener.open(&answer, &codec).unwrap();
            assert_eq!(value, Some(i64::from(key)), "seed {seed}");
        }
    }
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
