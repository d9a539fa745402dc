//! [`FrameWriter`]: builds one message frame by frame, for the encoders that the attributes emit.
//!
//! Values below 2 KiB are copied behind their frame header; longer ones stay slices of the buffer
//! they are in. A writer may be used again after [`FrameWriter::finish`] and then spares most
//! allocations.

use alloc::boxed::Box;
use alloc::vec::Vec;

use bytes::{Bytes, BytesMut};

use super::frame::{FRAME_HEADER, flags};
use super::raw::Encoded;
use super::version::Version;
use crate::links::SLICE_FROM;

/// The header of requests and events before their fixed-size fields.
pub const REQUEST_HEADER: usize = 16;
/// The header of responses and errors before their fixed-size fields.
pub const RESPONSE_HEADER: usize = 13;

/// Room for a small message; a writer that is used again takes room for many at once.
const ROOM: usize = 256;
const MORE_ROOM: usize = 4096;

/// Frames of a message that is being written.
pub struct FrameWriter {
    buffer: BytesMut,
    /// The first part, once a long value followed it.
    head: Option<BytesMut>,
    rest: Vec<Bytes>,
    /// The long value of the last frame. It is taken in when the next frame begins, because the
    /// last frame's flags are set at the end.
    long: Option<Bytes>,
    /// Where the last frame's header begins in `buffer`.
    last: usize,
    version: Version,
    /// Has written a message before.
    used: bool,
}

/// Not the bytes, which may hold credentials.
impl core::fmt::Debug for FrameWriter {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("FrameWriter").field("version", &self.version).finish_non_exhaustive()
    }
}

impl Default for FrameWriter {
    fn default() -> Self {
        Self::new()
    }
}

impl FrameWriter {
    /// A writer that holds no memory yet.
    pub fn new() -> Self {
        Self {
            buffer: BytesMut::new(),
            head: None,
            rest: Vec::new(),
            long: None,
            last: 0,
            version: Version::NEWEST,
            used: false,
        }
    }

    /// A writer for a message of about so many bytes, long values not counted.
    pub(crate) fn with_room(bytes: usize) -> Self {
        Self { buffer: BytesMut::with_capacity(bytes), ..Self::new() }
    }

    /// Begins a request: initial frame, partition -1.
    pub fn request(&mut self, message_type: u32, at: Version) {
        self.initial(message_type, flags::UNFRAGMENTED, at, (-1i32).to_le_bytes());
    }

    /// Begins an event: as a request, with the flag of events.
    pub fn event(&mut self, message_type: u32, at: Version) {
        let flags = flags::UNFRAGMENTED | flags::IS_EVENT;
        self.initial(message_type, flags, at, (-1i32).to_le_bytes());
    }

    /// Begins a response or an error: initial frame, no backups.
    pub fn response(&mut self, message_type: u32, at: Version) {
        self.initial(message_type, flags::UNFRAGMENTED, at, [0]);
    }

    /// The length is set when the frame ends, the correlation id when the message is sent.
    fn initial<const N: usize>(
        &mut self,
        message_type: u32,
        flags: u16,
        at: Version,
        rest: [u8; N],
    ) {
        self.discard();
        self.version = at;
        if self.used && self.buffer.capacity() < ROOM {
            self.buffer.reserve(MORE_ROOM);
        } else if self.buffer.capacity() == 0 {
            self.buffer = BytesMut::with_capacity(ROOM);
        }
        self.used = true;
        self.last = 0;
        let ([a, b, c, d], [e, f]) = (message_type.to_le_bytes(), flags.to_le_bytes());
        self.buffer.extend_from_slice(&[0, 0, 0, 0, e, f, a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0]);
        self.buffer.extend_from_slice(&rest);
    }

    /// Whether the message has the fields of `since`.
    pub fn has(&self, since: Version) -> bool {
        since <= self.version
    }

    /// Begins a frame whose payload is put with [`FrameWriter::put`].
    pub fn begin_frame(&mut self, flags: u16) {
        self.header(0, flags);
    }

    /// Adds to the frame begun last.
    #[inline]
    pub fn put(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Ends the frame begun last.
    pub fn end_frame(&mut self) {
        let length = i32::try_from(self.buffer.len() - self.last).unwrap_or(i32::MAX);
        if let Some(header) = self.buffer.get_mut(self.last..self.last + 4) {
            header.copy_from_slice(&length.to_le_bytes());
        }
    }

    /// A frame with these bytes, which are copied.
    #[inline]
    pub fn slice(&mut self, bytes: &[u8]) {
        self.header(bytes.len(), 0);
        self.buffer.extend_from_slice(bytes);
    }

    /// A frame with these bytes, which are shared if they are many.
    pub fn bytes(&mut self, bytes: &Bytes) {
        if bytes.len() < SLICE_FROM {
            return self.slice(bytes);
        }
        self.header(bytes.len(), 0);
        self.long = Some(bytes.clone());
    }

    /// The frame that stands for null.
    pub fn null(&mut self) {
        self.header(0, flags::IS_NULL);
    }

    /// The frame that begins a list or a custom type.
    pub fn begin(&mut self) {
        self.header(0, flags::BEGIN_DATA_STRUCTURE);
    }

    /// The frame that ends a list or a custom type.
    pub fn end(&mut self) {
        self.header(0, flags::END_DATA_STRUCTURE);
    }

    #[inline]
    fn header(&mut self, payload: usize, flags: u16) {
        if self.long.is_some() {
            self.take_long();
        }
        self.last = self.buffer.len();
        let length = i32::try_from(FRAME_HEADER + payload).unwrap_or(i32::MAX);
        let ([a, b, c, d], [e, f]) = (length.to_le_bytes(), flags.to_le_bytes());
        self.buffer.extend_from_slice(&[a, b, c, d, e, f]);
    }

    fn take_long(&mut self) {
        if let Some(long) = self.long.take() {
            let before = self.buffer.split();
            match self.head {
                None => self.head = Some(before),
                Some(_) => self.rest.push(before.freeze()),
            }
            self.rest.push(long);
        }
    }

    /// Marks the last frame as final and hands the message out.
    ///
    /// A message of 2 GiB or more can't be expressed: check [`Encoded::len`] against the limit for
    /// sent messages before it is sent.
    pub fn finish(&mut self) -> Encoded {
        self.end_message();
        if self.long.is_none() && self.head.is_none() {
            return Encoded { head: self.buffer.split(), rest: Box::default() };
        }
        self.take_long();
        let tail = self.buffer.split();
        let head = match self.head.take() {
            None => tail,
            Some(head) => {
                if !tail.is_empty() {
                    self.rest.push(tail.freeze());
                }
                head
            }
        };
        Encoded { head, rest: core::mem::take(&mut self.rest).into_boxed_slice() }
    }

    /// As [`FrameWriter::finish`], for a writer's only message: it gets the whole buffer.
    pub(crate) fn into_message(mut self) -> Encoded {
        if self.long.is_some() || self.head.is_some() {
            return self.finish();
        }
        self.end_message();
        Encoded { head: self.buffer, rest: Box::default() }
    }

    /// Marks the last frame as final.
    fn end_message(&mut self) {
        if let Some(flags) = self.buffer.get_mut(self.last + 5) {
            *flags |= (flags::IS_FINAL >> 8) as u8;
        }
    }

    /// Drops what was written since the last message was handed out.
    fn discard(&mut self) {
        self.buffer.clear();
        if self.head.is_some() || self.long.is_some() {
            self.head = None;
            self.rest.clear();
            self.long = None;
        }
    }
}
