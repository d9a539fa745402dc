//! The beginning and the end of a run, when all is well: what must hold then.

use std::time::Duration;

use gridwire_core::hazelcast::{Load, Routing};

use super::setup::Temper;
use super::{KEYS, Report, Run};

/// A pause in which what was sent arrives, and what was put off for a while is done.
const MOMENT: Duration = Duration::from_secs(12);

impl Run {
    /// Connects, uses everything once, and notes what the client holds.
    pub(super) fn begin_well(&mut self) {
        self.expect_connected();
        if self.setup.temper == Temper::Calm {
            self.subscribe();
        }
        (0..KEYS).for_each(|key| self.read(key));
        self.expect_ends();
    }

    /// Everything is made well, and the client finds its way back.
    pub(super) fn make_well(&mut self) {
        self.calm();
        // What stood still arrives, or its connection is given up.
        self.world.run_for(self.setup.faults.stall_for);
        self.expect_ends();
        self.expect_connected();
        self.note_losses();
    }

    /// Every call ends by its deadline: so all do, once the longest has passed.
    fn expect_ends(&mut self) {
        let longest = self.setup.invocation_timeout + Duration::from_millis(1);
        assert!(self.world.run_to_end(longest), "calls that have not ended");
        self.settle();
        assert!(self.doing.is_empty(), "calls without an end");
    }

    /// When all is well, nothing fails.
    fn expect_answers(&mut self) {
        let (calls, done) = (self.report.calls, self.report.done);
        let asked = self.doing.len() as u64;
        self.expect_ends();
        assert_eq!(
            (self.report.calls, self.report.done),
            (calls, done + asked),
            "calls that failed when all was well"
        );
    }

    fn expect_connected(&mut self) {
        let wanted = match self.setup.routing {
            Routing::AllMembers => self.setup.members,
            _ => 1,
        };
        let step = Duration::from_millis(500);
        let mut left = self.setup.recovery();
        while self.world.client.load().connections != wanted
            || !self.world.client.is_connected()
            || self.world.servers[0].migrations_left() > 0
        {
            self.world.run_for(step);
            self.settle();
            left = left.checked_sub(step).unwrap_or_else(|| {
                panic!("the client did not come back: {:?}", self.world.client.load())
            });
        }
    }

    /// Holds what happened against what may happen.
    pub(super) fn look(mut self) -> Report {
        // What listeners were to be registered on again, they are by now.
        self.world.run_for(MOMENT);
        self.expect_listening();
        (0..KEYS).for_each(|key| self.read(key));
        self.expect_answers();
        match self.histories.check() {
            Ok(checked) => self.report.checked = checked,
            Err(story) => panic!("{story}"),
        }
        self.expect_as_before();
        self.world.shut_down();
        assert!(self.world.is_shut_down(), "the client is not shut down");
        self.world.run_for(MOMENT);
        assert_eq!(self.world.servers[0].connections(), 0, "connections after the end");
        self.report.retried = self.world.client.metrics().requests_retried;
        self.report.lossy = u64::from(self.trouble.lost > 0);
        self.report.trace = self.world.trace().summary();
        self.report
    }

    /// Whoever listens hears of each write, once.
    fn expect_listening(&mut self) {
        self.settle();
        let ids: Vec<_> = self.listeners.keys().copied().collect();
        if self.setup.temper == Temper::Calm
            && let Some(first) = ids.first()
        {
            self.check_nothing_missed(*first);
        }
        let written: Vec<_> = (0..KEYS).map(|key| (key, self.write(key))).collect();
        self.expect_answers();
        self.world.run_for(MOMENT);
        self.settle();
        for id in ids {
            let Some(listening) = self.listeners.get(&id) else { continue };
            assert!(listening.is_registered, "a listener that was never registered");
            for one in &written {
                let times = listening.written.get(one).copied().unwrap_or(0);
                assert!(times == 1, "a listener heard {times} times of a last write to {}", one.0);
            }
            self.end_listener(id);
        }
    }

    /// The client holds what a client holds that has nothing to do.
    fn expect_as_before(&mut self) {
        self.world.run_for(MOMENT);
        let load = self.world.client.load();
        let connections = load.connections;
        let is_everywhere = self.setup.routing == Routing::AllMembers;
        let reporting = if is_everywhere && self.setup.reports_backups() { connections } else { 0 };
        let idle = Load {
            connections,
            // The cluster's views come on one, backups are reported on each.
            awaited: 1 + reporting,
            // Each has its next heartbeat.
            timers: connections,
            ..Load::default()
        };
        assert_eq!(load, idle, "the client holds more than it needs");
    }
}
