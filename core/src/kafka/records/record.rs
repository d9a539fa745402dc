//! [`Records`]: a walk over the records of a batch, without an allocation.
//!
//! ```text
//! length varint | attributes i8 | timestamp delta varlong | offset delta varint
//! | key length varint, key | value length varint, value
//! | header count varint, (key length varint, key, value length varint, value)*
//! ```
//! A length of -1 is null.
//!
//! Records as clients write them (short numbers, no headers) take a short way, checked against the end of
//! the record once per number; the others, and those that are broken, are read again with care.

use core::iter::FusedIterator;

use super::BatchHeader;
use crate::kafka::wire::varint;
use crate::{Fault, Malformed};

const CONTEXT: &str = "Record";

/// Bytes of the shortest record: one each for length, attributes, deltas, lengths and count.
const MIN_LEN: usize = 7;

/// A record, borrowed from its batch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Record<'a> {
    /// Its offset in the partition.
    pub offset: i64,
    /// Milliseconds since 1970, by the producer's clock or the broker's.
    pub timestamp: i64,
    /// The key.
    pub key: Option<&'a [u8]>,
    /// The value; `None` deletes the key in a compacted topic.
    pub value: Option<&'a [u8]>,
    /// The headers.
    pub headers: Headers<'a>,
}

/// One header of a record. Names may repeat, and their order matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header<'a> {
    /// The name; UTF-8 from every client that keeps to the protocol.
    pub key: &'a [u8],
    /// The value.
    pub value: Option<&'a [u8]>,
}

/// The headers of a record, already checked.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Headers<'a> {
    count: usize,
    bytes: &'a [u8],
}

impl<'a> Headers<'a> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The headers, in order.
    pub fn iter(&self) -> HeaderIter<'a> {
        HeaderIter(*self)
    }
}

impl<'a> IntoIterator for Headers<'a> {
    type Item = Header<'a>;
    type IntoIter = HeaderIter<'a>;

    fn into_iter(self) -> HeaderIter<'a> {
        HeaderIter(self)
    }
}

impl<'a> IntoIterator for &Headers<'a> {
    type Item = Header<'a>;
    type IntoIter = HeaderIter<'a>;

    fn into_iter(self) -> HeaderIter<'a> {
        HeaderIter(*self)
    }
}

/// Walks the headers of a record.
#[derive(Debug, Clone)]
pub struct HeaderIter<'a>(Headers<'a>);

impl<'a> Iterator for HeaderIter<'a> {
    type Item = Header<'a>;

    fn next(&mut self) -> Option<Header<'a>> {
        self.0.count = self.0.count.checked_sub(1)?;
        header(&mut self.0.bytes).ok()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0.count, Some(self.0.count))
    }
}

impl ExactSizeIterator for HeaderIter<'_> {}
impl FusedIterator for HeaderIter<'_> {}

/// The records of a batch. Ends at the first that is malformed.
#[derive(Debug, Clone)]
pub struct Records<'a> {
    left: &'a [u8],
    count: usize,
    base_offset: i64,
    base_timestamp: i64,
    // The timestamp of all records, if the broker gave it.
    append_time: Option<i64>,
}

impl<'a> Records<'a> {
    pub(super) fn new(header: &BatchHeader, bytes: &'a [u8]) -> Result<Self, Malformed> {
        let available = bytes.len();
        let count = usize::try_from(header.count)
            .ok()
            .filter(|count| *count <= available / MIN_LEN)
            .ok_or(Malformed::new(
                "RecordBatch.count",
                Fault::Count { count: i64::from(header.count), available },
            ))?;
        Ok(Self {
            left: bytes,
            count,
            base_offset: header.base_offset,
            base_timestamp: header.base_timestamp,
            append_time: header.attributes.log_append_time().then_some(header.max_timestamp),
        })
    }

    /// Reads an ordinary record. `None`, with nothing taken, for any other.
    #[inline]
    fn quick(&mut self) -> Option<Record<'a>> {
        let mut left = self.left;
        let length = quick_length(&mut left)?;
        let (mut body, left) = left.split_at_checked(length)?;
        let _attributes = body.split_off_first()?;
        let timestamp_delta = quick_number(&mut body)?;
        let offset_delta = quick_number(&mut body)?;
        let key = quick_field(&mut body).ok()?;
        let value = quick_field(&mut body).ok()?;
        if *body != [0] {
            return None;
        }
        self.left = left;
        Some(Record {
            offset: self.base_offset.wrapping_add(i64::from(offset_delta)),
            timestamp: match self.append_time {
                Some(time) => time,
                None => self.base_timestamp.wrapping_add(i64::from(timestamp_delta)),
            },
            key,
            value,
            headers: Headers::default(),
        })
    }

    /// Reads any record.
    #[cold]
    #[inline(never)]
    pub(super) fn record(&mut self) -> Result<Record<'a>, Malformed> {
        let length = length(&mut self.left)?.ok_or(Malformed::new(CONTEXT, Fault::Length(-1)))?;
        let mut body = take(&mut self.left, length)?;
        take(&mut body, 1)?;
        let timestamp_delta = read(&mut body, varint::read_i64)?;
        let offset_delta = read(&mut body, varint::read_i32)?;
        let key = nullable(&mut body)?;
        let value = nullable(&mut body)?;
        let headers = headers(body)?;
        Ok(Record {
            offset: self.base_offset.wrapping_add(i64::from(offset_delta)),
            timestamp: match self.append_time {
                Some(time) => time,
                None => self.base_timestamp.wrapping_add(timestamp_delta),
            },
            key,
            value,
            headers,
        })
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, Malformed>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let Some(left) = self.count.checked_sub(1) else {
            if self.left.is_empty() {
                return None;
            }
            self.left = &[];
            return Some(Err(Malformed::other("RecordBatch", "bytes after the last record")));
        };
        self.count = left;
        if let Some(record) = self.quick() {
            return Some(Ok(record));
        }
        let record = self.record();
        if record.is_err() {
            self.count = 0;
            self.left = &[];
        }
        Some(record)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.count + 1))
    }
}

impl FusedIterator for Records<'_> {}

/// A zigzag-coded number of at most three bytes, with its sign still in the lowest bit.
#[inline]
fn quick_bits(from: &mut &[u8]) -> Option<u32> {
    let (bits, left) = match **from {
        [a, ref left @ ..] if a < 0x80 => (u32::from(a), left),
        [a, b, ref left @ ..] if b < 0x80 => (u32::from(a & 0x7f) | u32::from(b) << 7, left),
        [a, b, c, ref left @ ..] if c < 0x80 => {
            (u32::from(a & 0x7f) | u32::from(b & 0x7f) << 7 | u32::from(c) << 14, left)
        }
        _ => return None,
    };
    *from = left;
    Some(bits)
}

#[inline]
fn quick_number(from: &mut &[u8]) -> Option<i32> {
    let bits = quick_bits(from)?;
    Some((bits >> 1) as i32 ^ -((bits & 1) as i32))
}

#[inline]
fn quick_length(from: &mut &[u8]) -> Option<usize> {
    let bits = quick_bits(from)?;
    (bits & 1 == 0).then_some((bits >> 1) as usize)
}

/// A field with its length; an error for what is not ordinary.
#[inline]
fn quick_field<'a>(from: &mut &'a [u8]) -> Result<Option<&'a [u8]>, ()> {
    let bits = quick_bits(from).ok_or(())?;
    if bits == 1 {
        return Ok(None);
    }
    if bits & 1 != 0 {
        return Err(());
    }
    let (field, left) = from.split_at_checked((bits >> 1) as usize).ok_or(())?;
    *from = left;
    Ok(Some(field))
}

/// Checks all headers, so that walking them later cannot fail.
fn headers(mut bytes: &[u8]) -> Result<Headers<'_>, Malformed> {
    let count = read(&mut bytes, varint::read_i32)?;
    let available = bytes.len();
    // Each takes two bytes or more.
    let count = usize::try_from(count).ok().filter(|count| *count <= available / 2).ok_or(
        Malformed::new("Record.headers", Fault::Count { count: i64::from(count), available }),
    )?;
    let headers = Headers { count, bytes };
    for _ in 0..count {
        header(&mut bytes)?;
    }
    if !bytes.is_empty() {
        return Err(Malformed::other(CONTEXT, "bytes after the last header"));
    }
    Ok(headers)
}

fn header<'a>(from: &mut &'a [u8]) -> Result<Header<'a>, Malformed> {
    let key = nullable(from)?.ok_or(Malformed::new("Record.headers", Fault::Null))?;
    Ok(Header { key, value: nullable(from)? })
}

fn nullable<'a>(from: &mut &'a [u8]) -> Result<Option<&'a [u8]>, Malformed> {
    match length(from)? {
        Some(length) => take(from, length).map(Some),
        None => Ok(None),
    }
}

fn length(from: &mut &[u8]) -> Result<Option<usize>, Malformed> {
    match read(from, varint::read_i32)? {
        -1 => Ok(None),
        length => usize::try_from(length)
            .map(Some)
            .map_err(|_| Malformed::new(CONTEXT, Fault::Length(i64::from(length)))),
    }
}

fn take<'a>(from: &mut &'a [u8], len: usize) -> Result<&'a [u8], Malformed> {
    let Some((taken, left)) = from.split_at_checked(len) else {
        let fault = Fault::Truncated { needed: len, available: from.len() };
        return Err(Malformed::new(CONTEXT, fault));
    };
    *from = left;
    Ok(taken)
}

fn read<T>(from: &mut &[u8], how: fn(&[u8]) -> Result<(T, usize), Fault>) -> Result<T, Malformed> {
    let (value, len) = how(from).map_err(|fault| Malformed::new(CONTEXT, fault))?;
    *from = from.get(len..).unwrap_or_default();
    Ok(value)
}
