use alloc::vec::Vec;

use super::super::{
    BatchBuilder, BatchHeader, CompressionType, Entries, NewRecord, down_convert, gather,
    up_convert,
};
use super::*;

const FORMATS: [Format; 2] = [Format::V0, Format::V1];

fn codecs() -> Vec<CompressionType> {
    [CompressionType::None, CompressionType::GZIP, CompressionType::Snappy, CompressionType::Lz4]
        .into_iter()
        .filter(|how| how.is_built_in())
        .collect()
}

fn record(n: i64) -> NewRecord<'static> {
    let key = (n % 2 == 0).then_some(&b"key"[..]);
    let value = (n % 3 != 0).then_some(&b"a value, and the same again, a value"[..]);
    NewRecord { timestamp: 1_000 + n, key, value, headers: &[] }
}

fn set(format: Format, how: CompressionType, offsets: &[i64]) -> Bytes {
    let mut set = MessageSetBuilder::new(format, how, offsets[0]).unwrap();
    for offset in offsets {
        let record = record(*offset);
        let (before, size) = (set.len(), set.size_of(&record));
        set.push_at(*offset, &record).unwrap();
        assert_eq!(set.len(), before + size);
    }
    set.finish().unwrap()
}

type Seen = (i64, i64, Option<Vec<u8>>, Option<Vec<u8>>, usize);

fn seen(records: &Bytes) -> Vec<Seen> {
    let mut decompressor = Decompressor::default();
    let mut seen = Vec::new();
    let mut entries = Entries::new(records.clone());
    for entry in entries.by_ref() {
        let entry = entry.unwrap();
        entry.verify().unwrap();
        for record in entry.records_with(&mut decompressor).unwrap() {
            let Record { offset, timestamp, key, value, headers } = record.unwrap();
            let owned = |bytes: Option<&[u8]>| bytes.map(<[u8]>::to_vec);
            seen.push((offset, timestamp, owned(key), owned(value), headers.len()));
        }
        assert_eq!(entry.last_offset(), seen.last().map_or(entry.last_offset(), |last| last.0));
    }
    assert!(entries.tail().is_empty());
    seen
}

fn expected(format: Format, offsets: &[i64]) -> Vec<Seen> {
    let owned = |bytes: Option<&[u8]>| bytes.map(<[u8]>::to_vec);
    let each = offsets.iter().map(|offset| {
        let NewRecord { timestamp, key, value, .. } = record(*offset);
        let timestamp = if format == Format::V0 { -1 } else { timestamp };
        (*offset, timestamp, owned(key), owned(value), 0)
    });
    each.collect()
}

#[test]
fn sets_are_read_as_they_were_written() {
    for format in FORMATS {
        for how in codecs() {
            let offsets = [70, 71, 75, 80];
            assert_eq!(seen(&set(format, how, &offsets)), expected(format, &offsets));
        }
    }
}

#[test]
fn the_layout_is_kafka_s() {
    let mut set = MessageSetBuilder::new(Format::V0, CompressionType::None, 3).unwrap();
    set.push(&NewRecord { value: Some(b"v"), ..Default::default() }).unwrap();
    let bytes = set.finish().unwrap();
    assert_eq!(bytes[..12], [0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 15]);
    assert_eq!(bytes[12..16], crc32(&bytes[16..]).to_be_bytes());
    assert_eq!(bytes[16..], [0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, b'v']);
}

#[test]
fn a_broker_s_time_is_that_of_all_messages() {
    for how in codecs() {
        let mut set = MessageSetBuilder::new(Format::V1, how, 5).unwrap().stamped(Some(99));
        set.push(&record(1)).unwrap();
        set.push(&record(2)).unwrap();
        let bytes = set.finish().unwrap();
        let times: Vec<_> = seen(&bytes).iter().map(|seen| (seen.0, seen.1)).collect();
        assert_eq!(times, [(5, 99), (6, 99)]);
        let message = Message::split_from(&mut bytes.clone()).unwrap().unwrap();
        assert!(message.log_append_time());
        // What a broker writes over the outer timestamp counts, whatever is inside.
        if how != CompressionType::None {
            let mut inside = MessageSetBuilder::new(Format::V1, how, 0).unwrap();
            inside.push(&record(1)).unwrap();
            let mut bytes = inside.finish().unwrap().to_vec();
            bytes[17] |= 8;
            bytes[18..26].copy_from_slice(&77i64.to_be_bytes());
            let crc = crc32(&bytes[16..]);
            bytes[12..16].copy_from_slice(&crc.to_be_bytes());
            assert_eq!(seen(&bytes.into())[0].1, 77);
        }
    }
}

#[test]
fn offsets_inside_count_from_the_first_in_format_1_alone() {
    let Some(how) = codecs().into_iter().nth(1) else { return };
    let mut decompressor = Decompressor::default();
    for (format, first) in [(Format::V0, 500), (Format::V1, 0)] {
        let bytes = set(format, how, &[500, 501]);
        let parts = parse(&bytes).unwrap().unwrap();
        assert_eq!(parts.offset, 501);
        let era = if format == Format::V0 { Era::Oldest } else { Era::Since1 };
        let inside = decompressor.unpack(how.codec(), parts.value.unwrap(), era).unwrap();
        assert_eq!(parse(inside).unwrap().unwrap().offset, first);
    }
}

#[test]
fn what_is_broken_is_refused() {
    let bytes = set(Format::V1, CompressionType::None, &[1]);
    for at in 12..bytes.len() {
        let mut wrong = bytes.to_vec();
        wrong[at] ^= 4;
        if let Some(Ok(entry)) = Entries::new(wrong.into()).next() {
            assert!(entry.verify().is_err(), "{at}");
        }
    }
    for cut in 0..bytes.len() {
        let mut entries = Entries::new(bytes.slice(..cut));
        assert!(entries.next().is_none());
        assert_eq!(entries.tail().len(), cut);
    }
    let edit = |at: usize, with: &[u8]| {
        let mut wrong = bytes.to_vec();
        wrong[at..at + with.len()].copy_from_slice(with);
        Message::split_from(&mut wrong.into()).map(|message| message.is_some())
    };
    // Sizes too small, below zero and beyond the end; a magic that is none; a key longer than the message.
    assert!(edit(8, &21i32.to_be_bytes()).is_err());
    assert!(edit(8, &[0xff; 4]).is_err());
    assert_eq!(edit(8, &[0x7f, 0xff, 0xff, 0xff]), Ok(false));
    assert_eq!(edit(16, &[7]), Err(RecordsError::UnsupportedMagic(7)));
    assert!(edit(26, &[0x7f, 0xff, 0xff, 0xff]).is_err());
    assert!(edit(26, &[0xff, 0xff, 0xff, 0xfe]).is_err());
}

/// A message that says it is compressed and has this inside.
#[cfg(feature = "gzip")]
fn wrapped(format: Format, inside: &[u8]) -> Bytes {
    use super::super::compression::compress;
    let mut packed = Vec::new();
    compress(CompressionType::GZIP, inside, Era::Since1, &mut packed).unwrap();
    let mut set = MessageSetBuilder::new(format, CompressionType::None, 9).unwrap();
    set.push(&NewRecord { value: Some(&packed), ..Default::default() }).unwrap();
    let mut bytes = set.finish().unwrap().to_vec();
    bytes[17] |= 1;
    let crc = crc32(&bytes[16..]);
    bytes[12..16].copy_from_slice(&crc.to_be_bytes());
    bytes.into()
}

#[cfg(feature = "gzip")]
#[test]
fn chains_of_compression_end_at_the_first_link() {
    let mut decompressor = Decompressor::new(1 << 16);
    let mut inside = |bytes: &Bytes| {
        let message = Message::split_from(&mut bytes.clone()).unwrap().unwrap();
        message.verify().unwrap();
        message.records_with(&mut decompressor).map(Iterator::count)
    };
    let plain = set(Format::V1, CompressionType::None, &[1, 2]);
    let mut chain = wrapped(Format::V1, &plain);
    assert_eq!(inside(&chain), Ok(2));
    for _ in 0..10 {
        chain = wrapped(Format::V1, &chain);
        assert_eq!(inside(&chain), Err(RecordsError::Nested));
    }
    let bomb = wrapped(Format::V1, &alloc::vec![0; 1 << 24]);
    assert_eq!(inside(&bomb), Err(RecordsError::TooLarge { limit: 1 << 16 }));
    assert!(inside(&wrapped(Format::V1, &plain[..plain.len() - 1])).is_err());
    assert!(inside(&wrapped(Format::V1, &[])).is_err());
    let other = set(Format::V0, CompressionType::None, &[1]);
    assert!(inside(&wrapped(Format::V1, &other)).is_err());
}

#[test]
fn what_a_format_lacks_is_named() {
    let zstd = |format| MessageSetBuilder::new(format, CompressionType::ZSTD, 0).err();
    assert_eq!(zstd(Format::V1), Some(RecordsError::NotInFormat { what: "zstd", to: 1 }));
    let mut set = MessageSetBuilder::new(Format::V0, CompressionType::None, 0).unwrap();
    let headers = &[super::super::Header { key: b"k", value: None }];
    let error = set.push(&NewRecord { headers, ..Default::default() }).unwrap_err();
    assert_eq!(error, RecordsError::NotInFormat { what: "headers", to: 0 });
    assert!(set.is_empty());
    let message = MessageSetBuilder::new(Format::V2, CompressionType::None, 0).err();
    assert_eq!(message, Some(RecordsError::UnsupportedMagic(2)));
}

fn batch(how: CompressionType, offsets: &[i64]) -> Bytes {
    let headers = [super::super::Header { key: b"k", value: None }];
    let mut builder = BatchBuilder::default();
    for offset in offsets {
        let delta = (offset - offsets[0]) as i32;
        builder.push_at(delta, &NewRecord { headers: &headers, ..record(*offset) }).unwrap();
    }
    let header = BatchHeader { base_offset: offsets[0], producer_id: 5, ..Default::default() };
    builder.finish_with(header, how).unwrap()
}

#[test]
fn batches_go_down_and_come_up_again() {
    let mut decompressor = Decompressor::default();
    let offsets = [10, 11, 14];
    for how in codecs() {
        let records = batch(how, &offsets);
        for format in FORMATS {
            let down = down_convert(&records, format, 0, &mut decompressor).unwrap();
            assert_eq!(seen(&down), expected(format, &offsets), "{how:?}");
            for entry in Entries::new(down.clone()) {
                let entry = entry.unwrap();
                assert_eq!(entry.format(), format);
                assert_eq!(entry.attributes().compression(), how.codec());
            }
            let up = up_convert(&down, &mut decompressor).unwrap();
            assert_eq!(seen(&up), expected(format, &offsets));
            let entries: Vec<_> = Entries::new(up).map(Result::unwrap).collect();
            assert!(entries.len() == 1 && entries[0].format() == Format::V2);
            assert_eq!(entries[0].attributes().compression(), how.codec());
        }
        // What can be read already is not touched, not even copied.
        let same = down_convert(&records, Format::V2, 0, &mut decompressor).unwrap();
        assert_eq!(same.as_ptr(), records.as_ptr());
        // A compressed set goes whole; of others what is before the offset asked for is left out.
        let from = down_convert(&records, Format::V1, 11, &mut decompressor).unwrap();
        let skipped = usize::from(how == CompressionType::None);
        assert_eq!(seen(&from), expected(Format::V1, &offsets[skipped..]));
    }
}

#[test]
fn mixed_logs_are_read_and_brought_to_one_format() {
    let mut decompressor = Decompressor::default();
    let parts: [(Format, &[i64]); 5] = [
        (Format::V0, &[1, 2]),
        (Format::V1, &[3, 5]),
        (Format::V2, &[6, 7]),
        (Format::V1, &[8]),
        (Format::V0, &[20, 1 << 40]),
    ];
    let (mut log, mut all) = (Vec::new(), Vec::new());
    for (format, offsets) in parts {
        match format {
            Format::V2 => log.extend_from_slice(&batch(CompressionType::None, offsets)),
            _ => log.extend_from_slice(&set(format, CompressionType::None, offsets)),
        }
        let headers = usize::from(format == Format::V2);
        all.extend(expected(format, offsets).into_iter().map(|s| (s.0, s.1, s.2, s.3, headers)));
    }
    let log = Bytes::from(log);
    assert_eq!(seen(&log), all);
    let up = up_convert(&log, &mut decompressor).unwrap();
    assert_eq!(seen(&up), all);
    // Two runs of messages around the batch, and one offset that is too far from the others.
    let formats: Vec<_> = Entries::new(up).map(|entry| entry.unwrap().format()).collect();
    assert_eq!(formats, [Format::V2; 4]);
    let down = down_convert(&log, Format::V0, 0, &mut decompressor).unwrap();
    assert!(seen(&down).iter().all(|seen| seen.1 == -1 && seen.4 == 0));
    assert_eq!(seen(&down).len(), all.len());
    // Cut short at the end, the rest is converted.
    let cut = log.slice(..log.len() - 1);
    assert_eq!(
        seen(&down_convert(&cut, Format::V1, 0, &mut decompressor).unwrap()).len(),
        all.len() - 1
    );
}

#[test]
fn marks_stay_above_and_so_does_zstd() {
    let mut decompressor = Decompressor::default();
    let mark = super::super::end_transaction(true, 1, 2, BatchHeader::default()).unwrap();
    assert_eq!(down_convert(&mark, Format::V1, 0, &mut decompressor), Ok(Bytes::new()));
    if CompressionType::ZSTD.is_built_in() {
        let records = batch(CompressionType::ZSTD, &[1]);
        let down = down_convert(&records, Format::V1, 0, &mut decompressor);
        assert_eq!(down, Err(RecordsError::NotInFormat { what: "zstd", to: 1 }));
    }
}

#[test]
fn what_old_clients_send_is_numbered_anew() {
    let mut decompressor = Decompressor::default();
    for how in codecs() {
        for format in FORMATS {
            // The oldest send every message at offset 0.
            let sent = set(format, how, &[0, 0, 0]);
            let batch = gather(&sent, &mut decompressor).unwrap();
            let offsets: Vec<_> = seen(&batch).iter().map(|seen| seen.0).collect();
            assert_eq!(offsets, [0, 1, 2]);
            let entry = Entries::new(batch).next().unwrap().unwrap();
            assert_eq!(entry.attributes().compression(), how.codec());
            if how != CompressionType::None {
                assert!(up_convert(&sent, &mut decompressor).is_err());
            }
            assert!(gather(&sent.slice(..sent.len() - 1), &mut decompressor).is_err());
        }
    }
}
