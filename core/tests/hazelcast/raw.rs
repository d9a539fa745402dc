//! A client of embedded members that sends and reads messages by hand.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::BytesMut;
use gridwire_core::endpoint::{ConnId, Endpoint, Engine, Input, ListenerId, Output, Peer};
use gridwire_core::hazelcast::frame::{Limits, PRELUDE, Scanned, Scanner, flags};
use gridwire_core::hazelcast::message::client::{
    Authentication, AuthenticationResponse, LocalBackupListener,
};
use gridwire_core::hazelcast::{
    Codec, Data, Member, MemberConfig, Message, Payload, Request, Uuid, Write,
};
use gridwire_core::time::Instant;

use super::script::encoded;
use super::start;

pub const CLIENT: Uuid = Uuid::new(77, 77);

/// Members, and a connection to each of them.
pub struct Raw {
    pub members: Member,
    pub now: Instant,
    pub conns: Vec<ConnId>,
    pub closed: Vec<ConnId>,
    received: BTreeMap<ConnId, Vec<Message>>,
    next_id: i64,
}

impl Raw {
    pub fn new(config: MemberConfig) -> Self {
        let count = config.members;
        let mut raw = Self {
            members: Member::start(config, start(1)),
            now: Instant::ZERO,
            conns: Vec::new(),
            closed: Vec::new(),
            received: BTreeMap::new(),
            next_id: 0,
        };
        for member in 0..count {
            let conn = raw.connect(member);
            raw.conns.push(conn);
        }
        raw
    }

    /// Authenticates with a member, and listens to its backups.
    pub fn connect(&mut self, member: usize) -> ConnId {
        let on = ListenerId(member as u32);
        let conn = self.members.accept(self.now, on, &Peer::default()).expect("it listens");
        self.feed(conn, &PRELUDE);
        let asked = Authentication {
            cluster_name: "dev".into(),
            uuid: Some(CLIENT),
            serialization_version: 1,
            ..Authentication::default()
        };
        let answer: AuthenticationResponse = self.ask(conn, &asked);
        assert_eq!(answer.member_uuid, Some(self.members.member_uuid(member)));
        self.ask(conn, &LocalBackupListener {});
        conn
    }

    fn feed(&mut self, conn: ConnId, bytes: &[u8]) {
        let mut data = BytesMut::from(bytes);
        self.members.handle(self.now, Input::Received { conn, data: &mut data });
        self.drain();
    }

    pub fn drain(&mut self) {
        let mut bytes: BTreeMap<ConnId, BytesMut> = BTreeMap::new();
        while let Some(output) = self.members.poll_output() {
            match output {
                Output::Send { conn, data } => {
                    data.iter().for_each(|it| bytes.entry(conn).or_default().extend_from_slice(it));
                }
                Output::Close { conn, .. } => self.closed.push(conn),
                _ => {}
            }
        }
        for (conn, mut bytes) in bytes {
            let mut scanner = Scanner::new(Limits::default());
            while let Ok(Some(Scanned::Message(message))) = scanner.next(&mut bytes) {
                self.received.entry(conn).or_default().push(message);
            }
        }
    }

    /// Sends a request. Its id.
    pub fn send<M: Request>(&mut self, conn: ConnId, request: &M, partition: i32) -> i64 {
        self.send_as(conn, request, partition, 0)
    }

    /// Sends a request whose client counts backups by itself.
    pub fn send_aware<M: Request>(&mut self, conn: ConnId, request: &M, partition: i32) -> i64 {
        self.send_as(conn, request, partition, flags::IS_BACKUP_AWARE)
    }

    fn send_as<M: Request>(
        &mut self,
        conn: ConnId,
        request: &M,
        partition: i32,
        flags: u16,
    ) -> i64 {
        self.next_id += 1;
        let mut message = encoded(self.next_id, request);
        message.set_partition_id(partition);
        message.add_flags(flags);
        self.feed(conn, &message.into_bytes());
        self.next_id
    }

    /// What answered a request.
    pub fn answer(&mut self, conn: ConnId, id: i64) -> Option<Message> {
        let is_it = |message: &Message| message.correlation_id() == id && !message.is_event();
        self.take(conn, is_it).pop()
    }

    /// Asks for what is answered at once.
    pub fn ask<M: Request>(&mut self, conn: ConnId, request: &M) -> M::Response {
        self.ask_at(conn, request, -1)
    }

    pub fn ask_at<M: Request>(&mut self, conn: ConnId, request: &M, to: i32) -> M::Response {
        let id = self.send(conn, request, to);
        let message = self.answer(conn, id).expect("an answer");
        assert_eq!(message.message_type(), M::Response::ID, "{message:?}");
        M::Response::decode(&message).expect("a response").0
    }

    /// The events of this type that a connection had.
    pub fn events<M: Payload>(&mut self, conn: ConnId) -> Vec<M> {
        let found = self.take(conn, |message| message.message_type() == M::ID);
        found.iter().map(|message| M::decode(message).expect("an event").0).collect()
    }

    pub fn take(&mut self, conn: ConnId, is_it: impl Fn(&Message) -> bool) -> Vec<Message> {
        let messages = self.received.remove(&conn).unwrap_or_default();
        let (found, rest) = messages.into_iter().partition(is_it);
        self.received.insert(conn, rest);
        found
    }

    /// Lets time pass, alarm by alarm.
    pub fn pass(&mut self, duration: Duration) {
        let until = self.now + duration;
        while let Some(at) = self.members.deadline().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.members.handle(self.now, Input::Timeout);
        }
        self.now = until;
        self.drain();
    }
}

pub fn data<T: Write>(value: &T) -> Data {
    Codec::default().to_data(value).expect("data")
}
