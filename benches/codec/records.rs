//! Kafka's record batches beside their floor. 1,000 records of 100 B are checked and walked; the floor is the
//! checksum over the same bytes and a walk written by hand for just them. They are built and sealed; that
//! floor is a copy of the bytes and the checksum over it.

use std::hint::black_box;

use bytes::Bytes;
use criterion::{Criterion, Throughput};
use gridwire_core::kafka::records::{
    Batch, BatchBuilder, BatchHeader, CompressionType, Decompressor, NewRecord, Record,
};

use crate::beside::Comparison;

fn one_batch(bytes: &Bytes) -> Batch {
    let mut rest = bytes.clone();
    Batch::split_from(&mut rest).expect("a batch").expect("a whole one")
}

/// What a reader gets to see of a record.
fn look(record: &Record<'_>) -> usize {
    let key = record.key.map_or(0, <[u8]>::len);
    let value = record.value.map_or(0, <[u8]>::len);
    key + value + record.headers.len() + (record.offset ^ record.timestamp) as usize
}

/// The least that borrowing every field of every record takes, written for just these bytes: numbers of one
/// byte or two, no keys, lengths that are true.
mod by_hand {
    pub(super) struct Borrowed<'a> {
        pub(super) offset: i64,
        pub(super) timestamp: i64,
        pub(super) key: Option<&'a [u8]>,
        pub(super) value: Option<&'a [u8]>,
        pub(super) headers: usize,
    }

    /// Takes a number off the lowest bytes of a word.
    #[inline]
    fn number(word: &mut u64, at: &mut usize) -> i64 {
        let (bits, len) = match *word {
            short if short & 0x80 == 0 => (short & 0x7f, 1),
            long => (long & 0x7f | long >> 1 & 0x3f80, 2),
        };
        *word >>= 8 * len;
        *at += len;
        (bits >> 1) as i64 ^ -((bits & 1) as i64)
    }

    #[inline]
    pub(super) fn next<'a>(left: &mut &'a [u8], timestamp: i64) -> Option<Borrowed<'a>> {
        let (mut word, mut at) = (u64::from(u16::from_le_bytes(*left.first_chunk()?)), 0);
        let length = number(&mut word, &mut at) as usize;
        let (body, rest) = left.get(at..)?.split_at_checked(length)?;
        *left = rest;
        // Behind the attributes; all numbers but the last take one register.
        let (mut word, mut at) = (u64::from_le_bytes(*body.first_chunk()?) >> 8, 1);
        let timestamp = timestamp + number(&mut word, &mut at);
        let offset = number(&mut word, &mut at);
        if number(&mut word, &mut at) != -1 {
            return None;
        }
        let length = number(&mut word, &mut at) as usize;
        let (value, headers) = body.get(at..)?.split_at_checked(length)?;
        let headers = usize::from(*headers.first()?);
        Some(Borrowed { offset, timestamp, key: None, value: Some(value), headers })
    }
}

fn walk_by_hand(batch: &Batch) -> usize {
    let records = batch.raw_records();
    let (mut left, mut sum) = (&records[..], 0usize);
    let base = batch.header().base_timestamp;
    while let Some(record) = by_hand::next(&mut left, base) {
        let key = record.key.map_or(0, <[u8]>::len);
        let value = record.value.map_or(0, <[u8]>::len);
        let seen = key + value + record.headers + (record.offset ^ record.timestamp) as usize;
        sum = sum.wrapping_add(seen);
    }
    sum
}

/// The values of the records.
pub(crate) fn values() -> Vec<[u8; 100]> {
    (0..1_000).map(|n| [n as u8; 100]).collect()
}

/// A batch of them that is not closed yet.
pub(crate) fn build(values: &[[u8; 100]]) -> BatchBuilder {
    let mut builder = BatchBuilder::with_capacity(112_000);
    for (n, value) in values.iter().enumerate() {
        let timestamp = 1_700_000_000_000 + n as i64;
        let record = NewRecord { timestamp, value: Some(value), ..NewRecord::default() };
        builder.push(&record).expect("there is room");
    }
    builder
}

pub(crate) fn check_and_walk(bytes: &Bytes) -> usize {
    let batch = one_batch(bytes);
    batch.verify().expect("the checksum holds");
    let records = batch.records().expect("not compressed");
    records.map(|record| look(&record.expect("whole"))).fold(0, usize::wrapping_add)
}

fn check_and_walk_by_hand(bytes: &Bytes) -> usize {
    let batch = one_batch(bytes);
    batch.verify().expect("the checksum holds");
    walk_by_hand(&batch)
}

fn copy_and_sum(bytes: &Bytes) -> (u32, Vec<u8>) {
    let to = bytes.to_vec();
    (gridwire_core::crc::crc32c(&to), to)
}

/// Reading and writing a batch beside their floors.
pub(crate) fn comparisons() -> [Comparison; 2] {
    let values = values();
    let bytes = build(&values).finish(BatchHeader::default());
    assert_eq!(check_and_walk(&bytes), check_and_walk_by_hand(&bytes));
    let (read, copied) = (bytes.clone(), bytes.clone());
    [
        Comparison {
            what: "record batch, 1,000 × 100 B: check and walk",
            other: "checksum, and a walk by hand",
            theirs: Box::new(move || {
                black_box(check_and_walk_by_hand(black_box(&read)));
            }),
            ours: Box::new(move || {
                black_box(check_and_walk(black_box(&bytes)));
            }),
            wanted: Some(1.2),
        },
        Comparison {
            what: "record batch, 1,000 × 100 B: build and seal",
            other: "memcpy of the batch, and its checksum",
            theirs: Box::new(move || {
                black_box(copy_and_sum(black_box(&copied)));
            }),
            ours: Box::new(move || {
                black_box(build(black_box(&values)).finish(BatchHeader::default()));
            }),
            wanted: Some(2.0),
        },
    ]
}

pub(crate) fn measure(c: &mut Criterion) {
    let mut group = c.benchmark_group("record batch 1,000 x 100 B");
    let values = values();
    let bytes: Bytes = build(&values).finish(BatchHeader::default());
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("check and walk", |b| b.iter(|| check_and_walk(black_box(&bytes))));
    group.bench_function("floor: checksum and a walk by hand", |b| {
        b.iter(|| check_and_walk_by_hand(black_box(&bytes)));
    });
    group.bench_function("floor: the checksum alone", |b| {
        b.iter(|| black_box(one_batch(black_box(&bytes)).verify()));
    });
    group.bench_function("build and seal", |b| {
        b.iter(|| build(&values).finish(BatchHeader::default()));
    });
    group.bench_function("floor: memcpy of the batch, and its checksum", |b| {
        b.iter(|| copy_and_sum(black_box(&bytes)));
    });
    group.bench_function("floor: memcpy of each value, and a checksum", |b| {
        b.iter(|| {
            let mut to = Vec::with_capacity(bytes.len());
            for value in black_box(&values) {
                to.extend_from_slice(value);
            }
            (gridwire_core::crc::crc32c(&to), to)
        });
    });
    let mut decompressor = Decompressor::default();
    for name in ["gzip", "snappy", "lz4", "zstd"] {
        let how: CompressionType = name.parse().expect("a codec");
        let finish = || build(&values).finish_with(BatchHeader::default(), how).expect("built in");
        group.bench_function(format!("build and seal with {name}"), |b| b.iter(finish));
        let bytes = finish();
        group.bench_function(format!("check and walk with {name}"), |b| {
            b.iter(|| {
                let batch = one_batch(black_box(&bytes));
                batch.verify().expect("the checksum holds");
                let records = batch.records_with(&mut decompressor).expect("readable");
                records.map(|record| look(&record.expect("whole"))).fold(0, usize::wrapping_add)
            });
        });
    }
    group.finish();
}
