//! [`Follower`]: state on the caller's side that the engine keeps up to date by members' events, so
//! that reading it needs nobody who polls a stream: caches of what members keep.
//!
//! ```text
//!   handle ---Arc---> state <---Weak--- engine <--- events of its registration
//!                       |
//!                       +--- Wish: items for those who listen to it, calls of its own
//! ```
//!
//! It begins with [`Operation::follow`], as a step of the call that makes the state, and ends with
//! [`Operation::unfollow`], or when the state is gone. In between the engine registers on connections
//! that come, as it does for every listener.

use alloc::boxed::Box;
use alloc::sync::Weak;
use core::fmt;

use super::Uuid;
use super::client::Context;
use super::error::Error;
use super::family::{Hazelcast, Item, Kind, Operation, Registration};
use super::raw::Message;
use crate::call::Plan;

/// State that follows the events of a registration. It is called by the engine, with its lock held,
/// and calls no code of the user's.
pub(crate) trait Follower: fmt::Debug + Send + Sync {
    /// An event came. `from` is the member, unless one connection reports for all of them. An error is
    /// the member's fault, and ends the connection.
    fn event(
        &self,
        from: Option<Uuid>,
        message: &Message,
        context: &mut Context,
    ) -> Result<(), Error>;

    /// The listener is registered on a connection: what happened there before was not heard.
    fn registered(&self, context: &mut Context);

    /// A connection is gone that it was registered on: what happens from here on is not heard.
    fn lost(&self, context: &mut Context);
}

/// Who follows which registration.
#[derive(Debug)]
pub(crate) struct Follow {
    /// By which it is ended; no other of this client has it.
    pub(crate) number: i64,
    pub(crate) follower: Weak<dyn Follower>,
    pub(crate) registration: Registration,
}

impl Operation {
    /// Registers a follower. Answered when it is registered on every member. If the call is given up
    /// before, so is this.
    pub(crate) fn follow(
        number: i64,
        follower: Weak<dyn Follower>,
        registration: Registration,
    ) -> Self {
        Self(Kind::Follow(Box::new(Follow { number, follower, registration })))
    }

    /// Ends the registrations of a follower. Answered at once.
    pub(crate) const fn unfollow(number: i64) -> Self {
        Self(Kind::Unfollow(number))
    }
}

/// What steps and followers want of the engine, beside requests.
#[derive(Debug)]
pub(crate) enum Wish {
    /// Give this item to those who listen to the state of this number.
    Tell(i64, Item),
    /// The state of this number is gone: end what listens to it.
    End(i64),
    /// Run a call that nobody waits for.
    Run(Plan<Hazelcast>),
}
