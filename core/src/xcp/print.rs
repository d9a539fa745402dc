//! Frames as text, for the replay tool: what was said, and the same bytes written anew.
//!
//! Headers and JSON bodies have many spellings, so where a value survives decoding and encoding, its
//! bytes are kept as they came; where it doesn't, that is an error.

use alloc::string::String;
use core::fmt::Write;

use bytes::BytesMut;

use crate::malformed::Malformed;
use crate::xcp::error::Error;
use crate::xcp::frame::{FrameLimits, FrameReader, Split};
use crate::xcp::header::Header;
use crate::xcp::json;
use crate::xcp::message::{Ack, Caps, CodecId, Ether, MsgType, Nack, Nonce};

/// A frame that was decoded and written anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// What the message is: its type, and its body's codec if that isn't JSON.
    pub name: String,
    /// One line: type, ids, codec, flags, tags, and the body's value.
    pub text: String,
    /// The frame's bytes, written from the decoded parts.
    pub bytes: alloc::vec::Vec<u8>,
    /// Whether the body was only counted: of a codec that isn't read, altered, or not what it says.
    pub is_opaque: bool,
}

/// Decodes one whole frame.
///
/// # Errors
/// The bytes aren't one whole frame, or a value in it doesn't survive being written.
pub fn frame(bytes: &[u8]) -> Result<Printed, Error> {
    let limits = FrameLimits { payload: u64::MAX >> 1, skip: u64::MAX >> 1, major: 0xF };
    let mut data = BytesMut::from(bytes);
    let frame = match FrameReader::default().split(&mut data, &limits)? {
        Some(Split::Frame(frame)) if data.is_empty() => frame,
        Some(Split::Frame(_)) => return Err(Malformed::other("frame", "bytes behind it").into()),
        Some(Split::Corrupt { fault, .. }) => return Err(fault.into()),
        _ => return Err(Malformed::other("frame", "cut off").into()),
    };
    let header = Header::decode(&frame.header)?;
    survives(Header::decode(&header.encode())? == header)?;

    let mut name = alloc::format!("{}", header.msg_type);
    if header.body_codec != CodecId::JSON {
        let _ = write!(name, " {}", header.body_codec);
    }
    let mut text = alloc::format!("{name} channel {}", header.channel_id);
    for (name, id) in [("id", header.msg_id), ("re", header.in_reply_to)] {
        if id != 0 {
            let _ = write!(text, " {name} {id}");
        }
    }
    if frame.version != super::frame::VERSION {
        let _ = write!(text, " version {:#04x}", frame.version);
    }
    if frame.flags.0 != 0 {
        let _ = write!(text, " flags {:#04x}", frame.flags.0);
    }
    if !header.schema_key.is_unstated() {
        let _ = write!(text, " {:?}", header.schema_key);
    }
    for tag in &header.tags {
        let _ = write!(text, " {:?}={:?}", tag.key, tag.val);
    }
    let value = if frame.flags.transforms() { None } else { body(&header, &frame.payload)? };
    let is_opaque = value.is_none();
    match value {
        Some(value) => text.extend([" ", &value]),
        None => drop(write!(text, " {} bytes", frame.payload.len())),
    }
    let bytes = frame.encode()?.iter().flat_map(|chunk| chunk.iter().copied()).collect();
    Ok(Printed { name, text, bytes, is_opaque })
}

fn survives(same: bool) -> Result<(), Error> {
    if same { Ok(()) } else { Err(Malformed::other("value", "changed by writing it anew").into()) }
}

/// The body's value in words; `None` for bytes that are no value of their type.
fn body(header: &Header, bytes: &[u8]) -> Result<Option<String>, Error> {
    macro_rules! printed {
        ($type:ty) => {
            match <$type>::decode(bytes) {
                Ok(value) => {
                    survives(<$type>::decode(&value.encode())? == value)?;
                    Some(alloc::format!("{value:?}"))
                }
                Err(_) => None,
            }
        };
    }
    Ok(match header.msg_type {
        MsgType::HELLO | MsgType::CAPS => printed!(Caps),
        MsgType::ACK => printed!(Ack),
        MsgType::NACK => printed!(Nack),
        MsgType::PING | MsgType::PONG => printed!(Nonce),
        _ if !matches!(header.body_codec, CodecId::JSON | CodecId::PROTOBUF) => None,
        _ => {
            let Ok(value) = json::parse_lenient("body", bytes) else { return Ok(None) };
            if let Ok(ether) = Ether::from_json(value.clone()) {
                survives(Ether::decode(&ether.encode())? == ether)?;
            }
            Some(alloc::format!("{value}"))
        }
    })
}
