//! Acknowledgements of backups, which members send to the client itself.
//!
//! A write is answered by the owner of its partition at once, with the number of members that are
//! still to apply the backup. Each of those reports by itself, on its own connection, and often before
//! the answer is here. The call ends when all have, or when they had time enough.

use alloc::collections::VecDeque;

use super::Client;
use super::cluster::Routing;
use super::inbox::Pending;
use super::invocations::{Body, Flight};
use crate::call::Failure;
use crate::correlation::Lookup;
use crate::endpoint::{Cause, ConnId};
use crate::hazelcast::family::Answer;
use crate::hazelcast::message::client::LocalBackupListener;
use crate::hazelcast::raw::Message;
use crate::time::Instant;

/// Until when answered requests wait. All wait equally long, so the first is the first to end; one
/// whose backups came in time stays until those before it have ended, and is not found later.
#[derive(Debug, Default)]
pub(super) struct Acknowledgements {
    waiting: VecDeque<(Instant, u64)>,
}

impl Acknowledgements {
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.waiting.front().map(|(at, _)| *at)
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }
}

impl Client {
    /// Asks a member to report.
    pub(super) fn listen_for_backups(&mut self, now: Instant, conn: ConnId) {
        if self.config.backup_ack_to_client && self.config.routing == Routing::AllMembers {
            let id = self.pending.insert(Pending::Backups { conn });
            self.send_own(now, conn, &LocalBackupListener {}, id);
        }
    }

    /// Members may report to this client only if it listens to each of them: a report that isn't
    /// heard would hold a call up for nothing.
    pub(super) fn refresh_backup_flag(&mut self) {
        let is_heard = |conn: &ConnId| self.links.get(*conn).is_some_and(|c| c.reports_backups);
        let is_aware = !self.ready.is_empty()
            && self.context.members.len() == self.ready.len()
            && self.ready.iter().all(is_heard);
        self.is_backup_aware = is_aware;
    }

    /// An answer is here, and backups are not.
    pub(super) fn await_backups(&mut self, now: Instant, id: u64, message: Message) {
        if let Lookup::Found(Pending::Call(outgoing)) = self.pending.get_mut(id) {
            outgoing.body = Body::Answered(message);
            let until = now + self.config.backup_ack_timeout;
            self.acknowledgements.waiting.push_back((until, id));
        }
    }

    /// How many acknowledgements a request has, and wants; `None` if it doesn't wait for any.
    fn acknowledged(&mut self, id: u64) -> Option<(u8, u8)> {
        let Lookup::Found(Pending::Call(outgoing)) = self.pending.get_mut(id) else { return None };
        let Body::Answered(message) = &outgoing.body else { return None };
        Some((outgoing.flight.backups, message.backup_acks()))
    }

    /// Ends a request that waited for acknowledgements. Without all of them it was carried out, and it
    /// isn't known whether each backup was: by `cause`. If its owner goes, nobody may have it now.
    pub(super) fn end_awaiting(
        &mut self,
        now: Instant,
        Flight { request, conn, .. }: Flight,
        message: Message,
        cause: Option<&Cause>,
    ) {
        self.metrics.backups_missed += u64::from(cause.is_some());
        let end = match cause {
            Some(cause) if self.config.fail_on_indeterminate_operation_state => {
                Err(Failure::Indeterminate(cause.clone()).into())
            }
            _ => Ok(Answer::Message { conn, message }),
        };
        self.calls.answered(now, request, end, &mut self.context);
    }

    fn end_awaiting_of(&mut self, now: Instant, id: u64, cause: Option<&Cause>) {
        let Some(outgoing) = self.take_out(id) else { return };
        if let Body::Answered(message) = outgoing.body {
            self.end_awaiting(now, outgoing.flight, message, cause);
        }
    }

    /// A member has applied a backup of the request with this id.
    pub(super) fn handle_backup(&mut self, now: Instant, id: u64) {
        // The request may have ended before: that is no fault.
        let Lookup::Found(Pending::Call(outgoing)) = self.pending.get_mut(id) else { return };
        outgoing.flight.backups = outgoing.flight.backups.saturating_add(1);
        if self.acknowledged(id).is_some_and(|(has, wants)| wants <= has) {
            self.end_awaiting_of(now, id, None);
            // Those at the front that have ended would only wake the engine for nothing.
            while let Some((_, first)) = self.acknowledgements.waiting.front().copied()
                && self.acknowledged(first).is_none()
            {
                self.acknowledgements.waiting.pop_front();
            }
        }
    }

    /// Ends requests whose backups were not reported in time.
    pub(super) fn give_up_acknowledgements(&mut self, now: Instant) {
        while self.acknowledgements.deadline().is_some_and(|at| at <= now) {
            let Some((_, id)) = self.acknowledgements.waiting.pop_front() else { return };
            if self.acknowledged(id).is_some() {
                let cause = Cause::Other("not all backups were reported in time".into());
                self.end_awaiting_of(now, id, Some(&cause));
            }
        }
    }
}
