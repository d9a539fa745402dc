//! Acknowledgements of backups, which members send to the client itself.
//!
//! A write is answered by the owner of its partition at once, with the number of members that are
//! still to apply the backup. Each of those reports by itself, on its own connection, and often before
//! the answer is here. The call ends when all have, or when they had time enough.

use alloc::collections::VecDeque;

use super::Client;
use super::cluster::Routing;
use super::inbox::Pending;
use crate::call::Failure;
use crate::correlation::Lookup;
use crate::endpoint::{Cause, ConnId};
use crate::hazelcast::frame::flags;
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
        self.backup_flag = if is_aware { flags::IS_BACKUP_AWARE } else { 0 };
    }

    /// An answer is here, and backups are not.
    pub(super) fn await_backups(&mut self, now: Instant, id: u64, message: Message) {
        if let Lookup::Found(Pending::Call(sent)) = self.pending.get_mut(id) {
            sent.answer = Some(message);
            let until = now + self.config.backup_ack_timeout;
            self.acknowledgements.waiting.push_back((until, id));
        }
    }

    /// A member has applied a backup of the request with this id.
    pub(super) fn handle_backup(&mut self, now: Instant, id: u64) {
        // The request may have ended before: that is no fault.
        let Lookup::Found(Pending::Call(sent)) = self.pending.get_mut(id) else { return };
        sent.backups = sent.backups.saturating_add(1);
        if let Some(message) = sent.answer.take_if(|answer| answer.backup_acks() <= sent.backups) {
            self.complete(now, id, message);
            // Those at the front that have ended would only wake the engine for nothing.
            while let Some((_, first)) = self.acknowledgements.waiting.front() {
                match self.pending.get_mut(*first) {
                    Lookup::Found(Pending::Call(sent)) if sent.answer.is_some() => break,
                    _ => self.acknowledgements.waiting.pop_front(),
                };
            }
        }
    }

    /// Ends requests whose backups were not reported in time. They were carried out; what is not
    /// known is whether each backup was.
    pub(super) fn give_up_acknowledgements(&mut self, now: Instant) {
        while self.acknowledgements.deadline().is_some_and(|at| at <= now) {
            let Some((_, id)) = self.acknowledgements.waiting.pop_front() else { return };
            if let Lookup::Found(Pending::Call(sent)) = self.pending.get_mut(id)
                && let Some(message) = sent.answer.take()
            {
                self.metrics.backups_missed += 1;
                if self.config.fail_on_indeterminate_operation_state {
                    let request = sent.request;
                    let cause = Cause::Other("not all backups were reported in time".into());
                    self.fail(now, request, Failure::Indeterminate(cause));
                } else {
                    self.complete(now, id, message);
                }
            }
        }
    }
}
