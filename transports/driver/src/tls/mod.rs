//! TLS, once for all adapters: [`Tls`] says whom to trust, [`Stream`] is a socket with or without it.
//!
//! rustls is sans-IO as the engines are, so that a connection's session stands between the driver and
//! the adapter's socket and no adapter knows of it. Without the feature `tls` a `Stream` is the plain
//! socket and nothing else.

#![cfg_attr(
    not(feature = "tls"),
    allow(
        clippy::unnecessary_wraps,
        clippy::unused_self,
        reason = "what has one arm without sessions"
    )
)]

#[cfg(feature = "tls")]
mod config;
#[cfg(feature = "tls")]
mod session;

use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
#[cfg(not(feature = "tls"))]
use gridwire_core::endpoint::Cause;
use gridwire_core::endpoint::Peer;

#[cfg(feature = "tls")]
pub(crate) use config::Begun;
#[cfg(feature = "tls")]
pub use config::{Identity, Tls};
#[cfg(feature = "tls")]
use session::Session;

use crate::runtime::Socket;

/// No TLS is built in.
#[cfg(not(feature = "tls"))]
#[derive(Debug, Clone, Default)]
pub(crate) struct Tls {}

#[cfg(not(feature = "tls"))]
impl Tls {
    /// Refuses a target that asks for TLS.
    pub(crate) fn begin(&self, name: Option<&str>) -> Result<Begun, Cause> {
        match name {
            Some(_) => Err(Cause::Tls("not built in: the feature `tls` is off".into())),
            None => Ok(None),
        }
    }

    pub(crate) fn answer(&self) -> Result<Begun, Cause> {
        Ok(None)
    }
}

#[cfg(not(feature = "tls"))]
pub(crate) type Begun = Option<core::convert::Infallible>;

/// A connected socket, secured or not.
pub(crate) enum Stream<S> {
    Plain(S),
    #[cfg(feature = "tls")]
    Tls(Box<Session<S>>),
}

/// `match self`, with the arm of a session left out where there are none.
macro_rules! either {
    ($self:ident, $socket:ident => $plain:expr, $session:ident => $tls:expr) => {
        match $self {
            Stream::Plain($socket) => $plain,
            #[cfg(feature = "tls")]
            Stream::Tls($session) => $tls,
        }
    };
}

impl<S: Socket> Stream<S> {
    pub(crate) fn new(socket: S, session: Begun) -> Self {
        match session {
            None => Self::Plain(socket),
            #[cfg(feature = "tls")]
            Some(session) => Self::Tls(Box::new(Session::new(socket, session))),
        }
    }

    /// Ready when both sides have agreed on the session; at once without TLS.
    pub(crate) fn poll_handshake(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let _ = &cx;
        either!(self, _socket => Poll::Ready(Ok(())), session => session.poll_handshake(cx))
    }

    pub(crate) fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket().poll_readable(cx)
    }

    pub(crate) fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket().poll_writable(cx)
    }

    pub(crate) fn try_read(&self, into: &mut BytesMut) -> io::Result<usize> {
        either!(self, socket => socket.try_read(into), session => session.try_read(into))
    }

    /// Says how many bytes were taken. With TLS those that the session took: as much of them as the
    /// OS had no room for, at most 64 KiB, is written by [`Stream::try_flush`].
    pub(crate) fn try_write(&self, from: &[IoSlice<'_>]) -> io::Result<usize> {
        either!(self, socket => socket.try_write(from), session => session.try_write(from))
    }

    /// Writes what the session has taken and the OS had no room for.
    pub(crate) fn try_flush(&self) -> io::Result<()> {
        either!(self, _socket => Ok(()), session => session.try_flush())
    }

    /// The session has something of its own to write: a waiting task asks for room then.
    pub(crate) fn is_unflushed(&self) -> bool {
        either!(self, _socket => false, session => session.is_unflushed())
    }

    /// Bytes may have come with the handshake: a read is tried before the socket is asked.
    pub(crate) fn is_worth_reading(&self) -> bool {
        either!(self, _socket => false, _session => true)
    }

    pub(crate) fn shut_down(&self, how: Shutdown) {
        either!(self, socket => socket.shut_down(how), session => session.shut_down(how));
    }

    pub(crate) fn peer(&self) -> Peer {
        let (local, remote) = self.socket().addresses();
        Peer { local, remote, certificates: self.certificates() }
    }

    fn certificates(&self) -> Option<Arc<[Bytes]>> {
        either!(self, _socket => None, session => session.certificates())
    }

    pub(crate) fn socket(&self) -> &S {
        either!(self, socket => socket, session => session.socket())
    }
}
