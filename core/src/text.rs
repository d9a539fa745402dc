//! [`Str`]: text that shares the buffer it was received in.
//!
//! All three families carry short strings inside larger messages. A `Str` is a slice of the frozen
//! receive buffer, checked to be UTF-8 once, so decoding a name copies nothing. It keeps its whole
//! buffer alive: what outlives the event that brought it (tables, caches) calls [`Str::detached`].

use alloc::string::String;
use core::borrow::Borrow;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::ops::Deref;

use bytes::Bytes;

/// Immutable UTF-8 text in a reference-counted buffer.
#[derive(Clone, Default)]
pub struct Str(Bytes);

impl Str {
    /// Text that lives as long as the program.
    pub const fn from_static(text: &'static str) -> Self {
        Self(Bytes::from_static(text.as_bytes()))
    }

    /// Takes bytes as text, without copying.
    ///
    /// # Errors
    /// The bytes are not UTF-8.
    pub fn from_utf8(bytes: Bytes) -> Result<Self, core::str::Utf8Error> {
        core::str::from_utf8(&bytes)?;
        Ok(Self(bytes))
    }

    /// The text as a slice.
    pub fn as_str(&self) -> &str {
        // Every constructor has checked the bytes, so the fallback is never taken. It is here
        // because unsafe code is forbidden, and checking again costs a pass over a short string.
        core::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The UTF-8 bytes, sharing the buffer.
    pub fn bytes(&self) -> &Bytes {
        &self.0
    }

    /// The UTF-8 bytes, giving the text up.
    pub fn into_bytes(self) -> Bytes {
        self.0
    }

    /// A copy in a buffer of its own, for text that outlives its message.
    pub fn detached(&self) -> Self {
        Self(Bytes::copy_from_slice(&self.0))
    }
}

impl Deref for Str {
    type Target = str;
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Str {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for Str {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl From<&str> for Str {
    fn from(text: &str) -> Self {
        Self(Bytes::copy_from_slice(text.as_bytes()))
    }
}

impl From<String> for Str {
    fn from(text: String) -> Self {
        Self(Bytes::from(text))
    }
}

impl From<Str> for String {
    fn from(text: Str) -> Self {
        text.as_str().into()
    }
}

impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

impl PartialEq for Str {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Str {}

impl PartialEq<str> for Str {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<&str> for Str {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialOrd for Str {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Str {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

// As `str` hashes, so that a map keyed by `Str` can be asked with a `&str`.
impl Hash for Str {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

#[cfg(feature = "arbitrary")]
impl<'a> arbitrary::Arbitrary<'a> for Str {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        Ok(Self::from(<&str>::arbitrary(u)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_the_buffer_and_refuses_what_is_not_utf8() {
        let buffer = Bytes::from_static(b"name\xff");
        let text = Str::from_utf8(buffer.slice(..4)).unwrap();
        assert_eq!(text.bytes().as_ptr(), buffer.as_ptr());
        assert_ne!(text.detached().bytes().as_ptr(), buffer.as_ptr());
        assert_eq!(text, "name");
        assert!(Str::from_utf8(buffer).is_err());
    }

    #[test]
    fn hashes_as_str_does() {
        let mut set = hashbrown::HashSet::with_hasher(crate::rng::KeyedHash::new(7));
        set.insert(Str::from("key"));
        assert!(set.contains("key"));
    }
}
