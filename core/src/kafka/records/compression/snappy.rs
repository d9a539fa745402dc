//! Snappy, by snap, in the frames of Java's library or, as librdkafka writes it, as one raw block.
//!
//! ```text
//!   82 'SNAPPY' 00 | version i32 = 1 | compatible i32 = 1 | (length i32 | raw block)*
//! ```
//! A raw block begins with its unpacked length, and the frame's first byte would promise 2 bytes and then
//! begin with a copy of what is not there: the two can be told apart.

use alloc::vec::Vec;

use super::Output;
use crate::kafka::records::RecordsError;
use crate::{Fault, Malformed};

const CONTEXT: &str = "RecordBatch.records";

const FRAMED: &[u8] = &[0x82, b'S', b'N', b'A', b'P', b'P', b'Y', 0];

/// Both version fields as everyone writes them.
const VERSIONS: &[u8] = &[0, 0, 0, 1, 0, 0, 0, 1];

/// Bytes of each block before compression, as Java cuts them.
const BLOCK: usize = 32 << 10;

/// Three bytes make 64 at most: a copy with an offset of two bytes.
const fn most(packed: usize) -> usize {
    packed.saturating_mul(64) / 3 + 64
}

pub(super) fn decompress(packed: &[u8], out: &mut Output<'_>) -> Result<(), RecordsError> {
    if !packed.starts_with(FRAMED) {
        return block(packed, out);
    }
    let mut left = packed;
    while !left.is_empty() {
        // Java takes a second header for the start of another stream.
        if left.starts_with(FRAMED) {
            left = left.get(FRAMED.len() + VERSIONS.len()..).ok_or(truncated(16, left.len()))?;
            continue;
        }
        let (length, rest) = left.split_first_chunk().ok_or(truncated(4, left.len()))?;
        let length = i32::from_be_bytes(*length);
        let size = usize::try_from(length)
            .map_err(|_| Malformed::new(CONTEXT, Fault::Length(i64::from(length))))?;
        let (packed, rest) = rest.split_at_checked(size).ok_or(truncated(size, rest.len()))?;
        block(packed, out)?;
        left = rest;
    }
    Ok(())
}

fn truncated(needed: usize, available: usize) -> Malformed {
    Malformed::new(CONTEXT, Fault::Truncated { needed, available })
}

fn block(packed: &[u8], out: &mut Output<'_>) -> Result<(), RecordsError> {
    let broken = |_| Malformed::other(CONTEXT, "not snappy, or broken");
    let len = snap::raw::decompress_len(packed).map_err(broken)?;
    if len > out.left() {
        return Err(out.too_large());
    }
    if len > most(packed.len()) {
        return Err(Malformed::new(CONTEXT, Fault::Length(len as i64)).into());
    }
    let room = out.room(len).get_mut(..len).unwrap_or_default();
    let written = snap::raw::Decoder::new().decompress(packed, room).map_err(broken)?;
    out.advance(written)
}

pub(super) fn compress(records: &[u8], out: &mut Vec<u8>) -> Result<(), RecordsError> {
    out.extend_from_slice(FRAMED);
    out.extend_from_slice(VERSIONS);
    let mut encoder = snap::raw::Encoder::new();
    for block in records.chunks(BLOCK) {
        let at = out.len();
        out.resize(at + 4 + snap::raw::max_compress_len(block.len()), 0);
        let room = out.get_mut(at + 4..).unwrap_or_default();
        // There is room for the worst of cases.
        let failed = |_| Malformed::other(CONTEXT, "snappy could not compress them");
        let written = encoder.compress(block, room).map_err(failed)?;
        if let Some(length) = out.get_mut(at..at + 4) {
            length.copy_from_slice(&(written as i32).to_be_bytes());
        }
        out.truncate(at + 4 + written);
    }
    Ok(())
}
