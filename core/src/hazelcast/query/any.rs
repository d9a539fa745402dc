//! Queries of any form, for round trips.

use alloc::boxed::Box;
use alloc::vec::Vec;

use arbitrary::{Arbitrary, Result, Unstructured};

use super::aggregate::{Aggregation, Function};
use super::attribute::{Attribute, attr};
use super::operand::Operand;
use super::partition::{PartitionPredicate, Query};
use super::predicate::{Comparison, Pattern, Predicate};
use super::project::Fields;
use crate::Str;
use crate::hazelcast::serialization::Value;

/// Predicates in one another.
const DEPTH: u32 = 6;

impl<'a> Arbitrary<'a> for Attribute {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let name = <&str>::arbitrary(u)?.replace("[any]", "");
        Ok(if name.is_empty() { attr("this") } else { attr(name) })
    }
}

/// Not null, which has no order and no partition.
impl<'a> Arbitrary<'a> for Operand<'static> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self::from(match u.arbitrary()? {
            Value::Null => Value::Bool(true),
            value => value,
        }))
    }
}

fn predicate(u: &mut Unstructured<'_>, depth: u32) -> Result<Predicate<'static>> {
    let several = |u: &mut Unstructured<'_>| {
        let count = u.int_in_range(0..=3)?;
        (0..count).map(|_| predicate(u, depth + 1)).collect::<Result<Vec<_>>>()
    };
    Ok(match u.int_in_range(if depth < DEPTH { 0..=9 } else { 3..=9 })? {
        0 => Predicate::Not(Box::new(predicate(u, depth + 1)?)),
        1 => Predicate::And(several(u)?),
        2 => Predicate::Or(several(u)?),
        3 => Predicate::Sql(Str::arbitrary(u)?),
        4 => Predicate::Always(u.arbitrary()?),
        5 => Predicate::Between {
            attribute: u.arbitrary()?,
            from: u.arbitrary()?,
            to: u.arbitrary()?,
        },
        6 => Predicate::In { attribute: u.arbitrary()?, values: u.arbitrary()? },
        7 => Predicate::InstanceOf(Str::arbitrary(u)?),
        8 => Predicate::Match {
            attribute: u.arbitrary()?,
            how: *u.choose(&[Pattern::Like, Pattern::LikeIgnoringCase, Pattern::Regex])?,
            pattern: Str::arbitrary(u)?,
        },
        _ => Predicate::Compare {
            attribute: u.arbitrary()?,
            by: *u.choose(&[
                Comparison::Equal,
                Comparison::NotEqual,
                Comparison::Greater,
                Comparison::GreaterOrEqual,
                Comparison::Less,
                Comparison::LessOrEqual,
            ])?,
            value: u.arbitrary()?,
        },
    })
}

impl<'a> Arbitrary<'a> for Predicate<'static> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        predicate(u, 0)
    }
}

impl<'a> Arbitrary<'a> for Query<'static> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let target = Predicate::arbitrary(u)?;
        if u.arbitrary()? {
            return Ok(Self::Everywhere(target));
        }
        let mut keys: Vec<_> = u.arbitrary()?;
        keys.push(u.arbitrary()?);
        let several = keys.len() > 1 || u.arbitrary()?;
        Ok(Self::Partitions(PartitionPredicate::received(keys, several, target)))
    }
}

impl<'a> Arbitrary<'a> for Aggregation<'static> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let function = *u.choose(Function::ALL)?;
        Ok(Self::Known { function, attribute: u.arbitrary()? })
    }
}

impl<'a> Arbitrary<'a> for Fields<'static> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(match u.int_in_range(0..=2)? {
            0 => Self::One(u.arbitrary()?),
            1 => {
                let mut fields: Vec<Attribute> = u.arbitrary()?;
                fields.push(u.arbitrary()?);
                Self::Several(fields)
            }
            _ => Self::Entry,
        })
    }
}
