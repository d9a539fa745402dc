//! Hazelcast's client and member on the simulated network: every call ends once, what was
//! acknowledged is there, what was not sent is not, and a seed repeats its run.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use gridwire_conformance::simulation::{Faults, World, run_seeds, seed_bytes};
use gridwire_core::call::{Caller, Failure, Opener, SubscriptionId, Ticket};
use gridwire_core::endpoint::{Engine, Start, Target};
use gridwire_core::hazelcast::{
    Answer, Client, Config, EntryEvent, EntryEvents, Error, Hazelcast, Item, Map, Member,
    MemberConfig, Structures,
};
use gridwire_core::invoker::Detached;

type Numbers = Map<i32, i64, Detached<Hazelcast>>;
type OpenValue = Opener<Hazelcast, Answer, Option<i64>>;
type OpenEvent = Opener<Hazelcast, Item, EntryEvent<i32, i64>>;

const SEEDS: u64 = 200;
const KEYS: i32 = 12;

/// A call that is under way, on keys that no other call is on.
enum Doing {
    Read(i32, OpenValue),
    /// Gives the old value.
    Swap(i32, Option<i64>, OpenValue),
    Write(Vec<i32>, Option<i64>),
    /// On any keys: only that it ends is watched.
    Look,
}

struct Run {
    world: World<Client, Member>,
    map: Numbers,
    doing: BTreeMap<Ticket, Doing>,
    /// What each key may hold: one value, or several after a write of which nobody knows.
    may_hold: BTreeMap<i32, Vec<Option<i64>>>,
    acknowledged: Vec<i64>,
    /// The listener that was there from the beginning, and what it heard.
    listener: (SubscriptionId, OpenEvent),
    heard: BTreeSet<i64>,
    /// No connection ever broke.
    is_calm: bool,
}

fn start(seed: u64) -> Run {
    let start = |part| Start {
        seed: seed_bytes(2 * seed + part),
        unix_at_zero: Duration::from_secs(1_700_000_000),
    };
    let target = Target::new("member", 5701);
    let mut member = MemberConfig::default();
    member.addresses = vec![target.clone()];
    let mut config = Config::new([target.clone()]);
    config.invocation_timeout = Duration::from_secs(30);
    let client = Client::start(config, start(0));
    let map: Numbers = Detached::new(client.codec()).map("map");
    let servers = vec![(target, Member::start(member, start(1)))];
    let mut world = World::new(seed, Faults::none(), client, servers);
    let faults = Faults::drawn(world.rng());
    world.set_faults(faults);
    let listen = map.listen(EntryEvents::ALL, true);
    let (_, listener) = world.subscribe(listen.listen);
    Run {
        world,
        map,
        doing: BTreeMap::new(),
        may_hold: (0..KEYS).map(|key| (key, vec![None])).collect(),
        acknowledged: Vec::new(),
        listener: (listener, listen.opener),
        heard: BTreeSet::new(),
        is_calm: faults.reset + faults.stall + faults.refuse == 0,
    }
}

impl Run {
    /// Keys that no call is on.
    fn free(&self) -> Vec<i32> {
        let is_used = |key| {
            self.doing.values().any(|doing| match doing {
                Doing::Read(used, _) | Doing::Swap(used, ..) => *used == key,
                Doing::Write(keys, _) => keys.contains(&key),
                Doing::Look => false,
            })
        };
        (0..KEYS).filter(|key| !is_used(*key)).collect()
    }

    /// Begins some call. `value` is written at most once.
    fn begin(&mut self, value: i64) {
        let free = self.free();
        let (Some(key), what) =
            (self.world.rng().choose(&free).copied(), self.world.rng().below(9))
        else {
            return;
        };
        let map = self.map.clone();
        let (order, doing) = match what {
            0..=2 => (map.set(&key, &value).order, Doing::Write(vec![key], Some(value))),
            3 => {
                let call = map.put(&key, &value);
                (call.order, Doing::Swap(key, Some(value), call.opener))
            }
            4 => {
                let call = map.remove(&key);
                (call.order, Doing::Swap(key, None, call.opener))
            }
            5 => {
                let keys: Vec<_> = free.into_iter().take(4).collect();
                let order = map.put_all(keys.iter().map(|key| (key, &value))).order;
                (order, Doing::Write(keys, Some(value)))
            }
            6 | 7 => {
                let call = map.get(&key);
                (call.order, Doing::Read(key, call.opener))
            }
            _ => (map.get_all(&(0..KEYS).collect::<Vec<_>>()).order, Doing::Look),
        };
        let ticket = self.world.submit(order);
        self.doing.insert(ticket, doing);
    }

    /// Looks at the calls that have ended since.
    fn settle(&mut self) {
        let tickets: Vec<_> = self.doing.keys().copied().collect();
        for ticket in tickets {
            let Some(end) = self.world.outcome(ticket) else { continue };
            let Some(doing) = self.doing.remove(&ticket) else { continue };
            self.ended(doing, end);
        }
        while let Some((id, item)) = self.world.item() {
            if id == self.listener.0 {
                let codec = self.world.client.codec();
                let event = self.listener.1.open(&item, &codec).unwrap();
                self.heard.extend(event.value);
            }
        }
    }

    fn ended(&mut self, doing: Doing, end: Result<Answer, Error>) {
        let codec = self.world.client.codec();
        match doing {
            Doing::Look => {}
            Doing::Read(key, opener) => {
                let Ok(answer) = end else { return };
                let value = opener.open(&answer, &codec).unwrap();
                self.saw(key, value);
                self.may_hold.insert(key, vec![value]);
            }
            Doing::Swap(key, value, opener) => {
                if let Ok(answer) = &end {
                    self.saw(key, opener.open(answer, &codec).unwrap());
                }
                self.wrote(&[key], value, end);
            }
            Doing::Write(keys, value) => self.wrote(&keys, value, end),
        }
    }

    fn saw(&self, key: i32, value: Option<i64>) {
        let expected = &self.may_hold[&key];
        assert!(expected.contains(&value), "key {key} has {value:?}, expected one of {expected:?}");
    }

    fn wrote(&mut self, keys: &[i32], value: Option<i64>, end: Result<Answer, Error>) {
        match end {
            Ok(_) => {
                self.acknowledged.extend(value);
                self.may_hold.extend(keys.iter().map(|key| (*key, vec![value])));
            }
            // A call on several keys may have been carried out for some.
            Err(Error::Failure(Failure::NotSent(_) | Failure::TimedOut { sent: false }))
                if keys.len() == 1 => {}
            Err(_) => self.unknown(keys, value),
        }
    }

    fn unknown(&mut self, keys: &[i32], value: Option<i64>) {
        for key in keys {
            self.may_hold.entry(*key).or_default().push(value);
        }
    }

    fn cancel(&mut self, which: u64) {
        let tickets: Vec<_> = self.doing.keys().copied().collect();
        let Some(ticket) = tickets.get(which as usize % tickets.len().max(1)) else { return };
        self.world.cancel(*ticket);
        match self.doing.remove(ticket) {
            Some(Doing::Swap(key, value, _)) => self.unknown(&[key], value),
            Some(Doing::Write(keys, value)) => self.unknown(&keys, value),
            _ => {}
        }
    }
}

/// A run of mixed calls under faults drawn from the seed.
fn run(seed: u64) -> ((u64, u64), usize) {
    let mut run = start(seed);
    assert!(run.world.run_to_end(Duration::from_secs(60)), "not subscribed");
    let second = run.map.listen(EntryEvents::REMOVED, false);
    let (subscribed, second) = run.world.subscribe(second.listen);
    for n in 0..60 {
        run.begin(n);
        let pause = Duration::from_millis(run.world.rng().below(60));
        run.world.run_for(pause);
        run.settle();
        match run.world.rng().below(60) {
            0..=5 => {
                let which = run.world.rng().next_u64();
                run.cancel(which);
            }
            6 => {
                run.world.reset_all();
                run.is_calm = false;
            }
            7 if !run.world.is_ended(second) => run.world.unsubscribe(second),
            _ => {}
        }
    }
    assert!(run.world.run_to_end(Duration::from_secs(120)), "calls that have not ended");
    let _ = run.world.outcome(subscribed);
    run.settle();
    // On a network that is well again, everything that was acknowledged is there.
    run.world.set_faults(Faults::none());
    for key in 0..KEYS {
        let call = run.map.get(&key);
        let answer = run.world.call(call.order, Duration::from_secs(60)).unwrap();
        let codec = run.world.client.codec();
        run.saw(key, call.opener.open(&answer, &codec).unwrap());
    }
    run.settle();
    if run.is_calm {
        let missed: Vec<_> = run.acknowledged.iter().filter(|v| !run.heard.contains(v)).collect();
        assert!(missed.is_empty(), "the listener never heard of {missed:?}");
    }
    run.world.shut_down();
    assert!(run.world.is_shut_down());
    (run.world.trace().summary(), run.acknowledged.len())
}

#[test]
fn every_call_ends_once_and_what_was_acknowledged_is_there() {
    let runs = run_seeds(SEEDS, run);
    let digests: BTreeSet<_> = runs.iter().map(|(digest, _)| digest).collect();
    assert!(digests.len() as u64 > SEEDS - 10, "different seeds give different runs");
    let acknowledged: usize = runs.iter().map(|(_, acknowledged)| acknowledged).sum();
    assert!(acknowledged as u64 > SEEDS * 10, "{acknowledged}");
}
