//! How queries print: as SQL would have them, where it can.

use core::fmt::{self, Display};

use super::partition::PartitionPredicate;
use super::predicate::{Comparison, Pattern, Predicate};
use crate::hazelcast::serialization::Value;

/// A value, as SQL has it.
pub(super) struct Literal<'a>(pub(super) &'a Value);

impl Display for Literal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Null => f.write_str("NULL"),
            Value::Bool(true) => f.write_str("TRUE"),
            Value::Bool(false) => f.write_str("FALSE"),
            Value::I8(number) => number.fmt(f),
            Value::I16(number) => number.fmt(f),
            Value::I32(number) => number.fmt(f),
            Value::I64(number) => number.fmt(f),
            Value::F32(number) => fmt::Debug::fmt(number, f),
            Value::F64(number) => fmt::Debug::fmt(number, f),
            Value::Text(text) => quoted(f, text),
            Value::BigInteger(number) => write!(f, "{number:?}"),
            Value::Uuid(uuid) => write!(f, "'{uuid}'"),
            other => write!(f, "{other:?}"),
        }
    }
}

fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str("'")?;
    for (number, part) in text.split('\'').enumerate() {
        f.write_str(if number == 0 { "" } else { "''" })?;
        f.write_str(part)?;
    }
    f.write_str("'")
}

fn joined<T: Display>(
    f: &mut fmt::Formatter<'_>,
    items: impl IntoIterator<Item = T>,
    by: &str,
) -> fmt::Result {
    for (number, item) in items.into_iter().enumerate() {
        f.write_str(if number == 0 { "" } else { by })?;
        item.fmt(f)?;
    }
    Ok(())
}

/// A predicate inside another, in parentheses where it would be read as something else without.
struct Part<'a>(&'a Predicate<'a>);

impl Display for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Predicate::Sql(_) | Predicate::And(_) | Predicate::Or(_) | Predicate::Not(_) => {
                write!(f, "({})", self.0)
            }
            other => other.fmt(f),
        }
    }
}

impl Display for Predicate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sql(condition) => f.write_str(condition),
            Self::And(all) if all.is_empty() => f.write_str("TRUE"),
            Self::Or(all) if all.is_empty() => f.write_str("FALSE"),
            Self::And(all) => joined(f, all.iter().map(Part), " AND "),
            Self::Or(all) => joined(f, all.iter().map(Part), " OR "),
            Self::Not(predicate) => write!(f, "NOT {}", Part(predicate)),
            Self::Always(true) => f.write_str("TRUE"),
            Self::Always(false) => f.write_str("FALSE"),
            Self::Compare { attribute, by: Comparison::Equal, value } if value.is_null() => {
                write!(f, "{attribute} IS NULL")
            }
            Self::Compare { attribute, by: Comparison::NotEqual, value } if value.is_null() => {
                write!(f, "{attribute} IS NOT NULL")
            }
            Self::Compare { attribute, by, value } => write!(f, "{attribute} {by} {value}"),
            Self::Between { attribute, from, to } => {
                write!(f, "{attribute} BETWEEN {from} AND {to}")
            }
            Self::In { attribute, values } => {
                write!(f, "{attribute} IN (")?;
                joined(f, values, ", ")?;
                f.write_str(")")
            }
            Self::Match { attribute, how, pattern } => {
                write!(f, "{attribute} {how} ")?;
                quoted(f, pattern)
            }
            Self::InstanceOf(class) => write!(f, "this INSTANCEOF {class}"),
            Self::Custom(predicate) => predicate.fmt(f),
        }
    }
}

impl fmt::Debug for Predicate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
        })
    }
}

impl Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Like => "LIKE",
            Self::LikeIgnoringCase => "ILIKE",
            Self::Regex => "REGEX",
        })
    }
}

impl<P: Display> Display for PartitionPredicate<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} IN THE PARTITION OF ", self.target())?;
        joined(f, self.keys(), ", ")
    }
}

impl<P: fmt::Debug> fmt::Debug for PartitionPredicate<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} IN THE PARTITION OF ", self.target())?;
        joined(f, self.keys(), ", ")
    }
}
