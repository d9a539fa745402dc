//! Hazelcast 4.x and 5.x sessions. Every message says what it is.

use super::{Outcome, Replayer, Tried, compare, differs};
use crate::capture::Direction;

use bytes::{Buf, Bytes, BytesMut};
use gridwire_core::fragment::{FragmentError, FragmentLimits, Reassembly};
use gridwire_core::hazelcast::Message;
use gridwire_core::hazelcast::frame::{Fragment, Limits, PRELUDE, Scanned, Scanner};
use gridwire_core::hazelcast::message::printer;
use gridwire_core::hazelcast::schema::Kind;
use gridwire_core::time::Instant;
use gridwire_core::{Fault, Malformed};

/// One connection to a member.
pub(super) struct Hazelcast {
    started: bool,
    directions: [Half; 2],
}

/// One direction.
struct Half {
    scanner: Scanner,
    fragments: Reassembly<i64>,
}

impl Default for Hazelcast {
    fn default() -> Self {
        Self { started: false, directions: [Half::new(), Half::new()] }
    }
}

impl Half {
    fn new() -> Self {
        Self {
            scanner: Scanner::new(Limits::default()),
            fragments: Reassembly::new(FragmentLimits::default()),
        }
    }

    /// Puts a fragment to its message; the message's bytes, if it was the last.
    fn join(&mut self, fragment: Fragment) -> Result<Option<Bytes>, FragmentError> {
        let Fragment { id, begin, end, frames } = fragment;
        // No clock: a capture has all the time in the world.
        let now = Instant::ZERO;
        if begin {
            self.fragments.begin(now, id, (), frames)?;
        } else if end {
            let ((), pieces) = self.fragments.end(now, &id, frames)?;
            return Ok(Some(pieces.concat().into()));
        } else {
            self.fragments.piece(now, &id, frames)?;
        }
        Ok(None)
    }
}

impl Replayer for Hazelcast {
    fn protocol(&self) -> &'static str {
        "hazelcast 2.x"
    }

    fn next(&mut self, from: Direction, data: &mut BytesMut) -> Result<Option<Tried>, Malformed> {
        if from == Direction::ToServer && !self.started {
            match data.get(..PRELUDE.len()) {
                None => return Ok(None),
                Some(found) if found == PRELUDE => data.advance(PRELUDE.len()),
                Some(found) => {
                    return Err(Malformed::new("prelude", Fault::Value(found[0].into())));
                }
            }
            self.started = true;
        }
        let half = &mut self.directions[usize::from(from == Direction::ToClient)];
        loop {
            let message = match half.scanner.next(data)? {
                None => return Ok(None),
                Some(Scanned::Message(message)) => message,
                Some(Scanned::Fragment(fragment)) => match half.join(fragment) {
                    Ok(None) => continue,
                    Ok(Some(bytes)) => Message::new(bytes)?,
                    Err(error) => return Ok(Some(differs("fragment".into(), &error))),
                },
            };
            return Ok(Some(tried(&message, from)));
        }
    }
}

fn tried(message: &Message, from: Direction) -> Tried {
    let kind = message.message_type();
    let Some(printer) = printer(kind) else {
        return Tried { message: format!("{kind:06x}"), outcome: Outcome::Undeclared };
    };
    let name = format!("{} ({kind:06x})", printer.name);
    let asked = printer.kind == Kind::Request;
    if asked != (from == Direction::ToServer) || (printer.kind == Kind::Event) != message.is_event()
    {
        return differs(name, &"it goes the other way, or is flagged as another kind of message");
    }
    match printer.print(message) {
        Ok(printed) => Tried {
            message: name,
            outcome: compare(message.bytes(), &printed.encoded.into_bytes()),
        },
        Err(error) => differs(name, &error),
    }
}
