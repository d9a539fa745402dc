//! A client engine that was let in by an embedded member, and a stand-in that answers from then on.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use gridwire_core::call::{Call, Caller, ClientEvent, Opener};
use gridwire_core::endpoint::*;
use gridwire_core::hazelcast::{
    Answer, Client, Codec, Config, Hazelcast, Map, Member, MemberConfig, Structures,
};
use gridwire_core::invoker::Detached;
use gridwire_core::time::Instant;

/// Where a message's correlation id is.
const ID: std::ops::Range<usize> = 10..18;
/// What a driver reads into.
const READ_BUFFER: usize = 64 << 10;
const VALUE: usize = 64;

type Value = Option<Vec<u8>>;
type Maker = Box<dyn Fn(u64) -> Call<Hazelcast, Value>>;

/// What the keys are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Long,
    Text,
}

pub struct Rig {
    client: Client,
    codec: Arc<Codec>,
    conn: ConnId,
    now: Instant,
    make: Maker,
    made: u64,
    openers: Vec<Opener<Hazelcast, Answer, Value>>,
    /// The length of each request, and the answer that each gets.
    request: usize,
    answer: Bytes,
    inbox: BytesMut,
}

impl Rig {
    pub fn new(key: Key) -> Self {
        let start = Start { seed: [3; 32], unix_at_zero: Duration::ZERO };
        let mut client = Client::start(Config::new([Target::new("127.0.0.1", 5701)]), start);
        let mut member = Member::start(MemberConfig::default(), start);
        let (mut conn, mut accepted) = (None, None);
        while let Some(output) = client.poll_output() {
            if let Output::Open { conn: id, .. } = output {
                conn = Some(id);
                accepted = member.accept(Instant::ZERO, ListenerId(0), &Peer::default());
                let opened = Input::Opened { conn: id, peer: &Peer::default() };
                client.handle(Instant::ZERO, opened);
                break;
            }
        }
        let accepted = accepted.unwrap();
        let structures = Detached::new(client.codec());
        let make: Maker = match key {
            Key::Long => {
                let map: Map<i64, Vec<u8>, _> = structures.map("bench");
                Box::new(move |number| map.get(&(number.cast_signed() & 0xfff)))
            }
            Key::Text => {
                let map: Map<String, Vec<u8>, _> = structures.map("bench");
                let keys: Vec<_> = (0..4096).map(|number| format!("key-{number:06}")).collect();
                Box::new(move |number| map.get(keys[number as usize & 0xfff].as_str()))
            }
        };
        let mut rig = Self {
            codec: client.codec(),
            client,
            conn: conn.unwrap(),
            now: Instant::ZERO,
            make,
            made: 0,
            openers: Vec::new(),
            request: 0,
            answer: Bytes::new(),
            inbox: BytesMut::new(),
        };
        rig.settle(&mut member, accepted);
        assert!(rig.client.is_connected());
        let value = vec![7; VALUE];
        let put = match key {
            Key::Long => structures.map::<i64, Vec<u8>>("bench").put(&0, &value),
            Key::Text => structures.map::<String, Vec<u8>>("bench").put("key-000000", &value),
        };
        rig.client.submit(rig.now, put.order);
        rig.settle(&mut member, accepted);
        let get = (rig.make)(0);
        rig.client.submit(rig.now, get.order);
        let (request, answer, answers) = rig.settle(&mut member, accepted);
        (rig.request, rig.answer) = (request, answer);
        let value = get.opener.open(&answers[0], &rig.codec).ok().flatten();
        assert_eq!(value, Some(vec![7; VALUE]), "what the member answers");
        rig
    }

    /// Has client and member say all they have to; the last that each said, and how calls ended.
    fn settle(&mut self, member: &mut Member, accepted: ConnId) -> (usize, Bytes, Vec<Answer>) {
        let (mut request, mut answer, mut answers) = (0, Bytes::new(), Vec::new());
        loop {
            let (mut up, mut down) = (BytesMut::new(), BytesMut::new());
            while let Some(output) = self.client.poll_output() {
                match output {
                    Output::Send { data, .. } => {
                        data.iter().for_each(|chunk| up.extend_from_slice(chunk));
                    }
                    Output::Event(ClientEvent::Done(_, Ok(answer))) => answers.push(answer),
                    _ => {}
                }
            }
            if up.is_empty() {
                return (request, answer, answers);
            }
            request = up.len();
            self.client.handle(self.now, Input::Sent { conn: self.conn, bytes: request });
            member.handle(self.now, Input::Received { conn: accepted, data: &mut up });
            while let Some(output) = member.poll_output() {
                if let Output::Send { data, .. } = output {
                    data.iter().for_each(|chunk| down.extend_from_slice(chunk));
                }
            }
            answer = Bytes::copy_from_slice(&down);
            self.client.handle(self.now, Input::Received { conn: self.conn, data: &mut down });
        }
    }

    /// Submits so many calls, which go out in one write; then all answers come in one read, and
    /// each is opened.
    pub fn engine(&mut self, depth: usize) {
        self.now = self.now + Duration::from_micros(10);
        let now = self.now;
        for _ in 0..depth {
            let call = (self.make)(self.made);
            self.made += 1;
            black_box(self.client.submit(now, call.order));
            self.openers.push(call.opener);
        }
        let mut ends = 0;
        loop {
            match self.client.poll_output() {
                Some(Output::Send { conn, data }) => {
                    self.inbox.reserve(READ_BUFFER);
                    let mut bytes = 0;
                    for chunk in &data {
                        bytes += chunk.len();
                        reply(chunk, self.request, &self.answer, &mut self.inbox);
                    }
                    self.client.handle(now, Input::Sent { conn, bytes });
                }
                Some(Output::Event(ClientEvent::Done(_, Ok(answer)))) => {
                    let value = self.openers[ends].open(&answer, &self.codec).ok().flatten();
                    ends += usize::from(black_box(value).is_some());
                }
                Some(_) => {}
                None if self.inbox.is_empty() => break,
                None => {
                    let received = Input::Received { conn: self.conn, data: &mut self.inbox };
                    self.client.handle(now, received);
                }
            }
        }
        assert_eq!(ends, depth, "each call ends once");
        self.openers.clear();
    }

    /// The stand-in alone.
    pub fn peer(&mut self, depth: usize) {
        self.inbox.reserve(READ_BUFFER);
        for _ in 0..depth {
            // As many bytes as a request has, for the id in them.
            reply(
                black_box(&self.answer[..self.request]),
                self.request,
                &self.answer,
                &mut self.inbox,
            );
        }
        black_box(&self.inbox).iter().next();
        self.inbox.clear();
    }

    /// As many bytes both ways with an id in each; what has come is counted and not looked at.
    pub fn floor(&mut self, depth: usize) {
        let mut requests = BytesMut::with_capacity(self.request * depth);
        for _ in 0..depth {
            let at = requests.len();
            requests.extend_from_slice(&self.answer[..self.request]);
            requests[at + ID.start..at + ID.end].copy_from_slice(&self.made.to_le_bytes());
            self.made += 1;
        }
        self.inbox.reserve(READ_BUFFER);
        reply(black_box(&requests), self.request, &self.answer, &mut self.inbox);
        let (mut ends, mut at) = (0, 0);
        while let Some(length) = self.inbox.get(at..).and_then(<[u8]>::first_chunk) {
            ends += usize::from(i32::from_le_bytes(*length) > 0);
            at += self.answer.len();
        }
        assert_eq!(black_box(ends), depth);
        self.inbox.clear();
    }
}

/// The same answer to each request, with its id.
fn reply(requests: &[u8], request: usize, answer: &[u8], to: &mut BytesMut) {
    for request in requests.chunks_exact(request) {
        let at = to.len();
        to.extend_from_slice(answer);
        to[at + ID.start..at + ID.end].copy_from_slice(&request[ID]);
    }
}
