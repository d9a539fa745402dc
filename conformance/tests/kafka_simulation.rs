//! Kafka's client and broker on the simulated network: every call ends once, acknowledged records are
//! in the log where the broker said and as they were sent, readers miss nothing, and a seed repeats
//! its run.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use gridwire_conformance::simulation::{Faults, World, run_seeds, seed_bytes};
use gridwire_core::call::{Caller, Failure, Opener, Ticket};
use gridwire_core::endpoint::{Engine, Start, Target};
use gridwire_core::invoker::Detached;
use gridwire_core::kafka::server::{self, Broker};
use gridwire_core::kafka::{
    Acks, Answer, Client, Config, Error, FetchOnce, FetchedBatch, Kafka, KafkaExt, Position,
    Record, RecordMetadata,
};

const SEEDS: u64 = 200;
const TOPIC: &str = "orders";
const PARTITIONS: i32 = 3;
const SENDS: u64 = 60;

/// A record in the log, or as it was sent: number, key, value, header.
type Seen = (u64, Option<Vec<u8>>, Vec<u8>, Option<Vec<u8>>);

struct Sent {
    number: u64,
    record: Record,
    opener: Opener<Kafka, Answer, RecordMetadata>,
}

fn record(number: u64, most: u64) -> Record {
    // Of very different sizes: some fill a batch alone.
    let value = format!("{number}:{}", "x".repeat((number * 7919 % most) as usize));
    let record = match number % 4 {
        0 => Record::value(value),
        1 => Record::keyed(format!("key {}", number % 7), value),
        _ => Record::value(value).to_partition((number % 3) as i32),
    };
    record.header("number", bytes::Bytes::copy_from_slice(&number.to_be_bytes()))
}

fn seen(batch: &FetchedBatch) -> Vec<(i64, Seen)> {
    let whole = |bytes: &[u8]| bytes.to_vec();
    let records = batch.records().map(|record| {
        let value = record.value.unwrap_or_default();
        let number = value.split(|byte| *byte == b':').next().unwrap();
        let number = std::str::from_utf8(number).unwrap().parse().unwrap();
        let header = record.headers.iter().next().and_then(|header| header.value);
        (record.offset, (number, record.key.map(whole), value.to_vec(), header.map(whole)))
    });
    records.collect()
}

fn as_sent(number: u64, record: &Record) -> Seen {
    let value = record.value.clone().unwrap_or_default().to_vec();
    let header = record.headers.first().and_then(|header| header.value.clone());
    (number, record.key.clone().map(Vec::from), value, header.map(Vec::from))
}

fn world(seed: u64) -> World<Client, Broker> {
    let target = Target::new("broker", 9092);
    let start = |part| Start {
        seed: seed_bytes(2 * seed + part),
        unix_at_zero: Duration::from_secs(1_700_000_000),
    };
    let broker = server::Config {
        advertised: Some(target.clone()),
        topics: vec![(TOPIC.into(), PARTITIONS as u32)],
        ..server::Config::default()
    };
    let mut config = Config::new([target.clone()]);
    config.delivery_timeout = Duration::from_secs(30);
    config.api_timeout = Duration::from_secs(30);
    config.request_timeout = Duration::from_secs(10);
    config.batch_size = [200, 2_000, 16_384][(seed % 3) as usize];
    config.max_in_flight = if seed.is_multiple_of(2) { 5 } else { 1 };
    config.retry_indeterminate = seed % 4 == 1;
    let (client, broker) = (Client::start(config, start(0)), Broker::start(broker, start(1)));
    World::new(seed, Faults::none(), client, vec![(target, broker)])
}

/// The whole log of a partition.
fn log(
    world: &mut World<Client, Broker>,
    kafka: &Detached<Kafka>,
    partition: i32,
) -> BTreeMap<i64, Seen> {
    let end = world.servers[0].end_offset(TOPIC, partition).unwrap();
    let (mut log, mut offset) = (BTreeMap::new(), 0);
    while offset < end {
        let call = kafka.consumer().fetch(FetchOnce {
            topic: TOPIC.into(),
            partition,
            offset,
            max_bytes: 5_000,
            min_bytes: 1,
            max_wait: Duration::ZERO,
        });
        let answer = world.call(call.order, Duration::from_secs(60)).unwrap();
        let fetched = call.opener.open(&answer, &world.client.codec()).unwrap();
        assert!(fetched.next_offset > offset, "no progress");
        offset = fetched.next_offset;
        log.extend(fetched.batches.iter().flat_map(seen));
    }
    assert!(log.keys().copied().eq(0..end), "offsets are dense");
    log
}

/// A run of mixed calls under faults drawn from the seed.
fn run(seed: u64) -> ((u64, u64), usize) {
    let mut world = world(seed);
    let faults = Faults::drawn(world.rng());
    world.set_faults(faults);
    let most = if faults.piece < 100 { 60 } else { 6_000 };
    let kafka: Detached<Kafka> = Detached::new(world.client.codec());
    let reading = kafka.consumer().read(TOPIC, 0..PARTITIONS, Position::Earliest);
    let (registered, reader) = world.subscribe(reading.listen);
    let mut read: BTreeMap<i32, Vec<(i64, Seen)>> = BTreeMap::new();

    let mut sent: BTreeMap<Ticket, Sent> = BTreeMap::new();
    let mut others = Vec::new();
    for number in 0..SENDS {
        match world.rng().below(8) {
            0 => others.push(world.submit(kafka.admin().topics([TOPIC]).order)),
            1 => {
                let offsets = kafka.admin().list_offsets(TOPIC, 0..PARTITIONS, Position::Latest);
                others.push(world.submit(offsets.order));
            }
            _ => {}
        }
        let acks = [Acks::All, Acks::All, Acks::Leader, Acks::None][world.rng().below(4) as usize];
        let record = record(number, most);
        let call = kafka.producer(TOPIC).acks(acks).send(record.clone());
        sent.insert(world.submit(call.order), Sent { number, record, opener: call.opener });
        let pause = Duration::from_millis(world.rng().below(60));
        world.run_for(pause);
        let room = world.rng().below(4) as usize;
        world.demand(reader, room);
        match world.rng().below(40) {
            0..4 => others.extend(sent.pop_last().map(|(ticket, _)| ticket)),
            4 => world.reset_all(),
            _ => {}
        }
        if world.rng().below(8) == 0
            && let Some(ticket) = others.pop()
            && world.outcome(ticket).is_none()
        {
            world.cancel(ticket);
        }
    }
    assert!(world.run_to_end(Duration::from_secs(60)), "calls that have not ended");

    // On a network that is well again, everything that was acknowledged is there, and as it was sent.
    // What is still under way arrives first.
    world.set_faults(Faults::none());
    world.run_for(Duration::from_secs(60));
    let registered = world.outcome(registered).unwrap();
    let logs: BTreeMap<i32, BTreeMap<i64, Seen>> =
        (0..PARTITIONS).map(|partition| (partition, log(&mut world, &kafka, partition))).collect();
    let twice_is_fair = seed % 4 == 1;
    let all: Vec<u64> = logs.values().flat_map(BTreeMap::values).map(|seen| seen.0).collect();
    let distinct: BTreeSet<u64> = all.iter().copied().collect();
    assert!(twice_is_fair || distinct.len() == all.len(), "records are stored twice");
    let (mut last, mut acknowledged) = (BTreeMap::new(), 0);
    let mut sent: Vec<_> = sent.into_iter().collect();
    sent.sort_by_key(|(_, sent)| sent.number);
    for (ticket, Sent { number, record, opener }) in sent {
        match world.outcome(ticket) {
            Some(Ok(answer)) => {
                let stored = opener.open(&answer, &world.client.codec()).unwrap();
                let Some(offset) = stored.offset else { continue };
                let found = logs[&stored.partition].get(&offset);
                assert_eq!(found, Some(&as_sent(number, &record)), "of what was acknowledged");
                let before = last.insert(stored.partition, offset);
                assert!(before.is_none_or(|at| at < offset), "{number} overtook: {stored:?}");
                acknowledged += 1;
            }
            Some(Err(Error::Failure(Failure::NotSent(_) | Failure::TimedOut { sent: false }))) => {
                assert!(!distinct.contains(&number), "{number} was not sent, and is in the log");
            }
            _ => {}
        }
    }
    // A reader that was told that it reads misses nothing, and gets nothing twice.
    if registered.is_ok() {
        world.demand(reader, 10_000);
        world.run_for(Duration::from_secs(60));
        assert!(!world.is_ended(reader), "the reader ended");
        while let Some((_, batch)) = world.item() {
            read.entry(batch.partition()).or_default().extend(seen(&batch));
        }
        for (partition, log) in &logs {
            let got = read.remove(partition).unwrap_or_default();
            assert!(got.iter().map(|(at, seen)| (at, seen)).eq(log), "partition {partition}");
        }
    }
    world.shut_down();
    assert!(world.is_shut_down());
    (world.trace().summary(), acknowledged)
}

#[test]
fn every_call_ends_once_and_what_was_acknowledged_is_in_the_log() {
    let runs = run_seeds(SEEDS, run);
    let digests: BTreeSet<_> = runs.iter().map(|(digest, _)| digest).collect();
    assert!(digests.len() as u64 > SEEDS - 10, "different seeds give different runs");
    let acknowledged: usize = runs.iter().map(|(_, acknowledged)| acknowledged).sum();
    assert!(acknowledged as u64 > SEEDS * 10, "{acknowledged}");
}
