//! [`BigInteger`], [`BigDecimal`] and `i128`: numbers without a limit, and numbers with a decimal point.
//!
//! The first two hold what the bytes hold and don't calculate. With the features `num-bigint` and
//! `bigdecimal` they convert to and from the types of these crates, which do.

use alloc::vec::Vec;
use core::fmt;

use super::type_id::TypeId;
use super::{Read, Reader, Write, Writer};
use crate::Fault;
use crate::hazelcast::error::Error;

/// An integer of any size: two's complement, the most significant byte first, in as few bytes as hold
/// it, which is at least one.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BigInteger(Vec<u8>);

impl BigInteger {
    /// From two's complement, the most significant byte first; no bytes are 0.
    pub fn from_be_bytes(bytes: &[u8]) -> Self {
        Self(minimal(bytes).to_vec())
    }

    /// Two's complement, the most significant byte first: as few bytes as hold it.
    pub fn to_be_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Without the leading bytes that only repeat the sign.
fn minimal(mut bytes: &[u8]) -> &[u8] {
    while let Some((first @ (0 | 0xff), rest)) = bytes.split_first()
        && rest.first().is_some_and(|second| first >> 7 == second >> 7)
    {
        bytes = rest;
    }
    if bytes.is_empty() { &[0] } else { bytes }
}

impl Default for BigInteger {
    fn default() -> Self {
        Self::from(0)
    }
}

impl fmt::Debug for BigInteger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match i128::try_from(self) {
            Ok(number) => write!(f, "{number}"),
            Err(TooLarge) => crate::hazelcast::data::shortened(f, &self.0),
        }
    }
}

impl From<i128> for BigInteger {
    fn from(number: i128) -> Self {
        Self::from_be_bytes(&number.to_be_bytes())
    }
}

/// The number needs more than 128 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the number needs more than 128 bits")]
pub struct TooLarge;

impl TryFrom<&BigInteger> for i128 {
    type Error = TooLarge;

    fn try_from(number: &BigInteger) -> Result<Self, TooLarge> {
        let fill = if number.0.first().is_some_and(|first| *first > 127) { 0xff } else { 0 };
        let mut bytes = [fill; 16];
        let from = 16usize.checked_sub(number.0.len()).ok_or(TooLarge)?;
        for (to, byte) in bytes.iter_mut().skip(from).zip(&number.0) {
            *to = *byte;
        }
        Ok(Self::from_be_bytes(bytes))
    }
}

/// A number with a decimal point: `unscaled` × 10 ^ -`scale`. As in Java, 1.0 and 1.00 aren't equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct BigDecimal {
    /// The digits.
    pub unscaled: BigInteger,
    /// How many of them are behind the point; negative for zeros before it.
    pub scale: i32,
}

impl BigInteger {
    /// Writes what follows the type id.
    pub(super) fn write_payload(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.count(self.0.len())?;
        to.slice(&self.0);
        Ok(())
    }

    /// Reads what follows the type id. Java would write other bytes for what isn't minimal, and never
    /// has no bytes.
    pub(super) fn read_payload(from: &mut Reader<'_>) -> Result<Self, Error> {
        let count = from.present_count(1)?;
        let bytes = from.slice(count)?;
        if bytes.is_empty() {
            return Err(from.fault(Fault::Other("a number without digits")));
        }
        Ok(Self::from_be_bytes(bytes))
    }
}

impl BigDecimal {
    /// `unscaled` × 10 ^ -`scale`.
    pub fn new(unscaled: impl Into<BigInteger>, scale: i32) -> Self {
        Self { unscaled: unscaled.into(), scale }
    }

    /// Writes what follows the type id.
    pub(super) fn write_payload(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        self.unscaled.write_payload(to)?;
        to.i32(self.scale);
        Ok(())
    }

    /// Reads what follows the type id.
    pub(super) fn read_payload(from: &mut Reader<'_>) -> Result<Self, Error> {
        Ok(Self { unscaled: BigInteger::read_payload(from)?, scale: from.i32()? })
    }
}

/// Java's BigInteger.
impl Write for BigInteger {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.type_id(TypeId::BIG_INTEGER);
        self.write_payload(to)
    }
    fn size_hint(&self) -> usize {
        8 + self.0.len()
    }
}

/// Java's BigInteger.
impl Read for BigInteger {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        if from.type_id() != TypeId::BIG_INTEGER {
            return Err(from.mismatch("BigInteger"));
        }
        Self::read_payload(from)
    }
}

/// Java's BigInteger.
impl Write for i128 {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.type_id(TypeId::BIG_INTEGER);
        let bytes = self.to_be_bytes();
        let bytes = minimal(&bytes);
        to.count(bytes.len())?;
        to.slice(bytes);
        Ok(())
    }
    fn size_hint(&self) -> usize {
        24
    }
}

/// Java's BigInteger; what needs more than 128 bits is refused.
impl Read for i128 {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        let number = BigInteger::read(from)?;
        Self::try_from(&number)
            .map_err(|TooLarge| from.fault(Fault::Other("the number needs more than 128 bits")))
    }
}

/// Java's BigDecimal.
impl Write for BigDecimal {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.type_id(TypeId::BIG_DECIMAL);
        self.write_payload(to)
    }
    fn size_hint(&self) -> usize {
        12 + self.unscaled.0.len()
    }
}

/// Java's BigDecimal.
impl Read for BigDecimal {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        if from.type_id() != TypeId::BIG_DECIMAL {
            return Err(from.mismatch("BigDecimal"));
        }
        Self::read_payload(from)
    }
}

#[cfg(feature = "arbitrary")]
impl<'a> arbitrary::Arbitrary<'a> for BigInteger {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        <&[u8]>::arbitrary(u).map(Self::from_be_bytes)
    }
}
