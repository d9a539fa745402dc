//! [`CompactWriter`]: how a record becomes bytes.
//!
//! Fixed fields and booleans have their place from the start; variable ones are put behind them in
//! the order in which they are written, and their offsets at the end.

use alloc::sync::Arc;

use smallvec::SmallVec;

use super::field::CompactField;
use super::kind::FieldKind;
use super::schema::{Place, Schema};
use super::types::{Compact, CompactType, Layout};
use crate::hazelcast::error::{Error, SerializationError};
use crate::hazelcast::serialization::{MAX_NESTING, TypeId, Writer};

/// An offset that says null.
const NULL: u32 = u32::MAX;

/// The least length of data for which an offset takes two bytes, and four.
pub(super) const TWO_BYTES: usize = 255;
pub(super) const FOUR_BYTES: usize = 65_535;

/// Writes a value as an object: its type id, and the record.
pub fn write<T: Compact>(value: &T, to: &mut Writer<'_>) -> Result<(), Error> {
    to.type_id(TypeId::COMPACT);
    write_record(value, to)
}

/// Writes a value as a record, which is what a nested one is.
pub(super) fn write_record<T: Compact>(value: &T, to: &mut Writer<'_>) -> Result<(), Error> {
    let own = T::compact_type();
    let layout = own.own()?;
    let record = Record::begin(to, &layout.schema)?;
    let mut writer = CompactWriter { record, own, layout, next: 0 };
    value.write(&mut writer)?;
    if let Some((name, _)) = own.fields().get(writer.next) {
        return Err(order(own, name, "<the end>"));
    }
    writer.record.finish()
}

#[cold]
fn order(own: &CompactType, expected: &'static str, found: &str) -> Error {
    let type_name = own.name();
    SerializationError::FieldOrder { type_name, expected, found: found.into() }.into()
}

/// Where the fields of one record are written to.
#[derive(Debug)]
pub struct CompactWriter<'w, 'a> {
    record: Record<'w, 'a>,
    own: &'static CompactType,
    layout: &'w Layout,
    /// The field that is to be written next.
    next: usize,
}

impl<'a> CompactWriter<'_, 'a> {
    /// Writes the next field. The name is there to be read, and is checked.
    ///
    /// # Errors
    /// It isn't this field's turn, by the order of [`CompactType::fields`]; it holds another kind
    /// there; or the value can't be written.
    #[inline]
    pub fn field<T: CompactField + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Error> {
        let (Some((expected, kind)), Some(slot)) =
            (self.own.fields().get(self.next), self.layout.slots.get(self.next))
        else {
            return Err(order(self.own, "<the end>", name));
        };
        if *expected != name {
            return Err(order(self.own, expected, name));
        }
        if *kind != T::KIND {
            return Err(self.other_kind(name, *kind, T::KIND));
        }
        self.next += 1;
        value.write(&mut self.record, slot.place)
    }

    #[cold]
    fn other_kind(&self, name: &str, expected: FieldKind, found: FieldKind) -> Error {
        let (type_name, field) = (self.own.name().into(), name.into());
        SerializationError::Field { type_name, field, expected, found: Some(found) }.into()
    }

    /// What the client that the record is written for has registered.
    pub fn codec(&self) -> &'a crate::hazelcast::Codec {
        self.record.to.codec()
    }
}

/// One record that is being written, by the places of its fields.
#[derive(Debug)]
pub struct Record<'w, 'a> {
    to: &'w mut Writer<'a>,
    /// Where its data begins.
    start: usize,
    offsets: SmallVec<[u32; 16]>,
}

impl<'w, 'a> Record<'w, 'a> {
    pub(super) fn begin(to: &'w mut Writer<'a>, schema: &Arc<Schema>) -> Result<Self, Error> {
        if to.depth >= MAX_NESTING {
            let why = "it is nested too deep";
            return Err(SerializationError::Unwritable { what: "a compact record", why }.into());
        }
        to.depth += 1;
        to.schemas.add(schema);
        to.i64(schema.id());
        let variable = schema.variable_fields();
        if variable > 0 {
            to.i32(0);
        }
        let start = to.len();
        to.zeros(schema.fixed_len());
        Ok(Self { to, start, offsets: SmallVec::from_elem(NULL, variable) })
    }

    pub(super) fn finish(self) -> Result<(), Error> {
        self.to.depth -= 1;
        if self.offsets.is_empty() {
            return Ok(());
        }
        let length = self.to.len() - self.start;
        self.to.patch_i32(self.start - 4, checked(length)?);
        put_offsets(self.to, &self.offsets, length);
        Ok(())
    }

    /// A fixed field, from its big-endian bytes.
    #[inline]
    pub(super) fn fixed<const N: usize>(
        &mut self,
        place: Place,
        bytes: [u8; N],
    ) -> Result<(), Error> {
        let Place::Fixed(at) = place else { return Err(misplaced()) };
        self.to.patch_number(self.start + at as usize, bytes);
        Ok(())
    }

    pub(super) fn bit(&mut self, place: Place, value: bool) -> Result<(), Error> {
        let Place::Bit(at, bit) = place else { return Err(misplaced()) };
        self.to.set_bits(self.start + at as usize, u8::from(value) << bit);
        Ok(())
    }

    /// Where a variable field is written: here. One for which this isn't asked is null.
    #[inline]
    pub(super) fn variable(&mut self, place: Place) -> Result<&mut Writer<'a>, Error> {
        let offset = checked(self.to.len() - self.start)?.cast_unsigned();
        let Place::Variable(slot) = place else { return Err(misplaced()) };
        match self.offsets.get_mut(slot as usize) {
            Some(place) => *place = offset,
            None => return Err(misplaced()),
        }
        Ok(self.to)
    }
}

/// Writes items that have offsets, as arrays of what is variable or nullable do.
pub(super) fn write_items<'t, T: 't>(
    to: &mut Writer<'_>,
    items: impl ExactSizeIterator<Item = Option<&'t T>>,
    write: impl Fn(&T, &mut Writer<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    to.i32(0);
    to.count(items.len())?;
    let start = to.len();
    let mut offsets = SmallVec::<[u32; 16]>::with_capacity(items.len());
    for item in items {
        match item {
            Some(item) => {
                offsets.push(checked(to.len() - start)?.cast_unsigned());
                write(item, to)?;
            }
            None => offsets.push(NULL),
        }
    }
    let length = to.len() - start;
    to.patch_i32(start - 8, checked(length)?);
    put_offsets(to, &offsets, length);
    Ok(())
}

/// Writes eight booleans to the byte.
pub(super) fn write_bits(to: &mut Writer<'_>, items: &[bool]) -> Result<(), Error> {
    to.count(items.len())?;
    for bits in items.chunks(8) {
        let byte = bits.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
        to.slice(&[byte]);
    }
    Ok(())
}

/// Null is all ones at every width.
fn put_offsets(to: &mut Writer<'_>, offsets: &[u32], length: usize) {
    match length {
        ..TWO_BYTES => offsets.iter().for_each(|offset| to.slice(&[*offset as u8])),
        TWO_BYTES..FOUR_BYTES => offsets.iter().for_each(|offset| to.u16(*offset as u16)),
        _ => offsets.iter().for_each(|offset| to.i32(offset.cast_signed())),
    }
}

fn checked(length: usize) -> Result<i32, Error> {
    let why = "it has 2^31 bytes or more";
    i32::try_from(length)
        .map_err(|_| SerializationError::Unwritable { what: "a compact record", why }.into())
}

/// A field's kind decides its place, so this isn't reached.
#[cold]
fn misplaced() -> Error {
    Error::Misuse("a field was written as what it isn't")
}
