//! [`Error`]: everything that can go wrong with Kafka, by who was at fault.

use super::code::ErrorCode;
use super::records::{Compression, RecordsError};
use super::wire::EncodeError;
use crate::call::Failure;
use crate::{Fault, Malformed, Str};

/// The error of every Kafka call.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The broker sent bytes that break the encoding.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The broker sent whole messages that break the protocol.
    #[error("protocol violation: {0}")]
    Violation(#[from] Violation),
    /// The broker, or this library, has no such thing.
    #[error("unsupported: {0}")]
    Unsupported(&'static str),
    /// The broker refused, and trying again would not help or was tried for long enough.
    #[error("the broker says {code}{}", Said(.message.as_ref()))]
    Remote {
        /// The broker's error code.
        code: ErrorCode,
        /// What the broker says about it, if anything.
        message: Option<Str>,
    },
    /// The message can't be carried by the version that both sides speak.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The caller asked for what can't be.
    #[error("misuse: {0}")]
    Misuse(&'static str),
    /// What can happen to any call.
    #[error(transparent)]
    Failure(#[from] Failure),
}

struct Said<'a>(Option<&'a Str>);

impl core::fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.map_or(Ok(()), |text| write!(f, ": {text}"))
    }
}

impl Error {
    /// A broker's refusal without words.
    pub const fn remote(code: ErrorCode) -> Self {
        Self::Remote { code, message: None }
    }

    /// The code that the broker sent, if it is the broker's error.
    pub const fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Remote { code, .. } => Some(*code),
            _ => None,
        }
    }
}

impl From<RecordsError> for Error {
    fn from(error: RecordsError) -> Self {
        match error {
            RecordsError::Malformed(malformed) => Self::Malformed(malformed),
            RecordsError::NotBuiltIn(Compression::GZIP) => {
                Self::Unsupported("gzip is not built in")
            }
            RecordsError::NotBuiltIn(Compression::SNAPPY) => {
                Self::Unsupported("snappy is not built in")
            }
            RecordsError::NotBuiltIn(Compression::LZ4) => Self::Unsupported("lz4 is not built in"),
            RecordsError::NotBuiltIn(Compression::ZSTD) => {
                Self::Unsupported("zstd is not built in")
            }
            RecordsError::NotBuiltIn(_) | RecordsError::UnsupportedCodec(_) => {
                Self::Unsupported("the batch's compression codec")
            }
            RecordsError::UnsupportedMagic(_) => Self::Unsupported("the batch's message format"),
            RecordsError::Compressed(_) => Self::Misuse("compressed records need a decompressor"),
            RecordsError::TooLarge { limit } => Self::Malformed(Malformed::new(
                "RecordBatch.records",
                Fault::Limit { size: (limit as u64).saturating_add(1), limit: limit as u64 },
            )),
            RecordsError::Nested => Self::Malformed(Malformed::new("Message", Fault::Nesting(1))),
            RecordsError::NotInFormat { what, .. } => Self::Unsupported(what),
            RecordsError::TooLong(_) => Self::Misuse("a batch of more than 2 GiB"),
        }
    }
}

/// How a peer broke the protocol with messages that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// An answer although no request waits for one.
    #[error("an answer (id {0}) that nobody waits for")]
    Unasked(i32),
    /// An answer to a request that is not the oldest one.
    #[error("answer {found} where {expected} was due")]
    OutOfOrder {
        /// The id of the oldest request.
        expected: i32,
        /// The id that came.
        found: i32,
    },
    /// An answer that doesn't mention what was asked for.
    #[error("the answer lacks {0}")]
    Lacking(&'static str),
    /// An answer that would have this side go on for ever.
    #[error("the answer makes no progress: {0}")]
    NoProgress(&'static str),
}
