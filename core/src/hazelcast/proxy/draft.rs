//! [`Draft`]: a request in the making. What serializing its fields brings to light, where it goes and
//! how it is undone are noted in it.

use alloc::sync::Arc;
use core::ops::{Deref, DerefMut};

use super::opens::Opens;
use crate::call::{Call, Plan};
use crate::hazelcast::error::Error;
use crate::hazelcast::family::{Answer, Hazelcast, Operation, Structure, To};
use crate::hazelcast::query::Filter;
use crate::hazelcast::schema::{Reply, Request};
use crate::hazelcast::serialization::{Codec, Pack};
use crate::hazelcast::{Data, Registration};

/// What the answer to an `M` holds.
pub(super) type Body<M> = <<M as Request>::Response as Reply>::Body;

/// Serializes the fields of a request, and takes notes.
pub(super) struct Draft<'a> {
    pack: Pack<'a>,
    to: Option<To>,
    endless: bool,
    undo: Option<crate::call::Undo<Hazelcast>>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(codec: &'a Codec) -> Self {
        Self { pack: codec.pack(), to: None, endless: false, undo: None }
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
        structure: &Structure,
        request: U,
        took: fn(Body<M>) -> bool,
    ) {
        let structure = structure.clone();
        self.undo = Some(Arc::new(move |answer: &Answer| {
            let took = answer.read::<M::Response>().is_ok_and(|answer| took(answer.into_body()));
            took.then(|| Plan::One(Operation::new(&request).on(&structure)))
        }));
    }

    /// One request, whose answer is read by the type that is asked for.
    pub(super) fn call<M, R>(self, request: &M, structure: &Structure) -> Call<Hazelcast, R>
    where
        M: Request,
        R: Opens<Body<M>> + 'static,
    {
        let mut operation = Operation::new(request).on(structure).needs(&self.pack.finish());
        if let Some(to) = self.to {
            operation = operation.to(to);
        }
        let mut call = Call::one(operation, |answer: &Answer, codec| {
            R::open(answer.read::<M::Response>()?.into_body(), codec)
        });
        call.order.undo = self.undo;
        if self.endless { call.endless() } else { call }
    }

    /// Several requests of one structure, for which only what they carry counts.
    pub(super) fn finish(self) -> crate::hazelcast::compact::Schemas {
        self.pack.finish()
    }

    /// A registration.
    pub(super) fn registration(self, registration: Registration, on: &Structure) -> Registration {
        registration.on(on).needs(&self.pack.finish())
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
