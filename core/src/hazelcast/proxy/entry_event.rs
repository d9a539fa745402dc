//! [`EntryEvent`]: what listeners of a map hear.

use core::ops::BitOr;

use crate::call::Unopened;
use crate::hazelcast::Uuid;
use crate::hazelcast::family::{Hazelcast, Item};
use crate::hazelcast::message::map::EntryEvent as Message;
use crate::hazelcast::serialization::{Codec, Read};

/// Types of event, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EntryEvents(pub i32);

impl EntryEvents {
    /// A key got its first value.
    pub const ADDED: Self = Self(1);
    /// A key was removed.
    pub const REMOVED: Self = Self(2);
    /// A value was replaced.
    pub const UPDATED: Self = Self(4);
    /// An entry was evicted.
    pub const EVICTED: Self = Self(8);
    /// An entry's time was up.
    pub const EXPIRED: Self = Self(16);
    /// All entries were evicted.
    pub const EVICT_ALL: Self = Self(32);
    /// All entries were removed.
    pub const CLEAR_ALL: Self = Self(64);
    /// An entry was merged after a split brain.
    pub const MERGED: Self = Self(128);
    /// An entry was loaded from a map store.
    pub const LOADED: Self = Self(512);
    /// All of these.
    pub const ALL: Self = Self(1 | 2 | 4 | 8 | 16 | 32 | 64 | 128 | 512);

    /// Whether every type of `other` is in this set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for EntryEvents {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Something happened to an entry, or to all entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryEvent<K, V> {
    /// One type of event; a later release may have more.
    pub kind: EntryEvents,
    /// The key; none if it happened to all.
    pub key: Option<K>,
    /// The value, where values were asked for and the entry has one now.
    pub value: Option<V>,
    /// The value that it had before.
    pub old_value: Option<V>,
    /// The value that it was merged with.
    pub merging_value: Option<V>,
    /// The member that it happened on; none if that was about to join another cluster.
    pub member: Option<Uuid>,
    /// How many entries it happened to.
    pub affected: u32,
}

impl<K: Read, V: Read> EntryEvent<K, V> {
    pub(super) fn open(item: &Item, codec: &Codec) -> Result<Self, Unopened<Hazelcast>> {
        let event: Message = item.read()?;
        Ok(Self {
            kind: EntryEvents(event.event_type),
            key: codec.open_option(event.key.as_ref())?,
            value: codec.open_option(event.value.as_ref())?,
            old_value: codec.open_option(event.old_value.as_ref())?,
            merging_value: codec.open_option(event.merging_value.as_ref())?,
            member: event.uuid,
            affected: u32::try_from(event.number_of_affected_entries).unwrap_or(0),
        })
    }
}
