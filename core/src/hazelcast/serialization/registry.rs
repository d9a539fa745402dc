//! [`Registry`]: what a client's values may be beside the built-in types, and how they are written.
//!
//! It is filled before a client starts, as [`Config::serialization`](crate::hazelcast::Config), and two
//! types that claim one id are refused then, not when the first of their values is read as the other.
//!
//! A type that is asked for by name (`Map<String, Customer>`) needs no registration in order to be
//! written and read; what is registered can also be read where any [`Value`](super::Value) is.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::{self, type_name};
use core::fmt;

use super::compact::{Compact, Schema};
use super::custom::Custom;
use super::global::GlobalSerializer;
use super::identified::Identified;
use super::object::Object;
use super::portable::Portable;
use super::{Codec, Read, Reader};
use crate::hazelcast::error::Error;

/// The order of the bytes of numbers in values. Members have one too, and a client's must be theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ByteOrder {
    /// The most significant byte first, as members have it unless told otherwise.
    #[default]
    Big,
    /// The least significant byte first.
    Little,
}

impl ByteOrder {
    pub(super) const fn i32(self, value: i32) -> [u8; 4] {
        match self {
            Self::Big => value.to_be_bytes(),
            Self::Little => value.to_le_bytes(),
        }
    }
}

/// What two types claim, or one claims that it can't have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// Two types with one id.
    #[error("{id} is claimed by {first} and by {second}")]
    Conflict {
        /// What both claim.
        id: Claim,
        /// The type that was registered first.
        first: &'static str,
        /// The type that was to be registered.
        second: &'static str,
    },
    /// An id that isn't allowed.
    #[error("{id} can't be claimed by {name}: {why}")]
    Invalid {
        /// What it claims.
        id: Claim,
        /// The type.
        name: &'static str,
        /// The rule.
        why: &'static str,
    },
}

/// What a registered type claims for itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Claim {
    /// A factory's class of IdentifiedDataSerializable.
    Identified {
        /// The factory's id.
        factory: i32,
        /// The class's id.
        class: i32,
    },
    /// A factory's class of Portable.
    Portable {
        /// The factory's id.
        factory: i32,
        /// The class's id.
        class: i32,
    },
    /// The name of a compact type.
    Compact(crate::Str),
    /// The id of a custom type, or of the global serializer.
    TypeId(i32),
    /// The place of the one global serializer.
    Global,
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identified { factory, class } => {
                write!(f, "IdentifiedDataSerializable factory {factory}, class {class}")
            }
            Self::Portable { factory, class } => {
                write!(f, "Portable factory {factory}, class {class}")
            }
            Self::Compact(name) => write!(f, "compact type name {name:?}"),
            Self::TypeId(id) => write!(f, "type id {id}"),
            Self::Global => f.write_str("the place of the global serializer"),
        }
    }
}

/// A registered type: what it is, and how it is read where any value may be.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) rust_type: any::TypeId,
    pub(super) read: fn(&mut Reader<'_>) -> Result<Arc<dyn Object>, Error>,
}

impl Entry {
    pub(super) fn of<T: Read + Object>() -> Self {
        Self {
            name: type_name::<T>(),
            rust_type: any::TypeId::of::<T>(),
            read: |from| T::read(from).map(|value| Arc::new(value) as Arc<dyn Object>),
        }
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The types and rules of a client's values; see the module's docs.
///
/// ```
/// # use gridwire_core::hazelcast::serialization::*;
/// # use gridwire_core::hazelcast::Error;
/// #[derive(Debug, PartialEq)]
/// struct Point { x: i32, y: i32 }
///
/// impl Identified for Point {
///     const FACTORY_ID: i32 = 1;
///     const CLASS_ID: i32 = 2;
///     fn write_fields(&self, to: &mut Writer<'_>) -> Result<(), Error> {
///         to.i32(self.x);
///         to.i32(self.y);
///         Ok(())
///     }
///     fn read_fields(from: &mut Reader<'_>) -> Result<Self, Error> {
///         Ok(Self { x: from.i32()?, y: from.i32()? })
///     }
/// }
/// gridwire_core::hazelcast::identified!(Point);
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let codec = Codec::new(Registry::default().identified::<Point>()?);
/// let data = codec.to_data(&Point { x: 1, y: 2 })?;
/// let Value::Object(object) = codec.to_value(&data)? else { panic!() };
/// assert_eq!(object.downcast_ref(), Some(&Point { x: 1, y: 2 }));
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Registry {
    byte_order: ByteOrder,
    portable_version: i32,
    identified: BTreeMap<(i32, i32), Entry>,
    custom: BTreeMap<i32, Entry>,
    global: Option<Arc<dyn GlobalSerializer>>,
    compact: BTreeMap<&'static str, Entry>,
    portable: BTreeMap<(i32, i32), Entry>,
    schemas: Vec<Arc<Schema>>,
}

impl Registry {
    /// The order of the bytes of numbers; [`ByteOrder::Big`].
    pub fn byte_order(mut self, order: ByteOrder) -> Self {
        self.byte_order = order;
        self
    }

    /// The version of portable types that have none of their own; 0.
    pub fn portable_version(mut self, version: i32) -> Self {
        self.portable_version = version;
        self
    }

    /// Has a type of [`Identified`] read wherever any value is.
    ///
    /// # Errors
    /// Another type has its factory and class.
    pub fn identified<T: Identified + Read + Object>(mut self) -> Result<Self, RegistryError> {
        let (factory, class) = (T::FACTORY_ID, T::CLASS_ID);
        let id = || Claim::Identified { factory, class };
        claim(&mut self.identified, (factory, class), Entry::of::<T>(), id)?;
        Ok(self)
    }

    /// Has a type of [`Portable`] read wherever any value is, instead of a
    /// [`GenericPortable`](super::portable::GenericPortable).
    ///
    /// # Errors
    /// Another type has its factory and class, or the class is 0.
    pub fn portable<T: Portable + Read + Object>(mut self) -> Result<Self, RegistryError> {
        let (factory, class) = (T::FACTORY_ID, T::CLASS_ID);
        let (id, entry) = (|| Claim::Portable { factory, class }, Entry::of::<T>());
        if class == 0 {
            let why = "class ids of portable types begin at 1";
            return Err(RegistryError::Invalid { id: id(), name: entry.name, why });
        }
        claim(&mut self.portable, (factory, class), entry, id)?;
        Ok(self)
    }

    /// Has a type of [`Custom`] read wherever any value is.
    ///
    /// # Errors
    /// Another type, or the global serializer, has its id; or it isn't positive.
    pub fn custom<T: Custom + Read + Object>(mut self) -> Result<Self, RegistryError> {
        let (id, entry) = (T::TYPE_ID, Entry::of::<T>());
        positive(id, entry.name)?;
        if let Some(global) = self.global.as_ref().filter(|global| global.id() == id) {
            let first = global.name();
            return Err(RegistryError::Conflict {
                id: Claim::TypeId(id),
                first,
                second: entry.name,
            });
        }
        claim(&mut self.custom, id, entry, || Claim::TypeId(id))?;
        Ok(self)
    }

    /// Has a type of [`Compact`] read wherever any value is, instead of a
    /// [`GenericRecord`](super::compact::GenericRecord).
    ///
    /// # Errors
    /// Another type has its name, or its fields are wrong.
    pub fn compact<T: Compact + Read + Object>(mut self) -> Result<Self, RegistryError> {
        let (compact, entry) = (T::compact_type(), Entry::of::<T>());
        let id = || Claim::Compact(crate::Str::from_static(compact.name()));
        let Ok(schema) = compact.schema() else {
            let why = "two fields have one name, or there are too many fields";
            return Err(RegistryError::Invalid { id: id(), name: entry.name, why });
        };
        claim(&mut self.compact, compact.name(), entry, id)?;
        self.schemas.push(Arc::clone(schema));
        Ok(self)
    }

    /// The schemas of registered types.
    pub(super) fn schemas(&self) -> &[Arc<Schema>] {
        &self.schemas
    }

    /// Sets what writes and reads the values of [`Global`](super::Global), for types that have no form
    /// of their own.
    ///
    /// # Errors
    /// There is one already; or a custom type has its id; or that isn't positive.
    pub fn global(mut self, global: impl GlobalSerializer) -> Result<Self, RegistryError> {
        let (id, second) = (global.id(), global.name());
        positive(id, second)?;
        if let Some(there) = &self.global {
            return Err(RegistryError::Conflict { id: Claim::Global, first: there.name(), second });
        }
        if let Some(there) = self.custom.get(&id) {
            let first = there.name;
            return Err(RegistryError::Conflict { id: Claim::TypeId(id), first, second });
        }
        self.global = Some(Arc::new(global));
        Ok(self)
    }
}

/// What codecs ask.
impl Codec {
    /// The order of the bytes of numbers in values.
    pub fn byte_order(&self) -> ByteOrder {
        self.registry.byte_order
    }

    /// The version of portable types that have none of their own.
    pub fn portable_version(&self) -> i32 {
        self.registry.portable_version
    }

    pub(super) fn identified(&self, factory: i32, class: i32) -> Option<&Entry> {
        self.registry.identified.get(&(factory, class))
    }

    pub(super) fn portable(&self, factory: i32, class: i32) -> Option<&Entry> {
        self.registry.portable.get(&(factory, class))
    }

    pub(super) fn custom(&self, id: i32) -> Option<&Entry> {
        self.registry.custom.get(&id)
    }

    pub(super) fn compact(&self, type_name: &str) -> Option<&Entry> {
        self.registry.compact.get(type_name)
    }

    pub(super) fn global(&self) -> Option<&dyn GlobalSerializer> {
        self.registry.global.as_deref()
    }
}

/// Puts a type in a place that must be free, or have the same type.
pub(super) fn claim<K: Ord>(
    places: &mut BTreeMap<K, Entry>,
    key: K,
    entry: Entry,
    id: impl FnOnce() -> Claim,
) -> Result<(), RegistryError> {
    let there = places.entry(key).or_insert(entry);
    if there.rust_type == entry.rust_type {
        return Ok(());
    }
    Err(RegistryError::Conflict { id: id(), first: there.name, second: entry.name })
}

fn positive(id: i32, name: &'static str) -> Result<(), RegistryError> {
    if id > 0 {
        return Ok(());
    }
    let why = "the ids of built-in types end at 0";
    Err(RegistryError::Invalid { id: Claim::TypeId(id), name, why })
}
