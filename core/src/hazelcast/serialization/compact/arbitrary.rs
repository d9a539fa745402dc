//! Records of arbitrary schemas, for fuzzing and round trips.

use alloc::vec;

use ::arbitrary::{Arbitrary, Error, Result, Unstructured};

use super::{FieldKind, FieldValue, GenericRecord, Schema};
use crate::Str;

/// Records in one another.
const DEPTH: u32 = 3;

impl<'a> Arbitrary<'a> for GenericRecord {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        record(u, DEPTH)
    }
}

fn record(u: &mut Unstructured<'_>, depth: u32) -> Result<GenericRecord> {
    let mut builder = GenericRecord::builder(name(u)?);
    for _ in 0..u.int_in_range(0..=12)? {
        let (name, kind) = (name(u)?, u.arbitrary()?);
        let value = match kind {
            FieldKind::Compact if depth > 0 => FieldValue::Record(record(u, depth - 1)?),
            // All of one schema.
            FieldKind::CompactArray if depth > 0 => {
                let record = record(u, depth - 1)?;
                FieldValue::Records(vec![Some(record.clone()), None, Some(record)])
            }
            kind => FieldValue::arbitrary_of(kind, u)?,
        };
        builder.set(name, kind, value);
    }
    builder.build().map_err(|_| Error::IncorrectFormat)
}

impl<'a> Arbitrary<'a> for Schema {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let count = u.int_in_range(0..=20)?;
        let fields = (0..count).map(|_| Ok((name(u)?, u.arbitrary()?)));
        let fields = fields.collect::<Result<alloc::vec::Vec<_>>>()?;
        Self::new(name(u)?, fields).map_err(|_| Error::IncorrectFormat)
    }
}

/// Short, so that some are the same.
fn name(u: &mut Unstructured<'_>) -> Result<Str> {
    let text: &str = u.arbitrary()?;
    Ok(Str::from(text.chars().take(6).collect::<alloc::string::String>()))
}
