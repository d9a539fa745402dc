//! One direction of a TCP connection: packets in, bytes in order out.

use std::collections::BTreeMap;

/// What may wait for a missing packet; beyond this the capture counts as incomplete.
const MAX_WAITING: usize = 16 << 20;

/// Puts packets in order and drops what was sent twice.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// The next sequence number, once the first is known.
    next: Option<u32>,
    /// Packets that came too early, by their distance from `next` when they came, made absolute.
    waiting: BTreeMap<u64, Vec<u8>>,
    waiting_bytes: usize,
    /// Bytes delivered, which makes sequence numbers absolute.
    delivered: u64,
}

impl Stream {
    /// The number of a SYN: the first byte has the one after it.
    pub(super) fn begin(&mut self, sequence: u32) {
        self.next = Some(sequence.wrapping_add(1));
    }

    /// Takes a packet's payload and hands out what can be read now. False: too much is missing.
    pub(super) fn push(
        &mut self,
        sequence: u32,
        payload: &[u8],
        mut out: impl FnMut(&[u8]),
    ) -> bool {
        if payload.is_empty() {
            return true;
        }
        let next = *self.next.get_or_insert(sequence);
        // Sequence numbers wrap: what is less than half the circle ahead is ahead.
        let distance = i64::from(sequence.wrapping_sub(next) as i32);
        if distance > 0 {
            let at = self.delivered + distance as u64;
            self.waiting_bytes += payload.len();
            let kept = self.waiting.entry(at).or_default();
            if kept.len() < payload.len() {
                *kept = payload.to_vec();
            }
            return self.waiting_bytes <= MAX_WAITING;
        }
        self.deliver(payload.get(distance.unsigned_abs() as usize..).unwrap_or_default(), &mut out);
        while let Some(entry) = self.waiting.first_entry() {
            if *entry.key() > self.delivered {
                break;
            }
            let (at, payload) = entry.remove_entry();
            self.waiting_bytes = self.waiting_bytes.saturating_sub(payload.len());
            let seen = (self.delivered - at) as usize;
            self.deliver(payload.get(seen..).unwrap_or_default(), &mut out);
        }
        true
    }

    /// Whether a packet never came.
    pub(super) fn has_hole(&self) -> bool {
        !self.waiting.is_empty()
    }

    fn deliver(&mut self, bytes: &[u8], out: &mut impl FnMut(&[u8])) {
        if bytes.is_empty() {
            return;
        }
        self.delivered += bytes.len() as u64;
        self.next = self.next.map(|next| next.wrapping_add(bytes.len() as u32));
        out(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(first: u32, packets: &[(u32, &str)]) -> (String, bool) {
        let mut stream = Stream::default();
        stream.begin(first);
        let mut read = String::new();
        for (offset, payload) in packets {
            let sequence = first.wrapping_add(1).wrapping_add(*offset);
            assert!(stream.push(sequence, payload.as_bytes(), |bytes| {
                read.push_str(std::str::from_utf8(bytes).unwrap());
            }));
        }
        (read, stream.has_hole())
    }

    #[test]
    fn order_repeats_and_overlaps() {
        for first in [0, 1000, u32::MAX - 3] {
            assert_eq!(run(first, &[(0, "ab"), (2, "cd")]), ("abcd".into(), false));
            assert_eq!(run(first, &[(2, "cd"), (0, "ab")]), ("abcd".into(), false));
            assert_eq!(run(first, &[(0, "ab"), (0, "ab"), (2, "c")]), ("abc".into(), false));
            assert_eq!(run(first, &[(0, "abc"), (1, "bcde")]), ("abcde".into(), false));
            assert_eq!(run(first, &[(4, "ef"), (2, "cdef"), (0, "ab")]), ("abcdef".into(), false));
            assert_eq!(run(first, &[(0, "a"), (3, "d")]), ("a".into(), true));
        }
    }
}
