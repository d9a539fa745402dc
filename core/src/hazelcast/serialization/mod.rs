//! Values to bytes and back: what keys and values of every structure go through.
//!
//! ```text
//! Data   := partition hash i32 (0: none) | object
//! object := type id i32 | payload                 null: type id 0, no payload
//! ```
//!
//! Numbers are big-endian unless the client is configured otherwise. A type says how it is written by
//! [`Write`] and how it is read by [`Read`]; both see the whole object, type id included, so that one
//! type may be written in one way and read from several. [`Codec`] is what all handles of a client share.
//!
//! | Rust | Java |
//! |---|---|
//! | numbers, `bool`, `char`, `String`, [`Uuid`](super::Uuid) | the types of the same width |
//! | `Vec` of these | arrays; other elements go into [`List`] or `Array` |
//! | `Option` | a value or null |
//! | `HashMap`, `HashSet`, `BTreeMap`, `BTreeSet`, `VecDeque`, `LinkedList` | the collections of like names |
//! | `i128`, [`BigInteger`], [`BigDecimal`] | BigInteger, BigDecimal |
//! | [`LocalDate`], [`LocalTime`], [`LocalDateTime`], [`OffsetDateTime`], [`Date`] | the types of the same names |
//! | [`Json`] | HazelcastJsonValue |
//! | [`Identified`], [`Custom`], [`Global`] | types of the user's |
//!
//! What has no type of its own is read as [`Value`], and what isn't known at all stays a [`Data`].

mod arrays;
mod collections;
pub mod custom;
mod decimal;
mod global;
pub mod identified;
mod json;
mod object;
mod primitives;
mod reader;
pub mod registry;
mod temporal;
mod type_id;
mod value;
mod writer;

#[cfg(test)]
mod tests;

pub use collections::List;
pub use custom::Custom;
pub use decimal::{BigDecimal, BigInteger};
pub use global::{Global, GlobalSerializer};
pub use identified::Identified;
pub use json::Json;
pub use object::Object;
pub use reader::{MAX_NESTING, Read, Reader};
pub use registry::{ByteOrder, Registry, RegistryError};
pub use temporal::{Date, LocalDate, LocalDateTime, LocalTime, OffsetDateTime};
pub use type_id::TypeId;
pub use value::Value;
pub use writer::{Write, Writer};

use super::Hazelcast;
use super::data::Data;
use super::error::{Error, SerializationError};
use crate::call::Unopened;
use crate::{Fault, Malformed};

/// Turns values into [`Data`] and back. Shared by all handles of a client.
#[derive(Debug, Default)]
pub struct Codec {
    registry: Registry,
}

impl Codec {
    /// What writes and reads by these rules.
    pub fn new(registry: Registry) -> Self {
        Self { registry }
    }

    /// Serializes a value as a key or value of a structure. Null is a `Data` of type 0: structures
    /// refuse it, or send it as the protocol's null.
    pub fn to_data<T: Write + ?Sized>(&self, value: &T) -> Result<Data, Error> {
        if let Some(data) = value.raw() {
            return Ok(data.clone());
        }
        self.to_data_with(self.partition_hash_of(value)?, value)
    }

    fn to_data_with<T: Write + ?Sized>(&self, hash: i32, value: &T) -> Result<Data, Error> {
        let mut writer = Writer::new(self, 4 + value.size_hint());
        writer.whole(hash, value)?;
        Ok(Data::new(writer.finish()))
    }

    /// What stands before a value: the hash of its partition key, whose own key doesn't count; 0 if it
    /// has none, or a null one.
    fn partition_hash_of<T: Write + ?Sized>(&self, value: &T) -> Result<i32, Error> {
        let Some(key) = value.partition_key() else { return Ok(0) };
        let key = match key.raw() {
            Some(key) => key.clone(),
            None => self.to_data_with(0, key)?,
        };
        Ok(if key.type_id() == TypeId::NULL.0 { 0 } else { key.partition_hash() })
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
        let value = T::read(&mut reader)?;
        reader.end()?;
        Ok(value)
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
