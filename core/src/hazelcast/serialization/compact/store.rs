//! [`SchemaStore`]: the schemas that a client knows, shared by all that write and read for it.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

use spin::RwLock;

use super::schema::Schema;

/// Schemas that are kept.
const MAX_SCHEMAS: usize = 4096;

/// Fields that the schemas may have in all.
const MAX_FIELDS: usize = 1 << 18;

/// The schemas that a client knows: those that it wrote values with, and those that it fetched.
///
/// When there is no room, those that were fetched go first; they are fetched again when they are
/// needed.
#[derive(Debug, Default)]
pub struct SchemaStore(RwLock<Known>);

#[derive(Debug, Default)]
struct Known {
    schemas: BTreeMap<i64, Entry>,
    fields: usize,
}

#[derive(Debug)]
struct Entry {
    schema: Arc<Schema>,
    is_local: bool,
}

impl SchemaStore {
    /// The schema of this id.
    pub fn get(&self, id: i64) -> Option<Arc<Schema>> {
        self.0.read().schemas.get(&id).map(|entry| Arc::clone(&entry.schema))
    }

    /// Keeps a schema that was fetched.
    pub fn learn(&self, schema: &Arc<Schema>) {
        self.add(schema, false);
    }

    /// Keeps a schema that values are written with.
    pub fn keep(&self, schema: &Arc<Schema>) {
        self.add(schema, true);
    }

    /// All schemas, by id.
    pub fn all(&self) -> Vec<Arc<Schema>> {
        self.0.read().schemas.values().map(|entry| Arc::clone(&entry.schema)).collect()
    }

    fn add(&self, schema: &Arc<Schema>, is_local: bool) {
        let mut known = self.0.write();
        if let Some(entry) = known.schemas.get_mut(&schema.id()) {
            entry.is_local |= is_local;
            return;
        }
        let fields = schema.fields().len();
        if !known.has_room(fields) {
            known.schemas.retain(|_, entry| entry.is_local);
            known.count();
        }
        if !known.has_room(fields) {
            known.schemas.clear();
            known.count();
        }
        known.fields += fields;
        known.schemas.insert(schema.id(), Entry { schema: Arc::clone(schema), is_local });
    }
}

impl Known {
    fn has_room(&self, fields: usize) -> bool {
        self.schemas.len() < MAX_SCHEMAS && self.fields + fields <= MAX_FIELDS
    }

    fn count(&mut self) {
        self.fields = self.schemas.values().map(|entry| entry.schema.fields().len()).sum();
    }
}
