//! One key, one value: the operations that need no more. Also the map as a whole.

use core::time::Duration;

use super::expiry::millis;
use super::{Expiry, Map};
use crate::hazelcast::family::Hazelcast;
use crate::hazelcast::message::map as message;
use crate::hazelcast::message::map::{
    Clear, ContainsKey, ContainsValue, Delete, Evict, EvictAll, Flush, Get, IsEmpty, Remove,
    RemoveIfSame, Replace, ReplaceIfSame, SetTtl, Size, TryPut, TryRemove,
};
use crate::hazelcast::proxy::{Form, Readable};
use crate::invoker::Invoker;

/// Methods that store a value, as a pair each: with the map's own expiry and with another. Only where
/// a maximum idle time is given is the message sent that has one.
macro_rules! stores {
    ($(
        $(#[$docs:meta])*
        $plain:ident, $with:ident: $message:ident | $idle:ident -> $result:ty;
    )*) => {$(
        $(#[$docs])*
        pub fn $plain<Q, W>(&self, key: &Q, value: &W) -> I::Invocation<$result>
        where
            Q: Form<K> + ?Sized,
            W: Form<V> + ?Sized,
        {
            self.$with(key, value, Expiry::default())
        }

        #[doc = concat!(
            "[`Map::", stringify!($plain), "`], for an entry with an expiry of its own.",
        )]
        pub fn $with<Q, W>(
            &self,
            key: &Q,
            value: &W,
            expiry: impl Into<Expiry>,
        ) -> I::Invocation<$result>
        where
            Q: Form<K> + ?Sized,
            W: Form<V> + ?Sized,
        {
            let (ttl, max_idle) = expiry.into().millis();
            let (name, thread_id) = (self.proxy.name(), self.thread);
            match max_idle {
                None => self.proxy.call(|it| {
                    let (key, value) = (it.changed(key)?, it.present(value)?);
                    Ok(message::$message { name, key, value, thread_id, ttl })
                }),
                Some(max_idle) => self.proxy.call(|it| {
                    let (key, value) = (it.changed(key)?, it.present(value)?);
                    Ok(message::$idle { name, key, value, thread_id, ttl, max_idle })
                }),
            }
        }
    )*};
}

/// What gives a value back.
impl<K, V: Readable, I: Invoker<Family = Hazelcast>> Map<K, V, I> {
    /// The value of a key.
    pub fn get<Q: Form<K> + ?Sized>(&self, key: &Q) -> I::Invocation<Option<V>> {
        let (name, thread_id) = (self.proxy.name(), self.thread);
        self.proxy.call(|it| Ok(Get { name, key: it.present(key)?, thread_id }))
    }

    /// Removes a key and returns its value.
    pub fn remove<Q: Form<K> + ?Sized>(&self, key: &Q) -> I::Invocation<Option<V>> {
        let (name, thread_id) = (self.proxy.name(), self.thread);
        self.proxy.call(|it| Ok(Remove { name, key: it.changed(key)?, thread_id }))
    }

    stores! {
        /// Stores a value and returns the one it replaced.
        put, put_with: Put | PutWithMaxIdle -> Option<V>;
        /// Stores a value unless there is one, which is returned then.
        put_if_absent, put_if_absent_with: PutIfAbsent | PutIfAbsentWithMaxIdle -> Option<V>;
    }

    /// Replaces the value of a key that has one, and returns the old one.
    pub fn replace<Q, W>(&self, key: &Q, value: &W) -> I::Invocation<Option<V>>
    where
        Q: Form<K> + ?Sized,
        W: Form<V> + ?Sized,
    {
        let (name, thread_id) = (self.proxy.name(), self.thread);
        self.proxy.call(|it| {
            Ok(Replace { name, key: it.changed(key)?, value: it.present(value)?, thread_id })
        })
    }
}

/// What doesn't.
impl<K, V, I: Invoker<Family = Hazelcast>> Map<K, V, I> {
    stores! {
        /// Stores a value; cheaper than [`Map::put`], which sends the old one back.
        set, set_with: Set | SetWithMaxIdle -> ();
        /// Stores a value that the map store does not get.
        put_transient, put_transient_with: PutTransient | PutTransientWithMaxIdle -> ();
    }

    /// Replaces a value if it is still the one that is expected. Members compare bytes.
    pub fn replace_if_same<Q, E, W>(&self, key: &Q, expected: &E, value: &W) -> I::Invocation<bool>
    where
        Q: Form<K> + ?Sized,
        E: Form<V> + ?Sized,
        W: Form<V> + ?Sized,
    {
        let (name, thread_id) = (self.proxy.name(), self.thread);
        self.proxy.call(|it| {
            let (key, test_value) = (it.changed(key)?, it.present(expected)?);
            Ok(ReplaceIfSame { name, key, test_value, value: it.present(value)?, thread_id })
        })
    }

    /// Removes a key if its value is still the one that is expected. Members compare bytes.
    pub fn remove_if_same<Q, W>(&self, key: &Q, expected: &W) -> I::Invocation<bool>
    where
        Q: Form<K> + ?Sized,
        W: Form<V> + ?Sized,
    {
        let (name, thread_id) = (self.proxy.name(), self.thread);
        self.proxy.call(|it| {
            Ok(RemoveIfSame {
                name,
                key: it.changed(key)?,
                value: it.present(expected)?,
                thread_id,
            })
        })
    }

    /// Removes a key; cheaper than [`Map::remove`], which sends the value back.
    pub fn delete<Q: Form<K> + ?Sized>(&self, key: &Q) -> I::Invocation<()> {
        let (name, thread_id) = (self.proxy.name(), self.thread);
        self.proxy.call(|it| Ok(Delete { name, key: it.changed(key)?, thread_id }))
    }

    /// Stores a value if the key is not locked by others, or no longer within `timeout`; whether it
    /// was.
    pub fn try_put<Q, W>(&self, key: &Q, value: &W, timeout: Duration) -> I::Invocation<bool>
    where
        Q: Form<K> + ?Sized,
        W: Form<V> + ?Sized,
    {
        let (name, thread_id, timeout) = (self.proxy.name(), self.thread, millis(timeout));
        self.proxy.call(|it| {
            let (key, value) = (it.changed(key)?, it.present(value)?);
            Ok(TryPut { name, key, value, thread_id, timeout })
        })
    }

    /// Removes a key if it is not locked by others, or no longer within `timeout`; whether it was
    /// removed.
    pub fn try_remove<Q>(&self, key: &Q, timeout: Duration) -> I::Invocation<bool>
    where
        Q: Form<K> + ?Sized,
    {
        let (name, thread_id, timeout) = (self.proxy.name(), self.thread, millis(timeout));
        self.proxy.call(|it| Ok(TryRemove { name, key: it.changed(key)?, thread_id, timeout }))
    }

    /// Whether there is a value of this key.
    pub fn contains_key<Q: Form<K> + ?Sized>(&self, key: &Q) -> I::Invocation<bool> {
        let (name, thread_id) = (self.proxy.name(), self.thread);
        self.proxy.call(|it| Ok(ContainsKey { name, key: it.present(key)?, thread_id }))
    }

    /// Whether any key has this value. Members compare bytes, of every entry.
    pub fn contains_value<W: Form<V> + ?Sized>(&self, value: &W) -> I::Invocation<bool> {
        let name = self.proxy.name();
        self.proxy.call(|it| Ok(ContainsValue { name, value: it.present(value)? }))
    }

    /// Changes how long an entry lives after a change: zero is for ever, none is as the map is
    /// configured. False if there is no such entry.
    pub fn set_ttl<Q>(&self, key: &Q, ttl: Option<Duration>) -> I::Invocation<bool>
    where
        Q: Form<K> + ?Sized,
    {
        let (ttl, _) = Expiry { ttl, max_idle: None }.millis();
        let name = self.proxy.name();
        self.proxy.call(|it| Ok(SetTtl { name, key: it.changed(key)?, ttl }))
    }

    /// Removes a key from memory and not from the map store, unless it is locked; whether it was
    /// there.
    pub fn evict<Q: Form<K> + ?Sized>(&self, key: &Q) -> I::Invocation<bool> {
        let (name, thread_id) = (self.proxy.name(), self.thread);
        self.proxy.call(|it| Ok(Evict { name, key: it.changed(key)?, thread_id }))
    }

    /// Removes all keys that are not locked from memory, and not from the map store.
    pub fn evict_all(&self) -> I::Invocation<()> {
        self.proxy.call(|it| {
            it.changed_all();
            Ok(EvictAll { name: self.proxy.name() })
        })
    }

    /// Has the map store write what it still holds back.
    pub fn flush(&self) -> I::Invocation<()> {
        self.proxy.call(|_| Ok(Flush { name: self.proxy.name() }))
    }

    /// How many entries there are. While partitions move it is an estimate.
    pub fn size(&self) -> I::Invocation<usize> {
        self.proxy.call(|_| Ok(Size { name: self.proxy.name() }))
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> I::Invocation<bool> {
        self.proxy.call(|_| Ok(IsEmpty { name: self.proxy.name() }))
    }

    /// Removes all entries, of the map store too.
    pub fn clear(&self) -> I::Invocation<()> {
        self.proxy.call(|it| {
            it.changed_all();
            Ok(Clear { name: self.proxy.name() })
        })
    }

    /// Destroys the map in the whole cluster, with its entries, locks and indexes. Whoever uses it
    /// after creates it anew.
    pub fn destroy(&self) -> I::Invocation<()> {
        self.proxy.destroy()
    }
}
