//! The header of the objects that queries are made of.

use super::operand::Operand;
use crate::hazelcast::Data;
use crate::hazelcast::error::Error;
use crate::hazelcast::serialization::{Read, Reader, TypeId, Writer};

/// The header byte's bits: known by ids rather than by a Java class name, and with a version.
const IDENTIFIED: i8 = 1;
const VERSIONED: i8 = 2;

/// Whose an object is.
pub(super) enum Identity<'a> {
    /// A class of the factory that was asked for.
    Class(i32),
    /// Of ids that aren't known here, as a whole.
    Unknown(&'a Data),
    /// Not an `IdentifiedDataSerializable`.
    None,
}

/// Begins an object.
pub(super) fn begin(to: &mut Writer<'_>, factory: i32, class: i32) {
    to.type_id(TypeId::IDENTIFIED);
    to.i8(IDENTIFIED);
    to.i32(factory);
    to.i32(class);
}

/// Reads the ids of an object.
pub(super) fn identity<'a>(from: &mut Reader<'a>, factory: i32) -> Result<Identity<'a>, Error> {
    if from.type_id() != TypeId::IDENTIFIED {
        return Ok(Identity::None);
    }
    let whole = from.whole();
    let header = from.i8()?;
    if header & IDENTIFIED != 0 && from.i32()? == factory {
        let class = from.i32()?;
        if header & VERSIONED != 0 {
            from.slice(2)?;
        }
        return Ok(Identity::Class(class));
    }
    whole.map(Identity::Unknown).ok_or_else(|| from.mismatch("an object of a known class"))
}

/// Reads an object of a class that only its own members have.
pub(super) fn foreign<'a>(
    from: &mut Reader<'_>,
    expected: &'static str,
) -> Result<Operand<'a>, Error> {
    match from.type_id() {
        TypeId::PORTABLE
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
