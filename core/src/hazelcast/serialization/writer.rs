//! [`Write`]: how a type becomes bytes.
//!
//! Numbers are written in the byte order that the client is configured for; only the partition hash and
//! the type id of a whole value are big-endian in any case.

use bytes::{BufMut, Bytes, BytesMut};

use super::compact::Schemas;
use super::registry::ByteOrder;
use super::type_id::TypeId;
use super::{Codec, Data};
use crate::hazelcast::error::{Error, SerializationError};

/// A value that can be serialized. Implemented for borrowed forms too (`str`, `[u8]`), so that a
/// `Map<String, _>` is asked with a `&str`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be written as a Hazelcast value",
    label = "no form of `{Self}` is known",
    note = "unsigned integers above 8 bits have no counterpart in Java: use the next wider signed type",
    note = "a list of other than numbers and text is a `List` (ArrayList) or an `Array` (Object[])",
    note = "a type of your own is `Identified`, `Portable`, `Compact` or `Custom`, or goes into `JsonOf`"
)]
pub trait Write {
    /// Writes the object: its type id, then its payload.
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error>;

    /// About how many bytes the object takes, type id included.
    fn size_hint(&self) -> usize {
        // With the hash before it, a buffer of 128 bytes: most records fit without growing it.
        124
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
    pub(super) buffer: BytesMut,
    /// Where the whole value begins that is being written: 0 but in one with its length before it.
    base: usize,
    pub(super) order: ByteOrder,
    /// What the records in it need.
    pub(super) schemas: Schemas,
    /// Records in one another.
    pub(super) depth: u32,
}

impl<'a> Writer<'a> {
    pub(super) fn new(codec: &'a Codec, capacity: usize) -> Self {
        let buffer = BytesMut::with_capacity(capacity);
        let (order, schemas) = (codec.byte_order(), Schemas::default());
        Self { codec, buffer, base: 0, order, schemas, depth: 0 }
    }

    /// Writes a whole value: partition hash and object.
    pub(super) fn whole<T: Write + ?Sized>(&mut self, hash: i32, value: &T) -> Result<(), Error> {
        self.buffer.put_i32(hash);
        value.write(self)
    }

    pub(super) fn finish(self) -> (Bytes, Schemas) {
        (self.buffer.freeze(), self.schemas)
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.buffer.len()
    }

    pub(super) fn zeros(&mut self, count: usize) {
        self.buffer.put_bytes(0, count);
    }

    /// Writes over what is there.
    #[inline]
    pub(super) fn patch(&mut self, at: usize, bytes: &[u8]) {
        if let Some(place) = self.buffer.get_mut(at..).and_then(|rest| rest.get_mut(..bytes.len()))
        {
            place.copy_from_slice(bytes);
        }
    }

    pub(super) fn patch_i32(&mut self, at: usize, value: i32) {
        self.patch(at, &self.order.i32(value));
    }

    /// Writes a number over what is there, from its big-endian bytes.
    #[inline]
    pub(super) fn patch_number<const N: usize>(&mut self, at: usize, mut bytes: [u8; N]) {
        if self.order == ByteOrder::Little {
            bytes.reverse();
        }
        self.patch(at, &bytes);
    }

    #[inline]
    pub(super) fn set_bits(&mut self, at: usize, bits: u8) {
        if let Some(byte) = self.buffer.get_mut(at) {
            *byte |= bits;
        }
    }

    /// What the client that the value is written for has registered.
    pub fn codec(&self) -> &'a Codec {
        self.codec
    }

    /// Begins an object.
    pub fn type_id(&mut self, id: TypeId) {
        if self.position() == 4 {
            self.buffer.put_i32(id.0);
        } else {
            self.i32(id.0);
        }
    }

    /// Bytes from the beginning of the [`Data`], its header of 8 included: what offsets in portable
    /// records count.
    pub fn position(&self) -> usize {
        self.buffer.len() - self.base
    }

    /// What was written at `position`; nothing outside of that.
    pub(super) fn written(&self, position: usize, length: usize) -> &[u8] {
        let at = self.base + position;
        self.buffer.get(at..at.saturating_add(length)).unwrap_or_default()
    }

    /// Writes a number anew that stands at `position`, which was left for it. Outside what was written
    /// nothing happens.
    pub fn i32_at(&mut self, position: usize, value: i32) {
        let bytes = self.order.i32(value);
        let at = self.base + position;
        if let Some(place) = self.buffer.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
            *place = bytes;
        }
    }

    /// A whole value with its length before it, as Java's `writeData` writes it; `None` as length -1.
    pub fn data(&mut self, data: Option<&Data>) -> Result<(), Error> {
        match data {
            Some(data) => {
                self.count(data.bytes().len())?;
                self.slice(data.bytes());
            }
            None => self.i32(-1),
        }
        Ok(())
    }

    /// Serializes a value with its length before it; what [`Reader::data_value`](super::Reader::data_value)
    /// reads.
    pub fn data_value<T: Write + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        if let Some(data) = value.raw() {
            return self.data(Some(data));
        }
        let hash = self.codec.partition_hash_of(value)?;
        let length_at = self.position();
        self.i32(0);
        let base = core::mem::replace(&mut self.base, self.buffer.len());
        let written = self.whole(hash, value);
        let length = self.position();
        self.base = base;
        written?;
        self.i32_at(length_at, i32::try_from(length).map_err(|_| too_long())?);
        Ok(())
    }

    /// A nested object.
    pub fn object<T: Write + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.write(self)
    }

    /// A nested object that can't be null.
    ///
    /// # Errors
    /// It is null; `what` says in the error what must not be.
    pub fn present<T: Write + ?Sized>(
        &mut self,
        value: &T,
        what: &'static str,
    ) -> Result<(), Error> {
        let at = self.buffer.len();
        value.write(self)?;
        if self.buffer.get(at..at + 4) == Some(&[0; 4]) {
            return Err(SerializationError::Unwritable { what, why: "it is null" }.into());
        }
        Ok(())
    }

    /// Bytes as they are, without a length.
    #[inline]
    pub fn slice(&mut self, bytes: &[u8]) {
        self.buffer.put_slice(bytes);
    }

    /// One byte, 0 or 1.
    #[inline]
    pub fn bool(&mut self, value: bool) {
        self.buffer.put_u8(value.into());
    }

    /// One byte.
    #[inline]
    pub fn u8(&mut self, value: u8) {
        self.buffer.put_u8(value);
    }

    /// One byte.
    #[inline]
    pub fn i8(&mut self, value: i8) {
        self.buffer.put_i8(value);
    }

    /// Two bytes, a UTF-16 unit.
    #[inline]
    pub fn u16(&mut self, value: u16) {
        match self.order {
            ByteOrder::Big => self.buffer.put_u16(value),
            ByteOrder::Little => self.buffer.put_u16_le(value),
        }
    }

    /// Two bytes.
    #[inline]
    pub fn i16(&mut self, value: i16) {
        match self.order {
            ByteOrder::Big => self.buffer.put_i16(value),
            ByteOrder::Little => self.buffer.put_i16_le(value),
        }
    }

    /// Four bytes.
    #[inline]
    pub fn i32(&mut self, value: i32) {
        match self.order {
            ByteOrder::Big => self.buffer.put_i32(value),
            ByteOrder::Little => self.buffer.put_i32_le(value),
        }
    }

    /// Eight bytes.
    #[inline]
    pub fn i64(&mut self, value: i64) {
        match self.order {
            ByteOrder::Big => self.buffer.put_i64(value),
            ByteOrder::Little => self.buffer.put_i64_le(value),
        }
    }

    /// Four bytes, IEEE 754.
    #[inline]
    pub fn f32(&mut self, value: f32) {
        match self.order {
            ByteOrder::Big => self.buffer.put_f32(value),
            ByteOrder::Little => self.buffer.put_f32_le(value),
        }
    }

    /// Eight bytes, IEEE 754.
    #[inline]
    pub fn f64(&mut self, value: f64) {
        match self.order {
            ByteOrder::Big => self.buffer.put_f64(value),
            ByteOrder::Little => self.buffer.put_f64_le(value),
        }
    }

    /// A count of what follows.
    ///
    /// # Errors
    /// It is more than an `i32` holds.
    #[inline]
    pub fn count(&mut self, count: usize) -> Result<(), Error> {
        self.i32(i32::try_from(count).map_err(|_| too_long())?);
        Ok(())
    }

    /// Text with its length in bytes before it; `None` as length -1.
    #[inline]
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

fn too_long() -> Error {
    SerializationError::Unwritable { what: "a value", why: "it has 2^31 elements or more" }.into()
}
