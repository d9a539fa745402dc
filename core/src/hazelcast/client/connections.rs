//! A client's connections: which to open, who is let in, and what their end means.

use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use bytes::Bytes;

use super::cluster::{Cluster, Credentials, Reconnect, Routing};
use super::context::View;
use super::inbox::Pending;
use super::{Alarm, Client};
use crate::Str;
use crate::call::{Failure, Lifecycle};
use crate::endpoint::{Cause, ConnId, Peer, Severity, Shutdown, Target};
use crate::hazelcast::error::{Error, Refusal, Refused};
use crate::hazelcast::frame::PRELUDE;
use crate::hazelcast::message::client::{
    AddClusterViewListener, Authentication, AuthenticationCustom, Ping,
};
use crate::hazelcast::session::{Accepted, Inbound, SERIALIZATION_VERSION};
use crate::hazelcast::wire::ByteArray;
use crate::hazelcast::{Encoded, FrameWriter, Payload, Uuid, Version};
use crate::heartbeat::{Heartbeat, Pulse};
use crate::links::Ended;
use crate::time::Instant;
use crate::timers::TimerId;
use core::net::SocketAddr;
use core::time::Duration;

/// The three letters by which members know this kind of client.
pub(super) const CLIENT_TYPE: &str = "GWR";

/// Pause before members without a connection are tried again.
const MEMBERS_PAUSE: Duration = Duration::from_secs(1);

/// What each target gets at least, however little time the client has to connect.
const MOMENT: Duration = Duration::from_secs(1);

/// The most connections that a list of members can make a client open.
const MAX_CONNECTIONS: usize = 4096;

/// One connection.
#[derive(Debug)]
pub(super) struct Conn {
    pub(super) target: Target,
    pub(super) stage: Stage,
    pub(super) inbound: Inbound,
    pub(super) heart: Heartbeat,
    /// Its deadline, or its next heartbeat.
    alarm: Option<TimerId>,
    /// The member that it was opened for; `None` if any would do.
    wanted: Option<Uuid>,
    attempts: u32,
    /// Acknowledgements of backups come on it.
    pub(super) reports_backups: bool,
    /// The address of this end, and the UNIX time at which the member let the client in.
    pub(super) local: Option<SocketAddr>,
    pub(super) connected_at: Duration,
}

/// How far a connection has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Opening,
    ExpectAuthentication,
    Ready(Uuid),
}

impl Conn {
    /// The member at the other end, once it has let the client in.
    pub(super) fn member(&self) -> Option<Uuid> {
        match self.stage {
            Stage::Ready(member) => Some(member),
            _ => None,
        }
    }

    /// It was opened to a member of the cluster, which has not let the client in yet.
    pub(super) fn is_joining(&self) -> bool {
        self.wanted.is_some() && self.member().is_none()
    }
}

impl Client {
    pub(super) fn open(&mut self, now: Instant, target: Target, wanted: Option<Uuid>) -> ConnId {
        let conn = self.links.open(
            target.clone(),
            Conn {
                target,
                stage: Stage::Opening,
                inbound: Inbound::new(self.config.max_message, self.config.fragments)
                    .with_patience(self.config.heartbeat_timeout),
                heart: Heartbeat::new(now),
                alarm: None,
                wanted,
                attempts: 0,
                reports_backups: false,
                local: None,
                connected_at: Duration::ZERO,
            },
        );
        let at = self.step_end(now, conn, self.config.connection_timeout);
        self.arm(conn, Some(at));
        conn
    }

    /// When a step towards being let in has taken too long: by its own time, or because the client gives
    /// up then. Even so late it gets a moment, as each target is to be tried.
    fn step_end(&self, now: Instant, conn: ConnId, time: Duration) -> Instant {
        let is_first = self.links.get(conn).is_some_and(|state| state.wanted.is_none());
        let end = self.round.backoff.end().filter(|_| is_first);
        end.map_or(now + time, |end| (now + time).min(end.max(now + MOMENT)))
    }

    /// Sets a connection's one alarm.
    fn arm(&mut self, conn: ConnId, at: Option<Instant>) {
        let Some(state) = self.links.get_mut(conn) else { return };
        if let Some(former) = state.alarm.take() {
            self.alarms.cancel(former);
        }
        state.alarm = at.map(|at| self.alarms.set(at, Alarm::Connection(conn)));
    }

    pub(super) fn handle_opened(&mut self, now: Instant, conn: ConnId, peer: &Peer) {
        let Some(state) = self.links.opened(conn) else { return };
        state.local = peer.local;
        state.stage = Stage::ExpectAuthentication;
        state.heart = Heartbeat::new(now);
        self.links.send_slice(conn, &PRELUDE);
        let at = self.step_end(now, conn, self.config.authentication_timeout);
        self.arm(conn, Some(at));
        self.authenticate(now, conn);
    }

    pub(super) fn authenticate(&mut self, now: Instant, conn: ConnId) {
        let Some(state) = self.links.get(conn) else { return };
        if state.stage != Stage::ExpectAuthentication {
            return;
        }
        let Cluster { name: cluster_name, credentials, .. } = self.active.clone();
        let (client_type, uuid) = (Str::from_static(CLIENT_TYPE), Some(self.context.client));
        let client_hazelcast_version = Str::from_static(env!("CARGO_PKG_VERSION"));
        let (client_name, labels) = (self.config.client_name.clone(), self.config.labels.clone());
        let (routing_mode, cp_direct_to_leader_routing) = (self.config.routing.code(), false);
        let serialization_version = SERIALIZATION_VERSION;
        let is_custom = matches!(credentials, Credentials::Token(_) | Credentials::Custom(_));
        let id = self.pending.insert(Pending::Authentication { conn, is_custom });
        let (username, password) = match credentials {
            Credentials::None => (None, None),
            Credentials::User { name, password } => {
                let password = String::from_utf8_lossy(password.expose()).into_owned();
                (Some(name), Some(Str::from(password)))
            }
            Credentials::Token(bytes) | Credentials::Custom(bytes) => {
                let request = AuthenticationCustom {
                    cluster_name,
                    credentials: ByteArray(Bytes::copy_from_slice(bytes.expose())),
                    uuid,
                    client_type,
                    serialization_version,
                    client_hazelcast_version,
                    client_name,
                    labels,
                    routing_mode,
                    cp_direct_to_leader_routing,
                };
                return self.send_own(now, conn, &request, id);
            }
        };
        let request = Authentication {
            cluster_name,
            username,
            password,
            uuid,
            client_type,
            serialization_version,
            client_hazelcast_version,
            client_name,
            labels,
            routing_mode,
            cp_direct_to_leader_routing,
        };
        self.send_own(now, conn, &request, id);
    }

    /// The member is still starting: it is asked again, soon at first, until its time is up.
    pub(super) fn authenticate_later(&mut self, now: Instant, conn: ConnId) {
        let Some(state) = self.links.get_mut(conn) else { return };
        let pause = Duration::from_millis(10 << state.attempts.min(6));
        state.attempts += 1;
        self.alarms.set(now + pause, Alarm::Authenticate(conn));
    }

    /// Sends a message of the engine's own.
    pub(super) fn send_own<M: Payload>(&mut self, now: Instant, conn: ConnId, body: &M, id: u64) {
        let mut writer = FrameWriter::new();
        body.encode(Version::NEWEST, &mut writer);
        self.send_encoded(now, conn, writer.finish(), id);
    }

    pub(super) fn send_encoded(
        &mut self,
        now: Instant,
        conn: ConnId,
        mut message: Encoded,
        id: u64,
    ) {
        let Some(state) = self.links.get_mut(conn) else { return };
        message.set_correlation_id(id.cast_signed());
        state.heart.on_write(now);
        self.links.send(conn, message.into_chunks());
    }

    /// A member let the client in.
    pub(super) fn handle_accepted(&mut self, now: Instant, conn: ConnId, accepted: Accepted) {
        let Accepted { member, cluster, partition_count, server_version, members, owners } =
            accepted;
        let known = self.context.cluster;
        let is_changed = known.is_some_and(|known| known != cluster);
        let expected = self.context.partition_count();
        if is_changed && !self.ready.is_empty() {
            return self.handle_refused(now, conn, Refusal::OtherCluster);
        }
        if known == Some(cluster) && expected != partition_count {
            let found = partition_count.cast_signed();
            return self.handle_refused(now, conn, Refusal::PartitionCount { expected, found });
        }
        if self.by_member.contains_key(&member) {
            // The same member by another address.
            return self.close(now, conn, Cause::Local);
        }
        let is_listed = self.context.members.iter().any(|listed| listed.uuid == member);
        let Some(state) = self.links.get_mut(conn) else { return };
        if state.wanted.is_some() && !is_listed {
            // One that the others gave up, or that has yet to join them. If it joins, they will list it;
            // if it is the other side of a split, what it is asked to keep would be lost.
            let cause = Cause::Other("a member that the cluster does not list".into());
            return self.close(now, conn, cause);
        }
        state.stage = Stage::Ready(member);
        state.connected_at = self.context.clock.unix();
        let target = state.target.clone();
        self.metrics.connections_opened += 1;
        self.by_member.insert(member, conn);
        self.ready.push(conn);
        if self.round.conn == Some(conn) {
            self.round.conn = None;
            self.round.targets.clear();
        }
        self.round.passes = 0;
        self.note(
            Severity::Info,
            Some(conn),
            format_args!("authenticated with member {member} ({server_version}) at {target}"),
        );
        self.check_connection(now, conn);
        if known.is_none() || is_changed {
            let before = core::mem::take(&mut self.context.members);
            self.context.enter(cluster, partition_count, &members, &owners);
            self.tell_of_members(&before);
        }
        if is_changed {
            self.metrics.cluster_changes += 1;
            self.lifecycle(Lifecycle::ChangedCluster);
            self.begin_anew(now, conn);
        }
        self.restore_schemas(now, conn);
        if self.context.view.is_none() {
            self.listen_for_views(now, conn);
        }
        self.listen_for_backups(now, conn);
        self.register_all_on(now, conn);
    }

    /// A member did not let the client in.
    pub(super) fn handle_refused(&mut self, now: Instant, conn: ConnId, refusal: Refusal) {
        let Some(by) = self.links.get(conn).map(|state| state.target.clone()) else { return };
        let refused = Refused { by, cluster: self.active.name.clone(), why: refusal };
        if self.round.conn == Some(conn) && self.refused(now, &refused) {
            return;
        }
        self.close(now, conn, Cause::Other(refused.why.to_string().into()));
    }

    fn listen_for_views(&mut self, now: Instant, conn: ConnId) {
        let view = View { conn, is_registered: false, members: None, partitions: None };
        self.context.view = Some(view);
        let id = self.pending.insert(Pending::Views { conn });
        self.send_own(now, conn, &AddClusterViewListener {}, id);
        let at = self.step_end(now, conn, self.config.authentication_timeout);
        self.alarms.set(at, Alarm::View(conn));
    }

    /// A member that lets the client in, but never shows the cluster, is of no use.
    pub(super) fn check_view(&mut self, now: Instant, conn: ConnId) {
        if self.context.view.is_some_and(|view| {
            view.conn == conn && !(view.is_registered && view.members.is_some())
        }) || self.prerequisites.is_restoring_on(conn)
        {
            self.close(now, conn, Cause::TimedOut);
        }
    }

    /// The views changed: the client may be connected now, and members may have come or gone.
    pub(super) fn handle_views(&mut self, now: Instant) {
        let is_complete = !self.prerequisites.is_restoring()
            && self.context.view.is_some_and(|view| view.is_registered && view.members.is_some());
        if !is_complete {
            return;
        }
        if !self.context.is_connected {
            self.context.is_connected = true;
            self.metrics.reconnects += u64::from(self.was_connected);
            self.was_connected = true;
            self.round.backoff.succeeded();
            self.lifecycle(Lifecycle::Connected);
            self.unpark(now);
            self.begin_statistics(now);
        }
        let listed: BTreeSet<_> = self.context.members.iter().map(|member| member.uuid).collect();
        let is_left = |uuid: &Uuid| !listed.contains(uuid) || !self.is_wanted(*uuid);
        let is_view = |conn| self.context.view.is_some_and(|view| view.conn == conn);
        let joining = self.links.iter().filter(|(_, state)| state.is_joining());
        let joining = joining.filter_map(|(conn, state)| Some((state.wanted?, conn)));
        let joined = self.by_member.iter().map(|(uuid, conn)| (*uuid, *conn));
        let gone: Vec<_> = joined
            .chain(joining)
            .filter(|(uuid, conn)| is_left(uuid) && !is_view(*conn))
            .map(|(_, conn)| conn)
            .collect();
        for conn in gone {
            self.close(now, conn, Cause::Other("the member left".into()));
        }
        self.refresh_backup_flag();
        self.connect_members(now);
    }

    /// Opens a connection to each member that has none.
    pub(super) fn connect_members(&mut self, now: Instant) {
        if self.config.routing == Routing::SingleMember || !self.context.is_connected {
            return;
        }
        let opening = self.links.iter().filter(|(_, conn)| conn.is_joining());
        let opening: BTreeSet<_> = opening.filter_map(|(_, conn)| conn.wanted).collect();
        let missing: Vec<_> = self
            .context
            .members
            .iter()
            .filter(|member| !self.by_member.contains_key(&member.uuid))
            .filter(|member| !opening.contains(&member.uuid))
            .filter(|member| self.is_wanted(member.uuid))
            .filter_map(|member| Some((self.target_of(member)?, member.uuid)))
            .collect();
        let room = MAX_CONNECTIONS.saturating_sub(self.links.len());
        for (target, uuid) in missing.into_iter().take(room) {
            self.open(now, target, Some(uuid));
        }
    }

    /// A connection's alarm: it took too long, or it is time to look after its heartbeat.
    pub(super) fn check_connection(&mut self, now: Instant, conn: ConnId) {
        let rules = self.config.heartbeat();
        let Some(state) = self.links.get_mut(conn) else { return };
        if !matches!(state.stage, Stage::Ready(_)) {
            return self.close(now, conn, Cause::TimedOut);
        }
        if state.inbound.is_overdue(now) {
            let unfinished = crate::fragment::FragmentError::Unfinished;
            return self.fault(now, conn, &Error::Violation(unfinished.into()));
        }
        match state.heart.check(now, &rules) {
            Pulse::Fine | Pulse::Idle => {}
            Pulse::Ping => {
                // Nobody waits for the answer: that anything comes is enough.
                self.metrics.heartbeats_sent += 1;
                let id = self.pending.skip();
                self.send_own(now, conn, &Ping {}, id);
            }
            Pulse::Dead => return self.close(now, conn, Cause::TimedOut),
        }
        let Some(state) = self.links.get(conn) else { return };
        let next = [state.heart.deadline(&rules), state.inbound.deadline()];
        self.arm(conn, next.into_iter().flatten().min());
    }

    pub(super) fn handle_sent(&mut self, conn: ConnId, bytes: usize) {
        if self.links.get(conn).is_some() {
            self.metrics.bytes_out += bytes as u64;
        }
        if self.links.sent(conn, bytes) {
            self.links.event(crate::call::ClientEvent::Room(conn));
        }
    }

    /// A peer broke the rules.
    pub(super) fn fault(&mut self, now: Instant, conn: ConnId, error: &Error) {
        self.close(now, conn, Cause::from(error));
    }

    /// Ends a connection from this side.
    pub(super) fn close(&mut self, now: Instant, conn: ConnId, cause: Cause) {
        if let Some(ended) = self.links.close(conn, Shutdown::Now) {
            self.lost(now, conn, ended, cause);
        }
    }

    /// What follows from the end of a connection.
    pub(super) fn lost(&mut self, now: Instant, conn: ConnId, ended: Ended<Conn>, cause: Cause) {
        let Ended { state, reached } = ended;
        if self.is_shut_down {
            return;
        }
        if let Some(alarm) = state.alarm {
            self.alarms.cancel(alarm);
        }
        self.metrics.connection_ended(state.member().is_some());
        let cause = explained(state.stage, cause);
        let severity = if cause == Cause::Local { Severity::Debug } else { Severity::Warn };
        self.note(severity, Some(conn), format_args!("connection to {}: {cause}", state.target));
        if let Stage::Ready(member) = state.stage {
            self.by_member.remove(&member);
            self.ready.retain(|ready| *ready != conn);
            self.refresh_backup_flag();
        }
        let failure = (state.target.clone(), cause.clone());
        if self.round.conn == Some(conn) {
            self.round.failed(failure);
        } else if cause != Cause::Local {
            self.round.cause = Cause::Targets([failure].into());
        }
        let is_last = self.ready.is_empty() && self.context.is_connected;
        if is_last {
            self.context.is_connected = false;
            self.lifecycle(Lifecycle::Disconnected);
            if self.config.reconnect == Reconnect::Off {
                return self.end(now, Err(Failure::NotConnected(cause).into()));
            }
        }
        if self.context.view.is_some_and(|view| view.conn == conn) {
            self.context.view = None;
            if let Some(next) = self.ready.first().copied() {
                self.listen_for_views(now, next);
            }
        }
        let ended = self.pending.take_if(|pending| pending.conn() == conn);
        for (_, pending) in ended {
            self.disconnected(now, pending, reached, &cause);
        }
        if let Some(next) = self.ready.first().copied() {
            self.restore_schemas(now, next);
        }
        if state.wanted.is_some() {
            self.settle_all(now);
        }
        if self.round.conn == Some(conn) {
            self.round.conn = None;
            self.try_next(now);
        } else if is_last {
            self.start_round(now);
        } else if !self.ready.is_empty() {
            self.alarms.set(now + MEMBERS_PAUSE, Alarm::Members);
        } else if self.round.conn.is_none() && !self.round.is_waiting {
            // It was let in, and lost before it had shown the cluster.
            self.try_next(now);
        }
    }
}

/// What the end of a connection means on which no member has let the client in: it is the only answer that
/// members of before 4.0, and servers of other protocols, give.
fn explained(stage: Stage, cause: Cause) -> Cause {
    let what = match (stage, &cause) {
        (Stage::ExpectAuthentication, Cause::Eof | Cause::Reset) => "before it let the client in",
        (Stage::ExpectAuthentication, Cause::TimedOut) => "waiting to be let in",
        _ => return cause,
    };
    let text = alloc::format!("{cause} {what}; a Hazelcast member of 4.0 or later was expected");
    Cause::Other(text.into())
}
