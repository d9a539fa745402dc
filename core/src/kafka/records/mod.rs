//! Record batches of format 2: what Produce and Fetch carry in their `records` fields.
//!
//! ```text
//!   0 base offset i64         | 8 length i32, of what follows it | 12 leader epoch i32
//!  16 magic i8 = 2            | 17 CRC32C u32, of what follows it
//!  21 attributes i16          | 23 last offset delta i32
//!  27 base timestamp i64      | 35 max timestamp i64
//!  43 producer id i64         | 51 producer epoch i16            | 53 base sequence i32
//!  57 count i32               | 61 records, compressed or not
//! ```
//!
//! [`Batches`] splits a field into [`Batch`]es, which share its buffer; [`Batch::records`] walks one
//! record by record, borrowing keys and values, and [`Batch::records_with`] a compressed one in the buffer
//! of a [`Decompressor`]. [`BatchBuilder`] writes records straight into the buffer that is sent. A batch in
//! a codec that is not built in is still a [`Batch`]: brokers store and send it as it is.
//!
//! Formats 0 and 1, which old clients write and old logs hold, are in [`message_set`]; [`Entries`] splits a
//! field that may hold all three, and [`down_convert`], [`up_convert`] and [`gather`] turn one format into another.

mod batch;
mod builder;
mod compression;
mod control;
mod convert;
mod entries;
mod header;
pub mod message_set;
mod record;

pub use batch::{Batch, Batches, place};
pub use builder::{BatchBuilder, NewRecord, end_transaction, sequence_after};
pub use compression::{CompressionType, DECOMPRESSED_LIMIT, Decompressor, UnknownCompressionType};
pub use control::{Control, ControlType};
pub use convert::{down_convert, gather, up_convert};
pub use entries::{Entries, Entry, EntryRecords, Format};
pub use header::{Attributes, BatchHeader, Compression, HEADER_LEN};
pub use record::{Header, HeaderIter, Headers, Record, Records};

use crate::Malformed;

/// Why records could not be read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordsError {
    /// The bytes break the format.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The batch is compressed, which [`Batch::records`] does not undo.
    #[error("compressed with {0:?}: a decompressor is needed")]
    Compressed(Compression),
    /// This build lacks the codec.
    #[error("{0:?} is not built in: it is behind the feature of that name")]
    NotBuiltIn(Compression),
    /// The codec's number has no meaning.
    #[error("unsupported codec: {0:?}")]
    UnsupportedCodec(Compression),
    /// The format's number has no meaning.
    #[error("unsupported message format {0}")]
    UnsupportedMagic(i8),
    /// The records unpack to more than is allowed.
    #[error("the records unpack to more than the {limit} bytes allowed")]
    TooLarge {
        /// Bytes that are allowed.
        limit: usize,
    },
    /// Compressed messages within compressed messages.
    #[error("compressed within a compressed message")]
    Nested,
    /// The older format has no such thing, or no place for it.
    #[error("format {to} has no {what}")]
    NotInFormat {
        /// What there is.
        what: &'static str,
        /// The format asked for.
        to: i8,
    },
    /// The batch would be longer than an `i32` counts.
    #[error("a batch of {0} bytes is too long")]
    TooLong(usize),
}

#[cfg(test)]
mod tests;
