//! Workloads: the ordinary operations of each protocol, every answer checked, times kept.
//!
//! Each is written once over [`AsyncInvoker`](gridwire_core::invoker::AsyncInvoker), so that the demo
//! runs the same on every adapter and the live suite runs the same against real servers.

pub mod hazelcast;
pub mod kafka;
pub mod xcp;

use std::cell::RefCell;
use std::fmt::Display;
use std::future::Future;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

/// Errors that are kept in words; more are only counted.
const KEPT: usize = 5;

/// What a workload did.
#[derive(Debug)]
pub struct Tally {
    /// Operations that ended, well or not.
    pub operations: u64,
    /// Operations that failed, and answers that were wrong.
    pub errors: u64,
    /// The first errors, in words.
    pub samples: Vec<String>,
    /// Nanoseconds from asking to answer, up to a minute.
    latencies: Histogram<u64>,
    /// From the first operation to the end of the last.
    pub elapsed: Duration,
}

impl Tally {
    /// Operations in a second.
    pub fn throughput(&self) -> f64 {
        self.operations as f64 / self.elapsed.as_secs_f64().max(f64::EPSILON)
    }

    /// The time within which this part of the operations had its answer; `quantile` is 0 to 1.
    pub fn latency(&self, quantile: f64) -> Duration {
        Duration::from_nanos(self.latencies.value_at_quantile(quantile))
    }
}

/// Counts and times operations.
#[derive(Debug)]
pub struct Meter {
    tally: RefCell<Tally>,
    started: Instant,
}

impl Default for Meter {
    fn default() -> Self {
        let latencies = Histogram::new_with_bounds(1, 60_000_000_000, 3).expect("legal bounds");
        let tally = Tally {
            operations: 0,
            errors: 0,
            samples: Vec::new(),
            latencies,
            elapsed: Duration::ZERO,
        };
        Self { tally: RefCell::new(tally), started: Instant::now() }
    }
}

impl Meter {
    /// Runs one operation. `None` if it failed, which is counted.
    pub async fn run<T, E: Display>(
        &self,
        what: &'static str,
        operation: impl Future<Output = Result<T, E>>,
    ) -> Option<T> {
        let at = Instant::now();
        let result = operation.await;
        let mut tally = self.tally.borrow_mut();
        tally.operations += 1;
        let nanos = u64::try_from(at.elapsed().as_nanos()).unwrap_or(u64::MAX);
        tally.latencies.saturating_record(nanos.max(1));
        drop(tally);
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.wrong(|| format!("{what}: {error}"));
                None
            }
        }
    }

    /// Runs one operation and compares its answer.
    pub async fn expect<T: PartialEq + std::fmt::Debug, E: Display>(
        &self,
        what: &'static str,
        operation: impl Future<Output = Result<T, E>>,
        expected: T,
    ) {
        if let Some(value) = self.run(what, operation).await {
            self.check(value == expected, || format!("{what}: {value:?} instead of {expected:?}"));
        }
    }

    /// Counts an error unless something holds.
    pub fn check(&self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds {
            self.wrong(otherwise);
        }
    }

    fn wrong(&self, why: impl FnOnce() -> String) {
        let mut tally = self.tally.borrow_mut();
        tally.errors += 1;
        if tally.samples.len() < KEPT {
            tally.samples.push(why().chars().take(300).collect());
        }
    }

    /// What was counted.
    pub fn finish(self) -> Tally {
        let mut tally = self.tally.into_inner();
        tally.elapsed = self.started.elapsed();
        tally
    }
}

/// How much a workload does.
#[derive(Debug, Clone, Copy)]
pub struct Amount {
    /// Lanes of operations that run beside each other, each waiting for its own answers.
    pub lanes: usize,
    /// How long new rounds are begun.
    pub time: Duration,
}

/// Runs `lane` for each lane at the same time, round after round, one at least, until the time is up.
async fn in_lanes<F: Future<Output = ()>>(amount: Amount, lane: impl Fn(usize, usize) -> F) {
    let end = Instant::now() + amount.time;
    let lanes = (0..amount.lanes).map(|number| {
        let lane = &lane;
        async move {
            for round in 0.. {
                lane(number, round).await;
                if Instant::now() >= end {
                    break;
                }
            }
        }
    });
    futures_util::future::join_all(lanes).await;
}
