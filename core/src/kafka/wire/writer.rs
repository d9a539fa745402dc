//! [`Writer`]: collects frames to be sent, and [`EncodeError`]: why a message could not be.

use alloc::vec::Vec;
use core::mem;

use bytes::Bytes;
use smallvec::SmallVec;

use super::{Failed, Versions, varint};

pub use crate::links::SLICE_FROM;

/// A message that the version asked for cannot carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot write {context} at version {version}: {fault}")]
pub struct EncodeError {
    /// The message, or the field of it: `"ProduceRequest.transactional_id"`.
    pub context: &'static str,
    /// The version that was asked for.
    pub version: i16,
    /// What is wrong.
    pub fault: EncodeFault,
}

/// What is wrong with a message that cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeFault {
    /// The message has no such version.
    #[error("the message has no such version")]
    Version,
    /// The field is set, but the version does not have it, and it may not be dropped.
    #[error("the version lacks this field, and it is set")]
    Absent,
    /// The field is `None`, and the version knows no null for it.
    #[error("the version allows no null here")]
    Null,
    /// Text above 32,767 bytes, or a frame above 2,147,483,647.
    #[error("{0} bytes are too long")]
    TooLong(usize),
}

/// Where a frame began, for [`Writer::end_frame`] and [`Writer::abort_frame`].
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct FrameMark {
    at: usize,
    slices: usize,
    sliced: usize,
}

/// A buffer of up to so many bytes is kept for the next message; a larger one is handed out itself.
const KEPT: usize = 16 << 10;

/// Room that the first frame is given. Most requests take no more.
const ROOM: usize = 128;

/// Collects any number of frames, then hands them out as chunks.
///
/// Everything is copied into one buffer except large byte fields, which are remembered as
/// insertions: `slices` holds the place in `buffer` that each belongs at.
#[derive(Debug, Default)]
pub struct Writer {
    buffer: Vec<u8>,
    slices: SmallVec<[(usize, Bytes); 2]>,
    // Sum of the slices' lengths.
    sliced: usize,
    flexible: bool,
    // The version being written, for errors raised below the message's own code.
    version: i16,
    // Why the message's code gave up: a `Failed` was returned for it.
    error: Option<EncodeError>,
}

impl Writer {
    /// An empty writer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Checks a version and takes on its encoding.
    #[inline(never)]
    pub(crate) fn begin(
        &mut self,
        name: &'static str,
        versions: Versions,
        flexible: Versions,
        at: i16,
    ) -> Result<(), EncodeError> {
        self.version = at;
        if !versions.contains(at) {
            return Err(self.error(name, EncodeFault::Version));
        }
        self.flexible = flexible.contains(at);
        Ok(())
    }

    fn error(&self, context: &'static str, fault: EncodeFault) -> EncodeError {
        EncodeError { context, version: self.version, fault }
    }

    /// Keeps an error, for [`Writer::end`].
    #[cold]
    pub(crate) fn fail(&mut self, context: &'static str, fault: EncodeFault) -> Failed {
        self.error = Some(self.error(context, fault));
        Failed
    }

    /// Refuses a field that is set but that the version lacks.
    #[cold]
    pub(crate) fn absent(&mut self, context: &'static str) -> Failed {
        self.fail(context, EncodeFault::Absent)
    }

    /// The error behind a [`Failed`].
    #[inline(never)]
    pub(crate) fn end(
        &mut self,
        written: Result<(), Failed>,
        name: &'static str,
    ) -> Result<(), EncodeError> {
        written.map_err(|Failed| {
            let error = self.error(name, EncodeFault::Version);
            self.error.take().unwrap_or(error)
        })
    }

    /// Whether the message being written is of a flexible version.
    pub fn flexible(&self) -> bool {
        self.flexible
    }

    /// Sets whether lengths are compact, and returns what was set before.
    pub fn set_flexible(&mut self, flexible: bool) -> bool {
        core::mem::replace(&mut self.flexible, flexible)
    }

    /// Bytes written and not handed out yet.
    pub fn len(&self) -> usize {
        self.buffer.len() + self.sliced
    }

    /// Whether nothing is waiting to be handed out.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Leaves room for a frame's length.
    pub fn begin_frame(&mut self) -> FrameMark {
        if self.buffer.capacity() == 0 {
            self.buffer.reserve(ROOM);
        }
        let mark =
            FrameMark { at: self.buffer.len(), slices: self.slices.len(), sliced: self.sliced };
        self.i32(0);
        mark
    }

    /// Fills in the length of the frame begun at `mark`; returns it, the four bytes included.
    ///
    /// # Errors
    /// The frame is longer than an `i32` counts; it is taken back.
    pub fn end_frame(&mut self, mark: FrameMark) -> Result<usize, EncodeError> {
        let len = (self.buffer.len() - mark.at) + (self.sliced - mark.sliced);
        let Ok(size) = i32::try_from(len.saturating_sub(4)) else {
            self.abort_frame(mark);
            return Err(self.error("frame", EncodeFault::TooLong(len)));
        };
        if let Some(room) = self.buffer.get_mut(mark.at..mark.at + 4) {
            room.copy_from_slice(&size.to_be_bytes());
        }
        Ok(len)
    }

    /// Forgets everything written since `mark`.
    pub fn abort_frame(&mut self, mark: FrameMark) {
        self.buffer.truncate(mark.at);
        self.slices.truncate(mark.slices);
        self.sliced = mark.sliced;
    }

    /// Hands out everything written, in order, and is empty again.
    pub fn finish(&mut self) -> SmallVec<[Bytes; 2]> {
        let mut rest = self.written();
        let mut chunks = SmallVec::new();
        let mut done = 0;
        for (at, slice) in self.slices.drain(..) {
            let before = rest.split_to((at - done).min(rest.len()));
            done = at;
            if !before.is_empty() {
                chunks.push(before);
            }
            chunks.push(slice);
        }
        if !rest.is_empty() {
            chunks.push(rest);
        }
        self.sliced = 0;
        chunks
    }

    /// What is in the buffer. Few bytes are handed out in a copy, and the buffer stays for what is written
    /// next: it has grown to a message's size, and the bytes take no more room than they are.
    fn written(&mut self) -> Bytes {
        if self.buffer.len() > KEPT {
            return mem::take(&mut self.buffer).into();
        }
        let bytes = Bytes::copy_from_slice(&self.buffer);
        self.buffer.clear();
        bytes
    }

    /// A boolean, as one byte.
    pub fn bool(&mut self, value: bool) {
        self.buffer.push(u8::from(value));
    }

    /// A signed byte.
    pub fn i8(&mut self, value: i8) {
        self.buffer.push(value as u8);
    }

    /// A big-endian integer of two bytes.
    pub fn i16(&mut self, value: i16) {
        self.raw(&value.to_be_bytes());
    }

    /// A big-endian integer of four bytes.
    pub fn i32(&mut self, value: i32) {
        self.raw(&value.to_be_bytes());
    }

    /// A big-endian integer of eight bytes.
    pub fn i64(&mut self, value: i64) {
        self.raw(&value.to_be_bytes());
    }

    /// Bytes as they are, copied.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// An unsigned variable-length integer.
    pub fn uvarint(&mut self, value: u32) {
        if value < 0x80 {
            self.buffer.push(value as u8);
        } else {
            varint::write_u32(&mut self.buffer, value);
        }
    }

    /// Says, in a flexible version, that there are no tagged fields.
    pub(crate) fn no_tags(&mut self) {
        if self.flexible {
            self.buffer.push(0);
        }
    }

    /// A length of the current encoding; `None` is null.
    fn length(
        &mut self,
        len: Option<usize>,
        wide: bool,
        context: &'static str,
    ) -> Result<(), Failed> {
        let longest = if wide { i32::MAX as usize - 1 } else { 0x7fff };
        if let Some(len) = len.filter(|len| *len > longest) {
            return Err(self.fail(context, EncodeFault::TooLong(len)));
        }
        let signed = len.map_or(-1, |len| len as i32);
        match (self.flexible, wide) {
            (true, _) => self.uvarint((signed + 1) as u32),
            (false, true) => self.i32(signed),
            (false, false) => self.i16(signed as i16),
        }
        Ok(())
    }

    /// Text or null.
    pub(crate) fn string(
        &mut self,
        text: Option<&[u8]>,
        context: &'static str,
    ) -> Result<(), Failed> {
        self.length(text.map(<[u8]>::len), false, context)?;
        self.raw(text.unwrap_or_default());
        Ok(())
    }

    /// Bytes or null; large ones are not copied.
    pub(crate) fn bytes(
        &mut self,
        bytes: Option<&Bytes>,
        context: &'static str,
    ) -> Result<(), Failed> {
        self.length(bytes.map(Bytes::len), true, context)?;
        match bytes {
            Some(bytes) if bytes.len() >= SLICE_FROM => {
                self.sliced += bytes.len();
                self.slices.push((self.buffer.len(), bytes.clone()));
            }
            Some(bytes) => self.raw(bytes),
            None => {}
        }
        Ok(())
    }

    /// An array of `i32`.
    pub(crate) fn ids(&mut self, ids: &[i32], context: &'static str) -> Result<(), Failed> {
        self.length(Some(ids.len()), true, context)?;
        let at = self.buffer.len();
        self.buffer.resize(at + 4 * ids.len(), 0);
        let (room, _) = self.buffer.get_mut(at..).unwrap_or_default().as_chunks_mut::<4>();
        for (room, id) in room.iter_mut().zip(ids) {
            *room = id.to_be_bytes();
        }
        Ok(())
    }

    /// The number of elements of an array; `None` is null.
    pub(crate) fn count(
        &mut self,
        count: Option<usize>,
        context: &'static str,
    ) -> Result<(), Failed> {
        self.length(count, true, context)
    }

    /// Leaves one byte of room for a variable-length integer, and says where.
    pub(crate) fn gap(&mut self) -> usize {
        self.buffer.push(0);
        self.buffer.len() - 1
    }

    /// Fills a gap, moving what follows if the value takes more than one byte.
    pub(crate) fn fill_gap(&mut self, gap: usize, value: u32) {
        let extra = varint::len_u32(value) - 1;
        if extra > 0 {
            let end = self.buffer.len();
            self.buffer.resize(end + extra, 0);
            self.buffer.copy_within(gap + 1..end, gap + 1 + extra);
            for (at, _) in self.slices.iter_mut().rev().take_while(|(at, _)| *at > gap) {
                *at += extra;
            }
        }
        if let Some(mut room) = self.buffer.get_mut(gap..=gap + extra) {
            varint::write_u32(&mut room, value);
        }
    }

    /// Bytes written since a gap was left.
    pub(crate) fn since(&self, gap: usize) -> usize {
        let sliced: usize =
            self.slices.iter().rev().take_while(|(at, _)| *at > gap).map(|(_, s)| s.len()).sum();
        self.buffer.len() - gap - 1 + sliced
    }
}
