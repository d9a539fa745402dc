//! Vector collections.

use alloc::vec::Vec;

use gridwire_derive::custom;

use crate::Str;
use crate::hazelcast::Data;

/// An index of a vector collection.
#[custom(since = "2.8")]
pub struct VectorIndexConfig {
    /// Its name; null if there is only one.
    pub name: Option<Str>,
    /// How distance is measured: 0 Euclidean, 1 cosine, 2 dot product.
    pub metric: i32,
    /// Numbers in a vector.
    pub dimension: i32,
    /// Neighbours that a node of the graph may have.
    pub max_degree: i32,
    /// How many candidates are looked at for each new node.
    pub ef_construction: i32,
    /// Stores equal vectors once.
    pub use_deduplication: bool,
}

/// A vector and the index that it is in.
#[custom(since = "2.8")]
pub struct VectorPair {
    /// The index; empty if it has no name.
    pub name: Str,
    /// 0: dense.
    pub kind: i8,
    /// The numbers.
    pub vector: Option<Vec<f32>>,
}

/// A value and its vectors.
#[custom(since = "2.8")]
pub struct VectorDocument {
    /// The value.
    pub value: Data,
    /// One for each index.
    pub vectors: Vec<VectorPair>,
}

/// What a search should return.
#[custom(since = "2.8")]
pub struct VectorSearchOptions {
    /// Values too.
    pub include_value: bool,
    /// Vectors too.
    pub include_vectors: bool,
    /// At most so many results.
    pub limit: i32,
    /// Settings by name.
    pub hints: Option<Vec<(Str, Str)>>,
}

/// A document that was found.
#[custom(since = "2.8")]
pub struct VectorSearchResult {
    /// Its key.
    pub key: Data,
    /// Its value, if asked for.
    pub value: Option<Data>,
    /// How near it is; more is nearer.
    pub score: f32,
    /// Its vectors, if asked for.
    pub vectors: Option<Vec<VectorPair>>,
}
