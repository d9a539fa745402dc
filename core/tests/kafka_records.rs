//! Record batches that real clients wrote: 1,000 records each, with known contents.
#![cfg(feature = "kafka")]

mod common;

use bytes::Bytes;
use gridwire_core::kafka::records::{
    BatchBuilder, Batches, Compression, CompressionType, Decompressor, NewRecord, RecordsError,
};

#[test]
fn batches_of_real_clients_hold_their_records() {
    let Some(root) = common::material("kafka/records", "record batches of clients") else { return };
    let (mut read, mut sizes) = (Vec::new(), Vec::new());
    let mut decompressor = Decompressor::default();
    for entry in std::fs::read_dir(root).expect("a directory") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
        let mut batches = Batches::new(std::fs::read(&path).expect("a file").into());
        let mut count = 0;
        for batch in batches.by_ref() {
            let batch = batch.expect("a batch");
            batch.verify().expect("the checksum");
            let codec = batch.header().attributes.compression();
            assert_eq!(format!("{codec:?}"), name.split_once('_').expect("client_codec").1);
            if !codec.is_built_in() {
                let error = batch.records_with(&mut decompressor).err();
                assert_eq!(error, Some(RecordsError::NotBuiltIn(codec)));
                count += batch.header().count;
                continue;
            }
            if codec != Compression::NONE {
                assert_eq!(batch.records().err(), Some(RecordsError::Compressed(codec)));
            }
            let how = CompressionType::of(codec).expect("a codec");
            let mut builder = BatchBuilder::default();
            for record in batch.records_with(&mut decompressor).expect("records") {
                let record = record.expect("a record");
                assert_eq!(record.timestamp, 1_700_000_000_000 + i64::from(count));
                assert_eq!(record.key, None);
                assert_eq!(record.value, Some(&[(count % 251) as u8; 100][..]));
                assert!(record.headers.is_empty());
                count += 1;
                let (timestamp, value) = (record.timestamp, record.value);
                builder
                    .push(&NewRecord { timestamp, value, ..NewRecord::default() })
                    .expect("it was as large before");
            }
            let ours = builder.finish_with(*batch.header(), how).expect("built in");
            if codec == Compression::NONE {
                assert_eq!(&ours, batch.bytes());
            }
            let ours = Batches::new(ours).next().expect("one").expect("a batch");
            ours.verify().expect("the checksum");
            let other = &mut Decompressor::default();
            let again = ours.records_with(other).expect("records");
            assert!(again.eq(batch.records_with(&mut decompressor).expect("records")));
            sizes.push((name.clone(), batch.bytes().len(), ours.bytes().len()));
        }
        assert_eq!(batches.tail(), &Bytes::new());
        assert_eq!(count, 1000, "{name}");
        read.push(name);
    }
    read.sort();
    println!("{read:?}, theirs and ours in bytes: {sizes:?}");
    assert!(read.iter().filter(|name| name.ends_with("_none")).count() >= 2);
}
