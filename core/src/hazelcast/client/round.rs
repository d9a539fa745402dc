//! A client without a connection: the targets that it tries in turn, the waits between, and the next
//! cluster when one is given up.
//!
//! ```text
//!   members known, then those configured ---all failed---> wait, longer each time ---> again
//!                                                             | given up, or not allowed
//!                                                             v
//!                                            the next cluster, if there is one; else the end
//! ```

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use super::cluster::{Cluster, Routing};
use super::config::SHORTEST;
use super::{Alarm, Client};
use crate::backoff::Backoff;
use crate::call::Failure;
use crate::endpoint::{Cause, ConnId, Severity, Target};
use crate::hazelcast::Uuid;
use crate::hazelcast::error::{Error, Refusal, Refused};
use crate::hazelcast::message::custom::MemberInfo;
use crate::time::Instant;

/// The purpose of an address that clients use, and the name of the public one.
const CLIENT: i32 = 1;
const PUBLIC: &str = "public";

/// Targets whose failures are told; of so many the others will have failed alike.
const TOLD: usize = 8;

/// One try of all targets.
#[derive(Debug)]
pub(super) struct Round {
    pub(super) targets: VecDeque<Target>,
    /// The target that is being tried.
    pub(super) conn: Option<ConnId>,
    pub(super) backoff: Backoff,
    /// A member of this round refused the credentials.
    refusal: Option<Refused>,
    /// Why there is no connection: what became of each target the last time, or of the connection.
    pub(super) cause: Cause,
    /// What became of the targets that this round has tried.
    failures: Vec<(Target, Cause)>,
    /// All targets failed, and the alarm for the next round is set.
    pub(super) is_waiting: bool,
    /// Which of the configured clusters it is about.
    number: usize,
    /// How often all clusters were given up since one let the client in.
    pub(super) passes: u32,
}

impl Round {
    pub(super) fn new(cluster: &Cluster) -> Self {
        Self {
            targets: VecDeque::new(),
            conn: None,
            backoff: Backoff::new(cluster.connection_retry),
            refusal: None,
            cause: Cause::Unreachable,
            failures: Vec::new(),
            is_waiting: false,
            number: 0,
            passes: 0,
        }
    }

    /// A target of this round failed.
    pub(super) fn failed(&mut self, failure: (Target, Cause)) {
        if self.failures.len() < TOLD {
            self.failures.push(failure);
        }
    }
}

impl Client {
    /// Begins with the first of all targets: the members that were known, then the configured ones.
    pub(super) fn start_round(&mut self, now: Instant) {
        self.round.is_waiting = false;
        if self.round.conn.is_some() || !self.ready.is_empty() {
            return;
        }
        self.round.backoff.start(now);
        self.round.refusal = None;
        self.round.failures.clear();
        let mut members: Vec<_> =
            self.context.members.iter().filter_map(|member| self.target_of(member)).collect();
        let mut configured = self.active.addresses.clone();
        if self.config.shuffle_member_list {
            shuffle(&mut members, &mut self.context.rng);
            shuffle(&mut configured, &mut self.context.rng);
        }
        configured.retain(|target| !members.contains(target));
        self.round.targets = members.into_iter().chain(configured).collect();
        self.try_next(now);
    }

    pub(super) fn try_next(&mut self, now: Instant) {
        if !self.ready.is_empty() {
            return;
        }
        // Each is tried once, whatever the time; after that the time is kept.
        if self.round.backoff.attempts() > 0
            && self.round.backoff.end().is_some_and(|end| now >= end)
        {
            self.round.targets.clear();
        }
        if let Some(target) = self.round.targets.pop_front() {
            self.round.conn = Some(self.open(now, target, None));
            return;
        }
        if !self.round.failures.is_empty() {
            self.round.cause = Cause::Targets(core::mem::take(&mut self.round.failures).into());
        }
        if let Some(refusal) = self.round.refusal.take()
            && !self.was_connected
        {
            return self.give_up(now, Error::Refused(refusal.into()));
        }
        match self.round.backoff.failed(now, &mut self.context.rng) {
            Some(at) => {
                self.round.is_waiting = true;
                self.alarms.set(at, Alarm::Round);
            }
            None => {
                let failure = Failure::NotConnected(self.round.cause.clone());
                self.give_up(now, failure.into());
            }
        }
    }

    /// The target that is tried does not let the client in. True if that ended the round.
    pub(super) fn refused(&mut self, now: Instant, refused: &Refused) -> bool {
        match &refused.why {
            Refusal::NotAllowed
            | Refusal::SerializationVersion
            | Refusal::PartitionCount { .. } => {
                self.give_up(now, Error::Refused(refused.clone().into()));
                true
            }
            Refusal::Credentials => {
                self.round.refusal = Some(refused.clone());
                false
            }
            _ => false,
        }
    }

    /// The cluster won't have this client, or isn't there: on to the next one.
    fn give_up(&mut self, now: Instant, error: Error) {
        let clusters = self.config.failover.len() + 1;
        let next = (self.round.number + 1) % clusters;
        let passes = self.round.passes + u32::from(next == 0);
        if clusters == 1 || self.config.failover_try_count.is_some_and(|most| passes >= most) {
            return self.end(now, Err(error));
        }
        self.active = self.config.cluster(next);
        let name = self.active.name.clone();
        self.note(Severity::Warn, None, format_args!("{error}: going on with cluster {name}"));
        // Members of the cluster before would be found again by their addresses.
        let before = core::mem::take(&mut self.context.members);
        self.tell_of_members(&before);
        // Not at once: clusters that all refuse would make the engine spin.
        let pause = self.active.connection_retry.initial.max(SHORTEST);
        self.alarms.set(now + pause, Alarm::Round);
        let round = Round { number: next, passes, is_waiting: true, ..Round::new(&self.active) };
        if let Some(conn) = core::mem::replace(&mut self.round, round).conn {
            self.close(now, conn, Cause::Local);
        }
    }

    /// Where a member is reached; `None` if it can't be.
    pub(super) fn target_of(&self, member: &MemberInfo) -> Option<Target> {
        let public = self.uses_public_addresses().then(|| public_address(member)).flatten();
        let address = public.unwrap_or(&member.address);
        let port = u16::try_from(address.port).ok()?;
        let target = Target::named_by_peer(address.host.clone(), port, &self.active.addresses);
        match &self.config.address_translator {
            Some(translator) => translator.0(&target),
            None => Some(target),
        }
    }

    fn uses_public_addresses(&self) -> bool {
        let is_configured = |member: &MemberInfo| {
            self.active.addresses.iter().any(|target| {
                target.host == member.address.host && i32::from(target.port) == member.address.port
            })
        };
        let members = &self.context.members;
        self.config.use_public_ip.unwrap_or_else(|| {
            !members.is_empty()
                && !members.iter().any(is_configured)
                && members.iter().all(|member| public_address(member).is_some())
        })
    }

    /// Whether a connection to this member is wanted beside those that there are.
    pub(super) fn is_wanted(&self, member: Uuid) -> bool {
        match self.config.routing {
            Routing::AllMembers => true,
            Routing::SingleMember => false,
            Routing::MultiMember => {
                let first = self.context.view.and_then(|view| self.links.get(view.conn)?.member());
                first.is_some_and(|first| {
                    first == member || self.context.are_in_one_group(first, member)
                })
            }
        }
    }
}

fn public_address(member: &MemberInfo) -> Option<&crate::hazelcast::message::custom::Address> {
    let is_public =
        |text: &Option<crate::Str>| text.as_ref().is_some_and(|name| name.as_str() == PUBLIC);
    let of_clients = member
        .address_map
        .iter()
        .find(|(purpose, _)| purpose.kind == CLIENT && is_public(&purpose.identifier));
    of_clients.map(|(_, address)| address)
}

fn shuffle<T>(items: &mut [T], rng: &mut crate::rng::Rng) {
    for last in (1..items.len()).rev() {
        items.swap(last, rng.below(last as u64 + 1) as usize);
    }
}
