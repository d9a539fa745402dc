//! The raw sockets, as a careful person would write them by hand for this very exchange.
//!
//! A round's messages go out together: small ones are copied behind each other and written once, large
//! ones are written vectored without a copy. While they go out what comes back is read, into room of
//! up to 256 KiB, and each message is handed out as a value of its own: split off without a copy on
//! tokio, which reads into memory that nobody wrote, and copied out elsewhere. All have the same size, so there is no framing. The round is over when all have come back. No ids,
//! no deadlines, no tasks: one loop.

use std::collections::VecDeque;
use std::io::{self, IoSlice, Read, Write};
use std::net::SocketAddr;

use bytes::{Buf, Bytes, BytesMut};
use futures_lite::future::{poll_fn, zip};
use futures_lite::{AsyncRead, AsyncWrite};

use super::Side;

const BUFFER: usize = 256 << 10;

/// A round's messages on their way out.
struct Round {
    chunks: VecDeque<Bytes>,
}

impl Round {
    fn new(message: &Bytes, depth: usize) -> Self {
        let chunks = if message.len() >= 2048 {
            std::iter::repeat_n(message.clone(), depth).collect()
        } else {
            let mut all = BytesMut::with_capacity(message.len() * depth);
            for _ in 0..depth {
                all.extend_from_slice(message);
            }
            VecDeque::from([all.freeze()])
        };
        Self { chunks }
    }

    fn slices(&self) -> Vec<IoSlice<'_>> {
        self.chunks.iter().take(64).map(|chunk| IoSlice::new(chunk)).collect()
    }

    fn written(&mut self, mut bytes: usize) {
        while let Some(first) = self.chunks.front_mut() {
            if first.len() > bytes {
                return first.advance(bytes);
            }
            bytes -= first.len();
            self.chunks.pop_front();
        }
    }

    fn is_over(&self) -> bool {
        self.chunks.is_empty()
    }
}

/// Hands out the messages that have come; says how many.
fn split(from: &mut BytesMut, size: usize) -> usize {
    let mut messages = 0;
    while from.len() >= size {
        std::hint::black_box(from.split_to(size).freeze());
        messages += 1;
    }
    messages
}

/// The same for sockets that read into a slice: messages are copied out, and what is left is moved to
/// the front.
fn copy_out(buffer: &mut [u8], filled: usize, size: usize) -> usize {
    let whole = filled - filled % size;
    for message in buffer[..whole].chunks(size) {
        std::hint::black_box(Bytes::copy_from_slice(message));
    }
    buffer.copy_within(whole..filled, 0);
    whole / size
}

/// Makes room for a read if there is little.
fn room(into: &mut BytesMut, size: usize) {
    if into.capacity() - into.len() < size {
        into.reserve(BUFFER);
    }
}

pub struct Tokio {
    runtime: tokio::runtime::Runtime,
    stream: tokio::net::TcpStream,
    buffer: BytesMut,
}

impl Tokio {
    pub fn new(at: SocketAddr) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let stream = runtime.block_on(tokio::net::TcpStream::connect(at)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { runtime, stream, buffer: BytesMut::new() }
    }
}

impl Side for Tokio {
    fn rounds(&mut self, rounds: u64, depth: usize, size: usize) {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let message = Bytes::from(vec![7; size]);
        let (mut reading, mut writing) = self.stream.split();
        let buffer = &mut self.buffer;
        self.runtime.block_on(async {
            for _ in 0..rounds {
                let mut round = Round::new(&message, depth);
                let write = async {
                    while !round.is_over() {
                        let bytes = writing.write_vectored(&round.slices()).await.unwrap();
                        round.written(bytes);
                    }
                };
                let read = async {
                    let mut got = 0;
                    while got < depth {
                        room(buffer, size);
                        reading.read_buf(buffer).await.unwrap();
                        got += split(buffer, size);
                    }
                };
                zip(write, read).await;
            }
        });
    }
}

pub struct AsyncStd {
    stream: async_std::net::TcpStream,
    buffer: Vec<u8>,
}

impl AsyncStd {
    pub fn new(at: SocketAddr) -> Self {
        let stream = async_std::task::block_on(async_std::net::TcpStream::connect(at)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: vec![0; BUFFER] }
    }
}

impl Side for AsyncStd {
    fn rounds(&mut self, rounds: u64, depth: usize, size: usize) {
        let message = Bytes::from(vec![7; size]);
        let (mut reading, mut writing) = (self.stream.clone(), self.stream.clone());
        let mut buffer = std::mem::take(&mut self.buffer);
        // On the executor, as a program would, and not on the thread that waits for the bench.
        self.buffer = async_std::task::block_on(async_std::task::spawn(async move {
            for _ in 0..rounds {
                let mut round = Round::new(&message, depth);
                let write = async {
                    while !round.is_over() {
                        let slices = round.slices();
                        let bytes = poll_fn(|cx| {
                            std::pin::Pin::new(&mut writing).poll_write_vectored(cx, &slices)
                        })
                        .await
                        .unwrap();
                        drop(slices);
                        round.written(bytes);
                    }
                };
                let read = async {
                    let (mut got, mut filled) = (0, 0);
                    while got < depth {
                        let room = &mut buffer[filled..];
                        filled +=
                            poll_fn(|cx| std::pin::Pin::new(&mut reading).poll_read(cx, room))
                                .await
                                .unwrap();
                        got += copy_out(&mut buffer, filled, size);
                        filled %= size;
                    }
                };
                zip(write, read).await;
            }
            buffer
        }));
    }
}

pub struct Mio {
    poll: mio::Poll,
    events: mio::Events,
    stream: mio::net::TcpStream,
    buffer: Vec<u8>,
}

impl Mio {
    pub fn new(at: SocketAddr) -> Self {
        let stream = std::net::TcpStream::connect(at).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_nonblocking(true).unwrap();
        let mut stream = mio::net::TcpStream::from_std(stream);
        let poll = mio::Poll::new().unwrap();
        let interest = mio::Interest::READABLE | mio::Interest::WRITABLE;
        poll.registry().register(&mut stream, mio::Token(1), interest).unwrap();
        Self { poll, events: mio::Events::with_capacity(16), stream, buffer: vec![0; BUFFER] }
    }
}

impl Side for Mio {
    fn rounds(&mut self, rounds: u64, depth: usize, size: usize) {
        let message = Bytes::from(vec![7; size]);
        for _ in 0..rounds {
            let mut round = Round::new(&message, depth);
            let (mut got, mut filled) = (0, 0);
            let (mut writable, mut readable) = (true, false);
            while got < depth {
                while writable && !round.is_over() {
                    match self.stream.write_vectored(&round.slices()) {
                        Ok(bytes) => round.written(bytes),
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => writable = false,
                        Err(error) => panic!("{error}"),
                    }
                }
                while readable && got < depth {
                    match self.stream.read(&mut self.buffer[filled..]) {
                        // A read that leaves room has emptied the socket.
                        Ok(bytes) => {
                            filled += bytes;
                            readable = filled == BUFFER;
                            got += copy_out(&mut self.buffer, filled, size);
                            filled %= size;
                        }
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => readable = false,
                        Err(error) => panic!("{error}"),
                    }
                }
                if got < depth {
                    self.poll.poll(&mut self.events, None).unwrap();
                    for event in &self.events {
                        readable |= event.is_readable();
                        writable |= event.is_writable();
                    }
                }
            }
        }
    }
}
