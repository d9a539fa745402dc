//! Frames: one message, or one chunk of it, as it lies on the wire. Knows no role and no session.
//!
//! ```text
//!   MAGIC u32 | VER u8 | FLAGS u8 | HLEN u16 | HEADER | PLEN u32 or u64 | PAYLOAD | CRC32C u32
//!   10 7a a1 a9  0.2     LARGE: PLEN is u64            little-endian       of PAYLOAD, either order
//! ```
//!
//! The sum is the one field whose order differs between the draft (little-endian) and the Python
//! reference (big-endian). Frames are read in either; [`SumOrder`] says how to write.
//! [`FrameReader`] splits whole frames off a connection's buffer; sessions and the printing decoder
//! call it.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use crate::crc::crc32c;
use crate::endpoint::Chunks;
use crate::links::SLICE_FROM;
use crate::malformed::{Fault, Malformed};

/// The first four bytes of every frame.
pub const MAGIC: [u8; 4] = [0x10, 0x7A, 0xA1, 0xA9];
/// The version that is written: 0.2.
pub const VERSION: u8 = 0x02;
/// The most header bytes that a frame can hold.
pub const MAX_HEADER: usize = u16::MAX as usize;

/// Bytes before the header.
const PREFIX: usize = 8;
const SUM: usize = 4;
/// Up to here exactly what is missing is reserved; above, the buffer doubles.
const RESERVE_EXACT: usize = 1 << 20;

/// The FLAGS byte. Reserved bits are kept as they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags(pub u8);

impl Flags {
    /// The payload is compressed.
    pub const COMP: Self = Self(0x80);
    /// The payload is encrypted.
    pub const CRYPT: Self = Self(0x40);
    /// More chunks of the same message follow.
    pub const MORE: Self = Self(0x20);
    /// PLEN has eight bytes.
    pub const LARGE: Self = Self(0x10);

    /// Whether any bit of `other` is set.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether the payload isn't simply the message's body.
    pub const fn transforms(self) -> bool {
        self.has(Self(Self::COMP.0 | Self::CRYPT.0 | Self::MORE.0))
    }
}

/// In which order the bytes of a checksum stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SumOrder {
    /// As the Python reference writes and demands it.
    #[default]
    Big,
    /// As the draft says.
    Little,
}

/// A frame in parts. The header's bytes are not looked into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Major version in the upper half, minor in the lower.
    pub version: u8,
    /// The FLAGS byte.
    pub flags: Flags,
    /// The header as it came.
    pub header: Bytes,
    /// The payload as it came.
    pub payload: Bytes,
    /// The order that the sum was written in; `None` if the sum reads the same in both.
    pub order: Option<SumOrder>,
}

impl Frame {
    /// The frame's bytes, exactly as they were read.
    pub fn encode(&self) -> Result<Chunks, Malformed> {
        let order = self.order.unwrap_or_default();
        encode(self.version, self.flags, &self.header, self.payload.clone(), order)
    }
}

/// Writes a frame. LARGE is set where the payload needs it.
///
/// # Errors
/// The header is longer than [`MAX_HEADER`].
pub fn encode(
    version: u8,
    flags: Flags,
    header: &[u8],
    payload: Bytes,
    order: SumOrder,
) -> Result<Chunks, Malformed> {
    let Ok(header_length) = u16::try_from(header.len()) else {
        let limit = MAX_HEADER as u64;
        return Err(Malformed::new("header", Fault::Limit { size: header.len() as u64, limit }));
    };
    let mut flags = flags;
    let long = payload.len() as u64;
    if long > u64::from(u32::MAX) {
        flags.0 |= Flags::LARGE.0;
    }
    let sum = crc32c(&payload);
    let sum = match order {
        SumOrder::Big => sum.to_be_bytes(),
        SumOrder::Little => sum.to_le_bytes(),
    };
    let in_one = payload.len() < SLICE_FROM;
    let behind = if in_one { payload.len() + SUM } else { 0 };
    let mut head = BytesMut::with_capacity(PREFIX + header.len() + 8 + behind);
    head.put_slice(&MAGIC);
    head.put_u8(version);
    head.put_u8(flags.0);
    head.put_u16_le(header_length);
    head.put_slice(header);
    if flags.has(Flags::LARGE) {
        head.put_u64_le(long);
    } else {
        head.put_u32_le(long as u32);
    }
    if in_one {
        head.put_slice(&payload);
        head.put_slice(&sum);
        return Ok(Chunks::from_iter([head.freeze()]));
    }
    Ok(Chunks::from_iter([head.freeze(), payload, Bytes::copy_from_slice(&sum)]))
}

/// What a reader takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameLimits {
    /// The longest payload that is taken, in bytes.
    pub payload: u64,
    /// Longer ones up to this are skipped; beyond, the stream is given up.
    pub skip: u64,
    /// The highest major version that is read.
    pub major: u8,
}

/// What stood at the front of the buffer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Split {
    /// A whole frame.
    Frame(Frame),
    /// A frame whose payload does not match its sum.
    Corrupt {
        /// Its header.
        header: Bytes,
        /// What doesn't match.
        fault: Malformed,
    },
    /// A frame above the limit; its payload is being skipped.
    TooLarge {
        /// Its header.
        header: Bytes,
        /// Its payload's length.
        payload: u64,
    },
}

/// Splits frames off the front of a connection's buffer.
///
/// All lengths stand at the front, so every attempt costs the same however many bytes wait: parsing
/// is linear however they arrive.
#[derive(Debug, Default)]
pub struct FrameReader {
    /// Bytes of a payload above the limit that have not come yet, with its sum.
    skipping: u64,
}

impl FrameReader {
    /// The next frame, or `None` until more bytes come.
    ///
    /// # Errors
    /// The stream can't be read further: no magic, a higher major version, or a payload far above
    /// the limit.
    pub fn split(
        &mut self,
        data: &mut BytesMut,
        limits: &FrameLimits,
    ) -> Result<Option<Split>, Malformed> {
        let skip = usize::try_from(self.skipping).unwrap_or(usize::MAX).min(data.len());
        data.advance(skip);
        self.skipping -= skip as u64;
        if self.skipping > 0 {
            return Ok(None);
        }
        let Some(shape) = Shape::read(data, limits)? else {
            // Nothing is reserved for bytes that may not be a frame.
            return Ok(None);
        };
        let Some(payload) = shape.payload else {
            reserve(data, shape.head);
            return Ok(None);
        };
        if payload > limits.payload {
            if payload > limits.skip {
                let fault = Fault::Limit { size: payload, limit: limits.payload };
                return Err(Malformed::new("payload", fault));
            }
            let header = shape.header(data.split_to(shape.head).freeze());
            self.skipping = payload + SUM as u64;
            return Ok(Some(Split::TooLarge { header, payload }));
        }
        // Within the limits, a payload is addressable.
        let payload = usize::try_from(payload).unwrap_or(usize::MAX);
        let whole = shape.head.saturating_add(payload).saturating_add(SUM);
        if data.len() < whole {
            reserve(data, whole);
            return Ok(None);
        }
        let mut rest = data.split_to(whole).freeze();
        let header = shape.header(rest.split_to(shape.head));
        let body = rest.split_to(payload);
        let (expected, found) = (crc32c(&body), rest.get_u32());
        let order = match (found == expected, found.swap_bytes() == expected) {
            (true, true) => None,
            (true, false) => Some(SumOrder::Big),
            (false, true) => Some(SumOrder::Little),
            (false, false) => {
                let fault = Malformed::new("payload", Fault::Checksum { expected, found });
                return Ok(Some(Split::Corrupt { header, fault }));
            }
        };
        let Shape { version, flags, .. } = shape;
        Ok(Some(Split::Frame(Frame { version, flags, header, payload: body, order })))
    }
}

/// How long the frame at the front of a buffer is, whatever its version and size; `None` until it
/// can be told. For those who keep frames as they are: the replay tool, recorders.
///
/// # Errors
/// There is no magic.
pub fn length(data: &[u8]) -> Result<Option<u64>, Malformed> {
    let limits = FrameLimits { payload: u64::MAX, skip: u64::MAX, major: 0xF };
    let Some(shape) = Shape::read(data, &limits)? else { return Ok(None) };
    Ok(shape.payload.map(|payload| payload.saturating_add((shape.head + SUM) as u64)))
}

/// What the front of a frame says of its lengths.
struct Shape {
    version: u8,
    flags: Flags,
    header_end: usize,
    /// Bytes before the payload.
    head: usize,
    /// The payload's length, once that much has come.
    payload: Option<u64>,
}

impl Shape {
    fn read(data: &[u8], limits: &FrameLimits) -> Result<Option<Self>, Malformed> {
        // A wrong first byte is known to be wrong before the fourth has come.
        if data.iter().zip(MAGIC).any(|(found, expected)| *found != expected) {
            return Err(Malformed::other("frame", "no magic"));
        }
        let Some((&version, rest)) = data.get(MAGIC.len()..).and_then(<[u8]>::split_first) else {
            return Ok(None);
        };
        if version >> 4 > limits.major {
            let version = i64::from(version >> 4);
            return Err(Malformed::new("major version", Fault::Value(version)));
        }
        let [flags, low, high, ..] = *rest else { return Ok(None) };
        let flags = Flags(flags);
        let header_end = PREFIX + usize::from(u16::from_le_bytes([low, high]));
        let width = if flags.has(Flags::LARGE) { 8 } else { 4 };
        let head = header_end + width;
        let payload = data.get(header_end..head).map(|mut field| field.get_uint_le(width));
        Ok(Some(Self { version, flags, header_end, head, payload }))
    }

    /// The header out of the bytes before the payload.
    fn header(&self, head: Bytes) -> Bytes {
        head.slice(PREFIX..self.header_end)
    }
}

fn reserve(data: &mut BytesMut, whole: usize) {
    let missing = whole.saturating_sub(data.len());
    data.reserve(missing.min(RESERVE_EXACT.max(data.len())));
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use super::*;

    const LIMITS: FrameLimits = FrameLimits { payload: 100, skip: 400, major: 0 };

    fn flat(chunks: &Chunks) -> Vec<u8> {
        chunks.iter().flat_map(|chunk| chunk.iter().copied()).collect()
    }

    fn frame(payload: &[u8]) -> Vec<u8> {
        let payload = Bytes::copy_from_slice(payload);
        flat(&encode(VERSION, Flags(0), b"{}", payload, SumOrder::Big).unwrap())
    }

    fn split(bytes: &[u8]) -> Result<Option<Split>, Malformed> {
        FrameReader::default().split(&mut BytesMut::from(bytes), &LIMITS)
    }

    #[test]
    fn truncated_anywhere_it_waits() {
        let whole = frame(b"payload");
        for length in 0..whole.len() {
            assert_eq!(split(&whole[..length]), Ok(None), "{length}");
        }
        let Ok(Some(Split::Frame(read))) = split(&whole) else { panic!() };
        assert_eq!((&read.header[..], &read.payload[..]), (&b"{}"[..], &b"payload"[..]));
        assert_eq!(flat(&read.encode().unwrap()), whole);
    }

    #[test]
    fn the_first_wrong_byte_of_the_magic_ends_it() {
        for length in 1..=4 {
            let mut bytes = MAGIC;
            bytes[length - 1] ^= 1;
            assert!(split(&bytes[..length]).is_err(), "{length}");
        }
        assert!(split(b"XCP\n").is_err());
        assert!(split(&[0x10, 0x7A, 0xA1, 0xA9, 0x12]).is_err(), "a higher major version");
        assert_eq!(split(&[0x10, 0x7A, 0xA1, 0xA9, 0x0F]), Ok(None), "a higher minor one");
    }

    #[test]
    fn both_orders_of_the_sum_and_no_other() {
        let mut bytes = frame(b"payload");
        let sum = bytes.len() - 4;
        bytes[sum..].reverse();
        let Ok(Some(Split::Frame(read))) = split(&bytes) else { panic!() };
        assert_eq!(read.order, Some(SumOrder::Little));
        assert_eq!(flat(&read.encode().unwrap()), bytes);
        bytes[sum] ^= 1;
        assert!(matches!(split(&bytes), Ok(Some(Split::Corrupt { .. }))));
        let Ok(Some(Split::Frame(empty))) = split(&frame(b"")) else { panic!() };
        assert_eq!(empty.order, None);
    }

    #[test]
    fn lengths_that_lie_take_no_memory() {
        let mut bytes = vec![0x10, 0x7A, 0xA1, 0xA9, VERSION, Flags::LARGE.0, 2, 0, b'{', b'}'];
        bytes.extend_from_slice(&(1u64 << 62).to_le_bytes());
        assert!(split(&bytes).is_err());

        let limits = FrameLimits { payload: 100 << 20, ..LIMITS };
        let mut data = BytesMut::from(&frame(b"")[..10]);
        data.put_u32_le(100 << 20);
        assert_eq!(FrameReader::default().split(&mut data, &limits), Ok(None));
        assert!(data.capacity() <= (1 << 20) + 64, "{}", data.capacity());
        data.put_bytes(0, 3 << 20);
        assert_eq!(FrameReader::default().split(&mut data, &limits), Ok(None));
        assert!(data.capacity() <= 7 << 20, "{}", data.capacity());
    }

    #[test]
    fn a_payload_above_the_limit_is_skipped_byte_by_byte_or_at_once() {
        let mut stream = frame(&[7; 101]);
        stream.extend_from_slice(&frame(b"next"));
        for step in [1, 7, stream.len()] {
            let (mut reader, mut data) = (FrameReader::default(), BytesMut::new());
            let mut seen = Vec::new();
            for piece in stream.chunks(step) {
                data.extend_from_slice(piece);
                while let Some(split) = reader.split(&mut data, &LIMITS).unwrap() {
                    seen.push(split);
                }
            }
            assert_eq!(seen.len(), 2, "{step}");
            assert!(matches!(&seen[0], Split::TooLarge { payload: 101, .. }));
            assert!(matches!(&seen[1], Split::Frame(frame) if frame.payload == "next"));
        }
        assert!(split(&frame(&[7; 401])).is_err());
    }

    #[test]
    fn a_small_frame_is_one_piece_and_a_large_body_stays_a_slice() {
        let body = Bytes::from(vec![1; SLICE_FROM]);
        let chunks = encode(VERSION, Flags(0), b"{}", body.clone(), SumOrder::Big).unwrap();
        assert_eq!(chunks.len(), 3);
        assert_eq!(chunks[1].as_ptr(), body.as_ptr());
        assert!(encode(VERSION, Flags(0), &vec![b' '; 65_536], body, SumOrder::Big).is_err());
    }
}
