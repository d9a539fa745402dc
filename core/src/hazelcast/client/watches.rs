//! Subscriptions to the client itself: its life, and the members that it knows.
//!
//! They need no member, so they begin at once, connected or not, with how things stand.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::Client;
use super::listeners::Subscription;
use crate::call::{ClientEvent, Lifecycle, SubscriptionId};
use crate::calls::RequestId;
use crate::hazelcast::family::{Answer, Item, MembershipEvent};
use crate::hazelcast::message::custom::MemberInfo;
use crate::time::Instant;

/// What is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Watch {
    Lifecycle,
    Membership,
    /// State that this client keeps, by its number.
    Kept(i64),
}

impl Client {
    /// Begins a watch, if the subscription is one.
    pub(super) fn begin_watch(
        &mut self,
        now: Instant,
        request: RequestId,
        id: SubscriptionId,
    ) -> bool {
        let Some(Subscription::Watch(watch)) = self.subscriptions.get(id.0) else { return false };
        let first = match watch {
            Watch::Lifecycle => Some(Item::Lifecycle(self.life)),
            Watch::Membership => {
                let members = self.context.members.clone();
                Some(Item::Membership(Box::new(MembershipEvent::Initial(members))))
            }
            Watch::Kept(_) => None,
        };
        if let Some(item) = first {
            self.links.event(ClientEvent::Item(id, item));
        }
        self.calls.answered(now, request, Ok(Answer::Done), &mut self.context);
        true
    }

    /// The client's life took a turn.
    pub(super) fn lifecycle(&mut self, state: Lifecycle) {
        self.life = state;
        self.links.event(ClientEvent::Lifecycle(state));
        self.tell(Watch::Lifecycle, || Item::Lifecycle(state));
    }

    /// The list of members changed from what it was.
    pub(super) fn tell_of_members(&mut self, before: &[MemberInfo]) {
        let after = self.context.members.clone();
        let lacks = |list: &[MemberInfo], member: &MemberInfo| {
            !list.iter().any(|other| other.uuid == member.uuid)
        };
        for member in before.iter().filter(|member| lacks(&after, member)) {
            let event = Box::new(MembershipEvent::Removed(member.clone()));
            self.tell(Watch::Membership, || Item::Membership(event.clone()));
        }
        for member in after.iter().filter(|member| lacks(before, member)) {
            let event = Box::new(MembershipEvent::Added(member.clone()));
            self.tell(Watch::Membership, || Item::Membership(event.clone()));
        }
    }

    pub(super) fn tell(&mut self, what: Watch, item: impl Fn() -> Item) {
        let Self { subscriptions, links, .. } = self;
        for (key, subscription) in subscriptions.iter() {
            if subscription.watches(what) {
                links.event(ClientEvent::Item(SubscriptionId(key), item()));
            }
        }
    }

    /// Ends what watches something that is gone.
    pub(super) fn end_watches(&mut self, what: Watch) {
        let watching = self.subscriptions.iter().filter(|(_, it)| it.watches(what));
        let watching: Vec<_> = watching.map(|(key, _)| key).collect();
        for key in watching {
            self.subscriptions.remove(key);
            self.links.event(ClientEvent::Ended(SubscriptionId(key), Ok(())));
        }
    }
}

impl Subscription {
    fn watches(&self, what: Watch) -> bool {
        matches!(self, Self::Watch(watch) if *watch == what)
    }
}
