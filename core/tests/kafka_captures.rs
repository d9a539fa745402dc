//! Every captured message of a declared API: decoded, compared with what Kafka's own classes read,
//! and encoded to the same bytes.
//!
//! The record batches inside are walked as well, and those that are not compressed are built again.
#![cfg(feature = "kafka")]

mod common;

use std::collections::{BTreeMap, VecDeque};
use std::io::Read;
use std::path::Path;

use bytes::{Bytes, BytesMut};
use common::definitions::snake;
use gridwire_core::kafka::frame::{Splitter, correlation_id, split_request, split_response};
use gridwire_core::kafka::message::consumer_protocol::{
    ConsumerProtocolAssignment, ConsumerProtocolSubscription,
};
use gridwire_core::kafka::message::fetch::FetchResponse;
use gridwire_core::kafka::message::join_group::JoinGroupRequest;
use gridwire_core::kafka::message::produce::ProduceRequest;
use gridwire_core::kafka::message::sync_group::SyncGroupRequest;
use gridwire_core::kafka::message::{Embedded, Printed, printer};
use gridwire_core::kafka::records::message_set::{self, MessageSetBuilder};
use gridwire_core::kafka::records::{
    Batch, BatchBuilder, Compression, CompressionType, Decompressor, Entries, Entry, Format,
    Header, NewRecord, RecordsError,
};
use gridwire_core::kafka::wire::{Message, Reader};
use serde_json::Value;

/// Requests that the broker could not read either: made by hand, in `4.4.0-errors-raw`.
const UNREADABLE: &[(&str, &str)] = &[
    // Versions that no release has; ApiVersions is answered in version 0, the other not at all.
    ("4.4.0-errors-raw", "ApiVersions 99"),
    ("4.4.0-errors-raw", "Metadata 99"),
    // Versions that 4.4.0 dropped, with four zero bytes for a body.
    ("4.4.0-errors-raw", "Produce 2"),
    ("4.4.0-errors-raw", "Fetch 3"),
    // A body cut short.
    ("4.4.0-errors-raw", "Metadata 12"),
    // Not for client listeners; its body is four zero bytes.
    ("4.4.0-errors-raw", "Envelope 0"),
];

/// Names of 3.9.1 that 4.4.0 changed: of APIs and of their fields.
const RENAMED: &[(&str, &str)] = &[
    ("ListClientMetricsResources", "ListConfigResources"),
    ("clientMetricsResources", "configResources"),
    ("generationId", "generationIdOrMemberEpoch"),
];

/// Read here, but not by the classes of 4.4.0, which dropped these versions: what old clients sent to
/// that release.
fn dropped(capture: &str, name: &str) -> bool {
    capture.starts_with("4.4.0") && matches!(name, "Produce 1" | "Produce 2")
}

#[derive(Debug, Default)]
struct Counts {
    messages: usize,
    compared: usize,
    unreadable: usize,
    other_apis: usize,
    trailing: BTreeMap<String, (usize, usize)>,
    embedded: usize,
    batches: usize,
    compressed: usize,
    unpacked: BTreeMap<String, usize>,
    old_format: usize,
    records: usize,
    rebuilt: usize,
    broken: usize,
}

/// A message that could be read: direction, name and version, and the values.
type Seen = (char, String, Value);

#[test]
fn captured_messages_decode_to_their_values_and_encode_to_their_bytes() {
    let Some(root) = common::material("kafka/captures", "Kafka's captures") else { return };
    let mut counts = Counts::default();
    let mut captures: Vec<_> = std::fs::read_dir(&root)
        .expect("a directory")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "pcap"))
        .collect();
    captures.sort();
    for path in &captures {
        let capture = path.file_stem().and_then(|name| name.to_str()).expect("a name");
        let expected = decoded(&root.join(format!("decoded/{capture}.jsonl.gz")));
        for (index, session) in common::pcap::sessions(path).iter().enumerate() {
            let mut seen = connection(capture, session, &mut counts);
            seen.retain(|seen| !dropped(capture, &seen.1));
            let expected = expected.get(&index).map(Vec::as_slice).unwrap_or_default();
            for direction in ['>', '<'] {
                let of = |list: &[Seen]| -> Vec<Seen> {
                    list.iter().filter(|seen| seen.0 == direction).cloned().collect()
                };
                let (ours, theirs) = (of(&seen), of(expected));
                let names = |list: &[Seen]| -> Vec<String> {
                    list.iter().map(|seen| seen.1.clone()).collect()
                };
                assert_eq!(names(&ours), names(&theirs), "{capture}, connection {index}");
                for ((_, name, ours), (_, _, theirs)) in ours.iter().zip(&theirs) {
                    equal(theirs, ours, &format!("{capture}, connection {index}: {name}"));
                    counts.compared += 1;
                }
            }
        }
    }
    println!("{} captures: {counts:#?}", captures.len());
    assert!(counts.messages > 7000 && counts.compared > 7000 && counts.rebuilt > 2000);
    assert!(counts.embedded > 100);
    // Nothing is undeclared, save a key made by hand.
    assert_eq!(counts.other_apis, 1);
    // One client appends three bytes to its requests for all topics, and one to another request.
    let trailing =
        counts.trailing.iter().map(|(name, (messages, bytes))| (&**name, bytes / messages));
    assert!(trailing.eq([
        ("AlterUserScramCredentials 0", 1),
        ("Metadata 12", 3),
        ("Metadata 13", 3),
    ]));
    #[cfg(all(feature = "gzip", feature = "snappy", feature = "lz4", feature = "zstd"))]
    assert_eq!(counts.unpacked.len(), 3 + 3 + 4, "each codec of each format");
    // One record batch with a wrong checksum.
    assert_eq!(counts.broken, 1);
}

/// Reads both directions of a connection.
fn connection(capture: &str, session: &common::pcap::Session, counts: &mut Counts) -> Vec<Seen> {
    let mut seen = Vec::new();
    let mut waiting = VecDeque::new();
    for frame in frames(&session.client) {
        // SASL tokens of the oldest kind and broken frames have no header.
        let Ok((header, body)) = split_request(&frame) else { continue };
        let (key, version) = (header.request_api_key, header.request_api_version);
        waiting.push_back((header.correlation_id, key, version));
        let Some(printer) = printer(key) else {
            assert_eq!((capture, key), ("4.4.0-errors-raw", 999), "an undeclared API");
            counts.other_apis += 1;
            continue;
        };
        let name = format!("{} {version}", printer.api.name);
        match (printer.request)(version, &body) {
            Ok(printed) => {
                match key {
                    0 => produced(version, &body, counts),
                    // Those made by hand have other bytes in their place, or too few.
                    _ if capture.ends_with("-sweep") || capture.ends_with("-raw") => {}
                    11 => joined(version, &body, counts),
                    14 => synced(version, &body, counts),
                    _ => {}
                }
                seen.push(check('>', name, &printed, &body, counts));
            }
            Err(error) => {
                let known = UNREADABLE.contains(&(capture, name.as_str()));
                assert!(known, "{capture}: {name}: {error}");
                counts.unreadable += 1;
            }
        }
    }
    for frame in frames(&session.server) {
        let Ok(correlation) = correlation_id(&frame) else { continue };
        // Answers come in order; Produce with acks 0 has none.
        let request = loop {
            match waiting.pop_front() {
                Some(request) if request.0 == correlation => break Some(request),
                Some(_) => {}
                None => break None,
            }
        };
        let Some((_, key, version)) = request else { continue };
        let Some(printer) = printer(key) else { continue };
        let name = format!("{} {version}", printer.api.name);
        // A version that the broker does not know is answered in version 0.
        let version = if printer.api.versions.contains(version) { version } else { 0 };
        let (_, body) = split_response(&frame, &printer.api, version).expect("a header");
        match (printer.response)(version, &body) {
            Ok(printed) => {
                if key == 1 {
                    fetched(version, &body, counts);
                }
                seen.push(check('<', name, &printed, &body, counts));
            }
            Err(error) => panic!("{capture}: {name}: {error}"),
        }
    }
    seen
}

/// Checks that a message was written again as it was, and counts it.
fn check(
    direction: char,
    name: String,
    printed: &Printed,
    body: &Bytes,
    counts: &mut Counts,
) -> Seen {
    let encoded = printed.encoded.as_ref().expect("what was read can be written");
    let used = body.len() - printed.trailing.len();
    assert_eq!(encoded, &body.slice(..used), "{name}: {}", printed.text);
    counts.messages += 1;
    if !printed.trailing.is_empty() {
        let trailing = counts.trailing.entry(name.clone()).or_default();
        trailing.0 += 1;
        trailing.1 += printed.trailing.len();
    }
    (direction, name, common::debug::parse(&printed.text))
}

/// The frames of one direction, up to one that is broken or cut short.
fn frames(stream: &[u8]) -> Vec<Bytes> {
    let mut data = BytesMut::from(stream);
    let mut splitter = Splitter::default();
    let mut frames = Vec::new();
    while let Ok(Some(frame)) = splitter.next(&mut data) {
        frames.push(frame);
    }
    frames
}

/// What Kafka's own classes read, by connection: the lines of declared APIs.
fn decoded(path: &Path) -> BTreeMap<usize, Vec<Seen>> {
    let file = std::fs::File::open(path).expect("the decoded capture");
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("gzip");
    let mut out: BTreeMap<usize, Vec<Seen>> = BTreeMap::new();
    for line in text.lines() {
        let mut words = line.splitn(5, ' ');
        let mut word = || words.next().expect("five words");
        let (connection, direction, api, version, json) = (word(), word(), word(), word(), word());
        let api = renamed(api).unwrap_or(api);
        let declared = gridwire_core::kafka::message::APIS.iter().any(|known| known.name == api);
        if !declared {
            continue;
        }
        let value = serde_json::from_str(json).expect("JSON");
        let direction = direction.chars().next().expect("a direction");
        let seen = (direction, format!("{api} {version}"), value);
        out.entry(connection.parse().expect("a number")).or_default().push(seen);
    }
    out
}

fn renamed(name: &str) -> Option<&'static str> {
    RENAMED.iter().find(|(old, _)| *old == name).map(|(_, new)| *new)
}

/// Compares Kafka's JSON with our values: every field that it names.
fn equal(theirs: &Value, ours: &Value, place: &str) {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(map)) => {
            for (key, value) in theirs {
                let place = format!("{place}.{key}");
                if let Some(records) = key.strip_suffix("SizeInBytes") {
                    // Records are given by their size; null and none are both 0.
                    let len = map[&snake(records)]["bytes"].as_u64().unwrap_or_default();
                    assert_eq!(value.as_u64(), Some(len), "{place}");
                } else {
                    let ours = map
                        .get(&snake(key))
                        .or_else(|| map.get(&snake(renamed(key)?)))
                        .unwrap_or_else(|| panic!("no {place}"));
                    equal(value, ours, &place);
                }
            }
        }
        (Value::Array(theirs), Value::Array(ours)) => {
            assert_eq!(theirs.len(), ours.len(), "{place}");
            theirs.iter().zip(ours).for_each(|(theirs, ours)| equal(theirs, ours, place));
        }
        // Not shown; its bytes were compared when the message was written again.
        (Value::String(_), Value::String(ours)) if ours == "secret" => {}
        (Value::String(_), Value::Object(bytes)) => assert_eq!(theirs, &bytes["base64"], "{place}"),
        _ => assert_eq!(theirs, ours, "{place}"),
    }
}

fn produced(version: i16, body: &Bytes, counts: &mut Counts) {
    let request = ProduceRequest::decode(version, &mut Reader::new(body)).expect("read before");
    for topic in request.topic_data {
        for partition in topic.partition_data {
            batches(partition.records, counts);
        }
    }
}

/// What consumers say of themselves.
fn joined(version: i16, body: &Bytes, counts: &mut Counts) {
    let request = JoinGroupRequest::decode(version, &mut Reader::new(body)).expect("read before");
    if request.protocol_type == "consumer" {
        for protocol in &request.protocols {
            embedded::<ConsumerProtocolSubscription>(&protocol.metadata, counts);
        }
    }
}

/// What their leaders assign.
fn synced(version: i16, body: &Bytes, counts: &mut Counts) {
    let request = SyncGroupRequest::decode(version, &mut Reader::new(body)).expect("read before");
    for assignment in &request.assignments {
        embedded::<ConsumerProtocolAssignment>(&assignment.assignment, counts);
    }
}

/// Reads a message that says its own version, and writes it again.
fn embedded<M: Embedded>(bytes: &Bytes, counts: &mut Counts) {
    let (message, version) =
        M::from_bytes(bytes).unwrap_or_else(|error| panic!("{error}: {bytes:?}"));
    assert_eq!(message.to_bytes(version).as_ref(), Ok(bytes), "{message:?}");
    counts.embedded += 1;
}

fn fetched(version: i16, body: &Bytes, counts: &mut Counts) {
    let response = FetchResponse::decode(version, &mut Reader::new(body)).expect("read before");
    for topic in response.responses {
        for partition in topic.partitions {
            batches(partition.records, counts);
        }
    }
}

/// Walks the records of a field in any format, and builds what is not compressed again.
fn batches(records: Option<Bytes>, counts: &mut Counts) {
    let decompressor = &mut Decompressor::default();
    for entry in Entries::new(records.unwrap_or_default()) {
        // Made by hand, to be refused.
        let Ok(entry) = entry else {
            counts.broken += 1;
            return;
        };
        if entry.verify().is_err() {
            counts.broken += 1;
            continue;
        }
        let codec = entry.attributes().compression();
        if codec != Compression::NONE {
            counts.compressed += 1;
            if !codec.is_built_in() {
                let error = entry.records_with(decompressor).err();
                assert_eq!(error, Some(RecordsError::NotBuiltIn(codec)));
                continue;
            }
            *counts.unpacked.entry(format!("{codec:?}, {:?}", entry.format())).or_default() += 1;
        }
        let how = CompressionType::of(codec).expect("a codec");
        let rebuilt = match &entry {
            Entry::Batch(batch) => {
                counts.batches += 1;
                batch_again(batch, how, decompressor, counts)
            }
            Entry::Message(message) => {
                counts.old_format += 1;
                set_again(message, how, decompressor, counts)
            }
        };
        if codec == Compression::NONE {
            assert_eq!(&rebuilt, entry.bytes(), "{entry:?}");
            counts.rebuilt += 1;
        } else {
            // Another encoder makes other bytes of the same records.
            let again = Entry::split_from(&mut rebuilt.clone()).expect("read").expect("whole");
            again.verify().expect("the checksum");
            assert_eq!(again.attributes(), entry.attributes());
            let other = &mut Decompressor::default();
            let records = again.records_with(other).expect("readable");
            assert!(records.eq(entry.records_with(decompressor).expect("readable")));
            // Clients of format 0 number the message around those inside, and not those.
            let inside = entry.records_with(decompressor).expect("readable");
            let last = inside.last().expect("some").expect("a record").offset;
            assert_eq!(again.last_offset(), last);
            assert!(last == entry.last_offset() || entry.format() == Format::V0);
        }
    }
}

fn batch_again(
    batch: &Batch,
    how: CompressionType,
    decompressor: &mut Decompressor,
    counts: &mut Counts,
) -> Bytes {
    let mut builder = BatchBuilder::default();
    for record in batch.records_with(decompressor).expect("records") {
        let record = record.expect("a record");
        let headers: Vec<Header<'_>> = record.headers.iter().collect();
        let (timestamp, key, value) = (record.timestamp, record.key, record.value);
        builder
            .push(&NewRecord { timestamp, key, value, headers: &headers })
            .expect("it was as large before");
        counts.records += 1;
    }
    builder.finish_with(*batch.header(), how).expect("built in")
}

fn set_again(
    message: &message_set::Message,
    how: CompressionType,
    decompressor: &mut Decompressor,
    counts: &mut Counts,
) -> Bytes {
    let records: Vec<_> = message.records_with(decompressor).expect("records").collect();
    let base = records.first().map_or(0, |record| record.offset);
    let append_time = message.log_append_time().then(|| message.timestamp());
    let mut set = MessageSetBuilder::new(message.format(), how, base).expect("an old codec");
    set = set.stamped(append_time);
    for record in records {
        let (timestamp, key, value) = (record.timestamp, record.key, record.value);
        set.push_at(record.offset, &NewRecord { timestamp, key, value, headers: &[] })
            .expect("it was as large before");
        counts.records += 1;
    }
    set.finish().expect("built in")
}
