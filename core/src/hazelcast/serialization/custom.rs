//! [`Custom`]: types whose bytes are the user's own affair, under a positive type id.
//!
//! One generic type can be the form of many: a `Cbor<T>` whose payload is whatever serde makes of `T`
//! is what other languages have a global serializer for, without any registration. For a generic type,
//! `Write` and `Read` are implemented by hand with [`write()`] and [`read()`], as the macro does it.

use super::type_id::TypeId;
use super::{Reader, Writer};
use crate::hazelcast::error::Error;

/// A type with a serializer of its own. [`custom!`](crate::hazelcast::custom) makes it a value that can
/// be written and read.
pub trait Custom: Sized {
    /// What all clients and members that know the type call it; positive.
    const TYPE_ID: i32;

    /// Writes what follows the type id.
    fn write_payload(&self, to: &mut Writer<'_>) -> Result<(), Error>;

    /// Reads what follows the type id. Where it ends, only this knows: it must read what was written, no
    /// more and no less.
    fn read_payload(from: &mut Reader<'_>) -> Result<Self, Error>;
}

/// Writes a value as an object.
pub fn write<T: Custom>(value: &T, to: &mut Writer<'_>) -> Result<(), Error> {
    to.type_id(TypeId(T::TYPE_ID));
    value.write_payload(to)
}

/// Reads the object whose type id was read as a value of this type.
pub fn read<T: Custom>(from: &mut Reader<'_>) -> Result<T, Error> {
    if from.type_id() != TypeId(T::TYPE_ID) {
        return Err(from.mismatch(core::any::type_name::<T>()));
    }
    T::read_payload(from)
}

/// Makes types of [`Custom`](crate::hazelcast::serialization::Custom) values that can be written and read.
#[doc(hidden)]
#[macro_export]
macro_rules! __custom {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::hazelcast::Write for $type {
            fn write(
                &self,
                to: &mut $crate::hazelcast::serialization::Writer<'_>,
            ) -> ::core::result::Result<(), $crate::hazelcast::Error> {
                $crate::hazelcast::serialization::custom::write(self, to)
            }
        }

        impl $crate::hazelcast::Read for $type {
            fn read(
                from: &mut $crate::hazelcast::serialization::Reader<'_>,
            ) -> ::core::result::Result<Self, $crate::hazelcast::Error> {
                $crate::hazelcast::serialization::custom::read(from)
            }
        }
    )+};
}
