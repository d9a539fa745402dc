//! [`Data`]: a serialized key or value, as it travels and as members store it.
//!
//! ```text
//! partition hash i32 BE (0: none) | type id i32 BE | payload
//! ```
//!
//! The protocol carries it as bytes and looks at no more than the hash, which routes a key to its
//! partition; what the payload means is the serialization's matter.

use core::fmt;
use core::hash::{Hash, Hasher};

use bytes::{BufMut, Bytes, BytesMut};

/// A serialized value. Two are equal if their type and payload are: the partition hash only says
/// where a key lives.
#[derive(Clone, Default)]
pub struct Data(Bytes);

/// Bytes before the payload: the partition hash and the type id.
pub const HEADER: usize = 8;

/// The seed of the murmur hash that spreads keys over partitions.
const SEED: u32 = 0x0100_0193;

impl Data {
    /// Takes the serialized form, header included, without copying or checking it.
    pub const fn new(bytes: Bytes) -> Self {
        Self(bytes)
    }

    /// Puts the header before a payload. A partition hash of 0 means that the payload's own hash
    /// counts.
    pub fn from_parts(partition_hash: i32, type_id: i32, payload: &[u8]) -> Self {
        let mut bytes = BytesMut::with_capacity(HEADER + payload.len());
        bytes.put_i32(partition_hash);
        bytes.put_i32(type_id);
        bytes.put_slice(payload);
        Self(bytes.freeze())
    }

    /// The serialized form, header included.
    pub fn bytes(&self) -> &Bytes {
        &self.0
    }

    /// The serialized form, giving the value up.
    pub fn into_bytes(self) -> Bytes {
        self.0
    }

    /// A copy in a buffer of its own, for a value that outlives its message.
    pub fn detached(&self) -> Self {
        Self(Bytes::copy_from_slice(&self.0))
    }

    /// The id of the serializer, 0 (null) if the bytes are too short to have one.
    pub fn type_id(&self) -> i32 {
        self.word(4).unwrap_or(0)
    }

    /// What follows the header.
    pub fn payload(&self) -> Bytes {
        self.0.slice(HEADER.min(self.0.len())..)
    }

    /// The hash that decides the partition: the one in the header unless it is 0, else that of the
    /// payload.
    pub fn partition_hash(&self) -> i32 {
        match self.word(0) {
            Some(hash) if hash != 0 && self.0.len() >= HEADER => hash,
            _ => murmur3(self.0.get(HEADER..).unwrap_or_default(), SEED) as i32,
        }
    }

    fn word(&self, at: usize) -> Option<i32> {
        let bytes = self.0.get(at..)?.first_chunk()?;
        Some(i32::from_be_bytes(*bytes))
    }

    /// Type id and payload.
    fn identity(&self) -> &[u8] {
        self.0.get(4..).unwrap_or(&self.0)
    }
}

impl From<Bytes> for Data {
    fn from(bytes: Bytes) -> Self {
        Self(bytes)
    }
}

impl PartialEq for Data {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for Data {}

impl Hash for Data {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Data(type {}, ", self.type_id())?;
        shortened(f, self.0.get(HEADER..).unwrap_or_default())?;
        f.write_str(")")
    }
}

#[cfg(feature = "arbitrary")]
impl<'a> arbitrary::Arbitrary<'a> for Data {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        Ok(Self(Bytes::copy_from_slice(<&[u8]>::arbitrary(u)?)))
    }
}

/// Prints at most 32 bytes in hexadecimal, and how many there are.
pub(crate) fn shortened(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    write!(f, "{} bytes", bytes.len())?;
    for (at, byte) in bytes.iter().take(32).enumerate() {
        write!(f, "{}{byte:02x}", if at == 0 { " " } else { "" })?;
    }
    if bytes.len() > 32 {
        f.write_str("…")?;
    }
    Ok(())
}

/// MurmurHash3, x86, 32 bits.
fn murmur3(bytes: &[u8], seed: u32) -> u32 {
    let scramble =
        |block: u32| block.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
    let mut hash = seed;
    let (blocks, tail) = bytes.as_chunks::<4>();
    for block in blocks {
        hash = (hash ^ scramble(u32::from_le_bytes(*block)))
            .rotate_left(13)
            .wrapping_mul(5)
            .wrapping_add(0xe654_6b64);
    }
    let rest = tail.iter().rev().fold(0, |sum: u32, byte| sum << 8 | u32::from(*byte));
    hash ^= scramble(rest);
    hash ^= bytes.len() as u32;
    hash = (hash ^ hash >> 16).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
    hash ^ hash >> 16
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    /// The four keys known to hash to the one number that has no absolute value.
    #[test]
    fn the_smallest_hash_is_reached_by_its_witnesses() {
        let text = [&10i32.to_be_bytes()[..], b"2244756867"].concat();
        for (type_id, payload) in [
            (-7, &1611540325i32.to_be_bytes()[..]),
            (-8, &1676864925i64.to_be_bytes()[..]),
            (-8, &4309324044i64.to_be_bytes()[..]),
            (-11, &text),
        ] {
            let key = Data::from_parts(0, type_id, payload);
            assert_eq!(key.partition_hash(), i32::MIN, "{key:?}");
        }
    }

    #[test]
    fn murmur_of_every_tail_length() {
        // Reference values of MurmurHash3_x86_32.
        assert_eq!(murmur3(b"", 0), 0);
        assert_eq!(murmur3(b"", 1), 0x514e_28b7);
        assert_eq!(murmur3(b"test", 0), 0xba6b_d213);
        assert_eq!(murmur3(b"Hello, world!", 0), 0xc036_3e43);
        assert_eq!(murmur3(b"The quick brown fox jumps over the lazy dog", 0), 0x2e4f_f723);
    }

    #[test]
    fn equality_leaves_the_partition_hash_out() {
        let (one, other) = (Data::from_parts(5, -7, b"abcd"), Data::from_parts(0, -7, b"abcd"));
        assert_eq!(one, other);
        assert_eq!(one.partition_hash(), 5);
        assert_ne!(one.partition_hash(), other.partition_hash());
        assert_ne!(one, Data::from_parts(5, -8, b"abcd"));
    }

    #[test]
    fn bytes_too_short_for_a_header_have_a_hash_all_the_same() {
        for length in 0..HEADER {
            let data =
                Data::new(Bytes::from_static(b"\x01\x02\x03\x04\x05\x06\x07\x08").slice(..length));
            assert_eq!(data.partition_hash(), murmur3(b"", SEED) as i32);
            assert!(data.payload().is_empty());
            let _ = format!("{data:?}");
        }
    }
}
