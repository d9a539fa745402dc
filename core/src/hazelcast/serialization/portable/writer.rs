//! [`PortableWriter`]: how a record becomes bytes, field by field.

use alloc::vec::Vec;

use super::field::PortableField;
use super::types::Portable;
use crate::hazelcast::error::{Error, SerializationError};
use crate::hazelcast::serialization::{TypeId, Writer};

/// Writes a value as an object.
pub fn write<T: Portable>(value: &T, to: &mut Writer<'_>) -> Result<(), Error> {
    to.type_id(TypeId::PORTABLE);
    to.i32(T::FACTORY_ID);
    to.i32(T::CLASS_ID);
    write_record(value, to)
}

/// Writes what follows the class.
pub(super) fn write_record<T: Portable>(value: &T, to: &mut Writer<'_>) -> Result<(), Error> {
    if T::CLASS_ID == 0 {
        return Err(unwritable("its class id is 0"));
    }
    let mut counting = PortableWriter { place: Place::Counting(0) };
    value.write_fields(&mut counting)?;
    let Place::Counting(count) = counting.place else { return Ok(()) };
    let version = T::VERSION.unwrap_or_else(|| to.codec().portable_version());
    record(to, version, count, |writer| value.write_fields(writer))
}

/// Writes a record of so many fields, which `write` writes.
pub(super) fn record(
    to: &mut Writer<'_>,
    version: i32,
    count: usize,
    write: impl FnOnce(&mut PortableWriter<'_, '_>) -> Result<(), Error>,
) -> Result<(), Error> {
    to.i32(version);
    let end_at = to.position();
    to.i32(0);
    to.count(count)?;
    let table = to.position();
    to.zeros(4 * (count + 1));
    let names = Vec::with_capacity(count);
    let open = Open { to: &mut *to, table, count, names, has_raw: false };
    let mut writer = PortableWriter { place: Place::Open(open) };
    write(&mut writer)?;
    if let Place::Open(open) = &writer.place
        && open.names.len() != count
    {
        return Err(unwritable("it writes other fields the second time"));
    }
    let end = offset(to.position())?;
    to.i32_at(end_at, end);
    Ok(())
}

/// Where the fields of a record are written to.
#[derive(Debug)]
pub struct PortableWriter<'w, 'a> {
    place: Place<'w, 'a>,
}

#[derive(Debug)]
enum Place<'w, 'a> {
    /// Fields are only counted.
    Counting(usize),
    Open(Open<'w, 'a>),
}

#[derive(Debug)]
struct Open<'w, 'a> {
    to: &'w mut Writer<'a>,
    /// Where the offsets are.
    table: usize,
    count: usize,
    /// The names written so far: where each begins, and its length.
    names: Vec<(usize, usize)>,
    has_raw: bool,
}

impl PortableWriter<'_, '_> {
    /// Writes a field.
    ///
    /// # Errors
    /// There is one of this name already, the name is longer than 32,767 bytes, raw data were written
    /// before, or the value can't be written.
    pub fn field<T: PortableField + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Error> {
        match &mut self.place {
            Place::Counting(count) => {
                *count += 1;
                Ok(())
            }
            Place::Open(open) => open.field(name, value),
        }
    }

    /// Writes raw data behind the fields: what only this class can read.
    ///
    /// # Errors
    /// There are raw data already, or `write` fails.
    pub fn raw(
        &mut self,
        write: impl FnOnce(&mut Writer<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Place::Open(open) = &mut self.place else { return Ok(()) };
        if core::mem::replace(&mut open.has_raw, true) {
            return Err(unwritable("it writes raw data twice"));
        }
        let at = offset(open.to.position())?;
        open.to.i32_at(open.table + 4 * open.count, at);
        write(open.to)
    }
}

impl Open<'_, '_> {
    fn field<T: PortableField + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Error> {
        let Self { to, table, count, names, has_raw } = self;
        let index = names.len();
        if *has_raw || index >= *count {
            return Err(unwritable(
                "it writes other fields the second time, or some behind raw data",
            ));
        }
        let is_written =
            |(at, length): &(usize, usize)| to.written(*at, *length) == name.as_bytes();
        if names.iter().any(is_written) {
            return Err(unwritable("two of its fields have one name"));
        }
        let length = i16::try_from(name.len()).map_err(|_| unwritable("a name is too long"))?;
        let at = offset(to.position())?;
        to.i32_at(*table + 4 * index, at);
        to.i16(length);
        names.push((to.position(), name.len()));
        to.slice(name.as_bytes());
        to.u8(T::TYPE as u8);
        value.write(to)
    }
}

pub(super) fn unwritable(why: &'static str) -> Error {
    SerializationError::Unwritable { what: "a portable record", why }.into()
}

/// An offset as it is written.
pub(super) fn offset(position: usize) -> Result<i32, Error> {
    i32::try_from(position).map_err(|_| unwritable("it is larger than 2 GiB"))
}
