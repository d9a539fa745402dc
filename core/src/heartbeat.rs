//! [`Heartbeat`]: is the other end of a connection still there?
//!
//! ```text
//!   last read          +interval           +2 intervals ...    +timeout
//!      |------------------|-------------------|-------------------|
//!      any byte restarts  Ping                Ping                Dead
//! ```
//!
//! Hazelcast and XCP ping a connection that was silent for an interval and give it up after a
//! timeout; Kafka has no ping and closes what nobody has used for long ([`Pulse::Idle`]). Reading
//! and writing only note the time, so a busy connection costs no timer: the engine arms one at
//! [`Heartbeat::deadline`] and asks [`Heartbeat::check`] when it fires.

use core::time::Duration;

use crate::time::Instant;

/// The rules of a family, as configured. `None` switches a rule off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HeartbeatRules {
    /// Silence of the peer after which it is pinged, and between two pings.
    pub interval: Option<Duration>,
    /// Silence of the peer after which it counts as dead.
    pub timeout: Option<Duration>,
    /// Silence of both sides after which the connection isn't worth keeping.
    pub idle: Option<Duration>,
}

/// What a connection's silence asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pulse {
    /// Nothing yet.
    Fine,
    /// Send a ping.
    Ping,
    /// The peer was silent for too long.
    Dead,
    /// Nobody has used the connection for too long.
    Idle,
}

/// When a connection was last heard and used.
#[derive(Debug, Clone, Copy)]
pub struct Heartbeat {
    last_read: Instant,
    last_used: Instant,
    last_ping: Instant,
}

impl Heartbeat {
    /// A connection that was heard just now.
    pub const fn new(now: Instant) -> Self {
        Self { last_read: now, last_used: now, last_ping: now }
    }

    /// Bytes came.
    pub fn on_read(&mut self, now: Instant) {
        self.last_read = now;
        self.last_used = now;
    }

    /// Something other than a ping was sent.
    pub fn on_write(&mut self, now: Instant) {
        self.last_used = now;
    }

    /// What is due at `now`. A ping that is due counts as sent.
    pub fn check(&mut self, now: Instant, rules: &HeartbeatRules) -> Pulse {
        if rules.timeout.is_some_and(|timeout| now >= self.last_read + timeout) {
            return Pulse::Dead;
        }
        if rules.idle.is_some_and(|idle| now >= self.last_used + idle) {
            return Pulse::Idle;
        }
        if rules.interval.is_some_and(|interval| now >= self.quiet_since() + interval) {
            self.last_ping = now;
            return Pulse::Ping;
        }
        Pulse::Fine
    }

    /// When [`Heartbeat::check`] is next worth asking.
    pub fn deadline(&self, rules: &HeartbeatRules) -> Option<Instant> {
        let ping = rules.interval.map(|interval| self.quiet_since() + interval);
        let dead = rules.timeout.map(|timeout| self.last_read + timeout);
        let idle = rules.idle.map(|idle| self.last_used + idle);
        [ping, dead, idle].into_iter().flatten().min()
    }

    fn quiet_since(&self) -> Instant {
        self.last_read.max(self.last_ping)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: HeartbeatRules = HeartbeatRules {
        interval: Some(Duration::from_secs(5)),
        timeout: Some(Duration::from_secs(12)),
        idle: None,
    };

    fn at(seconds: u64) -> Instant {
        Instant::from_millis(seconds * 1_000)
    }

    #[test]
    fn pings_the_silent_and_gives_them_up() {
        let mut heart = Heartbeat::new(at(0));
        assert_eq!(heart.deadline(&RULES), Some(at(5)));
        assert_eq!(heart.check(at(4), &RULES), Pulse::Fine);
        assert_eq!(heart.check(at(5), &RULES), Pulse::Ping);
        assert_eq!(heart.deadline(&RULES), Some(at(10)));
        assert_eq!(heart.check(at(10), &RULES), Pulse::Ping);
        assert_eq!(heart.deadline(&RULES), Some(at(12)));
        assert_eq!(heart.check(at(12), &RULES), Pulse::Dead);
    }

    #[test]
    fn any_read_restarts_and_own_writes_do_not() {
        let mut heart = Heartbeat::new(at(0));
        heart.on_read(at(4));
        heart.on_write(at(8));
        assert_eq!(heart.check(at(8), &RULES), Pulse::Fine);
        assert_eq!(heart.check(at(9), &RULES), Pulse::Ping);
        assert_eq!(heart.check(at(16), &RULES), Pulse::Dead);
    }

    #[test]
    fn what_nobody_uses_is_idle() {
        let rules = HeartbeatRules { idle: Some(Duration::from_secs(9)), ..Default::default() };
        let mut heart = Heartbeat::new(at(0));
        heart.on_write(at(5));
        assert_eq!(heart.check(at(9), &rules), Pulse::Fine);
        assert_eq!(heart.deadline(&rules), Some(at(14)));
        assert_eq!(heart.check(at(14), &rules), Pulse::Idle);
        assert_eq!(heart.deadline(&HeartbeatRules::default()), None);
    }
}
