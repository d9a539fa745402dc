//! [`Batch`]: one record batch as it was received, and [`Batches`], which splits them apart.

use core::fmt;

use bytes::{Buf, Bytes};

use super::header::{CHECKED_FROM, HEADER_LEN, LENGTH_END, MAGIC_AT};
use super::{Attributes, BatchHeader, Compression, Decompressor, Records, RecordsError};
use crate::crc::crc32c;
use crate::{Fault, Malformed};

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

    /// The records of a batch that is not compressed, one by one.
    ///
    /// # Errors
    /// The batch is compressed, or its count cannot be true.
    pub fn records(&self) -> Result<Records<'_>, RecordsError> {
        match self.header.attributes.compression() {
            Compression::NONE => Ok(Records::new(&self.header, self.packed())?),
            codec if codec.is_built_in() => Err(RecordsError::Compressed(codec)),
            codec => Err(codec.refused()),
        }
    }

    /// The records, one by one; those of a compressed batch are unpacked into `decompressor` first.
    ///
    /// # Errors
    /// The codec is unknown or not built in, the bytes are broken or unpack to more than the
    /// decompressor's limit, or the count cannot be true.
    pub fn records_with<'a>(
        &'a self,
        decompressor: &'a mut Decompressor,
    ) -> Result<Records<'a>, RecordsError> {
        let bytes = match self.header.attributes.compression() {
            Compression::NONE => self.packed(),
            codec => decompressor.decompress(codec, self.packed())?,
        };
        Ok(Records::new(&self.header, bytes)?)
    }

    /// The records in `decompressed`, which is what [`Batch::raw_records`] unpacks to.
    ///
    /// # Errors
    /// The count cannot be true.
    pub fn records_in<'a>(&self, decompressed: &'a [u8]) -> Result<Records<'a>, Malformed> {
        Records::new(&self.header, decompressed)
    }

    /// The bytes behind the header.
    pub(super) fn packed(&self) -> &[u8] {
        self.bytes.get(HEADER_LEN..).unwrap_or_default()
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
