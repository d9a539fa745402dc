use alloc::borrow::ToOwned;

use super::*;
use crate::kafka::message::consumer_protocol::{
    ConsumerProtocolAssignment, ConsumerProtocolSubscription, TopicPartition,
};
use crate::kafka::message::control_record::{
    ControlRecordTypeSchema, EndTxnMarker, Endpoint, KRaftVersionFeature, KRaftVersionRecord,
    LeaderChangeMessage, SnapshotFooterRecord, SnapshotHeaderRecord, Voter, VoterState,
    VotersRecord,
};
use crate::kafka::message::default_principal_data::DefaultPrincipalData;
use crate::kafka::wire::Uuid;

fn bytes(hex: &str) -> Bytes {
    let digits = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(digits).collect()
}

/// What kafka-clients 4.4.0 wrote is read as it was meant, and written again.
fn same<M: Embedded>(version: i16, hex: &str, expected: &M) {
    let bytes = bytes(hex);
    assert_eq!(M::from_bytes(&bytes).as_ref(), Ok(&(expected.clone(), version)));
    assert_eq!(expected.to_bytes(version).as_ref(), Ok(&bytes));
    for len in 0..bytes.len() {
        assert!(M::from_bytes(&bytes.slice(..len)).is_err(), "{len} bytes of {expected:?}");
    }
}

fn orders() -> Vec<TopicPartition> {
    Vec::from([TopicPartition { topic: "orders".into(), partitions: [0, 2].into_iter().collect() }])
}

#[test]
fn subscriptions_are_as_java_writes_them() {
    let mut subscription = ConsumerProtocolSubscription {
        topics: Vec::from(["orders".into(), "ünter".into()]),
        user_data: Some(Bytes::from_static(&[7, 8])),
        ..Default::default()
    };
    let v0 = "0000000200066f72646572730006c3bc6e746572000000020708";
    same(0, &("0000".to_owned() + v0), &subscription);
    subscription.owned_partitions = orders();
    let v1 = v0.to_owned() + "0000000100066f7264657273000000020000000000000002";
    same(1, &("0001".to_owned() + &v1), &subscription);
    subscription.generation_id = 5;
    let v2 = v1 + "00000005";
    same(2, &("0002".to_owned() + &v2), &subscription);
    subscription.rack_id = Some("r1".into());
    let v3 = v2 + "00027231";
    same(3, &("0003".to_owned() + &v3), &subscription);

    // From a client of the future, with a field that is not known yet.
    let newer = bytes(&("0009".to_owned() + &v3 + "ff"));
    assert_eq!(ConsumerProtocolSubscription::from_bytes(&newer), Ok((subscription, 3)));
    assert!(ConsumerProtocolSubscription::from_bytes(&bytes(&("ffff".to_owned() + &v3))).is_err());
}

#[test]
fn assignments_are_as_java_writes_them() {
    let assignment = ConsumerProtocolAssignment { assigned_partitions: orders(), user_data: None };
    let fields = "0000000100066f7264657273000000020000000000000002ffffffff";
    for version in 0..=3 {
        same(version, &alloc::format!("{version:04x}{fields}"), &assignment);
    }
}

#[test]
fn principals_are_as_java_writes_them() {
    let principal = DefaultPrincipalData {
        r#type: "User".into(),
        name: "alice".into(),
        token_authenticated: true,
        unknown_tags: None,
    };
    same(0, "0000055573657206616c6963650100", &principal);
    assert!(DefaultPrincipalData::from_bytes(&bytes("0001055573657206616c6963650100")).is_err());
}

#[test]
fn control_records_are_as_java_writes_them() {
    let id = Uuid([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2]);
    same(0, "00000006", &ControlRecordTypeSchema { r#type: 6 });
    same(0, "00000000000b", &EndTxnMarker { coordinator_epoch: 11 });

    let voter =
        |voter_id, voter_directory_id| Voter { voter_id, voter_directory_id, unknown_tags: None };
    let leader = |version, id| LeaderChangeMessage {
        version,
        leader_id: 3,
        voters: Vec::from([voter(3, id), voter(4, id)]),
        granting_voters: Vec::from([voter(3, id)]),
        unknown_tags: None,
    };
    let hex = "000000000003030000000300000000040002000000030000";
    same(0, hex, &leader(0, Uuid::default()));
    let hex = "00010000000303000000030000000000000001000000000000000200000000040000000000000001000000\
               0000000002000200000003000000000000000100000000000000020000";
    same(1, hex, &leader(1, id));
    assert!(LeaderChangeMessage::from_bytes(&bytes(&hex.replacen("0001", "0002", 1))).is_err());
    // The field follows the version that is written.
    assert_eq!(leader(0, id).to_bytes(1), Ok(bytes(hex)));

    let header = SnapshotHeaderRecord {
        last_contained_log_timestamp: 1_700_000_000_000,
        ..Default::default()
    };
    same(0, "00000000018bcfe5680000", &header);
    same(0, "000000", &SnapshotFooterRecord::default());
    same(0, "0000000100", &KRaftVersionRecord { k_raft_version: 1, ..Default::default() });

    let endpoint =
        Endpoint { name: "CONTROLLER".into(), host: "h".into(), port: 59093, unknown_tags: None };
    let voter = VoterState {
        voter_id: 3,
        voter_directory_id: id,
        endpoints: Vec::from([endpoint]),
        k_raft_version_feature: KRaftVersionFeature {
            max_supported_version: 1,
            ..Default::default()
        },
        unknown_tags: None,
    };
    let voters = VotersRecord { voters: Vec::from([voter]), ..Default::default() };
    let hex = "0000020000000300000000000000010000000000000002020b434f4e54524f4c4c45520268e6d50000\
               000001000000";
    same(0, hex, &voters);
}
