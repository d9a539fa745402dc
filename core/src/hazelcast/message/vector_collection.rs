//! Vector collections.

use alloc::vec::Vec;

use gridwire_derive::service;

use super::custom::{VectorDocument, VectorPair, VectorSearchOptions, VectorSearchResult};
use crate::Str;
use crate::hazelcast::{Data, Uuid};

/// Vector collections.
#[service(id = 0x24, since = "2.8")]
pub trait VectorCollection {
    /// Stores a document and returns the one it replaced.
    #[method(id = 0x01, partition = key)]
    fn put(name: Str, key: Data, value: VectorDocument);
    #[response]
    fn put(value: Option<VectorDocument>);

    /// Stores a document unless there is one, which is returned then.
    #[method(id = 0x02, partition = key)]
    fn put_if_absent(name: Str, key: Data, value: VectorDocument);
    #[response]
    fn put_if_absent(value: Option<VectorDocument>);

    /// Stores documents, all of one partition.
    #[method(id = 0x03, partition = any_key)]
    fn put_all(name: Str, entries: Vec<(Data, VectorDocument)>);

    /// Returns a key's document.
    #[method(id = 0x04, retryable, partition = key)]
    fn get(name: Str, key: Data);
    #[response]
    fn get(value: Option<VectorDocument>);

    /// Removes a key and returns its document.
    #[method(id = 0x05, partition = key)]
    fn remove(name: Str, key: Data);
    #[response]
    fn remove(value: Option<VectorDocument>);

    /// Stores a document.
    #[method(id = 0x06, partition = key)]
    fn set(name: Str, key: Data, value: VectorDocument);

    /// Removes a key.
    #[method(id = 0x07, partition = key)]
    fn delete(name: Str, key: Data);

    /// Returns the documents nearest to a vector, in no order.
    #[method(id = 0x08, retryable)]
    fn search_near_vector(
        name: Str,
        /// One, with its index's name if there are several indexes.
        vectors: Vec<VectorPair>,
        options: VectorSearchOptions,
    );
    #[response]
    fn search_near_vector(result: Vec<VectorSearchResult>);

    /// Rebuilds an index, or the only one.
    #[method(id = 0x09, retryable, long_running)]
    fn optimize(
        name: Str,
        index_name: Option<Str>,
        /// Tells runs apart, so that a repeated request starts no second one.
        #[since("2.9")]
        uuid: Option<Uuid>,
    );

    /// Removes all documents.
    #[method(id = 0x0a)]
    fn clear(name: Str);

    /// How many documents there are.
    #[method(id = 0x0b, retryable)]
    fn size(name: Str) -> i64;
}
