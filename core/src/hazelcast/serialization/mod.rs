//! Values to bytes and back: what keys and values of every structure go through.
//!
//! ```text
//! Data   := partition hash i32 (0: none) | object
//! object := type id i32 | payload                 null: type id 0, no payload
//! ```
//!
//! All numbers are big-endian. A type says how it is written by [`Write`] and how it is read by
//! [`Read`]; both see the whole object, type id included, so that one type may be written in one way
//! and read from several. [`Codec`] is what all handles of a client share. What has no type of its
//! own is read as [`Value`], and what isn't known at all stays a [`Data`].

mod arrays;
mod primitives;
mod reader;
mod type_id;
mod value;
mod writer;

#[cfg(test)]
mod tests;

pub use reader::{MAX_NESTING, Read, Reader};
pub use type_id::TypeId;
pub use value::{Json, List, Value};
pub use writer::{Write, Writer};

use super::Hazelcast;
use super::data::Data;
use super::error::{Error, SerializationError};
use crate::call::Unopened;
use crate::{Fault, Malformed};

/// Turns values into [`Data`] and back. Shared by all handles of a client.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Codec {}

impl Codec {
    /// Serializes a value as a key or value of a structure. Null is a `Data` of type 0: structures
    /// refuse it, or send it as the protocol's null.
    pub fn to_data<T: Write + ?Sized>(&self, value: &T) -> Result<Data, Error> {
        if let Some(data) = value.raw() {
            return Ok(data.clone());
        }
        let hash = match value.partition_key() {
            Some(key) => self.to_data(key)?.partition_hash(),
            None => 0,
        };
        let mut writer = Writer::new(self, 4 + value.size_hint());
        writer.i32(hash);
        value.write(&mut writer)?;
        Ok(Data::new(writer.finish()))
    }

    /// Serializes what may not be null.
    pub fn to_present<T: Write + ?Sized>(&self, value: &T) -> Result<Data, Error> {
        let data = self.to_data(value)?;
        if data.type_id() == TypeId::NULL.0 {
            let null = SerializationError::Unwritable { what: "null", why: "a value is required" };
            return Err(null.into());
        }
        Ok(data)
    }

    /// Reads a value.
    pub fn to_value<T: Read>(&self, data: &Data) -> Result<T, Error> {
        let mut reader = Reader::new(self, data);
        reader.start()?;
        T::read(&mut reader)
    }

    /// Reads a value of an answer or event. This is where it will be said that a schema must be
    /// fetched first.
    pub fn open<T: Read>(&self, data: &Data) -> Result<T, Unopened<Hazelcast>> {
        self.to_value(data).map_err(Unopened::Failed)
    }

    /// Reads what may be the protocol's null.
    pub fn open_option<T: Read>(
        &self,
        data: Option<&Data>,
    ) -> Result<Option<T>, Unopened<Hazelcast>> {
        data.map(|data| self.open(data)).transpose()
    }
}

/// A value whose bytes end too early.
fn truncated(what: &'static str, needed: usize, available: usize) -> Error {
    Malformed::new(what, Fault::Truncated { needed, available }).into()
}
