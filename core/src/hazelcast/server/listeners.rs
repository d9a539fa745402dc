//! Who listens to what.

use crate::Str;
use crate::endpoint::ConnId;
use crate::hazelcast::Data;

/// A registration of a client.
#[derive(Debug, Clone)]
pub(super) struct Listener {
    pub(super) conn: ConnId,
    /// Of the request that registered it: its events carry it too.
    pub(super) correlation_id: i64,
    pub(super) kind: ListenerKind,
}

#[derive(Debug, Clone)]
pub(super) enum ListenerKind {
    Entries { map: Str, key: Option<Data>, values: bool, flags: i32, event_type: u32 },
    Objects,
    Losses,
    Backups,
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

impl Listener {
    /// Whether a change of this map concerns the listener.
    pub(super) fn hears(&self, name: &str, change: &Change) -> Option<(bool, u32)> {
        match &self.kind {
            ListenerKind::Entries { map, key, values, flags, event_type }
                if map == name
                    && flags & change.kind != 0
                    && (key.is_none() || change.key.is_none() || *key == change.key) =>
            {
                Some((*values, *event_type))
            }
            _ => None,
        }
    }
}
