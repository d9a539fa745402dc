//! [`Backoff`]: how long to wait before trying again.
//!
//! `wait = current ± current·jitter`, then `current = min(current·multiplier, max)`. Hazelcast's
//! clients reconnect by it (1 s to 30 s, ×1.05, no jitter), Kafka's retry and reconnect by it (100 ms
//! to 1 s, ×2, ±20 %), XCP's retransmit by it. Giving up is decided before a wait, and the last wait
//! is cut so that it ends when the whole time is up.

use core::time::Duration;

use crate::rng::Rng;
use crate::time::Instant;

/// How waits grow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BackoffRules {
    /// The first wait.
    pub initial: Duration,
    /// The longest wait, before jitter.
    pub max: Duration,
    /// By how much each wait is longer than the one before; at least 1.
    pub multiplier: f64,
    /// Part of each wait that is random, up or down; 0 to 1.
    pub jitter: f64,
    /// When to give up, counted from the first attempt; `None` is never.
    pub give_up_after: Option<Duration>,
}

/// One series of attempts.
#[derive(Debug, Clone)]
pub struct Backoff {
    rules: BackoffRules,
    current: Duration,
    started: Option<Instant>,
    attempts: u32,
}

impl Backoff {
    /// A series that has not begun.
    pub fn new(rules: BackoffRules) -> Self {
        Self { rules, current: rules.initial.min(rules.max), started: None, attempts: 0 }
    }

    /// Begins the time after which to give up, if it has not begun.
    pub fn start(&mut self, now: Instant) {
        self.started.get_or_insert(now);
    }

    /// An attempt failed: when to try again, or `None` to give up.
    pub fn failed(&mut self, now: Instant, rng: &mut Rng) -> Option<Instant> {
        let started = *self.started.get_or_insert(now);
        let left = match self.rules.give_up_after {
            Some(limit) => limit.checked_sub(now - started).filter(|left| !left.is_zero())?,
            None => Duration::MAX,
        };
        self.attempts += 1;
        let spread = self.rules.jitter.clamp(0.0, 1.0) * (2.0 * rng.unit() - 1.0);
        let wait = scale(self.current, 1.0 + spread).min(left);
        self.current = scale(self.current, self.rules.multiplier.max(1.0)).min(self.rules.max);
        Some(now + wait)
    }

    /// When the whole time is up, if it has begun and has an end.
    pub fn end(&self) -> Option<Instant> {
        Some(self.started? + self.rules.give_up_after?)
    }

    /// An attempt succeeded: the next failure begins a new series.
    pub fn succeeded(&mut self) {
        *self = Self::new(self.rules);
    }

    /// Attempts that failed since the last success.
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }
}

/// `mul_f64` panics on overflow and on numbers that are none.
fn scale(duration: Duration, by: f64) -> Duration {
    Duration::try_from_secs_f64(duration.as_secs_f64() * by).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: BackoffRules = BackoffRules {
        initial: Duration::from_millis(100),
        max: Duration::from_millis(300),
        multiplier: 2.0,
        jitter: 0.0,
        give_up_after: None,
    };

    fn at(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }

    #[test]
    fn grows_to_the_longest_wait_and_starts_anew_after_success() {
        let (mut backoff, mut rng) = (Backoff::new(RULES), Rng::new([0; 32]));
        for wait in [100, 200, 300, 300] {
            assert_eq!(backoff.failed(at(0), &mut rng), Some(at(wait)));
        }
        assert_eq!(backoff.attempts(), 4);
        backoff.succeeded();
        assert_eq!(backoff.failed(at(7), &mut rng), Some(at(107)));
    }

    #[test]
    fn jitter_stays_within_its_part() {
        let mut backoff = Backoff::new(BackoffRules { jitter: 0.2, multiplier: 1.0, ..RULES });
        let mut rng = Rng::new([1; 32]);
        let waits: alloc::vec::Vec<_> =
            (0..100).map(|_| backoff.failed(at(0), &mut rng).unwrap() - at(0)).collect();
        assert!(waits.iter().all(|w| (80..=120).contains(&w.as_millis())));
        assert!(waits.windows(2).any(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn gives_up_in_time() {
        let limit = Some(Duration::from_millis(250));
        let mut backoff = Backoff::new(BackoffRules { give_up_after: limit, ..RULES });
        let mut rng = Rng::new([0; 32]);
        backoff.start(at(0));
        assert_eq!(backoff.failed(at(10), &mut rng), Some(at(110)));
        assert_eq!(backoff.failed(at(120), &mut rng), Some(at(250)), "the last wait is cut");
        assert_eq!(backoff.failed(at(250), &mut rng), None);
    }

    #[test]
    fn absurd_rules_do_not_panic() {
        let rules = BackoffRules {
            initial: Duration::MAX,
            max: Duration::MAX,
            multiplier: f64::NAN,
            jitter: f64::INFINITY,
            give_up_after: None,
        };
        let (mut backoff, mut rng) = (Backoff::new(rules), Rng::new([0; 32]));
        assert!(backoff.failed(at(1), &mut rng).is_some());
        assert!(backoff.failed(at(1), &mut rng).is_some());
    }
}
