//! [`Value`]: values that have no Rust type of their own.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::arrays::is_list;
use super::compact::{self, GenericRecord};
use super::identified;
use super::object::Object;
use super::registry::Claim;
use super::type_id::TypeId;
use super::{Json, Read, Reader, Write, Writer};
use crate::hazelcast::error::{Error, SerializationError};
use crate::hazelcast::{Data, Uuid};

/// A value of whatever type is there.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub enum Value {
    /// Nothing.
    #[default]
    Null,
    /// Boolean.
    Bool(bool),
    /// Byte.
    I8(i8),
    /// Character, a UTF-16 unit.
    Char(u16),
    /// Short.
    I16(i16),
    /// Integer.
    I32(i32),
    /// Long.
    I64(i64),
    /// Float.
    F32(f32),
    /// Double.
    F64(f64),
    /// String.
    Text(String),
    /// byte[].
    Bytes(Vec<u8>),
    /// boolean[].
    Bools(Vec<bool>),
    /// char[], UTF-16 units.
    Chars(Vec<u16>),
    /// short[].
    I16s(Vec<i16>),
    /// int[].
    I32s(Vec<i32>),
    /// long[].
    I64s(Vec<i64>),
    /// float[].
    F32s(Vec<f32>),
    /// double[].
    F64s(Vec<f64>),
    /// String[].
    Texts(Vec<Option<String>>),
    /// UUID.
    Uuid(Uuid),
    /// ArrayList. Other lists and Object[] are read as one.
    List(Vec<Value>),
    /// HazelcastJsonValue.
    Json(Json),
    /// A value of a registered type.
    Object(Arc<dyn Object>),
    /// A compact record of a type that isn't registered.
    Record(GenericRecord),
    /// A value that holds something unknown, as it is.
    Raw(Data),
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
                to.count(value.len())?;
                for unit in value {
                    to.u16(*unit);
                }
                Ok(())
            }
            Self::I16s(value) => value.write(to),
            Self::I32s(value) => value.write(to),
            Self::I64s(value) => value.write(to),
            Self::F32s(value) => value.write(to),
            Self::F64s(value) => value.write(to),
            Self::Texts(value) => value.write(to),
            Self::Uuid(value) => value.write(to),
            Self::List(items) => {
                to.type_id(TypeId::ARRAY_LIST);
                to.count(items.len())?;
                items.iter().try_for_each(|item| to.object(item))
            }
            Self::Json(value) => value.write(to),
            Self::Object(object) => object.write(to),
            Self::Record(record) => record.write(to),
            Self::Raw(data) => data.write(to),
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
            _ => None,
        }
    }
}

impl Read for Value {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        let whole = from.whole();
        match (known(from), whole) {
            // What can be fetched isn't unknown.
            (Err(error @ Error::Serialization(SerializationError::UnknownSchema(_))), _) => {
                Err(error)
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
        TypeId::CHAR_ARRAY => {
            let count = from.present_count(2)?;
            Value::Chars((0..count).map(|_| from.u16()).collect::<Result<_, _>>()?)
        }
        TypeId::SHORT_ARRAY => Value::I16s(Read::read(from)?),
        TypeId::INT_ARRAY => Value::I32s(Read::read(from)?),
        TypeId::LONG_ARRAY => Value::I64s(Read::read(from)?),
        TypeId::FLOAT_ARRAY => Value::F32s(Read::read(from)?),
        TypeId::DOUBLE_ARRAY => Value::F64s(Read::read(from)?),
        TypeId::STRING_ARRAY => Value::Texts(Read::read(from)?),
        TypeId::UUID => Value::Uuid(Read::read(from)?),
        TypeId::JSON => Value::Json(Read::read(from)?),
        TypeId::IDENTIFIED => return identified(from),
        TypeId::COMPACT | TypeId::COMPACT_WITH_SCHEMA => return record(from),
        TypeId(1..) => return custom(from),
        id if is_list(id) => Value::List(from.objects()?),
        _ => return Err(from.mismatch("a type with a value of its own")),
    })
}

/// A record of a registered class.
fn identified(from: &mut Reader<'_>) -> Result<Value, Error> {
    let start = from.position();
    let (factory, class) = identified::header(from)?;
    let Some(entry) = from.codec().identified(factory, class) else {
        let claim = Claim::Identified { factory, class };
        return Err(SerializationError::Unregistered(claim).into());
    };
    from.seek(start)?;
    (entry.read)(from).map(Value::Object)
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
