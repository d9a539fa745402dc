//! [`Schema`]: the fields of a compact record, and where each is in its bytes.
//!
//! ```text
//! i64 schema id | [i32 data length] | data                                          | offsets
//!                 only if there is     fixed fields  | booleans    | variable fields  one each,
//!                 a variable field     largest first   8 in a byte                    by name
//! ```
//!
//! A schema is known to a cluster by its fingerprint. Two types of one name with other fields are two
//! schemas: that is how types evolve.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::fmt;

use super::kind::{FieldKind, Size};
use crate::hazelcast::error::{Error, SerializationError};
use crate::hazelcast::message::custom;
use crate::hazelcast::serialization::{Reader, TypeId};
use crate::{Fault, Malformed, Str};

/// Fields that a schema may have. Far above what a class has, and so low that what a hostile schema
/// costs is little.
pub const MAX_FIELDS: usize = 16_384;

/// Where a field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// So many bytes into the data.
    Fixed(u32),
    /// A bit of the byte that is so many bytes into the data.
    Bit(u32, u8),
    /// Which of the offsets says where.
    Variable(u32),
}

/// One field of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaField {
    pub(super) name: Str,
    pub(super) kind: FieldKind,
    pub(super) place: Place,
}

impl SchemaField {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it holds.
    pub fn kind(&self) -> FieldKind {
        self.kind
    }
}

/// The name and the fields of a type, as one program has them.
#[derive(Clone, PartialEq, Eq)]
pub struct Schema {
    id: i64,
    type_name: Str,
    /// By name.
    fields: Box<[SchemaField]>,
    /// Bytes before the first variable field.
    fixed: u32,
    /// How many variable fields there are.
    variable: u32,
}

impl Schema {
    /// The schema of a type with these fields, in whatever order.
    ///
    /// # Errors
    /// Two fields have one name, or there are more than [`MAX_FIELDS`].
    pub fn new(
        type_name: impl Into<Str>,
        fields: impl IntoIterator<Item = (Str, FieldKind)>,
    ) -> Result<Self, Error> {
        let fields = fields.into_iter().take(MAX_FIELDS + 1).collect();
        Self::build(type_name.into(), fields).map_err(|_| {
            let why = "two fields have one name, or there are too many fields";
            SerializationError::Unwritable { what: "a compact type", why }.into()
        })
    }

    fn build(type_name: Str, mut fields: Vec<(Str, FieldKind)>) -> Result<Self, Malformed> {
        const WHAT: &str = "a compact schema";
        if fields.len() > MAX_FIELDS {
            let (size, limit) = (fields.len() as u64, MAX_FIELDS as u64);
            return Err(Malformed::new(WHAT, Fault::Limit { size, limit }));
        }
        fields.sort_unstable_by(|one, other| one.0.bytes().cmp(other.0.bytes()));
        if fields.windows(2).any(|pair| matches!(pair, [one, other] if one.0 == other.0)) {
            return Err(Malformed::other(WHAT, "two fields have one name"));
        }
        let id = fingerprint(&type_name, &fields);
        let (mut booleans, mut variable) = (0u32, 0u32);
        // Names are in order, so a stable sort by size is one by size and name.
        let mut fixed: Vec<_> = (0..fields.len())
            .filter_map(|at| match fields.get(at)?.1.size() {
                Size::Fixed(bytes) => Some((bytes as u32, at)),
                _ => None,
            })
            .collect();
        fixed.sort_by_key(|(bytes, _)| Reverse(*bytes));
        let mut offset = 0;
        for (bytes, _) in &mut fixed {
            offset += core::mem::replace(bytes, offset);
        }
        fixed.sort_unstable_by_key(|(_, at)| *at);
        let mut fixed = fixed.into_iter();
        let mut place = |kind: FieldKind| match kind.size() {
            Size::Bit => {
                let place = Place::Bit(offset + booleans / 8, (booleans % 8) as u8);
                booleans += 1;
                place
            }
            Size::Fixed(_) => Place::Fixed(fixed.next().map_or(0, |(offset, _)| offset)),
            Size::Variable => {
                variable += 1;
                Place::Variable(variable - 1)
            }
        };
        let fields =
            fields.into_iter().map(|(name, kind)| SchemaField { name, kind, place: place(kind) });
        let fields = fields.collect();
        Ok(Self { id, type_name, fields, fixed: offset + booleans.div_ceil(8), variable })
    }

    /// The fingerprint by which clusters know it.
    pub fn id(&self) -> i64 {
        self.id
    }

    /// The type's name.
    pub fn type_name(&self) -> &str {
        &self.type_name
    }

    /// The fields, by name.
    pub fn fields(&self) -> &[SchemaField] {
        &self.fields
    }

    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&SchemaField> {
        self.fields.get(self.index(name)?)
    }

    pub(super) fn index(&self, name: &str) -> Option<usize> {
        self.fields.binary_search_by(|field| field.name.bytes()[..].cmp(name.as_bytes())).ok()
    }

    /// Bytes of the fields that are always there.
    pub(super) fn fixed_len(&self) -> usize {
        self.fixed as usize
    }

    /// How many fields have an offset.
    pub(super) fn variable_fields(&self) -> usize {
        self.variable as usize
    }

    /// As requests carry it.
    pub fn to_message(&self) -> custom::Schema {
        let field = |field: &SchemaField| custom::FieldDescriptor {
            field_name: field.name.clone(),
            kind: field.kind.id(),
        };
        custom::Schema {
            type_name: self.type_name.clone(),
            fields: self.fields.iter().map(field).collect(),
        }
    }

    /// From an answer, copied out of its buffer.
    ///
    /// # Errors
    /// Fields of one name, of a kind that records can't have, or too many of them.
    pub fn from_message(message: &custom::Schema) -> Result<Self, Malformed> {
        let field = |field: &custom::FieldDescriptor| {
            Ok((field.field_name.detached(), known_kind(field.kind)?))
        };
        let fields = message.fields.iter().map(field).collect::<Result<_, _>>()?;
        Self::build(message.type_name.detached(), fields)
    }

    /// From the object that a record with its schema carries: an IdentifiedDataSerializable of
    /// factory -42, class 1.
    pub(super) fn read_embedded(from: &mut Reader<'_>) -> Result<Self, Error> {
        const HEADER: (i32, bool, i32, i32) = (TypeId::IDENTIFIED.0, true, -42, 1);
        if (from.i32()?, from.bool()?, from.i32()?, from.i32()?) != HEADER {
            return Err(from.fault(Fault::Other("what should be its schema is something else")));
        }
        let type_name = Str::from(from.present_text()?);
        let count = from.present_count(8)?;
        let field = |_| Ok((Str::from(from.present_text()?), known_kind(from.i32()?)?));
        let fields = (0..count).map(field).collect::<Result<Vec<_>, Error>>()?;
        Ok(Self::build(type_name, fields)?)
    }
}

fn known_kind(id: i32) -> Result<FieldKind, Malformed> {
    FieldKind::from_id(id)
        .ok_or_else(|| Malformed::new("the kind of a compact field", Fault::Value(id.into())))
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:#018x} ", self.type_name, self.id)?;
        f.debug_map().entries(self.fields.iter().map(|field| (&field.name, field.kind))).finish()
    }
}

/// Schemas that something needs: few, and none mostly.
#[derive(Debug, Clone, Default)]
pub struct Schemas(smallvec::SmallVec<[Arc<Schema>; 1]>);

impl Schemas {
    /// Adds one, unless it is there.
    pub fn add(&mut self, schema: &Arc<Schema>) {
        if !self.0.iter().any(|known| known.id == schema.id) {
            self.0.push(Arc::clone(schema));
        }
    }

    /// Adds all of another.
    pub fn add_all(&mut self, other: &Self) {
        other.iter().for_each(|schema| self.add(schema));
    }

    /// All of them.
    pub fn iter(&self) -> core::slice::Iter<'_, Arc<Schema>> {
        self.0.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> IntoIterator for &'a Schemas {
    type Item = &'a Arc<Schema>;
    type IntoIter = core::slice::Iter<'a, Arc<Schema>>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The fingerprint of nothing.
const EMPTY: u64 = 0xc15d_213a_a4d7_a795;

/// What each byte does to a fingerprint.
static TABLE: [u64; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < table.len() {
        let mut value = byte as u64;
        let mut bit = 0;
        while bit < 8 {
            value = (value >> 1) ^ (EMPTY & (value & 1).wrapping_neg());
            bit += 1;
        }
        table[byte] = value;
        byte += 1;
    }
    table
};

/// Rabin's fingerprint of 64 bits, over the name and the fields in order.
fn fingerprint(type_name: &str, fields: &[(Str, FieldKind)]) -> i64 {
    let mut value = feed_text(EMPTY, type_name);
    value = feed(value, &(fields.len() as u32).to_le_bytes());
    for (name, kind) in fields {
        value = feed(feed_text(value, name), &kind.id().to_le_bytes());
    }
    value.cast_signed()
}

fn feed_text(value: u64, text: &str) -> u64 {
    feed(feed(value, &(text.len() as u32).to_le_bytes()), text.as_bytes())
}

fn feed(value: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(value, |value, byte| {
        let [at, ..] = (value ^ u64::from(*byte)).to_le_bytes();
        // There is an entry for each byte.
        value >> 8 ^ TABLE.get(usize::from(at)).copied().unwrap_or_default()
    })
}
