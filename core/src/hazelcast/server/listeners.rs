//! Who listens to what.

use crate::Str;
use crate::endpoint::ConnId;
use crate::hazelcast::{Codec, Data, Uuid};

use super::Member;
use super::query::{self, Asked};

/// A registration of a client.
#[derive(Debug, Clone)]
pub(super) struct Listener {
    pub(super) conn: ConnId,
    /// The member that it came to, if only what happens there is to be heard.
    pub(super) only_of: Option<usize>,
    /// Of the request that registered it: its events carry it too.
    pub(super) correlation_id: i64,
    pub(super) kind: ListenerKind,
}

#[derive(Debug, Clone)]
pub(super) enum ListenerKind {
    Entries {
        map: Str,
        key: Option<Data>,
        predicate: Option<Asked>,
        values: bool,
        flags: i32,
        event_type: u32,
    },
    /// Of near caches.
    Invalidations {
        map: Str,
    },
    Objects,
    Losses,
    MapLosses,
    Migrations,
    Backups,
    Views,
}

/// What happened to an entry, or to all.
#[derive(Debug, Clone, Default)]
pub(super) struct Change {
    pub(super) key: Option<Data>,
    pub(super) value: Option<Data>,
    pub(super) old_value: Option<Data>,
    pub(super) kind: i32,
    pub(super) affected: i32,
}

impl Change {
    /// By the value that is there now, or was; what is about all entries always does.
    fn matches(&self, codec: &Codec, asked: &Asked) -> bool {
        let Some(key) = &self.key else { return true };
        let value = self.value.as_ref().or(self.old_value.as_ref());
        value.is_some_and(|value| query::matches(codec, asked, (key, value)).unwrap_or(false))
    }
}

impl Listener {
    /// Whether it hears what this member says.
    pub(super) fn hears_from(&self, source: Option<usize>) -> bool {
        self.only_of.is_none() || source.is_none() || self.only_of == source
    }

    /// Whether a change of this map concerns the listener.
    pub(super) fn hears(&self, codec: &Codec, name: &str, change: &Change) -> Option<(bool, u32)> {
        match &self.kind {
            ListenerKind::Entries { map, key, predicate, values, flags, event_type }
                if map == name
                    && flags & change.kind != 0
                    && (key.is_none() || change.key.is_none() || *key == change.key)
                    && predicate.as_ref().is_none_or(|it| change.matches(codec, it)) =>
            {
                Some((*values, *event_type))
            }
            _ => None,
        }
    }
}

impl Member {
    /// Registers a client, for what happens at the member that it is connected to or for all.
    pub(super) fn listen(
        &mut self,
        conn: ConnId,
        correlation_id: i64,
        local_only: bool,
        kind: ListenerKind,
    ) -> Uuid {
        let uuid = self.random_uuid();
        let only_of = self.links.get(conn).map(|state| state.slot).filter(|_| local_only);
        self.listeners.insert(uuid, Listener { conn, only_of, correlation_id, kind });
        uuid
    }
}
