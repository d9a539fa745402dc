//! Compression of a batch's records: one codec per file, each behind the feature of its name.
//!
//! [`Decompressor`] is what readers keep: one buffer, reused from batch to batch. It unpacks as a stream
//! into that buffer, which grows as bytes come out and never because a header promises some, and stops
//! at its limit; so a bomb costs no more than what is allowed. [`CompressionType`] is what writers choose.
//!
//! Crates were chosen by one run over 1 MB of JSON lines, each codec in Rust and in C by turns on one core:
//! the shortest of 150 goes, in MB/s of what is unpacked.
//!
//! | codec | ours | compress, decompress | in C or C++ | compress, decompress |
//! |---|---|---|---|---|
//! | gzip, level 6 | flate2 on zlib-rs | 94, 866 | zlib 1.3 | 59, 574 |
//! | snappy | snap | 822, 1,911 | snappy 1.1.9 | 860, 1,717 |
//! | lz4, 64 KiB blocks | lz4_flex, safe | 984, 6,671 | lz4 1.10 | 915, 7,621 |
//! | zstd, level 3 | zstd-safe, which is the C library | 422, 1,988 | (ruzstd, pure Rust) | 130, 303 |
//!
//! So three are pure Rust, and zstd is not: its pure decoder takes 6.6 times as long, and its encoder
//! makes 20 % more bytes in three times the time.

use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use super::{Compression, RecordsError};

#[cfg(feature = "gzip")]
mod gzip;
#[cfg(feature = "lz4")]
mod lz4;
#[cfg(feature = "snappy")]
mod snappy;
#[cfg(feature = "zstd")]
mod zstd;

/// Bytes that a batch's records may unpack to, unless a [`Decompressor`] was told otherwise: 100 MiB, what
/// the largest frame could bring without compression.
pub const DECOMPRESSED_LIMIT: usize = crate::kafka::frame::LIMIT;

/// Buffers above this are not kept for the next batch.
const KEPT: usize = 4 << 20;

/// `compression.type`: how records are to be compressed, with the level where a codec has levels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CompressionType {
    /// Not at all.
    #[default]
    None,
    /// Gzip.
    Gzip {
        /// `compression.gzip.level`: 1 (fast) to 9 (small); `None` is zlib's own choice, 6.
        level: Option<u8>,
    },
    /// Snappy, in the frames of Java's library.
    Snappy,
    /// LZ4 frames of independent blocks of 64 KiB.
    Lz4,
    /// Zstandard.
    Zstd {
        /// `compression.zstd.level`: 1 (fast) to 22 (small), or below zero for still faster; `None` is the
        /// library's own choice, 3.
        level: Option<i32>,
    },
}

impl CompressionType {
    /// Gzip at its usual level.
    pub const GZIP: Self = Self::Gzip { level: None };
    /// Zstandard at its usual level.
    pub const ZSTD: Self = Self::Zstd { level: None };

    /// The codec's number in a batch's attributes.
    pub const fn codec(self) -> Compression {
        match self {
            Self::None => Compression::NONE,
            Self::Gzip { .. } => Compression::GZIP,
            Self::Snappy => Compression::SNAPPY,
            Self::Lz4 => Compression::LZ4,
            Self::Zstd { .. } => Compression::ZSTD,
        }
    }

    /// A codec at its usual level; `None` for a number that no codec has.
    pub const fn of(codec: Compression) -> Option<Self> {
        Some(match codec {
            Compression::NONE => Self::None,
            Compression::GZIP => Self::GZIP,
            Compression::SNAPPY => Self::Snappy,
            Compression::LZ4 => Self::Lz4,
            Compression::ZSTD => Self::ZSTD,
            _ => return None,
        })
    }

    /// Whether this build can do it.
    pub const fn is_built_in(self) -> bool {
        self.codec().is_built_in()
    }
}

impl FromStr for CompressionType {
    type Err = UnknownCompressionType;

    /// Reads one of Kafka's names: `none`, `gzip`, `snappy`, `lz4`, `zstd`.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Ok(match name {
            "none" => Self::None,
            "gzip" => Self::GZIP,
            "snappy" => Self::Snappy,
            "lz4" => Self::Lz4,
            "zstd" => Self::ZSTD,
            _ => return Err(UnknownCompressionType),
        })
    }
}

/// A name that Kafka has no codec for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("compression is none, gzip, snappy, lz4 or zstd")]
pub struct UnknownCompressionType;

impl Compression {
    /// Whether this build can read and write it.
    pub const fn is_built_in(self) -> bool {
        let there = [
            true,
            cfg!(feature = "gzip"),
            cfg!(feature = "snappy"),
            cfg!(feature = "lz4"),
            cfg!(feature = "zstd"),
        ];
        (self.0 as usize) < there.len() && there[self.0 as usize]
    }

    /// What to say of a batch whose codec can't be undone here.
    pub(super) const fn refused(self) -> RecordsError {
        match self.0 {
            0..=4 => RecordsError::NotBuiltIn(self),
            _ => RecordsError::UnsupportedCodec(self),
        }
    }
}

/// In which format the compressed bytes travel: clients of format 0 computed LZ4's header checksum over the
/// wrong bytes, and everyone has kept to that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Era {
    /// Format 0.
    Oldest,
    /// Formats 1 and 2.
    Since1,
}

/// Unpacks one batch after another into a buffer of its own.
pub struct Decompressor {
    buffer: Vec<u8>,
    limit: usize,
    #[cfg(feature = "zstd")]
    zstd: zstd::Context,
}

impl Default for Decompressor {
    fn default() -> Self {
        Self::new(DECOMPRESSED_LIMIT)
    }
}

impl Decompressor {
    /// Nothing unpacks to more than `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            buffer: Vec::new(),
            limit,
            #[cfg(feature = "zstd")]
            zstd: zstd::Context::default(),
        }
    }

    /// Bytes that a batch's records may unpack to.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// What `packed` unpacks to; valid until the next batch.
    ///
    /// # Errors
    /// The codec is unknown or not built in, the bytes are not of its format, or they unpack to more than
    /// the limit.
    pub fn decompress(&mut self, codec: Compression, packed: &[u8]) -> Result<&[u8], RecordsError> {
        self.unpack(codec, packed, Era::Since1)
    }

    #[cfg_attr(not(feature = "lz4"), allow(unused_variables))]
    pub(super) fn unpack(
        &mut self,
        codec: Compression,
        packed: &[u8],
        era: Era,
    ) -> Result<&[u8], RecordsError> {
        if self.buffer.len() > KEPT {
            self.buffer = Vec::new();
        }
        // Never shrinks otherwise: what is behind the length is old bytes, not to be cleared again.
        #[allow(unused_mut)]
        let mut out = Output { buffer: &mut self.buffer, len: 0, limit: self.limit };
        let done = match codec {
            #[cfg(feature = "gzip")]
            Compression::GZIP => gzip::decompress(packed, &mut out),
            #[cfg(feature = "snappy")]
            Compression::SNAPPY => snappy::decompress(packed, &mut out),
            #[cfg(feature = "lz4")]
            Compression::LZ4 => lz4::decompress(packed, era, &mut out),
            #[cfg(feature = "zstd")]
            Compression::ZSTD => self.zstd.decompress(packed, &mut out),
            other => Err(other.refused()),
        };
        done?;
        let len = out.len;
        Ok(self.buffer.get(..len).unwrap_or_default())
    }
}

impl fmt::Debug for Decompressor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decompressor").field("limit", &self.limit).finish_non_exhaustive()
    }
}

/// Where codecs write to: it grows with what they have written, up to the limit.
#[derive(Debug)]
#[cfg_attr(not(feature = "gzip"), allow(dead_code))]
struct Output<'a> {
    buffer: &'a mut Vec<u8>,
    len: usize,
    limit: usize,
}

#[cfg_attr(
    not(all(feature = "gzip", feature = "snappy", feature = "lz4", feature = "zstd")),
    allow(dead_code)
)]
impl Output<'_> {
    /// Room for `wanted` bytes and more, or for as many as the limit leaves and one: who writes that
    /// one has gone too far.
    fn room(&mut self, wanted: usize) -> &mut [u8] {
        let end = self.limit.saturating_add(1);
        let needed = self.len.saturating_add(wanted).min(end);
        if self.buffer.len() < needed {
            let doubled = self.buffer.len().saturating_mul(2).min(end);
            self.buffer.resize(needed.max(doubled), 0);
        }
        let end = end.min(self.buffer.len());
        self.buffer.get_mut(self.len..end).unwrap_or_default()
    }

    /// So many bytes of the room were written.
    fn advance(&mut self, written: usize) -> Result<(), RecordsError> {
        self.len = self.len.saturating_add(written);
        if self.len > self.limit { Err(self.too_large()) } else { Ok(()) }
    }

    /// Bytes that may still come.
    fn left(&self) -> usize {
        self.limit.saturating_sub(self.len)
    }

    /// What was written so far.
    fn written(&self) -> &[u8] {
        self.buffer.get(..self.len).unwrap_or_default()
    }

    fn too_large(&self) -> RecordsError {
        RecordsError::TooLarge { limit: self.limit }
    }
}

/// Appends `records`, compressed, to `out`.
///
/// # Errors
/// The codec is not built in.
#[allow(unused_variables)]
pub(super) fn compress(
    how: CompressionType,
    records: &[u8],
    era: Era,
    out: &mut Vec<u8>,
) -> Result<(), RecordsError> {
    match how {
        CompressionType::None => {
            out.extend_from_slice(records);
            Ok(())
        }
        #[cfg(feature = "gzip")]
        CompressionType::Gzip { level } => gzip::compress(records, level, out),
        #[cfg(feature = "snappy")]
        CompressionType::Snappy => snappy::compress(records, out),
        #[cfg(feature = "lz4")]
        CompressionType::Lz4 => {
            lz4::compress(records, era, out);
            Ok(())
        }
        #[cfg(feature = "zstd")]
        CompressionType::Zstd { level } => zstd::compress(records, level, out),
        #[allow(unreachable_patterns)]
        other => Err(other.codec().refused()),
    }
}

#[cfg(test)]
mod tests;
