//! Every Kafka message at each of its versions, written at every other: what the other version lacks, and
//! may not be dropped, is refused by name; everything else is written.
//!
//! What to expect is worked out from the declaration's schema and from the message as it prints itself.
#![cfg(all(feature = "kafka", feature = "arbitrary"))]

mod common;

use std::collections::BTreeMap;

use arbitrary::Unstructured;
use gridwire_core::kafka::message::PRINTERS;
use gridwire_core::kafka::wire::{EncodeFault, FieldSchema, Kind, Schema, Uuid};
use gridwire_core::rng::Rng;
use serde_json::{Value, json};

/// What keeps a message from being written, by field.
type Obstacles = BTreeMap<String, EncodeFault>;

#[derive(Clone, Copy)]
struct To {
    version: i16,
    flexible: bool,
}

#[test]
fn what_a_version_lacks_is_refused_by_name() {
    let mut rng = Rng::new([31; 32]);
    let mut bytes = vec![0; 2048];
    let (mut written, mut refused) = (0, BTreeMap::new());
    for printer in PRINTERS {
        let versions = printer.api.versions;
        let pairs = (versions.min..=versions.max)
            .flat_map(|from| (versions.min..=versions.max).map(move |to| (from, to)))
            .flat_map(|pair| [pair; 4]);
        for (from, to) in pairs {
            for (kind, draw, print) in [
                (printer.request_kind, printer.draws[0], printer.request),
                (printer.response_kind, printer.draws[1], printer.response),
            ] {
                bytes.chunks_mut(32).for_each(|chunk| chunk.copy_from_slice(&rng.seed()));
                let drawn = draw(from, to, &mut Unstructured::new(&bytes)).expect("enough bytes");
                let value = common::debug::parse(&drawn.text);
                let Kind::Struct(schema) = kind else { panic!("a message is a struct") };
                let mut obstacles = Obstacles::new();
                let at = To { version: to, flexible: printer.api.flexible.contains(to) };
                find(schema, &value, at, &mut obstacles);
                let place = format!("{} {from} at {to}: {}", schema.name, drawn.text);
                match drawn.encoded {
                    Ok(encoded) => {
                        assert!(obstacles.is_empty(), "{obstacles:?}: {place}");
                        let read = print(to, &encoded).expect("what was written can be read");
                        assert_eq!(
                            (read.encoded, read.trailing.len()),
                            (Ok(encoded), 0),
                            "{place}"
                        );
                        written += 1;
                    }
                    Err(error) => {
                        assert_eq!(obstacles.get(error.context), Some(&error.fault), "{place}");
                        assert_eq!(error.version, to);
                        *refused.entry(error.context).or_insert(0) += 1;
                    }
                }
            }
        }
    }
    let refusals: usize = refused.values().sum();
    println!("{written} written, {refusals} refused for the sake of {} fields", refused.len());
    assert!(written > 12_000 && refusals > 3000 && refused.len() > 200);
}

/// Finds all obstacles; an encoder stops at the first.
fn find(schema: &Schema, value: &Value, to: To, found: &mut Obstacles) {
    for field in schema.fields {
        let (name, value) = (format!("{}.{}", schema.name, field.name), &value[field.name]);
        if !field.versions.contains(to.version) {
            if !field.ignorable && !is_default(field, value) {
                found.insert(name, EncodeFault::Absent);
            }
        } else if field.tag.is_some() && is_default(field, value) {
            // Not written.
        } else if value.is_null() {
            if !field.nullable.contains(to.version) {
                found.insert(name, EncodeFault::Null);
            }
        } else {
            inside(field.kind, value, to, found);
        }
    }
    if schema.tagged && !to.flexible && !value["unknown_tags"].is_null() {
        found.insert(format!("{}.unknown_tags", schema.name), EncodeFault::Absent);
    }
}

fn inside(kind: Kind, value: &Value, to: To, found: &mut Obstacles) {
    match kind {
        Kind::Struct(schema) => find(schema, value, to, found),
        Kind::Array(item) => {
            value
                .as_array()
                .expect("a list")
                .iter()
                .for_each(|value| inside(*item, value, to, found));
        }
        _ => {}
    }
}

fn is_default(field: &FieldSchema, value: &Value) -> bool {
    match (field.default, field.kind) {
        ("null", _) => value.is_null(),
        ("", kind) => is_natural(kind, value),
        (text, Kind::String) => value == text,
        (text, _) => value.to_string().as_str() == text,
    }
}

fn is_natural(kind: Kind, value: &Value) -> bool {
    match kind {
        Kind::Bool => *value == false,
        Kind::Float64 => value.as_f64() == Some(0.0),
        Kind::Uuid => *value == common::debug::parse(&format!("{:?}", Uuid::ZERO)),
        Kind::String => value == "",
        Kind::Bytes => value["bytes"] == 0,
        Kind::Array(_) => *value == json!([]),
        Kind::Struct(schema) => {
            schema.fields.iter().all(|field| is_default(field, &value[field.name]))
                && value["unknown_tags"].is_null()
        }
        _ => *value == 0,
    }
}
