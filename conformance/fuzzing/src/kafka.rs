//! Kafka's engines against peers that speak the protocol well and mean nothing by it: every message is
//! legal in its version, and its content arbitrary. Bytes that aren't even messages are the matter of
//! [`engines`](crate::engines).

use std::collections::BTreeMap;
use std::time::Duration;

use arbitrary::{Arbitrary, Result, Unstructured};
use bytes::{Bytes, BytesMut};
use gridwire_core::call::{Caller, ClientEvent};
use gridwire_core::endpoint::{
    Cause, ConnId, Endpoint, Engine, Input, ListenerId, Output, Peer, Start, Target,
};
use gridwire_core::invoker::Detached;
use gridwire_core::kafka::frame::{Splitter, split_request, write_request, write_response};
use gridwire_core::kafka::message::api_versions::ApiVersionsRequest;
use gridwire_core::kafka::message::fetch::FetchRequest;
use gridwire_core::kafka::message::init_producer_id::InitProducerIdRequest;
use gridwire_core::kafka::message::list_offsets::ListOffsetsRequest;
use gridwire_core::kafka::message::metadata::{MetadataRequest, MetadataResponse};
use gridwire_core::kafka::message::produce::ProduceRequest;
use gridwire_core::kafka::message::{APIS, Request};
use gridwire_core::kafka::records::{BatchBuilder, BatchHeader, NewRecord};
use gridwire_core::kafka::server::{self, Broker};
use gridwire_core::kafka::session::offer;
use gridwire_core::kafka::wire::{Wire, Writer};
use gridwire_core::kafka::{Client, Config, FetchOnce, KafkaExt, Position, Record};
use gridwire_core::time::Instant;

/// Outputs in one drain after which an engine counts as endless.
const DRAIN_LIMIT: usize = 1 << 16;

const START: Start = Start { seed: [3; 32], unix_at_zero: Duration::from_secs(1_700_000_000) };

fn new_client() -> Client {
    Client::start(Config::new([Target::new("a", 1), Target::new("b", 2)]), START)
}

fn new_broker() -> Broker {
    let config = server::Config {
        topics: vec![("t".into(), 3)],
        max_log_bytes: 1 << 20,
        max_topics: 64,
        ..server::Config::default()
    };
    Broker::start(config, START)
}

/// Something that a user of the client does.
fn command(client: &mut Client, now: Instant, number: u8, u: &mut Unstructured<'_>) -> Result<()> {
    let proxy = Detached::new(client.codec());
    let (topic, partition) = (["t", "u", ""][usize::from(number) % 3], u.int_in_range(-1..=3)?);
    match u.int_in_range(0..=7)? {
        0 | 1 => {
            let mut record = Record::value(u.arbitrary::<Vec<u8>>()?);
            record.partition = u.arbitrary::<bool>()?.then_some(partition);
            client.submit(now, proxy.producer(topic).send(record).order);
        }
        2 => {
            let at = Position::Timestamp(u.arbitrary()?);
            client.submit(now, proxy.admin().list_offsets(topic, [partition, 0], at).order);
        }
        3 => {
            let max_wait = Duration::from_millis(u.int_in_range(0..=900)?);
            let offset = u.int_in_range(-1..=9)?;
            let topic = topic.into();
            let fetch =
                FetchOnce { topic, partition, offset, max_bytes: 99, min_bytes: 1, max_wait };
            client.submit(now, proxy.consumer().fetch(fetch).order);
        }
        4 | 5 => {
            let from = if u.arbitrary()? { Position::Offset(0) } else { Position::Latest };
            let listen = proxy.consumer().read(topic, [0, partition], from);
            let (_, id) = client.subscribe(now, listen.listen);
            client.demand(now, id, u.int_in_range(0..=9)?);
            if u.ratio(1u8, 4u8)? {
                client.unsubscribe(now, id);
            }
        }
        6 => {
            let ticket = client.submit(now, proxy.admin().cluster().order);
            client.cancel(now, ticket);
        }
        _ if number == 0 => client.shut_down(now),
        _ => {}
    }
    Ok(())
}

/// The client, with brokers that answer each request by an arbitrary answer.
pub fn client_answers(data: &[u8]) {
    let mut u = Unstructured::new(data);
    let mut run = Answers {
        client: new_client(),
        now: Instant::ZERO,
        sent: BTreeMap::new(),
        unread: BTreeMap::new(),
    };
    while !u.is_empty() {
        if run.step(&mut u).is_err() {
            break;
        }
    }
    run.client.shut_down(run.now);
    assert!(run.drain());
    assert_eq!(run.client.deadline(), None, "nothing is left to be done");
}

struct Answers {
    client: Client,
    now: Instant,
    /// What the client sent on each connection and was not answered.
    sent: BTreeMap<ConnId, BytesMut>,
    unread: BTreeMap<ConnId, BytesMut>,
}

impl Answers {
    fn step(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        match u.int_in_range(0..=9)? {
            0..=2 => {
                let number = u.int_in_range(1..=255)?;
                command(&mut self.client, self.now, number, u)?;
            }
            3 => {
                self.now = self.now + Duration::from_millis(u.int_in_range(0..=2_000)?);
                self.client.handle(self.now, Input::Timeout);
            }
            4 => {
                let conns: Vec<_> = self.sent.keys().copied().collect();
                if !conns.is_empty() {
                    let conn = *u.choose(&conns)?;
                    self.sent.remove(&conn);
                    self.client.handle(self.now, Input::Closed { conn, cause: Cause::Reset });
                }
            }
            _ => self.answer_all(u)?,
        }
        assert!(self.drain(), "an endless drain");
        Ok(())
    }

    fn answer_all(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        for conn in self.sent.keys().copied().collect::<Vec<_>>() {
            for _ in 0..64 {
                let Some(lane) = self.sent.get_mut(&conn) else { break };
                let Some(frame) = Splitter::default().next(lane).expect("own frames") else {
                    break;
                };
                let Some(answer) = answer(&frame, u)? else { continue };
                let unread = self.unread.entry(conn).or_default();
                unread.extend_from_slice(&answer);
                self.client.handle(self.now, Input::Received { conn, data: unread });
                assert!(self.drain(), "an endless drain");
            }
        }
        Ok(())
    }

    fn drain(&mut self) -> bool {
        for _ in 0..DRAIN_LIMIT {
            let Some(output) = self.client.poll_output() else { return true };
            match output {
                Output::Open { conn, .. } => {
                    self.sent.insert(conn, BytesMut::new());
                    self.client.handle(self.now, Input::Opened { conn, peer: &Peer::default() });
                }
                Output::Send { conn, data } => {
                    let lane = self.sent.get_mut(&conn).expect("a connection that stands");
                    data.iter().for_each(|chunk| lane.extend_from_slice(chunk));
                    let bytes = data.iter().map(Bytes::len).sum();
                    self.client.handle(self.now, Input::Sent { conn, bytes });
                }
                Output::Close { conn, .. } => {
                    self.sent.remove(&conn);
                    self.unread.remove(&conn);
                }
                Output::Resume { conn } => {
                    if let Some(data) = self.unread.get_mut(&conn) {
                        self.client.handle(self.now, Input::Received { conn, data });
                    }
                }
                Output::Event(ClientEvent::Item(_, item)) => drop(item.records().count()),
                Output::Event(_) | Output::Pause { .. } => {}
            }
        }
        false
    }
}

/// Reads a whole request, as the client wrote it.
fn asked<R: Request>(version: i16, body: &Bytes) -> R {
    let mut reader = gridwire_core::kafka::wire::Reader::new(body);
    R::decode(version, &mut reader).expect("own requests")
}

/// An answer to a request: a good one where nothing would follow without, else any.
fn answer(frame: &Bytes, u: &mut Unstructured<'_>) -> Result<Option<Vec<u8>>> {
    let (header, body) = split_request(frame).expect("own requests");
    let (version, id) = (header.request_api_version, header.correlation_id);
    let mut out = Writer::new();
    let good = u.ratio(3u8, 4u8)?;
    match header.request_api_key {
        0 => {
            let request: ProduceRequest = asked(version, &body);
            if request.acks == 0 {
                return Ok(None);
            }
            let mut answer = any::<ProduceRequest>(version, u)?;
            for (said, topic) in answer.responses.iter_mut().zip(&request.topic_data) {
                (said.name, said.topic_id) = (topic.name.clone(), topic.topic_id);
                for (said, data) in said.partition_responses.iter_mut().zip(&topic.partition_data) {
                    said.index = data.index;
                    if good {
                        said.error_code = 0.into();
                    }
                }
            }
            let _ = write_response::<ProduceRequest>(&mut out, version, id, &answer);
        }
        1 => {
            let request: FetchRequest = asked(version, &body);
            let mut answer = any::<FetchRequest>(version, u)?;
            answer.throttle_time_ms = 0;
            if good {
                answer.error_code = 0.into();
            }
            for (said, topic) in answer.responses.iter_mut().zip(&request.topics) {
                (said.topic, said.topic_id) = (topic.topic.clone(), topic.topic_id);
                for (said, part) in said.partitions.iter_mut().zip(&topic.partitions) {
                    said.partition_index = part.partition;
                    if good {
                        said.error_code = 0.into();
                        said.records = Some(some_batches(u)?);
                    }
                }
            }
            let _ = write_response::<FetchRequest>(&mut out, version, id, &answer);
        }
        2 => {
            let request: ListOffsetsRequest = asked(version, &body);
            let mut answer = any::<ListOffsetsRequest>(version, u)?;
            for (said, topic) in answer.topics.iter_mut().zip(&request.topics) {
                said.name = topic.name.clone();
                for (said, part) in said.partitions.iter_mut().zip(&topic.partitions) {
                    said.partition_index = part.partition_index;
                }
            }
            let _ = write_response::<ListOffsetsRequest>(&mut out, version, id, &answer);
        }
        3 => {
            let request: MetadataRequest = asked(version, &body);
            let answer = metadata(version, &request, good, u)?;
            let _ = write_response::<MetadataRequest>(&mut out, version, id, &answer);
        }
        _ => {
            let all: Vec<_> = APIS.iter().map(|api| (api.key, api.versions)).collect();
            let (as_version, mut answer) = offer(&all, version, None);
            if !good {
                answer = any::<ApiVersionsRequest>(version, u)?;
            }
            let _ = write_response::<ApiVersionsRequest>(&mut out, as_version, id, &answer);
        }
    }
    Ok(Some(out.finish().iter().flatten().copied().collect()))
}

fn any<R: Request>(version: i16, u: &mut Unstructured<'_>) -> Result<R::Response> {
    <R::Response as Wire>::arbitrary(u, version, R::FLEXIBLE.contains(version))
}

fn metadata(
    version: i16,
    request: &MetadataRequest,
    good: bool,
    u: &mut Unstructured<'_>,
) -> Result<MetadataResponse> {
    let mut answer = any::<MetadataRequest>(version, u)?;
    answer.throttle_time_ms = 0;
    for (node, broker) in answer.brokers.iter_mut().enumerate() {
        (broker.node_id, broker.port) = (node as i32, 1 + node as i32);
    }
    for (said, topic) in answer.topics.iter_mut().zip(request.topics.iter().flatten()) {
        said.name = topic.name.clone();
        if good {
            said.error_code = 0.into();
        }
        for (index, partition) in said.partitions.iter_mut().enumerate() {
            partition.partition_index = index as i32;
            partition.leader_id %= 3;
        }
    }
    if good {
        answer.error_code = 0.into();
    }
    Ok(answer)
}

/// The broker, with clients that send arbitrary requests.
pub fn broker_requests(data: &[u8]) {
    let mut u = Unstructured::new(data);
    let mut broker = new_broker();
    let mut now = Instant::ZERO;
    let mut unread: BTreeMap<ConnId, BytesMut> = BTreeMap::new();
    while !u.is_empty() {
        if request(&mut broker, &mut now, &mut unread, &mut u).is_err() {
            break;
        }
        for n in 0.. {
            assert!(n < DRAIN_LIMIT, "an endless drain");
            let Some(output) = broker.poll_output() else { break };
            match output {
                Output::Send { conn, data } => {
                    assert!(unread.contains_key(&conn), "said after the end");
                    let bytes = data.iter().map(Bytes::len).sum();
                    broker.handle(now, Input::Sent { conn, bytes });
                }
                Output::Close { conn, .. } => drop(unread.remove(&conn)),
                Output::Resume { conn } => {
                    if let Some(data) = unread.get_mut(&conn) {
                        broker.handle(now, Input::Received { conn, data });
                    }
                }
                Output::Open { .. } => panic!("a broker opens nothing"),
                Output::Pause { .. } | Output::Event(_) => {}
            }
        }
    }
}

fn request(
    broker: &mut Broker,
    now: &mut Instant,
    unread: &mut BTreeMap<ConnId, BytesMut>,
    u: &mut Unstructured<'_>,
) -> Result<()> {
    if unread.len() < 3
        && let Some(conn) = broker.accept(*now, ListenerId(0), &Peer::default())
    {
        unread.insert(conn, BytesMut::new());
    }
    let conns: Vec<_> = unread.keys().copied().collect();
    let conn = *u.choose(&conns)?;
    let mut out = Writer::new();
    match u.int_in_range(0..=9)? {
        0..=2 => {
            let (version, mut request) = drawn::<ProduceRequest>(u)?;
            request.acks %= 2;
            for topic in &mut request.topic_data {
                topic.name = "t".into();
                for part in &mut topic.partition_data {
                    part.index %= 3;
                    part.records = Some(some_batches(u)?);
                }
            }
            let _ = write_request(&mut out, version, 1, None, &request);
        }
        3 | 4 => {
            let (version, mut request) = drawn::<FetchRequest>(u)?;
            (request.session_id, request.session_epoch) = (0, -1);
            for topic in &mut request.topics {
                topic.topic = "t".into();
                for part in &mut topic.partitions {
                    (part.partition, part.fetch_offset) =
                        (part.partition % 3, part.fetch_offset % 9);
                }
            }
            let _ = write_request(&mut out, version, 2, None, &request);
        }
        5 => {
            let (version, mut request) = drawn::<ListOffsetsRequest>(u)?;
            request.topics.iter_mut().for_each(|topic| topic.name = "t".into());
            let _ = write_request(&mut out, version, 3, None, &request);
        }
        6 => {
            let (version, request) = drawn::<MetadataRequest>(u)?;
            let _ = write_request(&mut out, version, 4, None, &request);
        }
        7 => {
            let (version, request) = drawn::<InitProducerIdRequest>(u)?;
            let _ = write_request(&mut out, version, 5, None, &request);
        }
        8 => {
            *now = *now + Duration::from_millis(u.int_in_range(0..=5_000)?);
            broker.handle(*now, Input::Timeout);
        }
        _ => {
            unread.remove(&conn);
            broker.handle(*now, Input::Closed { conn, cause: Cause::Eof });
        }
    }
    if let Some(data) = unread.get_mut(&conn) {
        out.finish().iter().for_each(|chunk| data.extend_from_slice(chunk));
        broker.handle(*now, Input::Received { conn, data });
    }
    Ok(())
}

fn drawn<R: Request>(u: &mut Unstructured<'_>) -> Result<(i16, R)> {
    let versioned = gridwire_core::kafka::wire::Versioned::<R>::arbitrary(u)?;
    Ok((versioned.version, versioned.message))
}

/// A few batches, mostly sound.
fn some_batches(u: &mut Unstructured<'_>) -> Result<Bytes> {
    let mut records = BytesMut::new();
    for _ in 0..u.int_in_range(0..=3)? {
        let mut builder = BatchBuilder::default();
        for _ in 0..u.int_in_range(0..=3)? {
            let (timestamp, value) = (u.arbitrary()?, u.arbitrary::<Option<Vec<u8>>>()?);
            let record = NewRecord { timestamp, value: value.as_deref(), ..NewRecord::default() };
            let _ = builder.push(&record);
        }
        let mut header = BatchHeader { base_offset: u.int_in_range(0..=9)?, ..Default::default() };
        if u.ratio(1u8, 4u8)? {
            header.attributes.0 = u.arbitrary()?;
            header.producer_id = u.int_in_range(-1..=2)?;
            header.producer_epoch = u.int_in_range(-1..=2)?;
            header.base_sequence = u.arbitrary()?;
        }
        let mut batch = BytesMut::from(&builder.finish(header)[..]);
        if u.ratio(1u8, 8u8)? {
            let at = u.choose_index(batch.len())?;
            batch[at] = u.arbitrary()?;
        }
        if u.ratio(1u8, 8u8)? {
            batch.truncate(u.choose_index(batch.len())?);
        }
        records.extend_from_slice(&batch);
    }
    Ok(records.freeze())
}
