//! [`Batch`]: one record batch as it was received, and [`Batches`], which splits them apart.

use core::fmt;

use bytes::{Buf, BufMut, Bytes};

use super::{Records, RecordsError};
use crate::crc::crc32c;
use crate::{Fault, Malformed};

/// Bytes before the records.
pub const HEADER_LEN: usize = 61;

/// Bytes up to and with the length field, which does not count them.
const LENGTH_END: usize = 12;
/// Where the magic stands.
const MAGIC_AT: usize = 16;
/// Where the checksummed part begins.
pub(super) const CHECKED_FROM: usize = 21;

/// How the records of a batch are compressed.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Compression(pub u8);

#[allow(missing_docs)]
impl Compression {
    pub const NONE: Self = Self(0);
    pub const GZIP: Self = Self(1);
    pub const SNAPPY: Self = Self(2);
    pub const LZ4: Self = Self(3);
    pub const ZSTD: Self = Self(4);
}

impl fmt::Debug for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NONE => f.write_str("none"),
            Self::GZIP => f.write_str("gzip"),
            Self::SNAPPY => f.write_str("snappy"),
            Self::LZ4 => f.write_str("lz4"),
            Self::ZSTD => f.write_str("zstd"),
            Self(other) => write!(f, "codec {other}"),
        }
    }
}

/// A batch's flags.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Attributes(pub i16);

impl Attributes {
    const CODEC: i16 = 0x07;
    const LOG_APPEND_TIME: i16 = 0x08;
    const TRANSACTIONAL: i16 = 0x10;
    const CONTROL: i16 = 0x20;
    const DELETE_HORIZON: i16 = 0x40;

    /// How the records are compressed.
    pub const fn compression(self) -> Compression {
        Compression((self.0 & Self::CODEC) as u8)
    }

    /// With another compression; of its number, the low three bits count.
    pub const fn with_compression(self, compression: Compression) -> Self {
        Self(self.0 & !Self::CODEC | compression.0 as i16 & Self::CODEC)
    }

    /// Whether the broker stamped the records with the time of appending.
    pub const fn log_append_time(self) -> bool {
        self.0 & Self::LOG_APPEND_TIME != 0
    }

    /// Whether the records are part of a transaction.
    pub const fn transactional(self) -> bool {
        self.0 & Self::TRANSACTIONAL != 0
    }

    /// The same, but part of a transaction.
    pub const fn in_transaction(self) -> Self {
        Self(self.0 | Self::TRANSACTIONAL)
    }

    /// Whether the records are marks of the broker's own, which no application sees.
    pub const fn control(self) -> bool {
        self.0 & Self::CONTROL != 0
    }

    /// The same, but for marks of the broker's own.
    pub const fn for_control(self) -> Self {
        Self(self.0 | Self::CONTROL)
    }

    /// Whether the base timestamp says when tombstones in the batch may go.
    pub const fn delete_horizon(self) -> bool {
        self.0 & Self::DELETE_HORIZON != 0
    }
}

impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attributes({:#x})", self.0)
    }
}

/// What stands before the records, save length, magic and checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchHeader {
    /// The offset of the first record, 0 from a producer.
    pub base_offset: i64,
    /// The leader epoch in which the batch was appended, -1 from a producer.
    pub leader_epoch: i32,
    /// The flags.
    pub attributes: Attributes,
    /// The last record's offset less the base offset; compaction leaves it as it was.
    pub last_offset_delta: i32,
    /// What the records' timestamps count from, in milliseconds since 1970; -1 for none.
    pub base_timestamp: i64,
    /// The latest timestamp, in milliseconds since 1970; -1 for none.
    pub max_timestamp: i64,
    /// The producer's id, -1 without idempotence.
    pub producer_id: i64,
    /// The producer's epoch, -1 without idempotence.
    pub producer_epoch: i16,
    /// The first record's sequence number, -1 without idempotence.
    pub base_sequence: i32,
    /// How many records there are; compaction may leave none.
    pub count: i32,
}

impl Default for BatchHeader {
    fn default() -> Self {
        Self {
            base_offset: 0,
            leader_epoch: -1,
            attributes: Attributes::default(),
            last_offset_delta: -1,
            base_timestamp: -1,
            max_timestamp: -1,
            producer_id: -1,
            producer_epoch: -1,
            base_sequence: -1,
            count: 0,
        }
    }
}

impl BatchHeader {
    /// The offset of the last record. The next offset is one above it, even if the last records
    /// were compacted away.
    pub const fn last_offset(&self) -> i64 {
        self.base_offset.saturating_add(self.last_offset_delta as i64)
    }

    /// Fills in the first [`HEADER_LEN`] bytes of a batch whose records stand behind them, with the
    /// length and the checksum.
    ///
    /// # Errors
    /// The batch is shorter than its header, or longer than an `i32` counts.
    pub fn seal(&self, batch: &mut [u8]) -> Result<(), Malformed> {
        let (len, available) = (batch.len(), batch.len());
        let Some((mut room, _)) = batch.split_at_mut_checked(HEADER_LEN) else {
            let fault = Fault::Truncated { needed: HEADER_LEN, available };
            return Err(Malformed::new("RecordBatch", fault));
        };
        let length = i32::try_from(len - LENGTH_END)
            .map_err(|_| Malformed::new("RecordBatch", Fault::Length(len as i64)))?;
        room.put_i64(self.base_offset);
        room.put_i32(length);
        room.put_i32(self.leader_epoch);
        room.put_i8(2);
        room.put_u32(0);
        room.put_i16(self.attributes.0);
        room.put_i32(self.last_offset_delta);
        room.put_i64(self.base_timestamp);
        room.put_i64(self.max_timestamp);
        room.put_i64(self.producer_id);
        room.put_i16(self.producer_epoch);
        room.put_i32(self.base_sequence);
        room.put_i32(self.count);
        let crc = crc32c(batch.get(CHECKED_FROM..).unwrap_or_default());
        if let Some(room) = batch.get_mut(MAGIC_AT + 1..CHECKED_FROM) {
            room.copy_from_slice(&crc.to_be_bytes());
        }
        Ok(())
    }
}

/// Gives a batch its place in a log. Neither field is part of the checksum.
pub fn place(batch: &mut [u8], base_offset: i64, leader_epoch: i32) {
    if let Some(room) = batch.get_mut(..8) {
        room.copy_from_slice(&base_offset.to_be_bytes());
    }
    if let Some(room) = batch.get_mut(LENGTH_END..MAGIC_AT) {
        room.copy_from_slice(&leader_epoch.to_be_bytes());
    }
}

/// One batch in the buffer it was received in.
#[derive(Clone)]
pub struct Batch {
    bytes: Bytes,
    header: BatchHeader,
    crc: u32,
}

impl Batch {
    /// Takes the first batch off `records`; `None`, with `records` untouched, if it is cut short.
    ///
    /// # Errors
    /// Another format, or a length too small for a header.
    pub fn split_from(records: &mut Bytes) -> Result<Option<Self>, RecordsError> {
        let Some(length) = records.get(8..LENGTH_END).and_then(|bytes| bytes.first_chunk::<4>())
        else {
            return Ok(None);
        };
        let length = i32::from_be_bytes(*length);
        if let Some(magic) = records.get(MAGIC_AT).filter(|magic| **magic != 2) {
            return Err(RecordsError::UnsupportedMagic(*magic as i8));
        }
        let size = usize::try_from(length)
            .ok()
            .and_then(|length| length.checked_add(LENGTH_END))
            .filter(|size| *size >= HEADER_LEN)
            .ok_or(Malformed::new("RecordBatch", Fault::Length(i64::from(length))))?;
        if records.len() < size {
            return Ok(None);
        }
        let bytes = records.split_to(size);
        let mut from = &bytes[..];
        let base_offset = from.get_i64();
        from.advance(4);
        let leader_epoch = from.get_i32();
        from.advance(1);
        let crc = from.get_u32();
        let header = BatchHeader {
            base_offset,
            leader_epoch,
            attributes: Attributes(from.get_i16()),
            last_offset_delta: from.get_i32(),
            base_timestamp: from.get_i64(),
            max_timestamp: from.get_i64(),
            producer_id: from.get_i64(),
            producer_epoch: from.get_i16(),
            base_sequence: from.get_i32(),
            count: from.get_i32(),
        };
        Ok(Some(Self { bytes, header, crc }))
    }

    /// What stands before the records.
    pub fn header(&self) -> &BatchHeader {
        &self.header
    }

    /// The whole batch, header included.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The records' bytes as they are, compressed or not.
    pub fn raw_records(&self) -> Bytes {
        self.bytes.slice(HEADER_LEN.min(self.bytes.len())..)
    }

    /// Checks the checksum, over all bytes from the attributes on.
    ///
    /// # Errors
    /// It does not match.
    pub fn verify(&self) -> Result<(), Malformed> {
        let expected = crc32c(self.bytes.get(CHECKED_FROM..).unwrap_or_default());
        if expected == self.crc {
            return Ok(());
        }
        Err(Malformed::new("RecordBatch", Fault::Checksum { expected, found: self.crc }))
    }

    /// The records, one by one.
    ///
    /// # Errors
    /// The batch is compressed, or its count cannot be true.
    pub fn records(&self) -> Result<Records<'_>, RecordsError> {
        match self.header.attributes.compression() {
            Compression::NONE => {}
            other => return Err(RecordsError::UnsupportedCodec(other)),
        }
        Ok(Records::new(&self.header, self.bytes.get(HEADER_LEN..).unwrap_or_default())?)
    }

    /// The records in `decompressed`, which is what [`Batch::raw_records`] unpacks to.
    ///
    /// # Errors
    /// The count cannot be true.
    pub fn records_in<'a>(&self, decompressed: &'a [u8]) -> Result<Records<'a>, Malformed> {
        Records::new(&self.header, decompressed)
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("header", &self.header)
            .field("len", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// The batches in a `records` field, in order.
///
/// A fetched field may end in a batch that is cut short: iteration ends before it, and
/// [`Batches::tail`] has what is left.
#[derive(Debug, Clone)]
pub struct Batches {
    left: Bytes,
    failed: bool,
}

impl Batches {
    /// The batches in `records`.
    pub fn new(records: Bytes) -> Self {
        Self { left: records, failed: false }
    }

    /// What has not been split yet; after the last batch, the start of one that was cut short.
    pub fn tail(&self) -> &Bytes {
        &self.left
    }
}

impl Iterator for Batches {
    type Item = Result<Batch, RecordsError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let batch = Batch::split_from(&mut self.left).transpose();
        self.failed = matches!(batch, Some(Err(_)));
        batch
    }
}
