//! Bytes that no honest peer sends: each is refused with a clear error, and nothing panics or takes
//! memory for what was only promised.
#![cfg(feature = "hazelcast")]

use bytes::{BufMut, Bytes, BytesMut};
use gridwire_core::Fault;
use gridwire_core::hazelcast::frame::{FRAME_HEADER, Limits, Scanned, Scanner, flags};
use gridwire_core::hazelcast::message::custom::{Address, MemberInfo};
use gridwire_core::hazelcast::message::{self, client, map, sql};
use gridwire_core::hazelcast::reader::MAX_NESTING;
use gridwire_core::hazelcast::{Data, FrameWriter, Message, Payload, Uuid, Version};

fn scan(bytes: &[u8]) -> Result<Option<Scanned>, Fault> {
    let mut data = BytesMut::from(bytes);
    Scanner::new(Limits::default()).next(&mut data).map_err(|error| error.fault)
}

fn frame(to: &mut BytesMut, flags: u16, payload: &[u8]) {
    to.put_i32_le((FRAME_HEADER + payload.len()) as i32);
    to.put_u16_le(flags);
    to.put_slice(payload);
}

/// A message of this type with these frames after an initial frame with these fields.
fn build(message_type: u32, fixed: &[u8], frames: &[(u16, &[u8])]) -> Message {
    let mut bytes = BytesMut::new();
    let header = if message_type & 0xff == 1 { 13 } else { 16 };
    let mut initial = message_type.to_le_bytes().to_vec();
    initial.resize(header, 0);
    initial.extend_from_slice(fixed);
    let last = |at: usize| if at == frames.len() { flags::IS_FINAL } else { 0 };
    frame(&mut bytes, flags::UNFRAGMENTED | last(0), &initial);
    for (at, (flags, payload)) in frames.iter().enumerate() {
        frame(&mut bytes, flags | last(at + 1), payload);
    }
    Message::new(bytes.freeze()).unwrap()
}

fn fault<M: Payload>(message: &Message) -> Fault {
    M::decode(message).unwrap_err().fault
}

const BEGIN: (u16, &[u8]) = (flags::BEGIN_DATA_STRUCTURE, &[]);
const END: (u16, &[u8]) = (flags::END_DATA_STRUCTURE, &[]);
const NULL: (u16, &[u8]) = (flags::IS_NULL, &[]);

#[test]
fn lengths_of_frames() {
    for length in [0, 5, -1, i32::MIN] {
        let mut bytes = length.to_le_bytes().to_vec();
        bytes.extend([0; 20]);
        assert_eq!(scan(&bytes).unwrap_err(), Fault::Length(i64::from(length)));
        let error = Message::new(bytes.into()).unwrap_err();
        assert_eq!(error.fault, Fault::Length(i64::from(length)));
    }
    let mut bytes = i32::MAX.to_le_bytes().to_vec();
    bytes.extend([0; 20]);
    let limit = Limits::default().message as u64;
    assert_eq!(scan(&bytes).unwrap_err(), Fault::Limit { size: i32::MAX as u64, limit });
}

#[test]
fn a_promise_reserves_no_more_than_a_mebibyte_at_once() {
    let mut data = BytesMut::from(&[0, 0, 0, 7, 0, 0xc0, 1, 2][..]);
    let mut scanner = Scanner::new(Limits::default());
    assert!(scanner.next(&mut data).unwrap().is_none());
    assert!((1 << 20..3 << 20).contains(&data.capacity()), "{}", data.capacity());
    // What is known to be missing, exactly, if it is less.
    let mut data = BytesMut::from(&[0, 8, 0, 0, 0, 0xc0, 1, 2][..]);
    let mut scanner = Scanner::new(Limits::default());
    assert!(scanner.next(&mut data).unwrap().is_none());
    assert!((2048..2100).contains(&data.capacity()), "{}", data.capacity());
}

#[test]
fn a_message_may_not_exceed_its_limit_in_many_frames_either() {
    let limits = Limits::BEFORE_AUTHENTICATION;
    let mut scanner = Scanner::new(limits);
    let mut data = BytesMut::new();
    frame(&mut data, flags::UNFRAGMENTED, &[0; 16]);
    let refused = loop {
        frame(&mut data, 0, &[]);
        match scanner.next(&mut data) {
            Ok(next) => assert!(next.is_none() && data.len() <= limits.message),
            Err(error) => break error,
        }
    };
    assert_eq!(refused.fault, Fault::Limit { size: 4102, limit: 4096 });
}

#[test]
fn a_message_needs_a_type_and_a_correlation_id() {
    for length in 0..12 {
        let mut bytes = BytesMut::new();
        frame(&mut bytes, flags::UNFRAGMENTED | flags::IS_FINAL, &[0; 12][..length]);
        assert_eq!(scan(&bytes).unwrap_err(), Fault::Truncated { needed: 12, available: length });
    }
}

#[test]
fn fragments_without_an_id_or_frames() {
    for payload in 0..=8 {
        let mut bytes = BytesMut::new();
        frame(&mut bytes, flags::BEGIN_FRAGMENT | flags::IS_FINAL, &[0; 8][..payload]);
        let fault = scan(&bytes).unwrap_err();
        assert_eq!(fault, Fault::Truncated { needed: 8, available: payload }, "{payload}");
    }
    for payload in 0..8 {
        let mut bytes = BytesMut::new();
        frame(&mut bytes, flags::BEGIN_FRAGMENT, &[0; 8][..payload]);
        frame(&mut bytes, flags::IS_FINAL, &[0; 30]);
        assert!(scan(&bytes).is_err(), "{payload}");
    }
    // Joined, fragments may still be no message.
    assert!(Message::new(Bytes::new()).is_err());
    let mut bytes = BytesMut::new();
    frame(&mut bytes, flags::IS_FINAL, &[0; 30]);
    assert!(Message::new(bytes.freeze()).is_err());
}

/// Messages with everything in them.
fn rich() -> Vec<Message> {
    let member = MemberInfo {
        address: Address { host: "host".into(), port: 5701 },
        uuid: Uuid::new(1, 2),
        attributes: vec![("a".into(), "b".into())],
        address_map: vec![Default::default()],
        ..Default::default()
    };
    let mut out = FrameWriter::new();
    let mut rich = vec![];
    client::AuthenticationResponse {
        address: Some(member.address.clone()),
        tpc_ports: Some(vec![1, 2]),
        member_infos: vec![member.clone(), member],
        partitions: vec![(Uuid::new(3, 4), vec![1, 2, 3]), (Uuid::NIL, vec![])],
        key_value_pairs: vec![("k".into(), "v".into())],
        ..Default::default()
    }
    .encode(Version::NEWEST, &mut out);
    rich.push(out.finish());
    let data = Data::from_parts(0, -7, &[1, 2, 3, 4]);
    map::EntryEvent { key: Some(data.clone()), ..Default::default() }
        .encode(Version::NEWEST, &mut out);
    rich.push(out.finish());
    map::PutAll { entries: vec![(data.clone(), data)], ..Default::default() }
        .encode(Version::NEWEST, &mut out);
    rich.push(out.finish());
    let page = build(
        sql::FetchResponse::ID,
        &[],
        &[
            BEGIN,
            (0, &[1]),
            (0, &[0, 0, 0, 0, 4, 0, 0, 0, 14, 0, 0, 0, 15, 0, 0, 0]),
            BEGIN,
            (0, b"text"),
            NULL,
            END,
            (0, &[3, 2, 0, 0, 0, 1, 9, 0, 0, 0]),
            (0, &[2, 0, 0, 0]),
            BEGIN,
            NULL,
            BEGIN,
            (0, b"{}"),
            END,
            END,
            END,
            NULL,
        ],
    );
    let mut rich: Vec<_> =
        rich.into_iter().map(|encoded| Message::new(encoded.into_bytes()).unwrap()).collect();
    rich.push(page);
    rich
}

fn print(message: &Message) -> Option<Bytes> {
    let printer = message::printer(message.message_type()).unwrap();
    printer.print(message).ok().map(|printed| printed.encoded.into_bytes())
}

#[test]
fn truncated_at_every_byte() {
    for message in rich() {
        assert_eq!(print(&message).as_ref(), Some(message.bytes()), "sound as it is");
        for length in 0..message.bytes().len() {
            let part = message.bytes().slice(..length);
            assert!(scan(&part).unwrap().is_none(), "not complete at {length}");
            assert!(Message::new(part).is_err(), "not complete at {length}");
        }
    }
}

/// Start and end of each frame.
fn frames(bytes: &[u8]) -> Vec<(usize, usize)> {
    let (mut frames, mut at) = (vec![], 0);
    while at < bytes.len() {
        let length = i32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        frames.push((at, at + length));
        at += length;
    }
    frames
}

/// Whole frames that make no sense: cut short, left out, doubled, with other flags. Each is refused,
/// or is another message that is written as it is read but for what was skipped.
#[test]
fn every_frame_spoilt_in_every_way() {
    let (mut refused, mut taken) = (0, 0);
    for message in rich() {
        let bytes = message.bytes();
        let mut spoilt: Vec<Vec<u8>> = vec![];
        for (start, end) in frames(bytes) {
            let (before, frame, after) = (&bytes[..start], &bytes[start..end], &bytes[end..]);
            spoilt.push([before, after].concat());
            spoilt.push([before, frame, frame, after].concat());
            for length in FRAME_HEADER..frame.len() {
                let header = (length as i32).to_le_bytes();
                spoilt.push([before, &header, &frame[4..length], after].concat());
            }
            for bit in 7..16 {
                let mut other = bytes.to_vec();
                other[start + 4 + bit / 8] ^= 1 << (bit % 8);
                spoilt.push(other);
            }
            let mut last = [before, frame].concat();
            last[start + 5] |= (flags::IS_FINAL >> 8) as u8;
            spoilt.push(last);
        }
        for bytes in spoilt {
            let Ok(message) = Message::new(bytes.into()) else {
                refused += 1;
                continue;
            };
            let Some(printer) = message::printer(message.message_type()) else { continue };
            match printer.print(&message) {
                Err(_) => refused += 1,
                Ok(printed) => {
                    taken += 1;
                    let again = Message::new(printed.encoded.into_bytes()).unwrap();
                    assert_eq!(print(&again).as_ref(), Some(again.bytes()), "{:?}", printed.body);
                }
            }
        }
    }
    assert!(refused > 200 && taken > 20, "{refused} refused, {taken} taken");
}

#[test]
fn lists_that_lie() {
    // 17 bytes a UUID: 16 are none. Two values and one key; one value and two keys.
    let groups =
        |frames: &[(u16, &[u8])]| build(client::MemberGroupsViewEvent::ID, &[0; 4], frames);
    let message = groups(&[BEGIN, (0, &[0; 16]), END]);
    assert_eq!(fault::<client::MemberGroupsViewEvent>(&message), Fault::Length(16));
    let view = |frames: &[(u16, &[u8])]| build(client::PartitionsViewEvent::ID, &[0; 4], frames);
    let message = view(&[BEGIN, (0, &[0; 4]), (0, &[]), END, (0, &[0; 17])]);
    assert_eq!(
        fault::<client::PartitionsViewEvent>(&message),
        Fault::Count { count: 1, available: 2 }
    );
    let message = view(&[BEGIN, (0, &[0; 4]), END, (0, &[0; 34])]);
    assert_eq!(
        fault::<client::PartitionsViewEvent>(&message),
        Fault::Count { count: 2, available: 1 }
    );
    // A key without a value.
    let message = build(map::GetAllResponse::ID, &[], &[BEGIN, (0, &[0; 8]), END]);
    assert!(matches!(fault::<map::GetAllResponse>(&message), Fault::Other(_)));
}

#[test]
fn columns_that_lie() {
    let page = |kind: u8, column: &[u8]| {
        build(
            sql::FetchResponse::ID,
            &[],
            &[BEGIN, (0, &[1]), (0, &[kind, 0, 0, 0]), (0, column), END, NULL],
        )
    };
    let refused = |kind, column: &[u8]| fault::<sql::FetchResponse>(&page(kind, column));
    const HUGE: [u8; 4] = i32::MAX.to_le_bytes();
    let with_huge = |mode: u8, rest: &[u8]| [&[mode], &HUGE[..], rest].concat();
    // Two thousand million nulls are a few bytes, and stay so.
    for (kind, column) in [(4, with_huge(1, &[])), (14, HUGE.to_vec())] {
        let page = sql::FetchResponse::decode(&page(kind, &column)).unwrap().0.row_page.unwrap();
        assert_eq!(page.columns[0].rows(), i32::MAX as usize);
        assert_eq!(page.columns[0].values().next(), Some(None));
    }
    for (mode, rest) in [(2, &[0; 8][..]), (3, &[0; 8]), (3, &[]), (1, &[0])] {
        assert!(matches!(refused(4, &with_huge(mode, rest)), Fault::Count { .. }), "{mode}");
    }
    assert_eq!(refused(4, &[4, 0, 0, 0, 0]), Fault::Value(4), "no such kind of column");
    assert_eq!(refused(4, &[2]), Fault::Truncated { needed: 5, available: 1 });
    assert_eq!(refused(14, &[2]), Fault::Truncated { needed: 4, available: 1 });
    assert!(matches!(refused(4, &[2, 255, 255, 255, 255]), Fault::Truncated { .. }));
    assert_eq!(refused(16, &[]), Fault::Value(16), "no such type");
    // A column less than promised.
    let message =
        build(sql::FetchResponse::ID, &[], &[BEGIN, (0, &[1]), (0, &[4, 0, 0, 0]), END, NULL]);
    assert!(matches!(fault::<sql::FetchResponse>(&message), Fault::Other(_)));
}

#[test]
fn text_that_is_none() {
    let message = build(map::Size::ID, &[], &[(0, b"caf\xe9")]);
    assert_eq!(fault::<map::Size>(&message), Fault::Utf8);
}

#[test]
fn null_and_structures_where_there_are_none() {
    assert_eq!(fault::<map::Size>(&build(map::Size::ID, &[], &[NULL])), Fault::Null);
    assert!(matches!(fault::<map::Size>(&build(map::Size::ID, &[], &[BEGIN])), Fault::Other(_)));
    assert!(matches!(fault::<map::Size>(&build(map::Size::ID, &[], &[END])), Fault::Other(_)));
    assert!(matches!(fault::<map::Size>(&build(map::Size::ID, &[], &[])), Fault::Truncated { .. }));
    let mut uuid = [0; 17];
    uuid[0] = 1;
    let message = build(map::AddEntryListenerResponse::ID, &uuid, &[]);
    assert_eq!(fault::<map::AddEntryListenerResponse>(&message), Fault::Null);
}

#[test]
fn structures_that_do_not_end() {
    let proxies = |frames: &[(u16, &[u8])]| build(client::CreateProxies::ID, &[], frames);
    for frames in [&[BEGIN][..], &[BEGIN, (0, b"a")], &[BEGIN, (0, b"a"), (0, b"b")]] {
        let fault = fault::<client::CreateProxies>(&proxies(frames));
        assert!(matches!(fault, Fault::Truncated { .. }), "{fault:?}");
    }
    let objects =
        |frames: &[(u16, &[u8])]| build(client::GetDistributedObjectsResponse::ID, &[], frames);
    let message = objects(&[BEGIN, BEGIN, (0, b"a"), (0, b"b"), (0, b"newer")]);
    let fault = fault::<client::GetDistributedObjectsResponse>(&message);
    assert!(matches!(fault, Fault::Truncated { .. }), "{fault:?}");
}

#[test]
fn nested_ten_thousand_deep() {
    let depth = 10_000;
    let deep = [vec![BEGIN; depth], vec![END; depth]].concat();
    // As what a newer version would have added to a custom type, and is skipped.
    let frames = [&[BEGIN, BEGIN, (0, b"a"), (0, b"b")], &deep[..], &[END, END]].concat();
    let message = build(client::GetDistributedObjectsResponse::ID, &[], &frames);
    assert_eq!(
        fault::<client::GetDistributedObjectsResponse>(&message),
        Fault::Nesting(MAX_NESTING)
    );
    let message = build(client::MemberGroupsViewEvent::ID, &[0; 4], &deep);
    assert!(matches!(fault::<client::MemberGroupsViewEvent>(&message), Fault::Other(_)));
    // After the last field it is not looked at.
    let message = build(map::PutAllResponse::ID, &[], &deep);
    assert!(map::PutAllResponse::decode(&message).is_ok());
}
