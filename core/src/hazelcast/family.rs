//! [`Hazelcast`]: the family's types, as calls and engines exchange them.
//!
//! ```text
//!   proxy: map::Put --encode--> Operation --engine: route, id, retries--> bytes
//!   proxy: Option<V> <--decode-- Answer <--engine: matched by its id----- bytes
//! ```

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::hash::{Hash, Hasher};

use super::client::{Body, Context, Flight};
use super::error::Error;
use super::follower::Follow;
use super::message::custom::MemberInfo;
use super::query_cache::CacheChange;
use super::raw::{Encoded, Message};
use super::schema::{Method, Payload, Reply, Request, Route};
use super::serialization::compact::Schemas;
use super::serialization::{Codec, after_at};
use super::{FrameWriter, Uuid, Version};
use crate::Str;
use crate::call::{Family, Lifecycle, SubscriptionId, Unopened};
use crate::endpoint::ConnId;

/// The Hazelcast family: protocol 2.x, of Hazelcast 4 and 5.
#[derive(Debug)]
pub enum Hazelcast {}

impl Family for Hazelcast {
    type Request = Operation;
    type Answer = Answer;
    type Listen = Source;
    type Item = Item;
    type Error = Error;
    type Codec = Codec;
    type Context = Context;
}

impl From<Error> for Unopened<Hazelcast> {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Where an operation goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// Any member.
    Any,
    /// The owner of the partition that this hash falls in.
    Hash(i32),
    /// The owner of this partition.
    Partition(u32),
    /// This member and no other.
    Member(Uuid),
    /// The member at the end of this connection, as long as the connection lives.
    Connection(ConnId),
}

/// A structure by the service that keeps it and its name. It is created in the cluster before the
/// first operation on it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Structure {
    /// The member's service: `"hz:impl:mapService"`.
    pub service: &'static str,
    /// The name that users gave it.
    pub name: Str,
}

impl Hash for Structure {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Structures of one name in several services are few.
        self.name.bytes().hash(state);
    }
}

/// One request to be routed and sent.
#[derive(Debug)]
pub struct Operation(pub(crate) Kind);

#[derive(Debug)]
pub(crate) enum Kind {
    /// A message.
    Message(Box<Outgoing>),
    /// Nothing: answered when the client is connected.
    Ready,
    /// A subscription's registrations.
    Register(SubscriptionId),
    /// A follower's registrations, which are yet to be a subscription's.
    Follow(Box<Follow>),
    /// The end of a follower's registrations.
    Unfollow(i64),
}

/// A message on its way. It is kept on the heap until its answer is here, so its size matters: above 120
/// bytes common allocators take half as long again for it.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) body: Body,
    pub(crate) method: &'static Method,
    pub(crate) to: To,
    pub(crate) structure: Option<Arc<Structure>>,
    /// What the cluster must know before it gets the message: hardly ever anything.
    pub(crate) schemas: Option<Box<Schemas>>,
    /// The engine's, but for `is_ungated`.
    pub(crate) flight: Flight,
}

impl Operation {
    /// A request, to where its declaration says. One that names a partition by number is routed by
    /// [`Operation::to`].
    pub fn new<M: Request>(request: &M) -> Self {
        Self::encode(request, FrameWriter::new())
    }

    /// As [`Operation::new`], for a message of about so many bytes: it is kept until its answer is
    /// here, in what it was written into.
    pub(crate) fn with_room<M: Request>(request: &M, bytes: usize) -> Self {
        Self::encode(request, FrameWriter::with_room(bytes))
    }

    fn encode<M: Request>(request: &M, mut writer: FrameWriter) -> Self {
        let to = match request.route() {
            Route::Any | Route::Random | Route::Partition => To::Any,
            Route::Key(key) => To::Hash(key.partition_hash()),
            Route::Name(name) => To::Hash(name_hash(after_at(name).unwrap_or(name))),
            Route::Task(name) => To::Hash(name_hash(name)),
            // Routed by the transaction's own connection.
            Route::Xid(_) => To::Any,
        };
        request.encode(Version::NEWEST, &mut writer);
        Self(Kind::Message(Box::new(Outgoing {
            body: Body::new(writer.into_message()),
            method: M::METHOD,
            to,
            structure: None,
            schemas: None,
            flight: Flight::default(),
        })))
    }

    /// No request at all: it is answered by [`Answer::Done`] when the client is connected and knows
    /// the cluster. For steps that decide by its tables.
    pub const fn ready() -> Self {
        Self(Kind::Ready)
    }

    /// The message, if it was never sent.
    pub(crate) fn into_message(self) -> Option<Encoded> {
        match self.0 {
            Kind::Message(outgoing) => outgoing.body.into_message(),
            _ => None,
        }
    }

    /// Goes elsewhere.
    pub fn to(mut self, to: To) -> Self {
        if let Kind::Message(outgoing) = &mut self.0 {
            outgoing.to = to;
        }
        self
    }

    /// Belongs to a structure, which is created first.
    pub fn on(mut self, structure: &Arc<Structure>) -> Self {
        if let Kind::Message(outgoing) = &mut self.0 {
            outgoing.structure = Some(Arc::clone(structure));
        }
        self
    }

    /// Needs these schemas, which are sent first where they aren't known.
    pub fn needs(mut self, schemas: &Schemas) -> Self {
        if let Kind::Message(outgoing) = &mut self.0
            && !schemas.is_empty()
        {
            outgoing.schemas.get_or_insert_default().add_all(schemas);
        }
        self
    }

    /// Goes out even if its connection has no room: a part of a call whose other parts did.
    pub fn ungated(mut self) -> Self {
        if let Kind::Message(outgoing) = &mut self.0 {
            outgoing.flight.is_ungated = true;
        }
        self
    }
}

/// The hash of a name as a serialized String.
pub(crate) fn name_hash(name: &str) -> i32 {
    Codec::default().to_data(name).map_or(0, |data| data.partition_hash())
}

/// What came back for a call.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Answer {
    /// A member's answer.
    Message {
        /// The connection that it came on.
        conn: ConnId,
        /// The answer, of the type that the method promises.
        message: Message,
    },
    /// The answers to the requests of a call that was scattered, in no order.
    Messages(Vec<Message>),
    /// It was done without a member.
    Done,
}

impl Answer {
    /// Reads a member's answer.
    pub fn read<M: Payload>(&self) -> Result<M, Error> {
        match self {
            Self::Message { message, .. } => Ok(M::decode(message)?.0),
            _ => Err(Error::Unsupported("reading an answer that no member gave")),
        }
    }

    /// Reads the answers of a call that was scattered.
    pub fn read_all<M: Payload>(&self) -> impl Iterator<Item = Result<M, Error>> {
        let messages = match self {
            Self::Message { message, .. } => core::slice::from_ref(message),
            Self::Messages(messages) => messages,
            Self::Done => &[],
        };
        messages.iter().map(|message| Ok(M::decode(message)?.0))
    }
}

/// What a subscription brings.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Item {
    /// An event of one of its registrations.
    Event {
        /// The connection that it came on.
        conn: ConnId,
        /// The event.
        message: Message,
    },
    /// The client's life took a turn.
    Lifecycle(Lifecycle),
    /// Members came or went. It is rare and large, as the next: most items are events.
    Membership(Box<MembershipEvent>),
    /// What became of a query cache.
    QueryCache(Box<CacheChange>),
}

impl Item {
    /// Reads a member's event.
    pub fn read<M: Payload>(&self) -> Result<M, Error> {
        match self {
            Self::Event { message, .. } => Ok(M::decode(message)?.0),
            _ => Err(Error::Unsupported("reading an event that no member sent")),
        }
    }
}

/// Members came or went.
#[derive(Debug, Clone, PartialEq)]
pub enum MembershipEvent {
    /// Those that are there when the subscription begins.
    Initial(Vec<MemberInfo>),
    /// A member came.
    Added(MemberInfo),
    /// A member went.
    Removed(MemberInfo),
}

/// What a subscription listens to.
#[derive(Debug, Clone)]
pub enum Source {
    /// Events of members.
    Members(Registration),
    /// The client's life: first how it stands, then each turn.
    Lifecycle,
    /// The list of members: first all of them, then each change.
    Membership,
    /// State that this client keeps, by its number: what becomes of it.
    Kept(i64),
    /// A subscription that was wrong from the start: it ends at once, with this error.
    Fail(Error),
}

impl From<Registration> for Source {
    fn from(registration: Registration) -> Self {
        Self::Members(registration)
    }
}

type Add = dyn Fn(bool) -> Operation + Send + Sync;
type Remove = dyn Fn(Uuid) -> Operation + Send + Sync;

/// How a listener is registered on each connection, again after a reconnect, and removed.
#[derive(Clone)]
pub struct Registration {
    pub(crate) add: Arc<Add>,
    pub(crate) read_id: fn(&Message) -> Result<Uuid, Error>,
    pub(crate) remove: Arc<Remove>,
    pub(crate) structure: Option<Arc<Structure>>,
    pub(crate) schemas: Schemas,
}

impl Registration {
    /// `add` makes the request, which is answered by the registration's id. It is told whether the
    /// member is to report its own events only: so it is where each member has a registration.
    /// `remove` makes the request that ends it.
    pub fn new<A: Request<Response: Reply<Body = Uuid>>, R: Request>(
        add: impl Fn(bool) -> A + Send + Sync + 'static,
        remove: impl Fn(Uuid) -> R + Send + Sync + 'static,
    ) -> Self {
        Self {
            add: Arc::new(move |local| Operation::new(&add(local))),
            read_id: |message| Ok(A::Response::decode(message)?.0.into_body()),
            remove: Arc::new(move |id| Operation::new(&remove(id))),
            structure: None,
            schemas: Schemas::default(),
        }
    }

    /// Needs these schemas, which are sent first where they aren't known.
    pub fn needs(mut self, schemas: &Schemas) -> Self {
        self.schemas.add_all(schemas);
        self
    }

    /// Belongs to a structure, which is created first.
    pub fn on(mut self, structure: &Arc<Structure>) -> Self {
        self.structure = Some(Arc::clone(structure));
        self
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration").field("structure", &self.structure).finish_non_exhaustive()
    }
}

#[cfg(all(test, target_pointer_width = "64"))]
mod tests {
    use super::*;
    use crate::call::ClientEvent;
    use crate::endpoint::Output;

    #[test]
    fn what_each_call_is_kept_and_moved_in_stays_small() {
        assert!(size_of::<Outgoing>() <= 120, "{}", size_of::<Outgoing>());
        let output = size_of::<Output<ClientEvent<Hazelcast>>>();
        assert!(output <= 88, "{output}");
    }
}
