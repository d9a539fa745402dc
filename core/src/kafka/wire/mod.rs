//! Kafka's encodings: how a value of each type is read from a frame and written to one.
//!
//! The code that `#[message]` emits is a list of calls into this module, so what is here is written
//! for one version of a message at a time: [`Reader`] and [`Writer`] know whether that version is
//! flexible (compact lengths, tagged fields), and [`Wire`] is a type that can be a field. Engines use
//! [`Reader`] and [`Writer`] directly only for frames and for blobs inside messages.

mod reader;
mod schema;
mod tags;
mod uuid;
mod values;
pub mod varint;
mod writer;

pub use reader::{Failed, Reader};
pub use schema::{FieldSchema, Kind, Schema, Versions};
pub use tags::{TagReader, TagWriter, Tags};
pub use uuid::Uuid;
#[cfg(feature = "arbitrary")]
pub use values::arbitrary_option;
pub use values::{Ids, read_option, write_option};
pub use writer::{EncodeError, EncodeFault, FrameMark, SLICE_FROM, Writer};

use core::fmt::Debug;

use crate::Malformed;

/// Whether a value is its type's default. `#[message]` asks by this function: `!= Default::default()`
/// is ambiguous as soon as any crate compares numbers with types of its own, as `serde_json` does.
pub fn is_natural<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A type that a field of a message can have.
pub trait Wire: Default {
    /// Bytes that the shortest value takes, in any version and encoding.
    const MIN_LEN: usize;
    /// What it looks like on the wire.
    const KIND: Kind;
    /// Whether there may be thousands in a message, so that each list of them has a loop of its own.
    const HOT: bool = false;

    /// Reads a value as version `at` has it, in place of a default one; `context` names the field in
    /// errors.
    ///
    /// # Errors
    /// The bytes break the encoding, or are null where that is not allowed.
    fn read(&mut self, r: &mut Reader<'_>, at: i16, context: &'static str) -> Result<(), Failed>;

    /// Writes the value as version `at` has it.
    ///
    /// # Errors
    /// The value holds something that the version cannot carry.
    fn write(&self, w: &mut Writer, at: i16, context: &'static str) -> Result<(), Failed>;

    /// As [`Wire::read`], but meant to be compiled into its caller, where that is worth it.
    #[inline]
    fn read_here(
        &mut self,
        r: &mut Reader<'_>,
        at: i16,
        context: &'static str,
    ) -> Result<(), Failed> {
        self.read(r, at, context)
    }

    /// As [`Wire::write`], but meant to be compiled into its caller, where that is worth it.
    #[inline]
    fn write_here(&self, w: &mut Writer, at: i16, context: &'static str) -> Result<(), Failed> {
        self.write(w, at, context)
    }

    /// Reads a value that may be null.
    ///
    /// As given here it is a struct's (KIP-893): one byte that is negative for null, then the struct.
    fn read_nullable(
        r: &mut Reader<'_>,
        at: i16,
        context: &'static str,
    ) -> Result<Option<Self>, Failed> {
        if r.i8(context).map_err(|error| r.fail(error))? < 0 {
            return Ok(None);
        }
        let mut value = Self::default();
        value.read(r, at, context)?;
        Ok(Some(value))
    }

    /// Writes a value that might have been null.
    fn write_some(&self, w: &mut Writer, at: i16, context: &'static str) -> Result<(), Failed> {
        w.i8(1);
        self.write(w, at, context)
    }

    /// Writes null.
    fn write_null(w: &mut Writer) {
        w.i8(-1);
    }

    /// A value that is legal in version `at`, drawn from unstructured bytes.
    #[cfg(feature = "arbitrary")]
    fn arbitrary(
        u: &mut arbitrary::Unstructured<'_>,
        at: i16,
        flexible: bool,
    ) -> arbitrary::Result<Self>;
}

/// A whole message: a request, a response, a header, or a versioned blob inside one.
pub trait Message: Wire + Clone + Debug + PartialEq {
    /// As in Kafka's definitions: `"MetadataRequest"`.
    const NAME: &'static str;
    /// The versions that can be written and read.
    const VERSIONS: Versions;
    /// The versions that use compact lengths and tagged fields.
    const FLEXIBLE: Versions;

    /// Writes the message as version `at`.
    ///
    /// # Errors
    /// The version is not one of [`Self::VERSIONS`]; or it lacks a field that is neither at its
    /// default nor ignorable; or a string is longer than 32,767 bytes. `out` then holds a part of
    /// the message: [`Writer::abort_frame`] takes it back.
    #[expect(clippy::question_mark, reason = "less to compile for each of hundreds of messages")]
    fn encode(&self, at: i16, out: &mut Writer) -> Result<(), EncodeError> {
        if let Err(error) = out.begin(Self::NAME, Self::VERSIONS, Self::FLEXIBLE, at) {
            return Err(error);
        }
        let written = self.write(out, at, Self::NAME);
        out.end(written, Self::NAME)
    }

    /// Reads version `at` of the message.
    ///
    /// What follows the last field is left in the reader, where [`Reader::remaining`] counts it and
    /// [`Reader::rest`] has it. Some clients send a few bytes more than the definitions have, and
    /// brokers do not mind: neither do we, in either direction.
    ///
    /// # Errors
    /// The version is not one of [`Self::VERSIONS`], or the bytes break the encoding.
    #[expect(clippy::question_mark, reason = "less to compile for each of hundreds of messages")]
    fn decode(at: i16, from: &mut Reader<'_>) -> Result<Self, Malformed> {
        if let Err(error) = from.begin(Self::NAME, Self::VERSIONS, Self::FLEXIBLE, at) {
            return Err(error);
        }
        let mut message = Self::default();
        let read = message.read(from, at, Self::NAME);
        match from.end(read, Self::NAME) {
            Ok(()) => Ok(message),
            Err(error) => Err(error),
        }
    }
}

/// A message together with the version that it is legal in, for fuzzing.
#[cfg(feature = "arbitrary")]
#[derive(Debug, Clone, PartialEq)]
pub struct Versioned<M> {
    /// The version to encode at.
    pub version: i16,
    /// A message that this version can carry.
    pub message: M,
}

#[cfg(feature = "arbitrary")]
impl<'a, M: Message> arbitrary::Arbitrary<'a> for Versioned<M> {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let version = u.int_in_range(M::VERSIONS.min..=M::VERSIONS.max)?;
        let message = M::arbitrary(u, version, M::FLEXIBLE.contains(version))?;
        Ok(Self { version, message })
    }
}

#[cfg(test)]
mod tests;
