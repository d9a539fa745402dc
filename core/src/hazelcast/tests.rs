//! What the protocol allows and no declared message does, or no official file shows: every evolution
//! of custom types, unknown trailing fields, long values, answers with another method's id.

use alloc::vec;
use alloc::vec::Vec;

use bytes::{Bytes, BytesMut};
use gridwire_derive::{custom, service};

use super::frame::{FRAME_HEADER, Fragment, Limits, Scanned, Scanner, flags, split_message};
use super::schema::{Payload, Request, Route};
use super::wire::Var;
use super::{Data, Encoded, FrameReader, FrameWriter, Message, Uuid, Version};
use crate::links::SLICE_FROM;
use crate::{Fault, Str};

mod toy {
    use super::*;

    /// All its fixed-size fields came after it.
    #[custom(since = "2.1")]
    pub struct Late {
        #[since("2.3")]
        pub number: i32,
        #[since("2.3")]
        pub id: Option<Uuid>,
        #[since("2.5")]
        pub text: Str,
    }

    /// Grew at both ends.
    #[custom(since = "2.1")]
    pub struct Grown {
        pub number: i32,
        #[since("2.4")]
        pub short: i16,
        pub late: Late,
        #[since("2.5")]
        pub lates: Vec<Late>,
    }

    #[service(id = 0xee, since = "2.1")]
    pub trait Toy {
        #[method(id = 0x02, response_id = 0xee0301, partition = name(grown.late.text))]
        fn ask(grown: Grown, #[since("2.5", default = 7)] number: i64);
        #[response]
        fn ask(floats: Vec<f32>, double: f64, #[secret] secret: Str, pairs: Vec<(i32, i64)>);

        #[method(id = 0x01, acquires_resource, long_running, partition = name, events(tick = 2))]
        fn take(name: Str, keyed: Vec<(i64, Data)>) -> Vec<(Data, Vec<Data>)>;
        #[method(id = 0x03, events(tick = 3))]
        fn listen() -> bool;

        #[method(id = 0x04)]
        fn r#await(r#type: i8);
        #[event]
        fn tick(at: i64, lists: Vec<Vec<(Str, Str)>>, nulls: Vec<Option<Vec<i8>>>);
    }
}

fn encode<M: Payload>(message: &M, at: Version) -> Message {
    let mut out = FrameWriter::new();
    message.encode(at, &mut out);
    Message::new(out.finish().into_bytes()).unwrap()
}

fn late() -> toy::Late {
    toy::Late { number: 3, id: Some(Uuid::new(1, 2)), text: "late".into() }
}

fn ask() -> toy::Ask {
    let grown = toy::Grown { number: 5, short: 6, late: late(), lates: vec![late(), late()] };
    toy::Ask { grown, number: 9 }
}

/// Offsets, flags and lengths of payloads.
fn frames(message: &Message) -> Vec<(u16, usize)> {
    let (mut frames, mut at, bytes) = (vec![], 0, message.bytes());
    while at < bytes.len() {
        let header = bytes[at..at + FRAME_HEADER].try_into().unwrap();
        let (length, flags) = super::frame::frame_header(header);
        frames.push((flags, length as usize - FRAME_HEADER));
        at += length as usize;
    }
    frames
}

#[test]
fn a_custom_type_whose_fixed_fields_all_came_later_has_them_in_its_first_frame() {
    const BEGIN: u16 = flags::BEGIN_DATA_STRUCTURE;
    const END: u16 = flags::END_DATA_STRUCTURE;
    let message = encode(&ask(), Version::new(2, 1, 0));
    let expected = [
        (flags::UNFRAGMENTED, 16),
        (BEGIN, 0),
        (0, 4),
        (BEGIN, 0),
        (END, 0),
        (END | flags::IS_FINAL, 0),
    ];
    assert_eq!(frames(&message), expected);
    let message = encode(&ask(), Version::new(2, 4, 0));
    let expected = [
        (flags::UNFRAGMENTED, 16),
        (BEGIN, 0),
        (0, 6),
        (BEGIN, 21),
        (END, 0),
        (END | flags::IS_FINAL, 0),
    ];
    assert_eq!(frames(&message), expected);
}

#[test]
fn the_version_found_is_the_newest_whose_fields_were_there() {
    for (at, found) in
        [((2, 1), (2, 1)), ((2, 2), (2, 1)), ((2, 3), (2, 3)), ((2, 4), (2, 4)), ((2, 10), (2, 5))]
    {
        let message = encode(&ask(), Version::new(2, at.1, 0));
        let (decoded, version) = toy::Ask::decode(&message).unwrap();
        assert_eq!(version, Version::new(found.0, found.1, 0), "at {at:?}");
        assert_eq!(encode(&decoded, version), message, "at {at:?}");
        assert_eq!(decoded == ask(), at.1 >= 5);
        assert_eq!(decoded.number, if at.1 >= 5 { 9 } else { 7 });
    }
    assert_eq!(toy::Ask::default().number, 7);
}

#[test]
fn every_layout_survives() {
    let response = toy::AskResponse {
        floats: vec![1.5, -0.0],
        double: 2.25,
        secret: "hush".into(),
        pairs: vec![(1, 2), (-3, i64::MIN)],
    };
    let message = encode(&response, Version::NEWEST);
    assert_eq!(toy::AskResponse::decode(&message).unwrap().0, response);
    let text = alloc::format!("{response:?}");
    assert!(!text.contains("hush") && text.contains("secret"), "{text}");

    let data = |byte: u8| Data::new(Bytes::from(vec![byte; 12]));
    let take = toy::Take { name: "n".into(), keyed: vec![(1, data(1)), (2, data(2))] };
    assert_eq!(toy::Take::decode(&encode(&take, Version::NEWEST)).unwrap().0, take);
    let response =
        toy::TakeResponse { response: vec![(data(1), vec![data(2), data(3)]), (data(4), vec![])] };
    assert_eq!(toy::TakeResponse::decode(&encode(&response, Version::NEWEST)).unwrap().0, response);
    let tick = toy::TickEvent {
        at: 1,
        lists: vec![vec![("a".into(), "".into())], vec![]],
        nulls: vec![None, Some(vec![]), Some(vec![1, -1])],
    };
    let message = encode(&tick, Version::NEWEST);
    assert!(message.is_event());
    assert_eq!(toy::TickEvent::decode(&message).unwrap().0, tick);
}

#[test]
fn descriptors_say_what_was_declared() {
    let [take, ask, listen, wait] = toy::SERVICE.methods else { panic!("ordered by id") };
    assert_eq!((ask.id, ask.response_id, toy::AskResponse::ID), (0xee0200, 0xee0301, 0xee0301));
    assert!(take.acquires_resource && take.long_running && !take.retryable);
    assert_eq!((toy::Take::TICK_EVENT, toy::Listen::TICK_EVENT), (0xee0102, 0xee0303));
    assert_eq!(listen.events[0].id, toy::Listen::TICK_EVENT);
    assert_eq!(<toy::Listen as Request>::METHOD, listen);
    assert_eq!(toy::TickEvent::ID, toy::Take::TICK_EVENT);
    let take = toy::Take { name: "n".into(), ..Default::default() };
    assert_eq!(take.route(), Route::Name(&"n".into()));
    assert_eq!(toy::Listen.route(), Route::Any);
    // The answer's own type prints it too: official files have it.
    let own = toy::PRINTERS.iter().find(|printer| printer.id == 0xee0201).unwrap();
    assert_eq!(own.name, "Toy.ask");
    assert_eq!(toy::SCHEMAS.len(), 9);
    // Words of the language are names like others.
    let schema = toy::SCHEMAS.iter().find(|schema| schema.ids == [wait.id]).unwrap();
    assert_eq!((wait.name, schema.fields[0].name), ("Toy.await", "type"));
    assert_eq!(toy::Await { r#type: 1 }, toy::Await { r#type: 1 });
}

#[test]
fn what_is_unknown_at_the_end_is_skipped() {
    // Structures of a newer version within a custom type, a frame after the last one, and bytes
    // after the last fixed-size field.
    let mut out = FrameWriter::new();
    out.response(0xee0201, Version::NEWEST);
    out.put(&[0; 8]);
    out.put(b"more");
    out.end_frame();
    out.begin();
    out.begin_frame(0);
    out.put(&[1, 0, 0, 0, 2, 0, 9, 9]);
    out.end_frame();
    toy::Late::default().write(&mut out);
    Vec::<toy::Late>::new().write(&mut out);
    out.begin();
    out.null();
    out.begin();
    out.slice(b"new");
    out.end();
    out.end();
    out.slice(b"newer");
    out.end();
    out.slice(b"newest");
    let message = Message::new(out.finish().into_bytes()).unwrap();
    let mut from = FrameReader::new(&message, 13, Version::V2_0, "test").unwrap();
    let (mut number, mut grown) = (1i64, toy::Grown::default());
    from.fixed(&mut number, "i64").unwrap();
    from.var(&mut grown, "grown").unwrap();
    assert_eq!(number, 0);
    assert_eq!((grown.number, grown.short), (1, 2));
    assert_eq!(from.text().unwrap(), "newest");
}

#[test]
fn a_part_of_a_later_field_is_none() {
    let mut out = FrameWriter::new();
    out.request(0xee0200, Version::NEWEST);
    out.put(&[1, 2, 3]);
    out.end_frame();
    toy::Grown::default().write(&mut out);
    let message = Message::new(out.finish().into_bytes()).unwrap();
    assert_eq!(toy::Ask::decode(&message).unwrap().0.number, 7);
}

#[test]
fn long_values_are_slices_and_short_ones_are_copied() {
    let value = |len: usize| Data::new(Bytes::from(vec![7; len]));
    let lengths = [SLICE_FROM, 3, SLICE_FROM + 1, SLICE_FROM - 1, SLICE_FROM];
    for count in 0..=lengths.len() {
        let keyed: Vec<_> = lengths.iter().take(count).map(|len| (0, value(*len))).collect();
        let take = toy::Take { name: "n".into(), keyed: keyed.clone() };
        let mut out = FrameWriter::new();
        take.encode(Version::NEWEST, &mut out);
        let encoded = out.finish();
        let length = encoded.len();
        let chunks = encoded.clone().into_chunks();
        for (_, data) in keyed.iter().filter(|(_, data)| data.bytes().len() >= SLICE_FROM) {
            assert!(chunks.iter().any(|chunk| chunk.as_ptr() == data.bytes().as_ptr()), "copied");
        }
        let bytes = encoded.into_bytes();
        assert_eq!(chunks.concat(), bytes);
        assert_eq!(length, bytes.len());
        let message = Message::new(bytes).unwrap();
        assert_eq!(toy::Take::decode(&message).unwrap().0, take);
    }
    // A long value as the last frame of all.
    let name: Str = alloc::string::String::from_utf8(vec![b'x'; SLICE_FROM]).unwrap().into();
    let mut out = FrameWriter::new();
    for _ in 0..2 {
        out.response(0xee0201, Version::NEWEST);
        out.put(&[0; 8]);
        out.end_frame();
        name.write(&mut out);
        let encoded = out.finish();
        assert_eq!(encoded.clone().into_chunks().len(), 2);
        assert_eq!(Message::new(encoded.into_bytes()).unwrap().message_type(), 0xee0201);
    }
}

#[test]
fn decoding_shares_the_buffer() {
    let take = toy::Take { name: "n".into(), keyed: vec![(1, Data::new(vec![9; 100].into()))] };
    let message = encode(&take, Version::NEWEST);
    let (decoded, _) = toy::Take::decode(&message).unwrap();
    let range = message.bytes().as_ptr_range();
    assert!(range.contains(&decoded.keyed[0].1.bytes().as_ptr()));
    assert!(range.contains(&decoded.name.bytes().as_ptr()));
}

#[test]
fn headers_are_set_on_the_finished_message() {
    let mut out = FrameWriter::new();
    toy::Listen.encode(Version::NEWEST, &mut out);
    let mut request: Encoded = out.finish();
    request.set_correlation_id(i64::MIN + 1);
    request.set_partition_id(270);
    request.add_flags(flags::IS_BACKUP_AWARE);
    let first = request.clone();
    request.set_correlation_id(2);
    for (encoded, id) in [(first, i64::MIN + 1), (request, 2)] {
        assert_eq!((encoded.correlation_id(), encoded.message_type()), (id, toy::Listen::ID));
        let message = Message::new(encoded.into_bytes()).unwrap();
        assert_eq!((message.correlation_id(), message.partition_id()), (id, 270));
        assert_ne!(message.flags() & flags::IS_BACKUP_AWARE, 0);
        assert_ne!(message.flags() & flags::IS_FINAL, 0);
    }
    toy::ListenResponse { response: true }.encode(Version::NEWEST, &mut out);
    let mut response = out.finish();
    response.set_backup_acks(2);
    let message = Message::new(response.into_bytes()).unwrap();
    assert_eq!((message.backup_acks(), message.is_event()), (2, false));
    assert!(toy::ListenResponse::decode(&message).unwrap().0.response);
}

#[test]
fn a_message_cut_into_fragments_is_put_together_again() {
    let keyed = (0..50).map(|n| (n, Data::new(vec![n as u8; n as usize].into()))).collect();
    let message = encode(&toy::Take { name: "cut".into(), keyed }, Version::NEWEST);
    for size in [1, 20, 64, 500, message.bytes().len() - 1] {
        let mut stream = BytesMut::new();
        let fragments = split_message(&message, 77, size);
        for fragment in &fragments {
            stream.extend_from_slice(fragment);
        }
        let mut scanner = Scanner::new(Limits::default());
        let (mut whole, mut count) = (vec![], 0);
        while let Some(next) = scanner.next(&mut stream).unwrap() {
            let Scanned::Fragment(Fragment { id, begin, end, frames }) = next else { panic!() };
            count += 1;
            assert_eq!((id, begin, end), (77, count == 1, count == fragments.len()));
            whole.extend_from_slice(&frames);
        }
        assert!(count > 1, "{size}");
        assert_eq!(Message::new(whole.into()).unwrap(), message, "{size}");
    }
    assert_eq!(split_message(&message, 77, message.bytes().len()), [message.bytes().clone()]);
}

#[test]
fn faults_name_the_field() {
    let mut out = FrameWriter::new();
    out.request(0xee0100, Version::NEWEST);
    out.end_frame();
    out.slice(b"\xff");
    let error = toy::Take::decode(&Message::new(out.finish().into_bytes()).unwrap()).unwrap_err();
    assert_eq!((error.context, error.fault), ("Toy.take.name", Fault::Utf8));
    // After the initial frame.
    assert_eq!(error.offset, Some(22));
}

/// Frames of all sorts under the types of messages whose custom types ride on their first frame,
/// which no official one does.
#[test]
fn any_frames_are_refused_or_read_and_are_then_written_as_the_same() {
    const FLAGS: [u16; 6] = [
        0,
        flags::IS_NULL,
        flags::BEGIN_DATA_STRUCTURE,
        flags::BEGIN_DATA_STRUCTURE,
        flags::END_DATA_STRUCTURE,
        flags::END_DATA_STRUCTURE,
    ];
    const LENGTHS: [usize; 7] = [0, 0, 4, 6, 8, 21, 22];
    let mut rng = crate::rng::Rng::new([3; 32]);
    let (mut refused, mut read) = (0, 0);
    for round in 0..20_000 {
        let printer = &toy::PRINTERS[round % toy::PRINTERS.len()];
        let mut out = FrameWriter::new();
        printer.kind.begin(printer.id, Version::NEWEST, &mut out);
        let fixed = rng.below(12) as usize;
        out.put(&[1; 12][..fixed]);
        out.end_frame();
        for _ in 0..rng.below(14) {
            out.begin_frame(FLAGS[rng.below(6) as usize]);
            out.put(&[1; 22][..LENGTHS[rng.below(7) as usize]]);
            out.end_frame();
        }
        let message = Message::new(out.finish().into_bytes()).unwrap();
        let Ok(printed) = printer.print(&message) else {
            refused += 1;
            continue;
        };
        read += 1;
        let again = Message::new(printed.encoded.into_bytes()).unwrap();
        let twice = printer.print(&again).unwrap();
        assert_eq!(twice.encoded.into_bytes(), again.bytes());
        assert_eq!(alloc::format!("{:?}", twice.body), alloc::format!("{:?}", printed.body));
    }
    assert!(refused > 500 && read > 500, "{refused} refused, {read} read");
}

#[cfg(feature = "arbitrary")]
#[test]
fn test_messages_round_trip_at_every_version() {
    let mut rng = crate::rng::Rng::new([4; 32]);
    for printer in toy::PRINTERS {
        for _ in 0..100 {
            let seed: alloc::vec::Vec<u8> = (0..200).map(|_| rng.below(256) as u8).collect();
            (printer.round_trip)(&mut arbitrary::Unstructured::new(&seed)).unwrap();
        }
    }
}

#[test]
fn what_is_long_is_cut() {
    let name: Str = "é".repeat(5000).into();
    let keyed = vec![(7, Data::new(Bytes::from(vec![1; 5000])))];
    let text = alloc::format!("{:?}", toy::Take { name, keyed });
    assert!(text.len() < 2200 && text.contains("é…, keyed: [(7, Data("), "{text}");
}

#[test]
fn an_older_reader_skips_what_is_newer() {
    let message = encode(&ask(), Version::NEWEST);
    let printer = toy::PRINTERS.iter().find(|printer| printer.id == toy::Ask::ID).unwrap();
    for at in Version::ALL.into_iter().skip(2) {
        let as_old = printer.print_as(&message, at).unwrap().encoded.into_bytes();
        assert_eq!(as_old, encode(&ask(), at).bytes(), "{at}");
    }
}
