//! [`Reader`]: a cursor over a received frame.

use bytes::Bytes;

use super::{Ids, Versions, varint};
use crate::{Fault, Malformed, Str};

/// Reads Kafka's primitive types off the front of a frame; text and bytes share its buffer.
#[derive(Debug)]
pub struct Reader<'a> {
    whole: &'a Bytes,
    at: usize,
    end: usize,
    flexible: bool,
    // Why the message's code gave up: a `Failed` was returned for it.
    error: Option<Malformed>,
}

/// Reading or writing failed; the reader or writer knows why. Messages are long lists of fields, and
/// an error without contents keeps the code of each short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failed;

impl<'a> Reader<'a> {
    /// Reads `whole` from its beginning.
    pub fn new(whole: &'a Bytes) -> Self {
        Self { whole, at: 0, end: whole.len(), flexible: false, error: None }
    }

    /// Checks a version and takes on its encoding.
    #[inline(never)]
    pub(crate) fn begin(
        &mut self,
        name: &'static str,
        versions: Versions,
        flexible: Versions,
        at: i16,
    ) -> Result<(), Malformed> {
        if !versions.contains(at) {
            return Err(Malformed::new(name, Fault::Value(i64::from(at))).at(self.at));
        }
        self.flexible = flexible.contains(at);
        Ok(())
    }

    /// Whether the message being read is of a flexible version.
    pub fn flexible(&self) -> bool {
        self.flexible
    }

    /// Sets whether lengths are compact, and returns what was set before.
    pub fn set_flexible(&mut self, flexible: bool) -> bool {
        core::mem::replace(&mut self.flexible, flexible)
    }

    /// Bytes read so far.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Bytes not read yet.
    pub fn remaining(&self) -> usize {
        self.end - self.at
    }

    /// The bytes not read yet, sharing the buffer.
    pub fn rest(&self) -> Bytes {
        self.whole.slice(self.at..self.end)
    }

    fn left(&self) -> &'a [u8] {
        self.whole.get(self.at..self.end).unwrap_or_default()
    }

    fn fixed<const N: usize>(&mut self, context: &'static str) -> Result<[u8; N], Malformed> {
        let Some(bytes) = self.left().first_chunk::<N>() else {
            return Err(self.truncated(N, context, self.at));
        };
        self.at += N;
        Ok(*bytes)
    }

    #[cold]
    fn truncated(&self, needed: usize, context: &'static str, start: usize) -> Malformed {
        Malformed::new(context, Fault::Truncated { needed, available: self.remaining() }).at(start)
    }

    /// A boolean: any byte but zero is true.
    pub fn bool(&mut self, context: &'static str) -> Result<bool, Malformed> {
        self.fixed::<1>(context).map(|[byte]| byte != 0)
    }

    /// A signed byte.
    pub fn i8(&mut self, context: &'static str) -> Result<i8, Malformed> {
        self.fixed(context).map(i8::from_be_bytes)
    }

    /// A big-endian integer of two bytes.
    pub fn i16(&mut self, context: &'static str) -> Result<i16, Malformed> {
        self.fixed(context).map(i16::from_be_bytes)
    }

    /// A big-endian integer of four bytes.
    pub fn i32(&mut self, context: &'static str) -> Result<i32, Malformed> {
        self.fixed(context).map(i32::from_be_bytes)
    }

    /// A big-endian integer of eight bytes.
    pub fn i64(&mut self, context: &'static str) -> Result<i64, Malformed> {
        self.fixed(context).map(i64::from_be_bytes)
    }

    /// Sixteen bytes.
    pub fn array16(&mut self, context: &'static str) -> Result<[u8; 16], Malformed> {
        self.fixed(context)
    }

    /// An unsigned variable-length integer.
    pub fn uvarint(&mut self, context: &'static str) -> Result<u32, Malformed> {
        let (value, len) = varint::read_u32(self.left())
            .map_err(|fault| Malformed::new(context, fault).at(self.at))?;
        self.at += len;
        Ok(value)
    }

    /// A length of the current encoding, `None` for null. `wide` is the classic encoding with four
    /// bytes rather than two.
    fn length(&mut self, wide: bool, context: &'static str) -> Result<Option<u32>, Malformed> {
        if self.flexible {
            return Ok(self.uvarint(context)?.checked_sub(1));
        }
        let start = self.at;
        let length = if wide { self.i32(context)? } else { i32::from(self.i16(context)?) };
        match length {
            -1 => Ok(None),
            length => u32::try_from(length)
                .map(Some)
                .map_err(|_| Malformed::new(context, Fault::Length(i64::from(length))).at(start)),
        }
    }

    /// The next `len` bytes, sharing the buffer.
    pub fn take(&mut self, len: usize, context: &'static str) -> Result<Bytes, Malformed> {
        self.take_from(len, context, self.at)
    }

    /// As [`Reader::take`], for bytes whose length was read at `start`.
    fn take_from(
        &mut self,
        len: usize,
        context: &'static str,
        start: usize,
    ) -> Result<Bytes, Malformed> {
        if len > self.remaining() {
            return Err(self.truncated(len, context, start));
        }
        let begin = self.at;
        self.at += len;
        Ok(self.whole.slice(begin..self.at))
    }

    /// Text or null.
    pub fn string(&mut self, context: &'static str) -> Result<Option<Str>, Malformed> {
        let start = self.at;
        let Some(len) = self.length(false, context)? else { return Ok(None) };
        // Java refuses longer ones in either encoding.
        if len > 0x7fff {
            return Err(Malformed::new(context, Fault::Length(i64::from(len))).at(start));
        }
        let bytes = self.take_from(len as usize, context, start)?;
        Str::from_utf8(bytes).map(Some).map_err(|_| Malformed::new(context, Fault::Utf8).at(start))
    }

    /// Bytes or null.
    pub fn bytes(&mut self, context: &'static str) -> Result<Option<Bytes>, Malformed> {
        let start = self.at;
        match self.length(true, context)? {
            Some(len) => self.take_from(len as usize, context, start).map(Some),
            None => Ok(None),
        }
    }

    /// The number of elements in an array, or null. It is at most what the bytes left can hold, if
    /// each element takes `min_len` or more.
    pub fn count(
        &mut self,
        min_len: usize,
        context: &'static str,
    ) -> Result<Option<usize>, Malformed> {
        let start = self.at;
        let Some(count) = self.length(true, context)? else { return Ok(None) };
        let available = self.remaining();
        if count as usize > available / min_len.max(1) {
            let fault = Fault::Count { count: i64::from(count), available };
            return Err(Malformed::new(context, fault).at(start));
        }
        Ok(Some(count as usize))
    }

    /// An array of `i32`, or null. Such ids of brokers or partitions are most of a large answer.
    pub(crate) fn ids(&mut self, context: &'static str) -> Result<Option<Ids>, Malformed> {
        // The count is at most what the bytes hold.
        let Some(count) = self.count(4, context)? else { return Ok(None) };
        let bytes = self.left().get(..4 * count).unwrap_or_default();
        self.at += bytes.len();
        let (ids, _) = bytes.as_chunks::<4>();
        Ok(Some(ids.iter().map(|id| i32::from_be_bytes(*id)).collect()))
    }

    /// Refuses the null that was read at `start`.
    #[cold]
    pub(crate) fn null(&mut self, start: usize, context: &'static str) -> Failed {
        let error = Malformed::new(context, Fault::Null).at(start);
        self.fail(error)
    }

    /// Lets only the next `len` bytes be read; returns the end that [`Reader::widen`] restores.
    pub(crate) fn narrow(&mut self, len: usize, context: &'static str) -> Result<usize, Malformed> {
        if len > self.remaining() {
            return Err(self.truncated(len, context, self.at));
        }
        Ok(core::mem::replace(&mut self.end, self.at + len))
    }

    /// Goes on behind the narrowed part.
    pub(crate) fn widen(&mut self, end: usize) {
        self.at = self.end;
        self.end = end.min(self.whole.len());
    }

    /// Keeps an error, for [`Reader::end`]; one that does not say where it was met, was met here.
    #[cold]
    pub(crate) fn fail(&mut self, error: Malformed) -> Failed {
        self.error = Some(if error.offset.is_some() { error } else { error.at(self.at) });
        Failed
    }

    /// The error behind a [`Failed`].
    #[inline(never)]
    pub(crate) fn end(
        &mut self,
        read: Result<(), Failed>,
        name: &'static str,
    ) -> Result<(), Malformed> {
        read.map_err(|Failed| self.error.take().unwrap_or(Malformed::other(name, "unreadable")))
    }
}
