//! Clients' numbers for collectors that the [`metrics`] facade feeds (Prometheus, StatsD, …).
//!
//! The facade is told when somebody asks, every few seconds from a task of the user's: on the way of a
//! call there is nothing of it.

use gridwire_core::metrics::{Histogram, Report, Sample};
use metrics::{Label, counter, describe_counter, describe_gauge, gauge};

/// Tells the installed recorder a snapshot, with these labels on each value (which client it is).
///
/// ```text
/// loop { record_metrics(&client.metrics(), &[("client", "orders")]); sleep(10 s) }
/// ```
///
/// The facade has no way to hand over counted buckets, so times come as Prometheus' own counters of a
/// histogram: `…_bucket` with a label `le` in seconds, `…_count`, and `…_sum` in whole nanoseconds as
/// `…_nanoseconds_sum`, since the facade's counters are integers.
pub fn record_metrics(report: &impl Report, labels: &[(&str, &str)]) {
    let labels: Vec<Label> = labels
        .iter()
        .map(|(name, value)| Label::new((*name).to_owned(), (*value).to_owned()))
        .collect();
    report.each(&mut |name, help, sample| match sample {
        Sample::Counter(value) => {
            describe_counter!(name, help);
            counter!(name, labels.clone()).absolute(value);
        }
        Sample::Gauge(value) => {
            describe_gauge!(name, help);
            gauge!(name, labels.clone()).set(value as f64);
        }
        Sample::Times(times) => record_times(name, help, times, &labels),
    });
}

fn record_times(name: &str, help: &'static str, times: &Histogram, labels: &[Label]) {
    let bucket = format!("{name}_bucket");
    describe_counter!(bucket.clone(), help);
    let mut below = 0;
    for (bound, count) in times.buckets() {
        below += count;
        let le = bound.map_or_else(|| "+Inf".to_owned(), |bound| bound.as_secs_f64().to_string());
        let mut labels = labels.to_vec();
        labels.push(Label::new("le", le));
        counter!(bucket.clone(), labels).absolute(below);
    }
    counter!(format!("{name}_count"), labels.to_vec()).absolute(times.count());
    let nanos = u64::try_from(times.sum().as_nanos()).unwrap_or(u64::MAX);
    counter!(format!("{name}_nanoseconds_sum"), labels.to_vec()).absolute(nanos);
}
