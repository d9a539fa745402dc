//! XCP sessions. Every frame says what it is, and all lengths stand at its front.

use super::{Replayer, Tried, compare, differs};
use crate::capture::Direction;

use bytes::BytesMut;
use gridwire_core::xcp::frame::{Flags, MAGIC};
use gridwire_core::xcp::print;
use gridwire_core::{Fault, Malformed};

/// The largest frame that is looked at.
const MAX_FRAME: u64 = 1 << 30;

/// One connection between agents.
pub(super) struct Xcp;

impl Replayer for Xcp {
    fn protocol(&self) -> &'static str {
        "xcp"
    }

    fn next(&mut self, _from: Direction, data: &mut BytesMut) -> Result<Option<Tried>, Malformed> {
        let Some(length) = length(data)? else { return Ok(None) };
        if length > MAX_FRAME {
            return Err(Malformed::new("frame", Fault::Limit { size: length, limit: MAX_FRAME }));
        }
        let length = length as usize;
        if data.len() < length {
            return Ok(None);
        }
        let bytes = data.split_to(length).freeze();
        Ok(Some(match print::frame(&bytes) {
            Ok(printed) => {
                Tried { message: name(&printed.text), outcome: compare(&bytes, &printed.bytes) }
            }
            Err(error) => differs("frame".into(), &error),
        }))
    }
}

/// How long the frame at the front is, once that much has come.
fn length(data: &[u8]) -> Result<Option<u64>, Malformed> {
    if data.iter().zip(MAGIC).any(|(found, expected)| *found != expected) {
        return Err(Malformed::other("frame", "no magic"));
    }
    let Some([_, _, _, _, _, flags, low, high]) = data.first_chunk().copied() else {
        return Ok(None);
    };
    let header = 8 + usize::from(u16::from_le_bytes([low, high]));
    let rest = data.get(header..).unwrap_or_default();
    let (width, payload) = if Flags(flags).has(Flags::LARGE) {
        (8, rest.first_chunk().map(|length| u64::from_le_bytes(*length)))
    } else {
        (4, rest.first_chunk().map(|length| u64::from(u32::from_le_bytes(*length))))
    };
    // Four bytes of checksum at the end.
    Ok(payload.map(|payload| payload.saturating_add(header as u64 + width + 4)))
}

/// The message's type, which is what its printed line begins with.
fn name(text: &str) -> String {
    text.split(" channel").next().unwrap_or(text).to_owned()
}
