//! Fields of numbers, characters, text, and arrays of them.

use alloc::string::String;
use alloc::vec::Vec;

use super::field::PortableField;
use super::kind::FieldType;
use super::reader::Scope;
use crate::hazelcast::error::Error;
use crate::hazelcast::serialization::{Reader, Writer};
use crate::{Fault, Str};

/// Reads a whole number of any width.
fn whole(from: &mut Reader<'_>, found: FieldType) -> Result<i64, Error> {
    Ok(match found {
        FieldType::Byte => from.i8()?.into(),
        FieldType::Char => from.u16()?.into(),
        FieldType::Short => from.i16()?.into(),
        FieldType::Int => from.i32()?.into(),
        _ => from.i64()?,
    })
}

fn inexact(from: &Reader<'_>) -> Error {
    from.fault(Fault::Other("a number that the type asked for doesn't have"))
}

macro_rules! integers {
    ($($type:ty, $own:ident, $put:ident, [$($narrower:ident)*];)*) => {$(
        impl PortableField for $type {
            const TYPE: FieldType = FieldType::$own;

            fn reads(found: FieldType) -> bool {
                matches!(found, FieldType::$own $(| FieldType::$narrower)*)
            }
            fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
                to.$put(*self);
                Ok(())
            }
            fn read(from: &mut Reader<'_>, found: FieldType, _: &Scope) -> Result<Self, Error> {
                Self::try_from(whole(from, found)?).map_err(|_| inexact(from))
            }
        }
    )*};
}

integers! {
    i8, Byte, i8, [];
    u16, Char, u16, [];
    i16, Short, i16, [Byte];
    i32, Int, i32, [Byte Char Short];
    i64, Long, i64, [Byte Char Short Int];
}

/// The same eight bits: what is above 127 is negative in Java.
impl PortableField for u8 {
    const TYPE: FieldType = FieldType::Byte;

    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.u8(*self);
        Ok(())
    }
    fn read(from: &mut Reader<'_>, _: FieldType, _: &Scope) -> Result<Self, Error> {
        from.u8()
    }
}

impl PortableField for bool {
    const TYPE: FieldType = FieldType::Boolean;

    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.bool(*self);
        Ok(())
    }
    fn read(from: &mut Reader<'_>, _: FieldType, _: &Scope) -> Result<Self, Error> {
        from.bool()
    }
}

/// Java's char, which ends at U+FFFF.
impl PortableField for char {
    const TYPE: FieldType = FieldType::Char;

    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        let unit = u16::try_from(u32::from(*self));
        to.u16(unit.map_err(|_| super::writer::unwritable("Java's char ends at U+FFFF"))?);
        Ok(())
    }
    fn read(from: &mut Reader<'_>, _: FieldType, _: &Scope) -> Result<Self, Error> {
        let unit = from.u16()?;
        Self::from_u32(unit.into()).ok_or_else(|| from.fault(Fault::Value(unit.into())))
    }
}

impl PortableField for f32 {
    const TYPE: FieldType = FieldType::Float;

    fn reads(found: FieldType) -> bool {
        found == FieldType::Float || i32::reads(found)
    }
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.f32(*self);
        Ok(())
    }
    fn read(from: &mut Reader<'_>, found: FieldType, _: &Scope) -> Result<Self, Error> {
        if found == FieldType::Float {
            return from.f32();
        }
        let number = whole(from, found)?;
        let float = number as Self;
        if float as i128 == i128::from(number) { Ok(float) } else { Err(inexact(from)) }
    }
}

impl PortableField for f64 {
    const TYPE: FieldType = FieldType::Double;

    fn reads(found: FieldType) -> bool {
        matches!(found, FieldType::Double | FieldType::Float) || i64::reads(found)
    }
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.f64(*self);
        Ok(())
    }
    fn read(from: &mut Reader<'_>, found: FieldType, _: &Scope) -> Result<Self, Error> {
        match found {
            FieldType::Double => return from.f64(),
            FieldType::Float => return from.f32().map(Self::from),
            _ => {}
        }
        let number = whole(from, found)?;
        let float = number as Self;
        if float as i128 == i128::from(number) { Ok(float) } else { Err(inexact(from)) }
    }
}

macro_rules! arrays {
    ($($type:ty, $own:ident;)*) => {$(
        impl PortableField for [$type] {
            const TYPE: FieldType = FieldType::$own;

            fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
                to.array(Some(self))
            }
        }

        impl PortableField for Vec<$type> {
            const TYPE: FieldType = FieldType::$own;

            fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
                to.array(Some(self))
            }
            fn read(from: &mut Reader<'_>, _: FieldType, _: &Scope) -> Result<Self, Error> {
                from.present_array()
            }
        }

        impl PortableField for Option<Vec<$type>> {
            const TYPE: FieldType = FieldType::$own;

            fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
                to.array(self.as_deref())
            }
            fn read(from: &mut Reader<'_>, _: FieldType, _: &Scope) -> Result<Self, Error> {
                from.array()
            }
        }
    )*};
}

arrays! {
    bool, BooleanArray;
    i8, ByteArray;
    u8, ByteArray;
    u16, CharArray;
    i16, ShortArray;
    i32, IntArray;
    i64, LongArray;
    f32, FloatArray;
    f64, DoubleArray;
}

impl PortableField for str {
    const TYPE: FieldType = FieldType::Text;

    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.text(Some(self))
    }
}

macro_rules! texts {
    ($($type:ty)*) => {$(
        impl PortableField for $type {
            const TYPE: FieldType = FieldType::Text;

            fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
                to.text(Some(self))
            }
            fn read(from: &mut Reader<'_>, _: FieldType, _: &Scope) -> Result<Self, Error> {
                from.present_text().map(Self::from)
            }
        }

        impl PortableField for Option<$type> {
            const TYPE: FieldType = FieldType::Text;

            fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
                to.text(self.as_deref())
            }
            fn read(from: &mut Reader<'_>, _: FieldType, _: &Scope) -> Result<Self, Error> {
                Ok(from.text()?.map(<$type>::from))
            }
        }
    )*};
}

texts! { String Str }

impl PortableField for Option<Vec<Option<String>>> {
    const TYPE: FieldType = FieldType::TextArray;

    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.texts(self.as_deref())
    }
    fn read(from: &mut Reader<'_>, _: FieldType, _: &Scope) -> Result<Self, Error> {
        from.texts()
    }
}

impl PortableField for Vec<Option<String>> {
    const TYPE: FieldType = FieldType::TextArray;

    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.texts(Some(self))
    }
    fn read(from: &mut Reader<'_>, found: FieldType, scope: &Scope) -> Result<Self, Error> {
        let read: Option<Self> = PortableField::read(from, found, scope)?;
        read.ok_or_else(|| from.fault(Fault::Null))
    }
}

impl PortableField for Vec<String> {
    const TYPE: FieldType = FieldType::TextArray;

    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.count(self.len())?;
        self.iter().try_for_each(|text| to.text(Some(text)))
    }
    fn read(from: &mut Reader<'_>, found: FieldType, scope: &Scope) -> Result<Self, Error> {
        let read: Option<Self> = PortableField::read(from, found, scope)?;
        read.ok_or_else(|| from.fault(Fault::Null))
    }
}

impl PortableField for Option<Vec<String>> {
    const TYPE: FieldType = FieldType::TextArray;

    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        match self {
            Some(texts) => texts.write(to),
            None => {
                to.i32(-1);
                Ok(())
            }
        }
    }
    fn read(from: &mut Reader<'_>, _: FieldType, _: &Scope) -> Result<Self, Error> {
        let Some(texts) = from.texts()? else { return Ok(None) };
        let texts: Option<_> = texts.into_iter().collect();
        texts.map(Some).ok_or_else(|| from.fault(Fault::Null))
    }
}
