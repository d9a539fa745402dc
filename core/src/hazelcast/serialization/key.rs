//! [`AtKey`]: text whose partition is decided by what follows its `@`.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use super::{Read, Reader, Write, Writer};
use crate::hazelcast::error::Error;

/// What decides the partition of `text`: what follows its first `@`; `None` if it has none.
pub(crate) fn after_at(text: &str) -> Option<&str> {
    text.split_once('@').map(|(_, key)| key)
}

/// A String key for maps whose members are configured with the `StringPartitioningStrategy`: the keys
/// `user@7` and `orders@7` are stored in one partition. For other maps, and for names of structures,
/// plain text does.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AtKey {
    text: Box<str>,
    key: Option<Box<str>>,
}

impl AtKey {
    /// A key.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        let text = text.into();
        Self { key: after_at(&text).map(Box::from), text }
    }

    /// All of it.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for AtKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

/// Java's String.
impl Write for AtKey {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        self.text.write(to)
    }
    fn size_hint(&self) -> usize {
        self.text.size_hint()
    }
    fn partition_key(&self) -> Option<&dyn Write> {
        self.key.as_ref().map(|key| key as &dyn Write)
    }
}

/// Java's String.
impl Read for AtKey {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        String::read(from).map(Self::new)
    }
}
