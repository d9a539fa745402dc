//! Every Kafka message declared here against Apache Kafka's own definitions, at every version.
//!
//! Both sides are brought into one notation of what stands on the wire at one version, and compared
//! as text. Versions that 4.4.0 still has are compared with names, defaults and what may be dropped;
//! older ones, which 3.9.1 still had, by shape alone.
#![cfg(feature = "kafka")]

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use common::definitions::{load, range, snake, versions};
use gridwire_core::kafka::code::ErrorCode;
use gridwire_core::kafka::message::consumer_protocol::{
    ConsumerProtocolAssignment, ConsumerProtocolSubscription,
};
use gridwire_core::kafka::message::control_record::{
    ControlRecordTypeSchema, EndTxnMarker, KRaftVersionRecord, LeaderChangeMessage,
    SnapshotFooterRecord, SnapshotHeaderRecord, VotersRecord,
};
use gridwire_core::kafka::message::default_principal_data::DefaultPrincipalData;
use gridwire_core::kafka::message::{APIS, PRINTERS, RequestHeader, ResponseHeader};
use gridwire_core::kafka::wire::{FieldSchema, Kind, Message, Schema, Versions};
use serde_json::Value;

/// The version that a notation is of, and how much it says.
#[derive(Clone, Copy)]
struct At {
    version: i16,
    flexible: bool,
    names: bool,
    all: Versions,
}

#[test]
fn declarations_are_as_the_official_definitions_say() {
    let Some(root) = common::material("kafka/definitions", "Kafka's declarations") else { return };
    let mut compared = 0;
    let mut declared = BTreeSet::new();
    for printer in PRINTERS {
        let api = printer.api;
        for (kind, suffix) in
            [(printer.request_kind, "Request"), (printer.response_kind, "Response")]
        {
            let name = format!("{}{suffix}", api.name);
            compared += compare(&root, &name, kind, api.versions, api.flexible, Some(api.key));
            declared.insert(name);
        }
        let newest = load(&root.join("4.4.0"), &format!("{}Request", api.name)).expect("a request");
        assert_eq!(newest["latestVersionUnstable"] == true, api.latest_unstable, "{}", api.name);
    }
    macro_rules! others {
        ($($message:ty),*) => {$(
            compared += compare_message::<$message>(&root);
            declared.insert(<$message as Message>::NAME.into());
        )*};
    }
    others!(
        RequestHeader,
        ResponseHeader,
        ConsumerProtocolSubscription,
        ConsumerProtocolAssignment,
        DefaultPrincipalData,
        ControlRecordTypeSchema,
        EndTxnMarker,
        LeaderChangeMessage,
        SnapshotHeaderRecord,
        SnapshotFooterRecord,
        KRaftVersionRecord,
        VotersRecord
    );
    let undeclared: Vec<String> = official(&root).difference(&declared).cloned().collect();
    assert_eq!(undeclared, Vec::<String>::new());
    println!("{} APIs: {compared} versions of messages compared", APIS.len());
    assert!(compared > 700);
}

/// The messages of both releases that have a version.
fn official(root: &Path) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for release in ["4.4.0", "3.9.1"].map(|release| root.join(release)) {
        for entry in std::fs::read_dir(&release).expect("a directory") {
            let path = entry.expect("an entry").path();
            let name = path.file_stem().and_then(|name| name.to_str()).expect("a name");
            let definition = load(&release, name).expect("a definition");
            // The first is an entry of the transaction index, which brokers keep to themselves; the
            // others have been renamed, and are in the comparison as ListConfigResources.
            let left_out = ["AbortedTxn", "ListClientMetricsResources"];
            if definition["validVersions"] != "none"
                && !left_out.iter().any(|start| name.starts_with(start))
            {
                names.insert(name.to_owned());
            }
        }
    }
    names
}

#[test]
fn error_codes_are_the_official_ones() {
    let Some(path) = common::material("kafka/errors.csv", "Kafka's error codes") else { return };
    let text = std::fs::read_to_string(path).expect("the list of codes");
    let mut known = 0;
    for line in text.lines().skip(1) {
        let mut columns = line.split(',');
        let mut column = || columns.next().expect("four columns");
        let code = ErrorCode(column().parse().expect("a number"));
        assert_eq!(code.name(), Some(column()));
        assert_eq!(code.retriable(), column() == "true", "{code}");
        assert_eq!(code.refreshes_metadata(), column() == "true", "{code}");
        known += 1;
    }
    assert_eq!(known, ErrorCode::KNOWN.len());
}

/// Compares a message that has no key.
fn compare_message<M: Message>(root: &Path) -> usize {
    compare(root, M::NAME, M::KIND, M::VERSIONS, M::FLEXIBLE, None)
}

/// Compares one message at all versions; returns how many there were.
fn compare(
    root: &Path,
    name: &str,
    kind: Kind,
    all: Versions,
    flexible: Versions,
    key: Option<i16>,
) -> usize {
    let Kind::Struct(schema) = kind else { panic!("{name} is not a struct") };
    assert_eq!(schema.name, name);
    let releases = ["4.4.0", "3.9.1"].map(|release| load(&root.join(release), name));
    let mut official = Vec::new();
    for version in 0..100 {
        let Some((at, definition)) = releases.iter().enumerate().find_map(|(index, definition)| {
            let definition = definition.as_ref()?;
            range(definition, "validVersions").contains(version).then_some((index, definition))
        }) else {
            continue;
        };
        official.push(version);
        if let Some(key) = key {
            assert_eq!(definition["apiKey"], key, "{name}");
        }
        let is_flexible = range(definition, "flexibleVersions").contains(version);
        assert_eq!(flexible.contains(version), is_flexible, "{name} {version}");
        let at = At { version, flexible: is_flexible, names: at == 0, all };
        let theirs = their_struct(definition, definition, at);
        assert_eq!(our_struct(schema, at), theirs, "{name} {version}");
    }
    assert_eq!(official, (all.min..=all.max).collect::<Vec<_>>(), "{name}");
    official.len()
}

fn our_struct(schema: &Schema, at: At) -> String {
    let mut fields = Vec::new();
    let mut tags = Vec::new();
    for field in schema.fields.iter().filter(|field| field.versions.contains(at.version)) {
        let text = our_field(field, at);
        match field.tag {
            Some((tag, versions)) if versions.contains(at.version) => tags.push((tag, text)),
            _ => fields.push(text),
        }
    }
    joined(fields, tags, at.flexible && schema.tagged)
}

fn our_field(field: &FieldSchema, at: At) -> String {
    let partial = field.versions.and(at.all) != at.all;
    decorated(
        field.name,
        &our_type(field.kind, at),
        field.nullable.contains(at.version),
        field.classic,
        field.default,
        partial && field.ignorable,
        at,
    )
}

fn our_type(kind: Kind, at: At) -> String {
    match kind {
        Kind::Bool => "bool".into(),
        Kind::Int8 => "int8".into(),
        Kind::Int16 => "int16".into(),
        Kind::Uint16 => "uint16".into(),
        Kind::Int32 => "int32".into(),
        Kind::Uint32 => "uint32".into(),
        Kind::Int64 => "int64".into(),
        Kind::Float64 => "float64".into(),
        Kind::Uuid => "uuid".into(),
        Kind::String => "string".into(),
        Kind::Bytes => "bytes".into(),
        Kind::Array(item) => format!("[]{}", our_type(*item, at)),
        Kind::Struct(schema) => our_struct(schema, at),
    }
}

fn their_struct(of: &Value, definition: &Value, at: At) -> String {
    let mut fields = Vec::new();
    let mut tags = Vec::new();
    for field in of["fields"].as_array().expect("fields") {
        let present = range(field, "versions");
        if !present.contains(at.version) {
            continue;
        }
        let kind = their_type(field, definition, at);
        let partial = present.and(at.all) != at.all;
        let text = decorated(
            &snake(field["name"].as_str().expect("a name")),
            &kind,
            range(field, "nullableVersions").contains(at.version),
            field["flexibleVersions"] == "none",
            &their_default(&field["default"]),
            partial && field["ignorable"] == true,
            at,
        );
        match field["tag"].as_u64() {
            Some(tag) if range(field, "taggedVersions").contains(at.version) => {
                tags.push((tag as u32, text));
            }
            _ => fields.push(text),
        }
    }
    joined(fields, tags, at.flexible)
}

fn their_type(field: &Value, definition: &Value, at: At) -> String {
    let text = field["type"].as_str().expect("a type");
    let (array, item) = match text.strip_prefix("[]") {
        Some(item) => ("[]", item),
        None => ("", text),
    };
    let item = if item == "records" {
        "bytes".into()
    } else if !item.starts_with(|c: char| c.is_ascii_uppercase()) {
        item.to_owned()
    } else if field["fields"].is_array() {
        their_struct(field, definition, at)
    } else {
        let common = definition["commonStructs"].as_array().expect("common structs");
        let found = common.iter().find(|common| common["name"] == item).expect("a common struct");
        assert!(versions(found["versions"].as_str().expect("versions")).contains(at.version));
        their_struct(found, definition, at)
    };
    format!("{array}{item}")
}

/// Defaults as our declarations write them: zero, false and the empty string are not written.
fn their_default(default: &Value) -> String {
    let text = match default {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let number = text.strip_prefix("0x").map(|hex| i64::from_str_radix(hex, 16).expect("hex"));
    match number {
        Some(number) => number.to_string(),
        None if matches!(text.as_str(), "0" | "false") => String::new(),
        None => text,
    }
}

fn decorated(
    name: &str,
    kind: &str,
    nullable: bool,
    classic: bool,
    default: &str,
    ignorable: bool,
    at: At,
) -> String {
    let null = if nullable { "?" } else { "" };
    let classic = if classic { " classic" } else { "" };
    if !at.names {
        return format!("{kind}{null}{classic}");
    }
    let ignorable = if ignorable { " ignorable" } else { "" };
    let default = if default.is_empty() { String::new() } else { format!(" = {default}") };
    format!("{name}: {kind}{null}{classic}{default}{ignorable}")
}

fn joined(fields: Vec<String>, mut tags: Vec<(u32, String)>, tagged: bool) -> String {
    tags.sort();
    let tags = tags.into_iter().map(|(tag, text)| format!("#{tag} {text}"));
    let parts: Vec<String> = fields.into_iter().chain(tags).collect();
    let end = if tagged { ", tags" } else { "" };
    format!("{{{}{end}}}", parts.join(", "))
}
