//! Record batches that real clients wrote: 1,000 records each, with known contents.
#![cfg(feature = "kafka")]

mod common;

use bytes::Bytes;
use gridwire_core::kafka::records::{Batches, Compression, RecordsError};

#[test]
fn batches_of_real_clients_hold_their_records() {
    let Some(root) = common::material("kafka/records", "record batches of clients") else { return };
    let mut read = Vec::new();
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
            if codec != Compression::NONE {
                assert_eq!(batch.records().err(), Some(RecordsError::UnsupportedCodec(codec)));
                count += batch.header().count;
                continue;
            }
            for record in batch.records().expect("records") {
                let record = record.expect("a record");
                assert_eq!(record.timestamp, 1_700_000_000_000 + i64::from(count));
                assert_eq!(record.key, None);
                assert_eq!(record.value, Some(&[(count % 251) as u8; 100][..]));
                assert!(record.headers.is_empty());
                count += 1;
            }
        }
        assert_eq!(batches.tail(), &Bytes::new());
        assert_eq!(count, 1000, "{name}");
        read.push(name);
    }
    read.sort();
    println!("{read:?}");
    assert!(read.iter().filter(|name| name.ends_with("_none")).count() >= 2);
}
