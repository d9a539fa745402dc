//! Frames and the messages they make up: splitting them off a connection's receive buffer.
//!
//! ```text
//! frame   := length i32 LE, these six bytes included | flags u16 LE | payload
//! message := initial frame (fixed-size part), frames of the other fields; the last has IS_FINAL
//! ```
//!
//! Sessions of both roles own one [`Scanner`] per connection and feed it what the transport read.
//! What a message means is decided further in; here are only lengths, flags and limits.

use bytes::{Buf, Bytes, BytesMut};

use super::raw::Message;
use crate::{Fault, Malformed};

/// What a client writes first on a connection: the protocol of 4.0 and newer.
pub const PRELUDE: [u8; 3] = *b"CP2";

/// Bytes before a frame's payload.
pub const FRAME_HEADER: usize = 6;

/// Bits of a frame's flags.
pub mod flags {
    /// First fragment of a message.
    pub const BEGIN_FRAGMENT: u16 = 1 << 15;
    /// Last fragment of a message.
    pub const END_FRAGMENT: u16 = 1 << 14;
    /// First and last: the message is whole.
    pub const UNFRAGMENTED: u16 = BEGIN_FRAGMENT | END_FRAGMENT;
    /// Last frame of a message, or of a fragment.
    pub const IS_FINAL: u16 = 1 << 13;
    /// A list or a custom type begins.
    pub const BEGIN_DATA_STRUCTURE: u16 = 1 << 12;
    /// The innermost list or custom type ends.
    pub const END_DATA_STRUCTURE: u16 = 1 << 11;
    /// The frame stands for null.
    pub const IS_NULL: u16 = 1 << 10;
    /// The message is an event.
    pub const IS_EVENT: u16 = 1 << 9;
    /// The client awaits backup acknowledgements itself.
    pub const IS_BACKUP_AWARE: u16 = 1 << 8;
    /// The message is an acknowledgement of a backup.
    pub const IS_BACKUP_EVENT: u16 = 1 << 7;
}

/// What a connection may make this side hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one message (or one fragment), all frames included.
    pub message: usize,
}

impl Limits {
    /// What a member takes from a client that has not authenticated yet: 4,096 bytes.
    pub const BEFORE_AUTHENTICATION: Self = Self { message: 4096 };
}

impl Default for Limits {
    /// 128 MiB a message.
    fn default() -> Self {
        Self { message: 128 << 20 }
    }
}

/// What [`Scanner::next`] split off.
#[derive(Debug, Clone)]
pub enum Scanned {
    /// A whole message.
    Message(Message),
    /// A part of a message, which is whole when its last fragment is there.
    Fragment(Fragment),
}

/// A run of whole frames of a message that its sender cut between frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    /// Which message it belongs to; unique per connection and direction.
    pub id: i64,
    /// The first one.
    pub begin: bool,
    /// The last one.
    pub end: bool,
    /// The message's frames. What marks them as parts is already undone, so that the fragments of a
    /// message, put one after another, are its bytes: `Message::new` takes them.
    pub frames: Bytes,
}

/// Finds where messages end, resuming where the bytes ended the last time.
///
/// Every frame header is looked at once however the bytes arrive.
#[derive(Debug, Clone)]
pub struct Scanner {
    limits: Limits,
    /// Offset of the first frame header not looked at, from the start of the unconsumed bytes.
    scanned: usize,
}

/// The most that is reserved at once for bytes that a header promised.
const RESERVE: usize = 1 << 20;

impl Scanner {
    /// A scanner at the start of a message.
    pub fn new(limits: Limits) -> Self {
        Self { limits, scanned: 0 }
    }

    /// Changes the limits, from the message in progress on.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Splits the next message or fragment off the front of `data`, which holds all bytes that
    /// were received and not split off before. `None`: it is not complete yet, and `data` has room
    /// for what is known to be missing (up to 1 MiB, from there on double what is there).
    ///
    /// # Errors
    /// The bytes can't be frames, or exceed the limits. The connection is beyond repair.
    pub fn next(&mut self, data: &mut BytesMut) -> Result<Option<Scanned>, Malformed> {
        loop {
            let Some(header) = data.get(self.scanned..).and_then(<[u8]>::first_chunk) else {
                return Ok(None);
            };
            let (length, flags) = frame_header(*header);
            if length < FRAME_HEADER as i32 {
                return Err(Malformed::new("frame", Fault::Length(i64::from(length))));
            }
            let end = self.scanned.saturating_add(length as usize);
            if end > self.limits.message {
                let limit = self.limits.message as u64;
                return Err(Malformed::new("message", Fault::Limit { size: end as u64, limit }));
            }
            if end > data.len() {
                let missing = end - data.len();
                data.reserve(missing.min(RESERVE.max(data.len())));
                return Ok(None);
            }
            if flags & flags::IS_FINAL == 0 {
                self.scanned = end;
                continue;
            }
            let last = core::mem::take(&mut self.scanned);
            return split(data.split_to(end), last).map(Some);
        }
    }
}

/// Tells a message from a fragment. `last` is the offset of the last frame's header.
fn split(mut bytes: BytesMut, last: usize) -> Result<Scanned, Malformed> {
    let initial = bytes.first_chunk().map_or(0, |header| frame_header(*header).1);
    if initial & flags::UNFRAGMENTED == flags::UNFRAGMENTED {
        return Message::scanned(bytes.freeze()).map(Scanned::Message);
    }
    const START: usize = FRAME_HEADER + 8;
    let short = Fault::Truncated { needed: 8, available: bytes.len().saturating_sub(FRAME_HEADER) };
    if last < START {
        return Err(Malformed::new("fragment", short));
    }
    let (begin, end) = (initial & flags::BEGIN_FRAGMENT != 0, initial & flags::END_FRAGMENT != 0);
    if let (false, Some(flags)) = (end, bytes.get_mut(last + 5)) {
        *flags &= !high(flags::IS_FINAL);
    }
    let length = bytes.first_chunk().map_or(0, |header| frame_header(*header).0) as usize;
    let mut start = bytes.split_to(length.min(last));
    start.advance(FRAME_HEADER.min(start.len()));
    let id = start.first_chunk().ok_or(Malformed::new("fragment", short))?;
    if let (true, Some(flags)) = (begin, bytes.get_mut(5)) {
        *flags |= high(flags::UNFRAGMENTED);
    }
    Ok(Scanned::Fragment(Fragment {
        id: i64::from_le_bytes(*id),
        begin,
        end,
        frames: bytes.freeze(),
    }))
}

/// The byte of the flags that has those which split and join messages.
const fn high(flags: u16) -> u8 {
    (flags >> 8) as u8
}

/// Length and flags.
pub(crate) const fn frame_header([a, b, c, d, e, f]: [u8; FRAME_HEADER]) -> (i32, u16) {
    (i32::from_le_bytes([a, b, c, d]), u16::from_le_bytes([e, f]))
}

/// Cuts a message into fragments whose frames have at most `size` bytes each, unless one frame alone
/// has more. A message that fits into one stays whole. No released client or member cuts messages;
/// members join them.
pub fn split_message(message: &Message, id: i64, size: usize) -> alloc::vec::Vec<Bytes> {
    use bytes::BufMut;

    let bytes = message.bytes();
    if bytes.len() <= size {
        return alloc::vec![bytes.clone()];
    }
    // Ranges of whole frames, each with the offset of its last frame.
    let (mut cuts, mut from, mut last, mut at) = (alloc::vec::Vec::new(), 0, 0, 0);
    while let Some(header) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let end = at + (frame_header(*header).0 as usize).max(FRAME_HEADER);
        if end - from > size && at > from {
            cuts.push((from, last, at));
            from = at;
        }
        (last, at) = (at, end);
    }
    cuts.push((from, last, bytes.len()));
    let count = cuts.len();
    let mut fragments = alloc::vec::Vec::with_capacity(count);
    for (number, (from, last, end)) in cuts.into_iter().enumerate() {
        let mut out = BytesMut::with_capacity(FRAME_HEADER + 8 + end - from);
        let begin = if number == 0 { flags::BEGIN_FRAGMENT } else { 0 };
        let finish = if number + 1 == count { flags::END_FRAGMENT } else { 0 };
        out.put_i32_le(FRAME_HEADER as i32 + 8);
        out.put_u16_le(begin | finish);
        out.put_i64_le(id);
        let shift = out.len();
        out.put_slice(bytes.get(from..end).unwrap_or_default());
        if let Some(flags) = out.get_mut(shift + last - from + 5) {
            *flags |= high(flags::IS_FINAL);
        }
        if let (0, Some(flags)) = (number, out.get_mut(shift + 5)) {
            *flags &= !high(flags::UNFRAGMENTED);
        }
        fragments.push(out.freeze());
    }
    fragments
}
