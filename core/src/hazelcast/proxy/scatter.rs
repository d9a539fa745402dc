//! [`Scatter`]: a call on many keys, as one request per partition.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::Str;
use crate::call::{Advance, Progress, Stepping, Steps};
use crate::hazelcast::Data;
use crate::hazelcast::error::Error;
use crate::hazelcast::family::{Answer, Hazelcast, Operation, Structure, To};
use crate::hazelcast::schema::Request;
use crate::hazelcast::serialization::compact::Schemas;
use crate::partition::hazelcast_partition;

/// Something that lives in its key's partition.
pub(super) trait Keyed: Send {
    fn key(&self) -> &Data;
}

impl Keyed for Data {
    fn key(&self) -> &Data {
        self
    }
}

impl Keyed for (Data, Data) {
    fn key(&self) -> &Data {
        &self.0
    }
}

/// Groups items by partition, sends a request for each group, and gathers the answers. The first
/// error ends the call; other partitions may have been served by then.
pub(super) struct Scatter<T, M> {
    structure: Arc<Structure>,
    schemas: Schemas,
    items: Vec<T>,
    request: fn(Str, Vec<T>) -> M,
    left: usize,
    answers: Vec<crate::hazelcast::Message>,
}

/// The tag of the wait for a connection. Requests have those from 1.
const READY: u32 = 0;

impl<T: Keyed, M: Request> Scatter<T, M> {
    /// `schemas` are what the items need; `request` is told the structure's name and the items of one
    /// partition.
    pub(super) fn new(
        structure: Arc<Structure>,
        schemas: Schemas,
        items: Vec<T>,
        request: fn(Str, Vec<T>) -> M,
    ) -> Self {
        Self { structure, schemas, items, request, left: 0, answers: Vec::new() }
    }

    fn scatter(&mut self, cx: &mut Stepping<'_, Hazelcast>) {
        let mut groups = BTreeMap::<_, Vec<T>>::new();
        let count = cx.context.partition_count();
        for item in self.items.drain(..) {
            let partition = hazelcast_partition(item.key().partition_hash(), count);
            groups.entry(partition).or_default().push(item);
        }
        self.left = groups.len();
        for (tag, (partition, items)) in (READY + 1..).zip(groups) {
            let request = (self.request)(self.structure.name.clone(), items);
            let operation = Operation::new(&request).on(&self.structure).needs(&self.schemas);
            cx.send(tag, operation.to(To::Partition(partition)).ungated());
        }
    }
}

impl<T: Keyed, M: Request> Steps<Hazelcast> for Scatter<T, M> {
    fn advance(
        &mut self,
        event: Advance<Hazelcast>,
        cx: &mut Stepping<'_, Hazelcast>,
    ) -> Progress<Hazelcast> {
        match event {
            Advance::Start if self.items.is_empty() => return self.done(),
            // How many partitions there are is known once the client is connected.
            Advance::Start => cx.send(READY, Operation::ready()),
            Advance::Answer { result: Err(error), .. } => return Progress::Done(Err(error)),
            Advance::Answer { tag: READY, .. } => self.scatter(cx),
            Advance::Answer { result: Ok(Answer::Message { message, .. }), .. } => {
                self.answers.push(message);
                self.left = self.left.saturating_sub(1);
                if self.left == 0 {
                    return self.done();
                }
            }
            Advance::Answer { .. } | Advance::Woken => {
                let error = Error::Unsupported("an answer without a message");
                return Progress::Done(Err(error));
            }
        }
        Progress::Waiting
    }
}

impl<T, M> Scatter<T, M> {
    fn done(&mut self) -> Progress<Hazelcast> {
        Progress::Done(Ok(Answer::Messages(core::mem::take(&mut self.answers))))
    }
}
