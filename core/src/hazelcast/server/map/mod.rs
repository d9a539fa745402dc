//! The maps of a member: `store` keeps entries, `locks` keeps keys locked, `requests` answers, `waiting`
//! has requests wait for locks, `changes` makes changes and tells those who listen, `near_cache` those who cache.

mod changes;
mod locks;
mod near_cache;
mod requests;
mod store;
mod waiting;

pub(super) use changes::MAPS;
pub(super) use near_cache::Batches;
pub(super) use store::{EntryState, MapStore};
pub(super) use waiting::Waiting;
