//! [`CompactReader`]: how a record's bytes are read, by name.
//!
//! Whatever the offsets say, what is read of a record stays within a small multiple of its bytes:
//! fields may be read more than once, but not each other's bytes again and again.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::Cell;

use super::field::CompactField;
use super::kind::FieldKind;
use super::schema::{Place, Schema};
use super::types::{Compact, CompactType, Layout, Slot};
use super::writer::{FOUR_BYTES, TWO_BYTES};
use crate::Fault;
use crate::hazelcast::error::{Error, SerializationError};
use crate::hazelcast::serialization::{Reader, TypeId};

/// How often the bytes of a record may be read in all.
const READINGS: usize = 8;

/// Reads the object that begins here as a record of this type.
pub fn read<T: Compact>(from: &mut Reader<'_>) -> Result<T, Error> {
    let scope = Scope::of(from, READINGS).ok_or_else(|| from.mismatch(T::compact_type().name()))?;
    read_record(from, &scope)
}

/// What the records in one another have in common.
#[derive(Debug)]
pub(super) struct Scope {
    /// Bytes that may still be read.
    budget: Cell<usize>,
    /// Each record has its schema with it.
    with_schema: bool,
}

impl Scope {
    /// For the object that begins here, if it is a compact one.
    pub(super) fn of(from: &Reader<'_>, readings: usize) -> Option<Self> {
        let with_schema = match from.type_id() {
            TypeId::COMPACT => false,
            TypeId::COMPACT_WITH_SCHEMA => true,
            _ => return None,
        };
        let budget = from.rest().len().saturating_mul(readings).saturating_add(64);
        Some(Self { budget: Cell::new(budget), with_schema })
    }

    #[inline]
    fn charge(&self, from: &Reader<'_>, bytes: usize) -> Result<(), Error> {
        let Some(left) = self.budget.get().checked_sub(bytes) else {
            return Err(from.fault(Fault::Other("its fields lie over one another")));
        };
        self.budget.set(left);
        Ok(())
    }
}

/// Reads a record of this type and leaves the reader behind it.
pub(super) fn read_record<T: Compact>(from: &mut Reader<'_>, scope: &Scope) -> Result<T, Error> {
    let own = T::compact_type();
    let layout = own.own()?;
    let head = Head::read(from, scope, Some(&layout.schema))?;
    let other;
    let (schema, layout) = match &head.schema {
        None => (&layout.schema, layout),
        Some(schema) if schema.type_name() == own.name() => {
            other = own.other(schema);
            (schema, &*other)
        }
        Some(schema) => {
            let found = schema.type_name().into();
            return Err(SerializationError::RecordType { expected: own.name(), found }.into());
        }
    };
    let body = Body::read(from, scope, schema)?;
    let next = Cell::new(0);
    T::read(&CompactReader { body, schema, typed: Some((own, layout)), next })
}

/// Reads a record of whatever schema and leaves the reader behind it.
pub(super) fn read_any<R>(
    from: &mut Reader<'_>,
    scope: &Scope,
    read: impl FnOnce(&CompactReader<'_>, &Arc<Schema>) -> Result<R, Error>,
) -> Result<R, Error> {
    let Head { schema: Some(schema) } = Head::read(from, scope, None)? else {
        return Err(from.fault(Fault::Null));
    };
    let body = Body::read(from, scope, &schema)?;
    let next = Cell::new(0);
    read(&CompactReader { body, schema: &schema, typed: None, next }, &schema)
}

/// The schema of the compact object that begins here.
pub(in super::super) fn schema_of(from: &Reader<'_>) -> Result<Arc<Schema>, Error> {
    let mut from = from.clone();
    let scope = Scope::of(&from, 1).ok_or_else(|| from.mismatch("a compact record"))?;
    Head::read(&mut from, &scope, None)?.schema.ok_or_else(|| from.fault(Fault::Null))
}

/// What stands before a record.
struct Head {
    /// `None`: the type's own.
    schema: Option<Arc<Schema>>,
}

impl Head {
    fn read(
        from: &mut Reader<'_>,
        scope: &Scope,
        own: Option<&Arc<Schema>>,
    ) -> Result<Self, Error> {
        let before = from.rest().len();
        let id = from.i64()?;
        let schema = if scope.with_schema {
            let length = from.present_count(1)?;
            let embedded = from.slice(length)?;
            let mut inner = from.over(embedded);
            let schema = Schema::read_embedded(&mut inner)?;
            if schema.id() != id || !inner.rest().is_empty() {
                return Err(from.fault(Fault::Other("its schema has another id")));
            }
            Some(Arc::new(schema)).filter(|schema| Some(schema) != own)
        } else if own.is_some_and(|own| own.id() == id) {
            None
        } else {
            let schema = from.codec().schemas().get(id);
            Some(schema.ok_or(SerializationError::UnknownSchema(id))?)
        };
        scope.charge(from, before - from.rest().len())?;
        Ok(Self { schema })
    }
}

/// The bytes of one record.
#[derive(Debug)]
struct Body<'a> {
    /// As it was where the record began: for what else it knows.
    reader: Reader<'a>,
    scope: &'a Scope,
    data: &'a [u8],
    offsets: &'a [u8],
    fixed: usize,
}

impl<'a> Body<'a> {
    fn read<'b: 'a>(
        from: &mut Reader<'b>,
        scope: &'a Scope,
        schema: &Schema,
    ) -> Result<Self, Error> {
        let reader = from.deeper(&[])?;
        let (fixed, variable) = (schema.fixed_len(), schema.variable_fields());
        let (data, offsets) = if variable == 0 {
            (from.slice(fixed)?, &[][..])
        } else {
            let length = from.present_count(1)?;
            if length < fixed {
                return Err(from.fault(Fault::Length(length as i64)));
            }
            (from.slice(length)?, from.slice(variable.saturating_mul(width(length)))?)
        };
        let length_field = if variable == 0 { 0 } else { 4 };
        scope.charge(from, length_field + fixed + offsets.len())?;
        Ok(Self { reader, scope, data, offsets, fixed })
    }
}

fn width(length: usize) -> usize {
    match length {
        ..TWO_BYTES => 1,
        TWO_BYTES..FOUR_BYTES => 2,
        _ => 4,
    }
}

/// The offset of this number; `None` is null.
#[inline]
fn offset(offsets: Reader<'_>, length: usize, at: usize) -> Result<Option<usize>, Error> {
    let width = width(length);
    let bytes = offsets.rest().get(at.saturating_mul(width)..).unwrap_or_default();
    let mut from = offsets.over(bytes);
    Ok(match width {
        1 => Some(from.i8()?.cast_unsigned()).filter(|at| *at != u8::MAX).map(usize::from),
        2 => Some(from.u16()?).filter(|at| *at != u16::MAX).map(usize::from),
        _ => Some(from.i32()?.cast_unsigned()).filter(|at| *at != u32::MAX).map(|at| at as usize),
    })
}

/// The fields of one record.
#[derive(Debug)]
pub struct CompactReader<'a> {
    body: Body<'a>,
    schema: &'a Schema,
    typed: Option<(&'static CompactType, &'a Layout)>,
    /// The field of the type that is likely to be asked for next.
    next: Cell<usize>,
}

impl<'a> CompactReader<'a> {
    /// The schema that the record was written with.
    pub fn schema(&self) -> &Schema {
        self.schema
    }

    /// What a field holds; `None` if the record has no such field.
    pub fn kind(&self, name: &str) -> Option<FieldKind> {
        self.schema.field(name).map(|field| field.kind)
    }

    /// A field's value.
    ///
    /// # Errors
    /// There is no such field, it holds something else, it is null where the type has no null, or its
    /// bytes are wrong.
    #[inline]
    pub fn field<T: CompactField>(&self, name: &str) -> Result<T, Error> {
        let slot = self.slot(name);
        let Some(kind) = slot.kind else { return Err(self.mismatch(name, T::KIND, None)) };
        T::read(&FieldReader { record: self, name, kind, place: slot.place })
    }

    /// A field's value; the default if the record has no such field, or one that holds something
    /// else.
    pub fn field_or<T: CompactField>(&self, name: &str, default: T) -> Result<T, Error> {
        self.field_or_else(name, || default)
    }

    /// A field's value; the default if the record has no such field, or one that holds something
    /// else.
    #[inline]
    pub fn field_or_else<T: CompactField>(
        &self,
        name: &str,
        default: impl FnOnce() -> T,
    ) -> Result<T, Error> {
        let slot = self.slot(name);
        match slot.kind {
            Some(kind) if T::reads(kind) => {
                T::read(&FieldReader { record: self, name, kind, place: slot.place })
            }
            _ => Ok(default()),
        }
    }

    /// A field of the schema, by its number there.
    pub(super) fn at<'r>(&'r self, index: usize) -> Option<FieldReader<'r, 'a>> {
        let field = self.schema.fields().get(index)?;
        Some(FieldReader { record: self, name: &field.name, kind: field.kind, place: field.place })
    }

    #[inline]
    fn slot(&self, name: &str) -> Slot {
        if let Some((own, layout)) = self.typed {
            let next = self.next.get();
            if let (Some((expected, _)), Some(slot)) =
                (own.fields().get(next), layout.slots.get(next))
                && *expected == name
            {
                self.next.set(next + 1);
                return *slot;
            }
        }
        self.search(name)
    }

    /// Where a field is that was asked for out of order, or isn't one of the type as it is now.
    fn search(&self, name: &str) -> Slot {
        if let Some((own, _)) = self.typed
            && let Some(at) = own.fields().iter().position(|(field, _)| *field == name)
        {
            self.next.set(at + 1);
        }
        match self.schema.field(name) {
            Some(field) => Slot { kind: Some(field.kind), place: field.place },
            None => Slot { kind: None, place: Place::Fixed(0) },
        }
    }

    #[cold]
    fn mismatch(&self, name: &str, expected: FieldKind, found: Option<FieldKind>) -> Error {
        let (type_name, field) = (self.schema.type_name().into(), name.into());
        SerializationError::Field { type_name, field, expected, found }.into()
    }
}

/// One field of a record.
#[derive(Debug, Clone, Copy)]
pub struct FieldReader<'r, 'a> {
    record: &'r CompactReader<'a>,
    name: &'r str,
    kind: FieldKind,
    place: Place,
}

impl<'a> FieldReader<'_, 'a> {
    /// What it holds.
    pub fn kind(&self) -> FieldKind {
        self.kind
    }

    /// The error of a kind that was asked for and isn't there.
    #[cold]
    pub fn mismatch(&self, expected: FieldKind) -> Error {
        self.record.mismatch(self.name, expected, Some(self.kind))
    }

    /// The error of a null where there is none.
    #[cold]
    pub fn null(&self) -> Error {
        let type_name = self.record.schema.type_name().into();
        SerializationError::NullField { type_name, field: self.name.into() }.into()
    }

    pub(super) fn scope(&self) -> &'a Scope {
        self.record.body.scope
    }

    /// At the bytes of a fixed field.
    #[inline]
    pub(super) fn fixed(&self) -> Result<Reader<'a>, Error> {
        let body = &self.record.body;
        match self.place {
            Place::Fixed(at) => {
                Ok(body.reader.over(body.data.get(at as usize..).unwrap_or_default()))
            }
            _ => Err(self.null()),
        }
    }

    pub(super) fn bit(&self) -> Result<bool, Error> {
        match self.place {
            Place::Bit(at, bit) => {
                let byte = self.record.body.data.get(at as usize).copied().unwrap_or_default();
                Ok(byte >> bit & 1 == 1)
            }
            _ => Err(self.null()),
        }
    }

    /// Reads a variable field; `None` is null.
    #[inline]
    pub(super) fn variable<T>(
        &self,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let body = &self.record.body;
        let Place::Variable(slot) = self.place else { return Err(self.null()) };
        let length = body.data.len();
        let Some(at) = offset(body.reader.over(body.offsets), length, slot as usize)? else {
            return Ok(None);
        };
        let Some(bytes) = body.data.get(at..).filter(|_| at >= body.fixed) else {
            return Err(body.reader.fault(Fault::Value(at as i64)));
        };
        let mut from = body.reader.over(bytes);
        let value = read(&mut from)?;
        Ok(Some(value))
    }

    /// Reads a variable field that is no record, and holds no records.
    #[inline]
    pub(super) fn leaf<T>(
        &self,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        self.variable(|from| {
            let before = from.rest().len();
            let value = read(from)?;
            self.scope().charge(from, before - from.rest().len())?;
            Ok(value)
        })
    }

    /// Reads an array whose items have offsets. What items cost is for `read` to charge if they are
    /// records.
    pub(super) fn items<T>(
        &self,
        is_leaf: bool,
        read: impl Fn(&mut Reader<'a>) -> Result<T, Error>,
    ) -> Result<Option<Vec<Option<T>>>, Error> {
        self.variable(|from| {
            let length = from.i32()?;
            let length =
                usize::try_from(length).map_err(|_| from.fault(Fault::Length(length.into())))?;
            let width = width(length);
            let count = from.i32()?;
            let count =
                usize::try_from(count).map_err(|_| from.fault(Fault::Length(count.into())))?;
            let data = from.slice(length)?;
            let available = from.rest().len();
            if count.saturating_mul(width) > available {
                return Err(from.fault(Fault::Count { count: count as i64, available }));
            }
            let offsets = from.slice(count * width)?;
            let offsets = from.over(offsets);
            self.scope().charge(from, 8 + count * width)?;
            let mut items = Vec::with_capacity(count);
            for at in 0..count {
                items.push(match offset(offsets.clone(), length, at)? {
                    None => None,
                    Some(at) => {
                        let Some(bytes) = data.get(at..) else {
                            return Err(from.fault(Fault::Value(at as i64)));
                        };
                        let mut item = from.over(bytes);
                        let value = read(&mut item)?;
                        if is_leaf {
                            self.scope().charge(from, bytes.len() - item.rest().len())?;
                        }
                        Some(value)
                    }
                });
            }
            Ok(items)
        })
    }
}
