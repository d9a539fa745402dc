//! [`Portable`]: types of the user's that are written as portable records.

use alloc::boxed::Box;

use super::reader::PortableReader;
use super::writer::PortableWriter;
use crate::hazelcast::error::Error;

/// A type that is written as a portable record.
///
/// ```
/// use gridwire_core::hazelcast::portable::{Portable, PortableReader, PortableWriter};
/// use gridwire_core::hazelcast::{Codec, Error};
///
/// #[derive(Debug, PartialEq)]
/// struct Employee {
///     name: String,
///     age: i32,
/// }
///
/// impl Portable for Employee {
///     const FACTORY_ID: i32 = 1;
///     const CLASS_ID: i32 = 2;
///
///     fn write_fields(&self, to: &mut PortableWriter<'_, '_>) -> Result<(), Error> {
///         to.field("name", &self.name)?;
///         to.field("age", &self.age)
///     }
///
///     fn read_fields(from: &PortableReader<'_>) -> Result<Self, Error> {
///         // Records that were written before employees had an age are read all the same.
///         Ok(Self { name: from.field("name")?, age: from.field_or("age", -1)? })
///     }
/// }
///
/// gridwire_core::portable!(Employee);
///
/// let ada = Employee { name: "Ada".into(), age: 36 };
/// let codec = Codec::default();
/// let data = codec.to_data(&ada)?;
/// assert_eq!(codec.to_value::<Employee>(&data)?, ada);
/// # Ok::<(), Error>(())
/// ```
pub trait Portable: Sized {
    /// The factory.
    const FACTORY_ID: i32;
    /// The class within the factory; not 0.
    const CLASS_ID: i32;
    /// The version of the class; `None` is the client's
    /// [`portable_version`](crate::hazelcast::serialization::Registry::portable_version).
    const VERSION: Option<i32> = None;

    /// Writes every field, always the same ones in the same order, and then raw data if there is to be
    /// some. It is called twice for each record, first to count the fields.
    fn write_fields(&self, to: &mut PortableWriter<'_, '_>) -> Result<(), Error>;

    /// Reads the fields that there are, in any order; in the order of writing is fastest. The record may
    /// have been written by another version of the class.
    fn read_fields(from: &PortableReader<'_>) -> Result<Self, Error>;
}

/// As what it holds: for types that hold themselves.
impl<T: Portable> Portable for Box<T> {
    const FACTORY_ID: i32 = T::FACTORY_ID;
    const CLASS_ID: i32 = T::CLASS_ID;
    const VERSION: Option<i32> = T::VERSION;

    fn write_fields(&self, to: &mut PortableWriter<'_, '_>) -> Result<(), Error> {
        T::write_fields(self, to)
    }
    fn read_fields(from: &PortableReader<'_>) -> Result<Self, Error> {
        T::read_fields(from).map(Self::new)
    }
}

/// Makes a [`Portable`] type one that structures take: it implements
/// [`Write`](crate::hazelcast::Write) and [`Read`](crate::hazelcast::Read) by it.
#[macro_export]
macro_rules! portable {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::hazelcast::Write for $type {
            fn write(
                &self,
                to: &mut $crate::hazelcast::serialization::Writer<'_>,
            ) -> ::core::result::Result<(), $crate::hazelcast::Error> {
                $crate::hazelcast::portable::write(self, to)
            }
        }

        impl $crate::hazelcast::Read for $type {
            fn read(
                from: &mut $crate::hazelcast::serialization::Reader<'_>,
            ) -> ::core::result::Result<Self, $crate::hazelcast::Error> {
                $crate::hazelcast::portable::read(from)
            }
        }
    )+};
}
