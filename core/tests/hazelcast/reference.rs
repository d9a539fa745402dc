//! What the official compatibility files hold, as it prints: each field has the value of its type, but
//! for those that are numbers of something. Worked out from the declarations' schemas, which are held
//! against the official definitions.

use bytes::Bytes;
use gridwire_core::hazelcast::message::sql_page::SqlColumnType;
use gridwire_core::hazelcast::print::Printer;
use gridwire_core::hazelcast::schema::{FieldSchema, Shape};
use gridwire_core::hazelcast::wire::ByteArray;
use gridwire_core::hazelcast::{Data, Uuid, Version, message};

/// Integers that aren't 25, and bytes that aren't 113.
const NUMBERS: &[(&str, &str)] = &[
    ("DurationConfig.time_unit", "1"),
    ("TimedExpiryPolicyFactoryConfig.expiry_policy_type", "1"),
    ("ClientBwListEntry.kind", "1"),
    ("CacheEventData.cache_event_type", "1"),
    ("IndexConfig.kind", "1"),
    ("BitmapIndexOptions.unique_key_transformation", "1"),
    ("EndpointQualifier.kind", "2"),
    ("SqlColumnMetadata.kind", "1"),
    ("ListenerConfigHolder.listener_type", "1"),
    ("Capacity.value", "50992225"),
    ("Capacity.unit", "3"),
    ("JobAndSqlSummary.status", "2"),
    ("JobAndSqlSummary.user_cancelled", "false"),
    ("VectorIndexConfig.metric", "0"),
    ("VectorIndexConfig.dimension", "1000"),
    ("VectorIndexConfig.max_degree", "200"),
    ("VectorIndexConfig.ef_construction", "300"),
    ("VectorIndexConfig.use_deduplication", "false"),
    ("VectorSearchOptions.include_value", "false"),
    ("VectorSearchOptions.include_vectors", "false"),
    ("VectorSearchOptions.limit", "100"),
    ("VectorPair.kind", "0"),
];

/// Fields of custom types that aren't zero, empty or null where an older sender left them out.
const DEFAULTS: &[(&str, &str)] = &[
    ("SqlColumnMetadata.nullable", "true"),
    ("MapStoreConfigHolder.offload", "true"),
    ("MerkleTreeConfig.enabled_set", "true"),
];

/// Custom types that have another name here.
const NAMES: &[(&str, &str)] =
    &[("CPMember", "CpMember"), ("MCEvent", "McEvent"), ("Version", "ClusterVersion")];

fn find(list: &'static [(&str, &str)], key: &str) -> Option<&'static str> {
    list.iter().find(|(name, _)| *name == key).map(|(_, value)| *value)
}

/// How the message of this type prints that is in the file of a version.
pub(crate) fn message(printer: &Printer, at: Version, null: bool) -> String {
    let schema = message::schemas().find(|schema| schema.ids.contains(&printer.id)).unwrap();
    // The struct's name, and the defaults of fields that the version lacks.
    let blank = format!("{:?}", (printer.blank)());
    let name = blank.split(' ').next().unwrap();
    let default = |field: &FieldSchema| {
        let (_, rest) = blank.split_once(&format!(" {}: ", field.name)).unwrap();
        let end = rest.find(", ").or(rest.find(" }")).unwrap();
        let simple = &rest[..end];
        if simple.contains(['{', '(']) { zero(&field.shape) } else { simple.to_owned() }
    };
    let secret = |field: &FieldSchema| blank.contains(&format!(" {}: secret", field.name));
    fields(name, schema.fields, |field| match field.shape {
        _ if secret(field) => "secret".into(),
        _ if field.since > at => default(field),
        // Null at times, and never in these files.
        Shape::Nullable(_) if null && !field.lenient => "None".into(),
        shape => value("", &shape, at),
    })
}

fn fields(name: &str, schemas: &[FieldSchema], value: impl Fn(&FieldSchema) -> String) -> String {
    let fields: Vec<_> =
        schemas.iter().map(|field| format!("{}: {}", field.name, value(field))).collect();
    if fields.is_empty() { name.into() } else { format!("{name} {{ {} }}", fields.join(", ")) }
}

fn value(path: &str, shape: &Shape, at: Version) -> String {
    if let Some(number) = find(NUMBERS, path) {
        return number.into();
    }
    match shape {
        Shape::Boolean => "true".into(),
        Shape::Byte => "113".into(),
        Shape::Int => "25".into(),
        Shape::Long => "-50992225".into(),
        Shape::Float => "3.14".into(),
        Shape::Short | Shape::Double => unreachable!("no message has one"),
        Shape::Uuid => format!("{:?}", Uuid::new(123_456_789, 987_654_321)),
        Shape::String => "\"localhost\"".into(),
        Shape::Data => format!("{:?}", Data::new(Bytes::from_static(b"111313123131313131"))),
        Shape::ByteArray => format!("{:?}", ByteArray::from(vec![113])),
        Shape::SqlPage => {
            // Four rows of one column: 1 to 4.
            let frame = b"\x02\x04\0\0\0\x01\0\0\0\x02\0\0\0\x03\0\0\0\x04\0\0\0";
            let frame = Bytes::from_static(frame);
            format!(
                "SqlPage {{ last: true, columns: [SqlColumn {{ kind: {:?}, values: \
                 Frame({frame:?}) }}] }}",
                SqlColumnType::INTEGER
            )
        }
        Shape::List(item) => format!("[{}]", value("", item, at)),
        Shape::Pair(key, item) => format!("({}, {})", value("", key, at), value("", item, at)),
        Shape::Nullable(item) => format!("Some({})", value(path, item, at)),
        Shape::Custom(schema) => {
            let name = find(NAMES, schema.name).unwrap_or(schema.name);
            fields(name, schema.fields, |field| {
                let path = format!("{}.{}", schema.name, field.name);
                if field.name == "properties" {
                    // All of them may hold passwords.
                    "secret".into()
                } else if field.since > at {
                    find(DEFAULTS, &path).map_or_else(|| zero(&field.shape), Into::into)
                } else {
                    value(&path, &field.shape, at)
                }
            })
        }
    }
}

/// The default of a type.
fn zero(shape: &Shape) -> String {
    match shape {
        Shape::Boolean => "false".into(),
        Shape::Byte | Shape::Short | Shape::Int | Shape::Long => "0".into(),
        Shape::Float | Shape::Double => "0.0".into(),
        Shape::Uuid => format!("{:?}", Uuid::default()),
        Shape::String => "\"\"".into(),
        Shape::Data => format!("{:?}", Data::default()),
        Shape::ByteArray => format!("{:?}", ByteArray::default()),
        Shape::List(_) => "[]".into(),
        Shape::Nullable(_) => "None".into(),
        Shape::SqlPage | Shape::Pair(..) => unreachable!("no field of one came later"),
        Shape::Custom(schema) => {
            let name = find(NAMES, schema.name).unwrap_or(schema.name);
            fields(name, schema.fields, |field| {
                let path = format!("{}.{}", schema.name, field.name);
                find(DEFAULTS, &path).map_or_else(|| zero(&field.shape), Into::into)
            })
        }
    }
}
