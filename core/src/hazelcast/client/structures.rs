//! Structures are created in the cluster before they are used the first time.

use alloc::vec::Vec;

use super::Client;
use super::inbox::Pending;
use crate::Str;
use crate::calls::RequestId;
use crate::correlation::Lookup;
use crate::endpoint::ConnId;
use crate::hazelcast::error::{Error, Retry};
use crate::hazelcast::family::Structure;
use crate::hazelcast::message::client::{CreateProxies, CreateProxy};
use crate::hazelcast::raw::{ERROR, Message};
use crate::hazelcast::session::remote_error;
use crate::time::Instant;

/// How far the creation of a structure is.
#[derive(Debug)]
pub(super) enum Creation {
    /// It was asked for; these requests wait.
    Asked(Vec<RequestId>),
    Done,
}

impl Creation {
    pub(super) fn is_done(&self) -> bool {
        matches!(self, Self::Done)
    }
}

impl Client {
    /// Has a request wait until its structure exists.
    pub(super) fn create_first(&mut self, now: Instant, structure: Structure, request: RequestId) {
        if let Some(Creation::Asked(waiting)) = self.structures.get_mut(&structure) {
            waiting.push(request);
            return;
        }
        let Some(conn) = self.ready.first().copied() else { return self.park(now, request) };
        let message = CreateProxy {
            name: structure.name.clone(),
            service_name: Str::from_static(structure.service),
        };
        let id = self.pending.insert(Pending::Structure { conn, structure: structure.clone() });
        self.structures.insert(structure, Creation::Asked(Vec::from([request])));
        self.send_own(now, conn, &message, id);
    }

    pub(super) fn handle_created(
        &mut self,
        now: Instant,
        id: u64,
        message: &Message,
    ) -> Result<(), Error> {
        let Lookup::Found(Pending::Structure { structure, .. }) = self.pending.take(id) else {
            return Ok(());
        };
        if message.message_type() != ERROR {
            if let Some(Creation::Asked(waiting)) =
                self.structures.insert(structure, Creation::Done)
            {
                for request in waiting {
                    self.dispatch(now, request);
                }
            }
            return Ok(());
        }
        let error = remote_error(message)?;
        if error.code.retry() != Retry::Never {
            if let Some(Creation::Asked(waiting)) = self.structures.remove(&structure) {
                for request in waiting {
                    self.retry_later(now, request);
                }
            }
            return Ok(());
        }
        let error = Error::Remote(error.into());
        if let Some(Creation::Asked(waiting)) = self.structures.remove(&structure) {
            for request in waiting {
                self.fail(now, request, error.clone());
            }
        }
        Ok(())
    }

    /// It isn't known whether a structure was created: whoever needs it asks again.
    pub(super) fn creation_lost(&mut self, now: Instant, structure: &Structure) {
        if let Some(Creation::Asked(waiting)) = self.structures.remove(structure) {
            for request in waiting {
                self.dispatch(now, request);
            }
        }
    }

    /// The cluster is another one: what was used before is created there too.
    pub(super) fn create_structures_again(&mut self, now: Instant, conn: ConnId) {
        let mut proxies: Vec<_> = self
            .structures
            .iter()
            .filter(|(_, creation)| creation.is_done())
            .map(|(structure, _)| (structure.name.clone(), Str::from_static(structure.service)))
            .collect();
        proxies.sort();
        if !proxies.is_empty() {
            let id = self.pending.skip();
            self.send_own(now, conn, &CreateProxies { proxies }, id);
        }
    }
}
