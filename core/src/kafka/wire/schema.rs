//! What a message looks like on the wire, as data: version ranges, and the fields with their types.
//!
//! Every `#[message]` has one; nothing that a client calls refers to it, so it is linked only into
//! tests and tools.

use core::fmt;

/// A range of versions, both ends included; empty if `min > max`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    /// The first version.
    pub min: i16,
    /// The last one; `i16::MAX` if the range is open.
    pub max: i16,
}

impl Versions {
    /// No version at all.
    pub const NONE: Self = Self { min: 0, max: -1 };
    /// Every version.
    pub const ALL: Self = Self { min: 0, max: i16::MAX };

    /// From `min` up to and with `max`.
    pub const fn new(min: i16, max: i16) -> Self {
        Self { min, max }
    }

    /// Whether the version is in the range.
    pub const fn contains(self, version: i16) -> bool {
        self.min <= version && version <= self.max
    }

    /// Whether there is no version in the range.
    pub const fn is_empty(self) -> bool {
        self.min > self.max
    }

    /// The versions that are in both.
    pub const fn and(self, other: Self) -> Self {
        Self {
            min: if self.min > other.min { self.min } else { other.min },
            max: if self.max < other.max { self.max } else { other.max },
        }
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            range if range.is_empty() => f.write_str("none"),
            Self { min, max: i16::MAX } => write!(f, "{min}+"),
            Self { min, max } if min == max => write!(f, "{min}"),
            Self { min, max } => write!(f, "{min}-{max}"),
        }
    }
}

impl fmt::Debug for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The types that differ on the wire. Records are bytes there.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub enum Kind {
    Bool,
    Int8,
    Int16,
    Uint16,
    Int32,
    Uint32,
    Int64,
    Float64,
    Uuid,
    String,
    Bytes,
    Array(&'static Kind),
    Struct(&'static Schema),
}

/// A struct's fields, in the order of the wire.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// The struct's name.
    pub name: &'static str,
    /// Whether flexible versions end it with tagged fields.
    pub tagged: bool,
    /// The fields.
    pub fields: &'static [FieldSchema],
}

/// One field of a struct.
#[derive(Debug, Clone, Copy)]
pub struct FieldSchema {
    /// The name in Rust's spelling.
    pub name: &'static str,
    /// The type without its nullability.
    pub kind: Kind,
    /// Where it is present.
    pub versions: Versions,
    /// Where it may be null.
    pub nullable: Versions,
    /// The tag's number, and where the field is tagged rather than in its place.
    pub tag: Option<(u32, Versions)>,
    /// Whether lengths stay classic even in flexible versions.
    pub classic: bool,
    /// The default as Rust source; empty for zero, false, empty.
    pub default: &'static str,
    /// Whether a value is dropped, not refused, in versions that lack the field.
    pub ignorable: bool,
}
