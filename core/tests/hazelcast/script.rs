//! A client engine whose member is a test.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use gridwire_core::call::{Call, Caller, ClientEvent, Ticket};
use gridwire_core::endpoint::{Cause, ConnId, Endpoint, Engine, Input, Output, Peer, Target};
use gridwire_core::hazelcast::error::Refusal;
use gridwire_core::hazelcast::frame::{Limits, Scanned, Scanner, flags};
use gridwire_core::hazelcast::message::client::*;
use gridwire_core::hazelcast::message::custom::{Address, ErrorHolder, MemberInfo, MemberVersion};
use gridwire_core::hazelcast::message::error;
use gridwire_core::hazelcast::{
    Answer, Client, Config, Encoded, Error, FrameWriter, Hazelcast, Message, Payload, Request,
    Uuid, Version,
};
use gridwire_core::time::Instant;

use super::{Event, start};

pub const MEMBER: Uuid = Uuid::new(1, 1);
pub const CLUSTER: Uuid = Uuid::new(9, 9);

pub struct Script {
    pub client: Client,
    pub now: Instant,
    /// The connection that answers go to.
    pub conn: ConnId,
    pub received: BytesMut,
    pub sent: VecDeque<(ConnId, Message)>,
    pub opening: VecDeque<ConnId>,
    /// Where to, of everything that the client has opened.
    pub targets: Vec<Target>,
    pub closed: Vec<ConnId>,
    pub events: Vec<Event>,
    raw: Vec<(ConnId, BytesMut, Scanner, bool)>,
    /// The transport takes what is sent.
    pub takes: bool,
}

impl Script {
    /// One connection that stands; the prelude is checked.
    pub fn opened(config: Config) -> Self {
        let client = Client::start(config, start(7));
        let mut script = Self {
            client,
            now: Instant::ZERO,
            conn: ConnId::from_u64(0),
            received: BytesMut::new(),
            sent: VecDeque::new(),
            opening: VecDeque::new(),
            targets: Vec::new(),
            closed: Vec::new(),
            events: Vec::new(),
            raw: Vec::new(),
            takes: true,
        };
        script.drain();
        script.open();
        script
    }

    /// Opens what the client asked for first.
    pub fn open(&mut self) {
        let conn = self.opening.pop_front().expect("the client opens a connection");
        self.conn = conn;
        self.received.clear();
        self.raw.push((conn, BytesMut::new(), Scanner::new(Limits::default()), false));
        self.client.handle(self.now, Input::Opened { conn, peer: &Peer::default() });
        self.drain();
    }

    /// Authenticated, and the views are sent: what else the client sends by itself is answered.
    pub fn connected(config: Config) -> Self {
        let mut script = Self::opened(config);
        script.let_in();
        script
    }

    pub fn let_in(&mut self) {
        let (id, _) = self.expect::<Authentication>();
        self.answer(id, &accepted());
        let (id, _) = self.expect::<AddClusterViewListener>();
        self.event(id, &MembersViewEvent { version: 1, member_infos: vec![member(MEMBER, 5701)] });
        self.event(id, &partitions(1, MEMBER));
        self.answer(id, &AddClusterViewListenerResponse {});
        let (id, _) = self.expect::<LocalBackupListener>();
        self.answer(id, &LocalBackupListenerResponse { response: Uuid::new(5, 5) });
        assert!(self.client.is_connected());
    }

    pub fn connections(&self) -> Vec<ConnId> {
        self.raw.iter().map(|(conn, ..)| *conn).collect()
    }

    pub fn drain(&mut self) {
        while let Some(output) = self.client.poll_output() {
            match output {
                Output::Open { conn, target } => {
                    self.opening.push_back(conn);
                    self.targets.push(target);
                }
                Output::Send { conn, data } => {
                    let length = data.iter().map(Bytes::len).sum();
                    let Some((_, buffer, scanner, has_prelude)) =
                        self.raw.iter_mut().find(|(id, ..)| *id == conn)
                    else {
                        continue;
                    };
                    data.iter().for_each(|chunk| buffer.extend_from_slice(chunk));
                    if !*has_prelude {
                        assert_eq!(&buffer.split_to(3)[..], b"CP2");
                        *has_prelude = true;
                    }
                    while let Some(Scanned::Message(message)) = scanner.next(buffer).unwrap() {
                        self.sent.push_back((conn, message));
                    }
                    if self.takes {
                        self.client.handle(self.now, Input::Sent { conn, bytes: length });
                    }
                }
                Output::Close { conn, .. } => self.closed.push(conn),
                Output::Event(event) => self.events.push(event),
                Output::Pause { .. } => {}
                Output::Resume { .. } => self.feed(&[]),
            }
        }
    }

    /// The next message of this type that the client sent, and its correlation id.
    pub fn expect<M: Request>(&mut self) -> (i64, M) {
        self.sent.retain(|(conn, _)| !self.closed.contains(conn));
        let at = self.sent.iter().position(|(_, message)| message.message_type() == M::ID);
        let (conn, message) = at.and_then(|at| self.sent.remove(at)).unwrap_or_else(|| {
            panic!("{} was not sent: {:?} {:?}", M::NAME, self.sent, self.events)
        });
        self.conn = conn;
        (message.correlation_id(), M::decode(&message).unwrap().0)
    }

    pub fn has_sent<M: Request>(&self) -> bool {
        self.sent.iter().any(|(_, message)| message.message_type() == M::ID)
    }

    pub fn feed(&mut self, bytes: &[u8]) {
        self.received.extend_from_slice(bytes);
        let (conn, data) = (self.conn, &mut self.received);
        self.client.handle(self.now, Input::Received { conn, data });
        self.drain();
    }

    pub fn answer<M: Payload>(&mut self, id: i64, body: &M) {
        let bytes = encoded(id, body).into_bytes();
        self.feed(&bytes);
    }

    pub fn event<M: Payload>(&mut self, id: i64, body: &M) {
        let mut message = encoded(id, body);
        message.add_flags(flags::IS_EVENT);
        self.feed(&message.into_bytes());
    }

    pub fn error(&mut self, id: i64, code: i32) {
        self.answer(id, &error_of(code));
    }

    pub fn close(&mut self, cause: Cause) {
        self.client.handle(self.now, Input::Closed { conn: self.conn, cause });
        self.drain();
    }

    /// Lets time pass until the next alarm; false if there is none.
    pub fn wait(&mut self) -> bool {
        let Some(at) = self.client.deadline() else { return false };
        self.now = self.now.max(at);
        self.client.handle(self.now, Input::Timeout);
        self.drain();
        true
    }

    pub fn submit<R>(&mut self, call: Call<Hazelcast, R>) -> Ticket {
        let ticket = self.client.submit(self.now, call.order);
        self.drain();
        ticket
    }

    /// The end of a call; each call has at most one.
    pub fn done(&self, ticket: Ticket) -> Option<Result<Answer, Error>> {
        let mut ends = self.events.iter().filter_map(|event| match event {
            ClientEvent::Done(of, result) if *of == ticket => Some(result.clone()),
            _ => None,
        });
        let end = ends.next();
        assert!(ends.next().is_none(), "a call ended twice");
        end
    }

    pub fn notes(&self) -> String {
        let note = |event: &Event| match event {
            ClientEvent::Note(note) => Some(note.text.to_string()),
            _ => None,
        };
        self.events.iter().filter_map(note).collect::<Vec<_>>().join("\n")
    }

    /// Why no member let the client in, if it gave up for that.
    pub fn refusal(&self) -> Option<Refusal> {
        match self.shut_down_with() {
            Some(Err(Error::Refused(refused))) => Some(refused.why),
            _ => None,
        }
    }

    pub fn shut_down_with(&self) -> Option<Result<(), Error>> {
        self.events.iter().find_map(|event| match event {
            ClientEvent::ShutDown(result) => Some(result.clone()),
            _ => None,
        })
    }
}

pub fn encoded<M: Payload>(id: i64, body: &M) -> Encoded {
    let mut writer = FrameWriter::new();
    body.encode(Version::NEWEST, &mut writer);
    let mut message = writer.finish();
    message.set_correlation_id(id);
    message
}

pub fn error_of(code: i32) -> error::Error {
    let holder = ErrorHolder {
        error_code: code,
        class_name: "some.Class".into(),
        message: Some("some message".into()),
        stack_trace_elements: Vec::new(),
    };
    error::Error { holders: vec![holder] }
}

pub fn accepted() -> AuthenticationResponse {
    AuthenticationResponse {
        status: 0,
        member_uuid: Some(MEMBER),
        serialization_version: 1,
        server_hazelcast_version: "5.7.0".into(),
        partition_count: 271,
        cluster_id: Some(CLUSTER),
        ..AuthenticationResponse::default()
    }
}

pub fn member(uuid: Uuid, port: i32) -> MemberInfo {
    MemberInfo {
        address: Address { host: "127.0.0.1".into(), port },
        uuid,
        attributes: Vec::new(),
        lite_member: false,
        version: MemberVersion { major: 5, minor: 7, patch: 0 },
        address_map: Vec::new(),
    }
}

pub fn partitions(version: i32, owner: Uuid) -> PartitionsViewEvent {
    PartitionsViewEvent { version, partitions: vec![(owner, (0..271).collect())] }
}

pub fn one() -> Config {
    Config::new([super::target()])
}
