//! [`TcpSocket`]: tokio's socket as the driver reads and writes it.

use std::io::{self, ErrorKind, IoSlice};
use std::net::{Shutdown, SocketAddr};
use std::task::{Context, Poll};

use bytes::BytesMut;
use gridwire_driver::Socket;
use socket2::SockRef;
use tokio::io::Interest;
use tokio::net::TcpStream;

/// A TCP socket of tokio.
#[derive(Debug)]
pub struct TcpSocket(TcpStream);

impl TcpSocket {
    pub(crate) fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self(stream))
    }
}

impl Socket for TcpSocket {
    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_read_ready(cx)
    }

    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_write_ready(cx)
    }

    fn try_read(&self, into: &mut BytesMut) -> io::Result<usize> {
        let mut read = 0;
        // A read that leaves room has emptied the socket: saying so clears tokio's readiness as it
        // was before the read, and spares the system call that would find nothing. What comes
        // later is a new readiness.
        let result = self.0.try_io(Interest::READABLE, || {
            let room = into.capacity() - into.len();
            read = self.0.try_read_buf(into)?;
            if read > 0 && read < room && cfg!(target_os = "linux") {
                return Err(ErrorKind::WouldBlock.into());
            }
            Ok(())
        });
        match result {
            Err(_) if read > 0 => Ok(read),
            result => result.map(|()| read),
        }
    }

    fn try_write(&self, from: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.try_write_vectored(from)
    }

    fn shut_down(&self, how: Shutdown) {
        // Fails only if the peer was faster.
        let _ = SockRef::from(&self.0).shutdown(how);
    }

    fn addresses(&self) -> (Option<SocketAddr>, Option<SocketAddr>) {
        (self.0.local_addr().ok(), self.0.peer_addr().ok())
    }
}
