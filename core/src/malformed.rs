//! [`Malformed`]: what was wrong with bytes that a peer sent, and where.
//!
//! Every decoder of every family fails with this one type. It is a few words and numbers, copies for
//! nothing and never holds the bytes themselves, so that it may be logged.

use core::fmt;

/// Bytes that break the encoding of a protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("malformed {context}{}: {fault}", Offset(.offset))]
pub struct Malformed {
    /// The message and field, or the structure, that was being read: `"Map.put.key"`.
    pub context: &'static str,
    /// What is wrong with it.
    pub fault: Fault,
    /// Where in the message, or in the frame, the value begins: in bytes, if that is known.
    pub offset: Option<u32>,
}

struct Offset<'a>(&'a Option<u32>);

impl fmt::Display for Offset<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |offset| write!(f, " at byte {offset}"))
    }
}

/// The kinds of fault that bytes can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The bytes end before the value does.
    #[error("{needed} bytes needed, {available} left")]
    Truncated {
        /// Bytes that the value takes, as far as is known.
        needed: usize,
        /// Bytes that are there.
        available: usize,
    },
    /// A count of elements that the bytes left cannot hold.
    #[error("a count of {count} does not fit into the {available} bytes left")]
    Count {
        /// The count as sent.
        count: i64,
        /// Bytes that are there.
        available: usize,
    },
    /// A length below zero, or outside its legal range.
    #[error("a length of {0} is out of range")]
    Length(i64),
    /// Above a limit of this side.
    #[error("{size} exceeds the limit of {limit}")]
    Limit {
        /// What was asked for.
        size: u64,
        /// What is allowed.
        limit: u64,
    },
    /// Text that is not UTF-8.
    #[error("the text is not UTF-8")]
    Utf8,
    /// Null where the protocol has no null.
    #[error("null where a value is required")]
    Null,
    /// A variable-length integer that does not end, or overflows.
    #[error("a variable-length integer is too long")]
    Varint,
    /// Structures nested deeper than is allowed.
    #[error("nested deeper than {0}")]
    Nesting(u32),
    /// A checksum that does not match.
    #[error("checksum {found:#010x}, expected {expected:#010x}")]
    Checksum {
        /// As computed over the bytes.
        expected: u32,
        /// As sent.
        found: u32,
    },
    /// A value that the protocol does not allow here.
    #[error("unexpected value {0}")]
    Value(i64),
    /// Anything else, in words.
    #[error("{0}")]
    Other(&'static str),
}

impl Malformed {
    /// A fault in `context`.
    pub const fn new(context: &'static str, fault: Fault) -> Self {
        Self { context, fault, offset: None }
    }

    /// The same fault, in a value that begins at this byte.
    pub const fn at(self, offset: usize) -> Self {
        // No message is longer than an `i32` counts.
        Self {
            offset: Some(if offset > u32::MAX as usize { u32::MAX } else { offset as u32 }),
            ..self
        }
    }

    /// A fault in `context`, in words.
    pub const fn other(context: &'static str, what: &'static str) -> Self {
        Self::new(context, Fault::Other(what))
    }

    /// The same fault, seen from the field that was being read.
    pub const fn within(self, context: &'static str) -> Self {
        Self { context, ..self }
    }
}
