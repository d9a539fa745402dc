//! The distributed queue, kept whole in one partition.

use alloc::vec::Vec;

use gridwire_derive::service;

use crate::Str;
use crate::hazelcast::{Data, Uuid};

/// The distributed queue. Elements are compared by their bytes; times are in milliseconds.
#[service(id = 0x03)]
pub trait Queue {
    /// Appends an element, waiting for room at most so long, 0 not at all; false if there is none.
    #[method(id = 0x01, long_running, partition = name)]
    fn offer(name: Str, value: Data, timeout_millis: i64) -> bool;

    /// Appends an element, waiting for room as long as it takes.
    #[method(id = 0x02, long_running, partition = name)]
    fn put(name: Str, value: Data);

    /// How many elements there are.
    #[method(id = 0x03, partition = name)]
    fn size(name: Str) -> i32;

    /// Removes the first element that is equal; false if there is none.
    #[method(id = 0x04, partition = name)]
    fn remove(name: Str, value: Data) -> bool;

    /// Removes the head and returns it, waiting at most so long, 0 not at all; null if there is
    /// none.
    #[method(id = 0x05, acquires_resource, long_running, partition = name)]
    fn poll(name: Str, timeout_millis: i64) -> Option<Data>;

    /// Removes the head and returns it, waiting as long as it takes.
    #[method(id = 0x06, acquires_resource, long_running, partition = name)]
    fn take(name: Str) -> Option<Data>;

    /// Returns the head and leaves it there; null if there is none.
    #[method(id = 0x07, partition = name)]
    fn peek(name: Str) -> Option<Data>;

    /// Returns all elements in order.
    #[method(id = 0x08, partition = name)]
    fn iterator(name: Str) -> Vec<Data>;

    /// Removes all elements and returns them.
    #[method(id = 0x09, acquires_resource, partition = name)]
    fn drain_to(name: Str) -> Vec<Data>;

    /// Removes at most so many elements and returns them; -1 is all.
    #[method(id = 0x0a, acquires_resource, partition = name)]
    fn drain_to_max_size(name: Str, max_size: i32) -> Vec<Data>;

    /// Whether the queue has this element.
    #[method(id = 0x0b, partition = name)]
    fn contains(name: Str, value: Data) -> bool;

    /// Whether the queue has all of these.
    #[method(id = 0x0c, partition = name)]
    fn contains_all(name: Str, data_list: Vec<Data>) -> bool;

    /// Removes what is among these, and says whether anything was.
    #[method(id = 0x0d, partition = name)]
    fn compare_and_remove_all(name: Str, data_list: Vec<Data>) -> bool;

    /// Removes what is not among these, and says whether anything was.
    #[method(id = 0x0e, partition = name)]
    fn compare_and_retain_all(name: Str, data_list: Vec<Data>) -> bool;

    /// Removes all elements.
    #[method(id = 0x0f, partition = name)]
    fn clear(name: Str);

    /// Appends elements, and says whether the queue changed.
    #[method(id = 0x10, partition = name)]
    fn add_all(name: Str, data_list: Vec<Data>) -> bool;

    /// Listens to elements that come and go.
    #[method(id = 0x11, events(item = 2))]
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
    #[method(id = 0x12, retryable)]
    fn remove_listener(name: Str, registration_id: Uuid) -> bool;

    /// How much room there is; `i32::MAX` if there is no bound.
    #[method(id = 0x13, partition = name)]
    fn remaining_capacity(name: Str) -> i32;

    /// Whether there is no element.
    #[method(id = 0x14, partition = name)]
    fn is_empty(name: Str) -> bool;
}
