//! Compact records: named fields, whose layout is a schema that the cluster knows by its fingerprint.
//!
//! A type of the user's implements [`Compact`], and the macro [`compact!`](crate::compact) makes it
//! one that structures take. A [`GenericRecord`] is a record of any type, for reading what one has no
//! type for and for writing it. Records have no version: a changed type is another schema of the same
//! name, and whoever reads asks for fields by name ([`CompactReader`]).
//!
//! The cluster has a schema before it gets a value: what a request needs goes with it as [`Schemas`],
//! and the client sends those first. Reading a value of an unknown schema is an error that names it
//! ([`SerializationError::UnknownSchema`](crate::hazelcast::error::SerializationError)), upon which
//! invokers fetch the schema and read again.

#[cfg(feature = "arbitrary")]
mod arbitrary;
mod field;
mod field_value;
mod generic;
mod kind;
mod reader;
mod schema;
mod store;
mod types;
mod values;
mod writer;

#[cfg(test)]
mod tests;

pub use field::{CompactField, CompactItem, CompactValue, Kinds};
pub use field_value::{FieldValue, FromField, ToField};
pub use generic::{GenericBuilder, GenericRecord};
pub use gridwire_derive::Compact;
pub use kind::FieldKind;
pub(super) use reader::schema_of;
pub use reader::{CompactReader, FieldReader, read};
pub use schema::{MAX_FIELDS, Place, Schema, SchemaField, Schemas};
pub use store::SchemaStore;
pub use types::{Compact, CompactType};
pub use writer::{CompactWriter, Record, write};
