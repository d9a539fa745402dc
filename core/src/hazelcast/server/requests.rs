//! What a member answers to each request.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::listeners::ListenerKind;
use super::map::MAPS;
use super::{Member, MemberEvent, Stage, VERSION_TEXT};
use crate::Str;
use crate::endpoint::{Cause, ConnId};
use crate::hazelcast::error::{Error, ErrorCode, Violation};
use crate::hazelcast::message::client::{
    AddClusterViewListener, AddDistributedObjectListener, AddDistributedObjectListenerResponse,
    AddMigrationListener, AddMigrationListenerResponse, AddPartitionLostListener,
    AddPartitionLostListenerResponse, Authentication, AuthenticationCustom,
    AuthenticationCustomResponse, AuthenticationResponse, CreateProxies, CreateProxiesResponse,
    CreateProxy, CreateProxyResponse, DestroyProxy, DestroyProxyResponse, DistributedObjectEvent,
    FetchSchema, FetchSchemaResponse, GetDistributedObjects, GetDistributedObjectsResponse,
    LocalBackupListener, LocalBackupListenerResponse, Ping, PingResponse,
    RemoveDistributedObjectListener, RemoveDistributedObjectListenerResponse,
    RemoveMigrationListener, RemoveMigrationListenerResponse, RemovePartitionLostListener,
    RemovePartitionLostListenerResponse, SendAllSchemas, SendAllSchemasResponse, SendSchema,
    SendSchemaResponse, Statistics, StatisticsResponse, TriggerPartitionAssignment,
    TriggerPartitionAssignmentResponse,
};
use crate::hazelcast::message::custom::DistributedObjectInfo;
use crate::hazelcast::raw::Message;
use crate::hazelcast::serialization::compact::Schema;
use crate::hazelcast::session::SERIALIZATION_VERSION;
use crate::hazelcast::{Credentials, Payload, Uuid};
use crate::time::Instant;

/// Reads a request of this type.
fn read<M: Payload>(message: &Message) -> Result<M, Error> {
    Ok(M::decode(message)?.0)
}

/// How a client introduces itself, in either of two ways.
struct Introduction {
    cluster_name: Str,
    credentials: Credentials,
    /// It was not by a name and a password.
    is_custom: bool,
    client: Option<Uuid>,
    kind: Str,
    version: Str,
    serialization_version: i8,
}

impl From<Authentication> for Introduction {
    fn from(request: Authentication) -> Self {
        let credentials = match (request.username, request.password) {
            (None, None) => Credentials::None,
            (name, password) => Credentials::User {
                name: name.unwrap_or_default(),
                password: password.unwrap_or_default().as_str().into(),
            },
        };
        Self {
            cluster_name: request.cluster_name,
            credentials,
            is_custom: false,
            client: request.uuid,
            kind: request.client_type,
            version: request.client_hazelcast_version,
            serialization_version: request.serialization_version,
        }
    }
}

impl From<AuthenticationCustom> for Introduction {
    fn from(request: AuthenticationCustom) -> Self {
        Self {
            cluster_name: request.cluster_name,
            // Which of the two it was the bytes don't say.
            credentials: Credentials::Token(request.credentials.0.as_ref().into()),
            is_custom: true,
            client: request.uuid,
            kind: request.client_type,
            version: request.client_hazelcast_version,
            serialization_version: request.serialization_version,
        }
    }
}

impl Member {
    /// Answers one message. An error ends the connection, save one of malformed bytes.
    pub(super) fn answer(
        &mut self,
        now: Instant,
        conn: ConnId,
        message: &Message,
    ) -> Result<(), Error> {
        let Some(state) = self.links.get(conn) else { return Ok(()) };
        let (kind, id) = (message.message_type(), message.correlation_id());
        match kind {
            Authentication::ID => {
                let request: Authentication = read(message)?;
                self.authenticate(conn, id, &request.into());
            }
            AuthenticationCustom::ID => {
                let request: AuthenticationCustom = read(message)?;
                self.authenticate(conn, id, &request.into());
            }
            _ if state.stage != Stage::Ready => {
                return Err(Error::Violation(Violation::Other(
                    "a request before the client was known",
                )));
            }
            _ => match kind >> 16 {
                0 => self.answer_client(conn, id, kind, message)?,
                1 if !self.can_reach(conn, message) => {}
                1 => {
                    self.ask(conn, message);
                    self.answer_map(now, conn, kind, message)?;
                }
                _ => self.unknown(conn, id, kind),
            },
        }
        Ok(())
    }

    /// As a real member answers what it doesn't know.
    pub(super) fn unknown(&mut self, conn: ConnId, id: i64, kind: u32) {
        let text = alloc::format!("Unrecognized client message received with type: 0x{kind:06x}");
        let class = "java.lang.UnsupportedOperationException";
        self.refuse(conn, id, ErrorCode::UNSUPPORTED_OPERATION, class, text.into());
    }

    fn refuse_client(&mut self, conn: ConnId, id: i64, introduction: &Introduction, status: i8) {
        let refused = AuthenticationResponse {
            status,
            serialization_version: SERIALIZATION_VERSION,
            server_hazelcast_version: Str::from_static(VERSION_TEXT),
            member_list_version: -1,
            partition_list_version: -1,
            ..AuthenticationResponse::default()
        };
        self.answer_introduction(conn, id, introduction, refused);
        self.close(conn, Cause::Other("the client was refused".into()));
    }

    fn answer_introduction(
        &mut self,
        conn: ConnId,
        id: i64,
        introduction: &Introduction,
        answer: AuthenticationResponse,
    ) {
        if introduction.is_custom {
            self.respond(conn, id, &AuthenticationCustomResponse::from(answer));
        } else {
            self.respond(conn, id, &answer);
        }
    }

    fn authenticate(&mut self, conn: ConnId, id: i64, request: &Introduction) {
        // Without security any credentials are wrong ones.
        let wanted = match self.config.credentials.clone() {
            Credentials::Custom(bytes) => Credentials::Token(bytes),
            other => other,
        };
        if request.cluster_name != self.config.cluster_name || request.credentials != wanted {
            return self.refuse_client(conn, id, request, 1);
        }
        if request.serialization_version != SERIALIZATION_VERSION {
            return self.refuse_client(conn, id, request, 2);
        }
        let Some(state) = self.links.get_mut(conn) else { return };
        state.inbound.trust();
        state.client = request.client.unwrap_or(Uuid::NIL);
        let is_new = core::mem::replace(&mut state.stage, Stage::Ready) != Stage::Ready;
        let (slot, address) = (state.slot, state.local.clone());
        if let Some(deadline) = state.deadline.take() {
            self.timers.cancel(deadline);
        }
        let (major, minor, _) = super::VERSION;
        let version = alloc::format!("{major}.{minor}");
        let response = AuthenticationResponse {
            status: 0,
            address: Some(address),
            member_uuid: Some(self.member_uuid(slot)),
            serialization_version: SERIALIZATION_VERSION,
            server_hazelcast_version: Str::from_static(VERSION_TEXT),
            partition_count: i32::from(self.config.partition_count),
            cluster_id: Some(self.cluster),
            failover_supported: false,
            tpc_ports: None,
            tpc_token: None,
            member_list_version: self.topology.members_version,
            member_infos: self.member_infos(conn),
            partition_list_version: self.topology.table_version,
            partitions: self.partitions(),
            key_value_pairs: Vec::from([(Str::from_static("clusterVersion"), version.into())]),
        };
        self.answer_introduction(conn, id, request, response);
        if is_new {
            self.links.event(MemberEvent::ClientConnected {
                conn,
                client: request.client,
                kind: request.kind.detached(),
                version: request.version.detached(),
            });
        }
    }

    fn answer_client(
        &mut self,
        conn: ConnId,
        id: i64,
        kind: u32,
        message: &Message,
    ) -> Result<(), Error> {
        match kind {
            AddClusterViewListener::ID => self.show(conn, id),
            Ping::ID => self.respond(conn, id, &PingResponse {}),
            Statistics::ID => {
                // They are for the management center, which there is none of.
                let _: Statistics = read(message)?;
                self.respond(conn, id, &StatisticsResponse {});
            }
            CreateProxy::ID => {
                let request: CreateProxy = read(message)?;
                self.create(request.service_name, request.name);
                self.respond(conn, id, &CreateProxyResponse {});
            }
            CreateProxies::ID => {
                let request: CreateProxies = read(message)?;
                for (name, service) in request.proxies {
                    self.create(service, name);
                }
                self.respond(conn, id, &CreateProxiesResponse {});
            }
            DestroyProxy::ID => {
                let request: DestroyProxy = read(message)?;
                if request.service_name == MAPS {
                    self.destroy_map(&request.name);
                }
                let object = (request.service_name.detached(), request.name.detached());
                if self.objects.remove(&object) {
                    self.tell_objects(&object, "DESTROYED");
                }
                self.respond(conn, id, &DestroyProxyResponse {});
            }
            GetDistributedObjects::ID => {
                let info = |(service_name, name): &(Str, Str)| DistributedObjectInfo {
                    service_name: service_name.clone(),
                    name: name.clone(),
                };
                let response = self.objects.iter().map(info).collect();
                self.respond(conn, id, &GetDistributedObjectsResponse { response });
            }
            AddDistributedObjectListener::ID => {
                let request: AddDistributedObjectListener = read(message)?;
                let response = self.listen(conn, id, request.local_only, ListenerKind::Objects);
                self.respond(conn, id, &AddDistributedObjectListenerResponse { response });
            }
            RemoveDistributedObjectListener::ID => {
                let request: RemoveDistributedObjectListener = read(message)?;
                let response = self.listeners.remove(&request.registration_id).is_some();
                self.respond(conn, id, &RemoveDistributedObjectListenerResponse { response });
            }
            AddPartitionLostListener::ID => {
                let request: AddPartitionLostListener = read(message)?;
                let response = self.listen(conn, id, request.local_only, ListenerKind::Losses);
                self.respond(conn, id, &AddPartitionLostListenerResponse { response });
            }
            RemovePartitionLostListener::ID => {
                let request: RemovePartitionLostListener = read(message)?;
                let response = self.listeners.remove(&request.registration_id).is_some();
                self.respond(conn, id, &RemovePartitionLostListenerResponse { response });
            }
            AddMigrationListener::ID => {
                let request: AddMigrationListener = read(message)?;
                let response = self.listen(conn, id, request.local_only, ListenerKind::Migrations);
                self.respond(conn, id, &AddMigrationListenerResponse { response });
            }
            RemoveMigrationListener::ID => {
                let request: RemoveMigrationListener = read(message)?;
                let response = self.listeners.remove(&request.registration_id).is_some();
                self.respond(conn, id, &RemoveMigrationListenerResponse { response });
            }
            TriggerPartitionAssignment::ID => {
                self.respond(conn, id, &TriggerPartitionAssignmentResponse {});
            }
            LocalBackupListener::ID => {
                let response = self.listen(conn, id, true, ListenerKind::Backups);
                self.respond(conn, id, &LocalBackupListenerResponse { response });
            }
            SendSchema::ID => {
                let request: SendSchema = read(message)?;
                self.codec.schemas().keep(&Arc::new(Schema::from_message(&request.schema)?));
                let members = self.topology.members.iter();
                let replicated_members = members.map(|it| self.member_uuid(*it)).collect();
                self.respond(conn, id, &SendSchemaResponse { replicated_members });
            }
            FetchSchema::ID => {
                let request: FetchSchema = read(message)?;
                let schema = self.codec.schemas().get(request.schema_id);
                let schema = schema.map(|schema| schema.to_message());
                self.respond(conn, id, &FetchSchemaResponse { schema });
            }
            SendAllSchemas::ID => {
                let request: SendAllSchemas = read(message)?;
                for schema in &request.schemas {
                    self.codec.schemas().keep(&Arc::new(Schema::from_message(schema)?));
                }
                self.respond(conn, id, &SendAllSchemasResponse {});
            }
            _ => self.unknown(conn, id, kind),
        }
        Ok(())
    }

    pub(super) fn create(&mut self, service: Str, name: Str) {
        let object = (service.detached(), name.detached());
        if self.objects.insert(object.clone()) {
            self.tell_objects(&object, "CREATED");
        }
    }

    fn tell_objects(&mut self, (service, name): &(Str, Str), what: &'static str) {
        let event = DistributedObjectEvent {
            name: name.clone(),
            service_name: service.clone(),
            event_type: Str::from_static(what),
            source: self.uuid(),
        };
        for (conn, id) in self.hearing(None, |kind| matches!(kind, ListenerKind::Objects)) {
            self.notify(conn, id, DistributedObjectEvent::ID, &event);
        }
    }
}
