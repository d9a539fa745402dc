//! Every declaration against the official definitions, at every version: ids, order, names, types,
//! nullability, since, retryable, partition rule, events.
#![cfg(feature = "hazelcast")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use gridwire_core::hazelcast::Version;
use gridwire_core::hazelcast::message::custom::HazelcastJsonValue;
use gridwire_core::hazelcast::message::{self, SERVICES};
use gridwire_core::hazelcast::schema::{
    CustomSchema, FieldSchema, Kind, Method, PartitionRule, Shape,
};
use gridwire_core::hazelcast::wire::Item;
use yaml_rust2::{Yaml, YamlLoader};

fn definitions() -> Option<PathBuf> {
    let Some(directory) = std::env::var_os("GRIDWIRE_DEFINITIONS").map(PathBuf::from) else {
        println!("not checked against the definitions: GRIDWIRE_DEFINITIONS is not set");
        return None;
    };
    Some(directory.join("hazelcast/protocol-definitions"))
}

/// Two definitions go on with a quoted text on lines that are indented too little for that.
fn load(file: PathBuf) -> Yaml {
    let mut text = String::new();
    let mut open = false;
    for line in std::fs::read_to_string(file).unwrap().lines() {
        text.push_str(if open { line.trim_start() } else { line });
        let quoted = open || line.contains(": '");
        open = quoted && line.matches('\'').count() % 2 == usize::from(!open);
        text.push(if open { ' ' } else { '\n' });
    }
    YamlLoader::load_from_str(&text).unwrap().remove(0)
}

fn version(yaml: &Yaml) -> Version {
    let parts: Vec<u8> = yaml.as_str().unwrap().split('.').map(|p| p.parse().unwrap()).collect();
    Version::new(parts[0], parts[1], parts.get(2).copied().unwrap_or(0))
}

/// A type of the definitions in the form in which a `Shape` prints.
fn shape(name: &str) -> String {
    for list in ["List_", "Set_"] {
        if let Some(item) = name.strip_prefix(list) {
            return format!("[{}]", shape(item));
        }
    }
    if let Some(item) = name.strip_prefix("ListCN_") {
        return format!("[{}?]", shape(item));
    }
    for pairs in ["Map_", "EntryList_"] {
        if let Some(pair) = name.strip_prefix(pairs) {
            let (key, value) = pair.split_once('_').unwrap();
            return format!("[{}: {}]", shape(key), shape(value));
        }
    }
    match name {
        "Integer" => "int".into(),
        "Long" => "long".into(),
        "longArray" => "[long]".into(),
        "floatArray" => "[float]".into(),
        other => other.into(),
    }
}

/// `addCPGroupViewListener` → `add_cp_group_view_listener`.
fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let next = letters.get(at + 1).is_some_and(char::is_ascii_lowercase);
        let after_word = at > 0 && !letters[at - 1].is_ascii_uppercase();
        if at > 0 && letter.is_ascii_uppercase() && (after_word || next) {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// The fields of a definition that a version has, as text.
fn defined(params: &Yaml, at: Version) -> Vec<String> {
    let params = params.as_vec().map(Vec::as_slice).unwrap_or_default();
    let params = params.iter().filter(|param| version(&param["since"]) <= at);
    params
        .map(|param| {
            // A word of the language.
            let name = match param["name"].as_str().unwrap() {
                "type" => "kind".into(),
                other => snake(other),
            };
            let nullable = if param["nullable"].as_bool().unwrap() { "?" } else { "" };
            let since = version(&param["since"]);
            format!("{name}: {}{nullable} since {since}", shape(param["type"].as_str().unwrap()))
        })
        .collect()
}

fn declared(fields: &[FieldSchema], at: Version) -> Vec<String> {
    let fields = fields.iter().filter(|field| field.since <= at);
    fields
        .map(|field| {
            let shape = match field.shape {
                Shape::Nullable(inner) if field.lenient => *inner,
                other => other,
            };
            format!("{}: {shape} since {}", field.name, field.since)
        })
        .collect()
}

fn compare(name: &str, params: &Yaml, fields: &[FieldSchema]) {
    for at in Version::ALL {
        assert_eq!(declared(fields, at), defined(params, at), "{name} at {at}");
    }
}

fn partition_rule(text: &Yaml) -> PartitionRule {
    match text.as_str() {
        None | Some("none" | "-1") => PartitionRule::None,
        Some("key") => PartitionRule::Key,
        Some("name") => PartitionRule::Name,
        Some("partitionId") => PartitionRule::PartitionId,
        Some("taskName") => PartitionRule::TaskName,
        Some("xid") => PartitionRule::Xid,
        Some("random") => PartitionRule::Random,
        Some("any key belongs to target partition") => PartitionRule::AnyKey,
        Some("associated key with sequence") => PartitionRule::Sequence,
        Some(other) => panic!("a partition rule without a counterpart: {other}"),
    }
}

/// What the definitions send to any member, though members want it at a partition and released
/// clients send it there.
const ROUTED: [(&str, PartitionRule); 5] = [
    ("Cache.put_all", PartitionRule::AnyKey),
    ("Cache.set_expiry_policy", PartitionRule::AnyKey),
    ("MultiMap.value_count", PartitionRule::Key),
    ("ReplicatedMap.fetch_entry_views", PartitionRule::PartitionId),
    ("ReplicatedMap.end_entry_view_iteration", PartitionRule::PartitionId),
];

fn compare_method(service: u8, method: &Method, definition: &Yaml) {
    let name = method.name;
    let id = u32::from_be_bytes([0, service, definition["id"].as_i64().unwrap() as u8, 0]);
    let request = &definition["request"];
    assert_eq!(method.id, id, "{name}");
    assert_eq!(method.since, version(&definition["since"]), "{name}");
    assert_eq!(Some(method.retryable), request["retryable"].as_bool(), "{name}");
    let defined = partition_rule(&request["partitionIdentifier"]);
    match ROUTED.iter().find(|(routed, _)| *routed == name) {
        None => assert_eq!(method.partition, defined, "{name}"),
        Some((_, rule)) => {
            assert_eq!((method.partition, defined), (*rule, PartitionRule::None), "{name}");
        }
    }

    let schema = |id: u32| {
        let found = message::schemas().find(|schema| schema.ids.contains(&id));
        found.unwrap_or_else(|| panic!("{name}: no schema of {id:#08x}"))
    };
    for (kind, side) in [(Kind::Request, "request"), (Kind::Response, "response")] {
        let schema = schema(id + u32::from(kind == Kind::Response));
        assert_eq!((schema.kind, schema.since), (kind, method.since), "{name}");
        compare(&format!("{name}, {side}"), &definition[side]["params"], schema.fields);
    }
    let events = definition["events"].as_vec().map(Vec::as_slice).unwrap_or_default();
    assert_eq!(method.events.len(), events.len(), "{name}: events");
    for (number, definition) in events.iter().enumerate() {
        let event = method.events.iter().find(|event| event.id == id + 2 + number as u32).unwrap();
        let schema = schema(event.id);
        let title = definition["name"].as_str().unwrap();
        let title = snake(title.strip_suffix("Event").unwrap_or(title));
        assert_eq!(event.name, title, "{name}");
        assert_eq!(schema.kind, Kind::Event, "{name}");
        assert_eq!(event.since, version(&definition["since"]), "{name}");
        assert_eq!(schema.since, event.since, "{name}");
        compare(&format!("{name}, event {title}"), &definition["params"], schema.fields);
    }
}

#[test]
fn services() {
    let Some(directory) = definitions() else { return };
    let (mut methods, mut events) = (0, 0);
    let mut files = BTreeSet::new();
    for entry in directory.read_dir().unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        files.extend(name.strip_suffix(".yaml").map(str::to_owned));
    }
    for service in SERVICES {
        assert!(files.remove(service.name), "{} is no service", service.name);
        let definition = load(directory.join(format!("{}.yaml", service.name)));
        assert_eq!(definition["id"].as_i64(), Some(i64::from(service.id)), "{}", service.name);
        let mut defined: BTreeMap<_, _> = definition["methods"]
            .as_vec()
            .unwrap()
            .iter()
            .map(|method| (snake(method["name"].as_str().unwrap()), method))
            .collect();
        for method in service.methods {
            let (_, name) = method.name.split_once('.').unwrap();
            let definition = defined.remove(name).unwrap_or_else(|| panic!("no method {name}"));
            compare_method(service.id, method, definition);
            assert_eq!(message::method(method.id), Some(method));
            methods += 1;
            events += method.events.len();
        }
        assert!(defined.is_empty(), "{}: {:?} are missing", service.name, defined.keys());
    }
    assert!(files.is_empty(), "{files:?} are missing");
    println!("{methods} methods and {events} events of {} services are as defined", SERVICES.len());
    assert_eq!((SERVICES.len(), methods, events), (39, 474, 37));
}

/// Custom types inside of a shape, however deep.
fn collect(shape: &Shape, found: &mut BTreeMap<&'static str, &'static CustomSchema>) {
    match shape {
        Shape::List(inner) | Shape::Nullable(inner) => collect(inner, found),
        Shape::Pair(key, value) => {
            collect(key, found);
            collect(value, found);
        }
        Shape::Custom(schema) if found.insert(schema.name, schema).is_none() => {
            schema.fields.iter().for_each(|field| collect(&field.shape, found));
        }
        _ => {}
    }
}

#[test]
fn custom_types() {
    let Some(directory) = definitions() else { return };
    let definitions = load(directory.join("custom/Custom.yaml"));
    let definitions = definitions["customTypes"].as_vec().unwrap();
    let mut found = BTreeMap::new();
    for schema in message::schemas() {
        schema.fields.iter().for_each(|field| collect(&field.shape, &mut found));
    }
    // JSON in a page of rows, which has no fields of its own.
    collect(&HazelcastJsonValue::SHAPE, &mut found);
    for (name, schema) in &found {
        let definition = definitions.iter().find(|it| it["name"].as_str() == Some(name));
        let definition = definition.unwrap_or_else(|| panic!("no custom type {name}"));
        assert_eq!(schema.since, version(&definition["since"]), "{name}");
        compare(name, &definition["params"], schema.fields);
    }
    println!("{} of {} custom types are as defined", found.len(), definitions.len());
    assert_eq!((found.len(), definitions.len()), (75, 75));
}

/// The tables agree with each other, and find what they have.
#[test]
fn tables() {
    let mut ids = BTreeMap::new();
    for printer in message::printers() {
        assert!(ids.insert(printer.id, printer.name).is_none(), "{:#08x} twice", printer.id);
    }
    for schema in message::schemas() {
        for id in schema.ids {
            assert_eq!(
                message::printer(*id).map(|it| (it.name, it.kind)),
                Some((schema.name, schema.kind))
            );
        }
    }
    for service in SERVICES {
        assert!(service.methods.is_sorted_by_key(|method| method.id), "{}", service.name);
    }
    assert!(SERVICES.is_sorted_by_key(|service| service.id));
    for unknown in [0, 1, 0x0001_fe00, 0x0001_0101, 0x00ff_0100, 0x0100_0100, u32::MAX] {
        assert_eq!(message::method(unknown), None, "{unknown:#x}");
    }
}
