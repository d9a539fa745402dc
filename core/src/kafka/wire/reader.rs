//! [`Reader`]: a cursor over a received frame.

use bytes::Bytes;

use super::{Ids, Versions, varint};
use crate::{Fault, Malformed, Str};

/// Reads Kafka's primitive types off the front of a frame; text and bytes share its buffer.
#[derive(Debug)]
pub struct Reader<'a> {
    whole: &'a Bytes,
    // What may be read, and how many bytes of `whole` follow it.
    left: &'a [u8],
    behind: usize,
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
        Self { whole, left: whole, behind: 0, flexible: false, error: None }
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
            return Err(Malformed::new(name, Fault::Value(i64::from(at))).at(self.position()));
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
        self.limit() - self.left.len()
    }

    /// Where what may be read ends.
    fn limit(&self) -> usize {
        self.whole.len() - self.behind
    }

    /// Bytes not read yet.
    pub fn remaining(&self) -> usize {
        self.left.len()
    }

    /// The bytes not read yet, sharing the buffer.
    pub fn rest(&self) -> Bytes {
        self.whole.slice(self.position()..self.limit())
    }

    fn fixed<const N: usize>(&mut self, context: &'static str) -> Result<[u8; N], Malformed> {
        let Some((bytes, left)) = self.left.split_first_chunk::<N>() else {
            return Err(self.truncated(N, context, self.position()));
        };
        self.left = left;
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
        // Most are a short length, or no tags.
        if let [byte @ ..0x80, left @ ..] = self.left {
            self.left = left;
            return Ok(u32::from(*byte));
        }
        let (value, len) = varint::read_u32(self.left)
            .map_err(|fault| Malformed::new(context, fault).at(self.position()))?;
        self.left = self.left.get(len..).unwrap_or_default();
        Ok(value)
    }

    /// Passes over a tag section if there is none in this version, or if it is empty.
    pub(crate) fn no_tags(&mut self) -> bool {
        if !self.flexible {
            return true;
        }
        match self.left {
            [0, left @ ..] => {
                self.left = left;
                true
            }
            _ => false,
        }
    }

    /// A length of the current encoding, `None` for null. `wide` is the classic encoding with four
    /// bytes rather than two.
    fn length(&mut self, wide: bool, context: &'static str) -> Result<Option<u32>, Malformed> {
        if self.flexible {
            return Ok(self.uvarint(context)?.checked_sub(1));
        }
        let start = self.position();
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
        self.take_from(len, context, self.position())
    }

    /// As [`Reader::take`], for bytes whose length was read at `start`.
    fn take_from(
        &mut self,
        len: usize,
        context: &'static str,
        start: usize,
    ) -> Result<Bytes, Malformed> {
        let Some((_, left)) = self.left.split_at_checked(len) else {
            return Err(self.truncated(len, context, start));
        };
        let begin = self.position();
        self.left = left;
        Ok(self.whole.slice(begin..begin + len))
    }

    /// Text or null.
    pub fn string(&mut self, context: &'static str) -> Result<Option<Str>, Malformed> {
        let start = self.position();
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
        let start = self.position();
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
        let start = self.position();
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
        let (bytes, left) = self.left.split_at_checked(4 * count).unwrap_or_default();
        self.left = left;
        let (ids, _) = bytes.as_chunks::<4>();
        Ok(Some(ids.iter().map(|id| i32::from_be_bytes(*id)).collect()))
    }

    /// The quick way to read up to four ids, which most lists have: all four at once, whatever stands
    /// where there are fewer. `None`, with nothing read, where [`Reader::ids`] is needed.
    #[inline]
    pub(crate) fn few_ids(&mut self) -> Option<Ids> {
        let [length @ 1..=5, ids @ ..] = self.left.first_chunk::<17>()? else { return None };
        if !self.flexible {
            return None;
        }
        let count = usize::from(*length) - 1;
        let mut few = [0; 4];
        for (few, id) in few.iter_mut().zip(ids.as_chunks::<4>().0) {
            *few = i32::from_be_bytes(*id);
        }
        self.left = self.left.get(1 + 4 * count..)?;
        Some(Ids::from_buf_and_len(few, count))
    }

    /// Refuses the null that was read at `start`.
    #[cold]
    pub(crate) fn null(&mut self, start: usize, context: &'static str) -> Failed {
        let error = Malformed::new(context, Fault::Null).at(start);
        self.fail(error)
    }

    /// Lets only the next `len` bytes be read; returns the end that [`Reader::widen`] restores.
    pub(crate) fn narrow(&mut self, len: usize, context: &'static str) -> Result<usize, Malformed> {
        let Some((narrowed, rest)) = self.left.split_at_checked(len) else {
            return Err(self.truncated(len, context, self.position()));
        };
        let end = self.limit();
        self.left = narrowed;
        self.behind += rest.len();
        Ok(end)
    }

    /// Goes on behind the narrowed part.
    pub(crate) fn widen(&mut self, end: usize) {
        let (begin, end) = (self.limit(), end.min(self.whole.len()));
        self.left = self.whole.get(begin..end).unwrap_or_default();
        self.behind = self.whole.len() - end;
    }

    /// Keeps an error, for [`Reader::end`]; one that does not say where it was met, was met here.
    #[cold]
    pub(crate) fn fail(&mut self, error: Malformed) -> Failed {
        self.error = Some(if error.offset.is_some() { error } else { error.at(self.position()) });
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
