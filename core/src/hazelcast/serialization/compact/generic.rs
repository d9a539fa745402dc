//! [`GenericRecord`]: a compact record of whatever type, for reading what one has no type for, and for
//! writing it.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use super::field_value::{FieldValue, FromField, ToField};
use super::kind::FieldKind;
use super::reader::{Scope, read_any};
use super::schema::Schema;
use super::writer::Record;
use crate::Str;
use crate::hazelcast::error::{Error, SerializationError};
use crate::hazelcast::serialization::{Read, Reader, TypeId, Write, Writer};

/// A compact record with the schema that it was, or will be, written with.
///
/// ```
/// use gridwire_core::hazelcast::Codec;
/// use gridwire_core::hazelcast::compact::GenericRecord;
///
/// let ada = GenericRecord::builder("employee").field("name", "Ada").field("age", 36).build()?;
/// let codec = Codec::default();
/// let data = codec.to_data(&ada)?;
/// let read: GenericRecord = codec.to_value(&data)?;
/// assert_eq!(read, ada);
/// assert_eq!(read.get::<String>("name")?, "Ada");
/// assert_eq!(read.get::<Option<i32>>("age")?, Some(36));
/// assert!(read.get::<i64>("age").is_err(), "an INT32 is no INT64");
/// # Ok::<(), gridwire_core::hazelcast::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct GenericRecord {
    schema: Arc<Schema>,
    /// As the schema's fields.
    values: Box<[FieldValue]>,
}

impl GenericRecord {
    /// Begins a record of this type.
    pub fn builder(type_name: impl Into<Str>) -> GenericBuilder {
        GenericBuilder { type_name: type_name.into(), fields: Vec::new() }
    }

    /// Begins another record, with the fields of this one; each may be set anew.
    pub fn to_builder(&self) -> GenericBuilder {
        let field = |(field, value): (&super::SchemaField, &FieldValue)| {
            (field.name.clone(), field.kind, value.clone())
        };
        let fields = self.schema.fields().iter().zip(&self.values).map(field).collect();
        GenericBuilder { type_name: self.type_name().into(), fields }
    }

    /// Its schema.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The name of its type.
    pub fn type_name(&self) -> &str {
        self.schema.type_name()
    }

    /// The names and values of its fields, by name.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &FieldValue)> {
        self.schema.fields().iter().map(super::SchemaField::name).zip(&self.values)
    }

    /// What a field holds; `None` if there is no such field.
    pub fn kind(&self, name: &str) -> Option<FieldKind> {
        self.schema.field(name).map(|field| field.kind)
    }

    /// A field's value; `None` if there is no such field.
    pub fn value(&self, name: &str) -> Option<&FieldValue> {
        self.values.get(self.schema.index(name)?)
    }

    /// A field's value as this type. `x` and nullable `x` are each other's, as are their arrays.
    ///
    /// # Errors
    /// There is no such field, it holds something else, or null where the type has none.
    pub fn get<T: FromField>(&self, name: &str) -> Result<T, Error> {
        let (type_name, field) = (self.type_name().into(), Str::from(name));
        let found = self.kind(name);
        let Some(value) = self.value(name).filter(|_| found.is_some_and(T::reads)) else {
            let error = SerializationError::Field { type_name, field, expected: T::KIND, found };
            return Err(error.into());
        };
        T::from_value(value)
            .ok_or_else(|| SerializationError::NullField { type_name, field }.into())
    }

    pub(super) fn write_record(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        let mut record = Record::begin(to, &self.schema)?;
        for (field, value) in self.schema.fields().iter().zip(&self.values) {
            value.write(field.kind, &mut record, field.place)?;
        }
        record.finish()
    }

    pub(super) fn read_record(from: &mut Reader<'_>, scope: &Scope) -> Result<Self, Error> {
        read_any(from, scope, |record, schema| {
            let fields = (0..schema.fields().len()).filter_map(|index| record.at(index));
            let values = fields.map(|field| FieldValue::read(&field)).collect::<Result<_, _>>()?;
            Ok(Self { schema: Arc::clone(schema), values })
        })
    }
}

/// A compact record.
impl Write for GenericRecord {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.type_id(TypeId::COMPACT);
        self.write_record(to)
    }
}

/// A compact record of any type, with its schema or without.
impl Read for GenericRecord {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        let scope = Scope::of(from, 1).ok_or_else(|| from.mismatch("a compact record"))?;
        Self::read_record(from, &scope)
    }
}

impl fmt::Debug for GenericRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut record = f.debug_struct(self.type_name());
        for (name, value) in self.fields() {
            record.field(name, value);
        }
        record.finish()
    }
}

/// The fields of a [`GenericRecord`] that is being made.
#[derive(Debug, Clone)]
#[must_use = "nothing is built before `build`"]
pub struct GenericBuilder {
    type_name: Str,
    fields: Vec<(Str, FieldKind, FieldValue)>,
}

impl GenericBuilder {
    /// Sets a field. Its kind follows from the Rust type: an `i32` is an `INT32`, an `Option<i32>` a
    /// `NULLABLE_INT32`, a `Vec<i32>` an `ARRAY_OF_INT32`.
    pub fn field<T: ToField>(mut self, name: impl Into<Str>, value: T) -> Self {
        self.set(name.into(), T::KIND, value.to_value());
        self
    }

    pub(super) fn set(&mut self, name: Str, kind: FieldKind, value: FieldValue) {
        self.fields.retain(|(known, ..)| *known != name);
        self.fields.push((name, kind, value));
    }

    /// The record.
    ///
    /// # Errors
    /// There are more fields than [`MAX_FIELDS`](super::MAX_FIELDS), or an array of records that
    /// aren't all of one schema.
    pub fn build(mut self) -> Result<GenericRecord, Error> {
        let fields = self.fields.iter().map(|(name, kind, _)| (name.clone(), *kind));
        let schema = Arc::new(Schema::new(self.type_name, fields)?);
        if self.fields.iter().any(|(_, _, value)| !value.is_uniform()) {
            let why = "its records are of several schemas";
            return Err(SerializationError::Unwritable { what: "an array", why }.into());
        }
        self.fields.sort_unstable_by(|one, other| one.0.bytes().cmp(other.0.bytes()));
        let values = self.fields.into_iter().map(|(_, _, value)| value).collect();
        Ok(GenericRecord { schema, values })
    }
}
