//! [`Embedded`]: messages that stand in a byte field of another, or in a record, and so say their own
//! version.
//!
//! ```text
//!  | version i16 | fields ..            consumer protocol, principals, transaction markers
//!  | fields: version i16, ..            records of the Raft quorum, whose first field it is
//! ```
//! Clients call this for what JoinGroup and SyncGroup carry, brokers and tools for control records and
//! forwarded principals.

use alloc::vec::Vec;

use bytes::Bytes;

use crate::Malformed;
use crate::kafka::wire::{EncodeError, Message, Reader, Writer};

/// How a message says its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// In two bytes before the message. What is newer than the newest version known is read as that,
    /// since later ones only append.
    Open,
    /// In two bytes before the message. Newer versions are refused.
    Closed,
    /// In the message's own first field, which is an `i16`. Newer versions are refused.
    Within,
}

/// A message that says its own version.
pub trait Embedded: Message {
    /// How it does.
    const FRAMING: Framing;

    /// Reads a message, and the version that it was read as. What follows it is skipped.
    ///
    /// # Errors
    /// The version is negative, or newer than a closed framing allows, or the bytes break the encoding.
    fn from_bytes(bytes: &Bytes) -> Result<(Self, i16), Malformed> {
        let mut reader = Reader::new(bytes);
        let mut version = reader.i16(Self::NAME)?;
        match Self::FRAMING {
            Framing::Open => version = version.min(Self::VERSIONS.max),
            Framing::Closed => {}
            Framing::Within => reader = Reader::new(bytes),
        }
        Ok((Self::decode(version, &mut reader)?, version))
    }

    /// Writes the message as a version. A version among its own fields is written as this one.
    ///
    /// # Errors
    /// As [`Message::encode`].
    fn to_bytes(&self, version: i16) -> Result<Bytes, EncodeError> {
        let mut writer = Writer::new();
        self.encode(version, &mut writer)?;
        let chunks = writer.finish();
        let mut out = Vec::with_capacity(2 + chunks.iter().map(Bytes::len).sum::<usize>());
        out.extend_from_slice(&version.to_be_bytes());
        let mut skip = if Self::FRAMING == Framing::Within { 2 } else { 0 };
        for chunk in chunks {
            out.extend(chunk.iter().skip(skip));
            skip = 0;
        }
        Ok(out.into())
    }
}

#[cfg(test)]
mod tests;
