//! What members send: answers, errors and events, each to whom its correlation id names.

use alloc::boxed::Box;

use bytes::BytesMut;

use super::Client;
use super::connections::Stage;
use super::prerequisites::Prerequisite;
use crate::call::{ClientEvent, SubscriptionId};
use crate::correlation::Lookup;
use crate::endpoint::{ConnId, Severity};
use crate::hazelcast::Payload;
use crate::hazelcast::error::{Error, Refusal, Retry, Violation};
use crate::hazelcast::family::{Item, Outgoing, Registration};
use crate::hazelcast::message::client::{
    AddClusterViewListener, Authentication, AuthenticationCustom, AuthenticationCustomResponse,
    AuthenticationResponse, BackupEvent, CreateProxy, LocalBackupListener, MemberGroupsViewEvent,
    MembersViewEvent, PartitionsViewEvent, PingResponse, SendAllSchemas, SendSchema,
    StatisticsResponse,
};
use crate::hazelcast::raw::{ERROR, Message};
use crate::hazelcast::schema::{Method, Request};
use crate::hazelcast::session::{accepted, other_protocol, remote_error};
use crate::time::Instant;

/// What a correlation id waits for.
#[derive(Debug)]
pub(super) enum Pending {
    /// The answer to a request of a call, or backups after it.
    Call(Box<Outgoing>),
    Authentication {
        conn: ConnId,
        /// It was asked for by what isn't a name and a password.
        is_custom: bool,
    },
    /// The answer, and then views for as long as the connection lives.
    Views {
        conn: ConnId,
    },
    /// The answer, and then acknowledgements.
    Backups {
        conn: ConnId,
    },
    Prerequisite {
        conn: ConnId,
        what: Box<Prerequisite>,
    },
    /// All schemas, sent to a cluster that took another's place.
    Schemas {
        conn: ConnId,
    },
    /// The answer, and then events.
    Listener {
        conn: ConnId,
        id: SubscriptionId,
    },
    /// The answer to a registration that nobody wants any more.
    Orphan {
        conn: ConnId,
        registration: Box<Registration>,
    },
    /// An answer that says nothing.
    Unawaited {
        conn: ConnId,
    },
}

impl Pending {
    pub(super) fn conn(&self) -> ConnId {
        match self {
            Self::Call(outgoing) => outgoing.flight.conn,
            Self::Authentication { conn, .. }
            | Self::Views { conn }
            | Self::Backups { conn }
            | Self::Prerequisite { conn, .. }
            | Self::Schemas { conn }
            | Self::Listener { conn, .. }
            | Self::Orphan { conn, .. }
            | Self::Unawaited { conn } => *conn,
        }
    }

    /// The method that was called; `None` if it depends on a structure.
    fn method(&self) -> Option<&'static Method> {
        Some(match self {
            Self::Call(outgoing) => outgoing.method,
            Self::Authentication { is_custom: false, .. } => Authentication::METHOD,
            Self::Authentication { is_custom: true, .. } => AuthenticationCustom::METHOD,
            Self::Views { .. } => AddClusterViewListener::METHOD,
            Self::Backups { .. } => LocalBackupListener::METHOD,
            Self::Prerequisite { what, .. } => match **what {
                Prerequisite::Structure(_) => CreateProxy::METHOD,
                Prerequisite::Schema(_) => SendSchema::METHOD,
            },
            Self::Schemas { .. } => SendAllSchemas::METHOD,
            Self::Listener { .. } | Self::Orphan { .. } | Self::Unawaited { .. } => return None,
        })
    }
}

/// What an answer is for, once it is known to be one.
enum Wanted {
    Call,
    Authentication,
    Views,
    Backups,
    Prerequisite,
    Schemas,
    Listener(SubscriptionId),
    Orphan,
    Unawaited,
}

impl Client {
    pub(super) fn handle_received(&mut self, now: Instant, conn: ConnId, data: &mut BytesMut) {
        let before = data.len();
        self.take_messages(now, conn, data);
        self.metrics.bytes_in += before.saturating_sub(data.len()) as u64;
    }

    fn take_messages(&mut self, now: Instant, conn: ConnId, data: &mut BytesMut) {
        match self.links.get_mut(conn) {
            Some(state) => state.heart.on_read(now),
            None => return,
        }
        loop {
            if self.links.is_full() {
                return self.links.retry(conn);
            }
            let Some(state) = self.links.get_mut(conn) else { return };
            if state.stage == Stage::ExpectAuthentication
                && let Some(found) = other_protocol(data)
            {
                return self.fault(now, conn, &Error::Violation(Violation::Protocol(found)));
            }
            let handled = match state.inbound.next(now, data) {
                Ok(Some(message)) => self.handle_message(now, conn, message),
                Ok(None) => return,
                Err(error) => Err(error),
            };
            if let Err(error) = handled {
                return self.fault(now, conn, &error);
            }
            self.pump(now);
        }
    }

    /// Takes one message. An error is the peer's fault and ends the connection.
    fn handle_message(
        &mut self,
        now: Instant,
        conn: ConnId,
        message: Message,
    ) -> Result<(), Error> {
        let signed = message.correlation_id();
        let id = signed.cast_unsigned();
        let pending = match self.pending.get_mut(id) {
            Lookup::Found(pending) => pending,
            // The call ended before, or its listener did.
            Lookup::Late => {
                self.count_late(&message);
                return Ok(());
            }
            Lookup::Violation => return Err(Error::Violation(Violation::UnknownId(signed))),
        };
        if pending.conn() != conn {
            let other = "an answer on another connection than its request";
            return Err(Error::Violation(Violation::Other(other)));
        }
        if matches!(pending, Pending::Call(_)) && !message.is_event() {
            return self.handle_answer(now, id, message);
        }
        let wanted = match pending {
            Pending::Call(_) => Wanted::Call,
            Pending::Authentication { .. } => Wanted::Authentication,
            Pending::Views { .. } => Wanted::Views,
            Pending::Backups { .. } => Wanted::Backups,
            Pending::Prerequisite { .. } => Wanted::Prerequisite,
            Pending::Schemas { .. } => Wanted::Schemas,
            Pending::Listener { id, .. } => Wanted::Listener(*id),
            Pending::Orphan { .. } => Wanted::Orphan,
            Pending::Unawaited { .. } => Wanted::Unawaited,
        };
        let method = pending.method();
        if message.is_event() {
            return self.handle_event(now, conn, &wanted, message);
        }
        if let Some(method) = method
            && message.message_type() != ERROR
            && message.message_type() != method.response_id
        {
            return Err(answer_type(method, &message));
        }
        match wanted {
            // Its answer was taken above.
            Wanted::Call => Ok(()),
            Wanted::Authentication => {
                self.pending.take(id);
                self.handle_authentication(now, conn, &message)
            }
            Wanted::Views => {
                refused_listener(&message)?;
                if let Some(view) = self.context.view.as_mut().filter(|view| view.conn == conn) {
                    view.is_registered = true;
                }
                self.handle_views(now);
                Ok(())
            }
            Wanted::Backups => {
                // A member that won't report is no fault: requests just go without the flag.
                let is_taken = message.message_type() != ERROR;
                if let Some(state) = self.links.get_mut(conn) {
                    state.reports_backups = is_taken;
                }
                self.refresh_backup_flag();
                Ok(())
            }
            Wanted::Prerequisite => self.handle_prepared(now, id, &message),
            Wanted::Schemas => self.handle_restored(now, id, &message),
            Wanted::Listener(subscription) => {
                self.handle_registered(now, conn, id, subscription, &message)
            }
            Wanted::Unawaited => {
                self.pending.take(id);
                Ok(())
            }
            Wanted::Orphan => {
                if let Lookup::Found(Pending::Orphan { registration, .. }) = self.pending.take(id)
                    && message.message_type() != ERROR
                    && let Ok(uuid) = (registration.read_id)(&message)
                {
                    self.remove_registration(now, conn, &registration, uuid);
                }
                Ok(())
            }
        }
    }

    /// Counts what nobody waits for any more; for some answers nobody ever did.
    fn count_late(&mut self, message: &Message) {
        if message.is_event() {
            self.metrics.events_received += 1;
        } else if !matches!(message.message_type(), PingResponse::ID | StatisticsResponse::ID) {
            self.metrics.late_answers += 1;
        }
    }

    fn handle_event(
        &mut self,
        now: Instant,
        conn: ConnId,
        wanted: &Wanted,
        message: Message,
    ) -> Result<(), Error> {
        match (wanted, message.message_type()) {
            (Wanted::Listener(id), _) => {
                self.metrics.events_received += 1;
                if let Some(result) = self.follow(now, conn, *id, &message) {
                    return result;
                }
                self.metrics.events_delivered += 1;
                self.links.event(ClientEvent::Item(*id, Item::Event { conn, message }));
            }
            (Wanted::Views, MembersViewEvent::ID) => {
                let (view, _) = MembersViewEvent::decode(&message)?;
                let before = self.context.members.clone();
                if self.context.apply_members(conn, view.version, view.member_infos) {
                    self.tell_of_members(&before);
                    self.handle_views(now);
                }
            }
            (Wanted::Views, PartitionsViewEvent::ID) => {
                let (view, _) = PartitionsViewEvent::decode(&message)?;
                self.context.apply_partitions(conn, view.version, &view.partitions);
            }
            (Wanted::Views, MemberGroupsViewEvent::ID) => {
                let (view, _) = MemberGroupsViewEvent::decode(&message)?;
                if self.context.apply_groups(view.version, view.member_groups) {
                    self.handle_views(now);
                }
            }
            (Wanted::Backups, BackupEvent::ID) => {
                let (event, _) = BackupEvent::decode(&message)?;
                self.handle_backup(now, event.source_invocation_correlation_id.cast_unsigned());
            }
            // Members of later versions send events that this side doesn't know.
            (_, other) => {
                let text = format_args!("event {other:#08x} ignored");
                self.note(Severity::Debug, Some(conn), text);
            }
        }
        Ok(())
    }

    fn handle_authentication(
        &mut self,
        now: Instant,
        conn: ConnId,
        message: &Message,
    ) -> Result<(), Error> {
        if message.message_type() != ERROR {
            let answer = if message.message_type() == AuthenticationCustomResponse::ID {
                AuthenticationCustomResponse::decode(message)?.0.into()
            } else {
                AuthenticationResponse::decode(message)?.0
            };
            match accepted(answer) {
                Ok(accepted) => self.handle_accepted(now, conn, accepted),
                Err(refusal) => self.handle_refused(now, conn, refusal),
            }
            return Ok(());
        }
        let error = remote_error(message)?;
        if error.code.retry() == Retry::Always {
            self.authenticate_later(now, conn);
        } else {
            self.handle_refused(now, conn, Refusal::Remote(error.into()));
        }
        Ok(())
    }
}

/// A member that won't show the cluster is of no use.
fn refused_listener(message: &Message) -> Result<(), Error> {
    if message.message_type() == ERROR {
        return Err(Error::Remote(remote_error(message)?.into()));
    }
    Ok(())
}

pub(super) fn answer_type(method: &'static Method, message: &Message) -> Error {
    let (expected, found) = (method.response_id, message.message_type());
    Error::Violation(Violation::AnswerType { method: method.name, expected, found })
}
