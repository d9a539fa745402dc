//! What the declarations say about themselves: traits, descriptors, and the tables that tools use.
//!
//! Engines work with [`Payload`], [`Request`] and [`Method`]. [`MessageSchema`]s are in tables of their
//! own, for holding the declarations against the official ones; a program that doesn't name those
//! tables doesn't link them.

use core::fmt;

use super::data::Data;
use super::message::custom::Xid;
use super::raw::Message;
use super::reader::{Failed, FrameReader};
use super::version::Version;
use super::writer::{FrameWriter, REQUEST_HEADER, RESPONSE_HEADER};
use crate::{Malformed, Str};

/// The three kinds of message, which differ in their header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Asks for something; has a partition id.
    Request,
    /// Answers a request, once; says how many backups will be acknowledged. Errors are responses.
    Response,
    /// Reports to a listener, any number of times; laid out like a request.
    Event,
}

impl Kind {
    /// Bytes before the fixed-size fields.
    pub const fn header(self) -> usize {
        match self {
            Self::Request | Self::Event => REQUEST_HEADER,
            Self::Response => RESPONSE_HEADER,
        }
    }

    /// Begins a message of this kind.
    pub fn begin(self, id: u32, at: Version, out: &mut FrameWriter) {
        match self {
            Self::Request => out.request(id, at),
            Self::Response => out.response(id, at),
            Self::Event => out.event(id, at),
        }
    }
}

/// The fields of a declared message, in the order of the wire.
pub trait Fields: fmt::Debug {
    /// Puts the fields of a fixed size into the initial frame, ends it, and writes the others: all
    /// that the writer's version has.
    fn write(&self, to: &mut FrameWriter);

    /// Reads the fields over the defaults, which later ones keep that aren't there.
    fn read(&mut self, from: &mut FrameReader<'_>) -> Result<(), Failed>;
}

/// A declared message.
pub trait Payload: Fields + Clone + PartialEq + Default {
    /// Its message type. An event that several methods share has one of each; this is the first.
    const ID: u32;
    /// Service and method, or event: `"Map.put"`.
    const NAME: &'static str;
    /// What it is.
    const KIND: Kind;
    /// The first version that has it.
    const SINCE: Version;
    /// [`round_trip`](super::print::round_trip) of this message.
    #[cfg(feature = "arbitrary")]
    const ROUND_TRIP: fn(&mut arbitrary::Unstructured<'_>) -> Result<(), alloc::string::String>;

    /// Begins a message in `out` and writes the header with this message type and the fields that
    /// version `at` has. Correlation id and partition id are set on the finished message.
    fn encode_as(&self, id: u32, at: Version, out: &mut FrameWriter) {
        Self::KIND.begin(id, at, out);
        self.write(out);
    }

    /// [`Payload::encode_as`] with the type that it is declared with.
    fn encode(&self, at: Version, out: &mut FrameWriter) {
        self.encode_as(Self::ID, at, out);
    }

    /// Reads the fields, and says which is the newest version whose fields were there: written at
    /// that version, they are the same bytes. Fields that weren't there have their default; unknown
    /// later ones are skipped. The message type is not looked at.
    fn decode(message: &Message) -> Result<(Self, Version), Malformed> {
        let mut from = FrameReader::new(message, Self::KIND.header(), Self::SINCE, Self::NAME)?;
        let mut body = Self::default();
        match body.read(&mut from) {
            Ok(()) => Ok((body, from.version())),
            Err(failed) => Err(from.malformed(failed)),
        }
    }
}

/// A declared request.
pub trait Request: Payload {
    /// Its descriptor.
    const METHOD: &'static Method;
    /// What answers it.
    type Response: Reply;
    /// Where it wants to go.
    fn route(&self) -> Route<'_>;
}

/// A declared response.
pub trait Reply: Payload {
    /// Nothing, the type of its one field, or itself if it has several.
    type Body: 'static;
    /// What it says.
    fn into_body(self) -> Self::Body;
}

/// Where a request wants to go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Route<'a> {
    /// To any member.
    Any,
    /// To the owner of the partition that the caller names.
    Partition,
    /// To the owner of a random partition.
    Random,
    /// To the owner of this key's partition.
    Key(&'a Data),
    /// To the owner of the partition of a structure's name; of what follows the first `@`, if
    /// there is one.
    Name(&'a Str),
    /// To the owner of the partition of a task's whole name.
    Task(&'a Str),
    /// To the owner of the partition of a transaction's id.
    Xid(&'a Xid),
}

/// The rule that chooses a request's partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PartitionRule {
    /// None: any member will do.
    None,
    /// A field's key.
    Key,
    /// A structure's name.
    Name,
    /// Named by the caller.
    PartitionId,
    /// A task's name.
    TaskName,
    /// A transaction's id.
    Xid,
    /// Any partition.
    Random,
    /// That of the request's keys, which are all of one partition. Named by the caller.
    AnyKey,
    /// That of the key whose event has the request's sequence number. Named by the caller, who has
    /// seen the event.
    Sequence,
}

/// What engines need to know of a method without knowing its fields.
#[derive(Debug, PartialEq, Eq)]
pub struct Method {
    /// The request's message type.
    pub id: u32,
    /// The response's; not always the request's plus one.
    pub response_id: u32,
    /// Service and method: `"Map.put"`.
    pub name: &'static str,
    /// The first version that has it.
    pub since: Version,
    /// May be sent again though it may have been carried out.
    pub retryable: bool,
    /// Takes something that has to be given back if nobody waits for it any more.
    pub acquires_resource: bool,
    /// May be answered late for good reasons.
    pub long_running: bool,
    /// What chooses its partition.
    pub partition: PartitionRule,
    /// What it makes the member send.
    pub events: &'static [Event],
}

/// An event of a method.
#[derive(Debug, PartialEq, Eq)]
pub struct Event {
    /// Its message type.
    pub id: u32,
    /// Its name in the declaration: `"entry"`.
    pub name: &'static str,
    /// The first version that has it.
    pub since: Version,
}

/// A service and its methods, by id.
#[derive(Debug)]
pub struct Service {
    /// The third byte of its message types.
    pub id: u8,
    /// Its name.
    pub name: &'static str,
    /// Its methods, ordered by id.
    pub methods: &'static [Method],
}

/// The type of a field as the wire has it.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// One byte, 0 or 1.
    Boolean,
    /// One byte.
    Byte,
    /// Two bytes.
    Short,
    /// Four bytes.
    Int,
    /// Eight bytes.
    Long,
    /// Four bytes, IEEE 754.
    Float,
    /// Eight bytes, IEEE 754.
    Double,
    /// Seventeen bytes.
    Uuid,
    /// Text in a frame.
    String,
    /// A serialized value in a frame.
    Data,
    /// Bytes in a frame.
    ByteArray,
    /// A page of rows.
    SqlPage,
    /// A list.
    List(&'static Shape),
    /// A pair in a list.
    Pair(&'static Shape, &'static Shape),
    /// A value, or null.
    Nullable(&'static Shape),
    /// A structure.
    Custom(&'static CustomSchema),
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean => f.write_str("boolean"),
            Self::Byte => f.write_str("byte"),
            Self::Short => f.write_str("short"),
            Self::Int => f.write_str("int"),
            Self::Long => f.write_str("long"),
            Self::Float => f.write_str("float"),
            Self::Double => f.write_str("double"),
            Self::Uuid => f.write_str("UUID"),
            Self::String => f.write_str("String"),
            Self::Data => f.write_str("Data"),
            Self::ByteArray => f.write_str("byteArray"),
            Self::SqlPage => f.write_str("SqlPage"),
            Self::List(item) => write!(f, "[{item}]"),
            Self::Pair(key, value) => write!(f, "{key}: {value}"),
            Self::Nullable(value) => write!(f, "{value}?"),
            Self::Custom(schema) => f.write_str(schema.name),
        }
    }
}

/// A declared message, for comparing.
#[derive(Debug)]
pub struct MessageSchema {
    /// Its message types: one, or that of each method that shares an event.
    pub ids: &'static [u32],
    /// Service and method, or event.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// The first version that has it.
    pub since: Version,
    /// Its fields in the order of the definition.
    pub fields: &'static [FieldSchema],
}

/// A declared custom type, for comparing.
#[derive(Debug)]
pub struct CustomSchema {
    /// Its name in the protocol.
    pub name: &'static str,
    /// The first version that has it.
    pub since: Version,
    /// Its fields in the order of the definition.
    pub fields: &'static [FieldSchema],
}

/// A declared field, for comparing.
#[derive(Debug)]
pub struct FieldSchema {
    /// Its name in the declaration.
    pub name: &'static str,
    /// Its type.
    pub shape: Shape,
    /// The first version that has it.
    pub since: Version,
    /// Is null at times, though the definition says that it never is.
    pub lenient: bool,
}

/// A message and a version that can express it: the `Arbitrary` form of declarations. Fields that
/// the version lacks have their default.
#[derive(Debug, Clone, PartialEq)]
pub struct Versioned<M> {
    /// The version to encode it at.
    pub at: Version,
    /// The message.
    pub message: M,
}

#[cfg(feature = "arbitrary")]
impl<'a, M: Payload + arbitrary::Arbitrary<'a>> arbitrary::Arbitrary<'a> for Versioned<M> {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let at = Version::arbitrary(u)?.max(M::SINCE);
        // Encoding drops the fields that the version lacks, however deep they are.
        let mut out = FrameWriter::new();
        M::arbitrary(u)?.encode(at, &mut out);
        let wrong = |_| arbitrary::Error::IncorrectFormat;
        let encoded = Message::new(out.finish().into_bytes()).map_err(wrong)?;
        let (message, _) = M::decode(&encoded).map_err(wrong)?;
        Ok(Self { at, message })
    }
}
