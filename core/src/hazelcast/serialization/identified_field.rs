//! [`Field`]: how a field of an [`Identified`](super::Identified) record is written, as Java's classes
//! write theirs.
//!
//! | Rust | Java |
//! |---|---|
//! | `bool`, `i8`, `u8`, `i16`, `i32`, `i64`, `f32`, `f64`, `char` | `writeBoolean`, `writeByte`, … |
//! | `String`, `Option<String>` | `writeString` |
//! | `Vec` of these, `Option<Vec<_>>` | `writeIntArray`, …, `writeStringArray` |
//! | anything else, `Option` of it | `writeObject` |
//! | `Vec` of anything else, `Option<Vec<_>>` | `writeObject` of an ArrayList |

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet, LinkedList, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;

use super::{
    Array, BigDecimal, BigInteger, Date, Entries, Entry, Json, List, LocalDate, LocalDateTime,
    LocalTime, OffsetDateTime, Optional, Read, Reader, Set, TypeId, Value, Write, Writer,
};
use crate::hazelcast::Uuid;
use crate::hazelcast::error::{Error, SerializationError};
use crate::{Fault, Str};

/// A type that a field can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a field of an identified record",
    label = "neither a number, text, or a record, nor `Option` or `Vec` of one",
    note = "`#[identified(object)]` writes any type that is a value of its own, as Java's `writeObject`"
)]
pub trait Field: Sized {
    /// Writes it.
    fn write_field(&self, to: &mut Writer<'_>) -> Result<(), Error>;
    /// Reads it.
    fn read_field(from: &mut Reader<'_>) -> Result<Self, Error>;
}

/// A type that is written with its type id before it: Java's `writeObject`.
pub trait ObjectField: Write + Read {}

/// A type that a field can have in an `Option`.
#[diagnostic::on_unimplemented(
    message = "`Option<{Self}>` can't be a field of an identified record",
    label = "Java has no such field that may be null",
    note = "`#[identified(object)]` writes it as an object, as Java's `writeObject`"
)]
pub trait Nullable: Sized {
    /// Writes it, or null.
    fn write_nullable(this: Option<&Self>, to: &mut Writer<'_>) -> Result<(), Error>;
    /// Reads it, or null.
    fn read_nullable(from: &mut Reader<'_>) -> Result<Option<Self>, Error>;
}

/// A type of which a field can have a `Vec`.
#[diagnostic::on_unimplemented(
    message = "`Vec<{Self}>` can't be a field of an identified record",
    label = "Java has no such array",
    note = "`#[identified(object)]` writes any type that is a value of its own, as Java's `writeObject`"
)]
pub trait ArrayField: Sized {
    /// Writes several, or null.
    fn write_several(items: Option<&[Self]>, to: &mut Writer<'_>) -> Result<(), Error>;
    /// Reads several, or null.
    fn read_several(from: &mut Reader<'_>) -> Result<Option<Vec<Self>>, Error>;
}

impl<T: ObjectField> Field for T {
    fn write_field(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.object(self)
    }
    fn read_field(from: &mut Reader<'_>) -> Result<Self, Error> {
        from.object()
    }
}

impl<T: ObjectField> Nullable for T {
    fn write_nullable(this: Option<&Self>, to: &mut Writer<'_>) -> Result<(), Error> {
        to.object(&this)
    }
    fn read_nullable(from: &mut Reader<'_>) -> Result<Option<Self>, Error> {
        from.object()
    }
}

impl<T: ObjectField> ArrayField for T {
    fn write_several(items: Option<&[Self]>, to: &mut Writer<'_>) -> Result<(), Error> {
        let Some(items) = items else {
            to.type_id(TypeId::NULL);
            return Ok(());
        };
        to.type_id(TypeId::ARRAY_LIST);
        to.count(items.len())?;
        items.iter().try_for_each(|item| to.object(item))
    }
    fn read_several(from: &mut Reader<'_>) -> Result<Option<Vec<Self>>, Error> {
        Ok(from.object::<Option<List<Self>>>()?.map(|list| list.0))
    }
}

impl<T: Nullable> Field for Option<T> {
    fn write_field(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        T::write_nullable(self.as_ref(), to)
    }
    fn read_field(from: &mut Reader<'_>) -> Result<Self, Error> {
        T::read_nullable(from)
    }
}

impl<T: ArrayField> Field for Vec<T> {
    fn write_field(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        T::write_several(Some(self), to)
    }
    fn read_field(from: &mut Reader<'_>) -> Result<Self, Error> {
        T::read_several(from)?.ok_or_else(|| from.fault(Fault::Null))
    }
}

impl<T: ArrayField> Nullable for Vec<T> {
    fn write_nullable(this: Option<&Self>, to: &mut Writer<'_>) -> Result<(), Error> {
        T::write_several(this.map(Vec::as_slice), to)
    }
    fn read_nullable(from: &mut Reader<'_>) -> Result<Option<Self>, Error> {
        T::read_several(from)
    }
}

/// The count of an array, or -1.
fn count<T>(items: Option<&[T]>, to: &mut Writer<'_>) -> Result<(), Error> {
    match items {
        Some(items) => to.count(items.len()),
        None => {
            to.i32(-1);
            Ok(())
        }
    }
}

macro_rules! elements {
    ($type:ty, $least:expr) => {
        impl ArrayField for $type {
            fn write_several(items: Option<&[Self]>, to: &mut Writer<'_>) -> Result<(), Error> {
                count(items, to)?;
                items.unwrap_or_default().iter().try_for_each(|item| item.write_field(to))
            }
            fn read_several(from: &mut Reader<'_>) -> Result<Option<Vec<Self>>, Error> {
                let Some(count) = from.count($least)? else { return Ok(None) };
                (0..count).map(|_| Self::read_field(from)).collect::<Result<_, _>>().map(Some)
            }
        }
    };
}

macro_rules! numbers {
    ($($type:ident)*) => {$(
        impl Field for $type {
            fn write_field(&self, to: &mut Writer<'_>) -> Result<(), Error> {
                to.$type(*self);
                Ok(())
            }
            fn read_field(from: &mut Reader<'_>) -> Result<Self, Error> {
                from.$type()
            }
        }

        elements!($type, size_of::<$type>());
    )*};
}

numbers! { bool i8 i16 i32 i64 f32 f64 }

/// The same eight bits: what is above 127 is negative in Java.
impl Field for u8 {
    fn write_field(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.i8(self.cast_signed());
        Ok(())
    }
    fn read_field(from: &mut Reader<'_>) -> Result<Self, Error> {
        from.i8().map(i8::cast_unsigned)
    }
}

elements!(u8, 1);

/// A UTF-16 unit; what is above U+FFFF is refused.
impl Field for char {
    fn write_field(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        let why = "Java's char ends at U+FFFF";
        let unit = u16::try_from(u32::from(*self))
            .map_err(|_| SerializationError::Unwritable { what: "a char", why })?;
        to.u16(unit);
        Ok(())
    }
    fn read_field(from: &mut Reader<'_>) -> Result<Self, Error> {
        let unit = from.u16()?;
        Self::from_u32(unit.into()).ok_or_else(|| from.fault(Fault::Value(unit.into())))
    }
}

elements!(char, 2);

macro_rules! texts {
    ($($type:ty)*) => {$(
        impl Field for $type {
            fn write_field(&self, to: &mut Writer<'_>) -> Result<(), Error> {
                to.text(Some(self))
            }
            fn read_field(from: &mut Reader<'_>) -> Result<Self, Error> {
                from.present_text().map(Self::from)
            }
        }

        impl Nullable for $type {
            fn write_nullable(this: Option<&Self>, to: &mut Writer<'_>) -> Result<(), Error> {
                to.text(this.map(|text| &**text))
            }
            fn read_nullable(from: &mut Reader<'_>) -> Result<Option<Self>, Error> {
                Ok(from.text()?.map(Self::from))
            }
        }

        elements!($type, 4);
        elements!(Option<$type>, 4);
    )*};
}

texts! { String Str }

macro_rules! objects {
    ($($type:ty)*) => {$(
        impl ObjectField for $type {}
    )*};
}

objects! {
    i128 BigInteger BigDecimal Uuid LocalDate LocalTime LocalDateTime OffsetDateTime Date Json Value
}

macro_rules! objects_of {
    ($($name:ident<$($type:ident),+>)*) => {$(
        impl<$($type),+> ObjectField for $name<$($type),+> where Self: Write + Read {}
    )*};
}

objects_of! {
    List<T> Array<T> Set<T> Entries<K, V> Entry<K, V> Optional<T>
    BTreeMap<K, V> BTreeSet<T> LinkedList<T> VecDeque<T>
}

impl<T: ObjectField> ObjectField for Box<T> {}

mod brown {
    pub(super) use hashbrown::{HashMap, HashSet};
}

macro_rules! hashed {
    ($($(#[$attribute:meta])* $library:ident::$($path:ident)::+;)*) => {$(
        $(#[$attribute])*
        impl<K, V, S> ObjectField for $library::$($path)::+::HashMap<K, V, S> where
            Self: Write + Read
        {
        }
        $(#[$attribute])*
        impl<T, S> ObjectField for $library::$($path)::+::HashSet<T, S> where Self: Write + Read {}
    )*};
}

hashed! {
    self::brown;
    #[cfg(feature = "std")]
    #[allow(clippy::disallowed_types, reason = "the user's own, with a hasher of the user's choice")]
    std::collections;
}
