//! [`GenericPortable`]: a portable record of whatever class, for reading what one has no type for, and
//! for writing it.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;

use super::field::{PortableField, read_items, write_items};
use super::kind::FieldType;
use super::reader::{PortableReader, Scope, ids};
use super::writer::{record, unwritable};
use crate::Str;
use crate::hazelcast::error::Error;
use crate::hazelcast::serialization::{
    BigDecimal, LocalDate, LocalDateTime, LocalTime, OffsetDateTime, Read, Reader, TypeId, Write,
    Writer,
};

/// A portable record. It is written as it was read, to the same bytes.
///
/// ```
/// use gridwire_core::hazelcast::Codec;
/// use gridwire_core::hazelcast::portable::{GenericPortable, PortableValue};
///
/// let ada = GenericPortable::new(1, 2).field("name", Some(String::from("Ada"))).field("age", 36);
/// let codec = Codec::default();
/// let data = codec.to_data(&ada)?;
/// let read: GenericPortable = codec.to_value(&data)?;
/// assert_eq!(read, ada);
/// assert_eq!(read.value("age"), Some(&PortableValue::Int(36)));
/// # Ok::<(), gridwire_core::hazelcast::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct GenericPortable {
    /// The factory.
    pub factory: i32,
    /// The class within the factory; not 0.
    pub class: i32,
    /// The version of the class.
    pub version: i32,
    /// Names and values, in the order in which they are written.
    pub fields: Vec<(Str, PortableValue)>,
    /// What follows the fields; `None` if nothing was written there.
    pub raw: Option<Bytes>,
}

/// A record in a field, or null. Its class is known in either case.
#[derive(Debug, Clone, PartialEq)]
pub struct Nested {
    /// The factory.
    pub factory: i32,
    /// The class.
    pub class: i32,
    /// The record; its own factory and class are these.
    pub record: Option<Box<GenericPortable>>,
}

/// Records of one class in a field, or null.
#[derive(Debug, Clone, PartialEq)]
pub struct NestedArray {
    /// The factory.
    pub factory: i32,
    /// The class.
    pub class: i32,
    /// The records; their own factories and classes are these.
    pub records: Option<Vec<GenericPortable>>,
}

impl GenericPortable {
    /// A record without fields, of version 0.
    pub fn new(factory: i32, class: i32) -> Self {
        Self { factory, class, version: 0, fields: Vec::new(), raw: None }
    }

    /// Sets a field: in its place if there is one of this name, else behind the others.
    pub fn field(mut self, name: impl Into<Str>, value: impl Into<PortableValue>) -> Self {
        let (name, value) = (name.into(), value.into());
        match self.fields.iter_mut().find(|(known, _)| *known == name) {
            Some((_, there)) => *there = value,
            None => self.fields.push((name, value)),
        }
        self
    }

    /// A field's value; `None` if there is no such field.
    pub fn value(&self, name: &str) -> Option<&PortableValue> {
        self.fields.iter().find(|(known, _)| known.as_str() == name).map(|(_, value)| value)
    }

    fn write_record(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        if self.class == 0 {
            return Err(unwritable("its class id is 0"));
        }
        record(to, self.version, self.fields.len(), |writer| {
            self.fields.iter().try_for_each(|(name, value)| value.write_field(name, writer))?;
            match &self.raw {
                Some(raw) => writer.raw(|to| {
                    to.slice(raw);
                    Ok(())
                }),
                None => Ok(()),
            }
        })
    }

    fn read_record(
        from: &mut Reader<'_>,
        (factory, class): (i32, i32),
        scope: &Scope,
    ) -> Result<Self, Error> {
        scope.any(from, |record| Self::take((factory, class), record))
    }

    fn take((factory, class): (i32, i32), record: &PortableReader<'_>) -> Result<Self, Error> {
        if class == 0 {
            return Err(record.fault("its class id is 0"));
        }
        let mut fields = Vec::with_capacity(record.len().min(64));
        let mut names = BTreeSet::new();
        for index in 0..record.len() {
            if let Some((name, (mut from, found))) = record.at(index)? {
                if !names.insert(name) {
                    return Err(record.fault("two of its fields have one name"));
                }
                let value = record.scope().value(&mut from, found, |from| {
                    PortableValue::read(from, found, record.scope())
                })?;
                fields.push((Str::from(name), value));
            }
        }
        let raw = record.raw()?.map(|mut raw| {
            record
                .scope()
                .leaf(&mut raw, |raw| raw.slice(raw.remaining()).map(Bytes::copy_from_slice))
        });
        let raw = raw.transpose()?;
        Ok(Self { factory, class, version: record.version(), fields, raw })
    }

    fn is_of(&self, factory: i32, class: i32) -> bool {
        (self.factory, self.class) == (factory, class)
    }
}

impl Write for GenericPortable {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.type_id(TypeId::PORTABLE);
        to.i32(self.factory);
        to.i32(self.class);
        self.write_record(to)
    }
}

/// A portable record of any class.
impl Read for GenericPortable {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        let class = ids(from)?;
        let scope = Scope::of(from, class);
        Self::read_record(from, class, &scope)
    }
}

/// The records of one field must be of the class that the field names.
const OTHER_CLASS: &str = "a record in it is of another class than its field";

impl PortableField for Nested {
    const TYPE: FieldType = FieldType::Portable;

    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.bool(self.record.is_none());
        to.i32(self.factory);
        to.i32(self.class);
        match &self.record {
            Some(record) if record.is_of(self.factory, self.class) => record.write_record(to),
            Some(_) => Err(unwritable(OTHER_CLASS)),
            None => Ok(()),
        }
    }

    fn read(from: &mut Reader<'_>, _: FieldType, scope: &Scope) -> Result<Self, Error> {
        let is_null = from.bool()?;
        let (factory, class) = (from.i32()?, from.i32()?);
        let record = if is_null {
            None
        } else {
            Some(Box::new(GenericPortable::read_record(from, (factory, class), scope)?))
        };
        Ok(Self { factory, class, record })
    }
}

impl PortableField for NestedArray {
    const TYPE: FieldType = FieldType::PortableArray;

    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        match &self.records {
            Some(records) => to.count(records.len())?,
            None => to.i32(-1),
        }
        to.i32(self.factory);
        to.i32(self.class);
        let records = self.records.as_deref().unwrap_or_default();
        if !records.iter().all(|record| record.is_of(self.factory, self.class)) {
            return Err(unwritable(OTHER_CLASS));
        }
        write_items(records, to, GenericPortable::write_record)
    }

    fn read(from: &mut Reader<'_>, _: FieldType, scope: &Scope) -> Result<Self, Error> {
        let count = from.count(4)?;
        let (factory, class) = (from.i32()?, from.i32()?);
        let read =
            |from: &mut Reader<'_>| GenericPortable::read_record(from, (factory, class), scope);
        let records = count.map(|count| read_items(from, count, read)).transpose()?;
        Ok(Self { factory, class, records })
    }
}

macro_rules! values {
    ($($variant:ident($type:ty) $text:literal)*) => {
        /// What a field of a [`GenericPortable`] holds.
        #[derive(Debug, Clone, PartialEq)]
        pub enum PortableValue {
            $(#[doc = $text] $variant($type),)*
        }

        impl PortableValue {
            /// The type of a field that holds it.
            pub fn field_type(&self) -> FieldType {
                match self {
                    $(Self::$variant(_) => FieldType::$variant,)*
                }
            }

            fn write_field(
                &self,
                name: &str,
                to: &mut super::writer::PortableWriter<'_, '_>,
            ) -> Result<(), Error> {
                match self {
                    $(Self::$variant(value) => to.field(name, value),)*
                }
            }

            fn read(from: &mut Reader<'_>, found: FieldType, scope: &Scope) -> Result<Self, Error> {
                match found {
                    $(FieldType::$variant => {
                        <$type as PortableField>::read(from, found, scope).map(Self::$variant)
                    })*
                }
            }
        }

        $(impl From<$type> for PortableValue {
            fn from(value: $type) -> Self {
                Self::$variant(value)
            }
        })*
    };
}

values! {
    Portable(Nested) "A record, or null."
    Byte(i8) "BYTE."
    Boolean(bool) "BOOLEAN."
    Char(u16) "CHAR, a UTF-16 unit."
    Short(i16) "SHORT."
    Int(i32) "INT."
    Long(i64) "LONG."
    Float(f32) "FLOAT."
    Double(f64) "DOUBLE."
    Text(Option<String>) "STRING."
    PortableArray(NestedArray) "Records of one class, or null."
    ByteArray(Option<Vec<i8>>) "BYTE_ARRAY."
    BooleanArray(Option<Vec<bool>>) "BOOLEAN_ARRAY."
    CharArray(Option<Vec<u16>>) "CHAR_ARRAY, UTF-16 units."
    ShortArray(Option<Vec<i16>>) "SHORT_ARRAY."
    IntArray(Option<Vec<i32>>) "INT_ARRAY."
    LongArray(Option<Vec<i64>>) "LONG_ARRAY."
    FloatArray(Option<Vec<f32>>) "FLOAT_ARRAY."
    DoubleArray(Option<Vec<f64>>) "DOUBLE_ARRAY."
    TextArray(Option<Vec<Option<String>>>) "STRING_ARRAY."
    Decimal(Option<BigDecimal>) "DECIMAL."
    DecimalArray(Option<Vec<BigDecimal>>) "DECIMAL_ARRAY."
    Time(Option<LocalTime>) "TIME."
    TimeArray(Option<Vec<LocalTime>>) "TIME_ARRAY."
    Date(Option<LocalDate>) "DATE."
    DateArray(Option<Vec<LocalDate>>) "DATE_ARRAY."
    Timestamp(Option<LocalDateTime>) "TIMESTAMP."
    TimestampArray(Option<Vec<LocalDateTime>>) "TIMESTAMP_ARRAY."
    TimestampTz(Option<OffsetDateTime>) "TIMESTAMP_WITH_TIMEZONE."
    TimestampTzArray(Option<Vec<OffsetDateTime>>) "TIMESTAMP_WITH_TIMEZONE_ARRAY."
}
