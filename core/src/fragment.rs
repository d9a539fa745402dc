//! [`Reassembly`]: messages that come in pieces.
//!
//! Hazelcast cuts messages into fragments under a fragment id, XCP cuts payloads into chunks under
//! channel and message id. Pieces of different messages may interleave; the pieces of one come in
//! order. A connection keeps one `Reassembly` under its family's key.
//!
//! ```text
//!   begin(k) -> piece(k)* -> end(k) = all pieces, in order
//!   piece(k) or end(k) without begin: Unstarted      begin(k) twice: Doubled
//! ```
//!
//! Memory is bounded by the bytes received and by [`FragmentLimits`], and an unfinished message does
//! not wait for ever: [`Reassembly::expire`] gives it up.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use crate::time::Instant;

/// Bounds of one connection's unfinished messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FragmentLimits {
    /// How many at once; 16 by default.
    pub unfinished: usize,
    /// Bytes of all together; 64 MiB by default.
    pub bytes: usize,
    /// Pieces of one message; 65,536 by default.
    pub pieces: usize,
    /// Time between two pieces of one message; 30 s by default.
    pub wait: Duration,
}

impl Default for FragmentLimits {
    fn default() -> Self {
        Self { unfinished: 16, bytes: 64 << 20, pieces: 1 << 16, wait: Duration::from_secs(30) }
    }
}

/// How a piece broke the rules. Always the peer's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FragmentError {
    /// It continues a message that never began.
    #[error("a fragment that continues nothing")]
    Unstarted,
    /// It begins a message that has begun.
    #[error("a fragment that begins a message twice")]
    Doubled,
    /// One unfinished message too many.
    #[error("more than {0} unfinished messages")]
    TooMany(usize),
    /// More bytes than the limit.
    #[error("unfinished messages of more than {0} bytes")]
    TooLarge(usize),
    /// More pieces than the limit.
    #[error("a message of more than {0} fragments")]
    TooManyPieces(usize),
    /// The next piece did not come in time.
    #[error("a message was never finished")]
    Unfinished,
}

#[derive(Debug)]
struct Partial<H> {
    head: H,
    pieces: Vec<Bytes>,
    bytes: usize,
    latest: Instant,
}

/// The unfinished messages of one connection; `H` is what the family keeps of the first piece.
#[derive(Debug)]
pub struct Reassembly<K, H = ()> {
    limits: FragmentLimits,
    partials: BTreeMap<K, Partial<H>>,
    bytes: usize,
}

impl<K: Ord + Clone, H> Reassembly<K, H> {
    /// Nothing unfinished.
    pub const fn new(limits: FragmentLimits) -> Self {
        Self { limits, partials: BTreeMap::new(), bytes: 0 }
    }

    /// The first piece of a message that has more.
    pub fn begin(
        &mut self,
        now: Instant,
        key: K,
        head: H,
        piece: Bytes,
    ) -> Result<(), FragmentError> {
        if self.partials.contains_key(&key) {
            return Err(FragmentError::Doubled);
        }
        if self.partials.len() >= self.limits.unfinished {
            return Err(FragmentError::TooMany(self.limits.unfinished));
        }
        self.count(piece.len())?;
        let partial = Partial { head, bytes: piece.len(), pieces: Vec::from([piece]), latest: now };
        self.partials.insert(key, partial);
        Ok(())
    }

    /// A piece in the middle.
    pub fn piece(&mut self, now: Instant, key: &K, piece: Bytes) -> Result<(), FragmentError> {
        let length = piece.len();
        let partial = self.partials.get_mut(key).ok_or(FragmentError::Unstarted)?;
        if partial.pieces.len() >= self.limits.pieces {
            return Err(FragmentError::TooManyPieces(self.limits.pieces));
        }
        if self.bytes.saturating_add(length) > self.limits.bytes {
            return Err(FragmentError::TooLarge(self.limits.bytes));
        }
        self.bytes += length;
        partial.bytes += length;
        partial.latest = now;
        partial.pieces.push(piece);
        Ok(())
    }

    /// The last piece: all of them, in order.
    pub fn end(
        &mut self,
        now: Instant,
        key: &K,
        piece: Bytes,
    ) -> Result<(H, Vec<Bytes>), FragmentError> {
        self.piece(now, key, piece)?;
        let partial = self.partials.remove(key).ok_or(FragmentError::Unstarted)?;
        self.bytes -= partial.bytes;
        Ok((partial.head, partial.pieces))
    }

    /// What was kept of the first piece of an unfinished message.
    pub fn head(&self, key: &K) -> Option<&H> {
        self.partials.get(key).map(|partial| &partial.head)
    }

    /// Gives up a message whose next piece is overdue, and says which.
    pub fn expire(&mut self, now: Instant) -> Option<K> {
        let overdue = |partial: &Partial<H>| now >= partial.latest + self.limits.wait;
        let key = self.partials.iter().find(|(_, partial)| overdue(partial))?.0.clone();
        if let Some(partial) = self.partials.remove(&key) {
            self.bytes -= partial.bytes;
        }
        Some(key)
    }

    /// When [`Reassembly::expire`] is next worth asking.
    pub fn deadline(&self) -> Option<Instant> {
        self.partials.values().map(|partial| partial.latest + self.limits.wait).min()
    }

    /// Whether nothing is unfinished.
    pub fn is_empty(&self) -> bool {
        self.partials.is_empty()
    }

    fn count(&mut self, length: usize) -> Result<(), FragmentError> {
        if self.bytes.saturating_add(length) > self.limits.bytes {
            return Err(FragmentError::TooLarge(self.limits.bytes));
        }
        self.bytes += length;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::ZERO;

    fn limits() -> FragmentLimits {
        FragmentLimits { unfinished: 2, bytes: 10, pieces: 3, wait: Duration::from_secs(1) }
    }

    fn bytes(text: &'static str) -> Bytes {
        Bytes::from_static(text.as_bytes())
    }

    #[test]
    fn joins_interleaved_messages_and_takes_a_key_again() {
        let mut parts = Reassembly::new(limits());
        parts.begin(NOW, 1, 'x', bytes("a")).unwrap();
        parts.begin(NOW, 2, 'y', bytes("b")).unwrap();
        parts.piece(NOW, &1, bytes("c")).unwrap();
        assert_eq!(parts.head(&2), Some(&'y'));
        assert_eq!(
            parts.end(NOW, &2, bytes("d")).unwrap(),
            ('y', Vec::from([bytes("b"), bytes("d")]))
        );
        assert_eq!(parts.end(NOW, &1, bytes("e")).unwrap().1.len(), 3);
        assert!(parts.is_empty());
        for _ in 0..20 {
            parts.begin(NOW, 1, 'z', bytes("12345")).unwrap();
            parts.end(NOW, &1, bytes("12345")).unwrap();
        }
    }

    #[test]
    fn refuses_what_breaks_the_rules() {
        let mut parts = Reassembly::new(limits());
        assert_eq!(parts.piece(NOW, &1, bytes("a")), Err(FragmentError::Unstarted));
        assert_eq!(parts.end(NOW, &1, bytes("a")), Err(FragmentError::Unstarted));
        parts.begin(NOW, 1, (), bytes("a")).unwrap();
        assert_eq!(parts.begin(NOW, 1, (), bytes("a")), Err(FragmentError::Doubled));
        parts.begin(NOW, 2, (), bytes("a")).unwrap();
        assert_eq!(parts.begin(NOW, 3, (), bytes("a")), Err(FragmentError::TooMany(2)));
        assert_eq!(parts.piece(NOW, &1, bytes("123456789")), Err(FragmentError::TooLarge(10)));
        parts.piece(NOW, &1, bytes("")).unwrap();
        parts.piece(NOW, &1, bytes("")).unwrap();
        assert_eq!(parts.piece(NOW, &1, bytes("")), Err(FragmentError::TooManyPieces(3)));
    }

    #[test]
    fn gives_up_what_is_never_finished() {
        let mut parts = Reassembly::new(limits());
        assert_eq!(parts.deadline(), None);
        parts.begin(NOW, 1, (), bytes("a")).unwrap();
        let later = NOW + Duration::from_millis(500);
        parts.piece(later, &1, bytes("a")).unwrap();
        assert_eq!(parts.deadline(), Some(later + Duration::from_secs(1)));
        assert_eq!(parts.expire(NOW + Duration::from_secs(1)), None);
        assert_eq!(parts.expire(later + Duration::from_secs(1)), Some(1));
        parts.begin(later, 1, (), bytes("0123456789")).unwrap();
    }
}
