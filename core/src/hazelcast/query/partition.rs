//! [`PartitionPredicate`]: a query that asks only some partitions.
//!
//! It is the outermost of all: a type of its own, so that it can't stand inside a predicate.
//!
//! ```text
//! class 16 one key      object key, object target
//!       21 several      object set of keys, object target
//! ```

use alloc::vec;
use alloc::vec::Vec;

use super::object;
use super::operand::Operand;
use super::paging::Paging;
use super::predicate::{FACTORY, MULTI_PARTITION, PARTITION, Predicate};
use crate::hazelcast::Data;
use crate::hazelcast::error::Error;
use crate::hazelcast::serialization::{Read, Reader, Set, TypeId, Write, Writer, identified};

/// The error of no keys at all.
pub(super) const NO_KEY: Error = Error::Misuse("a partition predicate needs a key");

/// A predicate, or [`Paging`], in the partitions of certain keys.
#[derive(Clone)]
pub struct PartitionPredicate<'a, P = Predicate<'a>> {
    keys: Vec<Operand<'a>>,
    /// Written as a set, though it be of one.
    several: bool,
    target: P,
}

/// What partitions can be asked: a [`Predicate`], or [`Paging`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be asked in a partition",
    label = "neither a predicate nor paging"
)]
pub trait Askable: sealed::Askable {}

mod sealed {
    pub trait Askable {}
    impl Askable for super::Predicate<'_> {}
    impl Askable for super::Paging<'_> {}
}

impl<T: sealed::Askable> Askable for T {}

/// A query in the partition of one key: of all entries that live with it, those that match.
pub fn partition<'a, P: Askable>(
    key: impl Write + Send + Sync + 'a,
    target: P,
) -> PartitionPredicate<'a, P> {
    PartitionPredicate { keys: vec![Operand::new(key)], several: false, target }
}

/// A query in the partitions of these keys, of which there must be at least one. Members know it since
/// protocol 2.5.
pub fn partitions<'a, K, P>(keys: K, target: P) -> PartitionPredicate<'a, P>
where
    K: IntoIterator,
    K::Item: Write + Send + Sync + 'a,
    P: Askable,
{
    let keys = keys.into_iter().map(Operand::new).collect();
    PartitionPredicate { keys, several: true, target }
}

impl<'a, P> PartitionPredicate<'a, P> {
    /// The keys whose partitions are asked.
    pub fn keys(&self) -> &[Operand<'a>] {
        &self.keys
    }

    /// Whether it was made for several keys, which older members don't know.
    pub fn is_several(&self) -> bool {
        self.several
    }

    /// What is asked there.
    pub fn target(&self) -> &P {
        &self.target
    }

    /// What is asked there, to be changed.
    pub fn target_mut(&mut self) -> &mut P {
        &mut self.target
    }

    pub(super) fn received(keys: Vec<Operand<'a>>, several: bool, target: P) -> Self {
        Self { keys, several, target }
    }

    fn put_keys(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        match &*self.keys {
            [] => Err(NO_KEY),
            [key] if !self.several => to.present(key, "the key of a partition"),
            keys => {
                to.type_id(TypeId::HASH_SET);
                to.count(keys.len())?;
                keys.iter().try_for_each(|key| to.present(key, "the key of a partition"))
            }
        }
    }
}

impl<P: Write> Write for PartitionPredicate<'_, P> {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        identified::start(FACTORY, if self.several { MULTI_PARTITION } else { PARTITION }, to);
        self.put_keys(to)?;
        to.object(&self.target)
    }
}

/// What may restrict a query, an aggregation or a projection: a [`Predicate`] or a
/// [`PartitionPredicate`] around one.
pub trait Filter: Write {
    /// The keys whose partitions are asked; all partitions, if there are none. A request goes to the
    /// partition of the first.
    fn partition_keys(&self) -> &[Operand<'_>] {
        &[]
    }
}

impl Filter for Predicate<'_> {}

impl<P: Filter> Filter for PartitionPredicate<'_, P> {
    fn partition_keys(&self) -> &[Operand<'_>] {
        &self.keys
    }
}

impl<T: Filter + ?Sized> Filter for &T {
    fn partition_keys(&self) -> &[Operand<'_>] {
        T::partition_keys(self)
    }
}

/// What a member is sent: a predicate, or [`Paging`], and where.
#[derive(Debug, Clone)]
pub enum Query<'a, P = Predicate<'a>> {
    /// For all partitions.
    Everywhere(P),
    /// For some.
    Partitions(PartitionPredicate<'a, P>),
}

impl Write for Query<'_> {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        match self {
            Self::Everywhere(predicate) => predicate.write(to),
            Self::Partitions(predicate) => predicate.write(to),
        }
    }
    fn raw(&self) -> Option<&Data> {
        match self {
            Self::Everywhere(predicate) => predicate.raw(),
            Self::Partitions(_) => None,
        }
    }
}

impl Filter for Query<'_> {
    fn partition_keys(&self) -> &[Operand<'_>] {
        match self {
            Self::Everywhere(_) => &[],
            Self::Partitions(predicate) => predicate.keys(),
        }
    }
}

impl Read for Query<'_> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        let (keys, several) = match object::class(from, FACTORY)? {
            Some(PARTITION) => (vec![from.object()?], false),
            Some(MULTI_PARTITION) => (from.object::<Set<_>>()?.0, true),
            class => return Predicate::of(from, class).map(Self::Everywhere),
        };
        if keys.is_empty() {
            return Err(NO_KEY);
        }
        let target = from.object()?;
        Ok(Self::Partitions(PartitionPredicate { keys, several, target }))
    }
}
