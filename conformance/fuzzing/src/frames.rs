//! Frame decoders: bytes in pieces, whatever the cut.
//!
//! What must hold: what a decoder gives does not depend on how the bytes were cut, and a connection
//! that is beyond repair is so at the same byte either way.

use arbitrary::Unstructured;
use bytes::{Bytes, BytesMut};
use gridwire_core::Malformed;
use gridwire_core::hazelcast::frame::{Limits, Scanned, Scanner};
use gridwire_core::kafka::frame::Splitter;
use gridwire_core::xcp::frame::{FrameLimits, FrameReader, Split};

/// What a decoder made of a connection's bytes, up to its first fault.
type Read<T> = (Vec<T>, Option<Malformed>);

/// Feeds `bytes` in pieces of the given lengths, used again and again; all at once if there are none.
fn feed<T>(
    bytes: &[u8],
    lengths: &[u8],
    mut next: impl FnMut(&mut BytesMut) -> Result<Option<T>, Malformed>,
) -> Read<T> {
    let mut lengths = lengths.iter().cycle();
    let (mut data, mut rest, mut read) = (BytesMut::new(), bytes, Vec::new());
    loop {
        match next(&mut data) {
            Ok(Some(item)) => read.push(item),
            Err(fault) => return (read, Some(fault)),
            Ok(None) if rest.is_empty() => return (read, None),
            Ok(None) => {
                let length = lengths.next().map_or(rest.len(), |n| usize::from(*n).max(1));
                let (piece, after) = rest.split_at(length.min(rest.len()));
                data.extend_from_slice(piece);
                rest = after;
            }
        }
    }
}

/// Cuts `data` into how to cut and what to cut.
fn split(data: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut input = Unstructured::new(data);
    let lengths = input.bytes(4).map(<[u8]>::to_vec).unwrap_or_default();
    (lengths, input.take_rest())
}

/// Hazelcast 2.x frames: messages and fragments.
pub fn hazelcast(data: &[u8]) {
    let (lengths, bytes) = split(data);
    let read = |lengths: &[u8]| {
        let mut scanner = Scanner::new(Limits { message: 1 << 16 });
        let (items, fault) = feed(bytes, lengths, |data| scanner.next(data));
        let flat: Vec<(i64, Bytes)> = items
            .into_iter()
            .map(|item| match item {
                Scanned::Message(message) => (message.correlation_id(), message.into_bytes()),
                Scanned::Fragment(part) => (part.id, part.frames),
            })
            .collect();
        (flat, fault)
    };
    assert_eq!(read(&[]), read(&lengths));
}

/// Kafka frames.
pub fn kafka(data: &[u8]) {
    let (lengths, bytes) = split(data);
    let read = |lengths: &[u8]| {
        let mut splitter = Splitter::new(1 << 16);
        feed(bytes, lengths, |data| splitter.next(data))
    };
    assert_eq!(read(&[]), read(&lengths));
}

/// XCP frames: whole ones come back as the bytes that they were.
pub fn xcp(data: &[u8]) {
    let (lengths, bytes) = split(data);
    let limits = FrameLimits { payload: 1 << 12, skip: 1 << 14, major: 0 };
    let read = |lengths: &[u8]| {
        let mut reader = FrameReader::default();
        feed(bytes, lengths, |data| reader.split(data, &limits))
    };
    let whole = read(&[]);
    assert_eq!(whole, read(&lengths));
    let mut rest = bytes;
    for item in &whole.0 {
        let Split::Frame(frame) = item else { return };
        let again = frame.encode().expect("a header that was read fits").concat();
        assert!(rest.starts_with(&again), "{frame:?} is written as {again:x?}");
        rest = &rest[again.len()..];
    }
}
