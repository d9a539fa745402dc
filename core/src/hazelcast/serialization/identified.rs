//! [`Identified`]: Java's IdentifiedDataSerializable, a record that a factory and a class id name.
//!
//! ```text
//! object := -2 | header u8: bit 0 identified, bit 1 versioned | factory i32 | class i32 |
//!           [major u8, minor u8: only if versioned] | the fields, as the class writes them
//! ```
//!
//! Members need the class when they are to do more than store its bytes.

pub use super::identified_field::{ArrayField, Field, Nullable, ObjectField};
use super::type_id::TypeId;
use super::{Reader, Writer};
use crate::hazelcast::error::{Error, SerializationError};

/// A record of IdentifiedDataSerializable. [`identified!`](crate::hazelcast::identified) makes it a value
/// that can be written and read; `#[derive(IdentifiedData)]` makes all of it out of a struct.
pub trait Identified: Sized {
    /// The factory; positive, because the others are the members' own.
    const FACTORY_ID: i32;
    /// The class within the factory.
    const CLASS_ID: i32;

    /// Writes the fields, in an order that the Java class has too.
    fn write_fields(&self, to: &mut Writer<'_>) -> Result<(), Error>;

    /// Reads the fields. What a newer version has at its end may be left unread if the record is a whole
    /// value.
    fn read_fields(from: &mut Reader<'_>) -> Result<Self, Error>;
}

/// The factory of the members' maps, and the class of an entry that they make of a key and a value.
pub(crate) const MAPS: i32 = -4;
pub(crate) const LAZY_ENTRY: i32 = 120;

const IDENTIFIED: i8 = 1;
const VERSIONED: i8 = 2;

/// Writes a record as an object.
pub fn write<T: Identified>(value: &T, to: &mut Writer<'_>) -> Result<(), Error> {
    start(T::FACTORY_ID, T::CLASS_ID, to);
    value.write_fields(to)
}

/// Writes what stands before the fields.
pub fn start(factory: i32, class: i32, to: &mut Writer<'_>) {
    to.type_id(TypeId::IDENTIFIED);
    to.i8(IDENTIFIED);
    to.i32(factory);
    to.i32(class);
}

/// Reads the object whose type id was read as a record of this type.
pub fn read<T: Identified>(from: &mut Reader<'_>) -> Result<T, Error> {
    let found = header(from)?;
    if found != (T::FACTORY_ID, T::CLASS_ID) {
        let expected = (T::FACTORY_ID, T::CLASS_ID);
        return Err(SerializationError::WrongClass { expected, found }.into());
    }
    T::read_fields(from)
}

/// Reads what stands before the fields: the factory and the class.
pub fn header(from: &mut Reader<'_>) -> Result<(i32, i32), Error> {
    if from.type_id() != TypeId::IDENTIFIED {
        return Err(from.mismatch("IdentifiedDataSerializable"));
    }
    let header = from.i8()?;
    if header & IDENTIFIED == 0 {
        let class = from.present_text()?.into();
        return Err(SerializationError::JavaClass { class }.into());
    }
    let ids = (from.i32()?, from.i32()?);
    if header & VERSIONED != 0 {
        from.slice(2)?;
    }
    Ok(ids)
}

/// Makes types of [`Identified`](crate::hazelcast::serialization::Identified) values that can be written
/// and read.
#[doc(hidden)]
#[macro_export]
macro_rules! __identified {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::hazelcast::Write for $type {
            fn write(
                &self,
                to: &mut $crate::hazelcast::serialization::Writer<'_>,
            ) -> ::core::result::Result<(), $crate::hazelcast::Error> {
                $crate::hazelcast::serialization::identified::write(self, to)
            }
        }

        impl $crate::hazelcast::Read for $type {
            fn read(
                from: &mut $crate::hazelcast::serialization::Reader<'_>,
            ) -> ::core::result::Result<Self, $crate::hazelcast::Error> {
                $crate::hazelcast::serialization::identified::read(from)
            }
        }
    )+};
}
