//! [`Cursor`]: all entries, partition by partition, a batch at a time.
//!
//! ```
//! use gridwire_core::hazelcast::{Error, Hazelcast, Map};
//! use gridwire_core::invoker::AsyncInvoker;
//!
//! async fn sum<I: AsyncInvoker<Family = Hazelcast>>(map: &Map<String, i64, I>) -> Result<i64, Error> {
//!     let (mut sum, mut cursor) = (0, map.iterate(100));
//!     while !cursor.is_done() {
//!         let page = I::future(cursor.next_page()).await?;
//!         sum += cursor.turn(page).iter().map(|(_, value)| value).sum::<i64>();
//!     }
//!     Ok(sum)
//! }
//! ```
//!
//! It is no snapshot. An entry that is there all the time is read at least once, and another time if
//! its partition's table was made anew in between.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::Map;
use crate::call::{Advance, Call, Opener, Order, Plan, Progress, Stepping, Steps, Unopened};
use crate::hazelcast::error::Error;
use crate::hazelcast::family::{Answer, Hazelcast, Operation, Structure, To};
use crate::hazelcast::message::map::{
    FetchEntries, FetchEntriesResponse, FetchKeys, FetchKeysResponse,
};
use crate::hazelcast::proxy::opens::Opens;
use crate::hazelcast::proxy::{Proxy, Readable};
use crate::hazelcast::serialization::Codec;
use crate::invoker::Invoker;

/// How far a partition was read: of each table that it has had, the place and the table's size.
type Pointers = Vec<(i32, i32)>;

/// Reads a map, or its keys, partition by partition.
#[derive(Debug, Clone)]
pub struct Cursor<T, I> {
    proxy: Proxy<I>,
    batch: i32,
    /// What comes next; nothing, at the end.
    position: Option<Position>,
    kind: Kind<T>,
}

/// Some entries, or keys, and how far the cursor is with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CursorPage<T> {
    /// The items; about as many as were asked for, and none at times.
    pub items: Vec<T>,
    next: Option<Position>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Position {
    partition: u32,
    pointers: Pointers,
}

/// How keys, or entries, are asked for and read.
#[derive(Debug)]
struct Kind<T> {
    ask: fn(&Structure, Pointers, i32) -> Operation,
    read: fn(&Answer, &Codec) -> Result<(Vec<T>, Pointers), Unopened<Hazelcast>>,
}

impl<K: Readable, V: Readable, I: Invoker<Family = Hazelcast>> Map<K, V, I> {
    /// All entries, about so many at a time.
    pub fn iterate(&self, batch: u32) -> Cursor<(K, V), I> {
        let kind = Kind {
            ask: |Structure { name, .. }, iteration_pointers, batch| {
                Operation::new(&FetchEntries { name: name.clone(), iteration_pointers, batch })
            },
            read: |answer, codec| {
                let answer: FetchEntriesResponse = answer.read()?;
                Ok((Opens::open(answer.entries, codec)?, answer.iteration_pointers))
            },
        };
        Cursor::new(self.proxy.clone(), batch, kind)
    }
}

impl<K: Readable, V, I: Invoker<Family = Hazelcast>> Map<K, V, I> {
    /// All keys, about so many at a time.
    pub fn iterate_keys(&self, batch: u32) -> Cursor<K, I> {
        let kind = Kind {
            ask: |Structure { name, .. }, iteration_pointers, batch| {
                Operation::new(&FetchKeys { name: name.clone(), iteration_pointers, batch })
            },
            read: |answer, codec| {
                let answer: FetchKeysResponse = answer.read()?;
                Ok((Opens::open(answer.keys, codec)?, answer.iteration_pointers))
            },
        };
        Cursor::new(self.proxy.clone(), batch, kind)
    }
}

impl<T: Send + 'static, I: Invoker<Family = Hazelcast>> Cursor<T, I> {
    fn new(proxy: Proxy<I>, batch: u32, kind: Kind<T>) -> Self {
        let batch = i32::try_from(batch).unwrap_or(i32::MAX).max(1);
        Self { proxy, batch, position: Some(Position::start_of(0)), kind }
    }

    /// Whether all was read.
    pub fn is_done(&self) -> bool {
        self.position.is_none()
    }

    /// The next page, of one partition: many are empty where a map is small. Until it is given to
    /// [`turn`](Self::turn) it stays the next one, so a call that failed is made again.
    pub fn next_page(&self) -> I::Invocation<CursorPage<T>> {
        let Some(Position { partition, pointers }) = self.position.clone() else {
            let done = Call::fail(Error::Misuse("the cursor is at its end"));
            return self.proxy.invoker.invoke(done);
        };
        let structure = &self.proxy.structure;
        let operation = (self.kind.ask)(structure, pointers, self.batch);
        let operation = operation.on(structure).to(To::Partition(partition));
        let walk = Walk { partition, operation: Some(operation) };
        let read = self.kind.read;
        let opener = move |answer: &Answer, codec: &Codec| {
            if let Answer::Done = answer {
                return Ok(CursorPage { items: Vec::new(), next: None });
            }
            let (items, pointers) = read(answer, codec)?;
            Ok(CursorPage { items, next: Some(Position::after(partition, pointers)) })
        };
        self.proxy.invoker.invoke(Call {
            order: Order::new(Plan::Steps(Box::new(walk))),
            opener: Opener::Keeping(Box::new(opener)),
        })
    }

    /// Goes on to what comes after a page, and gives out its items.
    pub fn turn(&mut self, page: CursorPage<T>) -> Vec<T> {
        self.position = page.next;
        page.items
    }
}

impl Position {
    fn start_of(partition: u32) -> Self {
        Self { partition, pointers: [(i32::MAX, -1)].into() }
    }

    /// What comes after an answer with these pointers: a partition is finished when the last is below
    /// zero, and would begin anew if it were asked by that.
    fn after(partition: u32, pointers: Pointers) -> Self {
        match pointers.last() {
            Some((index, _)) if *index >= 0 => Self { partition, pointers },
            _ => Self::start_of(partition.saturating_add(1)),
        }
    }
}

impl<T> Clone for Kind<T> {
    fn clone(&self) -> Self {
        Self { ask: self.ask, read: self.read }
    }
}

/// Asks a partition, if there is one of that number. How many there are is known once the client is
/// connected.
struct Walk {
    partition: u32,
    operation: Option<Operation>,
}

/// The tags of the wait for a connection, and of the request.
const READY: u32 = 0;
const FETCH: u32 = 1;

impl Steps<Hazelcast> for Walk {
    fn advance(
        &mut self,
        event: Advance<Hazelcast>,
        cx: &mut Stepping<'_, Hazelcast>,
    ) -> Progress<Hazelcast> {
        match (event, self.operation.take()) {
            (Advance::Answer { tag: READY, result: Ok(_) }, Some(operation)) => {
                if self.partition >= cx.context.partition_count() {
                    return Progress::Done(Ok(Answer::Done));
                }
                cx.send(FETCH, operation);
            }
            (Advance::Answer { result, .. }, _) => return Progress::Done(result),
            (_, operation) => {
                cx.send(READY, Operation::ready());
                self.operation = operation;
            }
        }
        Progress::Waiting
    }
}
