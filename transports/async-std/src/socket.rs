//! [`TcpSocket`]: the reactor's socket as the driver reads and writes it.

use std::io::{self, IoSlice, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::task::{Context, Poll};

use async_io::Async;
use bytes::BytesMut;
use gridwire_driver::{Socket, read_spare};

/// A TCP socket of the reactor.
#[derive(Debug)]
pub struct TcpSocket(Async<TcpStream>);

impl TcpSocket {
    pub(crate) fn new(stream: Async<TcpStream>) -> io::Result<Self> {
        stream.get_ref().set_nodelay(true)?;
        Ok(Self(stream))
    }
}

impl Socket for TcpSocket {
    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_readable(cx)
    }

    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_writable(cx)
    }

    fn try_read(&self, into: &mut BytesMut) -> io::Result<usize> {
        read_spare(self.0.get_ref(), into)
    }

    fn try_write(&self, from: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.get_ref().write_vectored(from)
    }

    fn shut_down(&self, how: Shutdown) {
        // Fails only if the peer was faster.
        let _ = self.0.get_ref().shutdown(how);
    }

    fn addresses(&self) -> (Option<SocketAddr>, Option<SocketAddr>) {
        (self.0.get_ref().local_addr().ok(), self.0.get_ref().peer_addr().ok())
    }
}
