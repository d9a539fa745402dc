//! [`Value`]s to bytes and back.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::{EntryKind, ListKind, MapKind, QueueKind, SetKind, Sorted, Value};
use crate::hazelcast::Data;
use crate::hazelcast::error::{Error, SerializationError};
use crate::hazelcast::serialization::compact::{self, GenericRecord};
use crate::hazelcast::serialization::portable::{self, GenericPortable};
use crate::hazelcast::serialization::registry::Claim;
use crate::hazelcast::serialization::{
    ByteBuffer, ClassName, Read, Reader, TypeId, Write, Writer, identified,
};

fn items(
    id: TypeId,
    items: &[Value],
    comparator: &Value,
    to: &mut Writer<'_>,
) -> Result<(), Error> {
    start(id, comparator, to)?;
    to.count(items.len())?;
    items.iter().try_for_each(|item| to.object(item))
}

fn start(id: TypeId, comparator: &Value, to: &mut Writer<'_>) -> Result<(), Error> {
    to.type_id(id);
    match (id.is_sorted(), comparator) {
        (true, comparator) => to.object(comparator),
        (false, Value::Null) => Ok(()),
        (false, _) => Err(unsorted()),
    }
}

fn unsorted() -> Error {
    let why = "a comparator without a collection that is sorted";
    SerializationError::Unwritable { what: "a sorted collection", why }.into()
}

/// Writes a collection; of other values nothing, and `None`.
fn collection(value: &Value, comparator: &Value, to: &mut Writer<'_>) -> Option<Result<(), Error>> {
    Some(match value {
        Value::List(kind, list) => items(kind.type_id(), list, comparator, to),
        Value::Set(kind, set) => items(kind.type_id(), set, comparator, to),
        Value::Queue(kind, queue) => items(kind.type_id(), queue, comparator, to),
        Value::Map(kind, entries) => start(kind.type_id(), comparator, to).and_then(|()| {
            to.count(entries.len())?;
            entries.iter().try_for_each(|(key, value)| {
                to.object(key)?;
                to.object(value)
            })
        }),
        _ => return None,
    })
}

impl Write for Value {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        match self {
            Self::Null => None::<bool>.write(to),
            Self::Bool(value) => value.write(to),
            Self::I8(value) => value.write(to),
            Self::Char(value) => {
                to.type_id(TypeId::CHAR);
                to.u16(*value);
                Ok(())
            }
            Self::I16(value) => value.write(to),
            Self::I32(value) => value.write(to),
            Self::I64(value) => value.write(to),
            Self::F32(value) => value.write(to),
            Self::F64(value) => value.write(to),
            Self::Text(value) => value.write(to),
            Self::Bytes(value) => value.write(to),
            Self::Bools(value) => value.write(to),
            Self::Chars(value) => {
                to.type_id(TypeId::CHAR_ARRAY);
                to.array(Some(value))
            }
            Self::I16s(value) => value.write(to),
            Self::I32s(value) => value.write(to),
            Self::I64s(value) => value.write(to),
            Self::F32s(value) => value.write(to),
            Self::F64s(value) => value.write(to),
            Self::Texts(value) => value.write(to),
            Self::Uuid(value) => value.write(to),
            Self::Entry(kind, entry) => {
                to.type_id(kind.type_id());
                to.object(&entry.0)?;
                to.object(&entry.1)
            }
            Self::Class(name) => {
                to.type_id(TypeId::CLASS);
                to.text(Some(name))
            }
            Self::Date(value) => value.write(to),
            Self::BigInteger(value) => value.write(to),
            Self::BigDecimal(value) => value.write(to),
            Self::List(..) | Self::Set(..) | Self::Queue(..) | Self::Map(..) => {
                collection(self, &Self::Null, to).unwrap_or(Ok(()))
            }
            Self::Sorted(sorted) => {
                let Sorted { comparator, collection: value } = &**sorted;
                collection(value, comparator, to).unwrap_or_else(|| Err(unsorted()))
            }
            Self::Optional(value) => {
                to.type_id(TypeId::OPTIONAL);
                to.bool(value.is_some());
                value.as_ref().map_or(Ok(()), |value| to.object(value))
            }
            Self::LocalDate(value) => value.write(to),
            Self::LocalTime(value) => value.write(to),
            Self::LocalDateTime(value) => value.write(to),
            Self::OffsetDateTime(value) => value.write(to),
            Self::ByteBuffer(bytes) => {
                to.type_id(TypeId::BYTE_BUFFER);
                to.count(bytes.len())?;
                to.slice(bytes);
                Ok(())
            }
            Self::Json(value) => value.write(to),
            Self::Object(object) => object.write(to),
            Self::Record(record) => record.write(to),
            Self::Portable(record) => record.write(to),
            Self::Raw(data) => data.write(to),
        }
    }

    fn size_hint(&self) -> usize {
        match self {
            Self::Text(text) | Self::Class(text) => 8 + text.len(),
            Self::Json(json) => json.size_hint(),
            Self::Bytes(bytes) | Self::ByteBuffer(bytes) => 8 + bytes.len(),
            Self::Object(object) => object.size_hint(),
            Self::Raw(data) => data.size_hint(),
            _ => 60,
        }
    }

    fn partition_key(&self) -> Option<&dyn Write> {
        match self {
            Self::Object(object) => object.partition_key(),
            _ => None,
        }
    }

    fn raw(&self) -> Option<&Data> {
        match self {
            Self::Raw(data) => Some(data),
            Self::Object(object) => object.raw(),
            _ => None,
        }
    }
}

impl Read for Value {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        let whole = from.whole();
        match (known(from), whole) {
            // What can be fetched isn't unknown.
            (Err(Error::Serialization(error)), _)
                if matches!(*error, SerializationError::UnknownSchema(_)) =>
            {
                Err(Error::Serialization(error))
            }
            // Where an unknown object ends isn't known, so all of it stays as it is.
            (Err(Error::Serialization(_)), Some(data)) => {
                from.skip_rest();
                Ok(Self::Raw(data.clone()))
            }
            (value, _) => value,
        }
    }
}

fn known(from: &mut Reader<'_>) -> Result<Value, Error> {
    Ok(match from.type_id() {
        TypeId::NULL => Value::Null,
        TypeId::BOOLEAN => Value::Bool(from.bool()?),
        TypeId::BYTE => Value::I8(from.i8()?),
        TypeId::CHAR => Value::Char(from.u16()?),
        TypeId::SHORT => Value::I16(from.i16()?),
        TypeId::INTEGER => Value::I32(from.i32()?),
        TypeId::LONG => Value::I64(from.i64()?),
        TypeId::FLOAT => Value::F32(from.f32()?),
        TypeId::DOUBLE => Value::F64(from.f64()?),
        TypeId::STRING => Value::Text(from.present_text()?.into()),
        TypeId::BYTE_ARRAY => Value::Bytes(Read::read(from)?),
        TypeId::BOOLEAN_ARRAY => Value::Bools(Read::read(from)?),
        TypeId::CHAR_ARRAY => Value::Chars(from.present_array()?),
        TypeId::SHORT_ARRAY => Value::I16s(Read::read(from)?),
        TypeId::INT_ARRAY => Value::I32s(Read::read(from)?),
        TypeId::LONG_ARRAY => Value::I64s(Read::read(from)?),
        TypeId::FLOAT_ARRAY => Value::F32s(Read::read(from)?),
        TypeId::DOUBLE_ARRAY => Value::F64s(Read::read(from)?),
        TypeId::STRING_ARRAY => Value::Texts(Read::read(from)?),
        TypeId::UUID => Value::Uuid(Read::read(from)?),
        TypeId::CLASS => Value::Class(ClassName::read(from)?.0),
        TypeId::DATE => Value::Date(Read::read(from)?),
        TypeId::BIG_INTEGER => Value::BigInteger(Read::read(from)?),
        TypeId::BIG_DECIMAL => Value::BigDecimal(Read::read(from)?),
        TypeId::OPTIONAL => {
            Value::Optional(if from.bool()? { Some(Box::new(from.object()?)) } else { None })
        }
        TypeId::LOCAL_DATE => Value::LocalDate(Read::read(from)?),
        TypeId::LOCAL_TIME => Value::LocalTime(Read::read(from)?),
        TypeId::LOCAL_DATE_TIME => Value::LocalDateTime(Read::read(from)?),
        TypeId::OFFSET_DATE_TIME => Value::OffsetDateTime(Read::read(from)?),
        TypeId::BYTE_BUFFER => Value::ByteBuffer(ByteBuffer::read(from)?.0),
        TypeId::JSON => Value::Json(Read::read(from)?),
        TypeId::IDENTIFIED => return class(from),
        TypeId::COMPACT | TypeId::COMPACT_WITH_SCHEMA => return record(from),
        TypeId::PORTABLE => return portable_record(from),
        TypeId(1..) => return custom(from),
        id => return container(from, id),
    })
}

fn container(from: &mut Reader<'_>, id: TypeId) -> Result<Value, Error> {
    if let Some(kind) = EntryKind::of(id) {
        return Ok(Value::Entry(kind, Box::new((from.object()?, from.object()?))));
    }
    if let Some(kind) = ListKind::of(id) {
        return Ok(Value::List(kind, from.objects()?));
    }
    let comparator = if id.is_sorted() { from.object()? } else { Value::Null };
    let collection = if let Some(kind) = SetKind::of(id) {
        Value::Set(kind, from.objects()?)
    } else if let Some(kind) = QueueKind::of(id) {
        Value::Queue(kind, from.objects()?)
    } else if let Some(kind) = MapKind::of(id) {
        let mut entries = Vec::new();
        from.entries(|key, value| {
            entries.push((key, value));
            true
        })?;
        Value::Map(kind, entries)
    } else {
        return Err(from.mismatch("a type that Rust has"));
    };
    Ok(match comparator {
        Value::Null => collection,
        comparator => Value::Sorted(Box::new(Sorted { comparator, collection })),
    })
}

/// A record of a registered class.
fn class(from: &mut Reader<'_>) -> Result<Value, Error> {
    let start = from.position();
    let (factory, class) = identified::header(from)?;
    let Some(entry) = from.codec().identified(factory, class) else {
        let claim = Claim::Identified { factory, class };
        return Err(SerializationError::Unregistered(claim).into());
    };
    from.seek(start)?;
    (entry.read)(from).map(Value::Object)
}

/// A portable record.
fn portable_record(from: &mut Reader<'_>) -> Result<Value, Error> {
    let start = from.position();
    let (factory, class) = portable::ids(from)?;
    from.seek(start)?;
    match from.codec().portable(factory, class) {
        Some(entry) => (entry.read)(from).map(Value::Object),
        None => GenericPortable::read(from).map(|record| Value::Portable(Box::new(record))),
    }
}

/// A compact record.
fn record(from: &mut Reader<'_>) -> Result<Value, Error> {
    let schema = compact::schema_of(from)?;
    match from.codec().compact(schema.type_name()) {
        Some(entry) => (entry.read)(from).map(Value::Object),
        None => GenericRecord::read(from).map(Value::Record),
    }
}

/// A value of a registered type, or of the global serializer.
fn custom(from: &mut Reader<'_>) -> Result<Value, Error> {
    let id = from.type_id().0;
    if let Some(entry) = from.codec().custom(id) {
        return (entry.read)(from).map(Value::Object);
    }
    match from.codec().global() {
        Some(global) if global.id() == id => global.read(from).map(Value::Object),
        _ => Err(SerializationError::Unregistered(Claim::TypeId(id)).into()),
    }
}
