//! The maps of a member: `store` keeps entries, `locks` keeps keys locked, `requests` answers, `waiting`
//! has requests wait for locks, `changes` makes changes and tells those who listen, `near_cache` those who cache; `queries`,
//! `processors` and `journal` answer what they are called after.

mod changes;
mod journal;
mod locks;
mod near_cache;
mod processors;
mod queries;
mod requests;
mod store;
mod waiting;

pub(super) use changes::MAPS;
pub(super) use near_cache::Batches;
pub use processors::{Processor, Processors};
pub(super) use store::{EntryState, MapStore};
pub(super) use waiting::Waiting;
