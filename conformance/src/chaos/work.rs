//! The load: lanes that put and get, each on keys of its own, so that it knows what must be there.
//!
//! A lane counts up the value of one key. After a put of which it isn't known whether it was done, the lane
//! goes on with another key, since such a put may be done at any time later; the key is kept with the two
//! values that it may have.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use gridwire_core::call::Failure;
use gridwire_core::hazelcast::error::{Error, ErrorCode};
use gridwire_tokio::HazelcastClient;
use tokio::task::JoinHandle;

use super::PATIENCE;

pub(super) type Map = gridwire_core::hazelcast::Map<i64, i64, HazelcastClient>;

/// Lanes, each with one call in flight.
pub(super) const LANES: usize = 100;

/// Between two rounds of a lane, so that the members get their share of a small machine.
const PAUSE: Duration = Duration::from_millis(20);

/// Nothing takes this long: the client's own limit is shorter.
const HANGS: Duration = PATIENCE.saturating_add(Duration::from_secs(100));

/// Errors that are shown.
const SAMPLES: usize = 10;

/// What a key must have, and what it may have instead.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known {
    acknowledged: Option<i64>,
    maybe: Option<i64>,
}

impl Known {
    fn allows(self, found: Option<i64>) -> bool {
        found == self.acknowledged || self.maybe.is_some() && found == self.maybe
    }
}

/// What one lane did.
#[derive(Debug, Default)]
pub(super) struct Lane {
    pub(super) calls: u64,
    pub(super) indeterminate: u64,
    pub(super) failed: u64,
    /// Values found that were none of those possible, while it worked.
    pub(super) wrong: u64,
    pub(super) slowest: Duration,
    /// The longest time from one success to the next.
    pub(super) pause: Duration,
    pub(super) keys: BTreeMap<i64, Known>,
    pub(super) samples: Vec<String>,
    /// A call that never ended.
    pub(super) hangs: bool,
}

/// What lanes and storms tell each other.
#[derive(Debug, Default)]
pub(super) struct Board {
    stopped: AtomicBool,
    /// Moves on before a cluster loses all it has, and after.
    life: AtomicU32,
    /// Puts that were acknowledged.
    done: AtomicU32,
}

impl Board {
    /// The cluster ends, or has ended: what was acknowledged until now need not be there any more.
    pub(super) fn forget(&self) {
        self.life.fetch_add(1, Ordering::SeqCst);
    }

    /// Waits until lanes get on again, or so long that they won't.
    pub(super) fn wait_for_work(&self) {
        let (before, began) = (self.done.load(Ordering::SeqCst), Instant::now());
        while self.done.load(Ordering::SeqCst).wrapping_sub(before) < 10 * LANES as u32
            && began.elapsed() < HANGS
        {
            std::thread::sleep(PAUSE);
        }
    }

    fn life(&self) -> u32 {
        self.life.load(Ordering::SeqCst)
    }

    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }
}

impl Lane {
    /// Awaits a call and notes how long it took.
    async fn timed<T>(
        &mut self,
        call: impl Future<Output = Result<T, Error>>,
        last: &mut Instant,
    ) -> Option<Result<T, Error>> {
        let began = Instant::now();
        let end = tokio::time::timeout(HANGS, call).await;
        self.calls += 1;
        self.slowest = self.slowest.max(began.elapsed());
        match &end {
            Ok(Ok(_)) => {
                self.pause = self.pause.max(last.elapsed());
                *last = Instant::now();
            }
            Ok(Err(_)) => {}
            Err(_) => self.hangs = true,
        }
        end.ok()
    }

    fn count(&mut self, what: &str, error: &Error) {
        if is_indeterminate(error) {
            self.indeterminate += 1;
        } else {
            self.failed += 1;
            self.note(format!("{what}: {error}"));
        }
    }

    fn note(&mut self, sample: String) {
        if self.samples.len() < SAMPLES {
            self.samples.push(sample);
        }
    }
}

/// Whether it isn't known if a call was done, as the client says it or a member.
pub(super) fn is_indeterminate(error: &Error) -> bool {
    match error {
        Error::Failure(Failure::Indeterminate(_)) => true,
        error => error.code() == Some(ErrorCode::INDETERMINATE_OPERATION_STATE),
    }
}

/// Works until it is stopped.
pub(super) async fn lane(map: Map, number: usize, board: Arc<Board>) -> Lane {
    let mut lane = Lane::default();
    let (mut value, mut generation, mut known) = (0, 0, Known::default());
    let (mut life, mut last) = (board.life(), Instant::now());
    while !board.is_stopped() {
        if board.life() != life {
            life = board.life();
            lane.keys.clear();
            known.maybe = Some(value);
        }
        if known.maybe.is_some() {
            (generation, known) = (generation + 1, Known::default());
        }
        let key = (generation * LANES + number) as i64;
        value += 1;
        let Some(put) = lane.timed(map.put(&key, &value), &mut last).await else { break };
        let before = known;
        match &put {
            Ok(_) => {
                known.acknowledged = Some(value);
                board.done.fetch_add(1, Ordering::SeqCst);
            }
            Err(error) => {
                // Only of what was surely not sent it is known that it won't be done.
                if !matches!(error, Error::Failure(Failure::NotSent(_))) {
                    known.maybe = Some(value);
                }
                lane.count("put", error);
            }
        }
        // An answer of the cluster before says nothing about this one.
        if board.life() != life {
            continue;
        }
        lane.keys.insert(key, known);
        if let Ok(old) = put
            && old != before.acknowledged
        {
            lane.wrong += 1;
            lane.note(format!("put {value} to {key} found {old:?}: {before:?}"));
        }
        if known.maybe.is_some() {
            continue;
        }
        let Some(get) = lane.timed(map.get(&key), &mut last).await else { break };
        match get {
            Ok(found) if found == known.acknowledged || board.life() != life => {}
            Ok(found) => {
                lane.wrong += 1;
                lane.note(format!("get of {key} found {found:?}: {known:?}"));
            }
            Err(error) => lane.count("get", &error),
        }
        tokio::time::sleep(PAUSE).await;
    }
    lane
}

/// What all lanes did, once they have ended.
pub(super) async fn all_end(lanes: Vec<JoinHandle<Lane>>) -> Vec<Lane> {
    join_all(lanes).await.into_iter().map(|lane| lane.expect("a lane does not panic")).collect()
}

/// Reads every key that lanes know of, and says which have what they can't.
pub(super) async fn read_back(map: &Map, lanes: &[Lane]) -> Vec<String> {
    let keys: BTreeMap<i64, Known> =
        lanes.iter().flat_map(|lane| lane.keys.iter().map(|(key, known)| (*key, *known))).collect();
    let all: Vec<i64> = keys.keys().copied().collect();
    let (mut lost, began) = (Vec::new(), Instant::now());
    for some in all.chunks(1_000) {
        // Asked again if its connection was lost, which does no harm.
        let found: BTreeMap<i64, i64> = loop {
            match map.get_all(some).await {
                Ok(found) => break found.into_iter().collect(),
                Err(error) if is_indeterminate(&error) && began.elapsed() < PATIENCE => {}
                Err(error) => return vec![format!("nothing could be read back: {error}")],
            }
        };
        for key in some {
            let (known, found) = (keys[key], found.get(key).copied());
            if !known.allows(found) {
                lost.push(format!("key {key} has {found:?} in the end: {known:?}"));
            }
        }
    }
    lost
}
