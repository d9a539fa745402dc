//! Control records: the broker's own marks in a log. They take an offset and never reach the
//! application.

use bytes::Buf;

use super::Record;
use crate::{Fault, Malformed};

/// What a control record marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ControlType(pub i16);

impl ControlType {
    /// The end of an aborted transaction.
    pub const ABORT: Self = Self(0);
    /// The end of a committed transaction.
    pub const COMMIT: Self = Self(1);
    /// A new leader of a Raft quorum.
    pub const LEADER_CHANGE: Self = Self(2);
}

/// A control record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// A transaction of the batch's producer ended.
    EndTransaction {
        /// Whether it was committed.
        committed: bool,
        /// The epoch of the transaction's coordinator.
        coordinator_epoch: i32,
    },
    /// Another mark, which consumers skip.
    Other(ControlType),
}

impl Control {
    /// Reads a record of a batch whose attributes say that it is for control.
    ///
    /// # Errors
    /// Its key or value is too short.
    pub fn read(record: &Record<'_>) -> Result<Self, Malformed> {
        let key = field(record.key, 4)?;
        let kind = ControlType((&key[2..]).get_i16());
        if kind != ControlType::ABORT && kind != ControlType::COMMIT {
            return Ok(Self::Other(kind));
        }
        let value = field(record.value, 6)?;
        Ok(Self::EndTransaction {
            committed: kind == ControlType::COMMIT,
            coordinator_epoch: (&value[2..]).get_i32(),
        })
    }
}

/// A field of `needed` bytes or more: later versions may append to them.
fn field(bytes: Option<&[u8]>, needed: usize) -> Result<&[u8], Malformed> {
    let bytes = bytes.unwrap_or_default();
    if bytes.len() < needed {
        let fault = Fault::Truncated { needed, available: bytes.len() };
        return Err(Malformed::new("control record", fault));
    }
    Ok(bytes)
}
