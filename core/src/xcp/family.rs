//! [`Xcp`]: the types of this family's calls.

use core::time::Duration;

use alloc::vec::Vec;

use bytes::Bytes;

use crate::call::Family;
use crate::endpoint::ConnId;
use crate::rng::Rng;
use crate::time::Clock;
use crate::xcp::error::Error;
use crate::xcp::header::{Header, SchemaKey, Tag};
use crate::xcp::message::{CodecId, Ether, MsgType};

/// The protocol family of XCP.
#[derive(Debug, Clone, Copy)]
pub enum Xcp {}

impl Family for Xcp {
    type Request = Request;
    type Answer = Answer;
    type Listen = Never;
    type Item = Never;
    type Error = Error;
    type Codec = Bodies;
    type Context = Context;
}

/// There are no subscriptions: agents answer, and send nothing by themselves.
#[derive(Debug, Clone, Copy)]
pub enum Never {}

/// One message that is answered by one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// DATA, PING, or a type of the application's.
    pub msg_type: MsgType,
    /// The ordered stream that it belongs to. The reference sends DATA on 1, control on 0.
    pub channel_id: u32,
    /// How the body is written. The peer must have agreed to it.
    pub body_codec: CodecId,
    /// The body's schema, if stated.
    pub schema_key: SchemaKey,
    /// The application's tags.
    pub tags: Vec<Tag>,
    /// The body. An empty one of PING is filled with the wall clock, in microseconds.
    pub body: Bytes,
    /// Whether it may be sent again where it isn't known if the peer got it.
    pub idempotent: bool,
}

impl Request {
    /// A body under DATA, on channel 1.
    pub fn data(body_codec: CodecId, body: Bytes) -> Self {
        Self {
            msg_type: MsgType::DATA,
            channel_id: 1,
            body_codec,
            schema_key: SchemaKey::default(),
            tags: Vec::new(),
            body,
            idempotent: false,
        }
    }

    /// An Ether, as JSON.
    pub fn ether(ether: &Ether) -> Self {
        Self::data(CodecId::JSON, ether.encode())
    }

    /// A PING.
    pub fn ping() -> Self {
        Self {
            msg_type: MsgType::PING,
            channel_id: 0,
            idempotent: true,
            ..Self::data(CodecId::JSON, Bytes::new())
        }
    }
}

/// The message that answered a request. A refusal comes as [`Error::Nack`] instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The connection it came on.
    pub conn: ConnId,
    /// Its header.
    pub header: Header,
    /// Its body, a slice of the read buffer.
    pub body: Bytes,
    /// Time between the request's being queued for its connection and this answer.
    pub took: Duration,
}

impl Answer {
    /// The Ether that it holds.
    ///
    /// # Errors
    /// It isn't DATA, isn't JSON, or no Ether.
    pub fn ether(&self) -> Result<Ether, Error> {
        if self.header.msg_type != MsgType::DATA {
            return Err(Error::Protocol("a reply that isn't DATA"));
        }
        match self.header.body_codec {
            CodecId::JSON => Ok(Ether::decode(&self.body)?),
            // The reference as shipped writes JSON under this label.
            CodecId::PROTOBUF if self.body.first() == Some(&b'{') => Ok(Ether::decode(&self.body)?),
            _ => Err(Error::Unsupported("a reply in another codec than JSON")),
        }
    }
}

/// What turns values to bodies and back. It keeps nothing: JSON needs no tables.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bodies;

/// What calls of several steps see of the engine.
#[derive(Debug)]
pub struct Context {
    /// The engine's clock.
    pub clock: Clock,
    /// The engine's randomness.
    pub rng: Rng,
}
