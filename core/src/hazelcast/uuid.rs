//! [`Uuid`]: the 128-bit ids of members, clients, clusters and registrations.
//!
//! On the wire a UUID is a null flag and two little-endian halves, 17 bytes in all; `Option<Uuid>`
//! is the same 17 bytes with the flag allowed.

use core::fmt;

/// A universally unique id. The protocol gives its bits no further meaning.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Uuid {
    /// The most significant 64 bits.
    pub high: u64,
    /// The least significant 64 bits.
    pub low: u64,
}

impl Uuid {
    /// All bits zero.
    pub const NIL: Self = Self { high: 0, low: 0 };

    /// From its two halves.
    pub const fn new(high: u64, low: u64) -> Self {
        Self { high, low }
    }

    /// A random UUID (version 4) made of these 16 bytes of randomness.
    pub const fn random(bytes: [u8; 16]) -> Self {
        let bits = u128::from_be_bytes(bytes);
        Self {
            high: (bits >> 64) as u64 & !0xf000 | 0x4000,
            low: bits as u64 & !(3 << 62) | 2 << 62,
        }
    }
}

/// The text is none of the form `8-4-4-4-12` hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID")]
pub struct NotAUuid;

impl core::str::FromStr for Uuid {
    type Err = NotAUuid;

    fn from_str(text: &str) -> Result<Self, NotAUuid> {
        let mut bits = 0u128;
        let mut length = 0;
        for (at, byte) in text.bytes().enumerate() {
            length = at + 1;
            match (at, byte) {
                (8 | 13 | 18 | 23, b'-') => {}
                (8 | 13 | 18 | 23, _) => return Err(NotAUuid),
                (36.., _) => return Err(NotAUuid),
                _ => {
                    let digit = char::from(byte).to_digit(16).ok_or(NotAUuid)?;
                    bits = bits << 4 | u128::from(digit);
                }
            }
        }
        if length == 36 {
            Ok(Self { high: (bits >> 64) as u64, low: bits as u64 })
        } else {
            Err(NotAUuid)
        }
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            self.high >> 32,
            self.high >> 16 & 0xffff,
            self.high & 0xffff,
            self.low >> 48,
            self.low & 0xffff_ffff_ffff
        )
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn prints_and_parses() {
        let text = "01234567-89ab-cdef-0123-456789abcdef";
        let uuid: Uuid = text.parse().unwrap();
        assert_eq!(uuid, Uuid::new(0x0123_4567_89ab_cdef, 0x0123_4567_89ab_cdef));
        assert_eq!(uuid.to_string(), text);
        for wrong in [
            "",
            "0",
            "01234567-89ab-cdef-0123-456789abcde",
            "0123456789ab-cdef-0123-456789abcdef-0",
            "01234567-89ab-cdef-0123-456789abcdefg",
            "01234567-89ab-cdef-0123-456789abcdeg",
            "é1234567-89ab-cdef-0123-456789abcdef",
        ] {
            assert_eq!(wrong.parse::<Uuid>(), Err(NotAUuid), "{wrong}");
        }
        assert!(Uuid::random([0xff; 16]).to_string().starts_with("ffffffff-ffff-4fff-bfff"));
    }
}
