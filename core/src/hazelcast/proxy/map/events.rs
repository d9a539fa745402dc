//! Listeners: of all entries or of one key, of all events or of those that match.

use super::Map;
use crate::Str;
use crate::hazelcast::Uuid;
use crate::hazelcast::family::{Hazelcast, Item};
use crate::hazelcast::message::map::{
    AddEntryListener, AddEntryListenerToKey, AddEntryListenerToKeyWithPredicate,
    AddEntryListenerWithPredicate, AddPartitionLostListener, MapPartitionLostEvent,
    RemoveEntryListener, RemovePartitionLostListener,
};
use crate::hazelcast::proxy::{EntryEvent, EntryEvents, Form, Readable};
use crate::hazelcast::query::Predicate;
use crate::invoker::Invoker;

/// A partition was lost with all its backups, and the entries of the map that it had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MapPartitionLost {
    /// The partition.
    pub partition: u32,
    /// The member that says so.
    pub member: Uuid,
}

/// Listens by a message with these fields beside the common ones.
macro_rules! listen {
    ($self:ident, $message:ident { $($field:ident),* }, $events:ident, $values:ident) => {{
        let name = $self.proxy.name();
        let fill = |it: &mut crate::hazelcast::proxy::draft::Draft<'_>| {
            $(let $field = it.present($field)?;)*
            let add = move |local_only| $message {
                name: name.clone(),
                $($field: $field.clone(),)*
                include_value: $values,
                listener_flags: $events.0,
                local_only,
            };
            let _ = it;
            Ok(add)
        };
        $self.proxy.listen(fill, ended, EntryEvent::open)
    }};
}

fn ended(name: Str, registration_id: Uuid) -> RemoveEntryListener {
    RemoveEntryListener { name, registration_id }
}

impl<K: Readable, V: Readable, I: Invoker<Family = Hazelcast>> Map<K, V, I> {
    /// Listens to events of these types. Without `values`, events carry keys alone.
    pub fn listen(&self, events: EntryEvents, values: bool) -> I::Subscription<EntryEvent<K, V>> {
        listen!(self, AddEntryListener {}, events, values)
    }

    /// Listens to events of one key.
    pub fn listen_to<Q: Form<K> + ?Sized>(
        &self,
        key: &Q,
        events: EntryEvents,
        values: bool,
    ) -> I::Subscription<EntryEvent<K, V>> {
        listen!(self, AddEntryListenerToKey { key }, events, values)
    }

    /// Listens to events whose entry matches: as it is after the event, or as it was where it is gone.
    /// An entry that no longer matches after a change is not told of.
    pub fn listen_where(
        &self,
        predicate: &Predicate<'_>,
        events: EntryEvents,
        values: bool,
    ) -> I::Subscription<EntryEvent<K, V>> {
        listen!(self, AddEntryListenerWithPredicate { predicate }, events, values)
    }

    /// Listens to events of one key whose entry matches.
    pub fn listen_to_where<Q: Form<K> + ?Sized>(
        &self,
        key: &Q,
        predicate: &Predicate<'_>,
        events: EntryEvents,
        values: bool,
    ) -> I::Subscription<EntryEvent<K, V>> {
        listen!(self, AddEntryListenerToKeyWithPredicate { key, predicate }, events, values)
    }
}

impl<K, V, I: Invoker<Family = Hazelcast>> Map<K, V, I> {
    /// Listens to losses of partitions.
    pub fn lost_partitions(&self) -> I::Subscription<MapPartitionLost> {
        let name = self.proxy.name();
        self.proxy.listen(
            |_| Ok(move |local_only| AddPartitionLostListener { name: name.clone(), local_only }),
            |name, registration_id| RemovePartitionLostListener { name, registration_id },
            |item: &Item, _| {
                let event: MapPartitionLostEvent = item.read()?;
                let partition = u32::try_from(event.partition_id).unwrap_or(0);
                Ok(MapPartitionLost { partition, member: event.uuid })
            },
        )
    }
}
