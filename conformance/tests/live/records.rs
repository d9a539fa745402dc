//! Records in each format and codec, against Apache Kafka's own `MemoryRecords`: it reads what we write, and we
//! read what it writes.

use crate::{AMPLE, hex};

use std::fmt::Write as _;

use bytes::Bytes;
use gridwire_conformance::live::{KafkaClasses, ask_kafka, needed};
use gridwire_core::kafka::records::message_set::MessageSetBuilder;
use gridwire_core::kafka::records::{
    BatchBuilder, BatchHeader, CompressionType, Decompressor, Entries, Format, Header, NewRecord,
};
use gridwire_core::rng::Rng;

const CODECS: [&str; 5] = ["none", "gzip", "snappy", "lz4", "zstd"];
const FORMATS: [Format; 3] = [Format::V0, Format::V1, Format::V2];
const ROUNDS: usize = 12;
/// The broker's time, where it stamps the records.
const APPENDED: i64 = 1_700_000_123_456;

#[derive(Clone, Debug)]
struct Owned {
    offset: i64,
    timestamp: i64,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: Vec<(String, Option<Vec<u8>>)>,
}

/// What one call of either side writes.
#[derive(Debug)]
struct Set {
    format: Format,
    codec: &'static str,
    stamped: bool,
    /// Whether offsets are missing, as after a compaction.
    gaps: bool,
    records: Vec<Owned>,
}

/// Null, or bytes of which none is "" in the lines' hex.
fn optional(bytes: Option<&[u8]>) -> String {
    bytes.map_or_else(
        || "-".into(),
        |bytes| if bytes.is_empty() { String::new() } else { hex(bytes) },
    )
}

fn text<'a>(
    offset: i64,
    timestamp: i64,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)>,
) -> String {
    let mut text = format!("{offset},{timestamp},{},{}", optional(key), optional(value));
    for (name, value) in headers {
        let _ = write!(text, ",{}={}", optional(Some(name)), optional(value));
    }
    text
}

impl Owned {
    fn draw(rng: &mut Rng, set: &Set, offset: i64) -> Self {
        let mut bytes = |most: u64| {
            if rng.below(5) == 0 {
                return None;
            }
            // Mostly short and repetitive, at times longer than a codec's block.
            let longest = if rng.below(30) == 0 { 100_000 } else { most };
            let (len, step) = (rng.below(longest), rng.below(3));
            let noise = rng.next_u64();
            Some(
                (0..len).map(|n| ((n * step).wrapping_mul(noise) >> 32) as u8).collect::<Vec<u8>>(),
            )
        };
        let (key, value) = (bytes(20), bytes(300));
        let mut headers = Vec::new();
        if set.format == Format::V2 {
            for n in 0..rng.below(4) {
                // Names repeat.
                let value =
                    (rng.below(3) > 0).then(|| rng.seed()[..rng.below(20) as usize].to_vec());
                headers.push((["näme", "name", "näme"][n as usize % 3].to_owned(), value));
            }
        }
        let timestamp = match (set.format, set.stamped) {
            (Format::V0, _) => -1,
            (_, true) => APPENDED,
            // Not in order, and before and after the first.
            _ => 1_700_000_000_000 + rng.below(100_000) as i64 - 50_000,
        };
        Self { offset, timestamp, key, value, headers }
    }

    fn text(&self) -> String {
        let headers = self.headers.iter().map(|(name, value)| (name.as_bytes(), value.as_deref()));
        text(self.offset, self.timestamp, self.key.as_deref(), self.value.as_deref(), headers)
    }
}

impl Set {
    fn draw(rng: &mut Rng, format: Format, codec: &'static str, round: usize) -> Self {
        let stamped = format != Format::V0 && round % 3 == 2;
        let mut set = Self { format, codec, stamped, gaps: round % 2 == 1, records: Vec::new() };
        let mut offset = rng.below(1 << 40) as i64;
        for _ in 0..=rng.below(40) {
            set.records.push(Owned::draw(rng, &set, offset));
            offset += 1 + if set.gaps { rng.below(5) as i64 } else { 0 };
        }
        set
    }

    fn texts(&self) -> String {
        self.records.iter().map(Owned::text).collect::<Vec<_>>().join(" ")
    }

    /// What Java is asked to write.
    fn order(&self) -> String {
        let appended = if self.stamped { APPENDED.to_string() } else { "-".into() };
        format!("write {} {} {appended} {}\n", self.format.magic(), self.codec, self.texts())
    }

    /// The same as we write it. Only a broker that compacts makes batches with gaps.
    fn ours(&self) -> Option<Bytes> {
        let how: CompressionType = self.codec.parse().expect("a codec");
        let base_offset = self.records[0].offset;
        if self.format != Format::V2 {
            let appended = self.stamped.then_some(APPENDED);
            let set = MessageSetBuilder::new(self.format, how, base_offset).expect("has the codec");
            let mut set = set.stamped(appended);
            for record in &self.records {
                set.push_at(record.offset, &new(record, &[])).expect("there is room");
            }
            return Some(set.finish().expect("built in"));
        }
        if self.gaps {
            return None;
        }
        let mut batch = BatchBuilder::default();
        for record in &self.records {
            let headers: Vec<Header<'_>> = record
                .headers
                .iter()
                .map(|(key, value)| Header { key: key.as_bytes(), value: value.as_deref() })
                .collect();
            batch.push(&new(record, &headers)).expect("there is room");
        }
        let mut header = BatchHeader { base_offset, ..BatchHeader::default() };
        if self.stamped {
            header.attributes = header.attributes.stamped_by_broker();
        }
        Some(batch.finish_with(header, how).expect("built in"))
    }
}

fn new<'a>(record: &'a Owned, headers: &'a [Header<'a>]) -> NewRecord<'a> {
    NewRecord {
        timestamp: record.timestamp,
        key: record.key.as_deref(),
        value: record.value.as_deref(),
        headers,
    }
}

/// What we read in Java's bytes.
fn read(records: Bytes, set: &Set) -> String {
    let mut texts = Vec::new();
    let mut decompressor = Decompressor::default();
    let how: CompressionType = set.codec.parse().expect("a codec");
    for entry in Entries::new(records) {
        let entry = entry.expect("an entry");
        entry.verify().expect("the checksum holds");
        assert_eq!(entry.format(), set.format);
        assert_eq!(entry.attributes().compression(), how.codec());
        for record in entry.records_with(&mut decompressor).expect("readable") {
            let record = record.expect("a record");
            let headers = record.headers.iter().map(|header| (header.key, header.value));
            texts.push(text(record.offset, record.timestamp, record.key, record.value, headers));
        }
    }
    texts.join(" ")
}

fn unhex(text: &str) -> Bytes {
    let digits = |at: usize| u8::from_str_radix(&text[at..at + 2], 16);
    let bytes = (0..text.len()).step_by(2).map(digits).collect::<Result<Vec<u8>, _>>();
    bytes.unwrap_or_else(|_| panic!("{text}")).into()
}

#[test]
fn java_and_we_read_each_others_records() {
    let mut rng = Rng::new([42; 32]);
    let mut sets = Vec::new();
    for format in FORMATS {
        // zstd came after the older formats.
        for codec in CODECS.into_iter().filter(|codec| *codec != "zstd" || format == Format::V2) {
            sets.extend((0..ROUNDS).map(|round| Set::draw(&mut rng, format, codec, round)));
        }
    }
    let ours: Vec<Option<Bytes>> = sets.iter().map(Set::ours).collect();
    let mut input: String = sets.iter().map(Set::order).collect();
    input.extend(ours.iter().flatten().map(|bytes| format!("read {}\n", hex(bytes))));
    input += "write 1 zstd - 0,0,-,-\n";
    let asked = ask_kafka(KafkaClasses::V4, "KafkaRecords.java", &input, AMPLE);
    let Some(answers) = needed(asked) else { return };
    assert_eq!(answers.len(), input.lines().count());

    let (theirs, seen) = answers.split_at(sets.len());
    let mut seen = seen.iter();
    let (mut records, mut both) = (0, 0);
    for (set, (theirs, ours)) in sets.iter().zip(theirs.iter().zip(&ours)) {
        let what = format!("{:?} {} {} {}", set.format, set.codec, set.stamped, set.gaps);
        assert!(!theirs.starts_with("error"), "{what}: {theirs}");
        let theirs = unhex(theirs);
        assert!(read(theirs.clone(), set) == set.texts(), "{what}: we read Java's otherwise");
        records += set.records.len();
        let Some(ours) = ours else { continue };
        both += 1;
        let expected = format!("{} {} {}", set.format.magic(), set.codec, set.texts());
        let seen = seen.next().expect("an answer");
        assert!(
            *seen == expected,
            "{what}: Java reads ours otherwise: {}",
            &seen[..seen.len().min(300)]
        );
        if set.codec == "none" {
            assert_eq!(*ours, theirs, "{what}");
        }
    }
    assert!(seen.next().is_some_and(|answer| answer.starts_with("error")), "zstd in format 1");
    println!("{} sets of {records} records by Java, {both} by us", sets.len());
}
