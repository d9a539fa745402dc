//! gridwire on mio: clients as handles that block, and embedded peers. No async runtime is needed.
//!
//! Whoever waits drives: a thread that calls [`Invocation::wait`] polls the sockets itself, so a call
//! costs no switch of threads. Many calls from one thread go out together if they are sent first:
//!
//! ```ignore
//! let calls: Vec<_> = keys.iter().map(|key| map.get(key).send()).collect();
//! for call in calls { println!("{:?}", call.wait()?); }
//! ```
//!
//! An [`Invocation`] is a future too, and a [`Subscription`] a stream: code that is generic over the
//! runtime can await them under any executor. They are then completed by the background thread, which
//! drives while nobody waits.

mod blocking;
mod reactor;
mod seat;
mod socket;

pub use blocking::{Client, Invocation, Server, Subscription};
pub use gridwire_core as core;
pub use gridwire_driver as driver;
pub use reactor::Sleep;
pub use seat::Mio;
pub use socket::{Listener, TcpSocket};
