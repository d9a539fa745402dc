//! The raw sockets, as a careful person would write them by hand for this very exchange.
//!
//! A round's messages go out vectored without a copy, and while they go out what comes back is read,
//! into one buffer of 256 KiB that is used again and again; the round is over when as many bytes
//! have come back. No framing, no ids, no deadlines, no tasks: one loop.

use std::io::{self, IoSlice, Read, Write};
use std::net::SocketAddr;

use futures_lite::future::{poll_fn, zip};
use futures_lite::{AsyncRead, AsyncWrite};

use super::Side;

const BUFFER: usize = 256 << 10;

/// What is left of a round's bytes, as slices.
fn slices(message: &[u8], depth: usize, written: usize) -> Vec<IoSlice<'_>> {
    let (first, offset) = (written / message.len(), written % message.len());
    let mut slices = Vec::with_capacity(64);
    for n in first..depth.min(first + 64) {
        slices.push(IoSlice::new(if n == first { &message[offset..] } else { message }));
    }
    slices
}

pub struct Tokio {
    runtime: tokio::runtime::Runtime,
    stream: tokio::net::TcpStream,
    buffer: Vec<u8>,
}

impl Tokio {
    pub fn new(at: SocketAddr) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let stream = runtime.block_on(tokio::net::TcpStream::connect(at)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { runtime, stream, buffer: vec![0; BUFFER] }
    }
}

impl Side for Tokio {
    fn rounds(&mut self, rounds: u64, depth: usize, size: usize) {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let message = vec![7; size];
        let total = depth * size;
        let (mut reading, mut writing) = self.stream.split();
        let buffer = &mut self.buffer;
        self.runtime.block_on(async {
            for _ in 0..rounds {
                let write = async {
                    let mut written = 0;
                    while written < total {
                        let slices = slices(&message, depth, written);
                        written += writing.write_vectored(&slices).await.unwrap();
                    }
                };
                let read = async {
                    let mut got = 0;
                    while got < total {
                        got += reading.read(buffer).await.unwrap();
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
        let message = vec![7; size];
        let total = depth * size;
        let (mut reading, mut writing) = (self.stream.clone(), self.stream.clone());
        let mut buffer = std::mem::take(&mut self.buffer);
        // On the executor, as a program would, and not on the thread that waits for the bench.
        self.buffer = async_std::task::block_on(async_std::task::spawn(async move {
            for _ in 0..rounds {
                let write = async {
                    let mut written = 0;
                    while written < total {
                        let slices = slices(&message, depth, written);
                        written += poll_fn(|cx| {
                            std::pin::Pin::new(&mut writing).poll_write_vectored(cx, &slices)
                        })
                        .await
                        .unwrap();
                    }
                };
                let read = async {
                    let mut got = 0;
                    while got < total {
                        got += poll_fn(|cx| {
                            std::pin::Pin::new(&mut reading).poll_read(cx, &mut buffer)
                        })
                        .await
                        .unwrap();
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
        let message = vec![7; size];
        let total = depth * size;
        for _ in 0..rounds {
            let (mut written, mut got) = (0, 0);
            let (mut writable, mut readable) = (true, false);
            while got < total {
                while writable && written < total {
                    match self.stream.write_vectored(&slices(&message, depth, written)) {
                        Ok(bytes) => written += bytes,
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => writable = false,
                        Err(error) => panic!("{error}"),
                    }
                }
                while readable && got < total {
                    match self.stream.read(&mut self.buffer) {
                        // A read that leaves room has emptied the socket.
                        Ok(bytes) => {
                            got += bytes;
                            readable = bytes == BUFFER;
                        }
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => readable = false,
                        Err(error) => panic!("{error}"),
                    }
                }
                if got < total {
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
