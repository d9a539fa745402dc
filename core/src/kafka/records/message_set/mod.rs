//! Message sets, formats 0 and 1: what clients before 0.11 write and read, and what old logs hold.
//!
//! ```text
//!   offset i64 | size i32, of what follows it | CRC32 u32, of what follows it | magic i8 | attributes i8
//!   | timestamp i64, from format 1 on | key length i32, key | value length i32, value
//! ```
//! A set is one message after another, without anything around them. Compression makes a message of a
//! set: its value is the packed set, its offset that of the last message inside. In format 1 the offsets
//! inside count from the first message; in format 0 they are the real ones, once a broker has stored them.
//!
//! [`Message`] is one of them as it was received, [`MessageSetBuilder`] writes a set; a field that may hold
//! newer batches too is split by [`Entries`](super::Entries).

mod write;

use core::fmt;
use core::iter::FusedIterator;

use bytes::{Buf, Bytes};

pub use write::MessageSetBuilder;

use super::compression::Era;
use super::header::MAGIC_AT;
use super::{Attributes, Compression, Decompressor, Format, Headers, Record, RecordsError};
use crate::crc::crc32;
use crate::{Fault, Malformed};

const CONTEXT: &str = "Message";

/// Bytes of offset and size, which the size does not count.
const OVERHEAD: usize = 12;

/// Bytes of the shortest message of each format, by its size field.
const fn least(format: Format) -> usize {
    match format {
        Format::V0 => 14,
        _ => 22,
    }
}

/// What a message says, borrowed.
#[derive(Debug, Clone, Copy)]
struct Parts<'a> {
    format: Format,
    offset: i64,
    crc: u32,
    attributes: Attributes,
    timestamp: i64,
    key: Option<&'a [u8]>,
    value: Option<&'a [u8]>,
    /// What the checksum is of.
    checked: &'a [u8],
    /// Bytes of the whole message.
    len: usize,
}

/// Reads the first message; `None` if it is cut short.
fn parse(from: &[u8]) -> Result<Option<Parts<'_>>, RecordsError> {
    let Some(magic) = from.get(MAGIC_AT) else { return Ok(None) };
    let format = match magic {
        0 => Format::V0,
        1 => Format::V1,
        other => return Err(RecordsError::UnsupportedMagic(*other as i8)),
    };
    let mut head = from;
    let offset = head.try_get_i64().unwrap_or_default();
    let size = head.try_get_i32().unwrap_or_default();
    let fault = Fault::Length(i64::from(size));
    let body = usize::try_from(size)
        .ok()
        .filter(|size| *size >= least(format))
        .ok_or(Malformed::new(CONTEXT, fault))?;
    let Some(mut body) = head.get(..body) else { return Ok(None) };
    let len = OVERHEAD + body.len();
    let crc = body.try_get_u32().unwrap_or_default();
    let checked = body;
    body.advance(1);
    let attributes = Attributes(i16::from(body.try_get_u8().unwrap_or_default()));
    let timestamp = match format {
        Format::V0 => -1,
        _ => body.try_get_i64().unwrap_or_default(),
    };
    let (key, value) = (field(&mut body)?, field(&mut body)?);
    if !body.is_empty() {
        return Err(Malformed::other(CONTEXT, "bytes after the value").into());
    }
    Ok(Some(Parts { format, offset, crc, attributes, timestamp, key, value, checked, len }))
}

fn field<'a>(from: &mut &'a [u8]) -> Result<Option<&'a [u8]>, Malformed> {
    let available = from.len();
    let truncated = |needed| Malformed::new(CONTEXT, Fault::Truncated { needed, available });
    let length = from.try_get_i32().map_err(|_| truncated(4))?;
    if length == -1 {
        return Ok(None);
    }
    let fault = Fault::Length(i64::from(length));
    let length = usize::try_from(length).map_err(|_| Malformed::new(CONTEXT, fault))?;
    let (taken, left) = from.split_at_checked(length).ok_or(truncated(length))?;
    *from = left;
    Ok(Some(taken))
}

impl<'a> Parts<'a> {
    fn log_append_time(&self) -> bool {
        self.format == Format::V1 && self.attributes.log_append_time()
    }

    fn record(&self) -> Record<'a> {
        Record {
            offset: self.offset,
            timestamp: self.timestamp,
            key: self.key,
            value: self.value,
            headers: Headers::default(),
        }
    }
}

/// A message of format 0 or 1 in the buffer it was received in. If it is compressed, it stands for the
/// messages inside.
#[derive(Clone)]
pub struct Message {
    bytes: Bytes,
    format: Format,
    attributes: Attributes,
    offset: i64,
    timestamp: i64,
}

impl Message {
    /// Takes the first message off `records`; `None`, with `records` untouched, if it is cut short.
    ///
    /// # Errors
    /// Another format, or lengths that contradict each other.
    pub fn split_from(records: &mut Bytes) -> Result<Option<Self>, RecordsError> {
        let Some(parts) = parse(records)? else { return Ok(None) };
        let Parts { format, attributes, offset, timestamp, len, .. } = parts;
        let bytes = records.split_to(len);
        Ok(Some(Self { bytes, format, attributes, offset, timestamp }))
    }

    /// The whole message, offset and size included.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// [`Format::V0`] or [`Format::V1`].
    pub fn format(&self) -> Format {
        self.format
    }

    /// Its offset, or that of the last message inside.
    pub fn offset(&self) -> i64 {
        self.offset
    }

    /// Milliseconds since 1970, of a compressed message the latest inside; -1 in format 0.
    pub fn timestamp(&self) -> i64 {
        self.timestamp
    }

    /// The codec, and from format 1 on whose clock the timestamp is of. The other flags mean nothing here.
    pub fn attributes(&self) -> Attributes {
        self.attributes
    }

    /// Whether the broker gave the timestamp, which then is that of all messages inside.
    pub fn log_append_time(&self) -> bool {
        self.format == Format::V1 && self.attributes.log_append_time()
    }

    fn parts(&self) -> Result<Parts<'_>, RecordsError> {
        // Was read before.
        parse(&self.bytes)?.ok_or(RecordsError::Malformed(Malformed::other(CONTEXT, "cut short")))
    }

    /// Checks the checksum, over all bytes from the magic on.
    ///
    /// # Errors
    /// It does not match.
    pub fn verify(&self) -> Result<(), RecordsError> {
        let parts = self.parts()?;
        let (expected, found) = (crc32(parts.checked), parts.crc);
        if expected == found {
            return Ok(());
        }
        Err(Malformed::new(CONTEXT, Fault::Checksum { expected, found }).into())
    }

    /// The messages that this one stands for: itself, or those inside, unpacked into `decompressor`.
    ///
    /// # Errors
    /// The codec is unknown or not built in, the bytes are broken or unpack to more than the
    /// decompressor's limit, or what is inside is of another format or compressed again.
    pub fn records_with<'a>(
        &'a self,
        decompressor: &'a mut Decompressor,
    ) -> Result<Messages<'a>, RecordsError> {
        let parts = self.parts()?;
        let codec = parts.attributes.compression();
        let append_time = parts.log_append_time().then_some(parts.timestamp);
        if codec == Compression::NONE {
            return Ok(Messages { left: &self.bytes, base_offset: 0, append_time });
        }
        let (era, wrong) = match self.format {
            Format::V0 => (Era::Oldest, codec == Compression::ZSTD),
            _ => (Era::Since1, codec == Compression::ZSTD),
        };
        if wrong {
            return Err(RecordsError::NotInFormat { what: "zstd", to: self.format.magic() });
        }
        let packed = parts.value.ok_or(Malformed::new(CONTEXT, Fault::Null))?;
        let inside = decompressor.unpack(codec, packed, era)?;
        let last = last_inside(inside, self.format)?;
        let base_offset = match self.format {
            Format::V0 => 0,
            _ => self.offset.wrapping_sub(last),
        };
        Ok(Messages { left: inside, base_offset, append_time })
    }
}

/// Reads a whole set that was compressed, and returns its last offset.
fn last_inside(mut left: &[u8], format: Format) -> Result<i64, RecordsError> {
    let mut last = None;
    while !left.is_empty() {
        let inner = parse(left)?.ok_or(Malformed::other(CONTEXT, "a set that is cut short"))?;
        if inner.attributes.compression() != Compression::NONE {
            return Err(RecordsError::Nested);
        }
        if inner.format != format {
            return Err(Malformed::other(CONTEXT, "another format inside").into());
        }
        last = Some(inner.offset);
        left = left.get(inner.len..).unwrap_or_default();
    }
    Ok(last.ok_or(Malformed::other(CONTEXT, "nothing inside"))?)
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("format", &self.format)
            .field("offset", &self.offset)
            .field("timestamp", &self.timestamp)
            .field("attributes", &self.attributes)
            .field("len", &self.bytes.len())
            .finish()
    }
}

/// The messages that one stands for, already checked.
#[derive(Debug, Clone)]
pub struct Messages<'a> {
    left: &'a [u8],
    base_offset: i64,
    append_time: Option<i64>,
}

impl<'a> Iterator for Messages<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let parts = parse(self.left).ok().flatten()?;
        self.left = self.left.get(parts.len..).unwrap_or_default();
        let record = parts.record();
        Some(Record {
            offset: self.base_offset.wrapping_add(record.offset),
            timestamp: self.append_time.unwrap_or(record.timestamp),
            ..record
        })
    }
}

impl FusedIterator for Messages<'_> {}

#[cfg(test)]
mod tests;
