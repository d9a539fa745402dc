//! [`BatchBuilder`]: records written straight into the batch that is sent.

use bytes::{BufMut, Bytes, BytesMut};

use super::{BatchHeader, ControlType, HEADER_LEN, Header};
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
/// header without moving a record.
#[derive(Debug)]
pub struct BatchBuilder {
    buffer: BytesMut,
    base_timestamp: i64,
    max_timestamp: i64,
    count: i32,
}

impl Default for BatchBuilder {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl BatchBuilder {
    /// A batch without records, with room for `capacity` bytes of them.
    pub fn with_capacity(capacity: usize) -> Self {
        let mut buffer = BytesMut::with_capacity(HEADER_LEN.saturating_add(capacity));
        buffer.put_bytes(0, HEADER_LEN);
        Self { buffer, base_timestamp: -1, max_timestamp: -1, count: 0 }
    }

    /// Bytes that the batch takes so far, its header included.
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
        let body = self.body_len(record);
        varint::len_i64(body as i64) + body
    }

    fn timestamp_delta(&self, record: &NewRecord<'_>) -> i64 {
        let base = if self.count == 0 { record.timestamp } else { self.base_timestamp };
        record.timestamp.wrapping_sub(base)
    }

    fn body_len(&self, record: &NewRecord<'_>) -> usize {
        let headers: usize =
            record.headers.iter().map(|h| field_len(Some(h.key)) + field_len(h.value)).sum();
        1 + varint::len_i64(self.timestamp_delta(record))
            + varint::len_i32(self.count)
            + field_len(record.key)
            + field_len(record.value)
            + varint::len_i64(record.headers.len() as i64)
            + headers
    }

    /// Appends a record; returns its place in the batch.
    ///
    /// # Errors
    /// The batch would grow beyond what an `i32` counts. Nothing of the record is left in it.
    pub fn push(&mut self, record: &NewRecord<'_>) -> Result<i32, EncodeError> {
        let body = self.body_len(record);
        let total = self.buffer.len().saturating_add(body).saturating_add(5);
        if i32::try_from(total).is_err() || self.count == i32::MAX {
            let fault = EncodeFault::TooLong(total);
            return Err(EncodeError { context: "Record", version: 2, fault });
        }
        let timestamp_delta = self.timestamp_delta(record);
        let out = &mut self.buffer;
        out.reserve(body + 5);
        varint::write_i32(out, body as i32);
        out.put_u8(0);
        varint::write_i64(out, timestamp_delta);
        varint::write_i32(out, self.count);
        put_field(out, record.key);
        put_field(out, record.value);
        varint::write_i32(out, record.headers.len() as i32);
        for header in record.headers {
            put_field(out, Some(header.key));
            put_field(out, header.value);
        }
        if self.count == 0 {
            self.base_timestamp = record.timestamp;
            self.max_timestamp = record.timestamp;
        }
        self.max_timestamp = self.max_timestamp.max(record.timestamp);
        self.count += 1;
        Ok(self.count - 1)
    }

    /// Closes the batch. Of `header`, the counts and timestamps are replaced by what was pushed.
    pub fn finish(mut self, header: BatchHeader) -> Bytes {
        let header = BatchHeader {
            last_offset_delta: self.count - 1,
            base_timestamp: self.base_timestamp,
            max_timestamp: self.max_timestamp,
            count: self.count,
            ..header
        };
        // Cannot fail: the header's room was made at the start, and `push` bounds the length.
        let sealed = header.seal(&mut self.buffer);
        debug_assert!(sealed.is_ok());
        self.buffer.freeze()
    }
}

/// Bytes of a nullable field with its length.
fn field_len(bytes: Option<&[u8]>) -> usize {
    match bytes {
        Some(bytes) => varint::len_i64(bytes.len() as i64) + bytes.len(),
        None => 1,
    }
}

fn put_field(out: &mut BytesMut, bytes: Option<&[u8]>) {
    match bytes {
        Some(bytes) => {
            varint::write_i32(out, bytes.len() as i32);
            out.put_slice(bytes);
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
