//! [`Predicate`]: which entries a query is about, and how it is laid out.
//!
//! ```text
//! 01 (identified) | factory i32 = -20 | class i32 | fields      str: length i32, UTF-8
//! class  0 Sql         str                      8 InstanceOf  str Java class
//!        1 And         count i32, objects       9 NotEqual    str, object
//!        2 Between     str, to, from           10 Not         object
//!        3 Equal       str, object             11 Or          count i32, objects
//!        4 GreaterLess str, object, ≤≥, <      12 Regex       str, str
//!        5 Like        str, str                13 False
//!        6 ILike       str, str                14 True
//!        7 In          str, count i32, objects 16, 21 of partitions: see `partition.rs`
//! ```

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::ops;

use super::attribute::Attribute;
use super::object;
use super::operand::Operand;
use crate::hazelcast::Data;
use crate::hazelcast::error::{Error, SerializationError};
use crate::hazelcast::serialization::{MAX_NESTING, Read, Reader, Write, Writer, identified};
use crate::{Fault, Str};

/// The factory of all predicates.
pub(super) const FACTORY: i32 = -20;

const SQL: i32 = 0;
const AND: i32 = 1;
const BETWEEN: i32 = 2;
const EQUAL: i32 = 3;
const GREATER_LESS: i32 = 4;
const LIKE: i32 = 5;
const ILIKE: i32 = 6;
const IN: i32 = 7;
const INSTANCE_OF: i32 = 8;
const NOT_EQUAL: i32 = 9;
const NOT: i32 = 10;
const OR: i32 = 11;
const REGEX: i32 = 12;
const FALSE: i32 = 13;
const TRUE: i32 = 14;
/// Never sent: [`Paging`](super::Paging) travels in a message of its own form.
const PAGING: i32 = 15;
pub(super) const PARTITION: i32 = 16;
pub(super) const MULTI_PARTITION: i32 = 21;

/// A condition on the entries of a map.
///
/// Built by [`attr`](super::attr), [`key`](super::key), [`this`](super::this), [`sql`] and their like;
/// put together by [`Predicate::and`], [`Predicate::or`] and `!`, or by `&` and `|`.
#[derive(Clone)]
#[non_exhaustive]
pub enum Predicate<'a> {
    /// A condition in SQL: what follows `WHERE`.
    Sql(Str),
    /// All of them; with none, true.
    And(Vec<Predicate<'a>>),
    /// One of them; with none, false.
    Or(Vec<Predicate<'a>>),
    /// The contrary.
    Not(Box<Predicate<'a>>),
    /// Every entry, or none.
    Always(bool),
    /// An attribute against a value.
    Compare {
        /// What is compared.
        attribute: Attribute,
        /// What must hold.
        by: Comparison,
        /// With what.
        value: Operand<'a>,
    },
    /// A range, both ends included.
    Between {
        /// What must be in it.
        attribute: Attribute,
        /// The least value.
        from: Operand<'a>,
        /// The greatest value.
        to: Operand<'a>,
    },
    /// One of these values.
    In {
        /// What must be among them.
        attribute: Attribute,
        /// The values.
        values: Vec<Operand<'a>>,
    },
    /// Text of a form.
    Match {
        /// The text.
        attribute: Attribute,
        /// The language of the pattern.
        how: Pattern,
        /// The form.
        pattern: Str,
    },
    /// Values of a Java class.
    InstanceOf(Str),
    /// A predicate that somebody wrote, of a class that the members have.
    Custom(Operand<'a>),
}

/// How an attribute is compared with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "they say it all")]
pub enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// The language of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// SQL's `LIKE`.
    Like,
    /// The same, with upper and lower case the same.
    LikeIgnoringCase,
    /// A regular expression of Java's.
    Regex,
}

/// A condition in SQL, without `WHERE`: `sql("age >= 18 AND name LIKE 'A%'")`. A member parses it.
pub fn sql<'a>(condition: impl Into<Str>) -> Predicate<'a> {
    Predicate::Sql(condition.into())
}

/// All entries.
pub fn always_true<'a>() -> Predicate<'a> {
    Predicate::Always(true)
}

/// No entry.
pub fn always_false<'a>() -> Predicate<'a> {
    Predicate::Always(false)
}

/// Entries whose value is of this Java class: `"java.lang.String"`.
pub fn instance_of<'a>(class: impl Into<Str>) -> Predicate<'a> {
    Predicate::InstanceOf(class.into())
}

/// A predicate of a class that the members have, as any value that they read it from.
pub fn custom<'a>(predicate: impl Write + Send + Sync + 'a) -> Predicate<'a> {
    Predicate::Custom(Operand::new(predicate))
}

/// Entries that don't match.
pub fn not(predicate: Predicate<'_>) -> Predicate<'_> {
    Predicate::Not(Box::new(predicate))
}

/// Entries that match all of these; all entries, if there are none of these.
pub fn all_of<'a>(predicates: impl IntoIterator<Item = Predicate<'a>>) -> Predicate<'a> {
    Predicate::And(predicates.into_iter().collect())
}

/// Entries that match one of these; no entry, if there are none of these.
pub fn any_of<'a>(predicates: impl IntoIterator<Item = Predicate<'a>>) -> Predicate<'a> {
    Predicate::Or(predicates.into_iter().collect())
}

impl<'a> Predicate<'a> {
    /// This and the other. A third joins the same list, so a chain is no deeper than one.
    pub fn and(self, other: Predicate<'a>) -> Self {
        match self {
            Self::And(mut all) => {
                all.push(other);
                Self::And(all)
            }
            one => Self::And(vec![one, other]),
        }
    }

    /// This or the other. A third joins the same list, so a chain is no deeper than one.
    pub fn or(self, other: Predicate<'a>) -> Self {
        match self {
            Self::Or(mut all) => {
                all.push(other);
                Self::Or(all)
            }
            one => Self::Or(vec![one, other]),
        }
    }

    fn put(&self, to: &mut Writer<'_>, depth: u32) -> Result<(), Error> {
        if depth >= MAX_NESTING {
            let why = "predicates are nested too deep in one another";
            return Err(SerializationError::Unwritable { what: "a predicate", why }.into());
        }
        let class = |to: &mut Writer<'_>, class| identified::start(FACTORY, class, to);
        match self {
            Self::Sql(condition) => {
                class(to, SQL);
                to.text(Some(condition))
            }
            Self::And(all) | Self::Or(all) => {
                class(to, if matches!(self, Self::And(_)) { AND } else { OR });
                to.count(all.len())?;
                all.iter().try_for_each(|predicate| predicate.put(to, depth + 1))
            }
            Self::Not(predicate) => {
                class(to, NOT);
                predicate.put(to, depth + 1)
            }
            Self::Always(always) => {
                class(to, if *always { TRUE } else { FALSE });
                Ok(())
            }
            Self::Compare { attribute, by, value } => {
                let (id, flags) = by.layout();
                class(to, id);
                path(to, attribute)?;
                let Some((equal, less)) = flags else { return to.object(value) };
                to.present(value, "what is compared by order")?;
                to.bool(equal);
                to.bool(less);
                Ok(())
            }
            Self::Between { attribute, from, to: end } => {
                class(to, BETWEEN);
                path(to, attribute)?;
                to.present(end, "the end of a range")?;
                to.present(from, "the start of a range")
            }
            Self::In { attribute, values } => {
                class(to, IN);
                path(to, attribute)?;
                to.count(values.len())?;
                values.iter().try_for_each(|value| to.object(value))
            }
            Self::Match { attribute, how, pattern } => {
                class(
                    to,
                    match how {
                        Pattern::Like => LIKE,
                        Pattern::LikeIgnoringCase => ILIKE,
                        Pattern::Regex => REGEX,
                    },
                );
                path(to, attribute)?;
                to.text(Some(pattern))
            }
            Self::InstanceOf(name) => {
                class(to, INSTANCE_OF);
                to.text(Some(name))
            }
            Self::Custom(predicate) => to.present(predicate, "a predicate"),
        }
    }

    /// Reads what follows the ids.
    fn take(from: &mut Reader<'_>, class: i32) -> Result<Self, Error> {
        Ok(match class {
            SQL => Self::Sql(from.present_text()?.into()),
            AND => Self::And(from.objects()?),
            OR => Self::Or(from.objects()?),
            NOT => Self::Not(Box::new(from.object()?)),
            TRUE => Self::Always(true),
            FALSE => Self::Always(false),
            EQUAL => compare(from, |_| Ok(Comparison::Equal))?,
            NOT_EQUAL => compare(from, |_| Ok(Comparison::NotEqual))?,
            GREATER_LESS => compare(from, |from| {
                Ok(match (from.bool()?, from.bool()?) {
                    (false, false) => Comparison::Greater,
                    (true, false) => Comparison::GreaterOrEqual,
                    (false, true) => Comparison::Less,
                    (true, true) => Comparison::LessOrEqual,
                })
            })?,
            BETWEEN => {
                let (attribute, to) = (attribute(from)?, from.object()?);
                Self::Between { attribute, to, from: from.object()? }
            }
            IN => Self::In { attribute: attribute(from)?, values: from.objects()? },
            LIKE => matching(from, Pattern::Like)?,
            ILIKE => matching(from, Pattern::LikeIgnoringCase)?,
            REGEX => matching(from, Pattern::Regex)?,
            INSTANCE_OF => Self::InstanceOf(from.present_text()?.into()),
            PAGING => return Err(Error::Unsupported("a paging predicate inside a value")),
            PARTITION | MULTI_PARTITION => {
                return Err(Error::Unsupported("a partition predicate inside another predicate"));
            }
            _ => return Err(from.fault(Fault::Value(class.into()))),
        })
    }

    /// Reads an object whose class was found.
    pub(super) fn of(from: &mut Reader<'_>, class: Option<i32>) -> Result<Self, Error> {
        match class {
            Some(class) => Self::take(from, class),
            None => object::foreign(from, "a predicate").map(Self::Custom),
        }
    }
}

impl Write for Predicate<'_> {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        self.put(to, 1)
    }
    fn raw(&self) -> Option<&Data> {
        match self {
            Self::Custom(predicate) => predicate.raw(),
            _ => None,
        }
    }
}

impl Read for Predicate<'_> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        let class = object::class(from, FACTORY)?;
        Self::of(from, class)
    }
}

impl<'a> ops::BitAnd for Predicate<'a> {
    type Output = Self;
    fn bitand(self, other: Predicate<'a>) -> Self {
        self.and(other)
    }
}

impl<'a> ops::BitOr for Predicate<'a> {
    type Output = Self;
    fn bitor(self, other: Predicate<'a>) -> Self {
        self.or(other)
    }
}

impl ops::Not for Predicate<'_> {
    type Output = Self;
    fn not(self) -> Self {
        not(self)
    }
}

impl Comparison {
    /// The class, and its two flags: or equal, and less rather than greater.
    const fn layout(self) -> (i32, Option<(bool, bool)>) {
        match self {
            Self::Equal => (EQUAL, None),
            Self::NotEqual => (NOT_EQUAL, None),
            Self::Greater => (GREATER_LESS, Some((false, false))),
            Self::GreaterOrEqual => (GREATER_LESS, Some((true, false))),
            Self::Less => (GREATER_LESS, Some((false, true))),
            Self::LessOrEqual => (GREATER_LESS, Some((true, true))),
        }
    }
}

fn path(to: &mut Writer<'_>, attribute: &Attribute) -> Result<(), Error> {
    object::path(attribute.path())?;
    to.text(Some(attribute.path()))
}

fn attribute(from: &mut Reader<'_>) -> Result<Attribute, Error> {
    let path = from.present_text()?;
    object::path(path)?;
    Ok(path.into())
}

fn compare<'a>(
    from: &mut Reader<'_>,
    by: impl FnOnce(&mut Reader<'_>) -> Result<Comparison, Error>,
) -> Result<Predicate<'a>, Error> {
    let (attribute, value) = (attribute(from)?, from.object()?);
    Ok(Predicate::Compare { attribute, value, by: by(from)? })
}

fn matching<'a>(from: &mut Reader<'_>, how: Pattern) -> Result<Predicate<'a>, Error> {
    let attribute = attribute(from)?;
    Ok(Predicate::Match { attribute, how, pattern: from.present_text()?.into() })
}
