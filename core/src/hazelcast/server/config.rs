//! How the members of a cluster present themselves, and how fast they are.

use alloc::vec::Vec;
use core::time::Duration;

use super::map::Processors;
use crate::Str;
use crate::endpoint::Target;
use crate::fragment::FragmentLimits;
use crate::hazelcast::Credentials;
use crate::links::LinkLimits;

/// How a cluster of embedded members presents itself. Every combination of values is legal.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct MemberConfig {
    /// The name that clients must know; `dev`.
    pub cluster_name: Str,
    /// What clients must show; nothing, and then nothing else will do. A token and other custom
    /// credentials are one: bytes.
    pub credentials: Credentials,
    /// How many members there can be, at least 1: what comes to listener n comes to member n; 1.
    pub members: usize,
    /// How many of them, the first ones, run from the beginning: all of them by default.
    pub running: Option<usize>,
    /// Where clients are told that each member is. Where none is given: where each of them came to, and
    /// for the others port 5701 and the following of this machine.
    pub addresses: Vec<Target>,
    /// What each member's configuration says about it, for its clients to see.
    pub attributes: Vec<(Str, Str)>,
    /// How many partitions there are; 271, and at least 1.
    pub partition_count: u16,
    /// How many further members have a copy of each partition; 1.
    pub backup_count: usize,
    /// How long a change takes to be at a backup, at least and at most; no time.
    pub replication_delay: (Duration, Duration),
    /// How long the others take to see that a member is gone; no time.
    pub detection_delay: Duration,
    /// How long a member may be silent before the others go on without it; 60 s.
    pub member_timeout: Duration,
    /// How long it takes to move one partition, while which its requests wait; 10 ms.
    pub migration_time: Duration,
    /// Whether members pass requests on to the partition's owner and try again by themselves while it
    /// moves, as real ones do. If not, clients get the errors for which members try again.
    pub forwards: bool,
    /// How many invalidations for near caches a member collects, and for how long, before it sends them
    /// together; none: each is sent at once. Real members collect 100 for 10 s.
    pub invalidation_batch: Option<(usize, Duration)>,
    /// Events that each partition of each map keeps a journal of; none, and there are no journals.
    pub journal_capacity: Option<usize>,
    /// Code for entry processors. Of others, members say that they don't have the class.
    pub processors: Processors,
    /// Time from a connection's beginning until its client is known; 10 s.
    pub authentication_timeout: Duration,
    /// Bytes of one message of a client that is known; 128 MiB.
    pub max_message: usize,
    /// Bytes waiting to be sent, and events waiting to be taken.
    pub links: LinkLimits,
    /// Bytes of events that may wait for a client that doesn't read, before it is cut off; 64 MiB.
    pub max_unsent: usize,
    /// Messages that come in parts.
    pub fragments: FragmentLimits,
}

impl Default for MemberConfig {
    fn default() -> Self {
        Self {
            cluster_name: Str::from_static("dev"),
            credentials: Credentials::None,
            members: 1,
            running: None,
            addresses: Vec::new(),
            attributes: Vec::new(),
            partition_count: 271,
            backup_count: 1,
            replication_delay: (Duration::ZERO, Duration::ZERO),
            detection_delay: Duration::ZERO,
            member_timeout: Duration::from_secs(60),
            migration_time: Duration::from_millis(10),
            forwards: true,
            invalidation_batch: None,
            journal_capacity: None,
            processors: Processors::default(),
            authentication_timeout: Duration::from_secs(10),
            max_message: 128 << 20,
            links: LinkLimits::default(),
            max_unsent: 64 << 20,
            fragments: FragmentLimits::default(),
        }
    }
}

impl MemberConfig {
    /// A cluster of so many members.
    pub fn cluster(members: usize) -> Self {
        Self { members, ..Self::default() }
    }
}
