//! [`Error`]: everything that can go wrong with a call of this family, and whose fault it was.

use core::time::Duration;

use crate::call::Failure;
use crate::malformed::Malformed;
use crate::xcp::message::NackCode;

/// Why a call, a connection or a value failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The peer sent bytes that break the format.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The peer sent something well-formed at the wrong time.
    #[error("protocol violation: {0}")]
    Protocol(&'static str),
    /// One side asks for something that the other, or this crate, doesn't speak.
    #[error("unsupported: {0}")]
    Unsupported(&'static str),
    /// The peer refused the message.
    #[error("refused by the peer: {code}")]
    Nack {
        /// Its reason.
        code: NackCode,
        /// How long it asks to wait before trying again; zero if it doesn't say.
        retry_after: Duration,
    },
    /// The caller asked for something that can't be sent.
    #[error("misuse: {0}")]
    Misuse(&'static str),
    /// The call failed as calls of any family do.
    #[error(transparent)]
    Call(#[from] Failure),
}
