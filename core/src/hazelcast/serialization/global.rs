//! [`Global`]: values whose bytes are made by the one serializer that a client is configured with.
//!
//! That is for types which have no form of their own, and whose form is not the business of the code
//! that stores them. Where the form is known when the program is built, [`Custom`](super::Custom) is
//! simpler.

use alloc::sync::Arc;
// Not `Any` itself: its `type_id` would hide that of readers.
use core::any::{self, type_name};
use core::fmt;

use super::object::Object;
use super::type_id::TypeId;
use super::{Read, Reader, Write, Writer};
use crate::hazelcast::error::{Error, SerializationError};

/// Writes and reads the values of [`Global`].
pub trait GlobalSerializer: fmt::Debug + Send + Sync + 'static {
    /// What stands before its payloads; positive.
    fn id(&self) -> i32;

    /// What it is called in errors.
    fn name(&self) -> &'static str {
        type_name::<Self>()
    }

    /// Writes what follows the type id.
    ///
    /// # Errors
    /// It doesn't know the type: [`SerializationError::Unwritable`].
    fn write(&self, value: &dyn any::Any, to: &mut Writer<'_>) -> Result<(), Error>;

    /// Reads what follows the type id: a `Global<T>` of the type that is there.
    fn read(&self, from: &mut Reader<'_>) -> Result<Arc<dyn Object>, Error>;
}

/// A value that the client's global serializer writes and reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Global<T>(pub T);

impl<T: any::Any> Write for Global<T> {
    fn write(&self, to: &mut Writer<'_>) -> Result<(), Error> {
        let Some(global) = to.codec().global() else {
            let why = "no global serializer is configured";
            return Err(SerializationError::Unwritable { what: type_name::<T>(), why }.into());
        };
        to.type_id(TypeId(global.id()));
        global.write(&self.0, to)
    }
}

impl<T: any::Any + Send + Sync> Read for Global<T> {
    fn read(from: &mut Reader<'_>) -> Result<Self, Error> {
        let global = from.codec().global();
        let Some(global) = global.filter(|it| TypeId(it.id()) == from.type_id()) else {
            return Err(from.mismatch("a value of the global serializer"));
        };
        let object = global.read(from)?;
        let value = object.downcast::<Self>().and_then(Arc::into_inner);
        value.ok_or_else(|| from.mismatch(type_name::<T>()))
    }
}
