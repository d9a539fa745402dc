//! Hazelcast 3.x sessions: split into messages, none of which is declared.

use super::{Outcome, Replayer, Tried};
use crate::capture::Direction;

use bytes::{Buf, BytesMut};
use gridwire_core::{Fault, Malformed};

/// Bytes before the payload.
const HEADER: usize = 22;
const MAX_MESSAGE: usize = 128 << 20;

/// The older Hazelcast protocol.
#[derive(Default)]
pub(super) struct Cb2 {
    started: bool,
}

impl Replayer for Cb2 {
    fn protocol(&self) -> &'static str {
        "hazelcast 1.x"
    }

    fn next(&mut self, from: Direction, data: &mut BytesMut) -> Result<Option<Tried>, Malformed> {
        if from == Direction::ToServer && !self.started {
            if data.len() < 3 {
                return Ok(None);
            }
            data.advance(3);
            self.started = true;
        }
        let Some(header) = data.first_chunk::<HEADER>() else { return Ok(None) };
        let length = i32::from_le_bytes([header[0], header[1], header[2], header[3]]);
        let kind = u16::from_le_bytes([header[6], header[7]]);
        let whole = usize::try_from(length).ok().filter(|at| (HEADER..=MAX_MESSAGE).contains(at));
        let Some(whole) = whole else {
            return Err(Malformed::new("message", Fault::Length(length.into())));
        };
        if data.len() < whole {
            return Ok(None);
        }
        data.advance(whole);
        Ok(Some(Tried { message: format!("{kind:04x}"), outcome: Outcome::Undeclared }))
    }
}
