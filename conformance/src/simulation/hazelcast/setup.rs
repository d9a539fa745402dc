//! [`Setup`]: what a seed draws before anything happens.

use std::time::Duration;

use gridwire_core::endpoint::Target;
use gridwire_core::hazelcast::{Config, LoadBalancer, MemberConfig, Reconnect, Routing};
use gridwire_core::rng::Rng;

use super::Options;
use crate::simulation::Faults;

/// How much goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Temper {
    /// Nothing: the network is slow at most.
    Calm,
    /// No more members at once than there are backups.
    Careful,
    /// As it comes.
    Reckless,
}

/// A cluster and its client.
#[derive(Debug, Clone)]
pub(super) struct Setup {
    pub(super) members: usize,
    pub(super) backups: usize,
    pub(super) temper: Temper,
    pub(super) faults: Faults,
    /// The client connects before anything goes wrong.
    pub(super) starts_well: bool,
    pub(super) routing: Routing,
    pub(super) redo: bool,
    pub(super) fails_on_indeterminate: bool,
    pub(super) invocation_timeout: Duration,
    pub(super) backup_ack_timeout: Duration,
    reports_backups: bool,
    reconnect: Reconnect,
    is_random: bool,
    heartbeat: (Duration, Duration),
    connection_timeout: Duration,
    partitions: u16,
    replication_delay: Duration,
    detection_delay: Duration,
    pub(super) member_timeout: Duration,
    migration_time: Duration,
    forwards: bool,
}

impl Setup {
    pub(super) fn draw(rng: &mut Rng, options: Options) -> Self {
        let millis = |rng: &mut Rng, from: &[u64]| {
            Duration::from_millis(rng.choose(from).copied().unwrap_or(0))
        };
        let members = options.members.unwrap_or_else(|| pick(rng, &[1, 3, 3, 3, 7])).max(1);
        let temper = pick(
            rng,
            &[
                Temper::Calm,
                Temper::Careful,
                Temper::Careful,
                Temper::Careful,
                Temper::Reckless,
                Temper::Reckless,
            ],
        );
        let backups = pick(rng, &[0, 1, 1, 1, 1, 2]).min(members - 1);
        let mut faults = Faults::drawn(rng);
        if faults.piece == 1 && !rng.below(4).is_multiple_of(4) {
            // Byte by byte is slow to simulate: not that often.
            faults.piece = 33;
        }
        if temper == Temper::Calm {
            faults = Faults { reset: 0, stall: 0, refuse: 0, ..faults };
        }
        let interval = millis(rng, &[500, 1_000, 5_000]);
        let mut setup = Self {
            members,
            backups,
            temper,
            faults,
            starts_well: temper == Temper::Calm || rng.below(3) > 0,
            routing: pick(
                rng,
                &[
                    Routing::AllMembers,
                    Routing::AllMembers,
                    Routing::AllMembers,
                    Routing::SingleMember,
                ],
            ),
            redo: rng.below(3) == 0,
            fails_on_indeterminate: rng.below(2) == 0,
            invocation_timeout: millis(rng, &[5_000, 15_000, 40_000]),
            backup_ack_timeout: millis(rng, &[50, 1_000, 5_000]),
            reports_backups: rng.below(6) > 0,
            reconnect: pick(rng, &[Reconnect::On, Reconnect::On, Reconnect::Async]),
            is_random: rng.below(2) == 0,
            heartbeat: (interval, interval * (2 + rng.below(4) as u32)),
            connection_timeout: millis(rng, &[500, 2_000, 5_000]),
            partitions: 3 + rng.below(20) as u16,
            replication_delay: millis(rng, &[0, 2, 20, 200]),
            detection_delay: millis(rng, &[0, 50, 2_000]),
            member_timeout: millis(rng, &[2_000, 10_000]),
            migration_time: millis(rng, &[1, 10, 100]),
            forwards: rng.below(3) > 0,
        };
        // When all is well, backups are reported in time.
        setup.backup_ack_timeout = setup.backup_ack_timeout.max(setup.replication_delay * 2);
        // What comes to one member must reach the others.
        setup.forwards |= setup.routing != Routing::AllMembers;
        setup
    }

    pub(super) fn client(&self, targets: &[Target]) -> Config {
        let mut config = Config::new(targets.iter().cloned());
        config.routing = self.routing;
        config.redo_operation = self.redo;
        config.fail_on_indeterminate_operation_state = self.fails_on_indeterminate;
        config.invocation_timeout = self.invocation_timeout;
        config.backup_ack_timeout = self.backup_ack_timeout;
        config.backup_ack_to_client = self.reports_backups;
        config.reconnect = self.reconnect;
        config.async_start = self.reconnect == Reconnect::Async;
        if self.is_random {
            config.load_balancer = LoadBalancer::Random;
        }
        (config.heartbeat_interval, config.heartbeat_timeout) = self.heartbeat;
        config.connection_timeout = self.connection_timeout;
        config
    }

    pub(super) fn member(&self, targets: &[Target]) -> MemberConfig {
        let mut config = MemberConfig::cluster(self.members);
        config.addresses = targets.to_vec();
        config.partition_count = self.partitions;
        config.backup_count = self.backups;
        config.replication_delay = (Duration::ZERO, self.replication_delay);
        config.detection_delay = self.detection_delay;
        config.member_timeout = self.member_timeout;
        config.migration_time = self.migration_time;
        config.forwards = self.forwards;
        config
    }

    pub(super) const fn reports_backups(&self) -> bool {
        self.reports_backups
    }

    pub(super) const fn partitions(&self) -> u32 {
        self.partitions as u32
    }

    /// Time after which the client is connected to all members again, if nothing is in its way: it has
    /// seen that connections are dead, and the longest of its pauses is over.
    pub(super) fn recovery(&self) -> Duration {
        self.heartbeat.0 + self.heartbeat.1 + self.connection_timeout + Duration::from_secs(60)
    }
}

fn pick<T: Copy>(rng: &mut Rng, from: &[T]) -> T {
    from[rng.below(from.len() as u64) as usize]
}
