//! [`BatchBuilder`]: records written straight into the batch that is sent.

use alloc::vec::Vec;

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
#[derive(Debug)]
pub struct BatchBuilder {
    buffer: Vec<u8>,
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
        Self { buffer, base_timestamp: -1, max_timestamp: -1, count: 0, last_delta: -1 }
    }

    /// Bytes that the batch takes so far, its header included and nothing compressed.
    pub fn len(&self) -> usize {
        self.buffer.len()
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

    #[inline]
    fn timestamp_delta(&self, record: &NewRecord<'_>) -> i64 {
        let base = if self.count == 0 { record.timestamp } else { self.base_timestamp };
        record.timestamp.wrapping_sub(base)
    }

    /// Appends a record; returns its place in the batch.
    ///
    /// # Errors
    /// The batch would grow beyond what an `i32` counts. Nothing of the record is left in it.
    #[inline]
    pub fn push(&mut self, record: &NewRecord<'_>) -> Result<i32, EncodeError> {
        // At the largest it stands still, and then there is no room either.
        self.push_at(self.last_delta.wrapping_add(1), record)
    }

    /// Appends a record at an offset of its own, counted from the base offset: compaction leaves gaps.
    pub(super) fn push_at(
        &mut self,
        delta: i32,
        record: &NewRecord<'_>,
    ) -> Result<i32, EncodeError> {
        if delta <= self.last_delta {
            return Err(too_long(self.buffer.len()));
        }
        let timestamp_delta = self.timestamp_delta(record);
        if !self.quick(delta, timestamp_delta, record) {
            self.careful(delta, timestamp_delta, record)?;
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

    /// Writes an ordinary record, whose numbers are short and which has no headers. False for any other.
    ///
    /// Up to the key's length all is put together in one register, which says how long it is as well.
    #[inline]
    fn quick(&mut self, delta: i32, timestamp_delta: i64, record: &NewRecord<'_>) -> bool {
        let len = |bytes: Option<&[u8]>| bytes.map_or(0, <[u8]>::len);
        let (key, value) = (len(record.key), len(record.value));
        let timestamp = (timestamp_delta << 1 ^ timestamp_delta >> 63) as u64;
        let ordinary = timestamp <= QUICK
            && delta as u64 <= QUICK / 2
            && key as u64 <= QUICK / 8
            && value as u64 <= QUICK / 8
            && record.headers.is_empty()
            && self.buffer.len() <= i32::MAX as usize - QUICK as usize;
        if !ordinary {
            return false;
        }
        let (timestamp, timestamp_len) = spread(timestamp);
        let (delta, delta_len) = spread((delta as u64) << 1);
        let (key_len, key_len_len) = spread(length_bits(record.key));
        // The attributes, 0, come first.
        let (second, third) = (8 + timestamp_len, 8 + timestamp_len + delta_len);
        let used = third + key_len_len;
        if used > u64::BITS {
            return false;
        }
        let head = timestamp << 8 | delta << second | key_len << third;
        let (between, between_len) = spread(length_bits(record.value));
        let body = (used + between_len) as usize / 8 + key + value + 1;
        let (length, length_len) = spread((body as u64) << 1);
        let out = &mut self.buffer;
        // With what is written past the end and cut off again.
        out.reserve(body + 16);
        put_some(out, length, length_len);
        put_some(out, head, used);
        if let Some(key) = record.key {
            out.extend_from_slice(key);
        }
        put_some(out, between, between_len);
        if let Some(value) = record.value {
            out.extend_from_slice(value);
        }
        out.push(0);
        true
    }

    /// Writes any record.
    #[cold]
    #[inline(never)]
    fn careful(
        &mut self,
        delta: i32,
        timestamp_delta: i64,
        record: &NewRecord<'_>,
    ) -> Result<(), EncodeError> {
        let body = (1 + varint::len_i64(timestamp_delta) + varint::len_i32(delta))
            .saturating_add(field_len(record.key))
            .saturating_add(field_len(record.value))
            .saturating_add(headers_len(record.headers));
        let total = self.buffer.len().saturating_add(body).saturating_add(5);
        if i32::try_from(total).is_err() {
            return Err(too_long(total));
        }
        let out = &mut self.buffer;
        out.reserve(body + 5);
        varint::write_i32(out, body as i32);
        out.push(0);
        varint::write_i64(out, timestamp_delta);
        varint::write_i32(out, delta);
        put_field(out, record.key);
        put_field(out, record.value);
        varint::write_i32(out, record.headers.len() as i32);
        for header in record.headers {
            put_field(out, Some(header.key));
            put_field(out, header.value);
        }
        Ok(())
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
        let records = self.buffer.get(HEADER_LEN..).unwrap_or_default();
        let mut packed = Vec::with_capacity(HEADER_LEN + records.len() / 2);
        packed.resize(HEADER_LEN, 0);
        compress(how, records, Era::Since1, &mut packed)?;
        self.header(header, how).seal(&mut packed)?;
        Ok(packed.into())
    }
}

/// Numbers up to this take three bytes or fewer.
const QUICK: u64 = (1 << 21) - 1;

fn too_long(total: usize) -> EncodeError {
    EncodeError { context: "Record", version: 2, fault: EncodeFault::TooLong(total) }
}

/// A number up to [`QUICK`] in groups of seven bits, the first one lowest, and how many bits they take.
#[inline]
fn spread(bits: u64) -> (u64, u32) {
    if bits < 0x80 {
        (bits, 8)
    } else if bits < 0x4000 {
        (bits & 0x7f | 0x80 | bits >> 7 << 8, 16)
    } else {
        (bits & 0x7f | 0x80 | (bits >> 7 & 0x7f | 0x80) << 8 | bits >> 14 << 16, 24)
    }
}

/// Writes the lowest `bits` bits. Eight bytes are written whatever they are, since that takes one
/// instruction, and the rest is cut off.
#[inline]
fn put_some(out: &mut Vec<u8>, bytes: u64, bits: u32) {
    let len = out.len() + bits as usize / 8;
    out.extend_from_slice(&bytes.to_le_bytes());
    out.truncate(len);
}

/// The length of a nullable field, zigzag-coded.
#[inline]
fn length_bits(bytes: Option<&[u8]>) -> u64 {
    bytes.map_or(1, |bytes| (bytes.len() as u64) << 1)
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

fn put_field(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    match bytes {
        Some(bytes) => {
            varint::write_i32(out, bytes.len() as i32);
            out.extend_from_slice(bytes);
        }
        None => varint::write_i32(out, -1),
    }
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
