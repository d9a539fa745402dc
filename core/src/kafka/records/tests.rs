use alloc::vec::Vec;

use bytes::{Bytes, BytesMut};

use super::*;
use crate::Fault;
use crate::kafka::message::control_record::KRaftVersionRecord;

fn one(batch: Bytes) -> Batch {
    let mut batches = Batches::new(batch);
    let batch = batches.next().unwrap().unwrap();
    assert!(batches.next().is_none() && batches.tail().is_empty());
    batch
}

fn sample() -> Bytes {
    let mut builder = BatchBuilder::default();
    let headers = [
        Header { key: b"k", value: Some(b"1") },
        Header { key: b"k", value: None },
        Header { key: b"", value: Some(b"") },
    ];
    let records = [
        NewRecord { timestamp: 1000, key: None, value: Some(b"value"), headers: &[] },
        NewRecord { timestamp: 400, key: Some(b""), value: None, headers: &headers },
        NewRecord { timestamp: 5_000_000_000, key: Some(&[7; 300]), ..Default::default() },
    ];
    for (index, record) in records.iter().enumerate() {
        let (before, size) = (builder.len(), builder.size_of(record));
        assert_eq!(builder.push(record), Ok(index as i32));
        assert_eq!(builder.len(), before + size);
    }
    builder.finish(BatchHeader {
        base_offset: 50,
        producer_id: 9,
        producer_epoch: 1,
        base_sequence: 4,
        ..BatchHeader::default()
    })
}

#[test]
fn what_is_built_is_read_back() {
    let batch = one(sample());
    batch.verify().unwrap();
    let header = batch.header();
    assert_eq!((header.base_timestamp, header.max_timestamp), (1000, 5_000_000_000));
    assert_eq!((header.count, header.last_offset()), (3, 52));
    assert_eq!((header.producer_id, header.producer_epoch, header.base_sequence), (9, 1, 4));
    let records: Vec<Record<'_>> = batch.records().unwrap().map(Result::unwrap).collect();
    assert_eq!(records[0].value, Some(&b"value"[..]));
    assert_eq!((records[1].offset, records[1].timestamp), (51, 400));
    assert_eq!((records[1].key, records[1].value), (Some(&b""[..]), None));
    let headers: Vec<_> = records[1].headers.iter().collect();
    assert_eq!(headers[0], Header { key: b"k", value: Some(b"1") });
    assert_eq!(headers[1], Header { key: b"k", value: None });
    assert_eq!(headers.len(), 3);
    assert_eq!(records[2].timestamp, 5_000_000_000);
    assert!(records[2].headers.is_empty());
}

#[test]
fn a_wrong_byte_shows_in_the_checksum_and_a_place_in_the_log_does_not() {
    let bytes = sample();
    for at in 17..bytes.len() {
        let mut wrong = BytesMut::from(&bytes[..]);
        wrong[at] ^= 1;
        let error = one(wrong.freeze()).verify().unwrap_err();
        assert!(matches!(error.fault, Fault::Checksum { .. }));
    }
    let mut placed = BytesMut::from(&bytes[..]);
    place(&mut placed, 1 << 40, 3);
    let batch = one(placed.freeze());
    batch.verify().unwrap();
    assert_eq!((batch.header().base_offset, batch.header().leader_epoch), (1 << 40, 3));
}

#[test]
fn a_batch_cut_short_is_left_in_the_tail() {
    let whole = sample();
    for len in 0..whole.len() {
        let mut batches = Batches::new([&whole[..], &whole[..len]].concat().into());
        assert!(batches.next().unwrap().is_ok());
        assert!(batches.next().is_none());
        assert_eq!(batches.tail(), &whole.slice(..len));
    }
}

#[test]
fn other_formats_and_impossible_lengths_are_refused() {
    let edit = |at: usize, bytes: &[u8]| {
        let mut batch = BytesMut::from(&sample()[..]);
        batch[at..at + bytes.len()].copy_from_slice(bytes);
        let mut batches = Batches::new(batch.freeze());
        let error = batches.next().unwrap().unwrap_err();
        assert!(batches.next().is_none());
        error
    };
    assert_eq!(edit(16, &[1]), RecordsError::UnsupportedMagic(1));
    for length in [-1, 0, 48, i32::MIN] {
        let error = edit(8, &length.to_be_bytes());
        let fault = Fault::Length(i64::from(length));
        assert_eq!(error, RecordsError::Malformed(crate::Malformed::new("RecordBatch", fault)));
    }
}

#[test]
fn counts_and_lengths_inside_are_checked() {
    let header = |count| BatchHeader { count, ..BatchHeader::default() };
    let read = |count, bytes: &'static [u8]| -> Result<usize, crate::Malformed> {
        Records::new(&header(count), bytes)?.map(|record| record.map(|_| 1)).sum()
    };
    let least = &[12, 0, 0, 0, 1, 1, 0];
    assert_eq!(read(1, least), Ok(1));
    assert_eq!(read(0, &[]), Ok(0));
    assert!(read(-1, least).is_err());
    assert!(read(2, least).is_err());
    assert!(read(i32::MAX, least).is_err());
    assert!(read(0, least).is_err());
    for len in 0..least.len() {
        assert!(read(1, &least[..len]).is_err());
    }
    // A length of -1, one beyond the end, one too small for what is inside, and one too large.
    assert!(read(1, &[1, 0, 0, 0, 1, 1, 0]).is_err());
    assert!(read(1, &[14, 0, 0, 0, 1, 1, 0]).is_err());
    assert!(read(1, &[10, 0, 0, 0, 1, 1, 0]).is_err());
    assert!(read(1, &[14, 0, 0, 0, 1, 1, 0, 0]).is_err());
    // A key of -2 bytes, a varint of eleven, headers that are not there, a null header key.
    assert!(read(1, &[12, 0, 0, 0, 3, 1, 0]).is_err());
    assert!(
        read(1, &[32, 0, 0xff, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 1, 1, 0])
            .is_err()
    );
    assert!(read(1, &[12, 0, 0, 0, 1, 1, 2]).is_err());
    assert!(read(1, &[16, 0, 0, 0, 1, 1, 2, 1, 1]).is_err());
    assert_eq!(read(1, &[16, 0, 0, 0, 1, 1, 2, 0, 1]), Ok(1));
}

#[test]
fn compressed_batches_are_named_and_kept() {
    for codec in [Compression::LZ4, Compression(6)] {
        let mut bytes = [0; HEADER_LEN + 4];
        let attributes = Attributes::default().with_compression(codec);
        BatchHeader { attributes, ..Default::default() }.seal(&mut bytes).unwrap();
        let batch = one(Bytes::copy_from_slice(&bytes));
        batch.verify().unwrap();
        let expected = match codec {
            Compression::LZ4 if cfg!(feature = "lz4") => RecordsError::Compressed(codec),
            Compression::LZ4 => RecordsError::NotBuiltIn(codec),
            _ => RecordsError::UnsupportedCodec(codec),
        };
        assert_eq!(batch.records().unwrap_err(), expected);
        assert!(batch.records_with(&mut Decompressor::default()).is_err());
        assert_eq!((&batch.bytes()[..], batch.raw_records().len()), (&bytes[..], 4));
    }
    let said = alloc::format!("{}", RecordsError::NotBuiltIn(Compression::LZ4));
    assert_eq!(said, "lz4 is not built in: it is behind the feature of that name");
}

#[test]
fn long_and_short_numbers_are_written_and_read_alike() {
    // Both sides have a short way for ordinary records; each of these takes it or not by a hair.
    let long = alloc::vec![7; 300_000];
    let header = [Header { key: b"h", value: None }];
    let lens = [
        0, 1, 31, 32, 63, 64, 100, 2_045, 2_047, 2_048, 2_049, 8_191, 8_192, 262_143, 262_144,
        300_000,
    ];
    let deltas = [0, 1, 63, 64, -64, -65, 8_191, 8_192, 1_048_575, 1_048_576, -1_048_577, 1 << 40];
    let (mut builder, mut with_care) = (BatchBuilder::default(), BatchBuilder::default());
    let mut pushed = Vec::new();
    for (index, len) in lens.iter().enumerate() {
        for (other, delta) in deltas.iter().enumerate() {
            let bytes = Some(&long[..*len]);
            let short = Some(&long[..other]);
            let (key, value) = match (index + other) % 4 {
                0 => (None, bytes),
                1 => (bytes, None),
                2 => (short, bytes),
                _ => (bytes, short),
            };
            let headers: &[Header<'_>] = if other % 5 == 4 { &header } else { &[] };
            let record = NewRecord { timestamp: 5_000 + delta, key, value, headers };
            let (before, size) = (builder.len(), builder.size_of(&record));
            builder.push(&record).unwrap();
            assert_eq!(builder.len(), before + size);
            with_care.careful(pushed.len() as i32, record).unwrap();
            pushed.push(record);
        }
    }
    let batch = one(builder.finish(BatchHeader::default()));
    assert_eq!(*batch.bytes(), with_care.finish(BatchHeader::default()));
    let mut careful = batch.records().unwrap();
    for (offset, record) in batch.records().unwrap().enumerate() {
        let (read, expected) = (record.unwrap(), &pushed[offset]);
        assert_eq!(careful.record(), Ok(read));
        assert_eq!((read.offset, read.timestamp), (offset as i64, expected.timestamp));
        assert_eq!((read.key, read.value), (expected.key, expected.value));
        assert_eq!(read.headers.iter().collect::<Vec<_>>(), expected.headers);
    }
}

#[test]
fn many_records_take_three_bytes_each_to_count() {
    let mut builder = BatchBuilder::default();
    for n in 0..20_000 {
        let record = NewRecord { timestamp: n, value: Some(b"v"), ..Default::default() };
        let (before, size) = (builder.len(), builder.size_of(&record));
        assert_eq!(builder.push(&record), Ok(n as i32));
        assert_eq!(builder.len(), before + size);
    }
    let batch = one(builder.finish(BatchHeader::default()));
    for (n, record) in batch.records().unwrap().enumerate() {
        let record = record.unwrap();
        assert_eq!((record.offset, record.timestamp), (n as i64, n as i64));
    }
}

#[test]
fn a_batch_is_compressed_when_it_is_closed() {
    let mut decompressor = Decompressor::default();
    for name in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let how: CompressionType = name.parse().unwrap();
        let mut builder = BatchBuilder::default();
        for timestamp in 0..100 {
            let record = NewRecord { timestamp, value: Some(&[5; 100]), ..Default::default() };
            builder.push(&record).unwrap();
        }
        let plain = builder.len();
        let bytes = builder.finish_with(BatchHeader { base_offset: 9, ..Default::default() }, how);
        if !how.is_built_in() {
            assert_eq!(bytes, Err(RecordsError::NotBuiltIn(how.codec())));
            continue;
        }
        let batch = one(bytes.unwrap());
        batch.verify().unwrap();
        assert!(how == CompressionType::None || batch.bytes().len() < plain / 2);
        let records = batch.records_with(&mut decompressor).unwrap().map(Result::unwrap);
        let records: Vec<_> =
            records.map(|r| (r.offset, r.timestamp, r.value.unwrap().len())).collect();
        assert_eq!(records, (0..100).map(|n| (9 + n, n, 100)).collect::<Vec<_>>());
    }
}

#[test]
fn control_batches_say_how_a_transaction_ended() {
    for commit in [true, false] {
        let header = BatchHeader { producer_id: 4, producer_epoch: 2, ..Default::default() };
        let batch = one(end_transaction(commit, 11, 99, header).unwrap());
        batch.verify().unwrap();
        let attributes = batch.header().attributes;
        assert!(attributes.control() && attributes.transactional());
        let record = batch.records().unwrap().next().unwrap().unwrap();
        let expected = Control::EndTransaction { committed: commit, coordinator_epoch: 11 };
        assert_eq!(Control::read(&record), Ok(expected));
        assert!(Control::read(&Record { key: Some(b"\0\0\0"), ..record }).is_err());
        assert!(Control::read(&Record { value: None, ..record }).is_err());
        let other = Control::read(&Record { key: Some(&[0, 0, 0, 77]), value: None, ..record });
        assert_eq!(other, Ok(Control::Other(ControlType(77))));
        let (key, value) = (Some(&[0, 0, 0, 5][..]), Some(&[0, 0, 0, 1, 0][..]));
        let version = KRaftVersionRecord { k_raft_version: 1, ..Default::default() };
        let level = Control::read(&Record { key, value, ..record });
        assert_eq!(level, Ok(Control::KRaftVersion(version)));
    }
}

#[test]
fn the_broker_s_time_replaces_the_records() {
    let mut builder = BatchBuilder::default();
    builder.push(&NewRecord { timestamp: 5, ..Default::default() }).unwrap();
    let attributes = Attributes(0x08);
    let batch = one(builder.finish(BatchHeader { attributes, ..Default::default() }));
    let mut bytes = BytesMut::from(&batch.bytes()[..]);
    let header = BatchHeader { max_timestamp: 77, ..*batch.header() };
    header.seal(&mut bytes).unwrap();
    let batch = one(bytes.freeze());
    assert_eq!(batch.records().unwrap().next().unwrap().unwrap().timestamp, 77);
    assert_eq!(batch.header().delete_horizon(), None);
    let header = BatchHeader { attributes: Attributes(0x40), base_timestamp: 9, ..header };
    assert_eq!(header.delete_horizon(), Some(9));
}

#[test]
fn sequences_wrap_to_zero() {
    assert_eq!(sequence_after(0, 5), 5);
    assert_eq!(sequence_after(i32::MAX - 1, 1), i32::MAX);
    assert_eq!(sequence_after(i32::MAX, 1), 0);
    assert_eq!(sequence_after(i32::MAX - 2, 10), 7);
}
