//! [`CompactField`]: the types that fields have, and [`CompactValue`], what they are made of.
//!
//! | Rust | one | `Option` | `Vec` | `Vec` of `Option` |
//! |---|---|---|---|---|
//! | `bool`, `i8`, `u8`, `i16`, `i32`, `i64`, `f32`, `f64` | `INT32` | `NULLABLE_INT32` | `ARRAY_OF_INT32` | `ARRAY_OF_NULLABLE_INT32` |
//! | `String`, [`Str`](crate::Str), decimals, dates, times, any [`Compact`](super::Compact) | `STRING` | `STRING` | `ARRAY_OF_STRING` | `ARRAY_OF_STRING` |
//!
//! `x` and nullable `x` read each other, and so do their arrays; a null that is met where the type
//! has none is an error. Nothing else is converted.

use alloc::vec::Vec;

use super::kind::FieldKind;
use super::reader::FieldReader;
use super::schema::Place;
use super::writer::Record;
use crate::hazelcast::error::Error;

/// A type that a field of a compact record can have. Implemented for every [`CompactValue`], for
/// `Option` and `Vec` of it, and for `Vec` of `Option`, itself in an `Option` or not.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a field of a compact record",
    label = "neither a number, text, decimal, date or time, nor a `Compact` type, nor `Option` or `Vec` of one"
)]
pub trait CompactField {
    /// The kind that it is written as.
    const KIND: FieldKind;

    /// Whether it can be read from a field of this kind.
    fn reads(kind: FieldKind) -> bool;

    /// Writes it.
    fn write(&self, to: &mut Record<'_, '_>, at: Place) -> Result<(), Error>;

    /// Reads it.
    fn read(from: &FieldReader<'_, '_>) -> Result<Self, Error>
    where
        Self: Sized;
}

/// A value that fields and elements of arrays can have.
pub trait CompactValue: Sized {
    /// The kinds of fields that hold it.
    const KINDS: Kinds;

    /// Writes a field that can't be null.
    fn write(&self, to: &mut Record<'_, '_>, at: Place) -> Result<(), Error>;
    /// Writes a field that can.
    fn write_nullable(this: Option<&Self>, to: &mut Record<'_, '_>, at: Place)
    -> Result<(), Error>;
    /// Writes an array.
    fn write_array(items: &[Self], to: &mut Record<'_, '_>, at: Place) -> Result<(), Error>;
    /// Writes an array that can hold nulls.
    fn write_nullable_array(
        items: &[Option<Self>],
        to: &mut Record<'_, '_>,
        at: Place,
    ) -> Result<(), Error>;

    /// Reads a field of either of the first two kinds.
    fn read_nullable(from: &FieldReader<'_, '_>) -> Result<Option<Self>, Error>;
    /// Reads a field of either of the first two kinds; null is an error.
    #[inline]
    fn read(from: &FieldReader<'_, '_>) -> Result<Self, Error> {
        Self::read_nullable(from)?.ok_or_else(|| from.null())
    }
    /// Reads a field of either of the last two kinds.
    fn read_nullable_array(from: &FieldReader<'_, '_>) -> Result<Option<Vec<Option<Self>>>, Error>;
    /// Reads a field of either of the last two kinds; a null in it is an error.
    fn read_array(from: &FieldReader<'_, '_>) -> Result<Option<Vec<Self>>, Error> {
        let Some(items) = Self::read_nullable_array(from)? else { return Ok(None) };
        let items = items.into_iter().map(|item| item.ok_or_else(|| from.null()));
        items.collect::<Result<_, _>>().map(Some)
    }
}

/// The kinds of fields that hold a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kinds {
    /// One.
    pub one: FieldKind,
    /// One or null.
    pub nullable: FieldKind,
    /// Several.
    pub array: FieldKind,
    /// Several, some of them null.
    pub nullable_array: FieldKind,
}

impl Kinds {
    /// Those of what is nullable anyway.
    pub(super) const fn variable(one: FieldKind, array: FieldKind) -> Self {
        Self { one, nullable: one, array, nullable_array: array }
    }

    fn is_one(self, kind: FieldKind) -> bool {
        kind == self.one || kind == self.nullable
    }

    fn is_array(self, kind: FieldKind) -> bool {
        kind == self.array || kind == self.nullable_array
    }
}

impl<T: CompactValue> CompactField for T {
    const KIND: FieldKind = T::KINDS.one;

    fn reads(kind: FieldKind) -> bool {
        T::KINDS.is_one(kind)
    }

    #[inline]
    fn write(&self, to: &mut Record<'_, '_>, at: Place) -> Result<(), Error> {
        CompactValue::write(self, to, at)
    }

    #[inline]
    fn read(from: &FieldReader<'_, '_>) -> Result<Self, Error> {
        if !T::KINDS.is_one(from.kind()) {
            return Err(from.mismatch(Self::KIND));
        }
        <T as CompactValue>::read(from)
    }
}

impl<T: CompactValue> CompactField for Option<T> {
    const KIND: FieldKind = T::KINDS.nullable;

    fn reads(kind: FieldKind) -> bool {
        T::KINDS.is_one(kind)
    }

    #[inline]
    fn write(&self, to: &mut Record<'_, '_>, at: Place) -> Result<(), Error> {
        T::write_nullable(self.as_ref(), to, at)
    }

    #[inline]
    fn read(from: &FieldReader<'_, '_>) -> Result<Self, Error> {
        if !T::KINDS.is_one(from.kind()) {
            return Err(from.mismatch(Self::KIND));
        }
        T::read_nullable(from)
    }
}

/// An element of an array: a [`CompactValue`], or one in an `Option`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be in an array of a compact record",
    label = "neither a number, text, decimal, date or time, nor a `Compact` type, nor `Option` of one"
)]
pub trait CompactItem: Sized {
    /// The kind of an array of them.
    const ARRAY: FieldKind;

    /// Whether an array of them can be read from a field of this kind.
    fn reads_array(kind: FieldKind) -> bool;
    /// Writes an array.
    fn write_array(items: &[Self], to: &mut Record<'_, '_>, at: Place) -> Result<(), Error>;
    /// Reads an array.
    fn read_array(from: &FieldReader<'_, '_>) -> Result<Option<Vec<Self>>, Error>;
}

impl<T: CompactValue> CompactItem for T {
    const ARRAY: FieldKind = T::KINDS.array;

    fn reads_array(kind: FieldKind) -> bool {
        T::KINDS.is_array(kind)
    }
    fn write_array(items: &[Self], to: &mut Record<'_, '_>, at: Place) -> Result<(), Error> {
        <T as CompactValue>::write_array(items, to, at)
    }
    fn read_array(from: &FieldReader<'_, '_>) -> Result<Option<Vec<Self>>, Error> {
        <T as CompactValue>::read_array(from)
    }
}

impl<T: CompactValue> CompactItem for Option<T> {
    const ARRAY: FieldKind = T::KINDS.nullable_array;

    fn reads_array(kind: FieldKind) -> bool {
        T::KINDS.is_array(kind)
    }
    fn write_array(items: &[Self], to: &mut Record<'_, '_>, at: Place) -> Result<(), Error> {
        T::write_nullable_array(items, to, at)
    }
    fn read_array(from: &FieldReader<'_, '_>) -> Result<Option<Vec<Self>>, Error> {
        T::read_nullable_array(from)
    }
}

/// Never null. Null is read as an error.
impl<T: CompactItem> CompactField for Vec<T> {
    const KIND: FieldKind = T::ARRAY;

    fn reads(kind: FieldKind) -> bool {
        T::reads_array(kind)
    }
    fn write(&self, to: &mut Record<'_, '_>, at: Place) -> Result<(), Error> {
        T::write_array(self, to, at)
    }
    fn read(from: &FieldReader<'_, '_>) -> Result<Self, Error> {
        <Option<Self> as CompactField>::read(from)?.ok_or_else(|| from.null())
    }
}

impl<T: CompactItem> CompactField for Option<Vec<T>> {
    const KIND: FieldKind = T::ARRAY;

    fn reads(kind: FieldKind) -> bool {
        T::reads_array(kind)
    }
    fn write(&self, to: &mut Record<'_, '_>, at: Place) -> Result<(), Error> {
        // A field that isn't written is null.
        self.as_ref().map_or(Ok(()), |items| T::write_array(items, to, at))
    }
    fn read(from: &FieldReader<'_, '_>) -> Result<Self, Error> {
        if !T::reads_array(from.kind()) {
            return Err(from.mismatch(T::ARRAY));
        }
        T::read_array(from)
    }
}
