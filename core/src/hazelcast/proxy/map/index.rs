//! [`Index`]: what makes queries of some attributes fast.

use alloc::string::String;
use alloc::vec::Vec;

use super::Map;
use crate::Str;
use crate::hazelcast::error::Error;
use crate::hazelcast::family::Hazelcast;
use crate::hazelcast::message::custom::{
    BTreeIndexConfig, BitmapIndexOptions, Capacity, IndexConfig, MemoryTierConfig,
};
use crate::hazelcast::message::map::AddIndex;
use crate::hazelcast::query::Attribute;
use crate::invoker::Invoker;

/// An index over attributes of entries.
#[derive(Debug, Clone)]
pub struct Index {
    name: Option<Str>,
    kind: Kind,
    attributes: Vec<Str>,
}

#[derive(Debug, Clone)]
enum Kind {
    Sorted,
    Hash,
    Bitmap(BitmapIndex),
}

/// What tells entries of a bitmap index apart.
#[derive(Debug, Clone)]
pub struct BitmapIndex {
    /// The attribute that is another one in each entry.
    pub unique_key: Attribute,
    /// How it becomes a number.
    pub transformation: Transformation,
}

/// How the unique key of a bitmap index becomes a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transformation {
    /// Any object: each gets a number.
    #[default]
    Object = 0,
    /// A whole number, or what is the same as one.
    Long = 1,
    /// A whole number, of which different ones may count as the same.
    Raw = 2,
}

/// By the key.
impl Default for BitmapIndex {
    fn default() -> Self {
        Self { unique_key: crate::hazelcast::query::key(), transformation: Transformation::Object }
    }
}

/// Units of memory.
const KIBIBYTES: i32 = 1;
const MEBIBYTES: i32 = 2;

/// Attributes of an index.
const MOST: usize = 255;

impl Index {
    fn new(kind: Kind, attributes: impl IntoIterator<Item: Into<Attribute>>) -> Self {
        let path = |attribute: Attribute| Str::from(attribute.path());
        let attributes = attributes.into_iter().map(|attribute| path(attribute.into())).collect();
        Self { name: None, kind, attributes }
    }

    /// For comparisons and ranges, of one attribute or of several in this order.
    pub fn sorted(attributes: impl IntoIterator<Item: Into<Attribute>>) -> Self {
        Self::new(Kind::Sorted, attributes)
    }

    /// For equality, of one attribute or of all of several.
    pub fn hash(attributes: impl IntoIterator<Item: Into<Attribute>>) -> Self {
        Self::new(Kind::Hash, attributes)
    }

    /// For an attribute of few different values.
    pub fn bitmap(attribute: impl Into<Attribute>, options: BitmapIndex) -> Self {
        Self::new(Kind::Bitmap(options), [attribute])
    }

    /// With a name of its own, in place of one made of the map's, the kind's and the attributes'.
    pub fn named(mut self, name: impl Into<Str>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// What is sent, in the form that members compare indexes by.
    fn config(&self, map: &str) -> Result<IndexConfig, Error> {
        let mut attributes = Vec::<Str>::new();
        for attribute in &self.attributes {
            let attribute = attribute.trim();
            let attribute = attribute.strip_prefix("this.").unwrap_or(attribute);
            if attribute.is_empty() || attribute.ends_with('.') {
                return Err(Error::Misuse("an attribute of an index is empty or ends in a dot"));
            }
            if attributes.iter().any(|other| other.as_str() == attribute) {
                return Err(Error::Misuse("an index has an attribute twice"));
            }
            attributes.push(attribute.into());
        }
        if attributes.is_empty() || attributes.len() > MOST {
            return Err(Error::Misuse("an index has 1 to 255 attributes"));
        }
        let (kind, word) = match &self.kind {
            Kind::Sorted => (0, "sorted"),
            Kind::Hash => (1, "hash"),
            Kind::Bitmap(_) => (2, "bitmap"),
        };
        let name = self.name.clone().filter(|name| !name.trim().is_empty());
        let name = name.unwrap_or_else(|| {
            let parts = [map, word].into_iter().chain(attributes.iter().map(Str::as_str));
            parts.collect::<Vec<_>>().join("_").into()
        });
        let bitmap_index_options = match &self.kind {
            Kind::Bitmap(options) => Some(BitmapIndexOptions {
                unique_key: unique_key(&options.unique_key)?,
                unique_key_transformation: options.transformation as i32,
            }),
            _ => None,
        };
        // Members of 5.7 fail where it is null, though it only matters in native memory: their defaults.
        let b_tree_index_config = Some(BTreeIndexConfig {
            page_size: Capacity { value: 16, unit: KIBIBYTES },
            memory_tier_config: MemoryTierConfig {
                capacity: Capacity { value: 256, unit: MEBIBYTES },
            },
        });
        let name = Some(name);
        Ok(IndexConfig { name, kind, attributes, bitmap_index_options, b_tree_index_config })
    }
}

fn unique_key(attribute: &Attribute) -> Result<Str, Error> {
    let path = attribute.path().trim();
    if path.is_empty() {
        return Err(Error::Misuse("the unique key of a bitmap index is empty"));
    }
    Ok(String::from(path.strip_prefix("this.").unwrap_or(path)).into())
}

impl<K, V, I: Invoker<Family = Hazelcast>> Map<K, V, I> {
    /// Adds an index, and builds it over what is there. One that is there already is left as it is.
    pub fn add_index(&self, index: &Index) -> I::Invocation<()> {
        let name = self.proxy.name();
        self.proxy.call(|_| Ok(AddIndex { index_config: index.config(&name)?, name }))
    }
}
