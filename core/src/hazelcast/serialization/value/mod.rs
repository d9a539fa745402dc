//! [`Value`]: a value of whatever type is there.
//!
//! Everything that is known is read and written back to the same bytes, so that a value may be carried
//! from one structure to another without being understood. What isn't known stays [`Value::Raw`] where it
//! is a whole value; inside of another its end can't be found, and then that whole stays as it is.

mod codec;
mod kinds;

#[cfg(feature = "arbitrary")]
mod arbitrary;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

pub use kinds::{EntryKind, ListKind, MapKind, QueueKind, SetKind};

use super::compact::GenericRecord;
use super::object::Object;
use super::portable::GenericPortable;
use super::{
    BigDecimal, BigInteger, Date, Json, LocalDate, LocalDateTime, LocalTime, OffsetDateTime,
};
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
    /// An entry of a map, alone.
    Entry(EntryKind, Box<(Value, Value)>),
    /// Class: the name of a Java class.
    Class(String),
    /// Date.
    Date(Date),
    /// BigInteger.
    BigInteger(BigInteger),
    /// BigDecimal.
    BigDecimal(BigDecimal),
    /// Lists, and Object[].
    List(ListKind, Vec<Value>),
    /// Sets, in the order in which they came; nothing checks that an element is there once.
    Set(SetKind, Vec<Value>),
    /// Queues. Their capacity is nowhere written.
    Queue(QueueKind, Vec<Value>),
    /// Maps, in the order in which their entries came; nothing checks that a key is there once.
    Map(MapKind, Vec<(Value, Value)>),
    /// A sorted set, queue or map that a comparator of its own sorts, which is a Java object.
    Sorted(Box<Sorted>),
    /// Optional.
    Optional(Option<Box<Value>>),
    /// LocalDate.
    LocalDate(LocalDate),
    /// LocalTime.
    LocalTime(LocalTime),
    /// LocalDateTime.
    LocalDateTime(LocalDateTime),
    /// OffsetDateTime.
    OffsetDateTime(OffsetDateTime),
    /// ByteBuffer.
    ByteBuffer(Vec<u8>),
    /// HazelcastJsonValue.
    Json(Json),
    /// A value of a registered type.
    Object(Arc<dyn Object>),
    /// A compact record of a type that isn't registered.
    Record(GenericRecord),
    /// A portable record of a class that isn't registered.
    Portable(Box<GenericPortable>),
    /// A value that holds something unknown, as it is.
    Raw(Data),
}

/// A sorted collection and what sorts it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sorted {
    /// The comparator: an object, never null.
    pub comparator: Value,
    /// A set, queue or map of a sorted kind.
    pub collection: Value,
}

impl Value {
    /// An ArrayList.
    pub fn list(items: impl IntoIterator<Item = Self>) -> Self {
        Self::List(ListKind::default(), items.into_iter().collect())
    }

    /// A HashSet of items that should differ.
    pub fn set(items: impl IntoIterator<Item = Self>) -> Self {
        Self::Set(SetKind::default(), items.into_iter().collect())
    }

    /// A HashMap of entries whose keys should differ.
    pub fn map(entries: impl IntoIterator<Item = (Self, Self)>) -> Self {
        Self::Map(MapKind::default(), entries.into_iter().collect())
    }

    /// The elements of a list, Object[], set or queue.
    pub fn items(&self) -> Option<&[Self]> {
        match self {
            Self::List(_, items) | Self::Set(_, items) | Self::Queue(_, items) => Some(items),
            Self::Sorted(sorted) => match &sorted.collection {
                Self::Sorted(_) => None,
                collection => collection.items(),
            },
            _ => None,
        }
    }

    /// The entries of a map.
    pub fn entries(&self) -> Option<&[(Self, Self)]> {
        match self {
            Self::Map(_, entries) => Some(entries),
            Self::Sorted(sorted) => match &sorted.collection {
                Self::Map(_, entries) => Some(entries),
                _ => None,
            },
            _ => None,
        }
    }

    /// The text of a String.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A Byte, Short, Integer or Long.
    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::I8(number) => Some((*number).into()),
            Self::I16(number) => Some((*number).into()),
            Self::I32(number) => Some((*number).into()),
            Self::I64(number) => Some(*number),
            _ => None,
        }
    }

    /// The value of a registered type, if it is a `T`.
    pub fn object<T: 'static>(&self) -> Option<&T> {
        match self {
            Self::Object(object) => object.downcast_ref(),
            _ => None,
        }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident)*) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}

from! {
    bool => Bool
    i8 => I8
    i16 => I16
    i32 => I32
    i64 => I64
    f32 => F32
    f64 => F64
    i128 => BigInteger
    &str => Text
    String => Text
    Vec<u8> => Bytes
    Uuid => Uuid
    Date => Date
    BigInteger => BigInteger
    BigDecimal => BigDecimal
    LocalDate => LocalDate
    LocalTime => LocalTime
    LocalDateTime => LocalDateTime
    OffsetDateTime => OffsetDateTime
    Json => Json
    Arc<dyn Object> => Object
}

/// Null or a value.
impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, T::into)
    }
}
