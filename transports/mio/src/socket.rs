//! [`TcpSocket`]: mio's socket as the driver reads and writes it, and how one is connected.

use std::future::poll_fn;
use std::io::{self, ErrorKind, IoSlice, Write};
use std::net::{Shutdown, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use gridwire_driver::{READ_SPARE, Socket, read_spare};
use mio::net::{TcpListener, TcpStream};

use crate::reactor::{Reactor, Readiness};

/// A source that leaves its reactor when dropped.
pub(crate) struct Registered<S: mio::event::Source> {
    source: S,
    token: usize,
    readiness: Arc<Readiness>,
    reactor: Arc<Reactor>,
}

impl<S: mio::event::Source> Registered<S> {
    fn new(reactor: &Arc<Reactor>, mut source: S) -> io::Result<Self> {
        let (token, readiness) = reactor.register(&mut source)?;
        Ok(Self { source, token, readiness, reactor: Arc::clone(reactor) })
    }
}

impl<S: mio::event::Source> Drop for Registered<S> {
    fn drop(&mut self) {
        self.reactor.deregister(&mut self.source, self.token);
    }
}

/// A TCP socket of mio.
pub struct TcpSocket(Registered<TcpStream>);

impl std::fmt::Debug for TcpSocket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.source.fmt(f)
    }
}

impl TcpSocket {
    pub(crate) async fn connect(reactor: &Arc<Reactor>, to: SocketAddr) -> io::Result<Self> {
        let socket = Self(Registered::new(reactor, TcpStream::connect(to)?)?);
        poll_fn(|cx| {
            loop {
                ready!(socket.0.readiness.write.poll(cx));
                let stream = &socket.0.source;
                if let Some(error) = stream.take_error()? {
                    return Poll::Ready(Err(error));
                }
                let connected = socket.0.readiness.write.attempt(
                    || match stream.peer_addr() {
                        Err(error) if error.kind() == ErrorKind::NotConnected => {
                            Err(ErrorKind::WouldBlock.into())
                        }
                        result => result,
                    },
                    |_| false,
                );
                match connected {
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    result => return Poll::Ready(result.map(drop)),
                }
            }
        })
        .await?;
        socket.0.source.set_nodelay(true)?;
        Ok(socket)
    }
}

impl Socket for TcpSocket {
    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.readiness.read.poll(cx).map(Ok)
    }

    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.readiness.write.poll(cx).map(Ok)
    }

    fn try_read(&self, into: &mut BytesMut) -> io::Result<usize> {
        let room = (into.capacity() - into.len()).min(READ_SPARE);
        // A read that leaves room has emptied the socket, where events come once per change.
        let exhausted = |read: &usize| cfg!(target_os = "linux") && *read > 0 && *read < room;
        self.0.readiness.read.attempt(|| read_spare(&self.0.source, into), exhausted)
    }

    fn try_write(&self, from: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.readiness.write.attempt(|| (&self.0.source).write_vectored(from), |_| false)
    }

    fn shut_down(&self, how: Shutdown) {
        // Fails only if the peer was faster.
        let _ = self.0.source.shutdown(how);
    }

    fn addresses(&self) -> (Option<SocketAddr>, Option<SocketAddr>) {
        (self.0.source.local_addr().ok(), self.0.source.peer_addr().ok())
    }
}

/// A listening socket of mio.
pub struct Listener(Registered<TcpListener>);

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.source.fmt(f)
    }
}

impl Listener {
    pub(crate) fn bind(reactor: &Arc<Reactor>, at: SocketAddr) -> io::Result<(Self, SocketAddr)> {
        let listener = TcpListener::bind(at)?;
        let address = listener.local_addr()?;
        Ok((Self(Registered::new(reactor, listener)?), address))
    }

    pub(crate) async fn accept(&self) -> io::Result<TcpSocket> {
        let Registered { source, readiness, reactor, .. } = &self.0;
        loop {
            poll_fn(|cx| readiness.read.poll(cx)).await;
            match readiness.read.attempt(|| source.accept(), |_| false) {
                Ok((stream, _)) => {
                    stream.set_nodelay(true)?;
                    return Ok(TcpSocket(Registered::new(reactor, stream)?));
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }
}
