//! What aggregations and projections result in, where Java has classes for it that are nothing else.

use alloc::vec::Vec;
use core::ops::Deref;

use super::object;
use crate::Fault;
use crate::call::Unopened;
use crate::hazelcast::error::Error;
use crate::hazelcast::serialization::{
    Codec, Read, Reader, Set, TypeId, Write, Writer, identified,
};
use crate::hazelcast::{Data, Hazelcast};

/// The factory of aggregators, and their set's class.
const AGGREGATORS: i32 = -29;
const CANONICALIZING_SET: i32 = 19;

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

/// A `CanonicalizingHashSet`, or one of Java's own sets.
impl<T: Read> Read for Distinct<T> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        match object::class(from, AGGREGATORS)? {
            Some(CANONICALIZING_SET) => from.objects().map(Self),
            Some(_) => Err(from.mismatch("a set of distinct values")),
            None => Set::read(from).map(|set| Self(set.0)),
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

/// An entry as [`max_by`](super::aggregate::max_by) results in it: a `LazyMapEntry`, which
/// [`Entry`](crate::hazelcast::serialization::Entry) is read from too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct LazyEntry<K, V>(pub K, pub V);

impl<K: Read, V: Read> Read for LazyEntry<K, V> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        if object::class(from, identified::MAPS)? != Some(identified::LAZY_ENTRY) {
            return Err(from.mismatch("LazyMapEntry"));
        }
        Ok(Self(from.object()?, from.object()?))
    }
}

impl<K: Write, V: Write> Write for LazyEntry<K, V> {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        identified::start(identified::MAPS, identified::LAZY_ENTRY, to);
        to.object(&self.0)?;
        to.object(&self.1)
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
