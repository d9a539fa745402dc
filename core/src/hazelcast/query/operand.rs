//! [`Operand`]: a value inside a query, of any type.

use alloc::sync::Arc;
use core::fmt;

use super::display::Literal;
use crate::hazelcast::Data;
use crate::hazelcast::error::Error;
use crate::hazelcast::serialization::{Codec, Read, Reader, Value, Write, Writer};

/// A value that a query compares with. It is written when the query is, so that types that the client
/// has registered are written as it says.
#[derive(Clone)]
pub struct Operand<'a>(Inner<'a>);

#[derive(Clone)]
enum Inner<'a> {
    /// As somebody built it.
    Built(Arc<dyn Write + Send + Sync + 'a>),
    /// As it was read.
    Read(Value),
}

impl<'a> Operand<'a> {
    /// Takes a value, or borrows one.
    pub fn new(value: impl Write + Send + Sync + 'a) -> Self {
        Self(Inner::Built(Arc::new(value)))
    }

    /// The value, as whatever type it has when it is read.
    pub fn value(&self, codec: &Codec) -> Result<Value, Error> {
        match &self.0 {
            Inner::Built(value) => codec.to_value(&codec.to_data(&**value)?),
            Inner::Read(value) => Ok(value.clone()),
        }
    }
}

impl Operand<'_> {
    /// Whether it is null, as far as can be said without a client's own codec.
    pub fn is_null(&self) -> bool {
        matches!(self.value(&Codec::default()), Ok(Value::Null))
    }
}

impl From<Value> for Operand<'_> {
    fn from(value: Value) -> Self {
        Self(Inner::Read(value))
    }
}

impl Write for Operand<'_> {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        match &self.0 {
            Inner::Built(value) => value.write(to),
            Inner::Read(value) => value.write(to),
        }
    }
    fn size_hint(&self) -> usize {
        match &self.0 {
            Inner::Built(value) => value.size_hint(),
            Inner::Read(value) => value.size_hint(),
        }
    }
    fn partition_key(&self) -> Option<&dyn Write> {
        match &self.0 {
            Inner::Built(value) => value.partition_key(),
            Inner::Read(value) => value.partition_key(),
        }
    }
    fn raw(&self) -> Option<&Data> {
        match &self.0 {
            Inner::Built(value) => value.raw(),
            Inner::Read(value) => value.raw(),
        }
    }
}

impl Read for Operand<'_> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        Value::read(from).map(Self::from)
    }
}

/// As SQL has it, where SQL has such a value. What only a client's own codec can write is `?`.
impl fmt::Display for Operand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Inner::Read(value) => Literal(value).fmt(f),
            Inner::Built(_) => match self.value(&Codec::default()) {
                Ok(value) => Literal(&value).fmt(f),
                Err(_) => f.write_str("?"),
            },
        }
    }
}

impl fmt::Debug for Operand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
