//! What a request needs in the cluster before it is sent: its structure, and the schemas of its
//! records.
//!
//! ```text
//!   dispatch --missing--> Asked(requests) --answer--> Done --> dispatch
//!                            ^      |
//!                            +------+ not all members have the schema yet: again after a pause
//! ```
//!
//! A cluster that took the place of another has none of it. Structures are created again at once, and
//! schemas are sent before any request is.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::config::SHORTEST;
use super::inbox::Pending;
use super::invocations::Invocation;
use super::{Alarm, Client};
use crate::Str;
use crate::calls::RequestId;
use crate::correlation::Lookup;
use crate::endpoint::{ConnId, Severity};
use crate::hazelcast::Payload;
use crate::hazelcast::error::{Error, Retry, SerializationError};
use crate::hazelcast::family::Structure;
use crate::hazelcast::message::client::{
    CreateProxies, CreateProxy, SendAllSchemas, SendSchema, SendSchemaResponse,
};
use crate::hazelcast::raw::{ERROR, Message};
use crate::hazelcast::serialization::compact::{Schema, Schemas};
use crate::hazelcast::session::remote_error;
use crate::rng::{KeyedHash, Map};
use crate::time::Instant;
use crate::timers::TimerId;

/// How often a schema is sent before it is given up that not all members have it.
const SCHEMA_TRIES: u32 = 100;

/// Schemas that are remembered as being everywhere. Above that all are forgotten, and sent again.
const MAX_SCHEMAS: usize = 16_384;

/// Something that a request needs first.
#[derive(Debug, Clone)]
pub(super) enum Prerequisite {
    Structure(Structure),
    Schema(Arc<Schema>),
}

/// How far a prerequisite is.
#[derive(Debug)]
pub(super) enum Progress {
    /// It was asked for; these requests wait.
    Asked {
        waiting: Vec<RequestId>,
        tries: u32,
        retry: Option<TimerId>,
    },
    Done,
}

/// What the cluster has, and what it was asked to have.
#[derive(Debug)]
pub(super) struct Prerequisites {
    structures: Map<Structure, Progress>,
    schemas: Map<i64, Progress>,
    /// The structure that was last found to be done: hardly any client alternates between many.
    recent: Option<Arc<Structure>>,
    restore: Restore,
}

/// Whether all schemas are to be sent before the client counts as connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Restore {
    No,
    Owed,
    Sent(ConnId),
}

impl Prerequisites {
    pub(super) fn new(hash: KeyedHash) -> Self {
        let (structures, schemas) = (Map::with_hasher(hash), Map::with_hasher(hash));
        Self { structures, schemas, recent: None, restore: Restore::No }
    }

    pub(super) fn clear(&mut self) {
        self.structures.clear();
        self.schemas.clear();
        self.recent = None;
        self.restore = Restore::No;
    }

    /// The first that isn't done.
    pub(super) fn missing(
        &mut self,
        structure: Option<&Arc<Structure>>,
        schemas: Option<&Schemas>,
    ) -> Option<Prerequisite> {
        let is_done = |progress: Option<&Progress>| matches!(progress, Some(Progress::Done));
        if let Some(structure) = structure
            && !self.recent.as_ref().is_some_and(|recent| Arc::ptr_eq(recent, structure))
        {
            if !is_done(self.structures.get(&**structure)) {
                return Some(Prerequisite::Structure(Structure::clone(structure)));
            }
            self.recent = Some(Arc::clone(structure));
        }
        let missing = schemas?.iter().find(|schema| !is_done(self.schemas.get(&schema.id())));
        missing.map(|schema| Prerequisite::Schema(Arc::clone(schema)))
    }

    /// Whether requests have to wait until the cluster has all schemas.
    pub(super) fn is_restoring(&self) -> bool {
        self.restore != Restore::No
    }

    /// Whether all schemas were sent on this connection and not yet taken.
    pub(super) fn is_restoring_on(&self, conn: ConnId) -> bool {
        self.restore == Restore::Sent(conn)
    }

    fn get_mut(&mut self, what: &Prerequisite) -> Option<&mut Progress> {
        match what {
            Prerequisite::Structure(structure) => self.structures.get_mut(structure),
            Prerequisite::Schema(schema) => self.schemas.get_mut(&schema.id()),
        }
    }

    fn insert(&mut self, what: &Prerequisite, progress: Progress) {
        self.recent = None;
        match what {
            Prerequisite::Structure(structure) => {
                self.structures.insert(structure.clone(), progress);
            }
            Prerequisite::Schema(schema) => {
                if self.schemas.len() >= MAX_SCHEMAS {
                    self.schemas.retain(|_, progress| matches!(progress, Progress::Asked { .. }));
                }
                self.schemas.insert(schema.id(), progress);
            }
        }
    }

    /// Forgets one, and says who waits for it.
    fn take(&mut self, what: &Prerequisite) -> Vec<RequestId> {
        self.recent = None;
        let progress = match what {
            Prerequisite::Structure(structure) => self.structures.remove(structure),
            Prerequisite::Schema(schema) => self.schemas.remove(&schema.id()),
        };
        match progress {
            Some(Progress::Asked { waiting, .. }) => waiting,
            _ => Vec::new(),
        }
    }
}

impl Client {
    /// Has a request wait until what it needs is there.
    pub(super) fn prepare(&mut self, now: Instant, what: Prerequisite, invocation: Invocation) {
        let request = invocation.request();
        if let Some(Progress::Asked { waiting, .. }) = self.prerequisites.get_mut(&what) {
            waiting.push(request);
            return self.keep(invocation);
        }
        if self.ready.is_empty() {
            return self.park(now, invocation);
        }
        if let Prerequisite::Schema(schema) = &what {
            self.codec.schemas().keep(schema);
        }
        self.keep(invocation);
        let waiting = Vec::from([request]);
        self.prerequisites.insert(&what, Progress::Asked { waiting, tries: 0, retry: None });
        self.ask(now, what);
    }

    fn ask(&mut self, now: Instant, what: Prerequisite) {
        let conn = match &what {
            Prerequisite::Structure(_) => self.ready.first(),
            // A member that can't reach all others needn't be asked each time.
            Prerequisite::Schema(_) => self.context.rng.choose(&self.ready),
        };
        let Some(conn) = conn.copied() else { return self.prerequisite_lost(now, &what) };
        let id = self.pending.insert(Pending::Prerequisite { conn, what: Box::new(what.clone()) });
        match what {
            Prerequisite::Structure(structure) => {
                let service_name = Str::from_static(structure.service);
                self.send_own(now, conn, &CreateProxy { name: structure.name, service_name }, id);
            }
            Prerequisite::Schema(schema) => {
                self.send_own(now, conn, &SendSchema { schema: schema.to_message() }, id);
            }
        }
    }

    pub(super) fn handle_prepared(
        &mut self,
        now: Instant,
        id: u64,
        message: &Message,
    ) -> Result<(), Error> {
        let Lookup::Found(Pending::Prerequisite { what, .. }) = self.pending.take(id) else {
            return Ok(());
        };
        if message.message_type() == ERROR {
            let error = remote_error(message)?;
            match &*what {
                _ if error.code.retry() == Retry::Never => {
                    let error = Error::Remote(error.into());
                    for request in self.prerequisites.take(&what) {
                        self.fail(now, request, error.clone());
                    }
                }
                Prerequisite::Structure(_) => {
                    for request in self.prerequisites.take(&what) {
                        self.retry_waiting(now, request);
                    }
                }
                Prerequisite::Schema(schema) => self.send_schema_later(now, schema),
            }
            return Ok(());
        }
        if let Prerequisite::Schema(schema) = &*what {
            let (answer, _) = SendSchemaResponse::decode(message)?;
            let has = |member| answer.replicated_members.contains(member);
            if !self.context.members.iter().all(|member| has(&member.uuid)) {
                self.send_schema_later(now, schema);
                return Ok(());
            }
        }
        let waiting = self.prerequisites.take(&what);
        self.prerequisites.insert(&what, Progress::Done);
        for request in waiting {
            self.resume(now, request);
        }
        Ok(())
    }

    /// Not all members have a schema: it is sent again, for those who still wait for it.
    fn send_schema_later(&mut self, now: Instant, schema: &Arc<Schema>) {
        let what = Prerequisite::Schema(Arc::clone(schema));
        let pause = self.config.invocation_retry_pause.max(SHORTEST);
        let Some(Progress::Asked { tries, retry, .. }) = self.prerequisites.get_mut(&what) else {
            return;
        };
        *tries += 1;
        if *tries < SCHEMA_TRIES {
            *retry = Some(self.alarms.set(now + pause, Alarm::Schema(Arc::clone(schema))));
            return;
        }
        for request in self.prerequisites.take(&what) {
            self.fail(now, request, SerializationError::NotReplicated(schema.id()));
        }
    }

    pub(super) fn send_schema_again(&mut self, now: Instant, schema: Arc<Schema>) {
        let what = Prerequisite::Schema(schema);
        let Some(Progress::Asked { waiting, retry, .. }) = self.prerequisites.get_mut(&what) else {
            return;
        };
        *retry = None;
        let invocations = &self.invocations;
        waiting.retain(|request| invocations.contains_key(request));
        if waiting.is_empty() {
            self.prerequisites.take(&what);
        } else {
            self.ask(now, what);
        }
    }

    /// It isn't known whether it was done: whoever needs it asks again.
    pub(super) fn prerequisite_lost(&mut self, now: Instant, what: &Prerequisite) {
        for request in self.prerequisites.take(what) {
            self.resume(now, request);
        }
    }

    /// The cluster is another one: what was used before is created there too, and nothing is known
    /// of its schemas.
    pub(super) fn begin_anew(&mut self, now: Instant, conn: ConnId) {
        let mut proxies: Vec<_> = self
            .prerequisites
            .structures
            .iter()
            .filter(|(_, progress)| matches!(progress, Progress::Done))
            .map(|(structure, _)| (structure.name.clone(), Str::from_static(structure.service)))
            .collect();
        proxies.sort();
        if !proxies.is_empty() {
            let id = self.pending.insert(Pending::Unawaited { conn });
            self.send_own(now, conn, &CreateProxies { proxies }, id);
        }
        let mut waiting = Vec::new();
        for (_, progress) in self.prerequisites.schemas.drain() {
            if let Progress::Asked { waiting: these, retry, .. } = progress {
                waiting.extend(these);
                if let Some(retry) = retry {
                    self.alarms.cancel(retry);
                }
            }
        }
        waiting.sort_unstable();
        self.prerequisites.restore = Restore::Owed;
        for request in waiting {
            self.resume(now, request);
        }
    }

    /// Sends all schemas, if the cluster is owed them. Requests wait until it has them.
    pub(super) fn restore_schemas(&mut self, now: Instant, conn: ConnId) {
        if self.prerequisites.restore != Restore::Owed {
            return;
        }
        let schemas = self.codec.schemas().all();
        if schemas.is_empty() {
            self.prerequisites.restore = Restore::No;
            return;
        }
        self.prerequisites.restore = Restore::Sent(conn);
        let id = self.pending.insert(Pending::Schemas { conn });
        let schemas = schemas.iter().map(|schema| schema.to_message()).collect();
        self.send_own(now, conn, &SendAllSchemas { schemas }, id);
    }

    pub(super) fn handle_restored(
        &mut self,
        now: Instant,
        id: u64,
        message: &Message,
    ) -> Result<(), Error> {
        let Lookup::Found(Pending::Schemas { conn }) = self.pending.take(id) else {
            return Ok(());
        };
        if message.message_type() == ERROR {
            // Each is sent again before it is needed.
            let error = remote_error(message)?;
            let text = format_args!("the cluster did not take the schemas: {error}");
            self.note(Severity::Warn, Some(conn), text);
        }
        self.prerequisites.restore = Restore::No;
        self.handle_views(now);
        Ok(())
    }

    /// The connection that all schemas were sent on is gone.
    pub(super) fn restoring_lost(&mut self, conn: ConnId) {
        if self.prerequisites.is_restoring_on(conn) {
            self.prerequisites.restore = Restore::Owed;
        }
    }
}
