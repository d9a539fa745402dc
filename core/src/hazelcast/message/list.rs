//! The distributed list, kept whole in one partition.

use alloc::vec::Vec;

use gridwire_derive::service;

use crate::Str;
use crate::hazelcast::{Data, Uuid};

/// The distributed list. Elements are compared by their bytes.
#[service(id = 0x05)]
pub trait List {
    /// How many elements there are.
    #[method(id = 0x01, retryable, partition = name)]
    fn size(name: Str) -> i32;

    /// Whether the list has this element.
    #[method(id = 0x02, retryable, partition = name)]
    fn contains(name: Str, value: Data) -> bool;

    /// Whether the list has all of these.
    #[method(id = 0x03, retryable, partition = name)]
    fn contains_all(name: Str, values: Vec<Data>) -> bool;

    /// Appends an element. The answer is always true.
    #[method(id = 0x04, partition = name)]
    fn add(name: Str, value: Data) -> bool;

    /// Removes the first element that is equal; false if there is none.
    #[method(id = 0x05, partition = name)]
    fn remove(name: Str, value: Data) -> bool;

    /// Appends elements; false if there were none to append.
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

    /// Returns all elements in order.
    #[method(id = 0x0a, retryable, partition = name)]
    fn get_all(name: Str) -> Vec<Data>;

    /// Listens to elements that come and go. Clients send it to no partition, as all listeners.
    #[method(id = 0x0b, partition = name, events(item = 2))]
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
    #[method(id = 0x0c, retryable, partition = name)]
    fn remove_listener(name: Str, registration_id: Uuid) -> bool;

    /// Whether there is no element.
    #[method(id = 0x0d, retryable, partition = name)]
    fn is_empty(name: Str) -> bool;

    /// Inserts elements before the one at `index`; false if there were none to insert.
    #[method(id = 0x0e, partition = name)]
    fn add_all_with_index(name: Str, index: i32, value_list: Vec<Data>) -> bool;

    /// Returns the element at `index`.
    #[method(id = 0x0f, retryable, partition = name)]
    fn get(name: Str, index: i32) -> Option<Data>;

    /// Replaces the element at `index` and returns the old one.
    #[method(id = 0x10, partition = name)]
    fn set(name: Str, index: i32, value: Data) -> Option<Data>;

    /// Inserts an element before the one at `index`.
    #[method(id = 0x11, partition = name)]
    fn add_with_index(name: Str, index: i32, value: Data);

    /// Removes the element at `index` and returns it.
    #[method(id = 0x12, partition = name)]
    fn remove_with_index(name: Str, index: i32) -> Option<Data>;

    /// Where the last equal element is, or -1.
    #[method(id = 0x13, retryable, partition = name)]
    fn last_index_of(name: Str, value: Data) -> i32;

    /// Where the first equal element is, or -1.
    #[method(id = 0x14, retryable, partition = name)]
    fn index_of(name: Str, value: Data) -> i32;

    /// Returns the elements from `from` to before `to`.
    #[method(id = 0x15, retryable, partition = name)]
    fn sub(name: Str, from: i32, to: i32) -> Vec<Data>;

    /// Returns all elements in order.
    #[method(id = 0x16, retryable, partition = name)]
    fn iterator(name: Str) -> Vec<Data>;

    /// Returns the elements from `index` on.
    #[method(id = 0x17, retryable, partition = name, response_id = 0x051601)]
    fn list_iterator(name: Str, index: i32) -> Vec<Data>;
}
