//! Portable records: fields with their names and types in the record itself, found by offsets.
//!
//! ```text
//! object := -1 | factory i32 | class i32 | record
//! record := version i32 | end i32 | count i32 | offset i32 × (count + 1) | field × count | raw data
//! field  := length i16 | name | type u8 | value
//! ```
//!
//! Offsets count from the beginning of the [`Data`](crate::hazelcast::Data); the last is that of the raw
//! data, 0 if there is none. A record says all that is needed to read it, so no definition of a class is
//! registered anywhere: a [`GenericPortable`] is a record of whatever class, a type of the user's
//! implements [`Portable`], and [`portable!`](crate::portable) makes it one that structures take.
//!
//! Fields are asked for by name, in any order, and a reader may leave some out. What a field is read as
//! may be wider than what it was written as, as long as nothing is lost: members and other clients call a
//! class of another version the same class.

#[cfg(feature = "arbitrary")]
mod arbitrary;
mod field;
mod generic;
mod kind;
mod numbers;
mod objects;
mod reader;
mod types;
mod writer;

#[cfg(test)]
mod tests;

pub use field::PortableField;
pub use generic::{GenericPortable, Nested, NestedArray, PortableValue};
pub use gridwire_derive::Portable;
pub use kind::FieldType;
pub(super) use reader::ids;
pub use reader::{PortableReader, Scope, read};
pub use types::Portable;
pub use writer::{PortableWriter, write};
