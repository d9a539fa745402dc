//! Every message of Kafka's at every version, against Apache Kafka's own classes: what we write, they read and
//! write again as the same bytes.
//!
//! 4.4.0's classes are asked for all, and 3.9.1's as well: it alone knows the versions that 4.0 dropped, and where
//! both know one they must agree with us both.

use crate::{AMPLE, hex};

use std::collections::BTreeSet;
use std::fmt::Write as _;

use arbitrary::Unstructured;
use gridwire_conformance::live::{KafkaClasses, ask_kafka, needed};
use gridwire_core::kafka::message::consumer_protocol::{
    ConsumerProtocolAssignment, ConsumerProtocolSubscription,
};
use gridwire_core::kafka::message::control_record::{
    ControlRecordTypeSchema, EndTxnMarker, KRaftVersionRecord, LeaderChangeMessage,
    SnapshotFooterRecord, SnapshotHeaderRecord, VotersRecord,
};
use gridwire_core::kafka::message::default_principal_data::DefaultPrincipalData;
use gridwire_core::kafka::message::{PRINTERS, RequestHeader, ResponseHeader};
use gridwire_core::kafka::wire::{Message, Writer};
use gridwire_core::rng::Rng;

/// So many values of each message at each version. The first of them is the least that there is.
const DRAWS: usize = 16;

/// Where a release differs from the other at the same version, and we follow the newer.
///
/// 3.9 had share groups as a preview only; `LeaderEpoch` came into version 0 of this answer afterwards.
const CHANGED: [(&str, i16, &str); 1] = [("ReadShareGroupStateSummary response", 0, "3.9.1")];

/// A value as we wrote it.
struct Case {
    /// The message for the Java program, and for people.
    what: String,
    name: String,
    version: i16,
    bytes: String,
}

/// Unstructured bytes, from none to as many as an elaborate value needs.
fn noise(rng: &mut Rng, draw: usize) -> Vec<u8> {
    (0..6 * draw).flat_map(|_| rng.seed()).collect()
}

/// Values of a message that is no API's, under the name that its class has in Java.
fn embedded<M: Message>(class: &str, rng: &mut Rng, cases: &mut Vec<Case>) {
    for version in M::VERSIONS.min..=M::VERSIONS.max {
        for draw in 0..DRAWS {
            let noise = noise(rng, draw);
            let flexible = M::FLEXIBLE.contains(version);
            let message = M::arbitrary(&mut Unstructured::new(&noise), version, flexible);
            let mut out = Writer::new();
            message.expect("a value").encode(version, &mut out).expect("legal at this version");
            let bytes: Vec<u8> = out.finish().into_iter().flatten().collect();
            let (what, name) = (class.to_owned(), class.to_owned());
            cases.push(Case { what, name, version, bytes: hex(&bytes) });
        }
    }
}

fn cases() -> Vec<Case> {
    let mut rng = Rng::new([41; 32]);
    let mut cases = Vec::new();
    for printer in PRINTERS {
        let api = &printer.api;
        for (kind, draws) in ["request", "response"].into_iter().zip(printer.draws) {
            for version in api.versions.min..=api.versions.max {
                for draw in 0..DRAWS {
                    let noise = noise(&mut rng, draw);
                    let drawn = draws(version, version, &mut Unstructured::new(&noise));
                    let bytes = drawn.expect("a value").encoded.expect("legal at this version");
                    let (what, name) =
                        (format!("{kind}:{}", api.key), format!("{} {kind}", api.name));
                    cases.push(Case { what, name, version, bytes: hex(&bytes) });
                }
            }
        }
    }
    let (rng, to) = (&mut rng, &mut cases);
    embedded::<RequestHeader>("RequestHeaderData", rng, to);
    embedded::<ResponseHeader>("ResponseHeaderData", rng, to);
    embedded::<ConsumerProtocolSubscription>("ConsumerProtocolSubscription", rng, to);
    embedded::<ConsumerProtocolAssignment>("ConsumerProtocolAssignment", rng, to);
    embedded::<DefaultPrincipalData>("DefaultPrincipalData", rng, to);
    embedded::<ControlRecordTypeSchema>("ControlRecordTypeSchema", rng, to);
    embedded::<EndTxnMarker>("EndTxnMarker", rng, to);
    embedded::<LeaderChangeMessage>("LeaderChangeMessage", rng, to);
    embedded::<SnapshotHeaderRecord>("SnapshotHeaderRecord", rng, to);
    embedded::<SnapshotFooterRecord>("SnapshotFooterRecord", rng, to);
    embedded::<KRaftVersionRecord>("KRaftVersionRecord", rng, to);
    embedded::<VotersRecord>("VotersRecord", rng, to);
    cases
}

#[test]
fn java_reads_and_writes_the_same_bytes() {
    let cases = cases();
    let mut input = String::new();
    for case in &cases {
        let _ = writeln!(input, "{} {} {}", case.what, case.version, case.bytes);
    }
    let ask = |classes| needed(ask_kafka(classes, "KafkaMessages.java", &input, 5 * AMPLE));
    let Some(newer) = ask(KafkaClasses::V4) else { return };
    let Some(older) = ask(KafkaClasses::V3) else { return };
    assert_eq!((newer.len(), older.len()), (cases.len(), cases.len()));

    let (mut wrong, mut changed) = (Vec::new(), BTreeSet::new());
    let mut compared = [0usize; 2];
    for (case, answers) in cases.iter().zip(newer.iter().zip(&older)) {
        let Case { name, version, bytes, .. } = case;
        let answers = [("4.4.0", answers.0), ("3.9.1", answers.1)];
        if answers.iter().all(|(_, answer)| *answer == "unknown") {
            wrong.push(format!("{name} {version}: unknown to both"));
        }
        for (count, (release, answer)) in compared.iter_mut().zip(answers) {
            if answer == "unknown" {
                continue;
            }
            *count += 1;
            let which = (&**name, *version, release);
            if answer == bytes {
                continue;
            }
            if CHANGED.contains(&which) {
                changed.insert(which);
            } else {
                wrong.push(format!("{name} {version} by {release}:\n   {bytes}\n   {answer}"));
            }
        }
    }
    let [newer, older] = compared;
    println!("{} messages, compared with 4.4.0: {newer}, with 3.9.1: {older}", cases.len());
    let shown = wrong.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} differ:\n{shown}", wrong.len());
    assert!(newer > 10_000 && older > 10_000);
    assert_eq!(changed, BTreeSet::from(CHANGED));
}
