//! Two sides that do the same work, measured by turns, so that what else the machine does meets both.
//!
//! `cargo bench --bench codec -- --ratios` prints a table of them; without it criterion measures each side.

use std::time::{Duration, Instant};

use criterion::Criterion;

type Work = Box<dyn FnMut()>;

/// A piece of work, and who does it.
pub(crate) struct Comparison {
    pub(crate) what: &'static str,
    /// Who the other side is, and how it does the work.
    pub(crate) other: &'static str,
    pub(crate) theirs: Work,
    pub(crate) ours: Work,
    /// The largest ratio that is good enough, where one was set.
    pub(crate) wanted: Option<f64>,
}

/// One sample of each side takes about as long: so little that few samples meet a change of processes.
const SAMPLE: Duration = Duration::from_micros(300);
const SAMPLES: usize = 1001;

fn per_round(work: &mut Work, rounds: u32) -> f64 {
    let start = Instant::now();
    (0..rounds).for_each(|_| work());
    start.elapsed().as_secs_f64() * 1e6 / f64::from(rounds)
}

/// Prints the median time of each side and the median of their ratios.
pub(crate) fn ratios(comparisons: Vec<Comparison>) {
    println!("| what | beside | theirs, µs | ours, µs | ratio | wanted |");
    println!("|---|---|---|---|---|---|");
    for mut it in comparisons {
        let rounds = |work: &mut Work| {
            let once = (0..20).map(|_| per_round(work, 1)).fold(f64::MAX, f64::min);
            (SAMPLE.as_secs_f64() * 1e6 / once).clamp(1.0, 1e6) as u32
        };
        let (theirs, ours) = (rounds(&mut it.theirs), rounds(&mut it.ours));
        let mut samples: Vec<(f64, f64)> = (0..SAMPLES)
            .map(|_| (per_round(&mut it.theirs, theirs), per_round(&mut it.ours, ours)))
            .collect();
        let mut median = |of: fn(&(f64, f64)) -> f64| {
            samples.sort_by(|a, b| of(a).total_cmp(&of(b)));
            of(&samples[SAMPLES / 2])
        };
        println!(
            "| {} | {} | {:.2} | {:.2} | {:.2} | {} |",
            it.what,
            it.other,
            median(|s| s.0),
            median(|s| s.1),
            median(|s| s.1 / s.0),
            it.wanted.map(|most| most.to_string()).unwrap_or_default(),
        );
    }
}

/// Has criterion measure each side.
pub(crate) fn measure(c: &mut Criterion, comparisons: Vec<Comparison>) {
    for mut it in comparisons {
        let mut group = c.benchmark_group(it.what);
        group.bench_function("ours", |b| b.iter(&mut it.ours));
        group.bench_function(it.other, |b| b.iter(&mut it.theirs));
        group.finish();
    }
}
