//! What a member answers to each request on a map; to queries and users' code in `queries`, `processors`.

use alloc::vec::Vec;

use super::changes::kind;
use super::store::Lifetime;
use super::waiting::Guarded;
use crate::Str;
use crate::endpoint::ConnId;
use crate::hazelcast::error::{Error, ErrorCode};
use crate::hazelcast::message::custom::SimpleEntryView;
use crate::hazelcast::message::map::*;
use crate::hazelcast::raw::Message;
use crate::hazelcast::schema::Request;
use crate::hazelcast::server::Member;
use crate::hazelcast::server::listeners::ListenerKind;
use crate::hazelcast::server::query;
use crate::hazelcast::{Data, Payload, Uuid};
use crate::time::Instant;

/// A request that is being answered.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) now: Instant,
    pub(super) conn: ConnId,
    pub(super) message: &'a Message,
}

/// What a listener hears of: map, key, predicate, whether with values, and flags.
type Heard<'a> = (&'a Str, Option<&'a Data>, Option<query::Asked>, bool, i32);

impl Member {
    /// Answers a request that nothing stands in the way of.
    fn serve<M: Request>(
        &mut self,
        asked: Asked<'_>,
        answer: impl FnOnce(&mut Self, M) -> M::Response,
    ) -> Result<(), Error> {
        let request = M::decode(asked.message)?.0;
        let response = answer(self, request);
        self.respond(asked.conn, asked.message.correlation_id(), &response);
        Ok(())
    }

    /// Answers a request once its key is not locked by others.
    fn serve_unlocked<M: Request + Guarded>(
        &mut self,
        asked: Asked<'_>,
        answer: impl FnOnce(&mut Self, M) -> M::Response,
    ) -> Result<(), Error> {
        let request = M::decode(asked.message)?.0;
        if self.passes(asked.now, asked.conn, asked.message, &request) {
            let response = answer(self, request);
            self.respond(asked.conn, asked.message.correlation_id(), &response);
        }
        Ok(())
    }

    /// One entry is changed.
    pub(in crate::hazelcast::server) fn answer_map(
        &mut self,
        now: Instant,
        conn: ConnId,
        kind: u32,
        message: &Message,
    ) -> Result<(), Error> {
        let asked = Asked { now, conn, message };
        match kind {
            Put::ID => self.serve_unlocked(asked, |it, Put { name, key, value, ttl, .. }| {
                let response = it.put(now, &name, &key, &value, Lifetime::new(ttl, 0));
                PutResponse { response }
            }),
            PutWithMaxIdle::ID => self.serve_unlocked(asked, |it, r: PutWithMaxIdle| {
                let lifetime = Lifetime::new(r.ttl, r.max_idle);
                let response = it.put(now, &r.name, &r.key, &r.value, lifetime);
                PutWithMaxIdleResponse { response }
            }),
            Set::ID => self.serve_unlocked(asked, |it, Set { name, key, value, ttl, .. }| {
                it.put(now, &name, &key, &value, Lifetime::new(ttl, 0));
                SetResponse {}
            }),
            SetWithMaxIdle::ID => self.serve_unlocked(asked, |it, r: SetWithMaxIdle| {
                it.put(now, &r.name, &r.key, &r.value, Lifetime::new(r.ttl, r.max_idle));
                SetWithMaxIdleResponse { response: None }
            }),
            PutTransient::ID => self.serve_unlocked(asked, |it, r: PutTransient| {
                it.put(now, &r.name, &r.key, &r.value, Lifetime::new(r.ttl, 0));
                PutTransientResponse {}
            }),
            PutTransientWithMaxIdle::ID => {
                self.serve_unlocked(asked, |it, r: PutTransientWithMaxIdle| {
                    it.put(now, &r.name, &r.key, &r.value, Lifetime::new(r.ttl, r.max_idle));
                    PutTransientWithMaxIdleResponse { response: None }
                })
            }
            PutIfAbsent::ID => self.serve_unlocked(asked, |it, r: PutIfAbsent| {
                let lifetime = Lifetime::new(r.ttl, 0);
                let response = it.put_if_absent(now, &r.name, &r.key, &r.value, lifetime);
                PutIfAbsentResponse { response }
            }),
            PutIfAbsentWithMaxIdle::ID => {
                self.serve_unlocked(asked, |it, r: PutIfAbsentWithMaxIdle| {
                    let lifetime = Lifetime::new(r.ttl, r.max_idle);
                    let response = it.put_if_absent(now, &r.name, &r.key, &r.value, lifetime);
                    PutIfAbsentWithMaxIdleResponse { response }
                })
            }
            TryPut::ID => self.serve_unlocked(asked, |it, r: TryPut| {
                it.put(now, &r.name, &r.key, &r.value, Lifetime::default());
                TryPutResponse { response: true }
            }),
            SetTtl::ID => self.serve_unlocked(asked, |it, SetTtl { name, key, ttl }| {
                let response = it.set_ttl(now, &name, &key, ttl);
                SetTtlResponse { response }
            }),
            Replace::ID => self.serve_unlocked(asked, |it, r: Replace| {
                let response = it.replace(now, &r.name, &r.key, None, &r.value);
                ReplaceResponse { response }
            }),
            ReplaceIfSame::ID => self.serve_unlocked(asked, |it, r: ReplaceIfSame| {
                let old = it.replace(now, &r.name, &r.key, Some(&r.test_value), &r.value);
                ReplaceIfSameResponse { response: old.is_some() }
            }),
            Remove::ID => self.serve_unlocked(asked, |it, Remove { name, key, .. }| {
                let response = it.remove(now, &name, &key, kind::REMOVED, true);
                RemoveResponse { response }
            }),
            RemoveIfSame::ID => self.serve_unlocked(asked, |it, r: RemoveIfSame| {
                let same = it.peek(now, &r.name, &r.key).is_some_and(|e| e.value == r.value);
                let response =
                    same && it.remove(now, &r.name, &r.key, kind::REMOVED, true).is_some();
                RemoveIfSameResponse { response }
            }),
            Delete::ID => self.serve_unlocked(asked, |it, Delete { name, key, .. }| {
                let response = it.remove(now, &name, &key, kind::REMOVED, false).is_some();
                DeleteResponse { response }
            }),
            TryRemove::ID => self.serve_unlocked(asked, |it, TryRemove { name, key, .. }| {
                let response = it.remove(now, &name, &key, kind::REMOVED, true).is_some();
                TryRemoveResponse { response }
            }),
            Evict::ID => self.serve_unlocked(asked, |it, Evict { name, key, .. }| {
                let response = it.remove(now, &name, &key, kind::EVICTED, true).is_some();
                EvictResponse { response }
            }),
            _ => self.answer_read(asked, kind),
        }
    }

    /// Entries are read.
    fn answer_read(&mut self, asked: Asked<'_>, kind: u32) -> Result<(), Error> {
        let now = asked.now;
        match kind {
            Get::ID => self.serve(asked, |it, Get { name, key, .. }| GetResponse {
                response: it.get(now, &name, &key),
            }),
            GetAll::ID => self.serve(asked, |it, GetAll { name, keys }| {
                let entry = |key| it.get(now, &name, &key).map(|value| (key, value));
                GetAllResponse { response: keys.into_iter().filter_map(entry).collect() }
            }),
            ContainsKey::ID => self.serve(asked, |it, ContainsKey { name, key, .. }| {
                ContainsKeyResponse { response: it.get(now, &name, &key).is_some() }
            }),
            ContainsValue::ID => self.serve(asked, |it, ContainsValue { name, value }| {
                it.exists(&name);
                let response = it.entries(now, &name).any(|(_, other)| *other == value);
                ContainsValueResponse { response }
            }),
            GetEntryView::ID => self.serve(asked, |it, GetEntryView { name, key, .. }| {
                let (response, max_idle) = it.view(now, &name, key);
                GetEntryViewResponse { response, max_idle }
            }),
            KeySet::ID => self.serve(asked, |it, KeySet { name }| {
                it.exists(&name);
                let response = it.entries(now, &name).map(|(key, _)| key.clone()).collect();
                KeySetResponse { response }
            }),
            Values::ID => self.serve(asked, |it, Values { name }| {
                it.exists(&name);
                let response = it.entries(now, &name).map(|(_, value)| value.clone()).collect();
                ValuesResponse { response }
            }),
            EntrySet::ID => self.serve(asked, |it, EntrySet { name }| {
                it.exists(&name);
                let entries = it.entries(now, &name);
                let response = entries.map(|(key, value)| (key.clone(), value.clone()));
                EntrySetResponse { response: response.collect() }
            }),
            FetchKeys::ID => self.serve(asked, |it, r: FetchKeys| {
                let (entries, iteration_pointers) =
                    it.fetch(asked, &r.name, &r.iteration_pointers, r.batch);
                let keys = entries.into_iter().map(|(key, _)| key).collect();
                FetchKeysResponse { iteration_pointers, keys }
            }),
            FetchEntries::ID => self.serve(asked, |it, r: FetchEntries| {
                let (entries, iteration_pointers) =
                    it.fetch(asked, &r.name, &r.iteration_pointers, r.batch);
                FetchEntriesResponse { iteration_pointers, entries }
            }),
            Size::ID => self.serve(asked, |it, Size { name }| {
                it.exists(&name);
                let size = it.entries(now, &name).count();
                SizeResponse { response: i32::try_from(size).unwrap_or(i32::MAX) }
            }),
            IsEmpty::ID => self.serve(asked, |it, IsEmpty { name }| {
                it.exists(&name);
                IsEmptyResponse { response: it.entries(now, &name).next().is_none() }
            }),
            _ => self.answer_rest(asked, kind),
        }
    }

    /// Many entries are changed, or locks, or who listens.
    fn answer_rest(&mut self, asked: Asked<'_>, kind: u32) -> Result<(), Error> {
        let Asked { now, conn, message } = asked;
        let id = message.correlation_id();
        match kind {
            PutAll::ID => self.serve(asked, |it, PutAll { name, entries, .. }| {
                for (key, value) in &entries {
                    it.put(now, &name, key, value, Lifetime::default());
                }
                PutAllResponse {}
            }),
            Clear::ID => self.serve(asked, |it, Clear { name }| {
                it.remove_all(now, conn, &name, kind::CLEAR_ALL);
                ClearResponse {}
            }),
            EvictAll::ID => self.serve(asked, |it, EvictAll { name }| {
                it.remove_all(now, conn, &name, kind::EVICT_ALL);
                EvictAllResponse {}
            }),
            // There is no map store.
            Flush::ID => self.serve(asked, |_, Flush { .. }| FlushResponse {}),
            LoadAll::ID | LoadGivenKeys::ID => {
                let class = "java.lang.IllegalArgumentException";
                let text = Str::from_static("First you should configure a map store");
                self.refuse(conn, id, ErrorCode::ILLEGAL_ARGUMENT, class, text);
                Ok(())
            }
            Lock::ID => self.serve_unlocked(asked, |it, r: Lock| {
                it.lock(asked, (&r.name, &r.key, r.thread_id), r.ttl, r.reference_id);
                LockResponse {}
            }),
            TryLock::ID => self.serve_unlocked(asked, |it, r: TryLock| {
                it.lock(asked, (&r.name, &r.key, r.thread_id), r.lease, r.reference_id);
                TryLockResponse { response: true }
            }),
            Unlock::ID => self.unlock(asked),
            ForceUnlock::ID => self.serve(asked, |it, ForceUnlock { name, key, .. }| {
                let partition = it.partition_of(&key);
                if let Some(store) = it.store_mut(&name, partition) {
                    store.locks.force_unlock(&key);
                }
                it.touch(partition, &name, &key);
                it.wake_at(Some(now));
                ForceUnlockResponse {}
            }),
            IsLocked::ID => self.serve(asked, |it, IsLocked { name, key }| {
                let store = it.store(&name, it.partition_of(&key));
                let response = store.is_some_and(|store| store.locks.is_locked(now, &key));
                IsLockedResponse { response }
            }),
            AddEntryListener::ID => self.serve(asked, |it, r: AddEntryListener| {
                let heard = (&r.name, None, None, r.include_value, r.listener_flags);
                let event_type = AddEntryListener::ENTRY_EVENT;
                let response = it.listen_to_entries(asked, r.local_only, heard, event_type);
                AddEntryListenerResponse { response }
            }),
            AddEntryListenerToKey::ID => self.serve(asked, |it, r: AddEntryListenerToKey| {
                let heard = (&r.name, Some(&r.key), None, r.include_value, r.listener_flags);
                let event_type = AddEntryListenerToKey::ENTRY_EVENT;
                let response = it.listen_to_entries(asked, r.local_only, heard, event_type);
                AddEntryListenerToKeyResponse { response }
            }),
            AddEntryListenerWithPredicate::ID => {
                self.serve_or_refuse(asked, |it, r: AddEntryListenerWithPredicate| {
                    let predicate = it.read_predicate(Some(&r.predicate))?;
                    let heard = (&r.name, None, Some(predicate), r.include_value, r.listener_flags);
                    let event_type = AddEntryListenerWithPredicate::ENTRY_EVENT;
                    let response = it.listen_to_entries(asked, r.local_only, heard, event_type);
                    Ok(AddEntryListenerWithPredicateResponse { response })
                })
            }
            AddEntryListenerToKeyWithPredicate::ID => {
                self.serve_or_refuse(asked, |it, r: AddEntryListenerToKeyWithPredicate| {
                    let predicate = it.read_predicate(Some(&r.predicate))?;
                    let (key, flags) = (Some(&r.key), r.listener_flags);
                    let heard = (&r.name, key, Some(predicate), r.include_value, flags);
                    let event_type = AddEntryListenerToKeyWithPredicate::ENTRY_EVENT;
                    let response = it.listen_to_entries(asked, r.local_only, heard, event_type);
                    Ok(AddEntryListenerToKeyWithPredicateResponse { response })
                })
            }
            RemoveEntryListener::ID => self.serve(asked, |it, r: RemoveEntryListener| {
                let response = it.listeners.remove(&r.registration_id).is_some();
                RemoveEntryListenerResponse { response }
            }),
            AddPartitionLostListener::ID => {
                self.serve(asked, |it, AddPartitionLostListener { local_only, .. }| {
                    let response = it.listen(conn, id, local_only, ListenerKind::MapLosses);
                    AddPartitionLostListenerResponse { response }
                })
            }
            AddNearCacheInvalidationListener::ID => {
                self.serve(asked, |it, r: AddNearCacheInvalidationListener| {
                    let response = it.listen_to_invalidations(conn, id, &r.name, r.local_only);
                    AddNearCacheInvalidationListenerResponse { response }
                })
            }
            FetchNearCacheInvalidationMetadata::ID => {
                let request = FetchNearCacheInvalidationMetadata::decode(message)?.0;
                self.invalidation_metadata(conn, id, request);
                Ok(())
            }
            RemovePartitionLostListener::ID => {
                self.serve(asked, |it, r: RemovePartitionLostListener| {
                    let response = it.listeners.remove(&r.registration_id).is_some();
                    RemovePartitionLostListenerResponse { response }
                })
            }
            _ => self.answer_query(asked, kind),
        }
    }

    fn put_if_absent(
        &mut self,
        now: Instant,
        name: &Str,
        key: &Data,
        value: &Data,
        lifetime: Lifetime,
    ) -> Option<Data> {
        let found = self.get(now, name, key);
        if found.is_none() {
            self.put(now, name, key, value, lifetime);
        }
        found
    }

    fn lock(
        &mut self,
        asked: Asked<'_>,
        (name, key, thread): (&Str, &Data, i64),
        lease: i64,
        reference: i64,
    ) {
        let holder = self.holder(asked.conn, thread);
        let partition = self.partition_of(key);
        let Some(store) = self.store_mut(name, partition) else { return };
        let until = store.locks.lock(asked.now, key, holder, lease, reference);
        self.touch(partition, name, key);
        self.wake_at(until);
    }

    fn unlock(&mut self, asked: Asked<'_>) -> Result<(), Error> {
        let Asked { now, conn, message } = asked;
        let Unlock { name, key, thread_id, reference_id } = Unlock::decode(message)?.0;
        let holder = self.holder(conn, thread_id);
        let partition = self.partition_of(&key);
        let store = self.store_mut(&name, partition);
        if store.is_some_and(|store| store.locks.unlock(now, &key, holder, reference_id)) {
            self.touch(partition, &name, &key);
            self.wake_at(Some(now));
            self.respond(conn, message.correlation_id(), &UnlockResponse {});
        } else {
            let class = "java.lang.IllegalMonitorStateException";
            let text = Str::from_static("Current thread is not owner of the lock!");
            let id = message.correlation_id();
            self.refuse(conn, id, ErrorCode::ILLEGAL_MONITOR_STATE, class, text);
        }
        Ok(())
    }

    /// An entry as a member shows it that keeps no statistics of entries.
    fn view(&mut self, now: Instant, name: &Str, key: Data) -> (Option<SimpleEntryView>, i64) {
        let unix = self.clock.unix();
        self.exists(name);
        let Some(entry) = self.peek(now, name, &key) else { return (None, -1) };
        let never =
            |time: Option<u64>| time.and_then(|time| i64::try_from(time).ok()).unwrap_or(i64::MAX);
        let millis = |time: core::time::Duration| u64::try_from(time.as_millis()).unwrap_or(0);
        let max_idle = never(entry.lifetime.max_idle.map(millis));
        let view = SimpleEntryView {
            value: entry.value.clone(),
            cost: 0,
            creation_time: -1,
            expiration_time: never(entry.expires().map(|at| millis(unix + (at - now)))),
            hits: -1,
            last_access_time: -1,
            last_stored_time: -1,
            last_update_time: -1,
            version: 0,
            ttl: never(entry.lifetime.ttl.map(millis)),
            max_idle,
            key,
        };
        (Some(view), max_idle)
    }

    pub(super) fn fetch(
        &mut self,
        asked: Asked<'_>,
        name: &Str,
        pointers: &[(i32, i32)],
        batch: i32,
    ) -> (Vec<(Data, Data)>, Vec<(i32, i32)>) {
        let partition = asked.message.partition_id().cast_unsigned();
        let store = self.store(name, partition);
        store.map_or_else(
            || (Vec::new(), [(-1, i32::MAX)].into()),
            |store| store.fetch(asked.now, pointers, batch),
        )
    }

    fn listen_to_entries(
        &mut self,
        asked: Asked<'_>,
        local_only: bool,
        (map, key, predicate, values, flags): Heard<'_>,
        event_type: u32,
    ) -> Uuid {
        let (map, key) = (map.detached(), key.map(Data::detached));
        let kind = ListenerKind::Entries { map, key, predicate, values, flags, event_type };
        self.listen(asked.conn, asked.message.correlation_id(), local_only, kind)
    }
}
