//! [`Session`]: one TLS connection over an adapter's socket.
//!
//! Both directions share the session's keys, so one lock guards it; it is never held while waiting.
//! A caller may write while the link's task reads: what either leaves to be written (a rest that the
//! OS had no room for, an answer to the peer's key update) the link's task writes when there is room.

use std::io::{self, ErrorKind, IoSlice, Write};
use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::{Buf, Bytes, BytesMut};
use rustls::Connection;

use crate::runtime::{Socket, read_spare};

/// Room for one read of ciphertext: the largest record is a little over 16 KiB.
const READ: usize = 20 << 10;
/// Plaintext that the session takes before its ciphertext must have been written.
const WRITE: usize = 64 << 10;

/// A TLS session and its socket.
pub(crate) struct Session<S> {
    socket: S,
    state: Mutex<State>,
    /// Ciphertext waits for room.
    unflushed: AtomicBool,
}

struct State {
    tls: Connection,
    /// Ciphertext that was read and the session had no room for. Holds no memory when there is none.
    ahead: BytesMut,
}

impl<S: Socket> Session<S> {
    pub(super) fn new(socket: S, mut tls: Connection) -> Self {
        tls.set_buffer_limit(Some(WRITE));
        let state = Mutex::new(State { tls, ahead: BytesMut::new() });
        Self { socket, state, unflushed: AtomicBool::new(true) }
    }

    pub(super) fn socket(&self) -> &S {
        &self.socket
    }

    pub(super) fn is_unflushed(&self) -> bool {
        self.unflushed.load(Ordering::Acquire)
    }

    pub(super) fn certificates(&self) -> Option<Arc<[Bytes]>> {
        let state = self.lock();
        let chain = state.tls.peer_certificates()?;
        Some(chain.iter().map(|der| Bytes::copy_from_slice(der)).collect())
    }

    pub(super) fn poll_handshake(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let mut state = self.lock();
            let mut blocked = self.flush(&mut state);
            if !state.tls.is_handshaking() && blocked.is_ok() {
                return Poll::Ready(Ok(()));
            }
            if blocked.is_ok() {
                blocked = match self.fetch(&mut state) {
                    Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
                    Ok(_) => self.digest(&mut state),
                    Err(error) => Err(error),
                };
            }
            drop(state);
            match blocked {
                Ok(()) => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
            // What is to be said comes before what is to be heard.
            let ready = if self.is_unflushed() {
                self.socket.poll_writable(cx)
            } else {
                self.socket.poll_readable(cx)
            };
            if ready.is_pending() {
                return Poll::Pending;
            }
        }
    }

    /// Decrypts what there is into the spare capacity; reads the socket once if there is nothing.
    pub(super) fn try_read(&self, into: &mut BytesMut) -> io::Result<usize> {
        let mut guard = self.lock();
        let state = &mut *guard;
        let start = into.len();
        loop {
            while into.len() < into.capacity() {
                match read_spare(state.tls.reader(), into) {
                    // The peer said that no more comes.
                    Ok(0) => return Ok(into.len() - start),
                    Ok(_) => {}
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error),
                }
            }
            let is_full = into.len() == into.capacity();
            if is_full || into.len() > start && state.ahead.is_empty() {
                return Ok(into.len() - start);
            }
            if state.ahead.is_empty() && self.fetch(state)? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let digested = self.digest(state);
            // What the session has to say in return: the link's task writes it when there is room.
            match self.flush(state) {
                Err(error) if error.kind() != ErrorKind::WouldBlock && digested.is_ok() => {
                    return Err(error);
                }
                // What was decrypted before the fault is read first; the fault stays.
                _ if into.len() > start => return Ok(into.len() - start),
                _ => digested?,
            }
        }
    }

    /// Encrypts and writes as much as the session takes.
    pub(super) fn try_write(&self, from: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut state = self.lock();
        self.flush(&mut state)?;
        let taken = state.tls.writer().write_vectored(from)?;
        match self.flush(&mut state) {
            Err(error) if error.kind() != ErrorKind::WouldBlock => Err(error),
            _ => Ok(taken),
        }
    }

    pub(super) fn try_flush(&self) -> io::Result<()> {
        self.flush(&mut self.lock())
    }

    /// Says goodbye in TLS's words first.
    pub(super) fn shut_down(&self, how: Shutdown) {
        let mut state = self.lock();
        if how != Shutdown::Read {
            state.tls.send_close_notify();
            // A peer that has no room for it sees the end of the stream.
            let _ = self.flush(&mut state);
        }
        self.socket.shut_down(how);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads ciphertext once.
    fn fetch(&self, state: &mut State) -> io::Result<usize> {
        state.ahead.reserve(READ);
        let result = self.socket.try_read(&mut state.ahead);
        if state.ahead.is_empty() {
            state.ahead = BytesMut::new();
        }
        result
    }

    /// Has the session take ciphertext that was read: all of it, or until its plaintext is wanted.
    fn digest(&self, state: &mut State) -> io::Result<()> {
        while !state.ahead.is_empty() {
            let taken = match state.tls.read_tls(&mut &state.ahead[..]) {
                // Nothing counts after the peer's goodbye.
                Ok(0) => break,
                Ok(taken) => taken,
                // Its plaintext must be read first.
                Err(error) if error.kind() == ErrorKind::Other => return Ok(()),
                Err(error) => return Err(error),
            };
            state.ahead.advance(taken);
            if let Err(error) = state.tls.process_new_packets() {
                // The alert that says why, if there is room for it.
                let _ = self.flush(state);
                return Err(io::Error::new(ErrorKind::InvalidData, error));
            }
        }
        state.ahead = BytesMut::new();
        Ok(())
    }

    fn flush(&self, state: &mut State) -> io::Result<()> {
        while state.tls.wants_write() {
            self.unflushed.store(true, Ordering::Release);
            if state.tls.write_tls(&mut Wire(&self.socket))? == 0 {
                return Err(ErrorKind::WriteZero.into());
            }
        }
        self.unflushed.store(false, Ordering::Release);
        Ok(())
    }
}

/// A socket as rustls writes to one.
struct Wire<'a, S>(&'a S);

impl<S: Socket> Write for Wire<'_, S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(&[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.try_write(&slices[..slices.len().min(64)])
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
