//! Whether a predicate holds for an entry.

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::attribute::find;
use super::{Refused, order, sql};
use crate::hazelcast::Data;
use crate::hazelcast::query::{
    Attribute, Comparison, Filter as _, Operand, Pattern, Predicate, Query,
};
use crate::hazelcast::serialization::{Codec, Value};
use crate::partition::hazelcast_partition;

/// A predicate, read once for all entries, and the partitions that it is about.
#[derive(Debug, Clone)]
pub(in crate::hazelcast::server) struct Asked {
    predicate: Predicate<'static>,
    /// All, if none are named.
    partitions: Option<Vec<u32>>,
}

impl Asked {
    /// About everything.
    pub(in crate::hazelcast::server) fn all() -> Self {
        Self { predicate: Predicate::Always(true), partitions: None }
    }

    /// What a client sent.
    pub(in crate::hazelcast::server) fn read(
        codec: &Codec,
        data: &Data,
        partitions: u32,
    ) -> Result<Self, Refused> {
        let query: Query<'static> = codec.to_value(data)?;
        let keys = partitions_of(codec, query.partition_keys(), partitions)?;
        let predicate = match query {
            Query::Everywhere(predicate) => predicate,
            Query::Partitions(predicate) => predicate.target().clone(),
        };
        Self::new(predicate, keys)
    }

    pub(in crate::hazelcast::server) fn new(
        predicate: Predicate<'static>,
        partitions: Option<Vec<u32>>,
    ) -> Result<Self, Refused> {
        Ok(Self { predicate: prepared(predicate)?, partitions })
    }

    pub(in crate::hazelcast::server) fn concerns(&self, partition: u32) -> bool {
        self.partitions.as_ref().is_none_or(|it| it.contains(&partition))
    }
}

/// The partitions of keys; nothing, if there are no keys.
pub(in crate::hazelcast::server) fn partitions_of(
    codec: &Codec,
    keys: &[Operand<'_>],
    partitions: u32,
) -> Result<Option<Vec<u32>>, Refused> {
    let mut found = Vec::new();
    for key in keys {
        found.push(hazelcast_partition(codec.to_data(key)?.partition_hash(), partitions));
    }
    Ok((!found.is_empty()).then_some(found))
}

/// With conditions in SQL read, and without what nobody here can evaluate.
fn prepared(predicate: Predicate<'static>) -> Result<Predicate<'static>, Refused> {
    let all = |them: Vec<Predicate<'static>>| -> Result<Vec<_>, Refused> {
        them.into_iter().map(prepared).collect()
    };
    Ok(match predicate {
        Predicate::Sql(condition) => sql::parse(&condition)?,
        Predicate::And(them) => Predicate::And(all(them)?),
        Predicate::Or(them) => Predicate::Or(all(them)?),
        Predicate::Not(it) => Predicate::Not(prepared(*it)?.into()),
        Predicate::Custom(it) => return Err(Refused::unknown_class(it)),
        Predicate::Match { how: Pattern::Regex, .. } => {
            return Err(Refused::unsupported("the embedded member knows no regular expressions"));
        }
        other => other,
    })
}

/// Whether a predicate holds for an entry.
pub(in crate::hazelcast::server) fn matches(
    codec: &Codec,
    asked: &Asked,
    entry: (&Data, &Data),
) -> Result<bool, Refused> {
    holds(codec, &asked.predicate, entry)
}

fn holds(codec: &Codec, predicate: &Predicate<'_>, entry: (&Data, &Data)) -> Result<bool, Refused> {
    let any = |attribute: &Attribute, is_it: &dyn Fn(&Value) -> bool| {
        let found = find(codec, entry, attribute.path())?;
        Ok::<_, Refused>(found.iter().any(is_it))
    };
    match predicate {
        Predicate::And(all) => {
            for one in all {
                if !holds(codec, one, entry)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Predicate::Or(all) => {
            for one in all {
                if holds(codec, one, entry)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Predicate::Not(it) => Ok(!holds(codec, it, entry)?),
        Predicate::Always(always) => Ok(*always),
        Predicate::Compare { attribute, by, value } => {
            let value = value.value(codec)?;
            any(attribute, &|found| compares(found, *by, &value))
        }
        Predicate::Between { attribute, from, to } => {
            let (from, to) = (from.value(codec)?, to.value(codec)?);
            any(attribute, &|found| {
                compares(found, Comparison::GreaterOrEqual, &from)
                    && compares(found, Comparison::LessOrEqual, &to)
            })
        }
        Predicate::In { attribute, values } => {
            let values = values.iter().map(|it| it.value(codec));
            let values = values.collect::<Result<Vec<_>, _>>()?;
            any(attribute, &|found| {
                values.iter().any(|value| compares(found, Comparison::Equal, value))
            })
        }
        Predicate::Match { attribute, how, pattern } => {
            let ignore = *how == Pattern::LikeIgnoringCase;
            let cased = |text: &str| -> Vec<char> {
                if ignore { text.to_lowercase().chars().collect() } else { text.chars().collect() }
            };
            let pattern = like_parts(&cased(pattern));
            any(attribute, &|found| {
                found.text().is_some_and(|text| is_like(&pattern, &cased(text)))
            })
        }
        Predicate::InstanceOf(class) => {
            let value: Value = codec.to_value(entry.1)?;
            java_class(&value)
                .map(|found| found == class.as_str())
                .ok_or_else(|| Refused::unknown_class(class))
        }
        Predicate::Sql(_) | Predicate::Custom(_) => Err(Refused::unsupported("not prepared")),
    }
}

fn compares(found: &Value, by: Comparison, value: &Value) -> bool {
    if found.is_null() || value.is_null() {
        let both = found.is_null() && value.is_null();
        return match by {
            Comparison::Equal => both,
            Comparison::NotEqual => !both,
            _ => false,
        };
    }
    let order = order(found, value);
    match by {
        Comparison::Equal => order == Some(Ordering::Equal),
        Comparison::NotEqual => order != Some(Ordering::Equal),
        Comparison::Greater => order == Some(Ordering::Greater),
        Comparison::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
        Comparison::Less => order == Some(Ordering::Less),
        Comparison::LessOrEqual => order.is_some_and(Ordering::is_le),
    }
}

/// A part of a pattern.
#[derive(Clone, Copy, PartialEq)]
enum Like {
    Any,
    One,
    Char(char),
}

fn like_parts(pattern: &[char]) -> Vec<Like> {
    let (mut parts, mut chars) = (Vec::new(), pattern.iter());
    while let Some(char) = chars.next() {
        parts.push(match char {
            '%' => Like::Any,
            '_' => Like::One,
            '\\' => Like::Char(*chars.next().unwrap_or(&'\\')),
            char => Like::Char(*char),
        });
    }
    parts
}

/// Matches the whole text. On a mismatch it goes back to the last `%` only, so it takes no more steps than
/// the product of both lengths.
fn is_like(pattern: &[Like], text: &[char]) -> bool {
    let (mut at, mut here, mut back) = (0, 0, None);
    while let Some(char) = text.get(here) {
        match pattern.get(at) {
            Some(Like::Any) => {
                back = Some((at + 1, here));
                at += 1;
                continue;
            }
            Some(Like::One) => {}
            Some(Like::Char(wanted)) if wanted == char => {}
            _ => {
                let Some((after, from)) = back else { return false };
                (at, here, back) = (after, from + 1, Some((after, from + 1)));
                continue;
            }
        }
        (at, here) = (at + 1, here + 1);
    }
    pattern.get(at..).unwrap_or_default().iter().all(|part| *part == Like::Any)
}

/// The class that a value has in Java, of those that everybody has.
fn java_class(value: &Value) -> Option<&'static str> {
    Some(match value {
        Value::Bool(_) => "java.lang.Boolean",
        Value::I8(_) => "java.lang.Byte",
        Value::Char(_) => "java.lang.Character",
        Value::I16(_) => "java.lang.Short",
        Value::I32(_) => "java.lang.Integer",
        Value::I64(_) => "java.lang.Long",
        Value::F32(_) => "java.lang.Float",
        Value::F64(_) => "java.lang.Double",
        Value::Text(_) => "java.lang.String",
        Value::Uuid(_) => "java.util.UUID",
        Value::BigInteger(_) => "java.math.BigInteger",
        Value::BigDecimal(_) => "java.math.BigDecimal",
        Value::Json(_) => "com.hazelcast.core.HazelcastJsonValue",
        _ => return None,
    })
}

/// What text a literal stands for: its own.
pub(super) fn literal(text: impl Into<String>) -> Operand<'static> {
    Operand::from(Value::Text(text.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let like = |pattern: &str, text: &str| {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            is_like(&like_parts(&chars(pattern)), &chars(text))
        };
        for (pattern, text) in [
            ("", ""),
            ("%", ""),
            ("%", "ab"),
            ("a%c", "abbc"),
            ("_b%", "ab"),
            ("%b%b", "abcbb"),
            ("a\\%", "a%"),
        ] {
            assert!(like(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("", "a"), ("_", ""), ("a%c", "abcb"), ("a\\%", "ab"), ("a", "ab")]
        {
            assert!(!like(pattern, text), "{pattern} {text}");
        }
    }
}
