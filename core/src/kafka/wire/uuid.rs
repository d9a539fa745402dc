//! [`Uuid`]: the ids of topics, log directories and telemetry clients.

use core::fmt::{self, Write};

/// Sixteen bytes; all zero stands for none. Shown as Kafka does, in unpadded URL-safe base64.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid(pub [u8; 16]);

impl Uuid {
    /// The id that stands for none.
    pub const ZERO: Self = Self([0; 16]);

    /// Whether the id stands for none.
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }
}

impl From<u128> for Uuid {
    fn from(value: u128) -> Self {
        Self(value.to_be_bytes())
    }
}

impl From<Uuid> for u128 {
    fn from(value: Uuid) -> Self {
        u128::from_be_bytes(value.0)
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // 22 digits of six bits: four bits of padding stand below the last byte.
        let bits = u128::from_be_bytes(self.0);
        for digit in 0..22u32 {
            let six = match 122u32.checked_sub(6 * digit) {
                Some(shift) => (bits >> shift) as u8 & 0x3f,
                None => (bits << 4) as u8 & 0x3f,
            };
            f.write_char(char::from(match six {
                0..26 => b'A' + six,
                26..52 => b'a' + six - 26,
                52..62 => b'0' + six - 52,
                62 => b'-',
                _ => b'_',
            }))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Uuid({self})")
    }
}
