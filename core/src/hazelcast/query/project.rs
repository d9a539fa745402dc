//! [`Projection`]: what of each entry an answer holds.
//!
//! ```
//! use gridwire_core::hazelcast::query::project;
//!
//! let names = project::attribute::<String>("name");                      // a String of each
//! let people = project::attributes::<(String, i32)>(["name", "age"]);    // a Row of both
//! assert_eq!(format!("{names}, {people}"), "name, (name, age)");
//! ```
//!
//! ```text
//! 01 (identified) | factory i32 = -30 | class i32: 0 one attribute  str path
//!                                                  1 several        count i32, str paths
//!                                                  2 the entry itself
//! ```

use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use super::attribute::Attribute;
use super::object;
use super::operand::Operand;
use super::result::Row;
use crate::Fault;
use crate::hazelcast::Data;
use crate::hazelcast::error::Error;
use crate::hazelcast::serialization::{Entry, Read, Reader, Write, Writer, identified};

const FACTORY: i32 = -30;
const ATTRIBUTE: i32 = 0;
const ATTRIBUTES: i32 = 1;
const IDENTITY: i32 = 2;

/// A projection that makes an `R` of each entry.
pub struct Projection<'a, R> {
    fields: Fields<'a>,
    result: PhantomData<fn() -> R>,
}

/// What is projected, whatever its type: what a member is sent.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Fields<'a> {
    /// One attribute.
    One(Attribute),
    /// Several, as an array.
    Several(Vec<Attribute>),
    /// The entry itself.
    Entry,
    /// What a class of the members makes of it.
    Custom(Operand<'a>),
}

/// One attribute. Where it may be null, ask for an `Option`.
pub fn attribute<R>(path: impl Into<Attribute>) -> Projection<'static, R> {
    Fields::One(path.into()).into()
}

/// Several attributes, as a tuple of as many.
pub fn attributes<R>(
    paths: impl IntoIterator<Item: Into<Attribute>>,
) -> Projection<'static, Row<R>> {
    Fields::Several(paths.into_iter().map(Into::into).collect()).into()
}

/// The entry itself.
pub fn entry<K, V>() -> Projection<'static, Entry<K, V>> {
    Fields::Entry.into()
}

/// A projection of a class that the members have, as any value that they read it from.
pub fn custom<'a, R>(projection: impl Write + Send + Sync + 'a) -> Projection<'a, R> {
    Fields::Custom(Operand::new(projection)).into()
}

impl<'a, R> Projection<'a, R> {
    /// What is projected.
    pub fn fields(&self) -> &Fields<'a> {
        &self.fields
    }
}

impl<'a, R> From<Fields<'a>> for Projection<'a, R> {
    fn from(fields: Fields<'a>) -> Self {
        Self { fields, result: PhantomData }
    }
}

impl<R> Clone for Projection<'_, R> {
    fn clone(&self) -> Self {
        self.fields.clone().into()
    }
}

impl<R> Write for Projection<'_, R> {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        self.fields.write(to)
    }
    fn raw(&self) -> Option<&Data> {
        self.fields.raw()
    }
}

impl Write for Fields<'_> {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        match self {
            Self::One(attribute) => {
                identified::start(FACTORY, ATTRIBUTE, to);
                check(attribute.path())?;
                to.text(Some(attribute.path()))
            }
            Self::Several(attributes) if attributes.is_empty() => {
                Err(Error::Misuse("a projection needs an attribute"))
            }
            Self::Several(attributes) => {
                identified::start(FACTORY, ATTRIBUTES, to);
                to.count(attributes.len())?;
                for attribute in attributes {
                    check(attribute.path())?;
                    to.text(Some(attribute.path()))?;
                }
                Ok(())
            }
            Self::Entry => {
                identified::start(FACTORY, IDENTITY, to);
                Ok(())
            }
            Self::Custom(projection) => to.present(projection, "a projection"),
        }
    }
    fn raw(&self) -> Option<&Data> {
        match self {
            Self::Custom(projection) => projection.raw(),
            _ => None,
        }
    }
}

impl Read for Fields<'_> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        let Some(class) = object::class(from, FACTORY)? else {
            return object::foreign(from, "a projection").map(Self::Custom);
        };
        let path = |from: &mut Reader<'_>| {
            let path = from.present_text()?;
            check(path)?;
            Ok(Attribute::from(path))
        };
        match class {
            ATTRIBUTE => path(from).map(Self::One),
            ATTRIBUTES => {
                let count = from.present_count(4)?;
                if count == 0 {
                    return Err(from.fault(Fault::Length(0)));
                }
                (0..count).map(|_| path(from)).collect::<Result<_, Error>>().map(Self::Several)
            }
            IDENTITY => Ok(Self::Entry),
            _ => Err(from.fault(Fault::Value(class.into()))),
        }
    }
}

/// A projection is of one thing, so its path can't have many ends.
fn check(path: &str) -> Result<(), Error> {
    if path.contains("[any]") {
        return Err(Error::Misuse("a projection can't be of [any] element"));
    }
    object::path(path)
}

impl fmt::Display for Fields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(attribute) => attribute.fmt(f),
            Self::Several(attributes) => {
                f.write_str("(")?;
                for (number, attribute) in attributes.iter().enumerate() {
                    write!(f, "{}{attribute}", if number == 0 { "" } else { ", " })?;
                }
                f.write_str(")")
            }
            Self::Entry => f.write_str("the entry"),
            Self::Custom(projection) => projection.fmt(f),
        }
    }
}

impl<R> fmt::Display for Projection<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.fields, f)
    }
}

impl<R> fmt::Debug for Projection<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.fields, f)
    }
}
