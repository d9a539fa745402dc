//! Subscriptions: a registration on each member's connection, made again where one was lost.
//!
//! A subscription keeps its id for as long as it lives. Each of its registrations has a correlation
//! id of its own, under which that connection's events come; when a registration is given up, so is
//! the id, and what still comes under it is dropped.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::time::Duration;

use super::cluster::Routing;
use super::connections::Conn;
use super::followers::Followed;
use super::inbox::Pending;
use super::watches::Watch;
use super::{Alarm, Client};
use crate::call::SubscriptionId;
use crate::calls::RequestId;
use crate::correlation::Lookup;
use crate::endpoint::{ConnId, Severity};
use crate::hazelcast::Uuid;
use crate::hazelcast::error::{Error, Retry};
use crate::hazelcast::family::{Answer, Registration, Source};
use crate::hazelcast::raw::{ERROR, Message};
use crate::hazelcast::session::remote_error;
use crate::time::Instant;

/// Pause before a registration that failed is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// The end of a registration that nobody waits for.
const UNSUBSCRIBED: Error = Error::Misuse("unsubscribed before it was registered");

/// One subscription.
#[derive(Debug)]
pub(super) enum Subscription {
    Members(Listener),
    Watch(Watch),
}

/// A subscription to events of members.
#[derive(Debug)]
pub(super) struct Listener {
    pub(super) registration: Registration,
    /// The request that ends when it is registered.
    request: Option<RequestId>,
    /// Connections that come are registered on from here on.
    has_begun: bool,
    /// Connections that were being opened when it began.
    joining: Vec<ConnId>,
    on: Vec<Registered>,
    /// What takes its events, instead of a reader.
    pub(super) followed: Option<Followed>,
}

#[derive(Debug)]
struct Registered {
    conn: ConnId,
    correlation: u64,
    /// As the member answered.
    uuid: Option<Uuid>,
}

impl Subscription {
    pub(super) fn new(source: Source) -> Result<Self, Error> {
        let registration = match source {
            Source::Members(registration) => registration,
            Source::Lifecycle => return Ok(Self::Watch(Watch::Lifecycle)),
            Source::Membership => return Ok(Self::Watch(Watch::Membership)),
            Source::Kept(number) => return Ok(Self::Watch(Watch::Kept(number))),
            Source::Fail(error) => return Err(error),
        };
        Ok(Self::to(registration, None))
    }

    pub(super) fn to(registration: Registration, followed: Option<Followed>) -> Self {
        let (request, has_begun, joining, on) = (None, false, Vec::new(), Vec::new());
        Self::Members(Listener { registration, request, has_begun, joining, on, followed })
    }

    pub(super) fn listener(&self) -> Option<&Listener> {
        match self {
            Self::Members(listener) => Some(listener),
            Self::Watch(_) => None,
        }
    }

    fn listener_mut(&mut self) -> Option<&mut Listener> {
        match self {
            Self::Members(listener) => Some(listener),
            Self::Watch(_) => None,
        }
    }
}

impl Client {
    /// Begins a subscription: on every connection, or on the one that there is.
    pub(super) fn register(&mut self, now: Instant, request: RequestId, id: SubscriptionId) {
        let Some(subscription) =
            self.subscriptions.get_mut(id.0).and_then(Subscription::listener_mut)
        else {
            // It ended while its structure was created.
            return self.fail(now, request, UNSUBSCRIBED);
        };
        subscription.request = Some(request);
        subscription.has_begun = true;
        if self.config.routing == Routing::AllMembers {
            let joining = self.links.iter().filter(|(_, conn)| conn.is_joining());
            subscription.joining = joining.map(|(conn, _)| conn).collect();
        }
        for conn in self.ready.clone() {
            self.register_on(now, id, conn);
        }
        self.settle(now, id);
    }

    /// Registers what is subscribed on a new connection.
    pub(super) fn register_all_on(&mut self, now: Instant, conn: ConnId) {
        for key in self.subscriptions.keys() {
            if self
                .subscriptions
                .get(key)
                .and_then(Subscription::listener)
                .is_some_and(|s| s.has_begun)
            {
                self.register_on(now, SubscriptionId(key), conn);
            }
        }
    }

    pub(super) fn register_on(&mut self, now: Instant, id: SubscriptionId, conn: ConnId) {
        let Some(subscription) =
            self.subscriptions.get_mut(id.0).and_then(Subscription::listener_mut)
        else {
            return;
        };
        // Where not every member has a connection, one of them reports for all.
        let is_everywhere = self.config.routing == Routing::AllMembers;
        let is_there = subscription.on.iter().any(|on| !is_everywhere || on.conn == conn);
        if is_there || !self.ready.contains(&conn) {
            return;
        }
        let add = (subscription.registration.add)(is_everywhere);
        let Some(message) = add.into_message() else { return };
        let correlation = self.pending.insert(Pending::Listener { conn, id });
        subscription.on.push(Registered { conn, correlation, uuid: None });
        self.send_encoded(now, conn, message, correlation);
    }

    /// A member answered a registration.
    pub(super) fn handle_registered(
        &mut self,
        now: Instant,
        conn: ConnId,
        correlation: u64,
        id: SubscriptionId,
        message: &Message,
    ) -> Result<(), Error> {
        let Some(subscription) =
            self.subscriptions.get_mut(id.0).and_then(Subscription::listener_mut)
        else {
            return Ok(());
        };
        let Some(on) = subscription.on.iter_mut().find(|on| on.correlation == correlation) else {
            return Ok(());
        };
        if message.message_type() != ERROR {
            on.uuid = Some((subscription.registration.read_id)(message)?);
            if let Some(follower) = subscription.follower() {
                follower.registered(&mut self.context);
            }
            self.settle(now, id);
            return Ok(());
        }
        let error = remote_error(message)?;
        self.pending.take(correlation);
        subscription.on.retain(|on| on.correlation != correlation);
        if error.code.retry() != Retry::Never {
            self.alarms.set(now + PAUSE, Alarm::Register(id, conn));
            return Ok(());
        }
        match subscription.request.take() {
            Some(request) => {
                self.fail(now, request, Error::Remote(error.into()));
                self.end_subscription(now, id);
            }
            None => {
                let text = format_args!("a listener was not registered: {error}");
                self.note(Severity::Warn, Some(conn), text);
            }
        }
        Ok(())
    }

    /// Ends the request of a subscription that every connection has answered. It waits for connections
    /// too that were being opened to members when it began: what happens on such a member would be
    /// missed. Later ones would keep it waiting for as long as a member is listed and not there.
    fn settle(&mut self, now: Instant, id: SubscriptionId) {
        let Some(subscription) =
            self.subscriptions.get_mut(id.0).and_then(Subscription::listener_mut)
        else {
            return;
        };
        if subscription.request.is_none() {
            return;
        }
        let links = &self.links;
        subscription.joining.retain(|conn| links.get(*conn).is_some_and(Conn::is_joining));
        let is_registered =
            !subscription.on.is_empty() && subscription.on.iter().all(|on| on.uuid.is_some());
        if is_registered
            && subscription.joining.is_empty()
            && let Some(request) = subscription.request.take()
        {
            self.forget(request);
            // Members have it: a call that took it, and nobody waits for, is to be undone.
            self.calls.sent(request);
            self.calls.answered(now, request, Ok(Answer::Done), &mut self.context);
        }
    }

    /// A connection is gone that subscriptions may have waited for.
    pub(super) fn settle_all(&mut self, now: Instant) {
        for key in self.subscriptions.keys() {
            self.settle(now, SubscriptionId(key));
        }
    }

    /// A connection is gone, and what was registered on it.
    pub(super) fn registration_lost(&mut self, now: Instant, id: SubscriptionId, conn: ConnId) {
        if let Some(subscription) =
            self.subscriptions.get_mut(id.0).and_then(Subscription::listener_mut)
        {
            subscription.on.retain(|on| on.conn != conn);
            if let Some(follower) = subscription.follower() {
                follower.lost(&mut self.context);
            }
        }
        if let Some(other) = self.ready.first().copied() {
            self.register_on(now, id, other);
        }
        self.settle(now, id);
    }

    /// Ends a subscription; no event of it comes after.
    pub(super) fn end_subscription(&mut self, now: Instant, id: SubscriptionId) {
        let Some(Subscription::Members(subscription)) = self.subscriptions.remove(id.0) else {
            return;
        };
        if let Some(request) = subscription.request {
            self.fail(now, request, UNSUBSCRIBED);
        }
        for Registered { conn, correlation, uuid } in subscription.on {
            if let Some(uuid) = uuid {
                self.pending.take(correlation);
                self.remove_registration(now, conn, &subscription.registration, uuid);
            } else if let Lookup::Found(pending) = self.pending.get_mut(correlation) {
                let registration = subscription.registration.clone();
                *pending = Pending::Orphan { conn, registration: Box::new(registration) };
            }
        }
    }

    pub(super) fn remove_registration(
        &mut self,
        now: Instant,
        conn: ConnId,
        registration: &Registration,
        uuid: Uuid,
    ) {
        if let Some(message) = (registration.remove)(uuid).into_message() {
            // Whatever the member answers: no event will be asked for.
            let id = self.pending.insert(Pending::Unawaited { conn });
            self.send_encoded(now, conn, message, id);
        }
    }
}
