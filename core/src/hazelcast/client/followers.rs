//! Registrations whose events go to state on the caller's side: see [`Follower`].

use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;

use super::Client;
use super::cluster::Routing;
use super::connections::Conn;
use super::listeners::{Listener, Subscription};
use super::watches::Watch;
use crate::call::SubscriptionId;
use crate::calls::RequestId;
use crate::endpoint::ConnId;
use crate::hazelcast::error::Error;
use crate::hazelcast::family::Answer;
use crate::hazelcast::follower::{Follow, Follower, Wish};
use crate::hazelcast::raw::Message;
use crate::time::Instant;

/// What takes a registration's events, and the number that ends it.
#[derive(Debug)]
pub(super) struct Followed {
    number: i64,
    follower: Weak<dyn Follower>,
}

impl Listener {
    /// What takes its events; nothing if its reader does, or if it is gone.
    pub(super) fn follower(&self) -> Option<Arc<dyn Follower>> {
        self.followed.as_ref()?.follower.upgrade()
    }
}

impl Client {
    /// Makes a subscription of what is to be followed. It is registered next.
    pub(super) fn begin_to_follow(&mut self, follow: Follow) -> SubscriptionId {
        let Follow { number, follower, registration } = follow;
        let subscription = Subscription::to(registration, Some(Followed { number, follower }));
        SubscriptionId(self.subscriptions.insert(subscription))
    }

    /// Ends what is followed under a number.
    pub(super) fn unfollow(&mut self, now: Instant, request: RequestId, number: i64) {
        let is_it = |followed: &Followed| followed.number == number;
        for id in self.followed(is_it) {
            self.end_subscription(now, id);
        }
        self.calls.answered(now, request, Ok(Answer::Done), &mut self.context);
    }

    /// Gives an event to the state that follows it, and ends the subscription if that is gone. `None` if
    /// nothing follows it, so that its reader takes it.
    pub(super) fn follow(
        &mut self,
        now: Instant,
        conn: ConnId,
        id: SubscriptionId,
        message: &Message,
    ) -> Option<Result<(), Error>> {
        let listener = self.subscriptions.get(id.0)?.listener()?;
        listener.followed.as_ref()?;
        let Some(follower) = listener.follower() else {
            self.end_subscription(now, id);
            return Some(Ok(()));
        };
        let is_everywhere = self.config.routing == Routing::AllMembers;
        let member = self.links.get(conn).and_then(Conn::member).filter(|_| is_everywhere);
        Some(follower.event(member, message, &mut self.context))
    }

    /// No event comes any more.
    pub(super) fn lose_all_followers(&mut self) {
        for id in self.followed(|_| true) {
            let listener = self.subscriptions.get(id.0).and_then(Subscription::listener);
            if let Some(follower) = listener.and_then(Listener::follower) {
                follower.lost(&mut self.context);
            }
        }
    }

    /// Does what steps and followers want done.
    pub(super) fn grant(&mut self, now: Instant, wish: Wish) {
        match wish {
            Wish::Tell(number, item) => self.tell(Watch::Kept(number), || item.clone()),
            Wish::End(number) => self.end_watches(Watch::Kept(number)),
            Wish::Run(plan) => {
                self.calls.errand(now, plan, &mut self.context);
            }
        }
    }

    fn followed(&self, is_it: impl Fn(&Followed) -> bool) -> Vec<SubscriptionId> {
        let listener = |id: &SubscriptionId| self.subscriptions.get(id.0)?.listener();
        let is_it = |id: &SubscriptionId| {
            listener(id).and_then(|listener| listener.followed.as_ref()).is_some_and(&is_it)
        };
        self.subscriptions.keys().into_iter().map(SubscriptionId).filter(is_it).collect()
    }
}
