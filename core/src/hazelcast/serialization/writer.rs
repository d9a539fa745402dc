//! [`Write`]: how a type becomes bytes.

use bytes::{BufMut, Bytes, BytesMut};

use super::type_id::TypeId;
use super::{Codec, Data};
use crate::hazelcast::error::{Error, SerializationError};

/// A value that can be serialized. Implemented for borrowed forms too (`str`, `[u8]`), so that a
/// `Map<String, _>` is asked with a `&str`.
pub trait Write {
    /// Writes the object: its type id, then its payload.
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error>;

    /// About how many bytes the object takes, type id included.
    fn size_hint(&self) -> usize {
        60
    }

    /// What decides the partition in place of the whole key, if this is a key.
    fn partition_key(&self) -> Option<&dyn Write> {
        None
    }

    /// The value, if it is one that has been serialized before.
    fn raw(&self) -> Option<&Data> {
        None
    }
}

impl<T: Write + ?Sized> Write for &T {
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

/// `None` is null.
impl<T: Write> Write for Option<T> {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        match self {
            Some(value) => value.write(to),
            None => {
                to.type_id(TypeId::NULL);
                Ok(())
            }
        }
    }
    fn size_hint(&self) -> usize {
        self.as_ref().map_or(4, T::size_hint)
    }
    fn partition_key(&self) -> Option<&dyn Write> {
        self.as_ref().and_then(T::partition_key)
    }
    fn raw(&self) -> Option<&Data> {
        self.as_ref().and_then(T::raw)
    }
}

/// The object as it is.
impl Write for Data {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        // Bytes too short to hold a type id are nothing that a member could read.
        to.slice(self.bytes().get(4..).filter(|object| object.len() >= 4).unwrap_or(&[0; 4]));
        Ok(())
    }
    fn size_hint(&self) -> usize {
        self.bytes().len()
    }
    fn raw(&self) -> Option<&Data> {
        Some(self)
    }
}

/// Where an object is written to.
#[derive(Debug)]
pub struct Writer<'a> {
    codec: &'a Codec,
    buffer: BytesMut,
}

impl<'a> Writer<'a> {
    pub(super) fn new(codec: &'a Codec, capacity: usize) -> Self {
        Self { codec, buffer: BytesMut::with_capacity(capacity) }
    }

    pub(super) fn finish(self) -> Bytes {
        self.buffer.freeze()
    }

    /// What the client that the value is written for has registered.
    pub fn codec(&self) -> &'a Codec {
        self.codec
    }

    /// Begins an object.
    pub fn type_id(&mut self, id: TypeId) {
        self.i32(id.0);
    }

    /// A nested object.
    pub fn object<T: Write + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.write(self)
    }

    /// Bytes as they are, without a length.
    pub fn slice(&mut self, bytes: &[u8]) {
        self.buffer.put_slice(bytes);
    }

    /// One byte, 0 or 1.
    pub fn bool(&mut self, value: bool) {
        self.buffer.put_u8(value.into());
    }

    /// One byte.
    pub fn i8(&mut self, value: i8) {
        self.buffer.put_i8(value);
    }

    /// Two bytes, a UTF-16 unit.
    pub fn u16(&mut self, value: u16) {
        self.buffer.put_u16(value);
    }

    /// Two bytes.
    pub fn i16(&mut self, value: i16) {
        self.buffer.put_i16(value);
    }

    /// Four bytes.
    pub fn i32(&mut self, value: i32) {
        self.buffer.put_i32(value);
    }

    /// Eight bytes.
    pub fn i64(&mut self, value: i64) {
        self.buffer.put_i64(value);
    }

    /// Four bytes, IEEE 754.
    pub fn f32(&mut self, value: f32) {
        self.buffer.put_f32(value);
    }

    /// Eight bytes, IEEE 754.
    pub fn f64(&mut self, value: f64) {
        self.buffer.put_f64(value);
    }

    /// A count of what follows.
    ///
    /// # Errors
    /// It is more than an `i32` holds.
    pub fn count(&mut self, count: usize) -> Result<(), Error> {
        let why = "it has 2^31 elements or more";
        let count = i32::try_from(count)
            .map_err(|_| SerializationError::Unwritable { what: "a value", why })?;
        self.i32(count);
        Ok(())
    }

    /// Text with its length in bytes before it; `None` as length -1.
    pub fn text(&mut self, text: Option<&str>) -> Result<(), Error> {
        match text {
            Some(text) => {
                self.count(text.len())?;
                self.slice(text.as_bytes());
            }
            None => self.i32(-1),
        }
        Ok(())
    }
}
