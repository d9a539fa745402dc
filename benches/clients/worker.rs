//! A client in a process of its own: it is told by a line what to do, and says by one what that cost.
//!
//! ```text
//!   <- ready
//!   -> get 32 1.0          operation, calls in flight, seconds
//!   <- 51234 1000412 987654   operations, microseconds that passed, microseconds of CPU
//! ```
//!
//! The other languages' programs do the same.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use crate::side::{Operation, Side, Stop, Work, start};

/// What was done, and what it took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Done {
    pub(crate) operations: u64,
    pub(crate) time: Duration,
    pub(crate) cpu: Duration,
}

/// CPU time of this process, all threads, user and system.
pub(crate) fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.cast_unsigned(), time.tv_nsec as u32)
}

/// Works a tenth of the time unmeasured, so that what is done once isn't counted, and then measured.
pub(crate) fn measure(side: &mut dyn Side, work: Work) -> Done {
    side.work(work.operation, work.depth, &Stop::after(work.time / 10));
    let stop = Stop::after(work.time);
    let (began, before) = (Instant::now(), cpu());
    let operations = side.work(work.operation, work.depth, &stop);
    Done { operations, time: began.elapsed(), cpu: cpu().saturating_sub(before) }
}

/// The process's side: until its input ends.
pub(crate) fn work(side: &str, at: SocketAddr) {
    let mut it = start(side, at).unwrap_or_else(|| panic!("no side {side}"));
    println!("ready");
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let [operation, depth, time] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("what is {line}?")
        };
        let operation = Operation::named(operation);
        let (depth, time) = (depth.parse().unwrap(), time.parse().unwrap());
        let work = Work { operation, depth, time: Duration::from_secs_f64(time) };
        let Done { operations, time, cpu } = measure(&mut *it, work);
        println!("{operations} {} {}", time.as_micros(), cpu.as_micros());
    }
}
