//! The engine in a loop of its own: one thread, one blocking socket of std, no runtime, no adapter.

use std::io::{ErrorKind, IoSlice, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant as Std};

use bytes::BytesMut;
use getrandom::fill;
use gridwire_core::call::{Call, Caller, ClientEvent, Opener, Ticket};
use gridwire_core::endpoint::{Chunks, ConnId, Endpoint, Engine, Input, Output, Peer, Start};
use gridwire_core::hazelcast::proxy::Map;
use gridwire_core::hazelcast::{Answer, Client, Error, Hazelcast, Structures};
use gridwire_core::invoker::Detached;
use gridwire_core::time::Instant;

use crate::side::{KEYS, MAP, Operation, Side, Stop, check, config, key, value};

/// How often time is looked at while nothing comes.
const TICK: Duration = Duration::from_millis(100);
const BUFFER: usize = 64 << 10;

pub(crate) type Values = Map<String, Vec<u8>, Detached<Hazelcast>>;
type End = (Ticket, Result<Answer, Error>);

/// An engine and the one connection that it has to the one member there is.
pub(crate) struct OwnLoop {
    pub(crate) engine: Client,
    zero: Std,
    conn: Option<ConnId>,
    pub(crate) stream: TcpStream,
    unread: BytesMut,
    buffer: Vec<u8>,
    unsent: Vec<Chunks>,
    ended: Vec<End>,
    pub(crate) map: Values,
    pub(crate) keys: Vec<String>,
    pub(crate) value: Vec<u8>,
}

impl OwnLoop {
    pub(crate) fn connect(at: SocketAddr) -> Self {
        let mut seed = [0; 32];
        fill(&mut seed).unwrap();
        let start = Start { seed, unix_at_zero: Duration::from_secs(1_700_000_000) };
        let engine = Client::start(config(at), start);
        let stream = TcpStream::connect(at).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(TICK)).unwrap();
        let map = Detached::new(engine.codec()).map(MAP);
        let mut this = Self {
            engine,
            zero: Std::now(),
            conn: None,
            stream,
            unread: BytesMut::new(),
            buffer: vec![0; BUFFER],
            unsent: Vec::new(),
            ended: Vec::new(),
            map,
            keys: (0..KEYS).map(key).collect(),
            value: value(),
        };
        while !this.engine.is_connected() {
            this.turn();
        }
        this
    }

    pub(crate) fn now(&self) -> Instant {
        Instant::ZERO + self.zero.elapsed()
    }

    /// Writes what the engine wants written, waits for bytes, and has it take them.
    pub(crate) fn turn(&mut self) {
        let now = self.now();
        if self.engine.deadline().is_some_and(|at| at <= now) {
            self.engine.handle(now, Input::Timeout);
        }
        self.drain(now);
        self.write(now);
        let read = match self.stream.read(&mut self.buffer) {
            Ok(0) => panic!("the member has gone"),
            Ok(read) => read,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => 0,
            Err(error) => panic!("{error}"),
        };
        if let (Some(conn), 1..) = (self.conn, read) {
            self.unread.extend_from_slice(&self.buffer[..read]);
            let now = self.now();
            self.engine.handle(now, Input::Received { conn, data: &mut self.unread });
            self.drain(now);
        }
    }

    fn drain(&mut self, now: Instant) {
        while let Some(output) = self.engine.poll_output() {
            match output {
                Output::Open { conn, .. } => {
                    assert!(self.conn.replace(conn).is_none(), "one member, one connection");
                    let peer = Peer { local: None, remote: None, certificates: None };
                    self.engine.handle(now, Input::Opened { conn, peer: &peer });
                }
                Output::Send { data, .. } => self.unsent.push(data),
                Output::Close { .. } => panic!("the engine gave up"),
                Output::Resume { conn } => {
                    self.engine.handle(now, Input::Received { conn, data: &mut self.unread });
                }
                Output::Pause { .. } => {}
                Output::Event(ClientEvent::Done(ticket, end)) => self.ended.push((ticket, end)),
                Output::Event(_) => {}
            }
        }
    }

    /// What the engine wants sent, taken away from it.
    pub(crate) fn take_unsent(&mut self) -> Vec<Chunks> {
        self.drain(self.now());
        std::mem::take(&mut self.unsent)
    }

    fn write(&mut self, now: Instant) {
        let Some(conn) = self.conn else { return };
        for data in self.unsent.drain(..) {
            let mut slices: Vec<_> = data.iter().map(|chunk| IoSlice::new(chunk)).collect();
            let mut rest = &mut slices[..];
            let mut bytes = 0;
            while !rest.is_empty() {
                let written = self.stream.write_vectored(rest).unwrap();
                bytes += written;
                IoSlice::advance_slices(&mut rest, written);
            }
            self.engine.handle(now, Input::Sent { conn, bytes });
        }
    }

    /// Submits the next call, and says how its answer is read: all are alike.
    fn submit(
        &mut self,
        now: Instant,
        operation: Operation,
        number: u64,
    ) -> Opener<Hazelcast, Answer, Option<Vec<u8>>> {
        let Call { order, opener } = self.call(operation, number as usize);
        self.engine.submit(now, order);
        opener
    }

    pub(crate) fn call(
        &self,
        operation: Operation,
        number: usize,
    ) -> Call<Hazelcast, Option<Vec<u8>>> {
        let key = &self.keys[number % KEYS];
        match operation {
            Operation::Get => self.map.get(key),
            Operation::Put => self.map.put(key, &self.value),
        }
    }
}

impl Side for OwnLoop {
    fn work(&mut self, operation: Operation, depth: usize, stop: &Stop) -> u64 {
        let codec = self.engine.codec();
        let (mut submitted, mut done) = (0, 0);
        let now = self.now();
        let mut opener = self.submit(now, operation, submitted);
        submitted += 1;
        while submitted < depth as u64 {
            opener = self.submit(now, operation, submitted);
            submitted += 1;
        }
        while done < submitted {
            self.turn();
            let now = self.now();
            let mut ended = std::mem::take(&mut self.ended);
            for (_, end) in ended.drain(..) {
                let value = opener.open(&end.unwrap(), &codec).unwrap();
                check(value.as_ref());
                done += 1;
                if !stop.is_over() {
                    self.submit(now, operation, submitted);
                    submitted += 1;
                }
            }
            self.ended = ended;
        }
        done
    }
}
