//! [`Compact`]: types of the user's that are written as compact records; [`CompactType`]: what one
//! is called and made of.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use spin::{Once, RwLock};

use super::kind::FieldKind;
use super::reader::CompactReader;
use super::schema::{Place, Schema};
use super::writer::CompactWriter;
use crate::Str;
use crate::hazelcast::error::Error;

/// A type that is written as a compact record.
///
/// ```
/// use gridwire_core::hazelcast::compact::{
///     Compact, CompactReader, CompactType, CompactWriter, FieldKind,
/// };
/// use gridwire_core::hazelcast::{Codec, Error};
///
/// #[derive(Debug, PartialEq)]
/// struct Employee {
///     name: String,
///     age: i32,
/// }
///
/// impl Compact for Employee {
///     fn compact_type() -> &'static CompactType {
///         static TYPE: CompactType = CompactType::new(
///             "employee",
///             &[("name", FieldKind::Text), ("age", FieldKind::Int32)],
///         );
///         &TYPE
///     }
///
///     fn write(&self, to: &mut CompactWriter<'_, '_>) -> Result<(), Error> {
///         to.field("name", &self.name)?;
///         to.field("age", &self.age)
///     }
///
///     fn read(from: &CompactReader<'_>) -> Result<Self, Error> {
///         // Records that were written before employees had an age are read all the same.
///         Ok(Self { name: from.field("name")?, age: from.field_or("age", -1)? })
///     }
/// }
///
/// gridwire_core::compact!(Employee);
///
/// let ada = Employee { name: "Ada".into(), age: 36 };
/// let codec = Codec::default();
/// let data = codec.to_data(&ada)?;
/// assert_eq!(codec.to_value::<Employee>(&data)?, ada);
/// # Ok::<(), Error>(())
/// ```
pub trait Compact: Sized + 'static {
    /// The type's name, and its fields in the order in which they are written.
    fn compact_type() -> &'static CompactType;

    /// Writes every field, in the order of [`Compact::compact_type`].
    fn write(&self, to: &mut CompactWriter<'_, '_>) -> Result<(), Error>;

    /// Reads the fields that there are, in any order; in the same order is fastest. The record may
    /// have been written by another version of the type.
    fn read(from: &CompactReader<'_>) -> Result<Self, Error>;
}

/// As what it holds: for types that hold themselves.
impl<T: Compact> Compact for Box<T> {
    fn compact_type() -> &'static CompactType {
        T::compact_type()
    }
    fn write(&self, to: &mut CompactWriter<'_, '_>) -> Result<(), Error> {
        T::write(self, to)
    }
    fn read(from: &CompactReader<'_>) -> Result<Self, Error> {
        T::read(from).map(Self::new)
    }
}

/// Layouts of other versions of a type that are remembered.
const MAX_PLANS: usize = 16;

/// A type's name and fields, and what was found out about its layouts. Lives in a static, one for each
/// type.
#[derive(Debug)]
pub struct CompactType {
    name: &'static str,
    fields: &'static [(&'static str, FieldKind)],
    own: Once<Result<Layout, Error>>,
    /// Where the fields are in records that were written with other schemas of this name.
    others: RwLock<Vec<Arc<Layout>>>,
}

/// Where the fields of a type are in records of a schema, in the order of the type.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) schema: Arc<Schema>,
    pub(super) slots: Box<[Slot]>,
}

/// Where a field is, and what it holds there; no kind: the schema has no such field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub(super) kind: Option<FieldKind>,
    pub(super) place: Place,
}

impl Slot {
    const NONE: Self = Self { kind: None, place: Place::Fixed(0) };
}

impl Layout {
    fn new(schema: Arc<Schema>, fields: &[(&str, FieldKind)]) -> Self {
        let slot = |(name, _): &(&str, _)| match schema.field(name) {
            Some(field) => Slot { kind: Some(field.kind), place: field.place },
            None => Slot::NONE,
        };
        let slots = fields.iter().map(slot).collect();
        Self { schema, slots }
    }
}

impl CompactType {
    /// A type of this name and with these fields, in the order in which they are written. Programs
    /// that share the records agree on both; how a name is to be spelled is the matter of whoever
    /// was first.
    pub const fn new(name: &'static str, fields: &'static [(&'static str, FieldKind)]) -> Self {
        Self { name, fields, own: Once::new(), others: RwLock::new(Vec::new()) }
    }

    /// The type's name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The fields, in the order in which they are written.
    pub const fn fields(&self) -> &'static [(&'static str, FieldKind)] {
        self.fields
    }

    /// The schema that the type is written with.
    ///
    /// # Errors
    /// Two fields have one name, or there are too many.
    pub fn schema(&self) -> Result<&Arc<Schema>, Error> {
        Ok(&self.own()?.schema)
    }

    pub(super) fn own(&self) -> Result<&Layout, Error> {
        let layout = self.own.call_once(|| {
            let field = |(name, kind): &(&'static str, _)| (Str::from_static(name), *kind);
            let fields = self.fields.iter().map(field);
            let schema = Schema::new(Str::from_static(self.name), fields)?;
            Ok(Layout::new(Arc::new(schema), self.fields))
        });
        layout.as_ref().map_err(Clone::clone)
    }

    /// Where the fields are in records of another schema.
    pub(super) fn other(&self, schema: &Arc<Schema>) -> Arc<Layout> {
        // By identity: whoever can make up a schema can make up its fingerprint.
        let is_same = |layout: &&Arc<Layout>| Arc::ptr_eq(&layout.schema, schema);
        if let Some(layout) = self.others.read().iter().find(is_same) {
            return Arc::clone(layout);
        }
        let layout = Arc::new(Layout::new(Arc::clone(schema), self.fields));
        let mut others = self.others.write();
        if others.len() >= MAX_PLANS {
            others.remove(0);
        }
        others.push(Arc::clone(&layout));
        layout
    }
}

/// Makes a [`Compact`] type one that structures take: it implements
/// [`Write`](crate::hazelcast::Write) and [`Read`](crate::hazelcast::Read) by it.
#[macro_export]
macro_rules! compact {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::hazelcast::Write for $type {
            fn write(
                &self,
                to: &mut $crate::hazelcast::serialization::Writer<'_>,
            ) -> ::core::result::Result<(), $crate::hazelcast::Error> {
                $crate::hazelcast::compact::write(self, to)
            }
        }

        impl $crate::hazelcast::Read for $type {
            fn read(
                from: &mut $crate::hazelcast::serialization::Reader<'_>,
            ) -> ::core::result::Result<Self, $crate::hazelcast::Error> {
                $crate::hazelcast::compact::read(from)
            }
        }
    )+};
}
