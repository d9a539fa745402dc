//! [`Expiry`]: how long an entry lives.

use core::time::Duration;

/// How long an entry lives after it was changed, and unused. What isn't given is as the map is
/// configured; zero is for ever; what is shorter than a millisecond counts as one. A [`Duration`] is
/// the former of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expiry {
    /// Time to live: counted from the last change.
    pub ttl: Option<Duration>,
    /// Counted from the last use.
    pub max_idle: Option<Duration>,
}

impl Expiry {
    /// For ever, whatever the map is configured to.
    pub const NEVER: Self = Self { ttl: Some(Duration::ZERO), max_idle: Some(Duration::ZERO) };

    /// A time to live.
    pub const fn ttl(ttl: Duration) -> Self {
        Self { ttl: Some(ttl), max_idle: None }
    }

    /// A time unused.
    pub const fn max_idle(max_idle: Duration) -> Self {
        Self { ttl: None, max_idle: Some(max_idle) }
    }

    /// In the protocol's milliseconds.
    pub(super) fn millis(self) -> (i64, Option<i64>) {
        (self.ttl.map_or(-1, millis), self.max_idle.map(millis))
    }
}

impl From<Duration> for Expiry {
    fn from(ttl: Duration) -> Self {
        Self::ttl(ttl)
    }
}

/// Milliseconds, as members count: what is shorter than one, and something, is one.
pub(in crate::hazelcast::proxy) fn millis(duration: Duration) -> i64 {
    let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    if duration.is_zero() { 0 } else { millis.max(1) }
}
