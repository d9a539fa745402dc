//! [`EntryView`]: an entry, and what its member knows of it.

use core::time::Duration;

use super::Map;
use crate::call::Unopened;
use crate::hazelcast::family::Hazelcast;
use crate::hazelcast::message::map::{GetEntryView, GetEntryViewResponse};
use crate::hazelcast::proxy::opens::Opens;
use crate::hazelcast::proxy::{Form, Readable};
use crate::hazelcast::serialization::{Codec, Read};
use crate::invoker::Invoker;

/// An entry, and what its member knows of it. Moments are durations since 1970; members that keep no
/// statistics of entries, as is the default, don't know most of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryView<K, V> {
    /// The key.
    pub key: K,
    /// The value.
    pub value: V,
    /// Bytes of the member's memory that it takes.
    pub cost: u64,
    /// When it was made.
    pub created: Option<Duration>,
    /// When it will be gone; never, if none.
    pub expires: Option<Duration>,
    /// How often it was used.
    pub hits: Option<u64>,
    /// When it was last used.
    pub used: Option<Duration>,
    /// When the map store last got it.
    pub stored: Option<Duration>,
    /// When it was last changed.
    pub updated: Option<Duration>,
    /// How often it was changed.
    pub version: u64,
    /// How long it lives after a change; for ever, if none.
    pub ttl: Option<Duration>,
    /// How long it lives unused; for ever, if none.
    pub max_idle: Option<Duration>,
}

impl<K: Readable, V: Readable, I: Invoker<Family = Hazelcast>> Map<K, V, I> {
    /// An entry, and what its member knows of it.
    pub fn entry_view<Q>(&self, key: &Q) -> I::Invocation<Option<EntryView<K, V>>>
    where
        Q: Form<K> + ?Sized,
    {
        let (name, thread_id) = (self.proxy.name(), self.thread);
        self.proxy.call(|it| Ok(GetEntryView { name, key: it.present(key)?, thread_id }))
    }
}

impl<K: Read, V: Read> Opens<GetEntryViewResponse> for Option<EntryView<K, V>> {
    fn open(body: GetEntryViewResponse, codec: &Codec) -> Result<Self, Unopened<Hazelcast>> {
        let Some(view) = body.response else { return Ok(None) };
        // Unknown is -1, a moment that hasn't come 0, and never the greatest number.
        let moment = |at: i64| {
            let at = u64::try_from(at).ok().filter(|at| *at > 0);
            at.map(Duration::from_millis)
        };
        let unless_never = |time: i64| moment(time).filter(|_| time != i64::MAX);
        Ok(Some(EntryView {
            key: codec.open(&view.key)?,
            value: codec.open(&view.value)?,
            cost: u64::try_from(view.cost).unwrap_or(0),
            created: moment(view.creation_time),
            expires: unless_never(view.expiration_time),
            hits: u64::try_from(view.hits).ok(),
            used: moment(view.last_access_time),
            stored: moment(view.last_stored_time),
            updated: moment(view.last_update_time),
            version: u64::try_from(view.version).unwrap_or(0),
            ttl: unless_never(view.ttl),
            max_idle: unless_never(view.max_idle),
        }))
    }
}
