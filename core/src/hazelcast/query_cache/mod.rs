//! Query caches: the entries of a map that match a predicate, kept on the caller's side and up to date
//! by the members' events. [`Map::query_cache`](super::Map::query_cache) makes one; reading it sends
//! nothing, and waits for nobody.
//!
//! ```text
//!   handles --Arc--> Shared: what is asked for ---Arc--> Table: entries by partition
//!                        ^                                 ^
//!                        | puts a new table in its place   | events, in the engine
//!                      Build <--- Repair                 members: a publisher of a name of its own
//! ```
//!
//! The order in which a table is built is what makes it miss nothing: its listener is registered on
//! every member; then members create the publisher and let it publish; then what matches is read, and
//! entries that events spoke of in the meantime stay as the events left them (`build`, `table`).
//!
//! Members number the events of each partition, so that what is lost is noticed (`numbering`) when the
//! next event comes. What a member's buffer still has is asked for again. Where that is of no use, or
//! where it can't be known what was lost (a connection ended, a member came, the cluster is another), a
//! new table is built with a new publisher, while the old one is read on (`repair`).

mod build;
mod numbering;
mod repair;
mod table;

pub(crate) use repair::{create, destroy, recover, refresh};
pub(crate) use table::Table;

use alloc::boxed::Box;
use alloc::sync::{Arc, Weak};
use core::sync::atomic::{AtomicBool, Ordering};

use spin::RwLock;

use self::repair::Repair;
use super::Data;
use super::client::Context;
use super::error::Error;
use super::family::Structure;
use super::follower::Wish;
use super::serialization::compact::Schemas;
use crate::call::Plan;

/// Why nothing is done with it any more.
const DESTROYED: Error = Error::Misuse("the query cache was destroyed");

/// What a query cache holds, and how members tell it of changes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueryCacheConfig {
    /// Whether it holds values; else keys alone. On by default.
    pub include_value: bool,
    /// Whether it begins with what matches when it is made; else with nothing, and holds what changes
    /// from then on. On by default.
    pub populate: bool,
    /// Events of a partition that members send together, at least 1, the default. They wait for others
    /// for up to [`delay_seconds`](Self::delay_seconds).
    pub batch_size: u32,
    /// Events of a partition that members keep, to be sent or sent again; at least 1, by default 16.
    pub buffer_size: u32,
    /// How many seconds an event may wait for others; 0 by default.
    pub delay_seconds: u32,
    /// Of several changes to a key that wait, only the last is sent. Off by default.
    pub coalesce: bool,
    /// Events that are lost are asked for again without a word, and if members have them no more, all
    /// that matches is read again. On by default. Without it, a partition that misses events stays as
    /// it was until [`try_recover`](super::QueryCache::try_recover) or
    /// [`refresh`](super::QueryCache::refresh).
    pub recover: bool,
    /// The most entries, by default 1,000,000. Others are left out, and
    /// [`is_complete`](super::QueryCache::is_complete) says so.
    pub max_entries: usize,
}

impl Default for QueryCacheConfig {
    fn default() -> Self {
        Self {
            include_value: true,
            populate: true,
            batch_size: 1,
            buffer_size: 16,
            delay_seconds: 0,
            coalesce: false,
            recover: true,
            max_entries: 1_000_000,
        }
    }
}

/// What became of a query cache: untyped, as a subscription brings it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CacheChange {
    /// An entry that was not there.
    Added {
        /// Its key.
        key: Data,
        /// Its value, if the cache holds values.
        value: Option<Data>,
    },
    /// Another value.
    Updated {
        /// The key.
        key: Data,
        /// The value, if the cache holds values.
        value: Option<Data>,
        /// The one before.
        old: Option<Data>,
    },
    /// An entry that no longer is there, or no longer matches.
    Removed {
        /// Its key.
        key: Data,
        /// Its last value, if the cache holds values.
        old: Option<Data>,
    },
    /// All entries of a partition are gone.
    Cleared {
        /// The partition.
        partition: u32,
        /// How many there were.
        entries: usize,
    },
    /// Events were lost: of a partition, or of any.
    Lost(Option<u32>),
    /// All that matches was read again.
    Refreshed,
    /// There is no room for another entry.
    Full,
}

/// A query cache, as its handles and the engine share it.
#[derive(Debug)]
pub(crate) struct Shared {
    /// By which its subscriptions are told.
    pub(crate) number: i64,
    pub(super) structure: Arc<Structure>,
    predicate: Data,
    schemas: Schemas,
    pub(crate) config: QueryCacheConfig,
    /// What is read; nothing before the first is built, and after the end.
    current: RwLock<Option<Arc<Table>>>,
    is_repairing: AtomicBool,
    is_destroyed: AtomicBool,
    /// For what it starts itself.
    this: Weak<Self>,
}

impl Shared {
    pub(crate) fn new(
        number: i64,
        structure: Arc<Structure>,
        (predicate, schemas): (Data, Schemas),
        config: QueryCacheConfig,
    ) -> Arc<Self> {
        Arc::new_cyclic(|this| Self {
            number,
            structure,
            predicate,
            schemas,
            config,
            current: RwLock::new(None),
            is_repairing: AtomicBool::new(false),
            is_destroyed: AtomicBool::new(false),
            this: Weak::clone(this),
        })
    }

    /// What is read.
    pub(crate) fn table(&self) -> Result<Arc<Table>, Error> {
        self.current.read().clone().ok_or(DESTROYED)
    }

    pub(crate) fn is_destroyed(&self) -> bool {
        self.is_destroyed.load(Ordering::Acquire)
    }

    /// Whether this is the table that is read.
    fn reads(&self, table: &Table) -> bool {
        self.current.read().as_ref().is_some_and(|current| current.number == table.number)
    }

    /// Has another table read, and gives the one that was.
    fn replace(&self, table: Option<Arc<Table>>) -> Option<Arc<Table>> {
        core::mem::replace(&mut *self.current.write(), table)
    }

    /// Has what is missing got, unless that is being done.
    fn repair(&self, context: &mut Context) {
        if !self.is_destroyed() && !self.is_repairing.swap(true, Ordering::AcqRel) {
            let repair = Repair::new(Weak::clone(&self.this));
            context.wish(Wish::Run(Plan::Steps(Box::new(repair))));
        }
    }
}
