//! Kafka's client and embedded broker on a network that delays, cuts, stalls and breaks: every call
//! ends once, nothing acknowledged is lost, nothing is stored twice.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use gridwire_conformance::simulation::{Faults, World, seed_bytes};
use gridwire_core::call::{Failure, Unopened};
use gridwire_core::endpoint::{Engine, Start, Target};
use gridwire_core::invoker::Detached;
use gridwire_core::kafka::server::{self, Broker};
use gridwire_core::kafka::{
    Client, Config, Error, Kafka, KafkaExt, Position, Record, RecordMetadata,
};

fn world(seed: u64) -> World<Client, Broker> {
    let target = Target::new("kafka", 1);
    let start =
        |seed| Start { seed: seed_bytes(seed), unix_at_zero: Duration::from_secs(1_700_000_000) };
    let broker = server::Config {
        advertised: Some(target.clone()),
        topics: vec![("t".into(), 2)],
        ..server::Config::default()
    };
    let client = Client::start(Config::new([target.clone()]), start(seed));
    World::new(seed, Faults::none(), client, vec![(target, Broker::start(broker, start(seed + 1)))])
}

/// A run of sends and reads under faults drawn from the seed. How many sends were acknowledged, how many
/// may have been stored, and what happened in a number.
fn run(seed: u64) -> (usize, usize, (u64, u64)) {
    let mut world = world(seed);
    let faults = Faults::drawn(world.rng());
    world.set_faults(faults);
    let proxy: Detached<Kafka> = Detached::new(std::sync::Arc::default());
    let (_, reader) = world.subscribe(proxy.consumer().read("t", 0..2, Position::Earliest).listen);
    world.demand(reader, 1_000_000);
    let mut sent = Vec::new();
    for n in 0..60u32 {
        let record = Record::value(n.to_be_bytes().to_vec()).to_partition((n % 2) as i32);
        let call = proxy.producer("t").send(record);
        sent.push((n, world.submit(call.order), call.opener));
        if world.rng().below(4) == 0 {
            let pause = Duration::from_millis(world.rng().below(400));
            world.run_for(pause);
        }
        if world.rng().below(10) == 0 {
            world.submit(proxy.admin().list_offsets("t", 0..2, Position::Latest).order);
        }
        if world.rng().below(30) == 0 {
            world.reset_all();
        }
    }
    assert!(world.run_to_end(Duration::from_secs(200)), "seed {seed}: calls that have not ended");
    let (mut acknowledged, mut possible) = (BTreeMap::new(), BTreeSet::new());
    for (n, ticket, opener) in sent {
        let opened: Result<RecordMetadata, Error> =
            world.outcome(ticket).unwrap().and_then(|answer| {
                opener.open(&answer, &gridwire_core::kafka::Codec::default()).map_err(|unopened| {
                    match unopened {
                        Unopened::Failed(error) => error,
                        Unopened::Needs(_) => unreachable!("nothing is needed"),
                    }
                })
            });
        match opened {
            Ok(metadata) => {
                acknowledged.insert(n, (metadata.partition, metadata.offset.unwrap()));
            }
            Err(Error::Failure(Failure::Indeterminate(_) | Failure::TimedOut { sent: true })) => {
                possible.insert(n);
            }
            Err(Error::Failure(Failure::TimedOut { sent: false })) => {}
            Err(other) => panic!("seed {seed}: {other}"),
        }
    }
    world.set_faults(Faults::none());
    if world.is_ended(reader) {
        // On so bad a network it could not even begin; what it found is found anew.
        while world.item().is_some() {}
        let listen = proxy.consumer().read("t", 0..2, Position::Earliest).listen;
        let (_, reader) = world.subscribe(listen);
        world.demand(reader, 1_000_000);
    }
    world.run_for(Duration::from_secs(60));
    let mut stored = BTreeMap::new();
    while let Some((_, item)) = world.item() {
        for record in item.records() {
            let n = u32::from_be_bytes(record.value.unwrap().try_into().unwrap());
            let place = (item.partition(), record.offset);
            assert_eq!(stored.insert(n, place), None, "seed {seed}: {n} came twice");
        }
    }
    for (n, place) in &acknowledged {
        assert_eq!(stored.get(n), Some(place), "seed {seed}: {n} was acknowledged");
    }
    for n in stored.keys() {
        assert!(acknowledged.contains_key(n) || possible.contains(n), "seed {seed}: {n}");
    }
    world.shut_down();
    assert!(world.is_shut_down());
    (acknowledged.len(), possible.len(), world.trace().summary())
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_is_stored_twice() {
    let (mut acknowledged, mut possible) = (0, 0);
    for seed in 0..60 {
        let (well, perhaps, _) = run(seed);
        acknowledged += well;
        possible += perhaps;
    }
    assert!(acknowledged > 2_000, "{acknowledged} of 3,600");
    assert!(possible > 50, "{possible}: the faults are felt");
}

#[test]
fn a_seed_repeats_its_run() {
    for seed in 100..105 {
        assert_eq!(run(seed), run(seed));
    }
}
