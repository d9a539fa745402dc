//! [`Session`]: the handshake of one connection, what it agreed, and the rules that follow. Both
//! roles; the client and the embedded agent keep one for each connection.
//!
//! ```text
//!   client  ExpectCaps  --CAPS, a codec in common--> Established
//!   server  ExpectHello --HELLO, answered by CAPS--> Established
//!   anything else before that, a broken frame, a higher major version: the connection ends
//! ```
//!
//! What both ends understand beyond the reference's form stands in the tag `ext` of HELLO's header,
//! and the agreed words in that of CAPS. Of those words this crate speaks `ack`; a peer that doesn't
//! say it is plain.

use alloc::boxed::Box;
use alloc::vec::Vec;

use bytes::{Bytes, BytesMut};

use crate::endpoint::Chunks;
use crate::malformed::{Fault, Malformed};
use crate::xcp::error::Error;
use crate::xcp::frame::{self, Flags, FrameLimits, FrameReader, Split, SumOrder};
use crate::xcp::header::{Header, Tag};
use crate::xcp::message::{Caps, CodecId, KindRange, MsgType};

/// The id of every HELLO, as the reference has it. The first request has it again.
pub const HELLO_ID: u64 = 1;
/// The payload limit of a peer that states none.
pub const DEFAULT_FRAME_BYTES: u32 = 1 << 20;
/// The lowest payload limit that a peer may state.
pub const MIN_FRAME_BYTES: u32 = 4096;
/// Frames in a row whose sum may be wrong before the connection ends, once `ack` was agreed.
const MAX_CORRUPT: u8 = 3;
/// Payloads above the limit are skipped up to this many times the limit.
const SKIP_FACTOR: u64 = 4;

/// What one side brings to a handshake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Codecs of bodies: JSON by default. Others are carried without being looked into.
    pub codecs: Vec<CodecId>,
    /// The longest payload of one frame of a peer that can split messages, in bytes; stated in the
    /// handshake, 1 MiB by default, at least 4,096.
    pub max_frame_bytes: u32,
    /// The longest message in either direction, in bytes; 64 MiB by default. A plain peer can't
    /// split, so its frames may be so long.
    pub max_message_bytes: u64,
    /// Kinds that this side takes; none stands for all.
    pub accepts: Vec<KindRange>,
    /// Kinds that this side sends; none stands for all.
    pub emits: Vec<KindRange>,
    /// What is spoken beyond the reference's form; all that this crate knows by default.
    pub extensions: Extensions,
    /// How sums are written until the peer has shown its own order.
    pub order: SumOrder,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            codecs: Vec::from([CodecId::JSON]),
            max_frame_bytes: DEFAULT_FRAME_BYTES,
            max_message_bytes: 64 << 20,
            accepts: Vec::new(),
            emits: Vec::new(),
            extensions: Extensions { ack: true },
            order: SumOrder::Big,
        }
    }
}

impl Terms {
    fn caps(&self, codecs: Vec<CodecId>) -> Bytes {
        let caps = Caps {
            codecs,
            max_frame_bytes: self.max_frame_bytes.max(MIN_FRAME_BYTES),
            shared_mem: false,
            accepts: self.accepts.clone(),
            emits: self.emits.clone(),
        };
        caps.encode()
    }
}

/// Words of the tag `ext`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extensions {
    /// Replies may come in any order, and frames unasked.
    pub ack: bool,
}

impl Extensions {
    const TAG: &'static str = "ext";

    fn read(header: &Header) -> Self {
        let words = header.tag(Self::TAG).unwrap_or_default();
        Self { ack: words.split(',').any(|word| word.trim() == "ack") }
    }

    fn tags(self) -> Vec<Tag> {
        let words = [("ack", self.ack)];
        let words: Vec<&str> =
            words.into_iter().filter(|(_, spoken)| *spoken).map(|(word, _)| word).collect();
        if words.is_empty() {
            return Vec::new();
        }
        Vec::from([Tag { key: Self::TAG.into(), val: words.join(",").into() }])
    }

    const fn and(self, other: Self) -> Self {
        Self { ack: self.ack && other.ack }
    }
}

/// What a handshake came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Agreed {
    /// Codecs that both sides have.
    pub codecs: Vec<CodecId>,
    /// What both sides speak beyond the reference's form.
    pub extensions: Extensions,
    /// The longest payload of one frame in either direction, for peers that can split.
    pub max_frame_bytes: u32,
    /// Kinds that the peer takes; none stands for all.
    pub peer_accepts: Vec<KindRange>,
}

impl Agreed {
    /// Whether the peer speaks the reference's form only: one frame per request, in order, and
    /// nothing unasked.
    pub const fn is_plain(&self) -> bool {
        !self.extensions.ack
    }
}

/// What came on a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// The handshake is done. The server role sends these bytes, its CAPS.
    Established(Option<Chunks>),
    /// A message.
    Message(Header, Bytes),
    /// A message that can't be taken, and why: too large, damaged, or in a form that wasn't agreed.
    Refused(Header, Error),
}

/// Why a connection must end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// What was wrong.
    pub error: Error,
    /// What the peer is told first.
    pub farewell: Option<Box<Chunks>>,
}

impl<E: Into<Error>> From<E> for Broken {
    fn from(error: E) -> Self {
        Self { error: error.into(), farewell: None }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    ExpectHello,
    ExpectCaps,
    Established,
}

/// One connection's handshake and rules.
#[derive(Debug)]
pub struct Session {
    state: State,
    reader: FrameReader,
    order: SumOrder,
    agreed: Agreed,
    /// Frames in a row whose sum was wrong.
    corrupt: u8,
}

impl Session {
    /// The client's side, and its HELLO.
    pub fn connect(terms: &Terms) -> (Self, Chunks) {
        let session = Self::new(State::ExpectCaps, terms);
        let header = Header {
            msg_type: MsgType::HELLO,
            msg_id: HELLO_ID,
            tags: terms.extensions.tags(),
            ..Header::default()
        };
        let hello = session.write(&header, terms.caps(terms.codecs.clone()));
        // The words of `ext` are few, so the header is never too long.
        (session, hello.unwrap_or_default())
    }

    /// The server's side.
    pub fn accept(terms: &Terms) -> Self {
        Self::new(State::ExpectHello, terms)
    }

    fn new(state: State, terms: &Terms) -> Self {
        Self {
            state,
            reader: FrameReader::default(),
            order: terms.order,
            agreed: Agreed::default(),
            corrupt: 0,
        }
    }

    /// What was agreed, once the handshake is done.
    pub fn agreed(&self) -> Option<&Agreed> {
        (self.state == State::Established).then_some(&self.agreed)
    }

    /// Whether the handshake is done and the peer is plain.
    pub fn is_plain(&self) -> bool {
        self.agreed().is_some_and(Agreed::is_plain)
    }

    /// A frame for the peer.
    ///
    /// # Errors
    /// The header is too long.
    pub fn write(&self, header: &Header, body: Bytes) -> Result<Chunks, Error> {
        frame::encode(frame::VERSION, Flags::default(), &header.encode(), body, self.order)
            .map_err(|_| Error::Misuse("tags of more than 65,535 bytes"))
    }

    /// What came next; `None` until more bytes do.
    pub fn poll(&mut self, data: &mut BytesMut, terms: &Terms) -> Result<Option<Received>, Broken> {
        // A peer that can't split messages sends each as one frame.
        let payload = match self.state {
            State::Established => terms.max_message_bytes,
            _ => u64::from(terms.max_frame_bytes.max(MIN_FRAME_BYTES)),
        };
        let skip = payload.saturating_mul(SKIP_FACTOR);
        let limits = FrameLimits { payload, skip, major: frame::VERSION >> 4 };
        let Some(split) = self.reader.split(data, &limits)? else { return Ok(None) };
        let received = match split {
            Split::Frame(frame) => {
                self.corrupt = 0;
                let header = Header::decode(&frame.header)?;
                if self.state != State::Established {
                    if frame.flags.transforms() {
                        return Err(Error::Unsupported("a handshake in altered frames").into());
                    }
                    self.order = frame.order.unwrap_or(self.order);
                    return self.shake(&header, &frame.payload, terms).map(Some);
                }
                if frame.flags.transforms() {
                    let what = "a compressed, encrypted or split message";
                    Received::Refused(header, Error::Unsupported(what))
                } else {
                    Received::Message(header, frame.payload)
                }
            }
            Split::TooLarge { header, payload: size } => {
                let fault = Malformed::new("payload", Fault::Limit { size, limit: payload });
                self.refused(&header, fault)?
            }
            Split::Corrupt { header, fault } => {
                self.corrupt += 1;
                // A plain peer would take a refusal for the reply to something else.
                if !self.agreed.extensions.ack || self.corrupt >= MAX_CORRUPT {
                    return Err(fault.into());
                }
                self.refused(&header, fault)?
            }
        };
        Ok(Some(received))
    }

    fn refused(&self, header: &[u8], fault: Malformed) -> Result<Received, Broken> {
        if self.state != State::Established {
            return Err(fault.into());
        }
        Ok(Received::Refused(Header::decode(header)?, fault.into()))
    }

    fn shake(&mut self, header: &Header, body: &[u8], terms: &Terms) -> Result<Received, Broken> {
        let expected = match self.state {
            State::ExpectCaps => MsgType::CAPS,
            _ => MsgType::HELLO,
        };
        if header.msg_type != expected {
            return Err(Error::Protocol("something else before HELLO and CAPS").into());
        }
        if expected == MsgType::CAPS && header.in_reply_to != HELLO_ID {
            return Err(Error::Protocol("CAPS that answers no HELLO").into());
        }
        let caps = Caps::decode(body)?;
        let stated = match caps.max_frame_bytes {
            0 => DEFAULT_FRAME_BYTES,
            below if below < MIN_FRAME_BYTES => {
                return Err(Error::Unsupported("frames of less than 4,096 bytes").into());
            }
            stated => stated,
        };
        let common = |codec: &&CodecId| caps.codecs.contains(codec);
        self.agreed = Agreed {
            codecs: terms.codecs.iter().filter(common).copied().collect(),
            extensions: terms.extensions.and(Extensions::read(header)),
            max_frame_bytes: stated.min(terms.max_frame_bytes.max(MIN_FRAME_BYTES)),
            peer_accepts: caps.accepts,
        };
        let answer = match expected {
            MsgType::CAPS => None,
            _ => Some(self.answer(header, terms)?),
        };
        if self.agreed.codecs.is_empty() {
            let error = Error::Unsupported("no codec in common");
            return Err(Broken { error, farewell: answer.map(Box::new) });
        }
        self.state = State::Established;
        Ok(Received::Established(answer))
    }

    fn answer(&self, hello: &Header, terms: &Terms) -> Result<Chunks, Error> {
        let header = Header {
            msg_type: MsgType::CAPS,
            in_reply_to: hello.msg_id,
            tags: self.agreed.extensions.tags(),
            ..Header::default()
        };
        self.write(&header, terms.caps(self.agreed.codecs.clone()))
    }
}
