//! [`Cluster`]: which cluster a client belongs to, by what right, and where it is found.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::backoff::BackoffRules;
use crate::endpoint::{ConnId, Target};
use crate::hazelcast::Uuid;
use crate::rng::Rng;
use crate::{Secret, Str};

/// How a client shows members who it is. A member without security lets nobody in who shows anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credentials {
    /// Not at all.
    #[default]
    None,
    /// A name and a password.
    User {
        /// The name.
        name: Str,
        /// The password, text in UTF-8.
        password: Secret,
    },
    /// A token, as it is.
    Token(Secret),
    /// Whatever the members' login module understands: a serialized value.
    Custom(Secret),
}

impl Credentials {
    /// A name and a password.
    pub fn user(name: impl Into<Str>, password: impl Into<String>) -> Self {
        Self::User { name: name.into(), password: Secret::from(password.into()) }
    }
}

/// A cluster to go to when the one before has no place for the client.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// Its name, which members check.
    pub name: Str,
    /// What its members want to see.
    pub credentials: Credentials,
    /// Members to begin with.
    pub addresses: Vec<Target>,
    /// How long to wait between tries, and when to go to the next cluster.
    pub connection_retry: BackoffRules,
}

/// Which members a client talks with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Routing {
    /// All: each key goes to the owner of its partition.
    #[default]
    AllMembers,
    /// One, which passes requests on.
    SingleMember,
    /// Those of one group (a zone, a rack), which pass on what belongs elsewhere. Members tell the
    /// groups if their licence has them; until then there is one connection.
    MultiMember,
}

impl Routing {
    /// The number that members know it by.
    pub(super) const fn code(self) -> i8 {
        match self {
            Self::SingleMember => 0,
            Self::AllMembers => 1,
            Self::MultiMember => 2,
        }
    }
}

/// What becomes of calls, and of the client, while there is no connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reconnect {
    /// Calls wait until there is one, or their time is up.
    #[default]
    On,
    /// Calls fail at once, and it goes on trying.
    Async,
    /// The client ends.
    Off,
}

/// Which member gets a request that any of them can serve.
#[derive(Clone, Default)]
pub enum LoadBalancer {
    /// One after the other.
    #[default]
    RoundRobin,
    /// Any, by the engine's randomness.
    Random,
    /// As this function says, which is given the members that are connected, never none. It runs
    /// within the engine: it must be quick, and not call the client. If it names another or none, one
    /// after the other holds.
    Custom(Arc<dyn Fn(&[Uuid]) -> Option<Uuid> + Send + Sync>),
}

impl LoadBalancer {
    /// The connection of a member; `None` if there is none.
    pub(super) fn choose(
        &self,
        ready: &[ConnId],
        by_member: &BTreeMap<Uuid, ConnId>,
        rng: &mut Rng,
        turn: &mut usize,
    ) -> Option<ConnId> {
        if let [_] | [] = ready {
            return ready.first().copied();
        }
        let chosen = match self {
            Self::RoundRobin => None,
            Self::Random => rng.choose(ready).copied(),
            Self::Custom(choose) => {
                let members: Vec<_> = by_member.keys().copied().collect();
                choose(&members).and_then(|member| by_member.get(&member)).copied()
            }
        };
        chosen.or_else(|| {
            *turn = turn.wrapping_add(1);
            ready.get(*turn % ready.len()).copied()
        })
    }
}

impl fmt::Debug for LoadBalancer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RoundRobin => "RoundRobin",
            Self::Random => "Random",
            Self::Custom(_) => "Custom",
        })
    }
}

/// Where a member is reached that gives this address; `None` if it can't be. It runs within the engine.
#[derive(Clone)]
pub struct Translator(pub Arc<dyn Fn(&Target) -> Option<Target> + Send + Sync>);

impl fmt::Debug for Translator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Translator")
    }
}
