//! Arrays: of the primitive types, and of text.
//!
//! They are written as Java's arrays. They are read from lists of the same elements too, because that
//! is what a Python list is, and what many Java programs store.

use alloc::string::String;
use alloc::vec::Vec;

use super::type_id::TypeId;
use super::{Read, Reader, Write, Writer};
use crate::hazelcast::error::Error;

/// Object lists: those types whose payload is a count and objects.
pub(super) const fn is_list(id: TypeId) -> bool {
    matches!(
        id,
        TypeId::OBJECT_ARRAY
            | TypeId::ARRAY_LIST
            | TypeId::LINKED_LIST
            | TypeId::COPY_ON_WRITE_LIST
    )
}

macro_rules! array {
    ($($type:ty, $size:literal, $id:ident, $method:ident, $name:literal;)*) => {$(
        #[doc = concat!("Java's ", $name, ".")]
        impl Write for [$type] {
            fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
                to.type_id(TypeId::$id);
                to.count(self.len())?;
                for item in self {
                    to.$method(*item);
                }
                Ok(())
            }
            fn size_hint(&self) -> usize {
                8 + $size * self.len()
            }
        }

        #[doc = concat!("Java's ", $name, ", or a list of the same.")]
        impl Read for Vec<$type> {
            fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
                match from.type_id() {
                    TypeId::$id => {
                        let count = from.present_count($size)?;
                        (0..count).map(|_| from.$method()).collect()
                    }
                    id if is_list(id) => from.objects(),
                    _ => Err(from.mismatch($name)),
                }
            }
        }
    )*};
}

array! {
    bool, 1, BOOLEAN_ARRAY, bool, "boolean[]";
    i16, 2, SHORT_ARRAY, i16, "short[]";
    i32, 4, INT_ARRAY, i32, "int[]";
    i64, 8, LONG_ARRAY, i64, "long[]";
    f32, 4, FLOAT_ARRAY, f32, "float[]";
    f64, 8, DOUBLE_ARRAY, f64, "double[]";
}

/// Java's byte[].
impl Write for [u8] {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.type_id(TypeId::BYTE_ARRAY);
        to.count(self.len())?;
        to.slice(self);
        Ok(())
    }
    fn size_hint(&self) -> usize {
        8 + self.len()
    }
}

/// Java's byte[], or a list of Byte.
impl Read for Vec<u8> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        match from.type_id() {
            TypeId::BYTE_ARRAY => {
                let count = from.present_count(1)?;
                from.slice(count).map(<[u8]>::to_vec)
            }
            id if is_list(id) => from.objects(),
            _ => Err(from.mismatch("byte[]")),
        }
    }
}

/// Java's char[], each a UTF-16 unit.
impl Read for Vec<char> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        match from.type_id() {
            TypeId::CHAR_ARRAY => {
                let count = from.present_count(2)?;
                let unit = |_| {
                    let unit = from.u16()?;
                    char::from_u32(unit.into())
                        .ok_or_else(|| from.fault(crate::Fault::Value(unit.into())))
                };
                (0..count).map(unit).collect()
            }
            id if is_list(id) => from.objects(),
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
            id if is_list(id) => from.objects(),
            _ => Err(from.mismatch("String[]")),
        }
    }
}

/// Java's String[], or a list of the same.
impl Read for Vec<Option<String>> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        match from.type_id() {
            TypeId::STRING_ARRAY => {
                let count = from.present_count(4)?;
                (0..count).map(|_| Ok(from.text()?.map(String::from))).collect()
            }
            id if is_list(id) => from.objects(),
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
