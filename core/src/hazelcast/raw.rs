//! [`Message`] and [`Encoded`]: one whole message as bytes, received and to be sent.
//!
//! ```text
//! initial frame's payload   request, event        response, error
//! 0                         message type i32      message type i32
//! 4                         correlation id i64    correlation id i64
//! 12                        partition id i32      backup acknowledgements u8
//! 16 / 13                   fixed-size fields     fixed-size fields
//! ```
//!
//! Engines route messages by these few numbers and decode no more than they have to; an encoded
//! message gets its correlation id when it is sent, and another one when it is sent again.

use alloc::boxed::Box;

use bytes::{Bytes, BytesMut};

use super::frame::{FRAME_HEADER, flags, frame_header};
use crate::endpoint::Chunks;
use crate::{Fault, Malformed};

/// The message type of errors.
pub const ERROR: u32 = 0;

const TYPE: usize = FRAME_HEADER;
const CORRELATION: usize = FRAME_HEADER + 4;
const PARTITION: usize = FRAME_HEADER + 12;

/// A whole message: its initial frame has a type and a correlation id, and its frames fill its
/// bytes exactly.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    bytes: Bytes,
}

impl Message {
    /// Takes the bytes of exactly one message: a file, or fragments that were put together.
    ///
    /// # Errors
    /// They are more or less than that, or a fragment.
    pub fn new(bytes: Bytes) -> Result<Self, Malformed> {
        let mut at = 0;
        loop {
            let Some(header) = bytes.get(at..).and_then(<[u8]>::first_chunk) else {
                let available = bytes.len().saturating_sub(at);
                let fault = Fault::Truncated { needed: FRAME_HEADER, available };
                return Err(Malformed::new("frame", fault));
            };
            let (length, flags) = frame_header(*header);
            if length < FRAME_HEADER as i32 {
                return Err(Malformed::new("frame", Fault::Length(i64::from(length))));
            }
            if at == 0 && flags & flags::UNFRAGMENTED != flags::UNFRAGMENTED {
                return Err(Malformed::other("message", "it begins like a fragment"));
            }
            let end = at + length as usize;
            if end > bytes.len() {
                let fault =
                    Fault::Truncated { needed: length as usize, available: bytes.len() - at };
                return Err(Malformed::new("frame", fault));
            }
            if flags & flags::IS_FINAL != 0 {
                if end < bytes.len() {
                    return Err(Malformed::other("message", "bytes follow its last frame"));
                }
                return Self::scanned(bytes);
            }
            at = end;
        }
    }

    /// Takes bytes whose frames were walked before.
    pub(crate) fn scanned(bytes: Bytes) -> Result<Self, Malformed> {
        let message = Self { bytes };
        let available = message.initial_end().saturating_sub(FRAME_HEADER);
        if available < 12 {
            return Err(Malformed::new("message", Fault::Truncated { needed: 12, available }));
        }
        Ok(message)
    }

    /// All frames.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// All frames, giving the message up.
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }

    /// `0x00SSMMKK`: service, method, and kind (0 request, 1 response, from 2 on events). 0: an
    /// error.
    pub fn message_type(&self) -> u32 {
        u32::from_le_bytes(self.at(TYPE))
    }

    /// The number that ties responses and events to their request.
    pub fn correlation_id(&self) -> i64 {
        i64::from_le_bytes(self.at(CORRELATION))
    }

    /// The partition that a request goes to, or -1. Means nothing in a response.
    pub fn partition_id(&self) -> i32 {
        if self.initial_end() < PARTITION + 4 { -1 } else { i32::from_le_bytes(self.at(PARTITION)) }
    }

    /// How many backups will be acknowledged by events of their own. Means nothing but in a
    /// response.
    pub fn backup_acks(&self) -> u8 {
        if self.initial_end() <= PARTITION { 0 } else { u8::from_le_bytes(self.at(PARTITION)) }
    }

    /// The initial frame's flags.
    pub fn flags(&self) -> u16 {
        u16::from_le_bytes(self.at(4))
    }

    /// Has the flag of events (view, listener and backup events).
    pub fn is_event(&self) -> bool {
        self.flags() & flags::IS_EVENT != 0
    }

    /// The end of the initial frame.
    pub(crate) fn initial_end(&self) -> usize {
        (i32::from_le_bytes(self.at(0)).max(0) as usize).min(self.bytes.len())
    }

    fn at<const N: usize>(&self, at: usize) -> [u8; N] {
        self.bytes.get(at..).and_then(<[u8]>::first_chunk).copied().unwrap_or([0; N])
    }
}

impl core::fmt::Debug for Message {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Message")
            .field("type", &format_args!("{:#08x}", self.message_type()))
            .field("correlation_id", &self.correlation_id())
            .field("bytes", &self.bytes.len())
            .finish()
    }
}

/// A message to be sent. The frames up to the first long value are in one buffer that may still
/// be changed; long values are slices of their own.
#[derive(Clone, PartialEq, Eq)]
pub struct Encoded {
    pub(crate) head: BytesMut,
    pub(crate) rest: Box<[Bytes]>,
}

impl Encoded {
    /// Sets the correlation id, which an encoder leaves 0.
    pub fn set_correlation_id(&mut self, id: i64) {
        set_correlation_id(&mut self.head, id);
    }

    /// Sets the partition of a request or an event, which an encoder leaves -1.
    pub fn set_partition_id(&mut self, id: i32) {
        set_partition_id(&mut self.head, id);
    }

    /// Sets the number of backups of a response, which an encoder leaves 0.
    pub fn set_backup_acks(&mut self, count: u8) {
        self.put(PARTITION, &[count]);
    }

    /// Adds flags to the initial frame.
    pub fn add_flags(&mut self, flags: u16) {
        let flags = u16::from_le_bytes(self.get(4)) | flags;
        self.put(4, &flags.to_le_bytes());
    }

    /// The message type.
    pub fn message_type(&self) -> u32 {
        u32::from_le_bytes(self.get(TYPE))
    }

    /// The correlation id.
    pub fn correlation_id(&self) -> i64 {
        i64::from_le_bytes(self.get(CORRELATION))
    }

    /// Bytes in all.
    #[expect(clippy::len_without_is_empty, reason = "a message is never empty")]
    pub fn len(&self) -> usize {
        self.head.len() + self.rest.iter().map(Bytes::len).sum::<usize>()
    }

    /// What to write, in order. Small messages are one slice.
    pub fn into_chunks(self) -> Chunks {
        let mut chunks = Chunks::new();
        chunks.push(self.head.freeze());
        if !self.rest.is_empty() {
            chunks.extend(self.rest.into_vec());
        }
        chunks
    }

    /// The buffer of the first frames, and the slices that follow it.
    pub fn into_parts(self) -> (BytesMut, Chunks) {
        (self.head, Chunks::from_vec(self.rest.into_vec()))
    }

    /// All frames in one buffer.
    pub fn into_bytes(self) -> Bytes {
        let mut head = self.head;
        for chunk in &self.rest {
            head.extend_from_slice(chunk);
        }
        head.freeze()
    }

    /// Takes correlation id, flags and what else an encoder can't know from the message that this
    /// one is a copy of.
    pub fn set_header_of(&mut self, original: &Message, header: usize) {
        let initial = original.initial_end().min(FRAME_HEADER + header);
        let from = original.bytes().get(CORRELATION..initial).unwrap_or_default();
        self.put(CORRELATION, from);
        self.add_flags(original.flags() & !flags::IS_FINAL);
    }

    fn get<const N: usize>(&self, at: usize) -> [u8; N] {
        self.head.get(at..).and_then(<[u8]>::first_chunk).copied().unwrap_or([0; N])
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        put(&mut self.head, at, bytes);
    }
}

/// Sets the correlation id of a message, of which this is the beginning.
pub(crate) fn set_correlation_id(head: &mut [u8], id: i64) {
    put(head, CORRELATION, &id.to_le_bytes());
}

/// Sets the partition of a request.
pub(crate) fn set_partition_id(head: &mut [u8], id: i32) {
    put(head, PARTITION, &id.to_le_bytes());
}

/// Sets a flag of the initial frame, or takes it away.
pub(crate) fn set_flag(head: &mut [u8], flag: u16, on: bool) {
    if let Some([low, high]) = head.get_mut(4..6) {
        let others = u16::from_le_bytes([*low, *high]) & !flag;
        [*low, *high] = (others | if on { flag } else { 0 }).to_le_bytes();
    }
}

#[inline]
fn put(head: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(into) = head.get_mut(at..at + bytes.len()) {
        into.copy_from_slice(bytes);
    }
}

/// Not the bytes, which may hold credentials.
impl core::fmt::Debug for Encoded {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Encoded")
            .field("type", &format_args!("{:#08x}", self.message_type()))
            .field("correlation_id", &self.correlation_id())
            .field("bytes", &self.len())
            .finish()
    }
}
