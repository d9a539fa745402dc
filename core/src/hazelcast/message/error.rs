//! The error message, which answers any request that fails.

use alloc::vec::Vec;

use super::custom::ErrorHolder;
use crate::Malformed;
use crate::hazelcast::schema::{FieldSchema, Kind, MessageSchema, Payload, Printer, print};
use crate::hazelcast::wire::{Item, Var};
use crate::hazelcast::{FrameReader, FrameWriter, Message, Version, raw};

/// Why a request failed. It belongs to no service: its message type is 0.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Error {
    /// The error, then its cause, then that one's cause.
    pub holders: Vec<ErrorHolder>,
}

impl Payload for Error {
    const ID: u32 = raw::ERROR;
    const NAME: &'static str = "Error";
    const KIND: Kind = Kind::Response;
    const SINCE: Version = Version::V2_0;

    fn encode_as(&self, id: u32, at: Version, out: &mut FrameWriter) {
        out.response(id, at);
        out.end_frame();
        self.holders.write(out);
    }

    fn decode(message: &Message) -> Result<(Self, Version), Malformed> {
        let mut from = FrameReader::new(message, Self::KIND.header(), Self::SINCE, Self::NAME)?;
        let holders = from.var("Error.holders")?;
        Ok((Self { holders }, from.version()))
    }
}

/// The fields of the error message, to compare with other definitions.
pub static SCHEMAS: &[MessageSchema] = &[MessageSchema {
    ids: &[raw::ERROR],
    name: Error::NAME,
    kind: Error::KIND,
    since: Error::SINCE,
    fields: &[FieldSchema {
        name: "holders",
        shape: <Vec<ErrorHolder> as Item>::SHAPE,
        since: Error::SINCE,
        lenient: false,
    }],
}];

/// The error message's decoder that prints.
pub static PRINTERS: &[Printer] =
    &[Printer { id: raw::ERROR, name: Error::NAME, kind: Error::KIND, print: print::<Error> }];
