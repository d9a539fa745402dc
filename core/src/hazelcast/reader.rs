//! [`FrameReader`]: walks the frames of one message, for the decoders that the attributes emit.
//!
//! It goes forward only and holds three facts: where the next frame begins, which bytes of the
//! fixed-size part are left, and the newest version whose fields were there. A field that came with
//! a later version exists if its bytes do: fixed-size ones if the fixed-size part is long enough,
//! others if another frame follows before the end of the message or of the custom type.

use core::ops::Range;

use bytes::Bytes;

use super::frame::{FRAME_HEADER, flags, frame_header};
use super::raw::Message;
use super::version::Version;
use super::wire::{Fixed, Var};
use crate::{Fault, Malformed, Str};

/// Lists and custom types in one another; the protocol's own go six deep.
pub const MAX_NESTING: u32 = 32;

/// A frame: its flags, and where its payload lies in the message.
#[derive(Debug, Clone)]
struct Frame {
    flags: u16,
    payload: Range<usize>,
}

/// A position in a message.
pub struct FrameReader<'a> {
    bytes: &'a Bytes,
    /// Where the next frame's header begins.
    at: usize,
    /// What is left of the fixed-size part of the message or custom type being read.
    fixed: Range<usize>,
    /// The newest version of which a field was found.
    version: Version,
    /// Fields that are newer than this are left alone.
    known: Version,
    /// The field being read, for errors.
    context: &'static str,
    /// What was wrong with it.
    fault: Fault,
    /// Where the value that was read last begins.
    began: usize,
    depth: u32,
}

/// The reader knows what failed: [`FrameReader::malformed`]. Fields are many, so they pass on no more
/// than that.
#[derive(Debug)]
pub struct Failed(());

/// Not the bytes, which may hold credentials.
impl core::fmt::Debug for FrameReader<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("FrameReader")
            .field("at", &self.at)
            .field("context", &self.context)
            .finish_non_exhaustive()
    }
}

impl<'a> FrameReader<'a> {
    /// At the first field of `message`, whose initial frame has `header` bytes before them.
    pub fn new(
        message: &'a Message,
        header: usize,
        since: Version,
        context: &'static str,
    ) -> Result<Self, Malformed> {
        let end = message.initial_end();
        let start = FRAME_HEADER + header;
        if start > end {
            let available = end.saturating_sub(FRAME_HEADER);
            return Err(Malformed::new(context, Fault::Truncated { needed: header, available }));
        }
        let (bytes, known, fault) = (message.bytes(), Version::NEWEST, Fault::Null);
        Ok(Self {
            bytes,
            at: end,
            fixed: start..end,
            version: since,
            known,
            context,
            fault,
            began: start,
            depth: 0,
        })
    }

    /// Reads as a peer of an older version does, which knows no later fields.
    pub fn set_known(&mut self, known: Version) {
        self.known = known;
    }

    /// The newest version whose fields were there.
    pub fn version(&self) -> Version {
        self.version
    }

    /// A fault in the field being read.
    #[cold]
    pub fn error(&mut self, fault: Fault) -> Failed {
        self.fault = fault;
        Failed(())
    }

    /// What failed.
    pub fn malformed(&self, _: Failed) -> Malformed {
        Malformed::new(self.context, self.fault).at(self.began)
    }

    /// The next fixed-size field.
    pub fn fixed<T: Fixed>(&mut self, into: &mut T, context: &'static str) -> Result<(), Failed> {
        self.context = context;
        let Some(bytes) = self.take_fixed(T::SIZE) else {
            let fault = Fault::Truncated { needed: T::SIZE, available: self.fixed.len() };
            return Err(self.error(fault));
        };
        *into = T::take(bytes).map_err(|fault| self.error(fault))?;
        Ok(())
    }

    /// The next fixed-size field, which older senders leave out.
    pub fn fixed_since<T: Fixed>(
        &mut self,
        into: &mut T,
        context: &'static str,
        since: Version,
    ) -> Result<(), Failed> {
        self.context = context;
        if since > self.known {
            return Ok(());
        }
        let Some(bytes) = self.take_fixed(T::SIZE) else { return Ok(()) };
        self.version = self.version.max(since);
        *into = T::take(bytes).map_err(|fault| self.error(fault))?;
        Ok(())
    }

    /// The next field that has frames of its own.
    pub fn var<T: Var>(&mut self, into: &mut T, context: &'static str) -> Result<(), Failed> {
        self.context = context;
        into.read(self)
    }

    /// The next field that has frames of its own, which older senders leave out.
    pub fn var_since<T: Var>(
        &mut self,
        into: &mut T,
        context: &'static str,
        since: Version,
    ) -> Result<(), Failed> {
        self.context = context;
        match self.peek()? {
            Some(frame) if frame.flags & flags::END_DATA_STRUCTURE == 0 && since <= self.known => {
                self.version = self.version.max(since);
                into.read(self)
            }
            _ => Ok(()),
        }
    }

    /// Enters a custom type. `fixed` says where its fixed-size fields are: in a frame of their own,
    /// or, if all of them came later than the type, in the frame that begins it.
    pub fn begin_custom(&mut self, fixed: FixedPart) -> Result<(), Failed> {
        let begin = self.enter()?;
        self.fixed = match fixed {
            FixedPart::Own => self.value()?,
            FixedPart::Begin => begin,
        };
        Ok(())
    }

    /// Leaves a custom type, skipping the fields that are newer than this side knows.
    pub fn end_custom(&mut self) -> Result<(), Failed> {
        let outer = self.depth.saturating_sub(1);
        while self.depth > outer {
            let frame = self.next_frame()?;
            if frame.flags & flags::BEGIN_DATA_STRUCTURE != 0 {
                self.deeper()?;
            } else if frame.flags & flags::END_DATA_STRUCTURE != 0 {
                self.depth -= 1;
            }
        }
        Ok(())
    }

    /// Enters a list.
    pub fn begin_list(&mut self) -> Result<(), Failed> {
        self.enter().map(drop)
    }

    /// Whether the list that was entered has another item; if not, it is left.
    pub fn has_item(&mut self) -> Result<bool, Failed> {
        match self.peek()? {
            None => Err(self.ended()),
            Some(frame) if frame.flags & flags::END_DATA_STRUCTURE != 0 => {
                self.at = frame.payload.end;
                self.depth = self.depth.saturating_sub(1);
                Ok(false)
            }
            Some(_) => Ok(true),
        }
    }

    /// Consumes a frame that stands for null, if that is the next one.
    pub fn take_null(&mut self) -> Result<bool, Failed> {
        match self.peek()? {
            Some(frame) if frame.flags & flags::IS_NULL != 0 => {
                self.at = frame.payload.end;
                Ok(true)
            }
            Some(_) => Ok(false),
            None => Err(self.ended()),
        }
    }

    /// The payload of the next frame, sharing the message's buffer.
    pub fn bytes(&mut self) -> Result<Bytes, Failed> {
        let payload = self.value()?;
        Ok(self.bytes.slice(payload))
    }

    /// The payload of the next frame, to look at.
    pub fn slice(&mut self) -> Result<&'a [u8], Failed> {
        let payload = self.value()?;
        Ok(self.bytes.get(payload).unwrap_or_default())
    }

    /// The payload of the next frame as text, sharing the message's buffer.
    pub fn text(&mut self) -> Result<Str, Failed> {
        let bytes = self.bytes()?;
        Str::from_utf8(bytes).map_err(|_| self.error(Fault::Utf8))
    }

    /// The payload of a frame that must be a plain value.
    fn value(&mut self) -> Result<Range<usize>, Failed> {
        const OTHER: u16 = flags::IS_NULL | flags::BEGIN_DATA_STRUCTURE | flags::END_DATA_STRUCTURE;
        let frame = self.next_frame()?;
        match frame.flags & OTHER {
            0 => Ok(frame.payload),
            flags::IS_NULL => Err(self.error(Fault::Null)),
            _ => {
                Err(self.error(Fault::Other("a structure begins or ends where a value should be")))
            }
        }
    }

    fn enter(&mut self) -> Result<Range<usize>, Failed> {
        let frame = self.next_frame()?;
        if frame.flags & flags::BEGIN_DATA_STRUCTURE == 0 {
            let null = frame.flags & flags::IS_NULL != 0;
            let other = Fault::Other("a structure should begin here");
            return Err(self.error(if null { Fault::Null } else { other }));
        }
        self.deeper()?;
        Ok(frame.payload)
    }

    fn deeper(&mut self) -> Result<(), Failed> {
        self.depth += 1;
        if self.depth > MAX_NESTING {
            return Err(self.error(Fault::Nesting(MAX_NESTING)));
        }
        Ok(())
    }

    fn take_fixed(&mut self, size: usize) -> Option<&'a [u8]> {
        self.began = self.fixed.start;
        let end = self.began + size;
        if end > self.fixed.end {
            // A part of a field is none; nor can a later field begin inside of it.
            self.fixed.start = self.fixed.end;
            return None;
        }
        let bytes = self.bytes.get(self.began..end);
        self.fixed.start = end;
        bytes
    }

    fn peek(&mut self) -> Result<Option<Frame>, Failed> {
        self.began = self.at;
        let Some(rest) = self.bytes.get(self.at..).filter(|rest| !rest.is_empty()) else {
            return Ok(None);
        };
        let Some(header) = rest.first_chunk() else {
            let available = rest.len();
            return Err(self.error(Fault::Truncated { needed: FRAME_HEADER, available }));
        };
        let (length, flags) = frame_header(*header);
        if length < FRAME_HEADER as i32 {
            return Err(self.error(Fault::Length(i64::from(length))));
        }
        if length as usize > rest.len() {
            let fault = Fault::Truncated { needed: length as usize, available: rest.len() };
            return Err(self.error(fault));
        }
        Ok(Some(Frame { flags, payload: self.at + FRAME_HEADER..self.at + length as usize }))
    }

    fn next_frame(&mut self) -> Result<Frame, Failed> {
        let Some(frame) = self.peek()? else { return Err(self.ended()) };
        self.at = frame.payload.end;
        Ok(frame)
    }

    fn ended(&mut self) -> Failed {
        self.error(Fault::Truncated { needed: FRAME_HEADER, available: 0 })
    }
}

/// Where a custom type's fixed-size fields are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FixedPart {
    /// In a frame after the one that begins the type.
    Own,
    /// In the frame that begins the type, or there are none.
    Begin,
}
