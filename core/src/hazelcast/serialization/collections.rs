//! Collections, as Java's of like names.

use alloc::vec::Vec;

use super::arrays::is_list;
use super::type_id::TypeId;
use super::{Read, Reader, Write, Writer};
use crate::hazelcast::error::Error;

/// A list of objects, as Java's ArrayList and Python's list are: what a plain `Vec` of numbers or text
/// isn't, that being an array.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct List<T>(pub Vec<T>);

/// Java's ArrayList.
impl<T: Write> Write for List<T> {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.type_id(TypeId::ARRAY_LIST);
        to.count(self.0.len())?;
        self.0.iter().try_for_each(|item| to.object(item))
    }
    fn size_hint(&self) -> usize {
        8 + self.0.iter().map(T::size_hint).sum::<usize>()
    }
}

/// Any of Java's lists, or an Object[].
impl<T: Read> Read for List<T> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        if !is_list(from.type_id()) {
            return Err(from.mismatch("a list"));
        }
        from.objects().map(Self)
    }
}
