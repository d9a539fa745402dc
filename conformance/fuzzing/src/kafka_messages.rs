//! Kafka's messages: requests and responses by key and version, those that stand inside others, and values
//! drawn for each.
//!
//! What must hold: decoding never panics; what was decoded, encoded and decoded again is the same; and the
//! encoding is the only one of its length, so that canonical bytes come out as they went in.

use arbitrary::Unstructured;
use bytes::Bytes;
use gridwire_core::kafka::message::consumer_protocol::{
    ConsumerProtocolAssignment, ConsumerProtocolSubscription,
};
use gridwire_core::kafka::message::control_record::{
    ControlRecordTypeSchema, EndTxnMarker, KRaftVersionRecord, LeaderChangeMessage,
    SnapshotFooterRecord, SnapshotHeaderRecord, VotersRecord,
};
use gridwire_core::kafka::message::default_principal_data::DefaultPrincipalData;
use gridwire_core::kafka::message::{Embedded, PRINTERS, printer};

/// A request: one byte each for the key and the version, then the body.
pub fn requests(data: &[u8]) {
    by_key(data, false);
}

/// A response: one byte each for the key and the version of the request, then the body.
pub fn responses(data: &[u8]) {
    by_key(data, true);
}

fn by_key(data: &[u8], response: bool) {
    let &[key, version, ref body @ ..] = data else { return };
    let Some(printer) = printer(key.into()) else { return };
    let print = if response { printer.response } else { printer.request };
    let (body, version) = (Bytes::copy_from_slice(body), version.into());
    let Ok(first) = print(version, &body) else { return };
    let encoded = first.encoded.expect("what was read at a version can be written at it");
    let second = print(version, &encoded).expect("what we wrote can be read");
    assert_eq!(second.text, first.text);
    assert_eq!(second.encoded.as_ref(), Ok(&encoded), "{}", second.text);
    assert!(second.trailing.is_empty());
    canonical(&body[..body.len() - first.trailing.len()], &encoded);
}

/// A message that says its own version: which one by the first byte.
pub fn embedded(data: &[u8]) {
    let Some((which, body)) = data.split_first() else { return };
    let body = Bytes::copy_from_slice(body);
    match which % 10 {
        0 => embedded_of::<ConsumerProtocolSubscription>(&body),
        1 => embedded_of::<ConsumerProtocolAssignment>(&body),
        2 => embedded_of::<DefaultPrincipalData>(&body),
        3 => embedded_of::<ControlRecordTypeSchema>(&body),
        4 => embedded_of::<EndTxnMarker>(&body),
        5 => embedded_of::<LeaderChangeMessage>(&body),
        6 => embedded_of::<SnapshotHeaderRecord>(&body),
        7 => embedded_of::<SnapshotFooterRecord>(&body),
        8 => embedded_of::<KRaftVersionRecord>(&body),
        _ => embedded_of::<VotersRecord>(&body),
    }
}

fn embedded_of<M: Embedded>(body: &Bytes) {
    let Ok((first, version)) = M::from_bytes(body) else { return };
    let encoded = first.to_bytes(version).expect("what was read at a version can be written at it");
    assert_eq!(M::from_bytes(&encoded), Ok((first, version)));
    // A version that is not known yet was read, and written, as the newest.
    if body.starts_with(&version.to_be_bytes()) && body.len() == encoded.len() {
        canonical(body, &encoded);
    }
}

/// Compares what was read with how it was written again: shorter, if numbers were longer than they need be
/// or defaults were spelled out; else the same, but for booleans and the marks of structs and null: true is
/// any byte but 0, a struct any but the negative ones, which all are null.
fn canonical(read: &[u8], written: &[u8]) {
    assert!(written.len() <= read.len(), "{read:?} became {written:?}");
    if written.len() == read.len() {
        let same = |(read, written): (&u8, &u8)| match written {
            0x01 => true,
            0xff => *read >= 0x80,
            _ => read == written,
        };
        assert!(read.iter().zip(written).all(same), "{read:?} became {written:?}");
    }
}

/// Values of every message at every version.
pub fn values(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let Ok(printer) = input.choose(PRINTERS) else { return };
    let versions = printer.api.versions;
    let version = input.int_in_range(versions.min..=versions.max).unwrap_or(versions.min);
    let Ok(round_trip) = input.choose(&printer.round_trips) else { return };
    if let Ok(Err(difference)) = round_trip(version, &mut input) {
        panic!("{} {version}: {difference}", printer.api.name);
    }
}
