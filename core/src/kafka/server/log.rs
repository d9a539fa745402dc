//! [`Log`]: one partition's batches in memory, in the bytes in which consumers get them.
//!
//! A batch is stored as it came, compressed or not; only its base offset and leader epoch are written
//! over, which its checksum does not cover.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use bytes::{Bytes, BytesMut};

use crate::kafka::code::ErrorCode;
use crate::kafka::records::{Batch, Decompressor, place, sequence_after};

/// The one leader epoch that there ever is.
pub(super) const LEADER_EPOCH: i32 = 0;

/// Batches of a producer that are recognized when they come again, as Kafka keeps them.
const REMEMBERED: usize = 5;

#[derive(Debug)]
struct Stored {
    base_offset: i64,
    last_offset: i64,
    max_timestamp: i64,
    batch: Batch,
}

/// What a partition knows of an idempotent producer.
#[derive(Debug)]
struct ProducerState {
    epoch: i16,
    /// First and last sequence number and base offset of its latest batches.
    batches: Vec<(i32, i32, i64)>,
    /// For choosing whom to forget.
    used: u64,
}

/// One partition.
#[derive(Debug, Default)]
pub(super) struct Log {
    batches: Vec<Stored>,
    end: i64,
    producers: BTreeMap<i64, ProducerState>,
    appends: u64,
}

/// How an append went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Appended {
    pub(super) base_offset: i64,
    /// Bytes that the log grew by: none for a batch that was there before.
    pub(super) bytes: usize,
}

/// An offset with the timestamp of its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) offset: i64,
    pub(super) timestamp: i64,
}

impl Log {
    /// The offset of the next record.
    pub(super) fn end(&self) -> i64 {
        self.end
    }

    /// Appends a batch that was checked.
    ///
    /// # Errors
    /// The producer's epoch or sequence number is not the one that is due.
    pub(super) fn append(
        &mut self,
        batch: &Batch,
        max_producers: usize,
    ) -> Result<Appended, ErrorCode> {
        let header = *batch.header();
        if let Some(base_offset) = self.check_sequence(batch)? {
            return Ok(Appended { base_offset, bytes: 0 });
        }
        let base_offset = self.end;
        let last_offset = base_offset.saturating_add(i64::from(header.last_offset_delta));
        // A copy of its own, so that no read buffer lives as long as the log.
        let mut bytes = BytesMut::from(&batch.bytes()[..]);
        place(&mut bytes, base_offset, LEADER_EPOCH);
        let mut bytes = bytes.freeze();
        let size = bytes.len();
        let Ok(Some(batch)) = Batch::split_from(&mut bytes) else {
            return Err(ErrorCode::CORRUPT_MESSAGE);
        };
        self.end = last_offset.saturating_add(1);
        self.appends += 1;
        self.remember(&batch, base_offset, max_producers);
        let max_timestamp = header.max_timestamp;
        self.batches.push(Stored { base_offset, last_offset, max_timestamp, batch });
        Ok(Appended { base_offset, bytes: size })
    }

    /// The offset that the batch got when it came before, if it did.
    fn check_sequence(&self, batch: &Batch) -> Result<Option<i64>, ErrorCode> {
        let header = batch.header();
        if header.producer_id < 0 {
            return Ok(None);
        }
        // A producer that the partition has never seen may begin anywhere.
        let Some(known) = self.producers.get(&header.producer_id) else { return Ok(None) };
        if header.producer_epoch < known.epoch {
            return Err(ErrorCode::INVALID_PRODUCER_EPOCH);
        }
        if header.producer_epoch > known.epoch {
            return match header.base_sequence {
                0 => Ok(None),
                _ => Err(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER),
            };
        }
        let last = sequence_after(header.base_sequence, header.last_offset_delta);
        let again = known
            .batches
            .iter()
            .find(|(first, end, _)| *first == header.base_sequence && *end == last);
        if let Some((.., base_offset)) = again {
            return Ok(Some(*base_offset));
        }
        match known.batches.last() {
            Some((_, end, _)) if sequence_after(*end, 1) == header.base_sequence => Ok(None),
            None => Ok(None),
            Some(_) => Err(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER),
        }
    }

    fn remember(&mut self, batch: &Batch, base_offset: i64, max_producers: usize) {
        let header = batch.header();
        if header.producer_id < 0 {
            return;
        }
        if !self.producers.contains_key(&header.producer_id)
            && self.producers.len() >= max_producers
        {
            let oldest = self.producers.iter().min_by_key(|(_, state)| state.used);
            if let Some(id) = oldest.map(|(id, _)| *id) {
                self.producers.remove(&id);
            }
        }
        let used = self.appends;
        let state = self.producers.entry(header.producer_id).or_insert_with(|| ProducerState {
            epoch: header.producer_epoch,
            batches: Vec::new(),
            used,
        });
        if state.epoch != header.producer_epoch {
            state.epoch = header.producer_epoch;
            state.batches.clear();
        }
        state.used = used;
        if state.batches.len() == REMEMBERED {
            state.batches.remove(0);
        }
        let last = sequence_after(header.base_sequence, header.last_offset_delta);
        state.batches.push((header.base_sequence, last, base_offset));
    }

    /// Whole batches from the one that holds `offset` on, up to `max_bytes`; the first one even if it is
    /// larger, if `first` says so. `None` if the offset is not in the log.
    pub(super) fn read(&self, offset: i64, max_bytes: usize, first: bool) -> Option<Bytes> {
        let range = self.range(offset, max_bytes, first)?;
        Some(match self.batches.get(range).unwrap_or_default() {
            [] => Bytes::new(),
            [only] => only.batch.bytes().clone(),
            many => {
                let size = many.iter().map(|stored| stored.batch.bytes().len()).sum();
                let mut joined = BytesMut::with_capacity(size);
                for stored in many {
                    joined.extend_from_slice(stored.batch.bytes());
                }
                joined.freeze()
            }
        })
    }

    /// How many bytes [`Log::read`] would give.
    pub(super) fn readable(&self, offset: i64, max_bytes: usize, first: bool) -> Option<usize> {
        let range = self.range(offset, max_bytes, first)?;
        let batches = self.batches.get(range).unwrap_or_default();
        Some(batches.iter().map(|stored| stored.batch.bytes().len()).sum())
    }

    fn range(&self, offset: i64, max_bytes: usize, first: bool) -> Option<core::ops::Range<usize>> {
        if !(0..=self.end).contains(&offset) {
            return None;
        }
        let start = self.batches.partition_point(|stored| stored.last_offset < offset);
        let mut end = start;
        let mut total = 0usize;
        for stored in self.batches.get(start..).unwrap_or_default() {
            total = total.saturating_add(stored.batch.bytes().len());
            if total > max_bytes && !(first && end == start) {
                break;
            }
            end += 1;
        }
        Some(start..end)
    }

    /// The first record at or after a time. Of a batch that can't be unpacked here, it is the first record.
    pub(super) fn at_time(&self, timestamp: i64, decompressor: &mut Decompressor) -> Option<Found> {
        let stored = self.batches.iter().find(|stored| stored.max_timestamp >= timestamp)?;
        Some(stored.find(|record| record >= timestamp, decompressor))
    }

    /// The first record with the greatest timestamp.
    pub(super) fn greatest_time(&self, decompressor: &mut Decompressor) -> Option<Found> {
        let greatest = self.batches.iter().map(|stored| stored.max_timestamp).max()?;
        self.at_time(greatest, decompressor)
    }
}

impl Stored {
    fn find(&self, wanted: impl Fn(i64) -> bool, decompressor: &mut Decompressor) -> Found {
        let header = self.batch.header();
        let whole = Found { offset: self.base_offset, timestamp: header.base_timestamp };
        let records = self.batch.records_with(decompressor);
        let mut records = records.into_iter().flatten().filter_map(Result::ok);
        records
            .find(|record| wanted(record.timestamp))
            .map_or(whole, |record| Found { offset: record.offset, timestamp: record.timestamp })
    }
}
