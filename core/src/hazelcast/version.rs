//! [`Version`]: a release of the client protocol, which decides the fields a message has.
//!
//! Fields were only ever added, at the end of a message's fixed-size part or after its last frame,
//! so a version is a point on one line: an encoder writes the fields up to it, a decoder finds the
//! newest one whose fields were there.

use core::fmt;

/// A version of the 2.x client protocol. Cluster and protocol versions are counted apart: a
/// Hazelcast 5.5 member speaks 2.8.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    major: u8,
    minor: u8,
    patch: u8,
}

impl Version {
    /// The first version, of Hazelcast 4.0.
    pub const V2_0: Self = Self::new(2, 0, 0);
    /// The newest version that the declarations know.
    pub const NEWEST: Self = Self::new(2, 10, 0);
    /// Every version, oldest first.
    pub const ALL: [Self; 12] = [
        Self::new(2, 0, 0),
        Self::new(2, 0, 1),
        Self::new(2, 1, 0),
        Self::new(2, 2, 0),
        Self::new(2, 3, 0),
        Self::new(2, 4, 0),
        Self::new(2, 5, 0),
        Self::new(2, 6, 0),
        Self::new(2, 7, 0),
        Self::new(2, 8, 0),
        Self::new(2, 9, 0),
        Self::new(2, 10, 0),
    ];

    /// `major.minor.patch`.
    pub const fn new(major: u8, minor: u8, patch: u8) -> Self {
        Self { major, minor, patch }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        if self.patch != 0 {
            write!(f, ".{}", self.patch)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(feature = "arbitrary")]
impl<'a> arbitrary::Arbitrary<'a> for Version {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        u.choose(&Self::ALL).copied()
    }
}
