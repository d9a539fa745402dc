//! Kafka's records: batches, message sets, and each codec by itself.
//!
//! What must hold: nothing panics, nothing unpacks to more than is allowed, and what we write can be read.

use bytes::Bytes;
use gridwire_core::kafka::records::{
    Batch, BatchBuilder, BatchHeader, Batches, CompressionType, Decompressor, Entries, Format,
    NewRecord, down_convert, gather, up_convert,
};

/// What a fuzzed batch or set may unpack to.
const UNPACKED: usize = 1 << 20;

/// A `records` field: batches, their records and headers, compressed or not.
pub fn batches(data: &[u8]) {
    let mut decompressor = Decompressor::new(UNPACKED);
    let mut batches = Batches::new(Bytes::copy_from_slice(data));
    for batch in &mut batches {
        let Ok(batch) = batch else { break };
        let _ = batch.verify();
        let Ok(records) = batch.records_with(&mut decompressor) else { continue };
        for record in records {
            let Ok(record) = record else { break };
            let seen: usize = record.headers.iter().map(|header| header.key.len()).sum();
            assert!(seen <= data.len().max(UNPACKED));
        }
    }
    assert!(batches.tail().len() <= data.len());
}

/// One codec, given its own bytes: what it unpacks to comes back when it is compressed again.
fn codec(how: CompressionType, data: &[u8]) {
    let mut decompressor = Decompressor::new(UNPACKED);
    let Ok(unpacked) = decompressor.decompress(how.codec(), data) else { return };
    assert!(unpacked.len() <= UNPACKED);
    // As one record's value, in a batch of ours.
    let value = unpacked.to_vec();
    let mut builder = BatchBuilder::default();
    builder
        .push(&NewRecord { value: Some(&value), ..NewRecord::default() })
        .expect("there is room");
    let mut bytes = builder.finish_with(BatchHeader::default(), how).expect("built in");
    let batch = Batch::split_from(&mut bytes).expect("a batch").expect("a whole one");
    let mut decompressor = Decompressor::new(2 * UNPACKED);
    let mut records = batch.records_with(&mut decompressor).expect("what we wrote can be read");
    let record = records.next().expect("a record").expect("a whole one");
    assert!(record.value == Some(&value[..]));
}

/// Gzip streams.
pub fn gzip(data: &[u8]) {
    codec(CompressionType::GZIP, data);
}

/// Snappy, framed or raw.
pub fn snappy(data: &[u8]) {
    codec(CompressionType::Snappy, data);
}

/// LZ4 frames.
pub fn lz4(data: &[u8]) {
    codec(CompressionType::Lz4, data);
}

/// Zstandard frames.
pub fn zstd(data: &[u8]) {
    codec(CompressionType::ZSTD, data);
}

/// Message sets of both formats, mixed with batches, and what conversion makes of them.
pub fn message_sets(data: &[u8]) {
    let bytes = Bytes::copy_from_slice(data);
    let mut decompressor = Decompressor::new(UNPACKED);
    let mut entries = Entries::new(bytes.clone());
    for entry in &mut entries {
        let Ok(entry) = entry else { break };
        let _ = entry.verify();
        let Ok(records) = entry.records_with(&mut decompressor) else { continue };
        let _ = records.take_while(Result::is_ok).count();
    }
    assert!(entries.tail().len() <= data.len());
    let converted = [
        down_convert(&bytes, Format::V0, 0, &mut decompressor),
        down_convert(&bytes, Format::V1, 0, &mut decompressor),
        up_convert(&bytes, &mut decompressor),
        gather(&bytes, &mut decompressor),
    ];
    for converted in converted.into_iter().flatten() {
        let mut entries = Entries::new(converted.clone());
        let read = entries
            .by_ref()
            .inspect(|entry| assert!(entry.is_ok(), "what we wrote can be read: {entry:?}"))
            .count();
        assert!(entries.tail().is_empty() || read == 0 || converted == bytes);
    }
}
