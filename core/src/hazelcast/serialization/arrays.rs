//! Arrays: of the primitive types, and of text.
//!
//! They are written as Java's arrays. They are read from lists of the same elements too, because that
//! is what a Python list is, and what many Java programs store.

use alloc::string::String;
use alloc::vec::Vec;

use bytes::{BufMut, Bytes, BytesMut};

use super::registry::ByteOrder;
use super::type_id::TypeId;
use super::value::ListKind;
use super::{Read, Reader, Write, Writer};
use crate::Fault;
use crate::hazelcast::error::Error;

/// What arrays are packed of: numbers of a fixed size, and booleans of a byte each.
pub trait Element: Copy + Sized + sealed::Packed {}

mod sealed {
    use super::ByteOrder;

    pub trait Packed: Sized {
        /// Bytes that one takes.
        const SIZE: usize;
        fn put(items: &[Self], order: ByteOrder, to: &mut bytes::BytesMut);
        fn take(bytes: &[u8], order: ByteOrder) -> alloc::vec::Vec<Self>;
    }
}

macro_rules! elements {
    ($($type:ty)*) => {$(
        impl Element for $type {}

        impl sealed::Packed for $type {
            const SIZE: usize = size_of::<Self>();

            fn put(items: &[Self], order: ByteOrder, to: &mut BytesMut) {
                to.reserve(size_of_val(items));
                match order {
                    ByteOrder::Big => items.iter().for_each(|it| to.put_slice(&it.to_be_bytes())),
                    ByteOrder::Little => items.iter().for_each(|it| to.put_slice(&it.to_le_bytes())),
                }
            }

            fn take(bytes: &[u8], order: ByteOrder) -> Vec<Self> {
                let items = bytes.as_chunks().0.iter();
                match order {
                    ByteOrder::Big => items.map(|item| Self::from_be_bytes(*item)).collect(),
                    ByteOrder::Little => items.map(|item| Self::from_le_bytes(*item)).collect(),
                }
            }
        }
    )*};
}

elements! { i8 u16 i16 i32 i64 f32 f64 }

impl Element for u8 {}

impl sealed::Packed for u8 {
    const SIZE: usize = 1;
    fn put(items: &[Self], _: ByteOrder, to: &mut BytesMut) {
        to.put_slice(items);
    }
    fn take(bytes: &[u8], _: ByteOrder) -> Vec<Self> {
        bytes.to_vec()
    }
}

impl Element for bool {}

impl sealed::Packed for bool {
    const SIZE: usize = 1;
    fn put(items: &[Self], _: ByteOrder, to: &mut BytesMut) {
        to.extend(items.iter().map(|item| u8::from(*item)));
    }
    fn take(bytes: &[u8], _: ByteOrder) -> Vec<Self> {
        bytes.iter().map(|byte| *byte != 0).collect()
    }
}

impl Writer<'_> {
    /// Numbers with their count before them, as a field of a record; `None` as count -1.
    pub fn array<T: Element>(&mut self, items: Option<&[T]>) -> Result<(), Error> {
        match items {
            Some(items) => {
                self.count(items.len())?;
                self.packed(items);
            }
            None => self.i32(-1),
        }
        Ok(())
    }

    /// Numbers without their count.
    pub(super) fn packed<T: Element>(&mut self, items: &[T]) {
        T::put(items, self.order, &mut self.buffer);
    }

    /// Texts with their count before them, as a field of a record; `None` as count -1.
    pub fn texts<T: AsRef<str>>(&mut self, texts: Option<&[Option<T>]>) -> Result<(), Error> {
        let Some(texts) = texts else {
            self.i32(-1);
            return Ok(());
        };
        self.count(texts.len())?;
        texts.iter().try_for_each(|text| self.text(text.as_ref().map(T::as_ref)))
    }
}

impl Reader<'_> {
    /// Numbers with their count before them; -1 is null.
    pub fn array<T: Element>(&mut self) -> Result<Option<Vec<T>>, Error> {
        let Some(count) = self.count(T::SIZE)? else { return Ok(None) };
        self.packed(count).map(Some)
    }

    /// Numbers with their count before them, which can't be null here.
    pub fn present_array<T: Element>(&mut self) -> Result<Vec<T>, Error> {
        self.array()?.ok_or_else(|| self.fault(Fault::Null))
    }

    /// So many numbers.
    pub(super) fn packed<T: Element>(&mut self, count: usize) -> Result<Vec<T>, Error> {
        let bytes = self.slice(count.saturating_mul(T::SIZE))?;
        Ok(T::take(bytes, self.order))
    }

    /// Texts with their count before them; -1 is null, for the whole and for each.
    pub fn texts(&mut self) -> Result<Option<Vec<Option<String>>>, Error> {
        let Some(count) = self.count(4)? else { return Ok(None) };
        (0..count).map(|_| Ok(self.text()?.map(String::from))).collect::<Result<_, _>>().map(Some)
    }
}

macro_rules! array {
    ($($type:ty, $id:ident, $name:literal;)*) => {$(
        #[doc = concat!("Java's ", $name, ".")]
        impl Write for [$type] {
            fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
                to.type_id(TypeId::$id);
                to.array(Some(self))
            }
            fn size_hint(&self) -> usize {
                8 + size_of_val(self)
            }
        }

        #[doc = concat!("Java's ", $name, ", or a list of the same.")]
        impl Read for Vec<$type> {
            fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
                match from.type_id() {
                    TypeId::$id => from.present_array(),
                    id if ListKind::of(id).is_some() => from.objects(),
                    _ => Err(from.mismatch($name)),
                }
            }
        }
    )*};
}

array! {
    u8, BYTE_ARRAY, "byte[]";
    i8, BYTE_ARRAY, "byte[]";
    bool, BOOLEAN_ARRAY, "boolean[]";
    i16, SHORT_ARRAY, "short[]";
    i32, INT_ARRAY, "int[]";
    i64, LONG_ARRAY, "long[]";
    f32, FLOAT_ARRAY, "float[]";
    f64, DOUBLE_ARRAY, "double[]";
}

/// Java's byte[].
impl Write for Bytes {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        <[u8]>::write(self, to)
    }
    fn size_hint(&self) -> usize {
        <[u8]>::size_hint(self)
    }
}

/// Java's byte[], in the buffer that it was received in.
impl Read for Bytes {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        if from.type_id() != TypeId::BYTE_ARRAY {
            return Err(from.mismatch("byte[]"));
        }
        from.counted_bytes()
    }
}

/// Java's ByteBuffer: the bytes between its position and its limit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ByteBuffer(pub Vec<u8>);

/// Java's ByteBuffer.
impl Write for ByteBuffer {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.type_id(TypeId::BYTE_BUFFER);
        to.array(Some(&self.0[..]))
    }
    fn size_hint(&self) -> usize {
        8 + self.0.len()
    }
}

/// Java's ByteBuffer.
impl Read for ByteBuffer {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        if from.type_id() != TypeId::BYTE_BUFFER {
            return Err(from.mismatch("ByteBuffer"));
        }
        from.present_array().map(Self)
    }
}

/// Java's char[], each a UTF-16 unit.
impl Read for Vec<char> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        match from.type_id() {
            TypeId::CHAR_ARRAY => {
                let units: Vec<u16> = from.present_array()?;
                let unit = |unit: &u16| {
                    let unit = u32::from(*unit);
                    char::from_u32(unit).ok_or_else(|| from.fault(Fault::Value(unit.into())))
                };
                units.iter().map(unit).collect()
            }
            id if ListKind::of(id).is_some() => from.objects(),
            _ => Err(from.mismatch("char[]")),
        }
    }
}

/// Java's char[]; what is above U+FFFF is refused.
impl Write for [char] {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.type_id(TypeId::CHAR_ARRAY);
        to.count(self.len())?;
        for item in self {
            let why = "Java's char ends at U+FFFF";
            let unit = u16::try_from(u32::from(*item)).map_err(|_| {
                crate::hazelcast::error::SerializationError::Unwritable { what: "a char", why }
            })?;
            to.u16(unit);
        }
        Ok(())
    }
    fn size_hint(&self) -> usize {
        8 + 2 * self.len()
    }
}

macro_rules! texts {
    ($($type:ty, |$item:ident| $text:expr;)*) => {$(
        /// Java's String[].
        impl Write for [$type] {
            fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
                to.type_id(TypeId::STRING_ARRAY);
                to.count(self.len())?;
                for $item in self {
                    to.text($text)?;
                }
                Ok(())
            }
            fn size_hint(&self) -> usize {
                8 + self.iter().map(|$item| 4 + $text.map_or(0, str::len)).sum::<usize>()
            }
        }
    )*};
}

texts! {
    String, |item| Some(item.as_str());
    &str, |item| Some(*item);
    Option<String>, |item| item.as_deref();
}

/// Java's String[] without nulls, or a list of the same.
impl Read for Vec<String> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        match from.type_id() {
            TypeId::STRING_ARRAY => {
                let count = from.present_count(4)?;
                (0..count).map(|_| from.present_text().map(String::from)).collect()
            }
            id if ListKind::of(id).is_some() => from.objects(),
            _ => Err(from.mismatch("String[]")),
        }
    }
}

/// Java's String[], or a list of the same.
impl Read for Vec<Option<String>> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        match from.type_id() {
            TypeId::STRING_ARRAY => from.texts()?.ok_or_else(|| from.fault(Fault::Null)),
            id if ListKind::of(id).is_some() => from.objects(),
            _ => Err(from.mismatch("String[]")),
        }
    }
}

/// As the slice that it holds.
impl<T> Write for Vec<T>
where
    [T]: Write,
{
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        <[T]>::write(self, to)
    }
    fn size_hint(&self) -> usize {
        <[T]>::size_hint(self)
    }
}

/// As the slice that it is.
impl<T, const N: usize> Write for [T; N]
where
    [T]: Write,
{
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        <[T]>::write(self, to)
    }
    fn size_hint(&self) -> usize {
        <[T]>::size_hint(self)
    }
}
