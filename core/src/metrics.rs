//! What an engine counts, in a form that any collector can take.
//!
//! Engines count in plain integers, since everything of one engine happens under one lock: a few adds
//! per call, no atomics. Who wants the numbers asks for a snapshot ([`Measured::metrics`]), reads its
//! fields, or goes through all of them by name ([`Report::each`]) for a collector that knows no protocol.
//!
//! Names and units are Prometheus': `…_total` only grows, times are in seconds, sizes in bytes.

use core::time::Duration;

/// An engine that counts what it does.
pub trait Measured {
    /// The snapshot.
    type Metrics: Report;

    /// How things stand.
    fn metrics(&self) -> Self::Metrics;
}

/// A snapshot that can be gone through by name.
pub trait Report {
    /// Calls `visit` with the name of each value, what it is, and the value.
    fn each(&self, visit: &mut dyn FnMut(&'static str, &'static str, Sample<'_>));
}

/// One value of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sample<'a> {
    /// It only grows.
    Counter(u64),
    /// It comes and goes.
    Gauge(u64),
    /// How long things took.
    Times(&'a Histogram),
}

/// The first bucket ends at 2 to the power of this: 4,096 ns.
const FIRST: u32 = 12;
const BUCKETS: usize = 52;

/// How long things took: counts in fixed buckets, two for each doubling, from 4.1 µs to 137 s.
///
/// ```text
///   0 .. 4.096 µs .. 6.144 µs .. 8.192 µs .. 12.288 µs .. .. .. 137.4 s .. without end
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    counts: [u64; BUCKETS],
    count: u64,
    /// In nanoseconds.
    sum: u64,
    max: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: [0; BUCKETS], count: 0, sum: 0, max: 0 }
    }
}

impl Histogram {
    /// Adds one time.
    pub fn record(&mut self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        if let Some(count) = self.counts.get_mut(bucket(nanos)) {
            *count += 1;
        }
        self.count += 1;
        self.sum = self.sum.saturating_add(nanos);
        self.max = self.max.max(nanos);
    }

    /// How many times were added.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// All of them together.
    pub const fn sum(&self) -> Duration {
        Duration::from_nanos(self.sum)
    }

    /// The longest; zero if there is none.
    pub const fn max(&self) -> Duration {
        Duration::from_nanos(self.max)
    }

    /// Each bucket: up to which time it goes, that included (`None`: without end), and how many times
    /// are in it.
    pub fn buckets(&self) -> impl Iterator<Item = (Option<Duration>, u64)> + '_ {
        self.counts.iter().enumerate().map(|(bucket, count)| (bound(bucket), *count))
    }

    /// The time that so many in a thousand did not exceed: the end of the bucket that it is in, or the
    /// longest, if that is less. Zero if there is none. 500 is the median.
    pub fn quantile(&self, per_mille: u32) -> Duration {
        let wanted = self.count.saturating_mul(u64::from(per_mille.min(1000))).div_ceil(1000);
        let mut seen = 0;
        for (bound, count) in self.buckets() {
            seen += count;
            if seen >= wanted {
                return bound.unwrap_or(Duration::MAX).min(self.max());
            }
        }
        self.max()
    }
}

/// The bucket of a time: the exponent, and whether it is in the upper half.
const fn bucket(nanos: u64) -> usize {
    let below = nanos.saturating_sub(1);
    if below >> FIRST == 0 {
        return 0;
    }
    let exponent = below.ilog2();
    let half = (below >> (exponent - 1)) & 1;
    let bucket = 2 * (exponent - FIRST) as usize + half as usize + 1;
    if bucket < BUCKETS { bucket } else { BUCKETS - 1 }
}

/// Up to which time a bucket goes; `None` for the last.
const fn bound(bucket: usize) -> Option<Duration> {
    if bucket + 1 >= BUCKETS {
        return None;
    }
    let doubled = 1 << (FIRST + bucket as u32 / 2);
    Some(Duration::from_nanos(if bucket & 1 == 0 { doubled } else { doubled / 2 * 3 }))
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn each_time_is_in_the_bucket_whose_bounds_it_is_between() {
        let bounds: Vec<_> = (0..BUCKETS).map(bound).collect();
        assert_eq!(bounds[0], Some(Duration::from_nanos(4096)));
        assert_eq!(bounds[1], Some(Duration::from_nanos(6144)));
        assert_eq!(bounds[50], Some(Duration::from_nanos(1 << 37)));
        assert_eq!(bounds[51], None);
        assert!(bounds[..51].is_sorted());
        for (number, bound) in bounds.iter().enumerate() {
            let Some(bound) = bound else { continue };
            let nanos = bound.as_nanos() as u64;
            assert_eq!((bucket(nanos), bucket(nanos + 1)), (number, number + 1), "{bound:?}");
        }
        assert_eq!((bucket(0), bucket(1), bucket(u64::MAX)), (0, 0, 51));
    }

    #[test]
    fn it_counts_and_tells_quantiles() {
        let mut times = Histogram::default();
        assert_eq!((times.quantile(500), times.max()), (Duration::ZERO, Duration::ZERO));
        for millis in 1..=1000 {
            times.record(Duration::from_millis(millis));
        }
        times.record(Duration::MAX);
        assert_eq!(times.count(), 1001);
        assert_eq!(times.buckets().map(|(_, count)| count).sum::<u64>(), 1001);
        // Within half a doubling, and not below.
        let median = times.quantile(500);
        assert!((Duration::from_millis(500)..Duration::from_millis(750)).contains(&median));
        assert_eq!(times.quantile(1000), times.max());
        assert_eq!(times.quantile(0), Duration::from_nanos(4096));
        assert!(size_of::<Histogram>() <= 512);
    }
}
