//! A connection that breaks between any two bytes of a session, whichever way they go: every call ends
//! once, what is acknowledged was done, and afterwards everything works.

use std::time::Duration;

use gridwire_conformance::simulation::{Faults, World, seed_bytes};
use gridwire_core::call::{Caller, Ticket};
use gridwire_core::endpoint::{Endpoint, Engine, Start, Target};
use gridwire_core::invoker::Detached;
use gridwire_core::kafka::{self, KafkaExt, Position, Record};
use gridwire_core::xcp::message::{Kind, Text};
use gridwire_core::xcp::{self, Agents};
use gridwire_core::{hazelcast, hazelcast::Structures};

const MINUTE: Duration = Duration::from_secs(60);

fn start() -> Start {
    Start { seed: seed_bytes(1), unix_at_zero: Duration::from_secs(1_700_000_000) }
}

/// Runs a session to count its bytes, then again for each place between two of them. `submit` begins
/// calls; `check` is told how many of them were acknowledged, on a network that is well again.
fn everywhere<C: Caller, S: Endpoint>(
    world: impl Fn() -> World<C, S>,
    submit: impl Fn(&mut World<C, S>) -> Vec<Ticket>,
    check: impl Fn(&mut World<C, S>, usize),
) {
    let session = |cut: Option<u64>| {
        let mut world = world();
        if let Some(bytes) = cut {
            world.reset_after(bytes);
        }
        let tickets = submit(&mut world);
        assert!(world.run_to_end(2 * MINUTE), "calls that have not ended, cut after {cut:?}");
        let ends = tickets.into_iter().filter_map(|ticket| world.outcome(ticket));
        let acknowledged = ends.flatten().count();
        let carried = world.carried();
        // Connections that broke are there again.
        world.run_for(Duration::from_secs(5));
        check(&mut world, acknowledged);
        (acknowledged, carried)
    };
    let (all, bytes) = session(None);
    assert!(all > 0 && bytes > 200, "{all} calls, {bytes} bytes");
    for cut in 0..bytes {
        session(Some(cut));
    }
}

#[test]
fn hazelcast_survives_a_reset_anywhere() {
    type Client = hazelcast::Client;
    let world = || {
        let target = Target::new("member", 5701);
        let mut member = hazelcast::MemberConfig::default();
        member.addresses = vec![target.clone()];
        member.partition_count = 3;
        let client = Client::start(hazelcast::Config::new([target.clone()]), start());
        let member = hazelcast::Member::start(member, start());
        World::new(1, Faults::none(), client, vec![(target, member)])
    };
    let map = |world: &World<Client, _>| Detached::new(world.client.codec()).map::<i32, i64>("map");
    everywhere(
        world,
        |world| {
            let map = map(world);
            (0..3).map(|key| world.submit(map.set(&key, &7).order)).collect()
        },
        |world, acknowledged| {
            let call = map(world).size();
            let answer = world.call(call.order, MINUTE).unwrap();
            let stored = call.opener.open(&answer, &world.client.codec()).unwrap();
            assert!((acknowledged..=3).contains(&stored), "{acknowledged} of {stored}");
        },
    );
}

#[test]
fn kafka_survives_a_reset_anywhere() {
    let world = || {
        let target = Target::new("broker", 9092);
        let broker = kafka::server::Config {
            advertised: Some(target.clone()),
            topics: vec![("t".into(), 1)],
            ..kafka::server::Config::default()
        };
        let client = kafka::Client::start(kafka::Config::new([target.clone()]), start());
        let broker = kafka::server::Broker::start(broker, start());
        World::new(1, Faults::none(), client, vec![(target, broker)])
    };
    let kafka = || Detached::<kafka::Kafka>::new(Default::default());
    everywhere(
        world,
        |world| {
            let send = |_| world.submit(kafka().producer("t").send(Record::value("value")).order);
            (0..3).map(send).collect()
        },
        |world, acknowledged| {
            let call = kafka().admin().list_offsets("t", [0], Position::Latest);
            let answer = world.call(call.order, MINUTE).unwrap();
            let end = call.opener.open(&answer, &world.client.codec()).unwrap()[0].offset.unwrap();
            assert!((acknowledged as i64..=3).contains(&end), "{acknowledged} of {end}");
            assert_eq!(world.servers[0].end_offset("t", 0), Some(end));
        },
    );
}

#[test]
fn xcp_survives_a_reset_anywhere() {
    let ether = || Text { text: "hello".into() }.to_ether().unwrap();
    let agent = || Detached::<xcp::Xcp>::new(std::sync::Arc::new(xcp::Bodies)).agent();
    for is_plain in [false, true] {
        let world = || {
            let target = Target::new("agent", 9944);
            let mut config = xcp::client::Config::new(target.clone());
            config.terms.extensions.ack = !is_plain;
            let client = xcp::Client::start(config, start());
            let agent = xcp::server::XcpAgent::start(xcp::server::Config::default(), start());
            World::new(1, Faults::none(), client, vec![(target, agent)])
        };
        everywhere(
            world,
            |world| (0..3).map(|_| world.submit(agent().send(&ether()).order)).collect(),
            |world, _| {
                let call = agent().send(&ether());
                let answer = world.call(call.order, MINUTE).unwrap();
                let same = call.opener.open(&answer, &world.client.codec()).unwrap();
                assert_eq!(same, ether());
            },
        );
    }
}
