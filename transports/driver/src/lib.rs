//! What every adapter does and no runtime differs in.
//!
//! An engine of [`gridwire_core`] owns no socket, buffer or clock. This crate owns them for it, and
//! leaves to an adapter what only its runtime can do: [`Runtime`] (spawn, connect, accept, sleep) and
//! [`Socket`] (read, write, wait until ready). An adapter is those two traits and a few names.
//!
//! ```text
//!   Client ----+                                  keeper task: deadlines, opens, nudged flushes
//!   Invocation +--> Hub (one lock): engine, desk, links <--+
//!   Server ----+        |                         link task: one per connection, reads
//!                       +--> Socket: written by whoever holds the turn
//! ```
//!
//! The rules, and where they live:
//!
//! - A caller writes at once only if nothing is queued, no flush is pending and nothing else is in
//!   flight; else the reader flushes once after each batch of completions and one yield (`hub`,
//!   `tasks`).
//! - Sockets are read and written with the lock released, wakers run after it is released, and user
//!   code (writing values, opening answers) never runs under it.
//! - TLS stands between a link and its socket (`tls`): adapters and engines know nothing of it.
//! - Every byte the OS took is reported by `Sent` before `Closed` (`hub`).
//! - A call costs one entry in a table, and no task, box or channel.

mod client;
mod desk;
mod hub;
mod invocation;
mod link;
#[cfg(feature = "metrics")]
mod metrics;
mod runtime;
mod server;
mod setup;
mod state;
mod subscription;
mod tasks;
mod tls;

#[cfg(feature = "metrics")]
pub use self::metrics::record_metrics;
pub use client::{Client, not_started};
pub use invocation::Invocation;
pub use runtime::{READ_SPARE, Runtime, Socket, literal_address, read_spare};
pub use server::Server;
pub use setup::Setup;
pub use subscription::Subscription;
#[cfg(feature = "tls")]
pub use tls::{Identity, Tls};
