//! XCP sessions. Every frame says what it is, and all lengths stand at its front.

use super::{Outcome, Replayer, Tried, compare, differs};
use crate::capture::Direction;

use bytes::BytesMut;
use gridwire_core::xcp::{frame, print};
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
        let Some(length) = frame::length(data)? else { return Ok(None) };
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
                let outcome = match compare(&bytes, &printed.bytes) {
                    Outcome::Same if printed.is_opaque => Outcome::Undeclared,
                    outcome => outcome,
                };
                Tried { message: printed.name, outcome }
            }
            Err(error) => differs("frame".into(), &error),
        }))
    }
}
