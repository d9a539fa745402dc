//! Variable-length integers: little-endian groups of seven bits, the top bit set on all but the last.
//!
//! Lengths and tags are unsigned and at most five bytes long; the numbers inside records are
//! zigzag-coded, of five bytes (varint) or ten (varlong). Longer ones, and bits beyond the type's
//! width, are refused; padding with zero groups is not, as Java reads it too.

use bytes::BufMut;

use crate::Fault;

/// Reads an unsigned integer of at most 32 bits from the front; returns it and its length.
pub fn read_u32(from: &[u8]) -> Result<(u32, usize), Fault> {
    let (value, len) = read(from, 5)?;
    u32::try_from(value).map(|value| (value, len)).map_err(|_| Fault::Varint)
}

/// Reads a zigzag-coded `i32` from the front; returns it and its length.
pub fn read_i32(from: &[u8]) -> Result<(i32, usize), Fault> {
    let (value, len) = read_u32(from)?;
    Ok(((value >> 1) as i32 ^ -((value & 1) as i32), len))
}

/// Reads a zigzag-coded `i64` from the front; returns it and its length.
pub fn read_i64(from: &[u8]) -> Result<(i64, usize), Fault> {
    let (value, len) = read(from, 10)?;
    Ok(((value >> 1) as i64 ^ -((value & 1) as i64), len))
}

fn read(from: &[u8], longest: usize) -> Result<(u64, usize), Fault> {
    let mut value = 0u64;
    for (index, byte) in from.iter().take(longest).enumerate() {
        let bits = u64::from(byte & 0x7f);
        let shift = 7 * index as u32;
        if index == 9 && bits > 1 {
            return Err(Fault::Varint);
        }
        value |= bits << shift;
        if byte & 0x80 == 0 {
            return Ok((value, index + 1));
        }
    }
    if from.len() >= longest {
        Err(Fault::Varint)
    } else {
        Err(Fault::Truncated { needed: from.len() + 1, available: from.len() })
    }
}

/// Writes an unsigned integer.
pub fn write_u32(out: &mut impl BufMut, value: u32) {
    write_u64(out, u64::from(value));
}

/// Writes a zigzag-coded `i32`.
pub fn write_i32(out: &mut impl BufMut, value: i32) {
    write_u64(out, u64::from(zigzag_i32(value)));
}

/// Writes a zigzag-coded `i64`.
pub fn write_i64(out: &mut impl BufMut, value: i64) {
    write_u64(out, zigzag_i64(value));
}

fn write_u64(out: &mut impl BufMut, mut value: u64) {
    while value >= 0x80 {
        out.put_u8(value as u8 | 0x80);
        value >>= 7;
    }
    out.put_u8(value as u8);
}

const fn zigzag_i32(value: i32) -> u32 {
    (value << 1 ^ value >> 31) as u32
}

const fn zigzag_i64(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}

/// Bytes that [`write_u32`] takes for a value.
pub const fn len_u32(value: u32) -> usize {
    len(value as u64)
}

/// Bytes that [`write_i32`] takes for a value.
pub const fn len_i32(value: i32) -> usize {
    len(zigzag_i32(value) as u64)
}

/// Bytes that [`write_i64`] takes for a value.
pub const fn len_i64(value: i64) -> usize {
    len(zigzag_i64(value))
}

const fn len(value: u64) -> usize {
    // Significant bits, at least one, in groups of seven, rounded up.
    (70 - (value | 1).leading_zeros() as usize) / 7
}
