//! What goes wrong: members, the network, and both.

use std::collections::BTreeMap;
use std::time::Duration;

use gridwire_core::hazelcast::error::ErrorCode;
use gridwire_core::hazelcast::message::map;
use gridwire_core::hazelcast::{Disturbance, Fault, Member, Payload as _};

use super::Run;
use super::setup::Temper;
use crate::simulation::{Faults, Reach};

/// Requests that go wrong.
const SPOILT: [u32; 7] = [
    map::Put::ID,
    map::Set::ID,
    map::Get::ID,
    map::ReplaceIfSame::ID,
    map::PutIfAbsent::ID,
    map::Remove::ID,
    map::PutAll::ID,
];

/// What members answer instead of doing something.
const CODES: [ErrorCode; 8] = [
    ErrorCode::PARTITION_MIGRATING,
    ErrorCode::WRONG_TARGET,
    ErrorCode::TARGET_NOT_MEMBER,
    ErrorCode::HAZELCAST_INSTANCE_NOT_ACTIVE,
    ErrorCode::TARGET_DISCONNECTED,
    ErrorCode::IO,
    ErrorCode::MEMBER_LEFT,
    ErrorCode::ILLEGAL_STATE,
];

/// What went wrong, and still is.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    /// How many things went wrong.
    pub(super) count: u64,
    /// Members that are silent, and since when.
    silent: BTreeMap<usize, u64>,
    /// Partitions that were lost.
    pub(super) lost: u64,
}

impl Run {
    /// Something goes wrong, or is well again.
    pub(super) fn disturb(&mut self) {
        let member = self.below(self.setup.members as u64) as usize;
        match self.below(22) {
            0..=3 => self.crash(member),
            4..=7 => self.restart_some(),
            8 | 9 => self.stall(member),
            10 | 11 => self.thaw_some(),
            12 | 13 => self.cut_off(member),
            14 => {
                let slow = Duration::from_millis(1 + self.below(1_500));
                self.reach(member, Reach::Whole, slow);
            }
            15..=17 => {
                for member in 0..self.setup.members {
                    self.reach(member, Reach::Whole, Duration::ZERO);
                }
            }
            18 => {
                self.trouble.count += 1;
                self.world.reset_all();
            }
            19 | 20 => self.spoil(member),
            _ => {
                self.trouble.count += 1;
                let faults = if self.is_one_in(2) { Faults::none() } else { self.setup.faults };
                self.world.set_faults(faults);
            }
        }
        self.note_losses();
    }

    fn member(&self) -> &Member {
        &self.world.servers[0]
    }

    /// Whether every partition would live on without this member.
    fn may_spare(&self, member: usize) -> bool {
        let engine = self.member();
        let is_whole = |partition| {
            let replicas = engine.replicas(partition);
            let others = replicas.iter().filter(|one| {
                **one != member && engine.is_up(**one) && !self.trouble.silent.contains_key(*one)
            });
            others.count() > 0
        };
        (0..self.setup.partitions()).all(is_whole)
    }

    fn crash(&mut self, member: usize) {
        let may = self.setup.temper == Temper::Reckless || self.may_spare(member);
        if !may || !self.member().is_up(member) {
            return;
        }
        if self.is_one_in(3) {
            // The machine, not the program: nobody hears of it.
            self.reach(member, Reach::Silent, Duration::ZERO);
        }
        self.trouble.count += 1;
        self.recover(member);
        let began = self.world.stamp();
        self.world.command(0, "crash", |engine, now| engine.crash(now, member));
        let ended = self.world.stamp();
        self.histories.crash(began, Some(ended));
        if self.is_one_in(3) {
            self.restart(member);
        }
    }

    fn restart_some(&mut self) {
        let down: Vec<_> =
            (0..self.setup.members).filter(|member| !self.member().is_up(*member)).collect();
        if let Some(member) = self.world.rng().choose(&down).copied() {
            self.restart(member);
        }
    }

    pub(super) fn restart(&mut self, member: usize) {
        self.trouble.count += 1;
        self.reach(member, Reach::Whole, Duration::ZERO);
        self.world.command(0, "restart", |engine, now| engine.restart(now, member));
    }

    fn stall(&mut self, member: usize) {
        let may = self.setup.temper == Temper::Reckless || self.may_spare(member);
        let is_silent = self.trouble.silent.contains_key(&member);
        if !may || is_silent || !self.member().is_up(member) {
            return;
        }
        self.trouble.count += 1;
        let began = self.world.stamp();
        self.histories.crash(began, None);
        self.trouble.silent.insert(member, began);
        self.world.command(0, "stall", |engine, now| engine.stall(now, member, None));
    }

    fn thaw_some(&mut self) {
        let silent: Vec<_> = self.trouble.silent.keys().copied().collect();
        if let Some(member) = self.world.rng().choose(&silent).copied() {
            self.thaw(member);
        }
    }

    fn thaw(&mut self, member: usize) {
        self.trouble.count += 1;
        self.world.command(0, "thaw", |engine, now| engine.thaw(now, member));
        self.recover(member);
    }

    /// A member is silent no more: what came of that has come.
    fn recover(&mut self, member: usize) {
        if let Some(began) = self.trouble.silent.remove(&member) {
            let ended = self.world.stamp();
            self.histories.recover(began, ended);
        }
    }

    fn cut_off(&mut self, member: usize) {
        let reach = if self.is_one_in(3) { Reach::Refused } else { Reach::Silent };
        self.trouble.count += 1;
        self.reach(member, reach, Duration::ZERO);
    }

    /// Some requests go unanswered, or are answered late or wrongly.
    fn spoil(&mut self, member: usize) {
        let what = match self.below(9) {
            0 => Disturbance::Drop,
            1 => Disturbance::DropAnswer,
            2 => Disturbance::Delay(Duration::from_millis(self.below(3_000))),
            3 => Disturbance::WrongAnswer,
            // An id that was never given out.
            4 => Disturbance::AnswerTo(1_000_000),
            5 => Disturbance::Garbage,
            6 => Disturbance::Close,
            _ => Disturbance::Error(self.choose(&CODES)),
        };
        let message = self.choose(&SPOILT);
        let (after, count) = (self.below(3) as u32, 1 + self.below(3) as u32);
        let fault = Fault { member: Some(member), message: Some(message), after, count, what };
        self.trouble.count += 1;
        self.world.command(0, "fault", |engine, _| engine.fault(fault));
    }

    fn choose<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    fn reach(&mut self, member: usize, reach: Reach, slow: Duration) {
        self.world.set_reach(member, reach, slow);
    }

    /// Looks whether partitions were lost.
    pub(super) fn note_losses(&mut self) {
        let lost = self.member().lost_partitions();
        if lost > self.trouble.lost {
            self.trouble.lost = lost;
            self.histories.lose();
        }
    }

    /// Ends all trouble.
    pub(super) fn calm(&mut self) {
        self.report.troubles = self.trouble.count;
        self.world.set_faults(Faults::none());
        self.world.command(0, "no faults", |engine, _| engine.clear_faults());
        for member in 0..self.setup.members {
            self.reach(member, Reach::Whole, Duration::ZERO);
            if self.trouble.silent.contains_key(&member) {
                self.thaw(member);
            }
            if !self.member().is_up(member) {
                self.restart(member);
            }
        }
        self.note_losses();
    }
}
