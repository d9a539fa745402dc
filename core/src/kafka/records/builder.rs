//! [`BatchBuilder`]: records written straight into the batch that is sent.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use bytes::Bytes;

use super::compression::{Era, compress};
use super::{BatchHeader, CompressionType, ControlType, HEADER_LEN, Header, RecordsError};
use crate::kafka::wire::{EncodeError, EncodeFault, varint};

/// A record to be written. Its offset follows from its place in the batch.
#[derive(Debug, Clone, Copy, Default)]
pub struct NewRecord<'a> {
    /// Milliseconds since 1970.
    pub timestamp: i64,
    /// The key.
    pub key: Option<&'a [u8]>,
    /// The value.
    pub value: Option<&'a [u8]>,
    /// The headers, in order.
    pub headers: &'a [Header<'a>],
}

/// Builds one batch. Sizes are exact before anything is written, and closing the batch fills in its
/// header without moving a record, save where they are compressed.
///
/// The buffer is kept ready, filled with zeros, some way ahead of what is written: an ordinary record then
/// needs one look at whether there is room, where each piece appended by itself takes one and moves the end.
#[derive(Debug)]
pub struct BatchBuilder {
    buffer: Vec<u8>,
    // How much of the buffer is written.
    len: usize,
    base_timestamp: i64,
    max_timestamp: i64,
    count: i32,
    // Of the last record, less the base offset: one above the one before, unless `push_at` said more.
    last_delta: i32,
}

impl Default for BatchBuilder {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl BatchBuilder {
    /// A batch without records, with room for `capacity` bytes of them.
    pub fn with_capacity(capacity: usize) -> Self {
        let mut buffer = Vec::with_capacity(HEADER_LEN.saturating_add(capacity));
        buffer.resize(HEADER_LEN, 0);
        Self {
            buffer,
            len: HEADER_LEN,
            base_timestamp: -1,
            max_timestamp: -1,
            count: 0,
            last_delta: -1,
        }
    }

    /// Bytes that the batch takes so far, its header included and nothing compressed.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no record yet.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many records there are.
    pub fn count(&self) -> i32 {
        self.count
    }

    /// Bytes that the batch would grow by if this record were pushed.
    pub fn size_of(&self, record: &NewRecord<'_>) -> usize {
        let (prefix, key, value, headers) = (
            1 + varint::len_i64(self.timestamp_delta(record))
                + varint::len_i64(i64::from(self.last_delta) + 1),
            field_len(record.key),
            field_len(record.value),
            headers_len(record.headers),
        );
        let body = prefix.saturating_add(key).saturating_add(value).saturating_add(headers);
        varint::len_i64(body as i64).saturating_add(body)
    }

    fn timestamp_delta(&self, record: &NewRecord<'_>) -> i64 {
        let base = if self.count == 0 { record.timestamp } else { self.base_timestamp };
        record.timestamp.wrapping_sub(base)
    }

    /// Appends a record; returns its place in the batch.
    ///
    /// # Errors
    /// The batch would grow beyond what an `i32` counts. Nothing of the record is left in it.
    #[expect(
        clippy::inline_always,
        reason = "as a call, with the record in memory, it takes twice as long"
    )]
    #[inline(always)]
    pub fn push(&mut self, record: &NewRecord<'_>) -> Result<i32, EncodeError> {
        // At the largest it comes below all others, and is refused.
        let delta = self.last_delta.wrapping_add(1);
        match self.quick(delta, record) {
            Some(()) => Ok(self.count - 1),
            None => self.careful(delta, *record),
        }
    }

    /// Appends a record at an offset of its own, counted from the base offset: compaction leaves gaps.
    pub(super) fn push_at(
        &mut self,
        delta: i32,
        record: &NewRecord<'_>,
    ) -> Result<i32, EncodeError> {
        if delta > self.last_delta && self.quick(delta, record).is_some() {
            return Ok(self.count - 1);
        }
        self.careful(delta, *record)
    }

    /// Writes an ordinary record, which is short and has a value but no headers, if the buffer is ready for
    /// it. It never is for the first one. `None`, with nothing done that matters, for any other.
    #[expect(clippy::inline_always, reason = "see `push`")]
    #[inline(always)]
    fn quick(&mut self, delta: i32, record: &NewRecord<'_>) -> Option<()> {
        let timestamp = record.timestamp.wrapping_sub(self.base_timestamp);
        let timestamp = (timestamp << 1 ^ timestamp >> 63) as u64;
        // Below zero it becomes as large as can be.
        let delta_bits = (i64::from(delta) as u64) << 1;
        let value = record.value?;
        let key_len = record.key.map_or(0, <[u8]>::len);
        let ordinary = (timestamp | delta_bits) <= TWO_BYTES
            && (key_len | value.len()) < QUICK
            && record.headers.is_empty();
        if !ordinary {
            return None;
        }
        let (timestamp, timestamp_len) = spread(timestamp);
        let (delta_bits, delta_len) = spread(delta_bits);
        let (key_bits, key_bits_len) = spread(record.key.map_or(1, |key| (key.len() as u64) << 1));
        let (value_bits, value_bits_len) = spread((value.len() as u64) << 1);
        // With the attributes and the count of headers, both 0.
        let numbers = timestamp_len + delta_len + key_bits_len + value_bits_len + 2;
        let body = numbers + key_len + value.len();
        let (length, length_len) = spread((body as u64) << 1);

        // Each number is written as eight bytes, since that takes one instruction, and what is too much is
        // written over by what comes next.
        let room = self.buffer.get_mut(self.len..)?;
        let head = room.first_chunk_mut::<HEAD>()?;
        put(head, 0, length | timestamp << (8 * length_len + 8))?;
        let at = length_len + 1 + timestamp_len;
        let second = delta_bits | key_bits << (8 * delta_len);
        let second_len = delta_len + key_bits_len;
        let at = if let Some(key) = record.key {
            put(head, at, second)?;
            let at = at + second_len;
            let (to, left) = room.get_mut(at..)?.split_at_mut_checked(key.len())?;
            to.copy_from_slice(key);
            *left.first_chunk_mut::<8>()? = value_bits.to_le_bytes();
            at + key.len() + value_bits_len
        } else {
            put(head, at, second | value_bits << (8 * second_len))?;
            at + second_len + value_bits_len
        };
        let (count, to) = room.get_mut(at..=at + value.len())?.split_last_mut()?;
        to.copy_from_slice(value);
        *count = 0;

        self.len += length_len + body;
        self.max_timestamp = self.max_timestamp.max(record.timestamp);
        self.count += 1;
        self.last_delta = delta;
        Some(())
    }

    /// Writes any record, and makes the buffer ready for more if it isn't.
    #[cold]
    #[inline(never)]
    pub(super) fn careful(
        &mut self,
        delta: i32,
        record: NewRecord<'_>,
    ) -> Result<i32, EncodeError> {
        if delta <= self.last_delta {
            return Err(too_long(self.len));
        }
        let timestamp_delta = self.timestamp_delta(&record);
        let body = (1 + varint::len_i64(timestamp_delta) + varint::len_i32(delta))
            .saturating_add(field_len(record.key))
            .saturating_add(field_len(record.value))
            .saturating_add(headers_len(record.headers));
        let total = self.len.saturating_add(body).saturating_add(5);
        if i32::try_from(total).is_err() {
            return Err(too_long(total));
        }
        self.put_number(body as i64);
        self.put(&[0]);
        self.put_number(timestamp_delta);
        self.put_number(i64::from(delta));
        self.put_field(record.key);
        self.put_field(record.value);
        self.put_number(record.headers.len() as i64);
        for header in record.headers {
            self.put_field(Some(header.key));
            self.put_field(header.value);
        }
        // An ordinary record that came here found too little room.
        let ready = self.buffer.len() - self.len;
        if body < 2 * QUICK && record.headers.is_empty() && ready < HEAD + 2 * QUICK {
            let most = self.buffer.capacity().min(i32::MAX as usize);
            let wanted = self.len + self.len.clamp(*READY.start(), *READY.end());
            self.buffer.resize(most.min(wanted).max(self.buffer.len()), 0);
        }
        if self.count == 0 {
            self.base_timestamp = record.timestamp;
            self.max_timestamp = record.timestamp;
        }
        self.max_timestamp = self.max_timestamp.max(record.timestamp);
        self.count += 1;
        self.last_delta = delta;
        Ok(self.count - 1)
    }

    fn put(&mut self, bytes: &[u8]) {
        let end = self.len + bytes.len();
        if let Some(room) = self.buffer.get_mut(self.len..end) {
            room.copy_from_slice(bytes);
        } else {
            self.buffer.truncate(self.len);
            self.buffer.extend_from_slice(bytes);
        }
        self.len = end;
    }

    fn put_number(&mut self, number: i64) {
        let mut bytes = [0; 10];
        let mut left = &mut bytes[..];
        varint::write_i64(&mut left, number);
        let len = 10 - left.len();
        self.put(bytes.get(..len).unwrap_or_default());
    }

    fn put_field(&mut self, bytes: Option<&[u8]>) {
        self.put_number(bytes.map_or(-1, |bytes| bytes.len() as i64));
        self.put(bytes.unwrap_or_default());
    }

    /// The header of what was pushed.
    fn header(&self, header: BatchHeader, codec: CompressionType) -> BatchHeader {
        BatchHeader {
            attributes: header.attributes.with_compression(codec.codec()),
            last_offset_delta: self.last_delta,
            base_timestamp: self.base_timestamp,
            max_timestamp: self.max_timestamp,
            count: self.count,
            ..header
        }
    }

    /// Closes the batch as it is, uncompressed. Of `header`, the counts and timestamps are replaced by
    /// what was pushed.
    pub fn finish(self, header: BatchHeader) -> Bytes {
        let header = self.header(header, CompressionType::None);
        let mut buffer = self.buffer;
        buffer.truncate(self.len);
        // Cannot fail: the header's room was made at the start, and `push` bounds the length.
        let sealed = header.seal(&mut buffer);
        debug_assert!(sealed.is_ok());
        buffer.into()
    }

    /// Closes the batch and compresses its records. Of `header`, the counts and timestamps are replaced
    /// by what was pushed, and the codec by `how`.
    ///
    /// # Errors
    /// The codec is not built in, or could not get memory.
    pub fn finish_with(
        self,
        header: BatchHeader,
        how: CompressionType,
    ) -> Result<Bytes, RecordsError> {
        if how == CompressionType::None {
            return Ok(self.finish(header));
        }
        let records = self.buffer.get(HEADER_LEN..self.len).unwrap_or_default();
        let mut packed = Vec::with_capacity(HEADER_LEN + records.len() / 2);
        packed.resize(HEADER_LEN, 0);
        compress(how, records, Era::Since1, &mut packed)?;
        self.header(header, how).seal(&mut packed)?;
        Ok(packed.into())
    }
}

/// Numbers up to this take two bytes or one.
const TWO_BYTES: u64 = (1 << 14) - 1;

/// An ordinary record's key and value are each shorter, a power of two. With its numbers, the length of both
/// takes two bytes.
const QUICK: usize = 2048;

/// Bytes that a record's numbers are written to: the last eight begin at 15 at the latest.
const HEAD: usize = 24;

/// Bytes that the buffer is made ready for: as many as are written already, but room for an ordinary record
/// at least, and few enough to still be in the processor's first cache when they are written.
const READY: RangeInclusive<usize> = 3 * QUICK..=8 * QUICK;

fn too_long(total: usize) -> EncodeError {
    EncodeError { context: "Record", version: 2, fault: EncodeFault::TooLong(total) }
}

/// A number up to [`TWO_BYTES`] in groups of seven bits, the first one lowest, and how many bytes they take.
#[inline]
fn spread(bits: u64) -> (u64, usize) {
    let long = u64::from(bits > 0x7f);
    (bits & 0x7f | long << 7 | bits >> 7 << 8, 1 + long as usize)
}

/// Writes a number and what else is in the word. `at` is 15 at most, which the compiler is told by the mask.
#[inline]
fn put(head: &mut [u8; HEAD], at: usize, word: u64) -> Option<()> {
    *head.get_mut(at & 15..)?.first_chunk_mut::<8>()? = word.to_le_bytes();
    Some(())
}

/// Bytes of a nullable field with its length.
fn field_len(bytes: Option<&[u8]>) -> usize {
    match bytes {
        Some(bytes) => varint::len_i64(bytes.len() as i64) + bytes.len(),
        None => 1,
    }
}

/// Bytes of the headers with their count.
fn headers_len(headers: &[Header<'_>]) -> usize {
    let each = headers.iter().map(|header| field_len(Some(header.key)) + field_len(header.value));
    each.fold(varint::len_i64(headers.len() as i64), usize::saturating_add)
}

/// The sequence number `records` after `sequence`: above `i32::MAX` comes 0, not a negative one.
pub const fn sequence_after(sequence: i32, records: i32) -> i32 {
    match sequence.checked_add(records) {
        Some(next) => next,
        None => records - (i32::MAX - sequence) - 1,
    }
}

/// The batch with which a broker marks the end of a transaction in a partition. `header` names the
/// producer and the place in the log.
pub fn end_transaction(
    commit: bool,
    coordinator_epoch: i32,
    timestamp: i64,
    header: BatchHeader,
) -> Result<Bytes, EncodeError> {
    let kind = if commit { ControlType::COMMIT } else { ControlType::ABORT };
    let mut key = [0; 4];
    key[2..].copy_from_slice(&kind.0.to_be_bytes());
    let mut value = [0; 6];
    value[2..].copy_from_slice(&coordinator_epoch.to_be_bytes());
    let mut builder = BatchBuilder::with_capacity(24);
    let (key, value) = (Some(&key[..]), Some(&value[..]));
    builder.push(&NewRecord { timestamp, key, value, headers: &[] })?;
    let attributes = header.attributes.in_transaction().for_control();
    Ok(builder.finish(BatchHeader { attributes, base_sequence: -1, ..header }))
}
