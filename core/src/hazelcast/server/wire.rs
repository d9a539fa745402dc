//! Messages off the connections, and onto them.

use alloc::string::ToString;
use core::time::Duration;

use bytes::BytesMut;

use super::{Asking, Conn, Disturbance, Due, Member, MemberEvent, Stage};
use crate::Str;
use crate::endpoint::{Cause, Chunks, ConnId, Note, Severity, Shutdown};
use crate::hazelcast::error::{Error, ErrorCode};
use crate::hazelcast::frame::flags;
use crate::hazelcast::raw::{Encoded, Message};
use crate::hazelcast::session::{error_message, take_prelude};
use crate::hazelcast::{Payload, Version};
use crate::time::Instant;

impl Member {
    pub(super) fn handle_received(&mut self, now: Instant, conn: ConnId, data: &mut BytesMut) {
        loop {
            if self.links.is_full() {
                return self.links.retry(conn);
            }
            let Some(state) = self.links.get_mut(conn) else { return };
            if !self.slots.get(state.slot).is_some_and(super::Slot::is_running) {
                // It takes nothing now. When it goes on, it asks for what is here.
                return;
            }
            let handled = if state.stage == Stage::ExpectPrelude {
                match take_prelude(data) {
                    Ok(true) => {
                        state.stage = Stage::ExpectAuthentication;
                        Ok(())
                    }
                    Ok(false) => return,
                    Err(error) => Err(error),
                }
            } else {
                match state.inbound.next(now, data) {
                    Ok(Some(message)) => self.handle_message(now, conn, &message),
                    Ok(None) => {
                        // A client that doesn't read gets no more to read.
                        if !self.links.has_room(conn) {
                            self.links.pause(conn);
                        }
                        return;
                    }
                    Err(error) => Err(error),
                }
            };
            if let Err(error) = handled {
                return self.close(conn, Cause::from(&error));
            }
            // Who waited for what this message unlocked comes before the next message.
            self.unlock_due(now);
            if !self.links.has_room(conn) {
                return self.links.pause(conn);
            }
        }
    }

    /// Takes one message off the wire. An error ends the connection.
    fn handle_message(
        &mut self,
        now: Instant,
        conn: ConnId,
        message: &Message,
    ) -> Result<(), Error> {
        match self.next_fault(conn, message) {
            Some(what) => self.disturb(now, conn, message, what),
            None => self.handle_request(now, conn, message),
        }
    }

    /// Takes one message. An error ends the connection.
    pub(super) fn handle_request(
        &mut self,
        now: Instant,
        conn: ConnId,
        message: &Message,
    ) -> Result<(), Error> {
        match self.answer(now, conn, message) {
            Err(Error::Malformed(malformed)) => {
                // The frames were whole, so the connection can live on, as a real member's does.
                let class = "java.lang.IllegalArgumentException";
                let text = Str::from(malformed.to_string());
                let id = message.correlation_id();
                self.refuse(conn, id, ErrorCode::ILLEGAL_ARGUMENT, class, text);
                Ok(())
            }
            other => other,
        }
    }

    /// Notes which request is being answered.
    pub(super) fn ask(&mut self, conn: ConnId, message: &Message) {
        let client = self.links.get(conn).map_or(super::Uuid::NIL, |state| state.client);
        let is_aware = message.flags() & flags::IS_BACKUP_AWARE != 0;
        let backup_aware = is_aware && message.partition_id() >= 0;
        self.asking = Asking { client, backup_aware };
    }

    /// A client's time to say who it is was up.
    pub(super) fn handle_unintroduced(&mut self, now: Instant, conn: ConnId) {
        let Some(state) = self.links.get_mut(conn) else { return };
        let slot = state.slot;
        if self.slots.get(slot).is_some_and(super::Slot::is_running) {
            return self.close(conn, Cause::TimedOut);
        }
        // Whoever takes nothing has no right to be impatient.
        state.deadline = None;
        if let Some(slot) = self.slots.get_mut(slot) {
            slot.overdue.push(conn);
        }
        let _ = now;
    }

    pub(super) fn wait_for_introduction(&mut self, now: Instant, conn: ConnId) {
        let at = now + self.config.authentication_timeout;
        let Some(state) = self.links.get_mut(conn) else { return };
        if state.stage != Stage::Ready && state.deadline.is_none() {
            state.deadline = Some(self.timers.set(at, Due::Introduction(conn)));
        }
    }

    pub(super) fn close(&mut self, conn: ConnId, cause: Cause) {
        if let Some(ended) = self.links.close(conn, Shutdown::Flush(Duration::from_secs(1))) {
            self.gone(conn, ended.state, cause);
        }
    }

    pub(super) fn close_now(&mut self, conn: ConnId, cause: Cause) {
        if let Some(ended) = self.links.close(conn, Shutdown::Now) {
            self.gone(conn, ended.state, cause);
        }
    }

    pub(super) fn gone(&mut self, conn: ConnId, state: Conn, cause: Cause) {
        if let Some(deadline) = state.deadline {
            self.timers.cancel(deadline);
        }
        self.listeners.retain(|_, listener| listener.conn != conn);
        self.parked.retain(|(of, _)| *of != conn);
        self.handle_gone(conn, state.client);
        self.links.event(if state.stage == Stage::Ready {
            MemberEvent::ClientDisconnected { conn, cause }
        } else {
            MemberEvent::Note(Note::new(
                Severity::Info,
                Some(conn),
                format_args!("a connection ended before its client was known: {cause}"),
            ))
        });
    }

    /// Answers a request, when its backups have what it changed if its client doesn't see to that.
    pub(super) fn respond<M: Payload>(&mut self, conn: ConnId, id: i64, body: &M) {
        body.encode(Version::NEWEST, &mut self.writer);
        let mut message = self.writer.finish();
        message.set_correlation_id(id);
        match self.spoil {
            Some(Disturbance::DropAnswer) => return self.replicate_quietly(),
            Some(Disturbance::AnswerTo(away)) => message.set_correlation_id(id.wrapping_add(away)),
            _ => {}
        }
        let touched = core::mem::take(&mut self.touched);
        if !touched.is_empty() {
            return self.respond_with_backups(conn, id, message, touched);
        }
        self.deliver(conn, message.into_chunks());
    }

    /// Answers a request with an error.
    pub(super) fn refuse(
        &mut self,
        conn: ConnId,
        id: i64,
        code: ErrorCode,
        class: &'static str,
        text: Str,
    ) {
        self.respond(conn, id, &error_message(code, class, text));
    }

    /// An event for the listener that a request registered.
    pub(super) fn event<M: Payload>(&mut self, id: i64, message_type: u32, body: &M) -> Encoded {
        body.encode_as(message_type, Version::NEWEST, &mut self.writer);
        let mut message = self.writer.finish();
        message.set_correlation_id(id);
        message.add_flags(flags::IS_EVENT);
        message
    }

    /// Sends an event to the listener that a request registered.
    pub(super) fn notify<M: Payload>(
        &mut self,
        conn: ConnId,
        id: i64,
        message_type: u32,
        body: &M,
    ) {
        let message = self.event(id, message_type, body);
        self.deliver_event(conn, message);
    }

    pub(super) fn deliver_event(&mut self, conn: ConnId, message: Encoded) {
        self.deliver(conn, message.into_chunks());
        // Others' changes can't be held back for one client that doesn't read.
        let Some(slot) = self.links.get(conn).map(|state| state.slot) else { return };
        let waiting = self.slots.get(slot).map_or(0, |slot| slot.outbox_bytes);
        if self.links.unsent(conn).saturating_add(waiting) > self.config.max_unsent {
            self.close_now(conn, Cause::Other("the client does not read its events".into()));
        }
    }

    /// Sends a message, once its member goes on if it is silent.
    pub(super) fn deliver(&mut self, conn: ConnId, message: Chunks) {
        let Some(slot) = self.links.get(conn).map(|state| state.slot) else { return };
        match self.slots.get_mut(slot) {
            Some(slot) if !slot.is_running() => slot.hold(conn, message),
            _ => {
                self.links.send(conn, message);
            }
        }
    }
}
