//! LZ4 in its frame format: the blocks by lz4_flex, the frame around them here, since the library's own
//! reader refuses the header checksum that clients of message format 0 wrote.
//!
//! ```text
//!   magic u32 | FLG | BD | [content size u64] | [dictionary u32] | header checksum
//!   (block size u32, top bit: stored as it is | block | [checksum u32])* | 0 u32 | [content checksum u32]
//! ```
//! All numbers are little-endian, all checksums xxh32. The header's is its second byte, over FLG up to it;
//! format 0 has the magic in it as well, so there it is not checked. Blocks that lean on the one before
//! are read, although Java refuses them; what is written has independent ones of 64 KiB, as Java's do.

use alloc::vec::Vec;

use lz4_flex::block::{self, DecompressError, get_maximum_output_size};
use twox_hash::XxHash32;

use super::{Era, Output};
use crate::kafka::records::RecordsError;
use crate::{Fault, Malformed};

const CONTEXT: &str = "RecordBatch.records";

const MAGIC: u32 = 0x184d_2204;
/// Frames that decoders pass over: these and 15 more.
const SKIPPABLE: u32 = 0x184d_2a50;

/// FLG: version 1, independent blocks, no checksums.
const OURS: u8 = 0x60;
/// BD: blocks of 64 KiB.
const BLOCKS: u8 = 0x40;
const BLOCK: usize = 64 << 10;

const INDEPENDENT: u8 = 0x20;
const BLOCK_CHECKSUMS: u8 = 0x10;
const CONTENT_SIZE: u8 = 0x08;
const CONTENT_CHECKSUM: u8 = 0x04;
const RESERVED: u8 = 0x02;
const DICTIONARY: u8 = 0x01;

/// How far back a block may lean.
const WINDOW: usize = 64 << 10;

const STORED: u32 = 1 << 31;

fn xxh32(bytes: &[u8]) -> u32 {
    XxHash32::oneshot(0, bytes)
}

fn take<'a>(from: &mut &'a [u8], needed: usize) -> Result<&'a [u8], Malformed> {
    let fault = Fault::Truncated { needed, available: from.len() };
    let (taken, left) = from.split_at_checked(needed).ok_or(Malformed::new(CONTEXT, fault))?;
    *from = left;
    Ok(taken)
}

fn number(from: &mut &[u8]) -> Result<u32, Malformed> {
    let bytes = take(from, 4)?;
    Ok(bytes.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes)))
}

fn check(bytes: &[u8], found: u32) -> Result<(), Malformed> {
    let expected = xxh32(bytes);
    if expected == found {
        return Ok(());
    }
    Err(Malformed::new(CONTEXT, Fault::Checksum { expected, found }))
}

pub(super) fn decompress(
    packed: &[u8],
    era: Era,
    out: &mut Output<'_>,
) -> Result<(), RecordsError> {
    let mut left = packed;
    loop {
        match number(&mut left)? {
            MAGIC => frame(&mut left, era, out)?,
            magic if magic & !0xf == SKIPPABLE => {
                let size = number(&mut left)?;
                take(&mut left, size as usize)?;
            }
            magic => return Err(Malformed::new(CONTEXT, Fault::Value(i64::from(magic))).into()),
        }
        if left.is_empty() {
            return Ok(());
        }
    }
}

fn frame(left: &mut &[u8], era: Era, out: &mut Output<'_>) -> Result<(), RecordsError> {
    let header = *left;
    let descriptor = take(left, 2)?;
    let (flags, blocks) = (descriptor.first().copied(), descriptor.get(1).copied());
    let (flags, blocks) = (flags.unwrap_or_default(), blocks.unwrap_or_default());
    if flags >> 6 != 1 || flags & RESERVED != 0 || blocks & 0x8f != 0 || blocks < 0x40 {
        return Err(Malformed::other(CONTEXT, "an lz4 frame of another version").into());
    }
    if flags & DICTIONARY != 0 {
        return Err(Malformed::other(CONTEXT, "an lz4 frame that needs a dictionary").into());
    }
    if flags & CONTENT_SIZE != 0 {
        take(left, 8)?;
    }
    let described = header.get(..header.len() - left.len()).unwrap_or_default();
    let found = take(left, 1)?.first().copied().unwrap_or_default();
    let expected = (xxh32(described) >> 8) as u8;
    if era != Era::Oldest && found != expected {
        let fault = Fault::Checksum { expected: expected.into(), found: found.into() };
        return Err(Malformed::new(CONTEXT, fault).into());
    }
    // 64 KiB, 256 KiB, 1 MiB or 4 MiB.
    let largest = BLOCK << (2 * ((blocks >> 4) - 4));
    let start = out.len;
    loop {
        let size = number(left)?;
        if size == 0 {
            break;
        }
        let bytes = take(left, (size & !STORED) as usize)?;
        if flags & BLOCK_CHECKSUMS != 0 {
            check(bytes, number(left)?)?;
        }
        let independent = flags & INDEPENDENT != 0;
        unpack(bytes, size & STORED != 0, (!independent).then_some(start), largest, out)?;
    }
    if flags & CONTENT_CHECKSUM != 0 {
        check(out.written().get(start..).unwrap_or_default(), number(left)?)?;
    }
    Ok(())
}

/// One block; `leans` is where the frame began, if the block may copy from there on.
fn unpack(
    bytes: &[u8],
    stored: bool,
    leans: Option<usize>,
    largest: usize,
    out: &mut Output<'_>,
) -> Result<(), RecordsError> {
    if stored {
        if bytes.len() > largest {
            return Err(Malformed::new(CONTEXT, Fault::Length(bytes.len() as i64)).into());
        }
        if bytes.len() > out.left() {
            return Err(out.too_large());
        }
        let len = bytes.len();
        out.room(len).get_mut(..len).unwrap_or_default().copy_from_slice(bytes);
        return out.advance(len);
    }
    // A byte makes 255 at most.
    let wanted = largest.min(bytes.len().saturating_mul(255).saturating_add(16));
    let at = out.len;
    let room = out.room(wanted).len().min(wanted);
    let (before, after) = out.buffer.split_at_mut_checked(at).unwrap_or_default();
    let after = after.get_mut(..room).unwrap_or_default();
    let unpacked = match leans {
        Some(start) => {
            let from = start.max(at.saturating_sub(WINDOW));
            let window = before.get(from..).unwrap_or_default();
            block::decompress_into_with_dict(bytes, after, window)
        }
        None => block::decompress_into(bytes, after),
    };
    match unpacked {
        Ok(written) => out.advance(written),
        Err(DecompressError::OutputTooSmall { .. }) if room < wanted => Err(out.too_large()),
        Err(_) => Err(Malformed::other(CONTEXT, "a broken lz4 block").into()),
    }
}

pub(super) fn compress(records: &[u8], era: Era, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(&MAGIC.to_le_bytes());
    out.extend_from_slice(&[OURS, BLOCKS]);
    let from = match era {
        Era::Oldest => start,
        Era::Since1 => start + 4,
    };
    out.push((xxh32(out.get(from..).unwrap_or_default()) >> 8) as u8);
    for block in records.chunks(BLOCK) {
        let at = out.len();
        out.resize(at + 4 + get_maximum_output_size(block.len()), 0);
        let room = out.get_mut(at + 4..).unwrap_or_default();
        let size = match block::compress_into(block, room) {
            Ok(written) if written < block.len() => {
                out.truncate(at + 4 + written);
                written as u32
            }
            // Not worth it.
            _ => {
                out.truncate(at + 4);
                out.extend_from_slice(block);
                block.len() as u32 | STORED
            }
        };
        if let Some(room) = out.get_mut(at..at + 4) {
            room.copy_from_slice(&size.to_le_bytes());
        }
    }
    out.extend_from_slice(&[0; 4]);
}
