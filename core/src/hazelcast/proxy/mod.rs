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

mod cluster;
mod entry_event;
mod map;
mod scatter;

pub use cluster::{ClusterEvents, Migration, ObjectEvent, PartitionLost};
pub use entry_event::{EntryEvent, EntryEvents};
pub use map::Map;

use alloc::vec::Vec;

use super::error::Error;
use super::family::{Answer, Hazelcast, Operation, Structure};
use super::message::client::{GetDistributedObjects, GetDistributedObjectsResponse};
use super::schema::Request;
use super::serialization::{Codec, Pack};
use crate::Str;
use crate::call::{Call, Unopened};
use crate::invoker::Invoker;

/// The structures of a cluster. Implemented for every invoker of the family.
pub trait Structures: Invoker<Family = Hazelcast> {
    /// A distributed map. Nothing is sent; members create it before its first use.
    fn map<K, V>(&self, name: &str) -> Map<K, V, Self> {
        Map::new(Proxy::new(self, "hz:impl:mapService", name))
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

/// What every structure's handle is made of.
#[derive(Debug, Clone)]
pub(crate) struct Proxy<I> {
    invoker: I,
    structure: Structure,
}

impl<I: Invoker<Family = Hazelcast>> Proxy<I> {
    fn new(invoker: &I, service: &'static str, name: &str) -> Self {
        let structure = Structure { service, name: Str::from(name) };
        Self { invoker: invoker.clone(), structure }
    }

    fn name(&self) -> Str {
        self.structure.name.clone()
    }

    /// One request, and how its answer is read. A value that can't be serialized makes a call that
    /// fails.
    fn call<M: Request, R: Send + 'static>(
        &self,
        request: impl FnOnce(&mut Pack<'_>) -> Result<M, Error>,
        open: fn(&Answer, &Codec) -> Result<R, Unopened<Hazelcast>>,
    ) -> I::Invocation<R> {
        let mut pack = self.invoker.codec().pack();
        self.invoker.invoke(match request(&mut pack) {
            Ok(request) => {
                let operation = Operation::new(&request).on(&self.structure);
                Call::one(operation.needs(&pack.finish()), open)
            }
            Err(error) => Call::fail(error),
        })
    }
}
