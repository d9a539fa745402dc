//! [`MessageSetBuilder`]: messages of format 0 or 1, written straight into the set that is sent.

use alloc::vec::Vec;

use bytes::{BufMut, Bytes};

use super::super::compression::{Era, compress};
use super::super::header::MAGIC_AT;
use super::super::{Attributes, CompressionType, Format, NewRecord, RecordsError};
use super::{OVERHEAD, least};
use crate::crc::crc32;

/// Builds one set: its messages as they are, or packed into one.
#[derive(Debug)]
pub struct MessageSetBuilder {
    format: Format,
    how: CompressionType,
    base_offset: i64,
    append_time: Option<i64>,
    buffer: Vec<u8>,
    last_offset: i64,
    max_timestamp: i64,
    count: usize,
}

impl MessageSetBuilder {
    /// A set without messages. Its first one has `base_offset`: 0 from a producer.
    ///
    /// # Errors
    /// `format` is not of message sets, or `how` came later than it.
    pub fn new(
        format: Format,
        how: CompressionType,
        base_offset: i64,
    ) -> Result<Self, RecordsError> {
        let to = format.magic();
        if format == Format::V2 {
            return Err(RecordsError::UnsupportedMagic(to));
        }
        if matches!(how, CompressionType::Zstd { .. }) {
            return Err(RecordsError::NotInFormat { what: "zstd", to });
        }
        Ok(Self {
            format,
            how,
            base_offset,
            append_time: None,
            buffer: Vec::new(),
            last_offset: base_offset,
            max_timestamp: -1,
            count: 0,
        })
    }

    /// All messages get this timestamp, as given by the broker. Format 0 has none.
    pub fn stamped(mut self, append_time: Option<i64>) -> Self {
        self.append_time = append_time;
        self
    }

    /// Bytes that the set takes so far, nothing compressed.
    pub fn len(&self) -> usize {
        self.buffer.len()
    }

    /// Whether there is no message yet.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Bytes that the set would grow by if this record were pushed.
    pub fn size_of(&self, record: &NewRecord<'_>) -> usize {
        let len = |bytes: Option<&[u8]>| bytes.map_or(0, <[u8]>::len);
        (OVERHEAD + least(self.format))
            .saturating_add(len(record.key))
            .saturating_add(len(record.value))
    }

    /// Appends a message at the next offset.
    ///
    /// # Errors
    /// See [`MessageSetBuilder::push_at`].
    pub fn push(&mut self, record: &NewRecord<'_>) -> Result<(), RecordsError> {
        let next = self.last_offset.wrapping_add(i64::from(self.count > 0));
        self.push_at(next, record)
    }

    /// Appends a message at this offset. The oldest clients send all of them with 0.
    ///
    /// # Errors
    /// The record has headers, or the set would grow beyond what an `i32` counts. Nothing of it is left.
    pub fn push_at(&mut self, offset: i64, record: &NewRecord<'_>) -> Result<(), RecordsError> {
        if !record.headers.is_empty() {
            let to = self.format.magic();
            return Err(RecordsError::NotInFormat { what: "headers", to });
        }
        let total = self.buffer.len().saturating_add(self.size_of(record));
        if i32::try_from(total).is_err() {
            return Err(RecordsError::TooLong(total));
        }
        let written = match (self.format, self.how) {
            (Format::V0, _) | (_, CompressionType::None) => offset,
            _ => offset.wrapping_sub(self.base_offset),
        };
        let timestamp = self.append_time.unwrap_or(record.timestamp);
        self.buffer.reserve(total - self.buffer.len());
        let at = self.begin(written, CompressionType::None, timestamp);
        put(&mut self.buffer, record.key);
        put(&mut self.buffer, record.value);
        seal(&mut self.buffer, at)?;
        self.last_offset = offset;
        self.max_timestamp = self.max_timestamp.max(timestamp);
        self.count += 1;
        Ok(())
    }

    /// Writes what comes before the key, and returns where the message begins.
    fn begin(&mut self, offset: i64, how: CompressionType, timestamp: i64) -> usize {
        let out = &mut self.buffer;
        let at = out.len();
        out.put_i64(offset);
        // Size and checksum, which follow from the rest.
        out.put_bytes(0, 8);
        out.put_i8(self.format.magic());
        let mut attributes = Attributes::default().with_compression(how.codec());
        if self.format == Format::V1 && self.append_time.is_some() {
            attributes = attributes.stamped_by_broker();
        }
        out.put_u8(attributes.0 as u8);
        if self.format == Format::V1 {
            out.put_i64(timestamp);
        }
        at
    }

    /// Closes the set, compressing it if that was asked for and there is something in it.
    ///
    /// # Errors
    /// The codec is not built in, or the set is longer than an `i32` counts.
    pub fn finish(mut self) -> Result<Bytes, RecordsError> {
        if self.how == CompressionType::None || self.is_empty() {
            return Ok(self.buffer.into());
        }
        let set = core::mem::take(&mut self.buffer);
        self.buffer.reserve(OVERHEAD + least(self.format) + set.len() / 2);
        let at = self.begin(self.last_offset, self.how, self.max_timestamp);
        put(&mut self.buffer, None);
        let length_at = self.buffer.len();
        self.buffer.put_i32(0);
        let era = if self.format == Format::V0 { Era::Oldest } else { Era::Since1 };
        compress(self.how, &set, era, &mut self.buffer)?;
        let length = self.buffer.len() - length_at - 4;
        fill(&mut self.buffer, length_at, length)?;
        seal(&mut self.buffer, at)?;
        Ok(self.buffer.into())
    }
}

fn put(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    match bytes {
        Some(bytes) => {
            out.put_i32(bytes.len() as i32);
            out.extend_from_slice(bytes);
        }
        None => out.put_i32(-1),
    }
}

fn fill(out: &mut [u8], at: usize, length: usize) -> Result<(), RecordsError> {
    let length = i32::try_from(length).map_err(|_| RecordsError::TooLong(length))?;
    if let Some(room) = out.get_mut(at..at + 4) {
        room.copy_from_slice(&length.to_be_bytes());
    }
    Ok(())
}

/// Fills in size and checksum of the message that begins at `at` and is the last.
fn seal(out: &mut [u8], at: usize) -> Result<(), RecordsError> {
    fill(out, at + 8, out.len() - at - OVERHEAD)?;
    let crc = crc32(out.get(at + MAGIC_AT..).unwrap_or_default());
    if let Some(room) = out.get_mut(at + OVERHEAD..at + MAGIC_AT) {
        room.copy_from_slice(&crc.to_be_bytes());
    }
    Ok(())
}
