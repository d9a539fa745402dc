//! Collections, as Java's of like names.
//!
//! Each is read from every kind of its sort: a `HashSet` from any of Java's sets, a [`List`] from any
//! list or Object[]. What a Rust collection has no place for (an element twice in a set, a key twice in a
//! map) is an error. A comparator that sorts them in Java must be readable; what it sorted stays in its
//! order in those collections that have one of their own.

use alloc::collections::{BTreeMap, BTreeSet, LinkedList, VecDeque};
use alloc::vec::Vec;
use core::hash::{BuildHasher, Hash};

use super::type_id::TypeId;
use super::value::{EntryKind, ListKind, MapKind, QueueKind, SetKind};
use super::{Read, Reader, Value, Write, Writer, identified};
use crate::Fault;
use crate::hazelcast::error::{Error, SerializationError};

/// A list of objects, as Java's ArrayList and Python's list are: what a plain `Vec` of numbers or text
/// isn't, that being an array.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct List<T>(pub Vec<T>);

/// An array of objects, Java's Object[].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Array<T>(pub Vec<T>);

/// A set of objects in some order, Java's LinkedHashSet: for elements that have neither a hash nor an
/// order in Rust. Nothing checks that an element is there once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Set<T>(pub Vec<T>);

/// The entries of a map in some order, Java's LinkedHashMap: for keys that have neither a hash nor an
/// order in Rust. Nothing checks that a key is there once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Entries<K, V>(pub Vec<(K, V)>);

/// An entry of a map alone: a key and its value. Java's SimpleImmutableEntry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Entry<K, V>(pub K, pub V);

/// Java's Optional, which isn't null even if it is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Optional<T>(pub Option<T>);

/// Goes past the comparator of what is sorted.
fn pass_comparator(from: &mut Reader<'_>) -> Result<(), Error> {
    if from.type_id().is_sorted() {
        from.object::<Value>()?;
    }
    Ok(())
}

fn twice(from: &Reader<'_>) -> Error {
    from.fault(Fault::Other("an element is there twice"))
}

/// Writes what is alike in all of them.
fn start(id: TypeId, count: usize, to: &mut Writer<'_>) -> Result<(), Error> {
    to.type_id(id);
    if id.is_sorted() {
        to.type_id(TypeId::NULL);
    }
    to.count(count)
}

/// Writes elements as a collection of this type.
fn write_items<'i, T: Write + 'i>(
    id: TypeId,
    items: impl ExactSizeIterator<Item = &'i T>,
    to: &mut Writer<'_>,
) -> Result<(), Error> {
    start(id, items.len(), to)?;
    for item in items {
        to.object(item)?;
    }
    Ok(())
}

/// Writes entries as a map of this type.
fn write_entries<'i, K: Write + 'i, V: Write + 'i>(
    id: TypeId,
    entries: impl ExactSizeIterator<Item = (&'i K, &'i V)>,
    to: &mut Writer<'_>,
) -> Result<(), Error> {
    start(id, entries.len(), to)?;
    for (key, value) in entries {
        to.object(key)?;
        to.object(value)?;
    }
    Ok(())
}

fn size_of_items<'i, T: Write + 'i>(items: impl Iterator<Item = &'i T>) -> usize {
    12 + items.map(T::size_hint).sum::<usize>()
}

fn size_of_entries<'i, K: Write + 'i, V: Write + 'i>(
    entries: impl Iterator<Item = (&'i K, &'i V)>,
) -> usize {
    12 + entries.map(|(key, value)| key.size_hint() + value.size_hint()).sum::<usize>()
}

/// Reads the elements of a list or Object[].
fn read_list<T: Read>(from: &mut Reader<'_>, or_queue: bool) -> Result<Vec<T>, Error> {
    let id = from.type_id();
    if ListKind::of(id).is_none() && !(or_queue && QueueKind::of(id).is_some()) {
        return Err(from.mismatch(if or_queue { "a queue or list" } else { "a list" }));
    }
    pass_comparator(from)?;
    from.objects()
}

/// Reads the elements of a set; `add` says whether they were new.
fn read_set<T: Read>(from: &mut Reader<'_>, mut add: impl FnMut(T) -> bool) -> Result<(), Error> {
    if SetKind::of(from.type_id()).is_none() {
        return Err(from.mismatch("a set"));
    }
    pass_comparator(from)?;
    for _ in 0..from.present_count(4)? {
        if !add(from.object()?) {
            return Err(twice(from));
        }
    }
    Ok(())
}

/// Reads the entries of a map; `add` says whether their keys were new.
fn read_map<K: Read, V: Read>(
    from: &mut Reader<'_>,
    add: impl FnMut(K, V) -> bool,
) -> Result<(), Error> {
    if MapKind::of(from.type_id()).is_none() {
        return Err(from.mismatch("a map"));
    }
    pass_comparator(from)?;
    from.entries(add)
}

impl Reader<'_> {
    /// Nested keys and values with their count before them; `add` says whether the key was new.
    pub(super) fn entries<K: Read, V: Read>(
        &mut self,
        mut add: impl FnMut(K, V) -> bool,
    ) -> Result<(), Error> {
        for _ in 0..self.present_count(8)? {
            if !add(self.object()?, self.object()?) {
                return Err(twice(self));
            }
        }
        Ok(())
    }
}

macro_rules! lists {
    ($($name:literal $type:ty, $id:ident, $or_queue:literal, |$list:ident| $items:expr, $from:path;)*) => {$(
        #[doc = concat!("Java's ", $name, ".")]
        impl<T: Write> Write for $type {
            fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
                let $list = self;
                write_items(TypeId::$id, $items.iter(), to)
            }
            fn size_hint(&self) -> usize {
                let $list = self;
                size_of_items($items.iter())
            }
        }

        /// Any of Java's lists, or an Object[].
        impl<T: Read> Read for $type {
            fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
                read_list(from, $or_queue).map($from)
            }
        }
    )*};
}

lists! {
    "ArrayList" List<T>, ARRAY_LIST, false, |list| list.0, Self;
    "Object[]" Array<T>, OBJECT_ARRAY, false, |list| list.0, Self;
    "LinkedList" LinkedList<T>, LINKED_LIST, false, |list| list, Self::from_iter;
    "ArrayDeque, read from any queue" VecDeque<T>, ARRAY_DEQUE, true, |list| list, Self::from;
}

/// Java's LinkedHashSet.
impl<T: Write> Write for Set<T> {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        write_items(TypeId::LINKED_HASH_SET, self.0.iter(), to)
    }
    fn size_hint(&self) -> usize {
        size_of_items(self.0.iter())
    }
}

/// Any of Java's sets.
impl<T: Read> Read for Set<T> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        let mut items = Vec::new();
        read_set(from, |item| {
            items.push(item);
            true
        })?;
        Ok(Self(items))
    }
}

/// Java's LinkedHashMap.
impl<K: Write, V: Write> Write for Entries<K, V> {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        write_entries(TypeId::LINKED_HASH_MAP, self.0.iter().map(|(key, value)| (key, value)), to)
    }
    fn size_hint(&self) -> usize {
        size_of_entries(self.0.iter().map(|(key, value)| (key, value)))
    }
}

/// Any of Java's maps.
impl<K: Read, V: Read> Read for Entries<K, V> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        let mut entries = Vec::new();
        read_map(from, |key, value| {
            entries.push((key, value));
            true
        })?;
        Ok(Self(entries))
    }
}

/// Java's TreeSet in natural order.
impl<T: Write> Write for BTreeSet<T> {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        write_items(TypeId::TREE_SET, self.iter(), to)
    }
    fn size_hint(&self) -> usize {
        size_of_items(self.iter())
    }
}

/// Any of Java's sets.
impl<T: Read + Ord> Read for BTreeSet<T> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        let mut items = Self::new();
        read_set(from, |item| items.insert(item))?;
        Ok(items)
    }
}

/// Java's TreeMap in natural order.
impl<K: Write, V: Write> Write for BTreeMap<K, V> {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        write_entries(TypeId::TREE_MAP, self.iter(), to)
    }
    fn size_hint(&self) -> usize {
        size_of_entries(self.iter())
    }
}

/// Any of Java's maps.
impl<K: Read + Ord, V: Read> Read for BTreeMap<K, V> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        let mut entries = Self::new();
        read_map(from, |key, value| entries.insert(key, value).is_none())?;
        Ok(entries)
    }
}

macro_rules! hashed {
    ($($(#[$attribute:meta])* $library:ident::$($path:ident)::+;)*) => {$(
        /// Java's HashSet. Elements come in no order: two equal sets may have different bytes, and aren't
        /// the same key.
        $(#[$attribute])*
        impl<T: Write, S> Write for $library::$($path)::+::HashSet<T, S> {
            fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
                write_items(TypeId::HASH_SET, self.iter(), to)
            }
            fn size_hint(&self) -> usize {
                size_of_items(self.iter())
            }
        }

        /// Any of Java's sets.
        $(#[$attribute])*
        impl<T: Read + Eq + Hash, S: BuildHasher + Default> Read
            for $library::$($path)::+::HashSet<T, S>
        {
            fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
                let mut items = Self::default();
                read_set(from, |item| items.insert(item))?;
                Ok(items)
            }
        }

        /// Java's HashMap. Entries come in no order: two equal maps may have different bytes, and aren't
        /// the same key.
        $(#[$attribute])*
        impl<K: Write, V: Write, S> Write for $library::$($path)::+::HashMap<K, V, S> {
            fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
                write_entries(TypeId::HASH_MAP, self.iter(), to)
            }
            fn size_hint(&self) -> usize {
                size_of_entries(self.iter())
            }
        }

        /// Any of Java's maps.
        $(#[$attribute])*
        impl<K: Read + Eq + Hash, V: Read, S: BuildHasher + Default> Read
            for $library::$($path)::+::HashMap<K, V, S>
        {
            fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
                let mut entries = Self::default();
                read_map(from, |key, value| entries.insert(key, value).is_none())?;
                Ok(entries)
            }
        }
    )*};
}

/// `hashbrown`'s are in the root of the crate.
mod brown {
    pub(super) use hashbrown::{HashMap, HashSet};
}

hashed! {
    self::brown;
    #[cfg(feature = "std")]
    #[allow(clippy::disallowed_types, reason = "the user's own, with a hasher of the user's choice")]
    std::collections;
}

/// Java's SimpleImmutableEntry.
impl<K: Write, V: Write> Write for Entry<K, V> {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.type_id(TypeId::IMMUTABLE_ENTRY);
        to.object(&self.0)?;
        to.object(&self.1)
    }
    fn size_hint(&self) -> usize {
        4 + self.0.size_hint() + self.1.size_hint()
    }
}

/// Either of Java's entries, or that of the members' own which aggregators result in.
impl<K: Read, V: Read> Read for Entry<K, V> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        if from.type_id() == TypeId::IDENTIFIED {
            let expected = (identified::MAPS, identified::LAZY_ENTRY);
            let found = identified::header(from)?;
            if found != expected {
                return Err(SerializationError::WrongClass { expected, found }.into());
            }
        } else if EntryKind::of(from.type_id()).is_none() {
            return Err(from.mismatch("an entry"));
        }
        Ok(Self(from.object()?, from.object()?))
    }
}

/// Java's Optional.
impl<T: Write> Write for Optional<T> {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.type_id(TypeId::OPTIONAL);
        to.bool(self.0.is_some());
        self.0.as_ref().map_or(Ok(()), |value| to.object(value))
    }
    fn size_hint(&self) -> usize {
        5 + self.0.as_ref().map_or(0, T::size_hint)
    }
}

/// Java's Optional.
impl<T: Read> Read for Optional<T> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        if from.type_id() != TypeId::OPTIONAL {
            return Err(from.mismatch("Optional"));
        }
        Ok(Self(if from.bool()? { Some(from.object()?) } else { None }))
    }
}
