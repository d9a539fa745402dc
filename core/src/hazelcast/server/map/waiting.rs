//! Requests that wait until a key is unlocked. They are answered anew, in the order in which they came,
//! when any lock ends; those that wait for a time of their own are refused when it is over.

use alloc::vec::Vec;
use core::time::Duration;

use super::locks::Holder;
use crate::Str;
use crate::endpoint::ConnId;
use crate::hazelcast::error::{Error, ErrorCode};
use crate::hazelcast::message::map;
use crate::hazelcast::raw::Message;
use crate::hazelcast::server::Member;
use crate::hazelcast::{Data, Payload, Uuid};
use crate::time::Instant;

/// Requests that may wait; more are refused.
const MAX_WAITING: usize = 10_000;

/// A request that waits until its key is unlocked.
#[derive(Debug)]
pub(in crate::hazelcast::server) struct Waiting {
    pub(in crate::hazelcast::server) conn: ConnId,
    message: Message,
    name: Str,
    key: Data,
    holder: Holder,
    until: Option<Instant>,
}

/// Requests that do not pass where their key is locked by others.
pub(super) trait Guarded: Payload {
    /// The map, the key, and the thread.
    fn place(&self) -> (&Str, &Data, i64);
    /// Milliseconds that it waits; as long as it takes, if none.
    fn patience(&self) -> Option<i64> {
        None
    }
}

macro_rules! guarded {
    ($($message:ident $(for $patience:ident)?),* $(,)?) => {$(
        impl Guarded for map::$message {
            fn place(&self) -> (&Str, &Data, i64) {
                (&self.name, &self.key, self.thread_id)
            }
            $(fn patience(&self) -> Option<i64> {
                Some(self.$patience)
            })?
        }
    )*};
}

guarded! {
    Put, PutWithMaxIdle, Set, SetWithMaxIdle, PutTransient, PutTransientWithMaxIdle, PutIfAbsent,
    PutIfAbsentWithMaxIdle, Replace, ReplaceIfSame, Remove, RemoveIfSame, Delete, Evict, Lock,
    TryPut for timeout, TryRemove for timeout, TryLock for timeout,
}

impl Guarded for map::SetTtl {
    fn place(&self) -> (&Str, &Data, i64) {
        (&self.name, &self.key, 0)
    }
}

impl Member {
    pub(super) fn holder(&self, conn: ConnId, thread: i64) -> Holder {
        let client = self.links.get(conn).map_or(Uuid::NIL, |state| state.client);
        Holder { client, thread }
    }

    /// Whether a request may go on now. If not, it waits, or was refused.
    pub(super) fn passes(
        &mut self,
        now: Instant,
        conn: ConnId,
        message: &Message,
        request: &impl Guarded,
    ) -> bool {
        let (name, key, thread) = request.place();
        let holder = self.holder(conn, thread);
        if self.is_free_for(now, name, key, holder) {
            return true;
        }
        let millis = |millis| Duration::from_millis(u64::try_from(millis).unwrap_or(0));
        let until = request.patience().map(|patience| now + millis(patience));
        if until.is_some_and(|at| at <= now) {
            self.give_up(conn, message);
        } else if self.waiting.len() >= MAX_WAITING {
            let class = "com.hazelcast.core.HazelcastOverloadException";
            let text = Str::from_static("too many requests wait for locks");
            let id = message.correlation_id();
            self.refuse(conn, id, ErrorCode::HAZELCAST_OVERLOAD, class, text);
        } else {
            let (name, key, message) = (name.detached(), key.detached(), message.clone());
            self.waiting.push(Waiting { conn, message, name, key, holder, until });
            self.wake_at(until);
        }
        false
    }

    fn is_free_for(&self, now: Instant, name: &str, key: &Data, holder: Holder) -> bool {
        let store = self.store(name, self.partition_of(key));
        store.is_none_or(|store| store.locks.is_free_for(now, key, holder))
    }

    /// Refuses a request whose time is up.
    fn give_up(&mut self, conn: ConnId, message: &Message) {
        let (id, response) = (message.correlation_id(), false);
        match message.message_type() {
            map::TryPut::ID => self.respond(conn, id, &map::TryPutResponse { response }),
            map::TryRemove::ID => self.respond(conn, id, &map::TryRemoveResponse { response }),
            _ => self.respond(conn, id, &map::TryLockResponse { response }),
        }
    }

    /// Something is to be done at this moment, or before.
    pub(super) fn wake_at(&mut self, at: Option<Instant>) {
        self.locks_due = [self.locks_due, at].into_iter().flatten().min();
    }

    /// Locks have ended, or times of waiting are over: who can go on does.
    pub(in crate::hazelcast::server) fn handle_unlocked(&mut self, now: Instant) {
        self.locks_due = None;
        self.read_on(now);
        let maps = self.slots.iter_mut().flat_map(|slot| slot.replicas.values_mut());
        let maps = maps.flat_map(|replica| replica.maps.values_mut());
        let next = maps.filter_map(|map| map.locks.expire(now)).min();
        self.wake_at(next);
        for waiting in core::mem::take(&mut self.waiting) {
            let Waiting { conn, message, name, key, holder, until } = &waiting;
            if self.is_free_for(now, name, key, *holder) {
                // It was read before, so nothing is wrong with it.
                let _: Result<(), Error> = self.answer(now, *conn, message);
            } else if until.is_some_and(|at| at <= now) {
                self.give_up(*conn, message);
            } else {
                self.wake_at(*until);
                self.waiting.push(waiting);
            }
        }
    }

    /// A connection is gone, and with the last one of a client all that it locked. Real members wait
    /// a minute before they do that.
    pub(in crate::hazelcast::server) fn handle_gone(&mut self, conn: ConnId, client: Uuid) {
        self.waiting.retain(|waiting| waiting.conn != conn);
        self.reading.retain(|(of, _)| *of != conn);
        let clients: Vec<_> = self.links.iter().map(|(_, state)| state.client).collect();
        if clients.contains(&client) {
            return;
        }
        for partition in 0..self.topology.partitions() {
            let owner = self.owner_of(partition);
            let replica = self.slots.get_mut(owner).and_then(|it| it.replicas.get_mut(&partition));
            let Some(replica) = replica else { continue };
            let mut unlocked = Vec::new();
            for (name, map) in &mut replica.maps {
                unlocked.extend(map.locks.release(client).into_iter().map(|it| (name.clone(), it)));
            }
            for (name, key) in unlocked {
                self.touch(partition, &name, &key);
            }
        }
        self.replicate_quietly();
        self.wake_at(Some(self.clock.now()));
    }
}
