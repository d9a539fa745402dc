//! The distributed set, kept whole in one partition.

use alloc::vec::Vec;

use gridwire_derive::service;

use crate::Str;
use crate::hazelcast::{Data, Uuid};

/// The distributed set. Elements are compared by their bytes.
#[service(id = 0x06)]
pub trait Set {
    /// How many elements there are.
    #[method(id = 0x01, partition = name)]
    fn size(name: Str) -> i32;

    /// Whether the set has this element.
    #[method(id = 0x02, partition = name)]
    fn contains(name: Str, value: Data) -> bool;

    /// Whether the set has all of these.
    #[method(id = 0x03, partition = name)]
    fn contains_all(name: Str, items: Vec<Data>) -> bool;

    /// Adds an element; false if it was there already.
    #[method(id = 0x04, partition = name)]
    fn add(name: Str, value: Data) -> bool;

    /// Removes an element; false if it wasn't there.
    #[method(id = 0x05, partition = name)]
    fn remove(name: Str, value: Data) -> bool;

    /// Adds elements; false if all were there already.
    #[method(id = 0x06, partition = name)]
    fn add_all(name: Str, value_list: Vec<Data>) -> bool;

    /// Removes what is among these, and says whether anything was.
    #[method(id = 0x07, partition = name)]
    fn compare_and_remove_all(name: Str, values: Vec<Data>) -> bool;

    /// Removes what is not among these, and says whether anything was.
    #[method(id = 0x08, partition = name)]
    fn compare_and_retain_all(name: Str, values: Vec<Data>) -> bool;

    /// Removes all elements.
    #[method(id = 0x09, partition = name)]
    fn clear(name: Str);

    /// Returns all elements.
    #[method(id = 0x0a, partition = name)]
    fn get_all(name: Str) -> Vec<Data>;

    /// Listens to elements that come and go.
    #[method(id = 0x0b, events(item = 2))]
    fn add_listener(name: Str, include_value: bool, local_only: bool) -> Uuid;

    /// An element came or went.
    #[event]
    fn item(
        /// Null unless the listener asked for values.
        item: Option<Data>,
        /// The member that it happened on.
        uuid: Uuid,
        /// 1 added, 2 removed.
        event_type: i32,
    );

    /// Ends [`AddListener`]; false if it had ended already.
    #[method(id = 0x0c, retryable)]
    fn remove_listener(name: Str, registration_id: Uuid) -> bool;

    /// Whether there is no element.
    #[method(id = 0x0d, partition = name)]
    fn is_empty(name: Str) -> bool;
}
