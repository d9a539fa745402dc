//! What aggregations and projections result in, where Java has classes for it that are nothing else.

use alloc::vec::Vec;
use core::ops::Deref;

use super::object;
use crate::Fault;
use crate::call::Unopened;
use crate::hazelcast::error::Error;
use crate::hazelcast::serialization::{Codec, Read, Reader, TypeId, Write, Writer, identified};
use crate::hazelcast::{Data, Hazelcast};

/// The factory of aggregators, and their set's class.
const AGGREGATORS: i32 = -29;
const CANONICALIZING_SET: i32 = 19;

/// The factory of maps, and the class of an entry whose parts are read when they are asked for.
const MAPS: i32 = -4;
const LAZY_ENTRY: i32 = 120;

/// Reads a result, for which an answer has null or a value.
pub fn open<R: Read>(codec: &Codec, result: Option<&Data>) -> Result<R, Unopened<Hazelcast>> {
    match result {
        Some(data) => codec.open(data),
        None => codec.open(&Data::from_parts(0, TypeId::NULL.0, &[])),
    }
}

/// Values of which each is there once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Distinct<T>(pub Vec<T>);

impl<T> Deref for Distinct<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> IntoIterator for Distinct<T> {
    type Item = T;
    type IntoIter = alloc::vec::IntoIter<T>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// A `CanonicalizingHashSet`, or one of Java's own hash sets.
impl<T: Read> Read for Distinct<T> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        match object::class(from, AGGREGATORS)? {
            Some(CANONICALIZING_SET) => from.objects().map(Self),
            None if matches!(from.type_id(), TypeId::HASH_SET | TypeId::LINKED_HASH_SET) => {
                from.objects().map(Self)
            }
            _ => Err(from.mismatch("a set of distinct values")),
        }
    }
}

/// A `CanonicalizingHashSet`.
impl<T: Write> Write for Distinct<T> {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        identified::start(AGGREGATORS, CANONICALIZING_SET, to);
        to.count(self.0.len())?;
        self.0.iter().try_for_each(|item| to.object(item))
    }
}

/// An entry of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Entry<K, V> {
    /// Its key.
    pub key: K,
    /// Its value.
    pub value: V,
}

/// A `LazyMapEntry`, or one of Java's own entries.
impl<K: Read, V: Read> Read for Entry<K, V> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        match object::class(from, MAPS)? {
            Some(LAZY_ENTRY) => {}
            None if matches!(from.type_id(), TypeId::SIMPLE_ENTRY | TypeId::IMMUTABLE_ENTRY) => {}
            _ => return Err(from.mismatch("an entry")),
        }
        Ok(Self { key: from.object()?, value: from.object()? })
    }
}

/// A `LazyMapEntry`.
impl<K: Write, V: Write> Write for Entry<K, V> {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        identified::start(MAPS, LAZY_ENTRY, to);
        to.object(&self.key)?;
        to.object(&self.value)
    }
}

/// Values of different types, as a tuple: Java's `Object[]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Row<T>(pub T);

macro_rules! rows {
    ($($count:literal: $($field:ident)+;)*) => {$(
        /// An `Object[]` of exactly as many.
        impl<$($field: Read),+> Read for Row<($($field,)+)> {
            fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
                fields(from, $count)?;
                Ok(Self(($(from.object::<$field>()?,)+)))
            }
        }

        /// An `Object[]`.
        #[allow(non_snake_case, reason = "a field is called like its type")]
        impl<$($field: Write),+> Write for Row<($($field,)+)> {
            fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
                let ($($field,)+) = &self.0;
                to.type_id(TypeId::OBJECT_ARRAY);
                to.count($count)?;
                $(to.object($field)?;)+
                Ok(())
            }
        }
    )*};
}

rows! {
    1: A;
    2: A B;
    3: A B C;
    4: A B C D;
    5: A B C D E;
    6: A B C D E F;
    7: A B C D E F G;
    8: A B C D E F G H;
}

/// An `Object[]` of any number of one type: [`Value`](crate::hazelcast::Value), if they differ.
impl<T: Read> Read for Row<Vec<T>> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        if from.type_id() != TypeId::OBJECT_ARRAY {
            return Err(from.mismatch("Object[]"));
        }
        from.objects().map(Self)
    }
}

/// An `Object[]`.
impl<T: Write> Write for Row<Vec<T>> {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.type_id(TypeId::OBJECT_ARRAY);
        to.count(self.0.len())?;
        self.0.iter().try_for_each(|item| to.object(item))
    }
}

fn fields(from: &mut Reader<'_>, expected: usize) -> Result<(), Error> {
    if from.type_id() != TypeId::OBJECT_ARRAY {
        return Err(from.mismatch("Object[]"));
    }
    let count = from.present_count(4)?;
    if count != expected {
        return Err(from.fault(Fault::Length(count as i64)));
    }
    Ok(())
}
