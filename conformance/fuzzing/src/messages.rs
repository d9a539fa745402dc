//! Message decoders by id and version.
//!
//! What must hold: decoding never panics, and what was decoded, encoded and decoded again is the same:
//! the second encoding has the bytes of the first.

use arbitrary::{Arbitrary, Unstructured};
use bytes::{BufMut, Bytes, BytesMut};
use gridwire_core::hazelcast;
use gridwire_core::xcp::message::{Ack, Caps, Nack, Nonce};
use gridwire_core::xcp::{Ether, Header};

/// A Hazelcast message of a declared type, with arbitrary frames behind its header.
pub fn hazelcast(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let printers: Vec<_> = hazelcast::message::printers().collect();
    let Ok(printer) = input.choose(&printers) else { return };
    let mut out = BytesMut::new();
    let frame = |out: &mut BytesMut, flags: u16, payload: &[u8]| {
        out.put_i32_le(payload.len() as i32 + 6);
        out.put_u16_le(flags);
        out.put_slice(payload);
    };
    let fixed = <&[u8]>::arbitrary(&mut input).unwrap_or_default();
    let mut first = printer.id.to_le_bytes().to_vec();
    first.resize(printer.kind.header(), 0);
    first.extend_from_slice(fixed);
    frame(&mut out, hazelcast::frame::flags::UNFRAGMENTED, &first);
    // Structure marks come up often enough only if they are asked for.
    while !input.is_empty() {
        use hazelcast::frame::flags;
        let mark = input.arbitrary::<u8>().unwrap_or_default();
        match mark % 8 {
            0 => frame(&mut out, flags::IS_NULL, &[]),
            1 | 2 => frame(&mut out, flags::BEGIN_DATA_STRUCTURE, &[]),
            3 | 4 => frame(&mut out, flags::END_DATA_STRUCTURE, &[]),
            5 => frame(&mut out, flags::BEGIN_DATA_STRUCTURE, &[0; 32][..usize::from(mark >> 3)]),
            _ => {
                let payload = <&[u8]>::arbitrary(&mut input).unwrap_or_default();
                frame(&mut out, 0, payload);
            }
        }
    }
    frame(&mut out, hazelcast::frame::flags::IS_FINAL, b"end");
    again(printer, out.freeze());
}

/// Raw bytes as a whole Hazelcast message of whatever type they say.
pub fn hazelcast_raw(data: &[u8]) {
    let Ok(message) = hazelcast::Message::new(Bytes::copy_from_slice(data)) else { return };
    if let Some(printer) = hazelcast::message::printer(message.message_type()) {
        again(printer, message.into_bytes());
    }
}

fn again(printer: &hazelcast::print::Printer, bytes: Bytes) {
    let Ok(message) = hazelcast::Message::new(bytes) else { return };
    let Ok(first) = printer.print(&message) else { return };
    let encoded = first.encoded.into_bytes();
    let message = hazelcast::Message::new(encoded.clone()).expect("what we wrote has frames");
    let second = printer.print(&message).expect("what we wrote can be read");
    assert_eq!(encoded, second.encoded.into_bytes(), "{} {:?}", printer.name, second.body);
}

/// XCP headers and bodies: the first byte says which. Frames are printed whole, too.
pub fn xcp(data: &[u8]) {
    let Some((what, bytes)) = data.split_first() else { return };
    macro_rules! same_again {
        ($type:ty) => {{
            let Ok(first) = <$type>::decode(bytes) else { return };
            let second = <$type>::decode(&first.encode()).expect("what we wrote can be read");
            assert_eq!(first, second);
        }};
    }
    match what % 7 {
        0 => same_again!(Header),
        1 => same_again!(Ether),
        2 => same_again!(Caps),
        3 => same_again!(Ack),
        4 => same_again!(Nack),
        5 => same_again!(Nonce),
        _ => {
            let Ok(printed) = gridwire_core::xcp::print::frame(bytes) else { return };
            assert_eq!(printed.bytes, bytes, "{}", printed.text);
        }
    }
}
