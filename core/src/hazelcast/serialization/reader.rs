//! [`Read`]: how bytes become a value.
//!
//! Whatever the bytes say, a reader allocates no more than a small multiple of what is there: counts
//! are held against the bytes left, and nesting is bounded.

use alloc::vec::Vec;

use super::type_id::TypeId;
use super::{Codec, Data, truncated};
use crate::hazelcast::data::HEADER;
use crate::hazelcast::error::{Error, SerializationError};
use crate::{Fault, Malformed};

/// Objects in one another.
pub const MAX_NESTING: u32 = 64;

/// A value that can be read from its serialized form.
pub trait Read: Sized {
    /// Reads the payload of the object whose type id is [`Reader::type_id`].
    ///
    /// # Errors
    /// It is an object of another type ([`Reader::mismatch`]), or its bytes are wrong.
    fn read(from: &mut Reader<'_>) -> Result<Self, Error>;
}

/// Null is `None`.
impl<T: Read> Read for Option<T> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        if from.type_id() == TypeId::NULL { Ok(None) } else { T::read(from).map(Some) }
    }
}

/// The value as it is, in the buffer that it was received in: [`Data::detached`] copies it out. Only a
/// whole value can be had so: where a nested object ends, only its type knows.
impl Read for Data {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        from.whole().cloned().ok_or_else(|| from.mismatch("a whole value"))
    }
}

/// A position in the bytes of a value.
#[derive(Debug)]
pub struct Reader<'a> {
    codec: &'a Codec,
    data: &'a Data,
    rest: &'a [u8],
    /// Of the object being read.
    type_id: TypeId,
    /// 1 is the whole value, more are nested objects.
    depth: u32,
}

impl<'a> Reader<'a> {
    pub(super) fn new(codec: &'a Codec, data: &'a Data) -> Self {
        let rest = data.bytes().get(4..).unwrap_or_default();
        Self { codec, data, rest, type_id: TypeId::NULL, depth: 0 }
    }

    /// Begins the whole value.
    pub(super) fn start(&mut self) -> Result<(), Error> {
        let length = self.data.bytes().len();
        if length < HEADER {
            return Err(truncated("a serialized value", HEADER, length));
        }
        self.depth = 1;
        self.type_id = TypeId(self.i32()?);
        Ok(())
    }

    /// The whole value, if it is the one being read and nothing of its payload was read yet.
    pub(super) fn whole(&self) -> Option<&'a Data> {
        (self.depth == 1 && self.rest.len() + HEADER == self.data.bytes().len())
            .then_some(self.data)
    }

    /// What the client that the value is read for has registered.
    pub fn codec(&self) -> &'a Codec {
        self.codec
    }

    /// The type of the object being read.
    pub fn type_id(&self) -> TypeId {
        self.type_id
    }

    /// The error of a type that was asked for and isn't there.
    pub fn mismatch(&self, expected: &'static str) -> Error {
        SerializationError::Mismatch { expected, found: self.type_id }.into()
    }

    /// The error of bytes that can't be read.
    pub fn fault(&self, fault: Fault) -> Error {
        Malformed::new(self.type_id.name(), fault).into()
    }

    /// A nested object.
    pub fn object<T: Read>(&mut self) -> Result<T, Error> {
        if self.depth >= MAX_NESTING {
            return Err(self.fault(Fault::Nesting(MAX_NESTING)));
        }
        let inner = TypeId(self.i32()?);
        let outer = core::mem::replace(&mut self.type_id, inner);
        self.depth += 1;
        let value = T::read(self);
        self.depth -= 1;
        self.type_id = outer;
        value
    }

    /// A count of elements that take at least `least` bytes each; -1 is null.
    pub fn count(&mut self, least: usize) -> Result<Option<usize>, Error> {
        let count = self.i32()?;
        match usize::try_from(count) {
            Ok(count) if count.saturating_mul(least) <= self.rest.len() => Ok(Some(count)),
            Err(_) if count == -1 => Ok(None),
            Err(_) => Err(self.fault(Fault::Length(count.into()))),
            Ok(_) => {
                let available = self.rest.len();
                Err(self.fault(Fault::Count { count: count.into(), available }))
            }
        }
    }

    /// A count of what can't be null here.
    pub fn present_count(&mut self, least: usize) -> Result<usize, Error> {
        self.count(least)?.ok_or_else(|| self.fault(Fault::Null))
    }

    /// Nested objects with their count before them.
    pub fn objects<T: Read>(&mut self) -> Result<Vec<T>, Error> {
        let count = self.present_count(4)?;
        // An object may take more room here than on the wire, so the list grows as they come.
        let mut objects = Vec::with_capacity(count.min(64));
        for _ in 0..count {
            objects.push(self.object()?);
        }
        Ok(objects)
    }

    /// Text with its length before it; -1 is null.
    pub fn text(&mut self) -> Result<Option<&'a str>, Error> {
        let Some(length) = self.count(1)? else { return Ok(None) };
        let bytes = self.slice(length)?;
        core::str::from_utf8(bytes).map(Some).map_err(|_| self.fault(Fault::Utf8))
    }

    /// Text that can't be null here.
    pub fn present_text(&mut self) -> Result<&'a str, Error> {
        self.text()?.ok_or_else(|| self.fault(Fault::Null))
    }

    /// So many bytes.
    pub fn slice(&mut self, length: usize) -> Result<&'a [u8], Error> {
        let Some((taken, rest)) = self.rest.split_at_checked(length) else {
            return Err(truncated(self.type_id.name(), length, self.rest.len()));
        };
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let Some((taken, rest)) = self.rest.split_first_chunk() else {
            return Err(truncated(self.type_id.name(), N, self.rest.len()));
        };
        self.rest = rest;
        Ok(*taken)
    }

    /// One byte; everything but 0 is true.
    pub fn bool(&mut self) -> Result<bool, Error> {
        self.array::<1>().map(|[byte]| byte != 0)
    }

    /// One byte.
    pub fn i8(&mut self) -> Result<i8, Error> {
        self.array().map(i8::from_be_bytes)
    }

    /// Two bytes, a UTF-16 unit.
    pub fn u16(&mut self) -> Result<u16, Error> {
        self.array().map(u16::from_be_bytes)
    }

    /// Two bytes.
    pub fn i16(&mut self) -> Result<i16, Error> {
        self.array().map(i16::from_be_bytes)
    }

    /// Four bytes.
    pub fn i32(&mut self) -> Result<i32, Error> {
        self.array().map(i32::from_be_bytes)
    }

    /// Eight bytes.
    pub fn i64(&mut self) -> Result<i64, Error> {
        self.array().map(i64::from_be_bytes)
    }

    /// Four bytes, IEEE 754.
    pub fn f32(&mut self) -> Result<f32, Error> {
        self.array().map(f32::from_be_bytes)
    }

    /// Eight bytes, IEEE 754.
    pub fn f64(&mut self) -> Result<f64, Error> {
        self.array().map(f64::from_be_bytes)
    }
}
