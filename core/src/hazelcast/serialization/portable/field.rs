//! [`PortableField`]: the types that fields have.
//!
//! | Rust | field | arrays, and `Option` of them |
//! |---|---|---|
//! | `bool`, `i8`, `u8`, `char`, `i16`, `i32`, `i64`, `f32`, `f64` | `INT` | `Vec<i32>`: `INT_ARRAY` |
//! | `String`, [`Str`](crate::Str), or one in an `Option` | `STRING` | `Vec<String>`, `Vec<Option<String>>` |
//! | decimals, dates, times, or one in an `Option` | `DECIMAL` | `Vec<BigDecimal>`: no element is null |
//! | any [`Portable`](super::Portable), or one in an `Option` | `PORTABLE` | `Vec` of one class: no element is null |
//!
//! Numbers can't be null. A number is read from a field of a narrower type too, if it loses nothing.

use alloc::vec::Vec;

use super::kind::FieldType;
use super::reader::{Scope, expect};
use super::types::Portable;
use super::writer::{offset, write_record};
use crate::Fault;
use crate::hazelcast::error::Error;
use crate::hazelcast::serialization::{Reader, Writer};

/// A type that a field of a portable record can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a field of a portable record",
    label = "neither a number, text, decimal, date or time, nor a `Portable` type, nor an array of one",
    note = "numbers in portable records are never null: an `Option` of one has no form"
)]
pub trait PortableField {
    /// The type that it is written as.
    const TYPE: FieldType;

    /// Whether it can be read from a field of this type.
    fn reads(found: FieldType) -> bool {
        found == Self::TYPE
    }

    /// Writes it.
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error>;

    /// Reads it from a field of a type that it [`reads`](Self::reads).
    fn read(from: &mut Reader<'_>, found: FieldType, scope: &Scope) -> Result<Self, Error>
    where
        Self: Sized;
}

/// Writes elements, each at the offset that stands for it before them.
pub(super) fn write_items<T>(
    items: &[T],
    to: &mut Writer<'_>,
    write: impl Fn(&T, &mut Writer<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let table = to.position();
    to.zeros(4 * items.len());
    for (index, item) in items.iter().enumerate() {
        let at = offset(to.position())?;
        to.i32_at(table + 4 * index, at);
        write(item, to)?;
    }
    Ok(())
}

/// Reads elements at their offsets.
pub(super) fn read_items<'a, T>(
    from: &mut Reader<'a>,
    count: usize,
    read: impl Fn(&mut Reader<'a>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let mut items = Vec::with_capacity(count.min(64));
    let mut table = from.clone();
    for _ in 0..count {
        let at = table.i32()?;
        let at = usize::try_from(at).map_err(|_| from.fault(Fault::Length(at.into())))?;
        from.seek(at)?;
        items.push(read(from)?);
    }
    Ok(items)
}

/// A record, and no null.
impl<T: Portable> PortableField for T {
    const TYPE: FieldType = FieldType::Portable;

    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.bool(false);
        to.i32(T::FACTORY_ID);
        to.i32(T::CLASS_ID);
        write_record(self, to)
    }

    fn read(from: &mut Reader<'_>, found: FieldType, scope: &Scope) -> Result<Self, Error> {
        let read: Option<T> = Option::read(from, found, scope)?;
        read.ok_or_else(|| from.fault(Fault::Null))
    }
}

/// A record, or null.
impl<T: Portable> PortableField for Option<T> {
    const TYPE: FieldType = FieldType::Portable;

    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        if let Some(value) = self {
            return value.write(to);
        }
        to.bool(true);
        to.i32(T::FACTORY_ID);
        to.i32(T::CLASS_ID);
        Ok(())
    }

    fn read(from: &mut Reader<'_>, _: FieldType, scope: &Scope) -> Result<Self, Error> {
        let is_null = from.bool()?;
        expect::<T>(from)?;
        if is_null { Ok(None) } else { scope.record(from).map(Some) }
    }
}

/// Records of one class.
impl<T: Portable> PortableField for Vec<T> {
    const TYPE: FieldType = FieldType::PortableArray;

    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.count(self.len())?;
        to.i32(T::FACTORY_ID);
        to.i32(T::CLASS_ID);
        write_items(self, to, write_record)
    }

    fn read(from: &mut Reader<'_>, found: FieldType, scope: &Scope) -> Result<Self, Error> {
        let read: Option<Self> = Option::read(from, found, scope)?;
        read.ok_or_else(|| from.fault(Fault::Null))
    }
}

/// Records of one class, or null.
impl<T: Portable> PortableField for Option<Vec<T>> {
    const TYPE: FieldType = FieldType::PortableArray;

    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        if let Some(items) = self {
            return items.write(to);
        }
        to.i32(-1);
        to.i32(T::FACTORY_ID);
        to.i32(T::CLASS_ID);
        Ok(())
    }

    fn read(from: &mut Reader<'_>, _: FieldType, scope: &Scope) -> Result<Self, Error> {
        let count = from.count(4)?;
        expect::<T>(from)?;
        let items = |count| read_items(from, count, |from| scope.record(from));
        count.map(items).transpose()
    }
}
