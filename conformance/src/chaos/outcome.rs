//! [`Outcome`]: what became of the calls and events of a run, and its table.

use std::fmt;
use std::time::Duration;

use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{CellAlignment, Table};
use gridwire_core::hazelcast::client::Metrics;

use super::Storm;
use super::listen::Heard;
use super::work::Lane;

/// Errors that are shown.
const SAMPLES: usize = 10;

/// What became of the calls and events of a run.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What was done to the cluster.
    pub storm: Storm,
    /// How often.
    pub storms: u32,
    /// Calls that were made.
    pub calls: u64,
    /// Requests that were sent again.
    pub retried: u64,
    /// Calls that ended without it being known whether they were done.
    pub indeterminate: u64,
    /// Calls that ended with another error.
    pub failed: u64,
    /// Acknowledged writes that were not there, and values that nobody can have written.
    pub lost: u64,
    /// Calls that did not end.
    pub hanging: u64,
    /// The longest call.
    pub slowest: Duration,
    /// The longest time that one of the lanes went without a success.
    pub pause: Duration,
    /// Events that listeners heard, all together.
    pub events: u64,
    /// Those of them that the same listener had heard before.
    pub doubled: u64,
    /// After all that, calls succeeded and each listener heard of each.
    pub goes_on: bool,
    /// Members gave each other up that nobody had stopped, as they do on a machine with too much to do. What
    /// one part acknowledged and the other did not is lost by their own rules when they merge.
    pub split: bool,
    /// Some of what went wrong.
    pub samples: Vec<String>,
}

impl Outcome {
    /// What lanes and listeners know, and what was lost.
    pub(super) fn new(
        lanes: Vec<Lane>,
        lost: Vec<String>,
        heard: Vec<Heard>,
        metrics: &Metrics,
    ) -> Self {
        let sum = |of: fn(&Lane) -> u64| lanes.iter().map(of).sum::<u64>();
        let longest =
            |of: fn(&Lane) -> Duration| lanes.iter().map(of).max().unwrap_or(Duration::ZERO);
        Self {
            storm: Storm::Crash,
            storms: 0,
            calls: sum(|lane| lane.calls),
            retried: metrics.requests_retried,
            indeterminate: sum(|lane| lane.indeterminate),
            failed: sum(|lane| lane.failed),
            lost: lost.len() as u64 + sum(|lane| lane.wrong),
            hanging: sum(|lane| u64::from(lane.hangs)) + metrics.calls_in_flight,
            slowest: longest(|lane| lane.slowest),
            pause: longest(|lane| lane.pause),
            events: heard.iter().map(|heard| heard.events).sum(),
            doubled: heard.iter().map(|heard| heard.doubled).sum(),
            goes_on: false,
            split: false,
            samples: lost
                .into_iter()
                .chain(heard.into_iter().flat_map(|heard| heard.samples))
                .chain(lanes.into_iter().flat_map(|lane| lane.samples))
                .take(SAMPLES)
                .collect(),
        }
    }

    /// Whether all is as it has to be: nothing lost (unless members split), nothing hangs, nothing heard
    /// twice, and it goes on.
    pub fn is_good(&self) -> bool {
        (self.lost == 0 || self.split)
            && self.hanging == 0
            && self.doubled == 0
            && self.goes_on
            && self.calls > 0
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new();
        let columns = [
            ("calls", self.calls.to_string()),
            ("retried", self.retried.to_string()),
            ("indeterminate", self.indeterminate.to_string()),
            ("failed", self.failed.to_string()),
            ("lost", self.lost.to_string()),
            ("hanging", self.hanging.to_string()),
            ("slowest", seconds(self.slowest)),
            ("longest pause", seconds(self.pause)),
            ("events", self.events.to_string()),
            ("doubled", self.doubled.to_string()),
            ("goes on", if self.goes_on { "yes" } else { "no" }.to_owned()),
        ];
        table.load_style(UTF8_BORDERS_ONLY).set_header(columns.iter().map(|(name, _)| *name));
        for column in table.column_iter_mut() {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table.add_row(columns.into_iter().map(|(_, value)| value));
        let split =
            if self.split { "; members that nobody stopped gave each other up" } else { "" };
        writeln!(f, "{}, {} times{split}", self.storm, self.storms)?;
        write!(f, "{table}")?;
        self.samples.iter().try_for_each(|sample| write!(f, "\n{sample}"))
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}
