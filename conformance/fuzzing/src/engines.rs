//! Whole engines, driven by [`steps`](crate::steps): each client and each embedded peer.
//!
//! What must hold beside what every step checks: a client's call ends exactly once, or never if it was
//! cancelled; a subscription brings nothing after its end; and shutting down ends everything.
//!
//! Limits are small here, so that short inputs reach them.

use std::collections::BTreeSet;
use std::time::Duration;

use arbitrary::Unstructured;
use gridwire_core::call::{Call, Caller, ClientEvent, Family, Order, SubscriptionId, Ticket};
use gridwire_core::endpoint::{Engine, Output, Start, Target};
use gridwire_core::fragment::FragmentLimits;
use gridwire_core::hazelcast::error::ErrorCode;
use gridwire_core::hazelcast::{self, Disturbance, EntryEvents, Fault, Hazelcast, Structures};
use gridwire_core::invoker::Detached;
use gridwire_core::kafka::{self, Acks, FetchOnce, Kafka, KafkaExt, Position, Record};
use gridwire_core::links::LinkLimits;
use gridwire_core::time::Instant;
use gridwire_core::xcp::message::{Kind, NackCode, Text};
use gridwire_core::xcp::server::{Handling, Reply, RequestId};
use gridwire_core::xcp::{self, Agents, CodecId, MsgType, Xcp};

use crate::steps::{Nobody, User, drive};

const START: Start = Start { seed: [7; 32], unix_at_zero: Duration::from_secs(1_700_000_000) };

/// Refusals come soon, and reading stops soon.
const LIMITS: LinkLimits = LinkLimits { high_water: 2_048, events: 8 };

const FRAGMENTS: FragmentLimits =
    FragmentLimits { unfinished: 2, bytes: 4_096, pieces: 8, wait: Duration::from_secs(5) };

const MAX_FRAME: usize = 1 << 16;

/// What a user makes of a number: an ordinary call.
type ToOrder<F> = fn(&Detached<F>, u8, &mut Unstructured<'_>) -> Order<F>;

/// What a user listens to.
type ToListen<F> = fn(&Detached<F>) -> <F as Family>::Listen;

/// A client's user: counts on the end of every call.
struct Calls<C: Caller> {
    invoker: Detached<C::Family>,
    order: ToOrder<C::Family>,
    listen: Option<ToListen<C::Family>>,
    open: BTreeSet<Ticket>,
    living: Vec<SubscriptionId>,
    ended: BTreeSet<SubscriptionId>,
    is_shut_down: bool,
}

impl<C: Caller> User<C> for Calls<C> {
    fn command(&mut self, client: &mut C, now: Instant, number: u8, input: &mut Unstructured<'_>) {
        let which = usize::from(number);
        match number {
            0..160 => {
                let ticket = client.submit(now, (self.order)(&self.invoker, number, input));
                assert!(self.open.insert(ticket), "a ticket was given out twice");
            }
            160..200 => {
                let Some(ticket) = self.open.iter().nth(which - 160).copied() else { return };
                self.open.remove(&ticket);
                client.cancel(now, ticket);
            }
            200..220 => {
                let Some(listen) = self.listen else { return };
                let (ticket, id) = client.subscribe(now, listen(&self.invoker));
                self.open.insert(ticket);
                self.living.push(id);
            }
            220..230 => {
                if let Some(id) = self.living.get(which - 220).copied() {
                    client.unsubscribe(now, id);
                    self.ended.insert(id);
                    self.living.retain(|living| *living != id);
                }
            }
            230..255 => {
                if let Some(id) = self.living.first() {
                    client.demand(now, *id, which - 230);
                }
            }
            255 => client.shut_down(now),
        }
    }

    fn event(&mut self, event: ClientEvent<C::Family>) {
        match event {
            ClientEvent::Done(ticket, _) => {
                assert!(self.open.remove(&ticket), "a call ended twice, or after it was cancelled");
            }
            ClientEvent::Item(id, _) => {
                assert!(!self.ended.contains(&id), "an item of what has ended");
                assert!(!self.is_shut_down, "an item after the end");
            }
            ClientEvent::Ended(id, _) => {
                assert!(self.ended.insert(id), "a subscription ended twice");
                self.living.retain(|living| *living != id);
            }
            ClientEvent::ShutDown(_) => {
                assert!(self.open.is_empty(), "shut down before every call had ended");
                assert!(!self.is_shut_down, "shut down twice");
                self.is_shut_down = true;
            }
            ClientEvent::Lifecycle(_) | ClientEvent::Room(_) | ClientEvent::Note(_) => {}
        }
    }
}

/// Drives a client, shuts it down, and sees that everything has ended.
fn client<C: Engine + Caller>(
    mut client: C,
    order: ToOrder<C::Family>,
    listen: Option<ToListen<C::Family>>,
    data: &[u8],
) {
    let mut user = Calls::<C> {
        invoker: Detached::new(client.codec()),
        order,
        listen,
        open: BTreeSet::new(),
        living: Vec::new(),
        ended: BTreeSet::new(),
        is_shut_down: false,
    };
    drive(&mut client, &mut user, data);
    client.shut_down(Instant::ZERO);
    while let Some(output) = client.poll_output() {
        if let Output::Event(event) = output {
            user.event(event);
        }
    }
    assert!(user.is_shut_down && user.open.is_empty(), "calls that never end");
    assert_eq!(client.deadline(), None, "a client that was shut down wants to be woken");
}

/// Hazelcast's client: map calls and entry listeners.
pub fn hazelcast_client(data: &[u8]) {
    client(hazelcast(), hazelcast_order, Some(hazelcast_listen), data);
}

fn hazelcast() -> hazelcast::Client {
    let mut config = hazelcast::Config::new([Target::new("one", 5701), Target::new("two", 5702)]);
    config.max_message = MAX_FRAME;
    config.fragments = FRAGMENTS;
    config.links = LIMITS;
    config.max_concurrent_invocations = 16;
    hazelcast::Client::start(config, START)
}

fn hazelcast_order(
    invoker: &Detached<Hazelcast>,
    number: u8,
    input: &mut Unstructured<'_>,
) -> Order<Hazelcast> {
    let map = invoker.map::<i32, String>("map");
    let key = input.arbitrary().unwrap_or_default();
    let value = "x".repeat(usize::from(input.arbitrary::<u16>().unwrap_or_default()));
    match number % 8 {
        0 => map.put(&key, &value).order,
        1 => map.set(&key, &value).order,
        2 => map.get(&key).timeout(Duration::from_secs(1)).order,
        3 => map.remove(&key).order,
        4 => map.size().order,
        5 => map.clear().order,
        6 => map.get_all(&[key, 1, 2, 3]).order,
        _ => map.put_all([(&key, &value), (&1, &value), (&2, &value)]).order,
    }
}

fn hazelcast_listen(invoker: &Detached<Hazelcast>) -> <Hazelcast as Family>::Listen {
    invoker.map::<i32, String>("map").listen(EntryEvents::ALL, true).listen
}

/// Has members crash, start, fall silent and go on, and requests go wrong.
struct Misfortune;

impl User<hazelcast::Member> for Misfortune {
    fn command(
        &mut self,
        members: &mut hazelcast::Member,
        now: Instant,
        number: u8,
        input: &mut Unstructured<'_>,
    ) {
        let member = usize::from(input.arbitrary::<u8>().unwrap_or_default()) % 4;
        let parameter: u8 = input.arbitrary().unwrap_or_default();
        let by = Duration::from_millis(u64::from(parameter));
        match number % 7 {
            0 => members.crash(now, member),
            1 => members.restart(now, member),
            2 => members.stall(now, member, parameter.is_multiple_of(2).then(|| now + by)),
            3 => members.thaw(now, member),
            4 => members.crash_all(now),
            5 => members.set_address(now, member, Target::new("moved", 5701)),
            _ => {
                let what = match parameter % 8 {
                    0 => Disturbance::Drop,
                    1 => Disturbance::DropAnswer,
                    2 => Disturbance::Delay(by),
                    3 => Disturbance::Error(ErrorCode(i32::from(parameter))),
                    4 => Disturbance::WrongAnswer,
                    5 => Disturbance::AnswerTo(i64::from(parameter)),
                    6 => Disturbance::Garbage,
                    _ => Disturbance::Close,
                };
                let (member, count, after) = (Some(member), u32::from(parameter % 3), 0);
                members.fault(Fault { member, message: None, after, count, what });
            }
        }
    }
}

/// Hazelcast's embedded members: three, of which not all run from the beginning.
pub fn hazelcast_member(data: &[u8]) {
    let mut config = hazelcast::MemberConfig::cluster(3);
    config.running = Some(2);
    config.partition_count = 5;
    config.replication_delay = (Duration::ZERO, Duration::from_millis(50));
    config.detection_delay = Duration::from_millis(20);
    config.invalidation_batch = Some((3, Duration::from_millis(30)));
    config.journal_capacity = Some(4);
    config.max_message = MAX_FRAME;
    config.fragments = FRAGMENTS;
    config.links = LIMITS;
    drive(&mut hazelcast::Member::start(config, START), &mut Misfortune, data);
}

/// Kafka's client: sends, reads, offsets and metadata.
pub fn kafka_client(data: &[u8]) {
    client(kafka(), kafka_order, Some(kafka_listen), data);
}

fn kafka() -> kafka::Client {
    let mut config = kafka::Config::new([Target::new("one", 9092), Target::new("two", 9093)]);
    config.max_frame = MAX_FRAME;
    config.links = LIMITS;
    config.max_waiting = 16;
    config.batch_size = 256;
    config.max_request_size = 1_024;
    config.buffer_memory = 4_096;
    kafka::Client::start(config, START)
}

fn kafka_order(
    invoker: &Detached<Kafka>,
    number: u8,
    input: &mut Unstructured<'_>,
) -> Order<Kafka> {
    let value = vec![0; usize::from(input.arbitrary::<u16>().unwrap_or_default())];
    let record = Record::value(value);
    let producer = invoker.producer("topic");
    let admin = invoker.admin();
    match number % 8 {
        0 => producer.send(record).order,
        1 => producer.send(record.to_partition(1)).timeout(Duration::from_secs(1)).order,
        2 => producer.acks(Acks::None).send(record.to_partition(0)).order,
        3 => producer.acks(Acks::Leader).send(Record::keyed("key", "value")).order,
        4 => admin.cluster().order,
        5 => admin.topics(["topic", "other"]).order,
        6 => admin.list_offsets("topic", [0, 1], Position::Timestamp(7)).order,
        _ => {
            let (topic, partition) = ("topic".into(), i32::from(number % 3) - 1);
            let (offset, max_bytes, min_bytes) = (3, 1_000, 1);
            let max_wait = Duration::from_millis(u64::from(number / 100) * 500);
            let fetch = FetchOnce { topic, partition, offset, max_bytes, min_bytes, max_wait };
            invoker.consumer().fetch(fetch).order
        }
    }
}

fn kafka_listen(invoker: &Detached<Kafka>) -> <Kafka as Family>::Listen {
    invoker.consumer().read("topic", [0, 1], Position::Earliest).listen
}

/// Kafka's embedded broker.
pub fn kafka_broker(data: &[u8]) {
    let config = kafka::server::Config {
        topics: vec![("topic".into(), 2)],
        max_topics: 4,
        max_batch: 2_048,
        max_log_bytes: 8_192,
        max_frame: MAX_FRAME,
        max_connections: 4,
        max_producers: 2,
        links: LIMITS,
        ..kafka::server::Config::default()
    };
    drive(&mut kafka::server::Broker::start(config, START), &mut Nobody, data);
}

/// What both sides of XCP bring, in small.
fn terms() -> xcp::session::Terms {
    xcp::session::Terms {
        max_frame_bytes: 4_096,
        max_message_bytes: MAX_FRAME as u64,
        ..xcp::session::Terms::default()
    }
}

/// XCP's client: Ethers, bodies and pings.
pub fn xcp_client(data: &[u8]) {
    client(xcp(), xcp_order, None, data);
}

fn xcp() -> xcp::Client {
    let mut config = xcp::client::Config::new(Target::new("agent", 9944));
    config.connections = 2;
    config.terms = terms();
    config.in_flight = 4;
    config.limits = LIMITS;
    xcp::Client::start(config, START)
}

fn xcp_order(invoker: &Detached<Xcp>, number: u8, input: &mut Unstructured<'_>) -> Order<Xcp> {
    let agent = invoker.agent();
    let text = "x".repeat(usize::from(input.arbitrary::<u16>().unwrap_or_default()));
    let ether = Text { text: text.as_str().into() }.to_ether().expect("text is an Ether");
    match number % 4 {
        0 => agent.send(&ether).order,
        1 => agent.tell(&ether).timeout(Duration::from_secs(1)).order,
        2 => agent.send_body(CodecId(number.into()), text.into()).order,
        _ => {
            let ping: Call<Xcp, Duration> = agent.ping();
            ping.order
        }
    }
}

/// Answers what an agent is asked, late and in any order.
#[derive(Default)]
struct Replies {
    asked: Vec<RequestId>,
}

impl User<xcp::server::XcpAgent> for Replies {
    fn command(
        &mut self,
        agent: &mut xcp::server::XcpAgent,
        now: Instant,
        number: u8,
        input: &mut Unstructured<'_>,
    ) {
        let which = usize::from(number / 8);
        let Some(id) = self.asked.get(which % self.asked.len().max(1)).copied() else { return };
        let body = vec![b'7'; usize::from(input.arbitrary::<u16>().unwrap_or_default())];
        let reply = match number % 8 {
            0 => Reply::Ack,
            1 => Reply::Nack { code: NackCode(2), retry_after: Duration::from_secs(1) },
            2 => return agent.disconnect(now, id.conn()),
            7 if number == 255 => return agent.shut_down(now),
            _ => Reply::Body {
                msg_type: MsgType::DATA,
                codec: CodecId::JSON,
                tags: Vec::new(),
                body: body.into(),
            },
        };
        // Answering twice, or too much, is the user's misuse: it is told, and nothing happens.
        let _ = agent.reply(now, id, reply);
    }

    fn event(&mut self, event: xcp::server::Event) {
        if let xcp::server::Event::Request(request) = event {
            self.asked.push(request.id);
        }
    }
}

/// XCP's embedded agent: the echo, or with a user, by the first byte.
pub fn xcp_agent(data: &[u8]) {
    let (handling, data) = match data.split_first() {
        Some((0, rest)) => (Handling::Echo, rest),
        Some((_, rest)) => (Handling::Ask, rest),
        None => return,
    };
    let config = xcp::server::Config {
        terms: terms(),
        handling,
        connections: 4,
        in_flight: 4,
        limits: LIMITS,
        ..xcp::server::Config::default()
    };
    drive(&mut xcp::server::XcpAgent::start(config, START), &mut Replies::default(), data);
}
