//! The official compatibility files: every message of a version once, with known values, then with
//! null wherever a message's own fields allow it. Each declared message decodes to those values, and
//! encodes to the same bytes.
#![cfg(feature = "hazelcast")]

#[path = "hazelcast/reference.rs"]
mod reference;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use bytes::{Bytes, BytesMut};
use gridwire_core::Str;
use gridwire_core::hazelcast::frame::{Limits, Scanned, Scanner};
use gridwire_core::hazelcast::message::custom::*;
use gridwire_core::hazelcast::message::sql_page::SqlColumnType;
use gridwire_core::hazelcast::message::{self, client, map, sql};
use gridwire_core::hazelcast::{Data, Message, Payload, Uuid, Version};

/// The files' versions, oldest first.
const FILES: [(&str, Version); 10] = [
    ("2.0", Version::new(2, 0, 0)),
    ("2.0.1", Version::new(2, 0, 1)),
    ("2.1", Version::new(2, 1, 0)),
    ("2.2", Version::new(2, 2, 0)),
    ("2.4", Version::new(2, 4, 0)),
    ("2.5", Version::new(2, 5, 0)),
    ("2.7", Version::new(2, 7, 0)),
    ("2.8", Version::new(2, 8, 0)),
    ("2.9", Version::new(2, 9, 0)),
    ("2.10", Version::new(2, 10, 0)),
];

fn files() -> Vec<(Version, bool, Vec<Message>)> {
    let Some(directory) = std::env::var_os("GRIDWIRE_DEFINITIONS").map(PathBuf::from) else {
        println!("not checked against official bytes: GRIDWIRE_DEFINITIONS is not set");
        return vec![];
    };
    let mut files = vec![];
    for (name, version) in FILES {
        for null in [false, true] {
            let infix = if null { ".null" } else { "" };
            let file = format!("hazelcast/vectors/{name}.protocol.compatibility{infix}.binary");
            files.push((version, null, messages(&std::fs::read(directory.join(file)).unwrap())));
        }
    }
    files
}

fn messages(file: &[u8]) -> Vec<Message> {
    let mut scanner = Scanner::new(Limits::default());
    let mut data = BytesMut::from(file);
    let mut messages = vec![];
    while let Some(next) = scanner.next(&mut data).unwrap() {
        let Scanned::Message(message) = next else { panic!("a fragment") };
        messages.push(message);
    }
    assert!(data.is_empty(), "bytes are left that are no message");
    messages
}

#[test]
fn every_message_has_its_reference_values_and_is_written_as_it_was_read() {
    for (version, null, messages) in &files() {
        let mut met = BTreeSet::new();
        for bytes in messages {
            let id = bytes.message_type();
            let printer = message::printer(id).unwrap_or_else(|| panic!("{id:06x} is missing"));
            let printed = printer.print(bytes).unwrap();
            let name = format!("{} ({id:06x}) at {version}, null: {null}", printer.name);
            assert!(printed.version <= *version, "{name}: {}", printed.version);
            assert_eq!(
                format!("{:?}", printed.body),
                reference::message(printer, *version, *null),
                "{name}"
            );
            assert_eq!(printed.encoded.into_bytes(), bytes.bytes(), "{name}");
            assert!(met.insert(id), "{name} twice");
        }
        // Nothing that is declared for this version is missing from the file.
        for schema in message::schemas().filter(|schema| schema.since <= *version) {
            for id in schema.ids.iter().filter(|id| **id != 0) {
                assert!(met.contains(id), "{version}: no {} ({id:06x})", schema.name);
            }
        }
        println!("{version}, null: {null}: {} messages", met.len());
    }
}

/// An older peer finds in a newer file what is in its own file; and what is read from a newer file is
/// written for an older peer as its own file has it.
#[test]
fn older_readers_and_writers_have_the_older_files() {
    let files = files();
    let mut compared = 0;
    for (old, null, older) in &files {
        for (_, _, newer) in files.iter().filter(|(new, other, _)| new > old && null == other) {
            let newer: BTreeMap<_, _> = newer.iter().map(|it| (it.message_type(), it)).collect();
            for own in older {
                let id = own.message_type();
                let printer = message::printer(id).unwrap();
                let newer = newer[&id];
                let as_old = printer.print_as(newer, *old).unwrap();
                assert_eq!(as_old.encoded.into_bytes(), own.bytes(), "{} as {old}", printer.name);
                let whole = printer.print(newer).unwrap().body;
                let written = printer.encode(own, &*whole, *old);
                assert_eq!(written.into_bytes(), own.bytes(), "{} at {old}", printer.name);
                compared += 1;
            }
        }
    }
    println!("{compared} messages read and written as older peers do");
    assert!(files.is_empty() || compared > 70_000);
}

/// What a version after the newest one might add: bytes after the last fixed-size field and frames
/// after the last field, a whole structure among them.
#[test]
fn what_is_newer_than_the_newest_is_skipped() {
    const ADDED: &[u8] = b"\x09\0\0\0\0\0new\x06\0\0\0\0\x10\x06\0\0\0\0\x04\x06\0\0\0\0\x28";
    for (_, _, messages) in files().iter().rev().take(2) {
        for own in messages {
            let printer = message::printer(own.message_type()).unwrap();
            let mut bytes = own.bytes().to_vec();
            let length = u32::from_le_bytes(bytes[..4].try_into().unwrap()) as usize;
            // The last frame says so; now it is another one.
            let last = printer.print(own).unwrap();
            let mut at = 0;
            while bytes[at + 5] & 0x20 == 0 {
                at += u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
            }
            bytes[at + 5] &= !0x20;
            bytes.extend_from_slice(ADDED);
            bytes.splice(length..length, *b"more");
            bytes[..4].copy_from_slice(&(length as u32 + 4).to_le_bytes());
            let printed = printer.print(&Message::new(bytes.into()).unwrap()).unwrap();
            assert_eq!(format!("{:?}", printed.body), format!("{:?}", last.body));
            assert_eq!(printed.encoded.into_bytes(), own.bytes(), "{}", printer.name);
        }
    }
}

fn text() -> Str {
    Str::from("localhost")
}

fn data() -> Data {
    Data::new(Bytes::from_static(b"111313123131313131"))
}

const INT: i32 = 25;
const LONG: i64 = -50_992_225;
const UUID: Uuid = Uuid::new(123_456_789, 987_654_321);

/// Decodes the message of this type in every file that has it, and compares.
fn check<M: Payload>(expected: impl Fn(Version, bool) -> M) {
    for (version, null, messages) in files() {
        if version < M::SINCE {
            continue;
        }
        let bytes = messages.iter().find(|message| message.message_type() == M::ID).unwrap();
        let (decoded, found) = M::decode(bytes).unwrap();
        assert_eq!(decoded, expected(version, null), "{} at {version}, null: {null}", M::NAME);
        assert!(found <= version, "{} at {version}: {found}", M::NAME);
    }
}

fn or_null<T>(null: bool, value: T) -> Option<T> {
    (!null).then_some(value)
}

fn since<T: Default>(version: Version, since: (u8, u8, u8), value: T, default: T) -> T {
    if version >= Version::new(since.0, since.1, since.2) { value } else { default }
}

fn address() -> Address {
    Address { host: text(), port: INT }
}

fn member(version: Version) -> MemberInfo {
    let qualifier = EndpointQualifier { kind: 2, identifier: Some(text()) };
    MemberInfo {
        address: address(),
        uuid: UUID,
        attributes: vec![(text(), text())],
        lite_member: true,
        version: MemberVersion { major: 113, minor: 113, patch: 113 },
        address_map: since(version, (2, 0, 1), vec![(qualifier, address())], vec![]),
    }
}

#[test]
fn authentication() {
    check(|version, null| client::Authentication {
        cluster_name: text(),
        username: or_null(null, text()),
        password: or_null(null, text()),
        uuid: or_null(null, UUID),
        client_type: text(),
        serialization_version: 113,
        client_hazelcast_version: text(),
        client_name: text(),
        labels: vec![text()],
        routing_mode: since(version, (2, 8, 0), 113, 0),
        cp_direct_to_leader_routing: since(version, (2, 8, 0), true, false),
    });
    check(|version, null| client::AuthenticationResponse {
        status: 113,
        address: or_null(null, address()),
        member_uuid: or_null(null, UUID),
        serialization_version: 113,
        server_hazelcast_version: text(),
        partition_count: INT,
        cluster_id: Some(UUID),
        failover_supported: true,
        tpc_ports: since(version, (2, 7, 0), or_null(null, vec![INT]), None),
        tpc_token: since(
            version,
            (2, 7, 0),
            or_null(null, Bytes::from_static(&[113]).into()),
            None,
        ),
        member_list_version: since(version, (2, 7, 0), INT, -1),
        member_infos: since(version, (2, 7, 0), vec![member(version)], vec![]),
        partition_list_version: since(version, (2, 7, 0), INT, -1),
        partitions: since(version, (2, 7, 0), vec![(UUID, vec![INT])], vec![]),
        key_value_pairs: since(version, (2, 8, 0), vec![(text(), text())], vec![]),
    });
}

#[test]
fn cluster_views() {
    check(|version, _| client::MembersViewEvent {
        version: INT,
        member_infos: vec![member(version)],
    });
    check(|_, _| client::PartitionsViewEvent { version: INT, partitions: vec![(UUID, vec![INT])] });
    check(|_, _| client::MemberGroupsViewEvent { version: INT, member_groups: vec![vec![UUID]] });
    check(|_, _| client::ClusterVersionEvent {
        version: ClusterVersion { major: 113, minor: 113 },
    });
    check(|_, _| client::BackupEvent { source_invocation_correlation_id: LONG });
}

#[test]
fn proxies_and_schemas() {
    check(|_, _| client::CreateProxies { proxies: vec![(text(), text())] });
    check(|_, _| client::GetDistributedObjectsResponse {
        response: vec![DistributedObjectInfo { service_name: text(), name: text() }],
    });
    check(|_, _| client::Statistics {
        timestamp: LONG,
        client_attributes: text(),
        metrics_blob: Bytes::from_static(&[113]).into(),
    });
    let schema = || Schema {
        type_name: text(),
        fields: vec![FieldDescriptor { field_name: text(), kind: INT }],
    };
    check(|_, _| client::SendSchema { schema: schema() });
    check(|_, _| client::SendSchemaResponse { replicated_members: vec![UUID] });
    check(|_, null| client::FetchSchemaResponse { schema: or_null(null, schema()) });
}

#[test]
fn map() {
    check(|_, _| map::Put { name: text(), key: data(), value: data(), thread_id: LONG, ttl: LONG });
    check(|_, null| map::PutResponse { response: or_null(null, data()) });
    check(|version, _| map::DeleteResponse { response: since(version, (2, 7, 0), true, false) });
    check(|_, null| map::EntryEvent {
        key: or_null(null, data()),
        value: or_null(null, data()),
        old_value: or_null(null, data()),
        merging_value: or_null(null, data()),
        event_type: INT,
        uuid: Some(UUID),
        number_of_affected_entries: INT,
    });
    check(|_, _| map::PutAll {
        name: text(),
        entries: vec![(data(), data())],
        trigger_map_loader: true,
    });
    check(|_, null| map::EventJournalReadResponse {
        read_count: INT,
        items: vec![data()],
        item_seqs: or_null(null, vec![LONG]),
        next_seq: LONG,
    });
}

#[test]
fn sql() {
    check(|version, null| sql::Execute {
        sql: text(),
        parameters: vec![Some(data())],
        timeout_millis: LONG,
        cursor_buffer_size: INT,
        schema: or_null(null, text()),
        expected_result_type: 113,
        query_id: SqlQueryId {
            member_id_high: LONG,
            member_id_low: LONG,
            local_id_high: LONG,
            local_id_low: LONG,
        },
        skip_update_statistics: since(version, (2, 3, 0), true, false),
    });
    for (version, null, messages) in files() {
        let Some(bytes) = messages.iter().find(|m| m.message_type() == sql::ExecuteResponse::ID)
        else {
            continue;
        };
        let (decoded, _) = sql::ExecuteResponse::decode(bytes).unwrap();
        assert_eq!(decoded.update_count, LONG);
        let column = SqlColumnMetadata { name: text(), kind: 1, nullable: true };
        assert_eq!(decoded.row_metadata, or_null(null, vec![column]));
        let error = SqlError {
            code: INT,
            message: Some(text()),
            originating_member_id: UUID,
            suggestion: since(version, (2, 3, 0), Some(text()), None),
            cause_stack_trace: since(version, (2, 7, 0), Some(text()), None),
        };
        assert_eq!(decoded.error, or_null(null, error));
        assert_eq!(decoded.row_page.is_none(), null);
        let Some(page) = decoded.row_page else { continue };
        assert!(page.last);
        assert_eq!(page.columns.len(), 1);
        assert_eq!(page.columns[0].kind(), SqlColumnType::INTEGER);
        let values: Vec<_> = page.columns[0].values().map(|value| value.unwrap()[0]).collect();
        assert_eq!(values, [1, 2, 3, 4]);
    }
}
