//! The declared messages, one module per service, and the tables that find them by id.
//!
//! Each service is a trait under [`gridwire_derive::service`] that reads like its definition: what a
//! change of the protocol changes there is the whole difference. `map::Put` is a request,
//! `map::PutResponse` its answer, `map::EntryEvent` an event; all are plain structs with public
//! fields that implement [`Payload`](super::Payload).
//!
//! ```text
//! #[service(id = 0x01)]
//! pub trait Map {
//!     #[method(id = 0x01, partition = key)]                     // flags: retryable, long_running,
//!     fn put(name: Str, key: Data, …) -> Option<Data>;          //        acquires_resource
//!
//!     #[method(id = 0x19, events(entry = 2))]                   // message type 0x011902
//!     fn add_entry_listener(name: Str, …) -> Uuid;
//!     #[event]                                                  // declared once, sent by several
//!     fn entry(key: Option<Data>, …);
//!
//!     #[method(id = 0x09, partition = key)]
//!     fn delete(name: Str, key: Data, thread_id: i64);
//!     #[response]                                               // several fields, or newer ones
//!     fn delete(#[since("2.7")] response: bool);
//! }
//! ```
//!
//! Parameters take `#[since("2.8")]`, with `default = …` for what an older sender left out;
//! `#[secret]`, which keeps them out of `Debug`; and `#[lenient]`, for what is null at times though
//! the definition says that it never is.
//!
//! Partition rules: `key`, `name`, `task_name`, `xid` (each by the field of that name, by another
//! one: `key(path.to.field)`, or by none that is sent: `name(_)`), `partition_id`, `any_key`,
//! `sequence`, `random`, `none`. An answer whose id isn't the request's plus one says
//! `response_id = 0x051601`.

pub mod atomic_long;
pub mod atomic_ref;
pub mod cache;
pub mod cardinality_estimator;
pub mod client;
pub mod continuous_query;
pub mod count_down_latch;
pub mod cp_group;
pub mod cp_map;
pub mod cp_session;
pub mod cp_subsystem;
pub mod custom;
pub mod durable_executor;
pub mod dynamic_config;
pub mod error;
pub mod executor_service;
pub mod experimental;
pub mod fenced_lock;
pub mod flake_id_generator;
pub mod jet;
pub mod list;
pub mod map;
pub mod mc;
pub mod multi_map;
pub mod pn_counter;
pub mod queue;
pub mod replicated_map;
pub mod ringbuffer;
pub mod scheduled_executor;
pub mod semaphore;
pub mod set;
pub mod sql;
pub mod sql_page;
pub mod topic;
pub mod transaction;
pub mod transactional_list;
pub mod transactional_map;
pub mod transactional_multi_map;
pub mod transactional_queue;
pub mod transactional_set;
pub mod vector_collection;
pub mod xa_transaction;

use super::print::Printer;
use super::schema::{MessageSchema, Method, Service};

/// The tables of all services, ordered by the services' ids. A service is a line here and a module
/// above.
macro_rules! services {
    ($($module:ident,)*) => {
        /// Every service, ordered by id.
        pub static SERVICES: &[&Service] = &[$(&$module::SERVICE),*];

        static PRINTERS: &[&[Printer]] = &[error::PRINTERS, $($module::PRINTERS),*];

        static SCHEMAS: &[&[MessageSchema]] = &[error::SCHEMAS, $($module::SCHEMAS),*];
    };
}

services! {
    client,
    map,
    multi_map,
    queue,
    topic,
    list,
    set,
    fenced_lock,
    executor_service,
    atomic_long,
    atomic_ref,
    count_down_latch,
    semaphore,
    replicated_map,
    transactional_map,
    transactional_multi_map,
    transactional_set,
    transactional_list,
    transactional_queue,
    cache,
    xa_transaction,
    transaction,
    continuous_query,
    ringbuffer,
    durable_executor,
    cardinality_estimator,
    scheduled_executor,
    dynamic_config,
    flake_id_generator,
    pn_counter,
    cp_group,
    cp_session,
    mc,
    sql,
    cp_subsystem,
    cp_map,
    vector_collection,
    experimental,
    jet,
}

/// The method that a request's message type names.
pub fn method(request: u32) -> Option<&'static Method> {
    let [_, service, ..] = request.to_be_bytes();
    let at = SERVICES.binary_search_by_key(&service, |service| service.id).ok()?;
    let methods = SERVICES.get(at)?.methods;
    methods.get(methods.binary_search_by_key(&request, |method| method.id).ok()?)
}

/// The decoder that prints messages of this type. Links every decoder there is.
pub fn printer(message_type: u32) -> Option<&'static Printer> {
    printers().find(|printer| printer.id == message_type)
}

/// All decoders that print, one per message type.
pub fn printers() -> impl Iterator<Item = &'static Printer> {
    PRINTERS.iter().copied().flatten()
}

/// The fields of every message.
pub fn schemas() -> impl Iterator<Item = &'static MessageSchema> {
    SCHEMAS.iter().copied().flatten()
}
