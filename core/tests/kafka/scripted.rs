//! A client whose brokers say what a test has them say, byte by byte if need be.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use gridwire_core::call::{Call, Caller, ClientEvent, Ticket};
use gridwire_core::endpoint::{Cause, ConnId, Endpoint, Input, Output, Peer, Target};
use gridwire_core::invoker::Detached;
use gridwire_core::kafka::frame::{Splitter, split_request, write_response};
use gridwire_core::kafka::message::Request;
use gridwire_core::kafka::message::api_versions::{
    ApiVersion, ApiVersionsRequest, ApiVersionsResponse,
};
use gridwire_core::kafka::message::metadata::{
    MetadataRequest, MetadataResponse, MetadataResponseBroker, MetadataResponsePartition,
    MetadataResponseTopic,
};
use gridwire_core::kafka::wire::{Reader, Uuid, Writer};
use gridwire_core::kafka::{Answer, Client, Error, FetchedBatch, Kafka};
use gridwire_core::time::Instant;

use super::{client, config};

/// What the client sent on one connection, and has not been looked at.
struct Lane {
    target: Target,
    sent: BytesMut,
    unread: BytesMut,
}

/// A request as a broker sees it.
pub(crate) struct Asked<R> {
    pub(crate) conn: ConnId,
    pub(crate) version: i16,
    pub(crate) id: i32,
    pub(crate) request: R,
}

/// A client, and every connection it opens in the hands of the test.
pub(crate) struct Scripted {
    pub(crate) client: Client,
    pub(crate) now: Instant,
    lanes: BTreeMap<ConnId, Lane>,
    /// Connections that the client wants, and that the test has not let stand.
    pub(crate) opening: VecDeque<(ConnId, Target)>,
    pub(crate) closed: Vec<ConnId>,
    pub(crate) done: BTreeMap<Ticket, Result<Answer, Error>>,
    pub(crate) items: Vec<FetchedBatch>,
    /// Whether what the client sends counts as taken by the transport.
    pub(crate) takes: bool,
    /// Answers requests for metadata behind the test's back.
    pub(crate) metadata: Option<MetadataResponse>,
}

impl Scripted {
    pub(crate) fn new(config: gridwire_core::kafka::Config) -> Self {
        Self {
            client: client(5, config),
            now: Instant::ZERO,
            lanes: BTreeMap::new(),
            opening: VecDeque::new(),
            closed: Vec::new(),
            done: BTreeMap::new(),
            items: Vec::new(),
            takes: true,
            metadata: None,
        }
    }

    /// A client that is connected to broker 1, which leads both partitions of topic `t`.
    pub(crate) fn connected() -> (Self, ConnId) {
        Self::connected_with(config())
    }

    pub(crate) fn connected_with(config: gridwire_core::kafka::Config) -> (Self, ConnId) {
        let mut scripted = Self::new(config);
        let conn = scripted.let_in();
        let asked = scripted.expect::<MetadataRequest>();
        scripted.answer(&asked, &metadata(&[(1, 1)], &[]));
        (scripted, conn)
    }

    /// Lets the next connection stand and shakes hands.
    pub(crate) fn let_in(&mut self) -> ConnId {
        let conn = self.open();
        let asked = self.expect::<ApiVersionsRequest>();
        assert_eq!(asked.conn, conn);
        self.answer(&asked, &versions());
        conn
    }

    /// Lets the next connection stand.
    pub(crate) fn open(&mut self) -> ConnId {
        self.drain();
        let (conn, target) = self.opening.pop_front().expect("a connection that is wanted");
        self.lanes.insert(conn, Lane { target, sent: BytesMut::new(), unread: BytesMut::new() });
        self.client.handle(self.now, Input::Opened { conn, peer: &Peer::default() });
        self.drain();
        conn
    }

    pub(crate) fn target(&self, conn: ConnId) -> &Target {
        &self.lanes[&conn].target
    }

    pub(crate) fn drain(&mut self) {
        while let Some(output) = self.client.poll_output() {
            match output {
                Output::Open { conn, target } => self.opening.push_back((conn, target)),
                Output::Send { conn, data } => {
                    let lane = self.lanes.get_mut(&conn).expect("a connection that stands");
                    data.iter().for_each(|chunk| lane.sent.extend_from_slice(chunk));
                    if self.takes {
                        let bytes = data.iter().map(Bytes::len).sum();
                        self.client.handle(self.now, Input::Sent { conn, bytes });
                    }
                }
                Output::Close { conn, .. } => {
                    self.lanes.remove(&conn);
                    self.closed.push(conn);
                }
                Output::Event(ClientEvent::Done(ticket, result)) => {
                    assert!(self.done.insert(ticket, result).is_none(), "a call ended twice");
                }
                Output::Event(ClientEvent::Item(_, item)) => self.items.push(item),
                Output::Event(_) | Output::Pause { .. } | Output::Resume { .. } => {}
            }
        }
    }

    /// The next request on any connection, if there is one.
    pub(crate) fn next(&mut self) -> Option<(ConnId, Bytes)> {
        loop {
            self.drain();
            let (conn, frame) = self.lanes.iter_mut().find_map(|(conn, lane)| {
                let frame = Splitter::default().next(&mut lane.sent).expect("a frame")?;
                Some((*conn, frame))
            })?;
            match &self.metadata {
                Some(answer) if frame[..2] == MetadataRequest::API.key.to_be_bytes() => {
                    let answer = answer.clone();
                    let asked = asked::<MetadataRequest>(conn, &frame);
                    self.answer(&asked, &answer);
                }
                _ => return Some((conn, frame)),
            }
        }
    }

    /// The next request, which must be of this kind.
    pub(crate) fn expect<R: Request>(&mut self) -> Asked<R> {
        let (conn, frame) = self.next().expect("a request");
        asked(conn, &frame)
    }

    pub(crate) fn answer<R: Request>(&mut self, asked: &Asked<R>, answer: &R::Response) {
        let bytes = encoded::<R>(asked, answer);
        self.feed(asked.conn, &bytes);
    }

    /// Gives the client bytes.
    pub(crate) fn feed(&mut self, conn: ConnId, bytes: &[u8]) {
        if let Some(lane) = self.lanes.get_mut(&conn) {
            lane.unread.extend_from_slice(bytes);
            let data = &mut lane.unread;
            self.client.handle(self.now, Input::Received { conn, data });
        }
        self.drain();
    }

    /// Ends a connection from the broker's side.
    pub(crate) fn close(&mut self, conn: ConnId, cause: Cause) {
        self.lanes.remove(&conn);
        self.client.handle(self.now, Input::Closed { conn, cause });
        self.drain();
    }

    /// Lets time pass, waking the client on the way.
    pub(crate) fn pass(&mut self, time: Duration) {
        self.drain();
        let end = self.now + time;
        while let Some(at) = self.client.deadline().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.client.handle(self.now, Input::Timeout);
            self.drain();
            assert!(self.client.deadline().is_none_or(|at| at > self.now), "a deadline that stays");
            if self.metadata.is_some() {
                self.answer_metadata();
            }
        }
        self.now = end;
    }

    /// Answers what asks for metadata and is the oldest of its connection.
    fn answer_metadata(&mut self) {
        let key = MetadataRequest::API.key.to_be_bytes();
        let is_asked = |lane: &Lane| lane.sent.get(4..6) == Some(&key[..]);
        while let Some(conn) = self.lanes.iter().find(|(_, l)| is_asked(l)).map(|(conn, _)| *conn) {
            let lane = self.lanes.get_mut(&conn).expect("a lane");
            let frame =
                Splitter::default().next(&mut lane.sent).expect("a frame").expect("a frame");
            let answer = self.metadata.clone().expect("an answer");
            self.answer(&asked::<MetadataRequest>(conn, &frame), &answer);
        }
    }

    pub(crate) fn submit<R>(&mut self, call: Call<Kafka, R>) -> Ticket {
        let ticket = self.client.submit(self.now, call.order);
        self.drain();
        ticket
    }

    pub(crate) fn proxy(&self) -> Detached<Kafka> {
        Detached::new(self.client.codec())
    }
}

fn asked<R: Request>(conn: ConnId, frame: &Bytes) -> Asked<R> {
    let (header, body) = split_request(frame).expect("a header");
    assert_eq!(header.request_api_key, R::API.key, "{}", R::API.name);
    let version = header.request_api_version;
    let request = R::decode(version, &mut Reader::new(&body)).expect("a request");
    Asked { conn, version, id: header.correlation_id, request }
}

pub(crate) fn encoded<R: Request>(asked: &Asked<R>, answer: &R::Response) -> Vec<u8> {
    let mut writer = Writer::new();
    write_response::<R>(&mut writer, asked.version, asked.id, answer).expect("an answer");
    writer.finish().iter().flatten().copied().collect()
}

/// Everything that is declared.
pub(crate) fn versions() -> ApiVersionsResponse {
    let offers = gridwire_core::kafka::message::APIS.iter().map(|api| ApiVersion {
        api_key: api.key,
        min_version: api.versions.min,
        max_version: api.versions.max,
        ..ApiVersion::default()
    });
    ApiVersionsResponse { api_keys: offers.collect(), ..ApiVersionsResponse::default() }
}

/// Brokers 1 and 2, on ports 1 and 2. `leaders` are leader and epoch of the partitions of `t`;
/// `unknown` are topics that don't exist.
pub(crate) fn metadata(leaders: &[(i32, i32)], unknown: &[&str]) -> MetadataResponse {
    let broker = |node_id| MetadataResponseBroker {
        node_id,
        host: "broker".into(),
        port: node_id,
        ..MetadataResponseBroker::default()
    };
    let partitions = leaders.iter().enumerate().map(|(index, leader)| MetadataResponsePartition {
        partition_index: index as i32,
        leader_id: leader.0,
        leader_epoch: leader.1,
        ..MetadataResponsePartition::default()
    });
    let mut topics = vec![MetadataResponseTopic {
        name: Some("t".into()),
        topic_id: Uuid([7; 16]),
        partitions: partitions.collect(),
        ..MetadataResponseTopic::default()
    }];
    topics.extend(unknown.iter().map(|name| MetadataResponseTopic {
        error_code: 3.into(),
        name: Some((*name).into()),
        ..MetadataResponseTopic::default()
    }));
    MetadataResponse {
        brokers: vec![broker(1), broker(2)],
        cluster_id: Some("c".into()),
        topics,
        ..MetadataResponse::default()
    }
}
