//! The error message, which answers any request that fails.

use alloc::vec::Vec;

use super::custom::ErrorHolder;
use crate::hazelcast::print::Printer;
use crate::hazelcast::reader::Failed;
use crate::hazelcast::schema::{FieldSchema, Fields, Kind, MessageSchema, Payload};
use crate::hazelcast::wire::{Item, Var};
use crate::hazelcast::{FrameReader, FrameWriter, Version, raw};

/// Why a request failed. It belongs to no service: its message type is 0.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Error {
    /// The error, then its cause, then that one's cause.
    pub holders: Vec<ErrorHolder>,
}

impl Fields for Error {
    fn write(&self, to: &mut FrameWriter) {
        to.end_frame();
        self.holders.write(to);
    }

    fn read(&mut self, from: &mut FrameReader<'_>) -> Result<(), Failed> {
        from.var(&mut self.holders, "Error.holders")
    }
}

impl Payload for Error {
    const ID: u32 = raw::ERROR;
    const NAME: &'static str = "Error";
    const KIND: Kind = Kind::Response;
    const SINCE: Version = Version::V2_0;
    #[cfg(feature = "arbitrary")]
    const ROUND_TRIP: fn(&mut arbitrary::Unstructured<'_>) -> Result<(), alloc::string::String> =
        crate::hazelcast::print::round_trip::<Self>;
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
pub static PRINTERS: &[Printer] = &[Printer::of::<Error>(raw::ERROR)];
