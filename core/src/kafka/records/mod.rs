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
//! record by record, borrowing keys and values. [`BatchBuilder`] writes records straight into the
//! buffer that is sent. A batch in a codec that is not built in is still a [`Batch`]: brokers store
//! and send it as it is.

mod batch;
mod builder;
mod control;
mod record;

pub use batch::{Attributes, Batch, BatchHeader, Batches, Compression, HEADER_LEN, place};
pub use builder::{BatchBuilder, NewRecord, end_transaction, sequence_after};
pub use control::{Control, ControlType};
pub use record::{Header, HeaderIter, Headers, Record, Records};

use crate::Malformed;

/// Why records could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordsError {
    /// The bytes break the format.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The batch is compressed in a way that this side cannot undo.
    #[error("unsupported codec: {0:?}")]
    UnsupportedCodec(Compression),
    /// The batch is of an older or newer format.
    #[error("unsupported message format {0}")]
    UnsupportedMagic(i8),
}

#[cfg(test)]
mod tests;
