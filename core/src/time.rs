//! The core's own clock: [`Instant`] for order and deadlines, [`Clock`] for what an engine knows of
//! time.
//!
//! Core never asks what time it is. Every input and command carries an `Instant` of the caller's
//! making: nanoseconds since any moment that stays fixed for one engine. Time that runs backwards is
//! clamped by the engine's `Clock`. Wall time, for record timestamps and token expiry, is configured
//! as the UNIX time at `Instant` 0 and can be set anew.

use core::ops::{Add, Sub};
use core::time::Duration;

/// A moment: nanoseconds since the engine's own zero. Adding saturates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instant(u64);

impl Instant {
    /// The engine's own zero.
    pub const ZERO: Self = Self(0);

    /// The moment `nanos` nanoseconds after zero.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// The moment `millis` milliseconds after zero.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// Nanoseconds since zero.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Time passed since `earlier`; zero if that is later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Instant {
    type Output = Self;
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)))
    }
}

impl Sub<Instant> for Instant {
    type Output = Duration;
    fn sub(self, earlier: Self) -> Duration {
        self.since(earlier)
    }
}

/// What an engine knows of time: the latest moment it was told, and the wall time at zero.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock {
    latest: Instant,
    unix_at_zero: Duration,
}

impl Clock {
    /// A clock at zero, where the UNIX time was `unix_at_zero`.
    pub const fn new(unix_at_zero: Duration) -> Self {
        Self { latest: Instant::ZERO, unix_at_zero }
    }

    /// Takes the caller's time, and gives it back clamped so that it never runs backwards.
    pub fn advance(&mut self, now: Instant) -> Instant {
        self.latest = self.latest.max(now);
        self.latest
    }

    /// The latest moment that the engine was told.
    pub const fn now(&self) -> Instant {
        self.latest
    }

    /// Wall time: what has passed since the UNIX epoch.
    pub fn unix(&self) -> Duration {
        self.unix_at_zero + Duration::from_nanos(self.latest.0)
    }

    /// Sets wall time anew: it is `unix` at the latest moment.
    pub fn set_unix(&mut self, unix: Duration) {
        self.unix_at_zero = unix.saturating_sub(Duration::from_nanos(self.latest.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_never_runs_backwards_and_never_overflows() {
        let mut clock = Clock::new(Duration::from_secs(1_000));
        assert_eq!(clock.advance(Instant::from_nanos(5)), Instant::from_nanos(5));
        assert_eq!(clock.advance(Instant::from_nanos(3)), Instant::from_nanos(5));
        assert_eq!(Instant::from_nanos(3) - Instant::from_nanos(5), Duration::ZERO);
        assert_eq!(Instant::from_nanos(1) + Duration::MAX, Instant::from_nanos(u64::MAX));
    }

    #[test]
    fn wall_time_follows_and_can_be_set() {
        let mut clock = Clock::new(Duration::from_secs(1_000));
        clock.advance(Instant::ZERO + Duration::from_secs(7));
        assert_eq!(clock.unix(), Duration::from_secs(1_007));
        clock.set_unix(Duration::from_secs(50));
        clock.advance(Instant::ZERO + Duration::from_secs(8));
        assert_eq!(clock.unix(), Duration::from_secs(51));
    }
}
