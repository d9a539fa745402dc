//! [`Entries`]: a `records` field that may hold all three formats, as a log does that has seen upgrades.

use bytes::Bytes;

use super::header::MAGIC_AT;
use super::message_set::{Message, Messages};
use super::{Attributes, Batch, Decompressor, Record, Records, RecordsError};
use crate::Malformed;

/// In what form records travel: the `magic` of all entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Message sets without timestamps, of clients before 0.10.
    V0,
    /// Message sets with timestamps, of clients before 0.11.
    V1,
    /// Record batches, since 0.11.
    V2,
}

impl Format {
    /// The number on the wire.
    pub const fn magic(self) -> i8 {
        self as i8
    }

    /// The newest format that a Fetch of this version may be answered with.
    pub const fn of_fetch(version: i16) -> Self {
        match version {
            ..=1 => Self::V0,
            2 | 3 => Self::V1,
            _ => Self::V2,
        }
    }

    /// The newest format that a Produce of this version may carry.
    pub const fn of_produce(version: i16) -> Self {
        match version {
            ..=1 => Self::V0,
            2 => Self::V1,
            _ => Self::V2,
        }
    }
}

/// One batch or message of a field.
#[derive(Debug, Clone)]
pub enum Entry {
    /// Format 2.
    Batch(Batch),
    /// Format 0 or 1.
    Message(Message),
}

impl Entry {
    /// Takes the first entry off `records`; `None`, with `records` untouched, if it is cut short.
    ///
    /// # Errors
    /// An unknown format, or lengths that cannot be true.
    pub fn split_from(records: &mut Bytes) -> Result<Option<Self>, RecordsError> {
        match records.get(MAGIC_AT) {
            Some(0 | 1) => Ok(Message::split_from(records)?.map(Self::Message)),
            _ => Ok(Batch::split_from(records)?.map(Self::Batch)),
        }
    }

    /// Its format.
    pub fn format(&self) -> Format {
        match self {
            Self::Batch(_) => Format::V2,
            Self::Message(message) => message.format(),
        }
    }

    /// All its bytes.
    pub fn bytes(&self) -> &Bytes {
        match self {
            Self::Batch(batch) => batch.bytes(),
            Self::Message(message) => message.bytes(),
        }
    }

    /// Its flags; in formats 0 and 1 only the codec means something, and from 1 on the timestamps' clock.
    pub fn attributes(&self) -> Attributes {
        match self {
            Self::Batch(batch) => batch.header().attributes,
            Self::Message(message) => message.attributes(),
        }
    }

    /// The offset of its last record.
    pub fn last_offset(&self) -> i64 {
        match self {
            Self::Batch(batch) => batch.header().last_offset(),
            Self::Message(message) => message.offset(),
        }
    }

    /// The timestamp that the broker gave to all records, if it did.
    pub fn append_time(&self) -> Option<i64> {
        match self {
            Self::Batch(batch) => {
                let header = batch.header();
                header.attributes.log_append_time().then_some(header.max_timestamp)
            }
            Self::Message(message) => message.log_append_time().then_some(message.timestamp()),
        }
    }

    /// Checks the checksum.
    ///
    /// # Errors
    /// It does not match.
    pub fn verify(&self) -> Result<(), RecordsError> {
        match self {
            Self::Batch(batch) => Ok(batch.verify()?),
            Self::Message(message) => message.verify(),
        }
    }

    /// The records, one by one; compressed ones are unpacked into `decompressor` first.
    ///
    /// # Errors
    /// See [`Batch::records_with`] and [`Message::records_with`].
    pub fn records_with<'a>(
        &'a self,
        decompressor: &'a mut Decompressor,
    ) -> Result<EntryRecords<'a>, RecordsError> {
        Ok(EntryRecords(match self {
            Self::Batch(batch) => Of::Batch(batch.records_with(decompressor)?),
            Self::Message(message) => Of::Message(message.records_with(decompressor)?),
        }))
    }
}

/// The records of an [`Entry`].
#[derive(Debug, Clone)]
pub struct EntryRecords<'a>(Of<'a>);

#[derive(Debug, Clone)]
enum Of<'a> {
    Batch(Records<'a>),
    Message(Messages<'a>),
}

impl<'a> Iterator for EntryRecords<'a> {
    type Item = Result<Record<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Of::Batch(records) => records.next(),
            Of::Message(messages) => messages.next().map(Ok),
        }
    }
}

/// The entries of a `records` field, in order.
///
/// A fetched field may end in an entry that is cut short: iteration ends before it, and
/// [`Entries::tail`] has what is left.
#[derive(Debug, Clone)]
pub struct Entries {
    left: Bytes,
    failed: bool,
}

impl Entries {
    /// The entries in `records`.
    pub fn new(records: Bytes) -> Self {
        Self { left: records, failed: false }
    }

    /// What has not been split yet; after the last entry, the start of one that was cut short.
    pub fn tail(&self) -> &Bytes {
        &self.left
    }
}

impl Iterator for Entries {
    type Item = Result<Entry, RecordsError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let entry = Entry::split_from(&mut self.left).transpose();
        self.failed = matches!(entry, Some(Err(_)));
        entry
    }
}
