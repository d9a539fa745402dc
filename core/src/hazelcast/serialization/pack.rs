//! [`Pack`]: serializes what a request carries, and notes what the request needs.

use super::compact::Schemas;
use super::{Codec, Write, present};
use crate::hazelcast::data::Data;
use crate::hazelcast::error::Error;
use crate::hazelcast::frame::FRAME_HEADER;
use crate::links::SLICE_FROM;

/// Serializes the keys and values of one request, and gathers the schemas that they need.
#[derive(Debug, Clone)]
pub struct Pack<'a> {
    codec: &'a Codec,
    schemas: Schemas,
    /// What short values take in a message.
    room: usize,
}

impl<'a> Pack<'a> {
    pub(super) fn new(codec: &'a Codec) -> Self {
        Self { codec, schemas: Schemas::default(), room: 0 }
    }

    /// What turns values to bytes and back.
    pub fn codec(&self) -> &'a Codec {
        self.codec
    }

    /// Serializes a value. Null is a `Data` of type 0.
    pub fn data<T: Write + ?Sized>(&mut self, value: &T) -> Result<Data, Error> {
        let (data, schemas) = self.codec.write(value)?;
        if self.schemas.is_empty() {
            self.schemas = schemas;
        } else {
            self.schemas.add_all(&schemas);
        }
        if data.bytes().len() < SLICE_FROM {
            self.room += FRAME_HEADER + data.bytes().len();
        }
        Ok(data)
    }

    /// About how many bytes of a message the values take, long ones not counted.
    pub(crate) fn room(&self) -> usize {
        self.room
    }

    /// Serializes what may not be null.
    pub fn present<T: Write + ?Sized>(&mut self, value: &T) -> Result<Data, Error> {
        present(self.data(value)?)
    }

    /// What the request needs: for [`Operation::needs`](crate::hazelcast::Operation::needs).
    pub fn finish(self) -> Schemas {
        self.schemas
    }
}
