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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use metrics::{Counter, Gauge, Key, KeyName, Metadata, Recorder, SharedString, Unit};

    use super::*;

    /// Keeps what it is told, by name and labels.
    #[derive(Default)]
    struct Kept(Mutex<BTreeMap<String, Arc<AtomicU64>>>);

    impl Kept {
        fn cell(&self, key: &Key) -> Arc<AtomicU64> {
            let labels: Vec<_> =
                key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
            let name = format!("{}{{{}}}", key.name(), labels.join(","));
            Arc::clone(self.0.lock().unwrap().entry(name).or_default())
        }

        fn value(&self, name: &str) -> u64 {
            self.0.lock().unwrap()[name].load(Ordering::Relaxed)
        }
    }

    impl Recorder for Kept {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, help: SharedString) {
            assert!(!help.is_empty());
        }
        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, help: SharedString) {
            assert!(!help.is_empty());
        }
        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            Counter::from_arc(self.cell(key))
        }
        fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::from_arc(self.cell(key))
        }
        fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> metrics::Histogram {
            metrics::Histogram::noop()
        }
    }

    struct Numbers(Histogram);

    impl Report for Numbers {
        fn each(&self, visit: &mut dyn FnMut(&'static str, &'static str, Sample<'_>)) {
            visit("calls_total", "Calls.", Sample::Counter(7));
            visit("open", "Connections.", Sample::Gauge(3));
            visit("call_seconds", "Times.", Sample::Times(&self.0));
        }
    }

    #[test]
    fn a_snapshot_is_told_with_its_labels_and_buckets_add_up() {
        let mut times = Histogram::default();
        for nanos in [1, 5_000, 7_000, u64::MAX] {
            times.record(Duration::from_nanos(nanos));
        }
        let kept = Kept::default();
        metrics::with_local_recorder(&kept, || {
            record_metrics(&Numbers(times.clone()), &[("client", "a")]);
            // Told again, it is the same and not more.
            record_metrics(&Numbers(times), &[("client", "a")]);
        });
        assert_eq!(kept.value("calls_total{client=a}"), 7);
        assert_eq!(kept.value("open{client=a}"), 3.0f64.to_bits());
        assert_eq!(kept.value("call_seconds_bucket{client=a,le=0.000004096}"), 1);
        assert_eq!(kept.value("call_seconds_bucket{client=a,le=0.000006144}"), 2);
        assert_eq!(kept.value("call_seconds_bucket{client=a,le=0.000008192}"), 3);
        assert_eq!(kept.value("call_seconds_bucket{client=a,le=+Inf}"), 4);
        assert_eq!(kept.value("call_seconds_count{client=a}"), 4);
    }
}
