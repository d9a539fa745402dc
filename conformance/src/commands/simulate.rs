//! `gridwire simulate`

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;

use gridwire_conformance::simulation::each_seed;
use gridwire_conformance::simulation::hazelcast::{Options, Report, run_seed, try_seed};

use super::{progress, say, table};

/// Runs Hazelcast clusters and their client on a simulated network where things go wrong, one for each
/// seed, and checks what must hold: each call ends once and in time, each key's history has an order,
/// no event comes twice, nothing is held in the end.
///
/// Exit code 1 if anything did not hold; the seed and how to repeat it are printed.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// How many seeds, from the first on.
    #[arg(long, default_value_t = 1000, value_name = "COUNT")]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Run this seed alone, twice, and print what it did last.
    #[arg(long, conflicts_with_all = ["seeds", "first"])]
    seed: Option<u64>,
    /// So many lines of what happened last are printed when that one fails.
    #[arg(long, default_value_t = 200, value_name = "COUNT", requires = "seed")]
    lines: usize,
    /// So many members in each cluster, instead of one, three or seven.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u8).range(1..=64))]
    members: Option<u8>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let members = arguments.members.map(usize::from);
    let options =
        Options { members, lines: if arguments.seed.is_some() { arguments.lines } else { 0 } };
    if let Some(seed) = arguments.seed {
        // What fails, fails here with the last lines of its trace.
        let report = run_seed(seed, options);
        anyhow::ensure!(report == run_seed(seed, options), "seed {seed} differs from itself");
        show(&BTreeMap::from([(report.members, report)]));
        return Ok(ExitCode::SUCCESS);
    }
    let began = Instant::now();
    let bar = progress(usize::try_from(arguments.seeds)?, "simulating");
    let totals: Mutex<BTreeMap<usize, Report>> = Mutex::default();
    let seeds = arguments.first..arguments.first.saturating_add(arguments.seeds);
    let failed = each_seed(seeds, |seed| {
        let report = try_seed(seed, options);
        bar.inc(1);
        let report = report?;
        let mut totals = totals.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        totals.entry(report.members).or_default().add(&report);
        Ok(())
    });
    bar.finish_and_clear();
    show(&totals.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner));
    for why in failed.iter().take(10) {
        say(why);
    }
    say(format_args!(
        "{} seeds in {:.1} s, {} failed",
        arguments.seeds,
        began.elapsed().as_secs_f64(),
        failed.len()
    ));
    Ok(ExitCode::from(u8::from(!failed.is_empty())))
}

fn show(totals: &BTreeMap<usize, Report>) {
    let headings = [
        "members",
        "seeds",
        "lossy",
        "calls",
        "done",
        "retried",
        "timed out",
        "indeterminate",
        "failed",
        "cancelled",
        "troubles",
        "events",
        "histories",
        "too hard",
    ];
    let mut rows = table(&headings, &(0..headings.len()).collect::<Vec<_>>());
    for (members, it) in totals {
        let numbers = [
            *members as u64,
            it.runs,
            it.lossy,
            it.calls,
            it.done,
            it.retried,
            it.timed_out,
            it.indeterminate,
            it.failed,
            it.cancelled,
            it.troubles,
            it.events,
            it.checked.keys as u64,
            it.checked.too_hard as u64,
        ];
        rows.add_row(numbers.map(|number| number.to_string()));
    }
    say(rows);
}
