//! Numbers, text and ids.
//!
//! A type is read from exactly the one type that it is written as: keys are equal by their bytes, so
//! an `i64` that quietly read an `Integer` would be looked for under another key than it was stored.

use alloc::borrow::{Cow, ToOwned};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;

use super::type_id::TypeId;
use super::{Data, Read, Reader, Write, Writer};
use crate::hazelcast::Uuid;
use crate::hazelcast::error::{Error, SerializationError};
use crate::{Fault, Str};

macro_rules! number {
    ($($type:ty, $id:ident, $method:ident, $name:literal;)*) => {$(
        #[doc = concat!("Java's ", $name, ".")]
        impl Write for $type {
            fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
                to.type_id(TypeId::$id);
                to.$method(*self);
                Ok(())
            }
            fn size_hint(&self) -> usize {
                4 + size_of::<Self>()
            }
        }

        #[doc = concat!("Java's ", $name, ".")]
        impl Read for $type {
            fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
                if from.type_id() != TypeId::$id {
                    return Err(from.mismatch($name));
                }
                from.$method()
            }
        }
    )*};
}

number! {
    bool, BOOLEAN, bool, "Boolean";
    i8, BYTE, i8, "Byte";
    i16, SHORT, i16, "Short";
    i32, INTEGER, i32, "Integer";
    i64, LONG, i64, "Long";
    f32, FLOAT, f32, "Float";
    f64, DOUBLE, f64, "Double";
}

/// Java's Byte, the same eight bits: what is above 127 is negative there.
impl Write for u8 {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        self.cast_signed().write(to)
    }
    fn size_hint(&self) -> usize {
        5
    }
}

/// Java's Byte, the same eight bits.
impl Read for u8 {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        i8::read(from).map(i8::cast_unsigned)
    }
}

/// Java's Character, which has 16 bits: what is above U+FFFF is refused.
impl Write for char {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        let why = "Java's Character ends at U+FFFF";
        let unit = u16::try_from(u32::from(*self))
            .map_err(|_| SerializationError::Unwritable { what: "a char", why })?;
        to.type_id(TypeId::CHAR);
        to.u16(unit);
        Ok(())
    }
    fn size_hint(&self) -> usize {
        6
    }
}

/// Java's Character; half of a surrogate pair is refused.
impl Read for char {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        if from.type_id() != TypeId::CHAR {
            return Err(from.mismatch("Character"));
        }
        let unit = from.u16()?;
        Self::from_u32(unit.into()).ok_or_else(|| from.fault(Fault::Value(unit.into())))
    }
}

/// Java's String.
impl Write for str {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.type_id(TypeId::STRING);
        to.text(Some(self))
    }
    fn size_hint(&self) -> usize {
        8 + self.len()
    }
}

macro_rules! text {
    ($($type:ty)*) => {$(
        /// Java's String.
        impl Write for $type {
            fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
                str::write(self, to)
            }
            fn size_hint(&self) -> usize {
                str::size_hint(self)
            }
        }

        /// Java's String.
        impl Read for $type {
            fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
                if from.type_id() != TypeId::STRING {
                    return Err(from.mismatch("String"));
                }
                from.present_text().map(Self::from)
            }
        }
    )*};
}

text! { String Str }

/// Java's String.
impl Read for Box<str> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        String::read(from).map(String::into_boxed_str)
    }
}

macro_rules! shared {
    ($($pointer:ident)*) => {$(
        /// As the value that it holds.
        impl<T: Write + ?Sized> Write for $pointer<T> {
            fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
                T::write(self, to)
            }
            fn size_hint(&self) -> usize {
                T::size_hint(self)
            }
            fn partition_key(&self) -> Option<&dyn Write> {
                T::partition_key(self)
            }
            fn raw(&self) -> Option<&Data> {
                T::raw(self)
            }
        }

        /// As the value that it holds.
        impl<T: Read> Read for $pointer<T> {
            fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
                T::read(from).map(Self::new)
            }
        }
    )*};
}

shared! { Box Arc }

/// As the value that it is.
impl<T: Write + ToOwned + ?Sized> Write for Cow<'_, T> {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        T::write(self, to)
    }
    fn size_hint(&self) -> usize {
        T::size_hint(self)
    }
    fn partition_key(&self) -> Option<&dyn Write> {
        T::partition_key(self)
    }
    fn raw(&self) -> Option<&Data> {
        T::raw(self)
    }
}

/// The name of a Java class, Java's Class.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ClassName(pub String);

/// Java's Class.
impl Write for ClassName {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.type_id(TypeId::CLASS);
        to.text(Some(&self.0))
    }
    fn size_hint(&self) -> usize {
        8 + self.0.len()
    }
}

/// Java's Class.
impl Read for ClassName {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        if from.type_id() != TypeId::CLASS {
            return Err(from.mismatch("Class"));
        }
        from.present_text().map(|name| Self(name.into()))
    }
}

/// Java's UUID.
impl Write for Uuid {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.type_id(TypeId::UUID);
        to.i64(self.high.cast_signed());
        to.i64(self.low.cast_signed());
        Ok(())
    }
    fn size_hint(&self) -> usize {
        20
    }
}

/// Java's UUID.
impl Read for Uuid {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        if from.type_id() != TypeId::UUID {
            return Err(from.mismatch("UUID"));
        }
        Ok(Self::new(from.i64()?.cast_unsigned(), from.i64()?.cast_unsigned()))
    }
}
