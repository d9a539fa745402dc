//! What any event loop must do for any engine, over std's sockets: carry bytes, say what time it is,
//! and do what the engine's outputs ask for.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Instant as Std;

use bytes::{Buf, BytesMut};
use gridwire_core::endpoint::*;
use gridwire_core::time::Instant;

/// One connection: its socket, what was not consumed yet, and what was not written yet.
struct Link {
    stream: TcpStream,
    unread: BytesMut,
    unsent: BytesMut,
    paused: bool,
    /// The engine has closed it: when what is unsent has gone out, or then, it ends.
    ending: Option<Instant>,
}

/// An engine and its connections.
pub(crate) struct Driver<E: Endpoint> {
    pub(crate) engine: E,
    zero: Std,
    links: BTreeMap<ConnId, Link>,
    listener: Option<TcpListener>,
}

impl<E: Endpoint> Driver<E> {
    pub(crate) fn new(engine: E, listener: Option<TcpListener>) -> Self {
        Self { engine, zero: Std::now(), links: BTreeMap::new(), listener }
    }

    /// The engine's time starts with its driver.
    pub(crate) fn now(&self) -> Instant {
        Instant::ZERO + self.zero.elapsed()
    }

    /// Looks at everything once, and gives the engine's events.
    pub(crate) fn turn(&mut self) -> Vec<E::Event> {
        let accepted = self.listener.as_ref().and_then(|listener| listener.accept().ok());
        if let Some((stream, _)) = accepted
            && let Some(conn) = self.engine.accept(self.now(), ListenerId(0), &peer(&stream))
        {
            self.add(conn, stream);
        }
        for conn in self.links.keys().copied().collect::<Vec<_>>() {
            self.write(conn);
            self.read(conn);
        }
        if self.engine.deadline().is_some_and(|at| at <= self.now()) {
            self.engine.handle(self.now(), Input::Timeout);
        }
        self.drain()
    }

    /// Does what the engine asks for.
    fn drain(&mut self) -> Vec<E::Event> {
        let mut events = Vec::new();
        while let Some(output) = self.engine.poll_output() {
            let now = self.now();
            match output {
                Output::Open { conn, target } => self.open(conn, &target),
                Output::Send { conn, data } => {
                    if let Some(link) = self.links.get_mut(&conn) {
                        // A loop that minds the copy keeps the chunks and writes them vectored.
                        data.iter().for_each(|chunk| link.unsent.extend_from_slice(chunk));
                    }
                }
                Output::Close { conn, how: Shutdown::Now } => drop(self.links.remove(&conn)),
                Output::Close { conn, how: Shutdown::Flush(time) } => {
                    if let Some(link) = self.links.get_mut(&conn) {
                        link.ending = Some(now + time);
                    }
                }
                Output::Pause { conn } => {
                    if let Some(link) = self.links.get_mut(&conn) {
                        link.paused = true;
                    }
                }
                Output::Resume { conn } => {
                    // What is left over is offered at once: no new bytes may ever come.
                    if let Some(link) = self.links.get_mut(&conn) {
                        link.paused = false;
                        self.engine.handle(now, Input::Received { conn, data: &mut link.unread });
                    }
                }
                Output::Event(event) => events.push(event),
            }
        }
        events
    }

    /// Std can only connect by waiting; a loop of your own would not.
    fn open(&mut self, conn: ConnId, target: &Target) {
        match TcpStream::connect((target.host.as_str(), target.port)) {
            Ok(stream) => {
                let peer = peer(&stream);
                self.add(conn, stream);
                self.engine.handle(self.now(), Input::Opened { conn, peer: &peer });
            }
            Err(_) => self.engine.handle(self.now(), Input::Closed { conn, cause: Cause::Refused }),
        }
    }

    fn add(&mut self, conn: ConnId, stream: TcpStream) {
        if stream.set_nonblocking(true).is_ok() {
            let (unread, unsent) = (BytesMut::new(), BytesMut::new());
            self.links.insert(conn, Link { stream, unread, unsent, paused: false, ending: None });
        }
    }

    fn write(&mut self, conn: ConnId) {
        let now = self.now();
        let Some(link) = self.links.get_mut(&conn) else { return };
        if link.ending.is_some_and(|until| link.unsent.is_empty() || until <= now) {
            self.links.remove(&conn);
            return;
        }
        // An error shows in the read too.
        let bytes = link.stream.write(&link.unsent).unwrap_or(0);
        if bytes > 0 {
            link.unsent.advance(bytes);
            // Every byte that the socket took is reported, before the end is.
            self.engine.handle(now, Input::Sent { conn, bytes });
        }
    }

    fn read(&mut self, conn: ConnId) {
        let now = self.now();
        let Some(link) = self.links.get_mut(&conn).filter(|link| !link.paused) else { return };
        let mut buffer = [0; 16 << 10];
        let cause = match link.stream.read(&mut buffer) {
            Ok(0) => Cause::Eof,
            Ok(bytes) => {
                link.unread.extend_from_slice(&buffer[..bytes]);
                self.engine.handle(now, Input::Received { conn, data: &mut link.unread });
                return;
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => return,
            Err(_) => Cause::Reset,
        };
        self.links.remove(&conn);
        self.engine.handle(now, Input::Closed { conn, cause });
    }
}

fn peer(stream: &TcpStream) -> Peer {
    Peer { local: stream.local_addr().ok(), remote: stream.peer_addr().ok(), certificates: None }
}
