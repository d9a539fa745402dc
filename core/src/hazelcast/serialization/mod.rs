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
//! | `Vec` of these | arrays; other elements go into [`List`] or [`Array`] |
//! | `Option` | a value or null |
//! | `HashMap`, `HashSet`, `BTreeMap`, `BTreeSet`, `VecDeque`, `LinkedList` | the collections of like names |
//! | `i128`, [`BigInteger`], [`BigDecimal`] | BigInteger, BigDecimal |
//! | [`LocalDate`], [`LocalTime`], [`LocalDateTime`], [`OffsetDateTime`], [`Date`] | the types of the same names |
//! | [`Json`], and `JsonOf` of any type of serde | HazelcastJsonValue |
//! | [`Compact`](compact::Compact), [`Portable`](portable::Portable), [`Identified`], [`Custom`], [`Global`] | types of the user's |
//!
//! What has no type of its own is read as [`Value`], and what isn't known at all stays a [`Data`].

mod arrays;
mod collections;
pub mod compact;
pub mod custom;
mod decimal;
mod global;
pub mod identified;
mod identified_field;
mod json;
mod key;
#[cfg(any(feature = "time", feature = "num-bigint"))]
mod libraries;
mod object;
mod pack;
pub mod portable;
mod primitives;
mod reader;
pub mod registry;
mod temporal;
mod type_id;
pub mod value;
mod writer;

#[cfg(test)]
mod tests;

pub use arrays::{ByteBuffer, Element};
pub use collections::{Array, Entries, Entry, List, Optional, Set};
pub use custom::Custom;
pub use decimal::{BigDecimal, BigInteger};
pub use global::{Global, GlobalSerializer};
pub use gridwire_derive::IdentifiedData;
pub use identified::Identified;
pub use json::Json;
#[cfg(feature = "json")]
pub use json::JsonOf;
pub use key::AtKey;
pub(crate) use key::after_at;
pub use object::Object;
pub use pack::Pack;
pub use primitives::ClassName;
pub use reader::{MAX_NESTING, Read, Reader};
pub use registry::{ByteOrder, Registry, RegistryError};
pub use temporal::{Date, LocalDate, LocalDateTime, LocalTime, OffsetDateTime};
pub use type_id::TypeId;
pub use value::Value;
pub use writer::{Write, Writer};

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::sync::atomic::{AtomicUsize, Ordering};

use self::compact::{Schema, SchemaStore, Schemas};
use super::data::Data;
use super::error::{Error, SerializationError};
use super::message::client::{FetchSchema, FetchSchemaResponse};
use super::near_cache::{NearCache, NearCaches};
use super::{Answer, Hazelcast, Operation};
use crate::Str;
use crate::call::{Need, Plan, Unopened};
use crate::{Fault, Malformed};

/// Turns values into [`Data`] and back. Shared by all handles of a client.
#[derive(Debug, Default)]
pub struct Codec {
    registry: Registry,
    schemas: SchemaStore,
    /// How many numbers were given out.
    numbers: AtomicUsize,
    near_caches: NearCaches,
}

impl Codec {
    /// What writes and reads by these rules.
    pub fn new(registry: Registry) -> Self {
        let schemas = SchemaStore::default();
        registry.schemas().iter().for_each(|schema| schemas.keep(schema));
        let (numbers, near_caches) = (AtomicUsize::new(0), NearCaches::default());
        Self { registry, schemas, numbers, near_caches }
    }

    /// With near caches by these rules.
    pub(crate) fn with_near_caches(self, near_caches: NearCaches) -> Self {
        Self { near_caches, ..self }
    }

    /// The near cache of a map, if one is configured.
    pub(crate) fn near_cache(&self, map: &Str) -> Option<Arc<NearCache>> {
        self.near_caches.of(map, || self.next_number())
    }

    /// The near caches of the client's maps, which its handles share with its engine.
    pub(crate) fn near_caches(&self) -> &NearCaches {
        &self.near_caches
    }

    /// A number that no other handle of the client was given, from 1: it tells requests apart that may
    /// be sent twice, and owners of locks.
    pub(crate) fn next_number(&self) -> i64 {
        let before = self.numbers.fetch_add(1, Ordering::Relaxed);
        i64::try_from(before).unwrap_or(i64::MAX).saturating_add(1)
    }

    /// The schemas of compact records that are known.
    pub fn schemas(&self) -> &SchemaStore {
        &self.schemas
    }

    /// Serializes a value as a key or value of a structure. Null is a `Data` of type 0: structures
    /// refuse it, or send it as the protocol's null.
    ///
    /// The schemas that the value needs are kept, so that a request that is given the `Data` names the
    /// one of the record that it is; those of records inside it are named only if the value itself is
    /// given to the request.
    pub fn to_data<T: Write + ?Sized>(&self, value: &T) -> Result<Data, Error> {
        let (data, schemas) = self.write(value)?;
        schemas.iter().for_each(|schema| self.schemas.keep(schema));
        Ok(data)
    }

    fn write<T: Write + ?Sized>(&self, value: &T) -> Result<(Data, Schemas), Error> {
        if let Some(data) = value.raw() {
            let mut schemas = Schemas::default();
            if let Some(schema) = self.schema_of(data) {
                schemas.add(&schema);
            }
            return Ok((data.clone(), schemas));
        }
        self.write_with(self.partition_hash_of(value)?, value)
    }

    fn write_with<T: Write + ?Sized>(
        &self,
        hash: i32,
        value: &T,
    ) -> Result<(Data, Schemas), Error> {
        let mut writer = Writer::new(self, 4 + value.size_hint());
        writer.whole(hash, value)?;
        let (bytes, schemas) = writer.finish();
        Ok((Data::new(bytes), schemas))
    }

    /// The schema of a record that was serialized before, if it is known.
    fn schema_of(&self, data: &Data) -> Option<Arc<Schema>> {
        if data.type_id() != TypeId::COMPACT.0 {
            return None;
        }
        let mut reader = Reader::new(self, data);
        reader.start().ok()?;
        self.schemas.get(reader.i64().ok()?)
    }

    /// What stands before a value: the hash of its partition key, whose own key doesn't count; 0 if it
    /// has none, or a null one.
    fn partition_hash_of<T: Write + ?Sized>(&self, value: &T) -> Result<i32, Error> {
        let Some(key) = value.partition_key() else { return Ok(0) };
        let key = match key.raw() {
            Some(key) => key.clone(),
            None => self.write_with(0, key)?.0,
        };
        Ok(if key.type_id() == TypeId::NULL.0 { 0 } else { key.partition_hash() })
    }

    /// Serializes what may not be null.
    pub fn to_present<T: Write + ?Sized>(&self, value: &T) -> Result<Data, Error> {
        present(self.to_data(value)?)
    }

    /// Begins to serialize what a request carries.
    pub fn pack(&self) -> Pack<'_> {
        Pack::new(self)
    }

    /// Reads a value.
    pub fn to_value<T: Read>(&self, data: &Data) -> Result<T, Error> {
        let mut reader = Reader::new(self, data);
        reader.start()?;
        let value = T::read(&mut reader)?;
        reader.end()?;
        Ok(value)
    }

    /// Reads a value of an answer or event, or says which schema must be fetched first.
    pub fn open<T: Read>(&self, data: &Data) -> Result<T, Unopened<Hazelcast>> {
        self.to_value(data).map_err(unopened)
    }

    /// Reads what may be the protocol's null.
    pub fn open_option<T: Read>(
        &self,
        data: Option<&Data>,
    ) -> Result<Option<T>, Unopened<Hazelcast>> {
        data.map(|data| self.open(data)).transpose()
    }
}

/// Why a value was not opened: a schema that isn't known is fetched.
pub(crate) fn unopened(error: Error) -> Unopened<Hazelcast> {
    match error {
        Error::Serialization(error) => match *error {
            SerializationError::UnknownSchema(id) => Unopened::Needs(fetch(id)),
            _ => Unopened::Failed(Error::Serialization(error)),
        },
        error => Unopened::Failed(error),
    }
}

/// How a schema becomes known.
fn fetch(id: i64) -> Need<Hazelcast> {
    let plan = Plan::One(Operation::new(&FetchSchema { schema_id: id }));
    let learn = move |answer: &Answer, codec: &Codec| {
        let answer: FetchSchemaResponse = answer.read()?;
        let Some(schema) = answer.schema else {
            return Err(SerializationError::NoSuchSchema(id).into());
        };
        let schema = Schema::from_message(&schema)?;
        if schema.id() != id {
            let what = "it is another one than was asked for";
            return Err(Malformed::other("a compact schema", what).into());
        }
        codec.schemas.learn(&Arc::new(schema));
        Ok(())
    };
    Need { plan, learn: Box::new(learn) }
}

fn present(data: Data) -> Result<Data, Error> {
    if data.type_id() == TypeId::NULL.0 {
        let null = SerializationError::Unwritable { what: "null", why: "a value is required" };
        return Err(null.into());
    }
    Ok(data)
}

/// A value whose bytes end too early.
fn truncated(what: &'static str, needed: usize, available: usize) -> Error {
    Malformed::new(what, Fault::Truncated { needed, available }).into()
}
