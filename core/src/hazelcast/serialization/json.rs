//! [`Json`] and [`JsonOf`]: documents in JSON, which members can query and index.

use alloc::string::String;

use super::type_id::TypeId;
use super::{Read, Reader, Write, Writer};
use crate::hazelcast::error::Error;
#[cfg(feature = "json")]
use crate::hazelcast::error::SerializationError;

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

/// Any type of serde as a document in JSON.
///
/// Two of one value are equal keys only if they are written alike, so types that are keys should have no
/// map in them whose order changes.
#[cfg(feature = "json")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct JsonOf<T>(pub T);

/// Java's HazelcastJsonValue.
#[cfg(feature = "json")]
impl<T: serde::Serialize> Write for JsonOf<T> {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        let text = serde_json::to_string(&self.0).map_err(|error| wrong::<T>(&error))?;
        to.type_id(TypeId::JSON);
        to.text(Some(&text))
    }
}

/// Java's HazelcastJsonValue.
#[cfg(feature = "json")]
impl<T: serde::de::DeserializeOwned> Read for JsonOf<T> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        if from.type_id() != TypeId::JSON {
            return Err(from.mismatch("HazelcastJsonValue"));
        }
        let text = from.present_text()?;
        serde_json::from_str(text).map(Self).map_err(|error| wrong::<T>(&error))
    }
}

#[cfg(feature = "json")]
fn wrong<T>(error: &serde_json::Error) -> Error {
    let why = crate::Str::from(alloc::format!("{error}"));
    SerializationError::Json { what: core::any::type_name::<T>(), why }.into()
}
