//! Conversion between the formats, as brokers do it for clients that know only older or newer ones.
//!
//! Downwards ([`down_convert`], for a Fetch): headers and the producer's fields are dropped, to format 0
//! the timestamps too; the broker's own marks are left out; codec, clock and offsets stay. What is old
//! enough already goes as it is. Zstandard has no place before format 2.
//!
//! Upwards ([`up_convert`], for what an old log holds; [`gather`], for a Produce): timestamps that were not
//! there are -1.
//!
//! What is rewritten gets a checksum of its own, so the old one is checked first.

use alloc::vec::Vec;

use bytes::Bytes;

use super::message_set::{Message, MessageSetBuilder};
use super::{
    Attributes, BatchBuilder, BatchHeader, Compression, CompressionType, Decompressor, Entries,
    Entry, Format, NewRecord, Record, RecordsError,
};
use crate::Malformed;
use crate::kafka::wire::{EncodeError, EncodeFault};

/// Bytes at which a batch of single messages is closed.
const BATCH: usize = 1 << 20;

/// Rewrites what is newer than `to`. Records before `first_offset` may be left out. An entry that is cut
/// short at the end is dropped.
///
/// # Errors
/// The records can't be read, or have no place in that format: those that were compressed with Zstandard.
pub fn down_convert(
    records: &Bytes,
    to: Format,
    first_offset: i64,
    decompressor: &mut Decompressor,
) -> Result<Bytes, RecordsError> {
    let mut newer = false;
    for entry in Entries::new(records.clone()) {
        newer |= entry?.format() > to;
    }
    if !newer {
        return Ok(records.clone());
    }
    let mut out = Vec::with_capacity(records.len());
    for entry in Entries::new(records.clone()) {
        let entry = entry?;
        if entry.format() <= to {
            out.extend_from_slice(entry.bytes());
        } else if !entry.attributes().control() || entry.format() != Format::V2 {
            entry.verify()?;
            let how = codec(&entry)?;
            down_convert_one(&entry, how, to, first_offset, decompressor, &mut out)?;
        }
    }
    Ok(out.into())
}

fn codec(entry: &Entry) -> Result<CompressionType, RecordsError> {
    let codec = entry.attributes().compression();
    CompressionType::of(codec).ok_or(RecordsError::UnsupportedCodec(codec))
}

fn down_convert_one(
    entry: &Entry,
    how: CompressionType,
    to: Format,
    first_offset: i64,
    decompressor: &mut Decompressor,
    out: &mut Vec<u8>,
) -> Result<(), RecordsError> {
    // Says no to Zstandard before anything is unpacked.
    let mut set = MessageSetBuilder::new(to, how, 0)?;
    for record in entry.records_with(decompressor)? {
        let record = record?;
        if how == CompressionType::None && record.offset < first_offset {
            continue;
        }
        if set.is_empty() {
            set = MessageSetBuilder::new(to, how, record.offset)?.stamped(entry.append_time());
        }
        set.push_at(record.offset, &without_headers(&record))?;
    }
    out.extend_from_slice(&set.finish()?);
    Ok(())
}

fn without_headers<'a>(record: &Record<'a>) -> NewRecord<'a> {
    let Record { timestamp, key, value, .. } = *record;
    NewRecord { timestamp, key, value, headers: &[] }
}

/// Rewrites messages of formats 0 and 1 as batches, which hold as many of them as follow each other;
/// offsets, codecs and clocks stay. An entry that is cut short at the end is dropped.
///
/// # Errors
/// The records can't be read, or their offsets don't ascend.
pub fn up_convert(records: &Bytes, decompressor: &mut Decompressor) -> Result<Bytes, RecordsError> {
    let mut out = Vec::with_capacity(records.len());
    let mut open: Option<Open> = None;
    for entry in Entries::new(records.clone()) {
        let entry = entry?;
        let single = match &entry {
            Entry::Message(message) => Some(message).filter(|message| is_single(message)),
            Entry::Batch(_) => None,
        };
        if open.as_ref().is_some_and(|open| single.is_none_or(|message| !open.takes(message))) {
            finish(open.take(), &mut out)?;
        }
        if let Entry::Batch(batch) = &entry {
            out.extend_from_slice(batch.bytes());
            continue;
        }
        entry.verify()?;
        let how = codec(&entry)?;
        let append_time = entry.append_time();
        for record in entry.records_with(decompressor)? {
            let record = record?;
            open.get_or_insert_with(|| Open {
                builder: BatchBuilder::default(),
                base_offset: record.offset,
                next: record.offset,
                append_time,
                how,
            })
            .push(&record)?;
        }
        if single.is_none() {
            finish(open.take(), &mut out)?;
        }
    }
    finish(open.take(), &mut out)?;
    Ok(out.into())
}

/// Whether the message stands for itself and not for others.
fn is_single(message: &Message) -> bool {
    message.attributes().compression() == Compression::NONE
}

/// A batch that messages are put into.
struct Open {
    builder: BatchBuilder,
    base_offset: i64,
    next: i64,
    append_time: Option<i64>,
    how: CompressionType,
}

impl Open {
    fn takes(&self, message: &Message) -> bool {
        let append_time = message.log_append_time().then(|| message.timestamp());
        let delta = message.offset().checked_sub(self.base_offset);
        self.append_time == append_time
            && message.offset() >= self.next
            && delta.is_some_and(|delta| i32::try_from(delta).is_ok())
            && self.builder.len() < BATCH
    }

    fn push(&mut self, record: &Record<'_>) -> Result<(), RecordsError> {
        let delta = record.offset.wrapping_sub(self.base_offset);
        let delta = i32::try_from(delta)
            .ok()
            .filter(|_| record.offset >= self.next)
            .ok_or(Malformed::other("Message.offset", "offsets that do not ascend, or too far"))?;
        self.builder.push_at(delta, &without_headers(record)).map_err(too_long)?;
        self.next = record.offset.wrapping_add(1);
        Ok(())
    }
}

fn finish(open: Option<Open>, out: &mut Vec<u8>) -> Result<(), RecordsError> {
    let Some(open) = open else { return Ok(()) };
    let mut attributes = Attributes::default();
    if open.append_time.is_some() {
        attributes = attributes.stamped_by_broker();
    }
    let header = BatchHeader { base_offset: open.base_offset, attributes, ..Default::default() };
    out.extend_from_slice(&open.builder.finish_with(header, open.how)?);
    Ok(())
}

fn too_long(error: EncodeError) -> RecordsError {
    match error.fault {
        EncodeFault::TooLong(len) => RecordsError::TooLong(len),
        _ => Malformed::other("Message", "no batch can hold it").into(),
    }
}

/// Puts all records of a Produce before version 3 into one batch, numbered from 0 whatever their clients
/// say, in the codec that they came in.
///
/// # Errors
/// The records can't be read, a checksum doesn't match, or the last one is cut short.
pub fn gather(records: &Bytes, decompressor: &mut Decompressor) -> Result<Bytes, RecordsError> {
    let mut builder = BatchBuilder::with_capacity(records.len());
    let mut how = CompressionType::None;
    let mut entries = Entries::new(records.clone());
    for entry in entries.by_ref() {
        let entry = entry?;
        entry.verify()?;
        let this = codec(&entry)?;
        if this != CompressionType::None {
            how = this;
        }
        for record in entry.records_with(decompressor)? {
            builder.push(&without_headers(&record?)).map_err(too_long)?;
        }
    }
    if !entries.tail().is_empty() {
        return Err(Malformed::other("Message", "cut short").into());
    }
    builder.finish_with(BatchHeader::default(), how)
}
