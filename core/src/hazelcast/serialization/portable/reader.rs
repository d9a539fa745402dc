//! [`PortableReader`]: how a record's bytes are read, by name.
//!
//! Whatever the offsets say, what is read of a value stays within a small multiple of its bytes: fields
//! may be read more than once, but not each other's bytes again and again.

use core::cell::Cell;

use super::field::PortableField;
use super::kind::FieldType;
use super::types::Portable;
use crate::hazelcast::error::{Error, SerializationError};
use crate::hazelcast::serialization::{Reader, TypeId};
use crate::{Fault, Str};

/// How often the bytes of a value may be read in all.
const READINGS: usize = 8;

/// Reads the object whose type id was read as a record of this class.
pub fn read<T: Portable>(from: &mut Reader<'_>) -> Result<T, Error> {
    if from.type_id() != TypeId::PORTABLE {
        return Err(from.mismatch("Portable"));
    }
    expect::<T>(from)?;
    Scope::of(from, (T::FACTORY_ID, T::CLASS_ID)).record(from)
}

/// Reads what stands before a record: the factory and the class.
pub(in super::super) fn ids(from: &mut Reader<'_>) -> Result<(i32, i32), Error> {
    if from.type_id() != TypeId::PORTABLE {
        return Err(from.mismatch("Portable"));
    }
    Ok((from.i32()?, from.i32()?))
}

/// Reads a factory and a class, which must be this type's.
pub(super) fn expect<T: Portable>(from: &mut Reader<'_>) -> Result<(), Error> {
    let (expected, found) = ((T::FACTORY_ID, T::CLASS_ID), (from.i32()?, from.i32()?));
    if expected != found {
        return Err(SerializationError::WrongClass { expected, found }.into());
    }
    Ok(())
}

/// What the records in one another have in common.
#[derive(Debug)]
pub struct Scope {
    /// Bytes that may still be read.
    budget: Cell<usize>,
    /// Factory and class of the outermost, for errors.
    class: (i32, i32),
}

impl Scope {
    pub(super) fn of(from: &Reader<'_>, class: (i32, i32)) -> Self {
        let budget = from.remaining().saturating_mul(READINGS).saturating_add(64);
        Self { budget: Cell::new(budget), class }
    }

    pub(super) fn charge(&self, from: &Reader<'_>, bytes: usize) -> Result<(), Error> {
        let Some(left) = self.budget.get().checked_sub(bytes) else {
            return Err(from.fault(Fault::Other("its fields lie over one another")));
        };
        self.budget.set(left);
        Ok(())
    }

    /// Reads something that holds no record, and charges for it.
    pub(super) fn leaf<'a, T>(
        &self,
        from: &mut Reader<'a>,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let at = from.position();
        let value = read(from)?;
        self.charge(from, from.position().saturating_sub(at))?;
        Ok(value)
    }

    /// Reads the value of a field. Records, and elements that have offsets, are charged one by one.
    pub(super) fn value<'a, T>(
        &self,
        from: &mut Reader<'a>,
        found: FieldType,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match found {
            FieldType::Portable
            | FieldType::PortableArray
            | FieldType::DecimalArray
            | FieldType::TimeArray
            | FieldType::DateArray
            | FieldType::TimestampArray
            | FieldType::TimestampTzArray => {
                self.charge(from, 4)?;
                read(from)
            }
            _ => self.leaf(from, read),
        }
    }

    /// Reads the record that begins here, and leaves the reader behind it.
    pub(super) fn record<T: Portable>(&self, from: &mut Reader<'_>) -> Result<T, Error> {
        self.any(from, |record| T::read_fields(record))
    }

    /// Reads the record that begins here, of whatever class, and leaves the reader behind it.
    pub(super) fn any<R>(
        &self,
        from: &mut Reader<'_>,
        read: impl FnOnce(&PortableReader<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        from.nested(TypeId::PORTABLE, |from| {
            let begin = from.position();
            let version = from.i32()?;
            let end = from.i32()?;
            let count = from.present_count(4)?;
            let table = from.position();
            let fields = table.saturating_add(4 * (count + 1));
            let total = table.saturating_add(from.remaining());
            let end = usize::try_from(end).ok().filter(|end| (fields..=total).contains(end));
            let Some(end) = end else {
                return Err(
                    from.fault(Fault::Other("it ends before its fields, or after its bytes"))
                );
            };
            self.charge(from, fields.saturating_sub(begin))?;
            let next = Cell::new(0);
            let record = PortableReader {
                from: from.clone(),
                version,
                table,
                count,
                fields,
                end,
                next,
                scope: self,
            };
            let value = read(&record)?;
            from.seek(end)?;
            Ok(value)
        })
    }
}

/// The fields of a record.
#[derive(Debug)]
pub struct PortableReader<'a> {
    from: Reader<'a>,
    version: i32,
    /// Where the offsets are.
    table: usize,
    count: usize,
    /// Where the fields begin, and where the record ends.
    fields: usize,
    end: usize,
    /// The field that is likely to be asked for next.
    next: Cell<usize>,
    scope: &'a Scope,
}

/// A field that was found: a reader at its value, and its type.
type Found<'a> = (Reader<'a>, FieldType);

impl<'a> PortableReader<'a> {
    /// The version of the class that it was written by.
    pub fn version(&self) -> i32 {
        self.version
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// A field's value. In `in.n` it is that of field `n` of the record in field `in`.
    ///
    /// # Errors
    /// There is no such field, it holds something else, or null where the type has none.
    pub fn field<T: PortableField>(&self, name: &str) -> Result<T, Error> {
        self.present(name)?.ok_or_else(|| self.wrong(name, T::TYPE, None))
    }

    /// A field's value, or this one if there is no such field: for records of older versions.
    ///
    /// # Errors
    /// It holds something else, or null where the type has none.
    pub fn field_or<T: PortableField>(&self, name: &str, default: T) -> Result<T, Error> {
        Ok(self.present(name)?.unwrap_or(default))
    }

    /// A field's value; `None` if there is no such field.
    ///
    /// # Errors
    /// It holds something else, or null where the type has none.
    pub fn present<T: PortableField>(&self, name: &str) -> Result<Option<T>, Error> {
        if let Some((mut from, found)) = self.find(name)? {
            if !T::reads(found) {
                return Err(self.wrong(name, T::TYPE, Some(found)));
            }
            let read = |from: &mut Reader<'a>| T::read(from, found, self.scope);
            return self.scope.value(&mut from, found, read).map(Some);
        }
        let Some((outer, inner)) = name.split_once('.') else { return Ok(None) };
        let Some((mut from, found)) = self.find(outer)? else { return Ok(None) };
        if found != FieldType::Portable {
            return Err(self.wrong(outer, FieldType::Portable, Some(found)));
        }
        let is_null = from.bool()?;
        from.i64()?;
        if is_null {
            return Ok(None);
        }
        self.scope.any(&mut from, |record| record.present(inner))
    }

    /// What a field holds; `None` if there is no such field.
    ///
    /// # Errors
    /// The record is malformed.
    pub fn field_type(&self, name: &str) -> Result<Option<FieldType>, Error> {
        Ok(self.find(name)?.map(|(_, found)| found))
    }

    /// The name and type of a field by its number; `None` if there are fewer.
    ///
    /// # Errors
    /// The record is malformed.
    pub fn name(&self, index: usize) -> Result<Option<(&'a str, FieldType)>, Error> {
        Ok(self.at(index)?.map(|(name, (_, found))| (name, found)))
    }

    /// The raw data behind the fields; `None` if there are none.
    ///
    /// # Errors
    /// They begin outside the record.
    pub fn raw(&self) -> Result<Option<Reader<'a>>, Error> {
        let mut from = self.from.clone();
        from.seek(self.table + 4 * self.count)?;
        match from.i32()? {
            0 => Ok(None),
            at => {
                let at = self.inside(at)?;
                from.seek(at)?;
                let rest = from.slice(self.end.saturating_sub(at))?;
                Ok(Some(from.over(rest)))
            }
        }
    }

    pub(super) fn at(&self, index: usize) -> Result<Option<(&'a str, Found<'a>)>, Error> {
        if index >= self.count {
            return Ok(None);
        }
        let mut from = self.from.clone();
        from.seek(self.table + 4 * index)?;
        let at = self.inside(from.i32()?)?;
        from.seek(at)?;
        let length = from.i16()?;
        let length =
            usize::try_from(length).map_err(|_| from.fault(Fault::Length(length.into())))?;
        let name = from.slice(length)?;
        let name = core::str::from_utf8(name).map_err(|_| from.fault(Fault::Utf8))?;
        let id = from.u8()?;
        let found = FieldType::from_id(id).ok_or_else(|| from.fault(Fault::Value(id.into())))?;
        Ok(Some((name, (from, found))))
    }

    pub(super) fn fault(&self, what: &'static str) -> Error {
        self.from.fault(Fault::Other(what))
    }

    pub(super) fn scope(&self) -> &'a Scope {
        self.scope
    }

    fn find(&self, name: &str) -> Result<Option<Found<'a>>, Error> {
        let first = self.next.get();
        for index in (first..self.count).chain(0..first.min(self.count)) {
            if let Some((found, field)) = self.at(index)?
                && found == name
            {
                self.next.set(index + 1);
                return Ok(Some(field));
            }
        }
        // Names that aren't there cost as much as the record has fields.
        self.scope.charge(&self.from, self.count)?;
        Ok(None)
    }

    fn inside(&self, at: i32) -> Result<usize, Error> {
        let inside = usize::try_from(at).ok().filter(|at| (self.fields..self.end).contains(at));
        inside.ok_or_else(|| self.from.fault(Fault::Other("an offset outside the record")))
    }

    fn wrong(&self, name: &str, expected: FieldType, found: Option<FieldType>) -> Error {
        let (class, field) = (self.scope.class, Str::from(name));
        SerializationError::PortableField { class, field, expected, found }.into()
    }
}
