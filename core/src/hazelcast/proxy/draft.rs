//! [`Draft`]: a request in the making. What serializing its fields brings to light, where it goes and
//! how it is undone are noted in it.

use alloc::sync::Arc;
use core::ops::{Deref, DerefMut};

use super::MAPS;
use super::opens::Opens;
use crate::call::{Call, Plan};
use crate::hazelcast::compact::Schemas;
use crate::hazelcast::error::Error;
use crate::hazelcast::family::{Answer, Hazelcast, Operation, Structure, To};
use crate::hazelcast::frame::FRAME_HEADER;
use crate::hazelcast::near_cache::{Changes, NearCache, Written};
use crate::hazelcast::query::Filter;
use crate::hazelcast::schema::{Reply, Request};
use crate::hazelcast::serialization::{Codec, Pack, Write};
use crate::hazelcast::writer::REQUEST_HEADER;
use crate::hazelcast::{Data, Registration};

/// What the answer to an `M` holds.
pub(super) type Body<M> = <<M as Request>::Response as Reply>::Body;

/// What a request takes beside its values and the structure's name: the initial frame with up to four
/// fixed-size fields, and the name's header.
const ROOM: usize = FRAME_HEADER + REQUEST_HEADER + 4 * 8 + FRAME_HEADER;

/// Serializes the fields of a request, and takes notes.
pub(super) struct Draft<'a> {
    pack: Pack<'a>,
    structure: &'a Arc<Structure>,
    /// What the near cache of the structure has to forget, if it has one.
    changes: Option<(Arc<NearCache>, Changes)>,
    to: Option<To>,
    endless: bool,
    undo: Option<crate::call::Undo<Hazelcast>>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(codec: &'a Codec, structure: &'a Arc<Structure>) -> Self {
        let pack = codec.pack();
        Self { pack, structure, changes: None, to: None, endless: false, undo: None }
    }

    /// Serializes a key whose entry the request changes.
    pub(super) fn changed<T: Write + ?Sized>(&mut self, key: &T) -> Result<Data, Error> {
        let key = self.pack.present(key)?;
        if let Some((cache, changes)) = self.changes() {
            changes.keys.push(cache.hash_of(&key));
        }
        Ok(key)
    }

    /// The request changes any entry, or all.
    pub(super) fn changed_all(&mut self) {
        if let Some((_, changes)) = self.changes() {
            changes.all = true;
        }
    }

    /// The structure goes, with all that it has.
    pub(super) fn destroyed(&mut self) {
        if let Some((_, changes)) = self.changes() {
            (changes.all, changes.destroys) = (true, true);
        }
    }

    fn changes(&mut self) -> Option<&mut (Arc<NearCache>, Changes)> {
        if self.changes.is_none() && self.structure.service == MAPS {
            let cache = self.pack.codec().near_cache(&self.structure.name)?;
            self.changes = Some((cache, Changes::default()));
        }
        self.changes.as_mut()
    }

    /// The call, which has the near cache forget what it changes when it ends, however it ends.
    fn guarded<R: Send + 'static>(
        changes: Option<(Arc<NearCache>, Changes)>,
        call: Call<Hazelcast, R>,
    ) -> Call<Hazelcast, R> {
        let Some((cache, changes)) = changes else { return call };
        let written = Written::new(cache, changes);
        call.map(move |result| {
            written.acknowledge();
            result
        })
    }

    /// Serializes a predicate. If it asks some partitions alone, the request goes to one of them.
    pub(super) fn filter(&mut self, filter: &(impl Filter + ?Sized)) -> Result<Data, Error> {
        if let Some(key) = filter.partition_keys().first() {
            let key = self.pack.codec().to_present(key)?;
            self.to = Some(To::Hash(key.partition_hash()));
        }
        self.pack.present(filter)
    }

    /// The request goes elsewhere than its declaration says.
    pub(super) fn to(&mut self, to: To) {
        self.to = Some(to);
    }

    /// Others decide how long the answer takes.
    pub(super) fn endless(&mut self) {
        self.endless = true;
    }

    /// What gives back what the request took, if it is abandoned and succeeds all the same: if `took`
    /// says so of the answer, `request` is sent.
    pub(super) fn undo<M: Request, U: Request + Send + Sync + 'static>(
        &mut self,
        structure: &Arc<Structure>,
        request: U,
        took: fn(Body<M>) -> bool,
    ) {
        let structure = Arc::clone(structure);
        self.undo = Some(Arc::new(move |answer: &Answer| {
            let took = answer.read::<M::Response>().is_ok_and(|answer| took(answer.into_body()));
            took.then(|| Plan::One(Operation::new(&request).on(&structure)))
        }));
    }

    /// One request, whose answer is read by the type that is asked for.
    pub(super) fn call<M, R>(self, request: &M) -> Call<Hazelcast, R>
    where
        M: Request,
        R: Opens<Body<M>> + Send + 'static,
    {
        let room = ROOM + self.structure.name.bytes().len() + self.pack.room();
        let mut operation = Operation::with_room(request, room).on(self.structure);
        operation = operation.needs(&self.pack.finish());
        if let Some(to) = self.to {
            operation = operation.to(to);
        }
        let mut call = Call::one(operation, |answer: &Answer, codec| {
            R::open(answer.read::<M::Response>()?.into_body(), codec)
        });
        call.order.undo = self.undo;
        let call = if self.endless { call.endless() } else { call };
        Self::guarded(self.changes, call)
    }

    /// Several requests, which `call` makes a call of, told what they need.
    pub(super) fn calls<R: Send + 'static>(
        self,
        call: impl FnOnce(Schemas) -> Call<Hazelcast, R>,
    ) -> Call<Hazelcast, R> {
        Self::guarded(self.changes, call(self.pack.finish()))
    }

    /// A registration.
    pub(super) fn registration(self, registration: Registration) -> Registration {
        registration.on(self.structure).needs(&self.pack.finish())
    }
}

impl<'a> Deref for Draft<'a> {
    type Target = Pack<'a>;
    fn deref(&self) -> &Pack<'a> {
        &self.pack
    }
}

impl DerefMut for Draft<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.pack
    }
}
