//! [`Json`]: documents in JSON, which members can query and index.

use alloc::string::String;

use super::type_id::TypeId;
use super::{Read, Reader, Write, Writer};
use crate::hazelcast::error::Error;

/// A document in JSON, which members can query and index. It is not checked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Json(pub String);

/// Java's HazelcastJsonValue.
impl Write for Json {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        to.type_id(TypeId::JSON);
        to.text(Some(&self.0))
    }
    fn size_hint(&self) -> usize {
        8 + self.0.len()
    }
}

/// Java's HazelcastJsonValue.
impl Read for Json {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        if from.type_id() != TypeId::JSON {
            return Err(from.mismatch("HazelcastJsonValue"));
        }
        from.present_text().map(|text| Self(text.into()))
    }
}
