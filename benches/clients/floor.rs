//! The floor: one blocking socket that sends prebuilt requests, patches only their correlation ids, and
//! only counts what comes back.
//!
//! The requests are those that the engine writes; it also opens the connection, which is then taken
//! away from it.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use gridwire_core::call::Caller;

use crate::own_loop::OwnLoop;
use crate::side::{KEYS, Operation, Side, Stop};

const BUFFER: usize = 256 << 10;
/// Of a frame: its length, 4 bytes, then its flags.
const HEADER: usize = 6;
/// In a request: behind the header and the message's type.
const CORRELATION: usize = HEADER + 4;
const IS_FINAL: u16 = 1 << 13;
const IS_EVENT: u16 = 1 << 9;
/// Far above those that the engine gave out.
const FIRST_ID: u64 = 1 << 32;

pub(crate) struct Floor {
    stream: TcpStream,
    gets: Vec<Vec<u8>>,
    puts: Vec<Vec<u8>>,
    next_id: u64,
    next_key: usize,
    out: Vec<u8>,
    answers: Answers,
}

impl Floor {
    pub(crate) fn connect(at: SocketAddr) -> Self {
        let mut engine = OwnLoop::connect(at);
        // The first calls have the map made known; then what the member says unasked has come too.
        let warm = Instant::now();
        let stop = Stop::after(Duration::from_millis(10));
        engine.work(Operation::Put, 1, &stop);
        while warm.elapsed() < Duration::from_millis(500) {
            engine.turn();
        }
        let mut requests = |operation| -> Vec<Vec<u8>> {
            (0..KEYS)
                .map(|number| {
                    let order = engine.call(operation, number).order;
                    let now = engine.now();
                    engine.engine.submit(now, order);
                    let chunks = engine.take_unsent();
                    chunks.iter().flatten().flat_map(|chunk| chunk.iter().copied()).collect()
                })
                .collect()
        };
        let (gets, puts) = (requests(Operation::Get), requests(Operation::Put));
        engine.stream.set_read_timeout(None).unwrap();
        let stream = engine.stream.try_clone().unwrap();
        let answers = Answers { buffer: vec![0; BUFFER], filled: 0, is_event: false, starts: true };
        Self { stream, gets, puts, next_id: FIRST_ID, next_key: 0, out: Vec::new(), answers }
    }

    fn send(&mut self, operation: Operation, count: usize) {
        let requests = match operation {
            Operation::Get => &self.gets,
            Operation::Put => &self.puts,
        };
        self.out.clear();
        for _ in 0..count {
            let at = self.out.len() + CORRELATION;
            self.out.extend_from_slice(&requests[self.next_key]);
            self.out[at..at + 8].copy_from_slice(&self.next_id.to_le_bytes());
            self.next_id += 1;
            self.next_key = (self.next_key + 1) % KEYS;
        }
        self.stream.write_all(&self.out).unwrap();
    }
}

impl Side for Floor {
    fn work(&mut self, operation: Operation, depth: usize, stop: &Stop) -> u64 {
        let mut done = 0;
        let mut in_flight = depth;
        self.send(operation, depth);
        while in_flight > 0 {
            let answers = self.answers.read(&mut self.stream);
            done += answers as u64;
            if stop.is_over() {
                in_flight -= answers;
            } else if answers > 0 {
                self.send(operation, answers);
            }
        }
        done
    }
}

/// What was read and is not a whole frame yet.
struct Answers {
    buffer: Vec<u8>,
    filled: usize,
    /// The message that is being read is an event.
    is_event: bool,
    /// The next frame is a message's first.
    starts: bool,
}

impl Answers {
    /// Reads once; gives how many answers have ended.
    fn read(&mut self, stream: &mut TcpStream) -> usize {
        match stream.read(&mut self.buffer[self.filled..]) {
            Ok(0) => panic!("the member has gone"),
            Ok(read) => self.filled += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => return 0,
            Err(error) => panic!("{error}"),
        }
        let (mut at, mut answers) = (0, 0);
        while let Some(header) = self.buffer[at..self.filled].first_chunk::<HEADER>() {
            let [a, b, c, d, low, high] = *header;
            let length = u32::from_le_bytes([a, b, c, d]) as usize;
            assert!((HEADER..BUFFER).contains(&length), "a frame of {length} bytes");
            if at + length > self.filled {
                break;
            }
            let flags = u16::from_le_bytes([low, high]);
            if self.starts {
                self.is_event = flags & IS_EVENT != 0;
            }
            self.starts = flags & IS_FINAL != 0;
            answers += usize::from(self.starts && !self.is_event);
            at += length;
        }
        self.buffer.copy_within(at..self.filled, 0);
        self.filled -= at;
        answers
    }
}
