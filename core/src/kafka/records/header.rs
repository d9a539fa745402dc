//! [`BatchHeader`]: what stands before the records of a batch, with its flags.

use core::fmt;

use bytes::BufMut;

use crate::crc::crc32c;
use crate::{Fault, Malformed};

/// Bytes before the records.
pub const HEADER_LEN: usize = 61;

/// Bytes up to and with the length field, which does not count them.
pub(super) const LENGTH_END: usize = 12;
/// Where the magic stands, in every format.
pub(super) const MAGIC_AT: usize = 16;
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

    /// The same, but for records that the broker has stamped.
    pub const fn stamped_by_broker(self) -> Self {
        Self(self.0 | Self::LOG_APPEND_TIME)
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

    /// When the tombstones and marks in the batch may go, in milliseconds since 1970. The records'
    /// timestamps count from here all the same.
    pub const fn delete_horizon(&self) -> Option<i64> {
        if self.attributes.delete_horizon() { Some(self.base_timestamp) } else { None }
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
