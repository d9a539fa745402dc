//! What users hold: structures by name, over any invoker.
//!
//! [`Structures`] gives an adapter's client its structures, so that the adapter names no protocol:
//!
//! ```
//! use gridwire_core::hazelcast::{Error, Hazelcast, Structures};
//! use gridwire_core::invoker::AsyncInvoker;
//!
//! async fn count<I: AsyncInvoker<Family = Hazelcast>>(client: I) -> Result<(), Error> {
//!     let counters = client.map::<String, i64>("counters");
//!     I::future(counters.put("a", &1)).await?;
//!     assert_eq!(I::future(counters.get("a")).await?, Some(1));
//!     Ok(())
//! }
//! ```
//!
//! A method is its request, and nothing else: which keys and values it serializes, and where they go in
//! the message. What it returns says how the answer is read (`Opens`, found by what the declared
//! response holds), its parameters are any [`Form`] of a key or value, and everything that all methods
//! do is done once, in `Proxy`:
//!
//! ```text
//! pub fn put<Q: Form<K> + ?Sized, W: Form<V> + ?Sized>(&self, key: &Q, value: &W)
//!     -> I::Invocation<Option<V>>                      // Opens<Option<Data>>
//! {
//!     self.call(|it| Ok(Put { name: self.name(), key: it.present(key)?, value: it.present(value)?, .. }))
//! }
//!
//!    Proxy::call      one request                       Draft: serializes, notes schemas,
//!    Proxy::scatter   one per partition, gathered              where to go, how to undo
//!    Proxy::listen    a listener on every member
//! ```

mod cluster;
mod draft;
mod entry_event;
mod lock_owner;
mod map;
mod opens;
mod scatter;

pub use cluster::{ClusterEvents, Migration, ObjectEvent, PartitionLost};
pub use entry_event::{EntryEvent, EntryEvents};
pub use lock_owner::{LockOwner, Owned};
pub use map::{
    BitmapIndex, Cursor, CursorPage, EntryProcessor, EntryView, Expiry, Index, JournalBounds,
    JournalEvent, JournalPage, Map, MapPartitionLost, NearCachedMap, QueryCache, QueryCacheEvent,
    Transformation,
};

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::borrow::Borrow;

use self::draft::{Body, Draft};
use self::opens::{Gathers, Opens};
use self::scatter::{Keyed, Scatter};
use super::Uuid;
use super::error::Error;
use super::family::{Answer, Hazelcast, Item, Operation, Registration, Source, Structure};
use super::message::client::{
    DestroyProxy, DestroyProxyResponse, GetDistributedObjects, GetDistributedObjectsResponse,
};
use super::schema::{Reply, Request};
use super::serialization::{Codec, Read, Write};
use crate::Str;
use crate::call::{Call, Listen, Unopened};
use crate::invoker::Invoker;

/// The service of maps.
pub(crate) const MAPS: &str = "hz:impl:mapService";

/// The structures of a cluster. Implemented for every invoker of the family.
pub trait Structures: Invoker<Family = Hazelcast> {
    /// A distributed map. Nothing is sent; members create it before its first use.
    fn map<K, V>(&self, name: &str) -> Map<K, V, Self> {
        Map::new(Proxy::new(self, MAPS, name))
    }

    /// A distributed map with the client's near cache of it, by the rules that
    /// [`Config::near_caches`](crate::hazelcast::Config::near_caches) has for its name; misuse if there
    /// are none. The members are asked to tell of changes first.
    ///
    /// All of the client's handles of the map keep the near cache right by what they change; those of
    /// [`map`](Self::map) read past it.
    fn near_cached_map<K, V>(&self, name: &str) -> Self::Invocation<NearCachedMap<K, V, Self>>
    where
        K: Readable + Sync,
        V: Readable + Sync,
        Self: Send + 'static,
    {
        self.invoke(NearCachedMap::open(self.map(name)))
    }

    /// An owner of locks that is no other's of this client.
    fn lock_owner(&self) -> LockOwner {
        LockOwner::new(self.codec())
    }

    /// What structures there are in the cluster, in no order.
    fn distributed_objects(&self) -> Self::Invocation<Vec<DistributedObject>> {
        let operation = Operation::new(&GetDistributedObjects {});
        self.invoke(Call::one(operation, |answer: &Answer, _| {
            let answer: GetDistributedObjectsResponse = answer.read()?;
            let object = |object: &super::message::custom::DistributedObjectInfo| {
                let (service, name) = (object.service_name.detached(), object.name.detached());
                DistributedObject { service, name }
            };
            Ok(answer.response.iter().map(object).collect())
        }))
    }
}

impl<I: Invoker<Family = Hazelcast>> Structures for I {}

/// A structure that exists in the cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DistributedObject {
    /// The service that keeps it: `"hz:impl:mapService"`.
    pub service: Str,
    /// Its name.
    pub name: Str,
}

/// A form in which keys or values of type `T` may be given: any borrowed one that is written alike. A
/// `Map<String, Vec<u8>>` is asked with a `&str` and given a `&[u8]`.
pub trait Form<T: ?Sized>: Write {}

impl<T: Borrow<Q> + ?Sized, Q: Write + ?Sized> Form<T> for Q {}

/// What keys and values are read as. Implemented for every such type.
pub trait Readable: Read + Send + 'static {}

impl<T: Read + Send + 'static> Readable for T {}

/// What every structure's handle is made of.
#[derive(Debug, Clone)]
pub(crate) struct Proxy<I> {
    invoker: I,
    structure: Arc<Structure>,
}

impl<I: Invoker<Family = Hazelcast>> Proxy<I> {
    fn new(invoker: &I, service: &'static str, name: &str) -> Self {
        let structure = Arc::new(Structure { service, name: Str::from(name) });
        Self { invoker: invoker.clone(), structure }
    }

    fn name(&self) -> Str {
        self.structure.name.clone()
    }

    /// One request, whose answer is read by the type that is asked for. A value that can't be
    /// serialized makes a call that fails.
    fn call<M, R>(&self, fill: impl FnOnce(&mut Draft<'_>) -> Result<M, Error>) -> I::Invocation<R>
    where
        M: Request,
        R: Opens<Body<M>> + Send + 'static,
    {
        self.invoker.invoke(self.prepare(fill))
    }

    /// What [`Proxy::call`] invokes, to be changed before.
    fn prepare<M, R>(
        &self,
        fill: impl FnOnce(&mut Draft<'_>) -> Result<M, Error>,
    ) -> Call<Hazelcast, R>
    where
        M: Request,
        R: Opens<Body<M>> + Send + 'static,
    {
        let mut draft = Draft::new(self.invoker.codec(), &self.structure);
        match fill(&mut draft) {
            Ok(request) => draft.call(&request),
            Err(error) => Call::fail(error),
        }
    }

    /// A request for each partition that has some of the items, all in flight together, and what they
    /// are answered put together. The first error ends the call; other partitions may have been served
    /// by then.
    fn scatter<T, M, R>(
        &self,
        fill: impl FnOnce(&mut Draft<'_>) -> Result<Vec<T>, Error>,
        request: fn(Str, Vec<T>) -> M,
    ) -> I::Invocation<R>
    where
        T: Keyed + 'static,
        M: Request + 'static,
        R: Opens<Body<M>> + Gathers + Send + 'static,
    {
        self.invoker.invoke(self.prepare_scatter(fill, request))
    }

    /// What [`Proxy::scatter`] invokes, to be changed before.
    fn prepare_scatter<T, M, R>(
        &self,
        fill: impl FnOnce(&mut Draft<'_>) -> Result<Vec<T>, Error>,
        request: fn(Str, Vec<T>) -> M,
    ) -> Call<Hazelcast, R>
    where
        T: Keyed + 'static,
        M: Request + 'static,
        R: Opens<Body<M>> + Gathers + Send + 'static,
    {
        let mut draft = Draft::new(self.invoker.codec(), &self.structure);
        let items = match fill(&mut draft) {
            Ok(items) => items,
            Err(error) => return Call::fail(error),
        };
        draft.calls(|schemas| {
            let steps = Scatter::new(self.structure.clone(), schemas, items, request);
            Call::steps(steps, |answer, codec| {
                let mut all = R::default();
                for part in answer.read_all::<M::Response>() {
                    all.gather(R::open(part?.into_body(), codec)?);
                }
                Ok(all)
            })
        })
    }

    /// A listener on every member: what `fill` makes of what it serialized asks for it, and is told
    /// whether a member is to report its own events only. One that can't be serialized makes a
    /// subscription that ends with the error.
    fn listen<A, F, D, T>(
        &self,
        fill: impl FnOnce(&mut Draft<'_>) -> Result<F, Error>,
        remove: fn(Str, Uuid) -> D,
        open: fn(&Item, &Codec) -> Result<T, Unopened<Hazelcast>>,
    ) -> I::Subscription<T>
    where
        A: Request<Response: Reply<Body = Uuid>>,
        F: Fn(bool) -> A + Send + Sync + 'static,
        D: Request + 'static,
        T: Send + 'static,
    {
        let name = self.name();
        let mut draft = Draft::new(self.invoker.codec(), &self.structure);
        let source = match fill(&mut draft) {
            Ok(add) => {
                let registration = Registration::new(add, move |id| remove(name.clone(), id));
                draft.registration(registration).into()
            }
            Err(error) => Source::Fail(error),
        };
        self.invoker.listen(Listen::new(source, open))
    }

    /// Destroys the structure in the whole cluster, with what it holds. Whoever uses it after creates
    /// it anew.
    fn destroy(&self) -> I::Invocation<()> {
        let Structure { service, name } = Structure::clone(&self.structure);
        let request = DestroyProxy { name, service_name: Str::from_static(service) };
        let mut draft = Draft::new(self.invoker.codec(), &self.structure);
        draft.destroyed();
        self.invoker.invoke(draft.calls(|_| {
            Call::one(Operation::new(&request), |answer: &Answer, _| {
                Ok(answer.read::<DestroyProxyResponse>().map(drop)?)
            })
        }))
    }
}
