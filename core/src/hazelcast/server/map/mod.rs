//! The maps of a member: `store` keeps entries, `locks` keeps keys locked, `requests` answers, `waiting`
//! has requests wait for locks, `changes` makes changes and tells those who listen.

mod changes;
mod locks;
mod requests;
mod store;
mod waiting;

pub(super) use changes::MAPS;
pub(super) use store::{EntryState, MapStore};
pub(super) use waiting::Waiting;
