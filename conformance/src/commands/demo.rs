//! `gridwire`, `gridwire demo`

use std::process::ExitCode;
use std::time::Duration;

use gridwire_conformance::demo::{self, Peers, Replayed, Row};
use gridwire_conformance::workload::Amount;

use super::{progress, say, table};

/// Starts embedded peers of all protocols, works on them through every adapter, replays the captures
/// of the tree, and checks every answer.
///
/// Exit code 1 if any check fails.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Arguments {
    /// Seconds for each protocol on each adapter; 1 by default.
    #[arg(long, value_name = "SECONDS")]
    time: Option<f64>,
    /// Operations that are in flight together; 32 by default.
    #[arg(long, value_name = "COUNT")]
    lanes: Option<usize>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let seconds = arguments.time.unwrap_or(1.0);
    let time = Duration::try_from_secs_f64(seconds)
        .map_err(|error| anyhow::anyhow!("--time {seconds}: {error}"))?;
    let amount = Amount { lanes: arguments.lanes.unwrap_or(32).max(1), time };
    let files = demo::captures();
    let bar = progress(demo::ROWS + files.len(), "at work");
    let peers = Peers::start()?;
    let mut rows: Vec<Row> = Vec::new();
    demo::run(&peers, amount, |row| {
        if bar.is_hidden() {
            say(format_args!(
                "{} on {}: {} operations, {} errors",
                row.protocol, row.adapter, row.tally.operations, row.tally.errors
            ));
        }
        rows.push(row);
        bar.inc(1);
    });
    let replayed = demo::replay_all(&files, || bar.inc(1));
    bar.finish_and_clear();
    show(&rows, &replayed);
    let failed = rows.iter().any(|row| row.tally.errors > 0 || row.tally.operations == 0);
    Ok(ExitCode::from(u8::from(failed || !replayed.errors.is_empty())))
}

fn show(rows: &[Row], replayed: &Replayed) {
    let headings = ["protocol", "adapter", "operations", "errors", "per second", "p50", "p99"];
    let mut lines = table(&headings, &[2, 3, 4, 5, 6]);
    for Row { protocol, adapter, tally } in rows {
        lines.add_row([
            (*protocol).to_owned(),
            (*adapter).to_owned(),
            tally.operations.to_string(),
            tally.errors.to_string(),
            format!("{:.0}", tally.throughput()),
            micros(tally.latency(0.5)),
            micros(tally.latency(0.99)),
        ]);
    }
    say(lines);
    if replayed.files == 0 {
        say("no captures here: nothing was replayed");
    } else {
        say(format_args!(
            "{} captured sessions: {} messages decoded and encoded to the same bytes, {} not declared yet, {} wrong",
            replayed.files,
            replayed.same,
            replayed.undeclared,
            replayed.errors.len()
        ));
    }
    let samples = rows.iter().flat_map(|row| {
        row.tally
            .samples
            .iter()
            .map(move |why| format!("{} on {}: {why}", row.protocol, row.adapter))
    });
    for why in samples.chain(replayed.errors.iter().take(10).cloned()) {
        say(format_args!("wrong: {why}"));
    }
}

fn micros(time: Duration) -> String {
    format!("{:.0} µs", time.as_secs_f64() * 1e6)
}
