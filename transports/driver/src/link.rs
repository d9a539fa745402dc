//! [`Link`]: one connection's socket, buffers and flags, and [`Outgoing`], what waits to be written.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice};
use std::sync::Arc;
use std::task::Waker;

use bytes::{Buf, Bytes, BytesMut};
use gridwire_core::endpoint::{Cause, Chunks};
use gridwire_core::time::Instant;
use smallvec::SmallVec;

use crate::runtime::{READ_SPARE, Socket};
use crate::tls::Stream;

/// Slices of one write.
const SLICES: usize = 64;
/// Bytes of one turn at writing; after so many others get the lock.
const WRITE_TURN: usize = 4 << 20;
/// Room for one read at first. It doubles while reads fill it, up to [`READ_SPARE`]: more than that
/// sockets of std's kind don't read at once.
const READ_FIRST: usize = 16 << 10;

/// One connection. The engine may have forgotten it: then only `ending` is left to do.
pub(crate) struct Link<S> {
    /// `None` while it is being opened.
    pub(crate) socket: Option<Arc<Stream<S>>>,
    /// Bytes that the engine left. Holds no memory when there are none.
    pub(crate) unread: BytesMut,
    /// Room that the next read makes.
    appetite: usize,
    pub(crate) out: Outgoing,
    /// The engine wants no bytes.
    pub(crate) paused: bool,
    /// Somebody reads with the lock released, and has `unread`.
    pub(crate) reading: bool,
    /// The last read got all it could: there may be more, and nobody is asked before trying.
    pub(crate) more: bool,
    /// The engine resumed meanwhile: they offer it what there is, new bytes or none.
    pub(crate) offer: bool,
    /// Somebody writes with the lock released, and has `out`'s older part.
    pub(crate) writing: bool,
    /// The last write found no room: the link's task waits for some.
    pub(crate) blocked: bool,
    /// It is in the hub's list of links to write.
    pub(crate) dirty: bool,
    /// A write failed: what the peer sent before is read, then the link ends.
    pub(crate) broken: Option<Cause>,
    /// Reading ended while somebody wrote: they report what was taken, then the end.
    pub(crate) over: Option<Cause>,
    /// The engine closed it: what is queued is written until then at most.
    pub(crate) ending: Option<Instant>,
    /// Ending, and the peer was told that no more will come.
    pub(crate) shut: bool,
    /// Wakes the link's task.
    pub(crate) waker: Option<Waker>,
}

impl<S> Link<S> {
    pub(crate) fn new(socket: Option<Arc<Stream<S>>>) -> Self {
        Self {
            socket,
            unread: BytesMut::new(),
            appetite: READ_FIRST,
            out: Outgoing::default(),
            paused: false,
            reading: false,
            more: false,
            offer: false,
            writing: false,
            blocked: false,
            dirty: false,
            broken: None,
            over: None,
            ending: None,
            shut: false,
            waker: None,
        }
    }

    /// Takes the unread bytes with room for a read behind them. The engine reserves room itself for
    /// a message that it has the beginning of; that is left as it is.
    pub(crate) fn take_unread(&mut self) -> BytesMut {
        self.reading = true;
        let mut unread = std::mem::take(&mut self.unread);
        if unread.capacity() - unread.len() < READ_FIRST / 4 {
            unread.reserve(self.appetite);
        }
        unread
    }

    /// Gives back what was not consumed, after a read of `read` bytes that left `spare` of room.
    pub(crate) fn keep_unread(&mut self, unread: BytesMut, read: usize, spare: usize) {
        self.reading = false;
        self.more = spare == 0 || read >= READ_SPARE;
        // Batches of answers vary: only what is far too much is given up, or every other read would
        // find too little and be followed by another.
        if spare == 0 {
            self.appetite = (self.appetite * 2).min(READ_SPARE);
        } else if read < self.appetite / 4 {
            self.appetite = READ_FIRST.max(self.appetite / 2);
        }
        if !unread.is_empty() {
            self.unread = unread;
        }
    }
}

/// What waits to be written on one connection.
#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    chunks: VecDeque<Bytes>,
}

impl Outgoing {
    pub(crate) fn push(&mut self, data: Chunks) {
        self.chunks.extend(data);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.chunks = VecDeque::new();
    }

    /// Puts what came meanwhile behind this.
    pub(crate) fn append(&mut self, newer: &mut Self) {
        if self.chunks.is_empty() {
            std::mem::swap(self, newer);
        } else {
            self.chunks.append(&mut newer.chunks);
        }
    }

    /// Writes until all is written, the socket is full or the turn is over; says how many bytes the
    /// socket took, and why it stopped if not for lack of bytes.
    pub(crate) fn write_to<S: Socket>(&mut self, socket: &Stream<S>) -> (usize, io::Result<()>) {
        let mut taken = 0;
        while !self.chunks.is_empty() && taken < WRITE_TURN {
            let slices: SmallVec<[IoSlice<'_>; SLICES]> =
                self.chunks.iter().take(SLICES).map(|chunk| IoSlice::new(chunk)).collect();
            let result = socket.try_write(&slices);
            drop(slices);
            match result {
                Ok(0) => return (taken, Err(ErrorKind::WriteZero.into())),
                Ok(bytes) => {
                    taken += bytes;
                    self.advance(bytes);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return (taken, Err(error)),
            }
        }
        (taken, socket.try_flush())
    }

    fn advance(&mut self, mut bytes: usize) {
        while let Some(first) = self.chunks.front_mut() {
            if first.len() > bytes {
                first.advance(bytes);
                return;
            }
            bytes -= first.len();
            self.chunks.pop_front();
        }
    }
}

/// Why the transport failed, in the engine's words.
pub(crate) fn cause_of(error: &io::Error) -> Cause {
    match error.kind() {
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            Cause::Reset
        }
        ErrorKind::ConnectionRefused => Cause::Refused,
        ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable
        | ErrorKind::NetworkDown
        | ErrorKind::AddrNotAvailable => Cause::Unreachable,
        ErrorKind::TimedOut => Cause::TimedOut,
        ErrorKind::UnexpectedEof => Cause::Eof,
        // Of this crate alone: sockets don't judge what they carry.
        ErrorKind::InvalidData => Cause::Tls(error.to_string().into()),
        _ => Cause::Other(error.to_string().into()),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Shutdown, SocketAddr};
    use std::sync::Mutex;
    use std::task::{Context, Poll};

    use super::*;

    /// Takes at most `most` bytes a write, and is full after `room`.
    struct Narrow {
        most: usize,
        room: Mutex<usize>,
        got: Mutex<Vec<u8>>,
        slices: Mutex<usize>,
    }

    impl Socket for Narrow {
        fn poll_readable(&self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }
        fn poll_writable(&self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }
        fn try_read(&self, _: &mut BytesMut) -> io::Result<usize> {
            Err(ErrorKind::WouldBlock.into())
        }
        fn try_write(&self, from: &[IoSlice<'_>]) -> io::Result<usize> {
            let mut room = self.room.lock().unwrap();
            if *room == 0 {
                return Err(ErrorKind::WouldBlock.into());
            }
            let mut slices = self.slices.lock().unwrap();
            *slices = (*slices).max(from.len());
            let mut got = self.got.lock().unwrap();
            let all: Vec<u8> = from.iter().flat_map(|slice| slice.iter().copied()).collect();
            let taken = all.len().min(self.most).min(*room);
            got.extend_from_slice(&all[..taken]);
            *room -= taken;
            Ok(taken)
        }
        fn shut_down(&self, _: Shutdown) {}
        fn addresses(&self) -> (Option<SocketAddr>, Option<SocketAddr>) {
            (None, None)
        }
    }

    #[test]
    fn an_idle_link_holds_no_buffer() {
        let mut link = Link::<Narrow>::new(None);
        let mut unread = link.take_unread();
        assert!(unread.capacity() >= READ_FIRST / 4);
        unread.extend_from_slice(b"whole message");
        let _ = unread.split();
        link.keep_unread(unread, 4, 1);
        assert_eq!((link.unread.capacity(), link.out.chunks.capacity()), (0, 0));

        let mut unread = link.take_unread();
        unread.extend_from_slice(b"half");
        link.keep_unread(unread, 4, 1);
        assert_eq!(link.take_unread(), b"half"[..]);
    }

    /// Has a link read so many KiB at a time, as far as there is room, and says what room there was
    /// each time and whether there may be more.
    fn reads(link: &mut Link<Narrow>, reads: &[usize]) -> Vec<(usize, bool)> {
        let read = |wanted: &usize| {
            let room = link.take_unread().capacity();
            let read = room.min(wanted << 10);
            link.keep_unread(BytesMut::new(), read, room - read);
            (room >> 10, link.more)
        };
        reads.iter().map(read).collect()
    }

    #[test]
    fn reads_get_larger_while_they_fill_their_room() {
        let mut link = Link::<Narrow>::new(None);
        assert_eq!(
            reads(&mut link, &[99, 99, 99, 99, 9, 9, 9, 3, 3]),
            [
                (16, true),
                (32, true),
                (64, true),
                (64, true),
                (64, false),
                (32, false),
                (32, false),
                (32, false),
                (16, false)
            ]
        );
    }

    #[test]
    fn a_batch_that_comes_again_finds_room_again() {
        let mut link = Link::<Narrow>::new(None);
        let rooms = reads(&mut link, &[26, 10, 26, 26, 9, 26]);
        assert_eq!(rooms[0], (16, true));
        assert!(rooms[1..].iter().all(|room| *room == (32, false)), "{rooms:?}");
    }

    #[test]
    fn more_than_a_socket_reads_at_once_is_asked_for_again() {
        let mut link = Link::<Narrow>::new(None);
        // The engine has made room for a large message: the socket stopped for reasons of its own.
        link.keep_unread(BytesMut::new(), READ_SPARE, 1 << 20);
        assert!(link.more);
        link.keep_unread(BytesMut::new(), READ_SPARE - 1, 1 << 20);
        assert!(!link.more);
    }

    #[test]
    fn partial_writes_lose_and_repeat_nothing() {
        let expected: Vec<u8> = (0..7_000u32).map(|n| n as u8).collect();
        for (most, room) in [(1, 100), (7, 6_999), (1000, 500), (usize::MAX, usize::MAX)] {
            let socket = Stream::Plain(Narrow {
                most,
                room: Mutex::new(0),
                got: Mutex::default(),
                slices: Mutex::default(),
            });
            let mut out = Outgoing::default();
            for piece in expected.chunks(70) {
                out.push(Chunks::from_iter([Bytes::copy_from_slice(piece)]));
            }
            let mut total = 0;
            while !out.is_empty() {
                *socket.socket().room.lock().unwrap() = room;
                let (taken, result) = out.write_to(&socket);
                total += taken;
                assert!(result.is_ok() || result.unwrap_err().kind() == ErrorKind::WouldBlock);
            }
            assert_eq!(total, expected.len());
            assert_eq!(*socket.socket().got.lock().unwrap(), expected);
            assert!(*socket.socket().slices.lock().unwrap() <= SLICES);
        }
    }
}
