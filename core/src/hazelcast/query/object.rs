//! The objects that queries are made of: the members' own, and those of users' classes.

use super::operand::Operand;
use crate::hazelcast::error::Error;
use crate::hazelcast::serialization::{Read, Reader, TypeId, identified};

/// Reads the class of an object of this factory; `None`, with nothing read, if it is another object.
pub(super) fn class(from: &mut Reader<'_>, factory: i32) -> Result<Option<i32>, Error> {
    if from.type_id() != TypeId::IDENTIFIED {
        return Ok(None);
    }
    let start = from.position();
    match identified::header(from) {
        Ok((found, class)) if found == factory => Ok(Some(class)),
        _ => from.seek(start).map(|()| None),
    }
}

/// Reads an object of a class that members have and users wrote.
pub(super) fn foreign<'a>(
    from: &mut Reader<'_>,
    expected: &'static str,
) -> Result<Operand<'a>, Error> {
    match from.type_id() {
        TypeId::IDENTIFIED
        | TypeId::PORTABLE
        | TypeId::COMPACT
        | TypeId::COMPACT_WITH_SCHEMA
        | TypeId::SERIALIZABLE
        | TypeId::EXTERNALIZABLE
        | TypeId(1..) => Operand::read(from),
        _ => Err(from.mismatch(expected)),
    }
}

/// Refuses a path that names nothing.
pub(super) fn path(path: &str) -> Result<(), Error> {
    if path.is_empty() {
        return Err(Error::Misuse("the path of an attribute is empty"));
    }
    Ok(())
}
