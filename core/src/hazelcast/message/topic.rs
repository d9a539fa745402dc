//! Messages to everyone who listens.

use alloc::vec::Vec;

use gridwire_derive::service;

use crate::Str;
use crate::hazelcast::{Data, Uuid};

/// Messages to everyone who listens at that moment.
#[service(id = 0x04)]
pub trait Topic {
    /// Sends a message to all listeners.
    #[method(id = 0x01, partition = name)]
    fn publish(name: Str, message: Data);

    /// Listens to messages.
    #[method(id = 0x02, events(topic = 2))]
    fn add_message_listener(name: Str, local_only: bool) -> Uuid;

    /// A message.
    #[event]
    fn topic(
        item: Data,
        /// Milliseconds of UNIX time, by the member's clock.
        publish_time: i64,
        /// The member that it was sent through.
        uuid: Uuid,
    );

    /// Ends [`AddMessageListener`]; false if it had ended already.
    #[method(id = 0x03, retryable)]
    fn remove_message_listener(name: Str, registration_id: Uuid) -> bool;

    /// Sends messages to all listeners, in this order.
    #[method(id = 0x04, since = "2.1", partition = name)]
    fn publish_all(name: Str, messages: Vec<Data>);
}
