//! [`Read`]: how bytes become a value.
//!
//! Whatever the bytes say, a reader allocates no more than a small multiple of what is there: counts
//! are held against the bytes left, and nesting is bounded.
//!
//! Numbers come in the byte order that the client is configured for. Only the partition hash and the
//! type id of the whole value are big-endian in any case.

use alloc::vec::Vec;

use bytes::Bytes;

use super::registry::ByteOrder;
use super::type_id::TypeId;
use super::{Codec, Data, truncated};
use crate::hazelcast::data::HEADER;
use crate::hazelcast::error::{Error, SerializationError};
use crate::{Fault, Malformed};

/// Objects in one another.
pub const MAX_NESTING: u32 = 64;

/// A value that can be read from its serialized form.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be read from a Hazelcast value",
    label = "no form of `{Self}` is known",
    note = "unsigned integers above 8 bits have no counterpart in Java: use the next wider signed type",
    note = "a type of your own is `Identified`, `Portable`, `Compact` or `Custom`, or goes into `JsonOf`"
)]
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
        from.take_whole().cloned().ok_or_else(|| from.mismatch("a whole value"))
    }
}

/// A position in the bytes of a value.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    codec: &'a Codec,
    data: &'a Data,
    rest: &'a [u8],
    /// Of the object being read.
    type_id: TypeId,
    /// Objects in one another, and at which of them the whole value begins: 1 but in one with its length
    /// before it.
    depth: u32,
    root: u32,
    pub(super) order: ByteOrder,
}

impl<'a> Reader<'a> {
    pub(super) fn new(codec: &'a Codec, data: &'a Data) -> Self {
        let rest = data.bytes().get(4..).unwrap_or_default();
        Self {
            codec,
            data,
            rest,
            type_id: TypeId::NULL,
            depth: 0,
            root: 0,
            order: codec.byte_order(),
        }
    }

    /// Begins the whole value.
    pub(super) fn start(&mut self) -> Result<(), Error> {
        let length = self.data.bytes().len();
        if length < HEADER {
            return Err(truncated("a serialized value", HEADER, length));
        }
        self.depth += 1;
        self.root = self.depth;
        self.type_id = TypeId(self.fixed().map(i32::from_be_bytes)?);
        Ok(())
    }

    /// Ends the whole value: what has a known end must not have more after it. Records may, because a
    /// reader may leave fields of a newer version unread.
    pub(super) fn end(&self) -> Result<(), Error> {
        if self.rest.is_empty() || self.type_id.has_open_end() {
            return Ok(());
        }
        Err(self.fault(Fault::Other("bytes after its end")))
    }

    /// The whole value, if it is the one being read and nothing of its payload was read yet.
    pub(super) fn whole(&self) -> Option<&'a Data> {
        (self.depth == self.root && self.position() == HEADER).then_some(self.data)
    }

    /// [`whole`](Self::whole), and nothing of it is left to be read then.
    pub(super) fn take_whole(&mut self) -> Option<&'a Data> {
        let whole = self.whole()?;
        self.skip_rest();
        Some(whole)
    }

    /// Leaves nothing to be read.
    pub(super) fn skip_rest(&mut self) {
        self.rest = self.rest.get(self.rest.len()..).unwrap_or_default();
    }

    /// Bytes from the beginning of the [`Data`], its header of 8 included, up to what is read next:
    /// what offsets in portable records count.
    pub fn position(&self) -> usize {
        // Readers of parts of a value have a `rest` that doesn't reach to its end.
        self.rest.as_ptr().addr().saturating_sub(self.data.bytes().as_ptr().addr())
    }

    /// Bytes of the [`Data`] that follow.
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Goes on at another position.
    ///
    /// # Errors
    /// It is outside the payload. Nothing bounds how often a reader may go back but the reader itself.
    pub fn seek(&mut self, position: usize) -> Result<(), Error> {
        let rest = (position >= HEADER).then(|| self.data.bytes().get(position..)).flatten();
        self.rest = rest.ok_or_else(|| self.fault(Fault::Other("an offset outside the value")))?;
        Ok(())
    }

    /// What follows.
    #[inline]
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The same over other bytes of the value.
    #[inline]
    pub(super) fn over(&self, rest: &'a [u8]) -> Self {
        Self { rest, ..*self }
    }

    /// The same over other bytes of the value, of something nested in what is read here.
    pub(super) fn deeper(&self, rest: &'a [u8]) -> Result<Self, Error> {
        if self.depth >= MAX_NESTING {
            return Err(self.fault(Fault::Nesting(MAX_NESTING)));
        }
        Ok(Self { rest, depth: self.depth + 1, ..*self })
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
        let inner = TypeId(self.i32()?);
        self.nested(inner, T::read)
    }

    /// Reads something nested that is of this type and whose type id isn't there, or was read already.
    ///
    /// # Errors
    /// Those of `read`, and nesting deeper than [`MAX_NESTING`].
    pub fn nested<T>(
        &mut self,
        inner: TypeId,
        read: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.depth >= MAX_NESTING {
            return Err(self.fault(Fault::Nesting(MAX_NESTING)));
        }
        let outer = core::mem::replace(&mut self.type_id, inner);
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        self.type_id = outer;
        value
    }

    /// A whole value with its length before it, as Java's `readData` reads it; -1 is null.
    pub fn data(&mut self) -> Result<Option<Data>, Error> {
        let Some(length) = self.count(1)? else { return Ok(None) };
        self.bytes(length).map(|bytes| Some(Data::new(bytes)))
    }

    /// Bytes with their count before them, which can't be null here, in the buffer that they were
    /// received in.
    pub fn counted_bytes(&mut self) -> Result<Bytes, Error> {
        let count = self.present_count(1)?;
        self.bytes(count)
    }

    /// So many bytes, in the buffer that they were received in.
    fn bytes(&mut self, count: usize) -> Result<Bytes, Error> {
        let from = self.position();
        let taken = self.slice(count)?;
        let all = self.data.bytes();
        let is_there = all.get(from..).is_some_and(|rest| rest.len() >= count);
        Ok(if is_there { all.slice(from..from + count) } else { Bytes::copy_from_slice(taken) })
    }

    /// A whole value with its length before it, read as `T`; -1 is null. Unlike [`Codec::to_value`] on
    /// what [`data`](Self::data) gives, it counts as nested, so that hostile bytes can't go deeper than
    /// [`MAX_NESTING`].
    pub fn data_value<T: Read>(&mut self) -> Result<Option<T>, Error> {
        let Some(data) = self.data()? else { return Ok(None) };
        if self.depth >= MAX_NESTING {
            return Err(self.fault(Fault::Nesting(MAX_NESTING)));
        }
        let mut reader = Reader { depth: self.depth, ..Reader::new(self.codec, &data) };
        reader.start()?;
        let value = T::read(&mut reader)?;
        reader.end()?;
        Ok(Some(value))
    }

    /// A count of elements that take at least `least` bytes each; -1 is null.
    #[inline]
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
    #[inline]
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
    #[inline]
    pub fn text(&mut self) -> Result<Option<&'a str>, Error> {
        let Some(length) = self.count(1)? else { return Ok(None) };
        let bytes = self.slice(length)?;
        core::str::from_utf8(bytes).map(Some).map_err(|_| self.fault(Fault::Utf8))
    }

    /// Text that can't be null here.
    #[inline]
    pub fn present_text(&mut self) -> Result<&'a str, Error> {
        self.text()?.ok_or_else(|| self.fault(Fault::Null))
    }

    /// So many bytes.
    #[inline]
    pub fn slice(&mut self, length: usize) -> Result<&'a [u8], Error> {
        let Some((taken, rest)) = self.rest.split_at_checked(length) else {
            return Err(truncated(self.type_id.name(), length, self.rest.len()));
        };
        self.rest = rest;
        Ok(taken)
    }

    #[inline]
    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let Some((taken, rest)) = self.rest.split_first_chunk() else {
            return Err(truncated(self.type_id.name(), N, self.rest.len()));
        };
        self.rest = rest;
        Ok(*taken)
    }

    /// One byte; everything but 0 is true.
    #[inline]
    pub fn bool(&mut self) -> Result<bool, Error> {
        self.fixed::<1>().map(|[byte]| byte != 0)
    }

    /// One byte.
    #[inline]
    pub fn u8(&mut self) -> Result<u8, Error> {
        self.fixed().map(u8::from_be_bytes)
    }

    /// A count of bits, eight of which take a byte.
    pub(super) fn bit_count(&mut self) -> Result<usize, Error> {
        let count = self.i32()?;
        let available = self.rest.len();
        match usize::try_from(count) {
            Ok(count) if count.div_ceil(8) <= available => Ok(count),
            Ok(_) => Err(self.fault(Fault::Count { count: count.into(), available })),
            Err(_) => Err(self.fault(Fault::Length(count.into()))),
        }
    }

    /// One byte.
    #[inline]
    pub fn i8(&mut self) -> Result<i8, Error> {
        self.fixed().map(i8::from_be_bytes)
    }

    /// Two bytes, a UTF-16 unit.
    #[inline]
    pub fn u16(&mut self) -> Result<u16, Error> {
        let bytes = self.fixed()?;
        Ok(match self.order {
            ByteOrder::Big => u16::from_be_bytes(bytes),
            ByteOrder::Little => u16::from_le_bytes(bytes),
        })
    }

    /// Two bytes.
    #[inline]
    pub fn i16(&mut self) -> Result<i16, Error> {
        let bytes = self.fixed()?;
        Ok(match self.order {
            ByteOrder::Big => i16::from_be_bytes(bytes),
            ByteOrder::Little => i16::from_le_bytes(bytes),
        })
    }

    /// Four bytes.
    #[inline]
    pub fn i32(&mut self) -> Result<i32, Error> {
        let bytes = self.fixed()?;
        Ok(match self.order {
            ByteOrder::Big => i32::from_be_bytes(bytes),
            ByteOrder::Little => i32::from_le_bytes(bytes),
        })
    }

    /// Eight bytes.
    #[inline]
    pub fn i64(&mut self) -> Result<i64, Error> {
        let bytes = self.fixed()?;
        Ok(match self.order {
            ByteOrder::Big => i64::from_be_bytes(bytes),
            ByteOrder::Little => i64::from_le_bytes(bytes),
        })
    }

    /// Four bytes, IEEE 754.
    #[inline]
    pub fn f32(&mut self) -> Result<f32, Error> {
        let bytes = self.fixed()?;
        Ok(match self.order {
            ByteOrder::Big => f32::from_be_bytes(bytes),
            ByteOrder::Little => f32::from_le_bytes(bytes),
        })
    }

    /// Eight bytes, IEEE 754.
    #[inline]
    pub fn f64(&mut self) -> Result<f64, Error> {
        let bytes = self.fixed()?;
        Ok(match self.order {
            ByteOrder::Big => f64::from_be_bytes(bytes),
            ByteOrder::Little => f64::from_le_bytes(bytes),
        })
    }
}
