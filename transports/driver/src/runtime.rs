//! What an adapter brings: [`Runtime`] and its [`Socket`].
//!
//! The methods are the smallest set that the tasks of this crate need, so that a new event loop's
//! adapter is a page or two. All of them are called with no lock held.

use std::cell::RefCell;
use std::future::Future;
use std::io::{self, IoSlice, Read};
use std::net::{IpAddr, Shutdown, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::BytesMut;

/// An event loop: where tasks run, sockets come from and time passes.
pub trait Runtime: Clone + Send + Sync + Unpin + 'static {
    /// A connected TCP socket.
    type Socket: Socket;
    /// A listening TCP socket.
    type Listener: Send + Sync + 'static;
    /// The future of [`Runtime::sleep_until`].
    type Sleep: Future<Output = ()> + Send + 'static;

    /// The event loop that the caller is in, or a new one if this kind of loop is started by need.
    fn here() -> io::Result<Self>;

    /// Runs a task to its end, or until the event loop is torn down, which drops it.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static);

    /// All addresses of a name, without blocking the event loop. [`literal_address`] is tried first.
    fn resolve(
        &self,
        host: &str,
        port: u16,
    ) -> impl Future<Output = io::Result<Vec<SocketAddr>>> + Send;

    /// Connects, with `TCP_NODELAY`.
    fn connect(&self, to: SocketAddr) -> impl Future<Output = io::Result<Self::Socket>> + Send;

    /// Listens. Gives the address with the port that was chosen if 0 was asked for.
    fn listen(&self, at: SocketAddr) -> io::Result<(Self::Listener, SocketAddr)>;

    /// The next connection, with `TCP_NODELAY`.
    fn accept(&self, on: &Self::Listener) -> impl Future<Output = io::Result<Self::Socket>> + Send;

    /// Ends at `at` or a little later.
    fn sleep_until(&self, at: Instant) -> Self::Sleep;

    /// Lets callers that are ready run before what one of them has queued is written: they may have
    /// something to send, too. By default all tasks that are ready run once; a loop that runs its tasks
    /// only when its callers have nothing left to do need not wait.
    fn before_flush(&self) -> impl Future<Output = ()> + Send {
        Yield::default()
    }
}

/// A connected TCP socket that never blocks.
pub trait Socket: Send + Sync + 'static {
    /// Ready when a read may find something. One task waits at a time.
    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Ready when a write may find room. One task waits at a time.
    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Reads once into the spare capacity, or fails with `WouldBlock`. 0 is the end.
    fn try_read(&self, into: &mut BytesMut) -> io::Result<usize>;

    /// Writes once, or fails with `WouldBlock`. At most 64 slices come.
    fn try_write(&self, from: &[IoSlice<'_>]) -> io::Result<usize>;

    /// Shuts one or both directions down.
    fn shut_down(&self, how: Shutdown);

    /// This end's address and the other's.
    fn addresses(&self) -> (Option<SocketAddr>, Option<SocketAddr>);
}

/// The address that `host` spells out, brackets around IPv6 allowed; `None` if it is a name.
pub fn literal_address(host: &str, port: u16) -> Option<SocketAddr> {
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    bare.parse::<IpAddr>().ok().map(|ip| SocketAddr::new(ip, port))
}

/// The most that [`read_spare`] reads.
pub const READ_SPARE: usize = 64 << 10;

thread_local! {
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_SPARE].into());
}

/// Reads once into the spare capacity, at most [`READ_SPARE`], for sockets of std's kind. Memory that
/// nobody wrote can't be read into without `unsafe`, and what is read is mostly much less than there is
/// room for: so it goes through a buffer of the thread's, and only that much is copied.
pub fn read_spare(mut from: impl Read, into: &mut BytesMut) -> io::Result<usize> {
    let room = into.capacity() - into.len();
    SCRATCH.with_borrow_mut(|scratch| {
        let read = from.read(&mut scratch[..room.min(READ_SPARE)])?;
        into.extend_from_slice(&scratch[..read]);
        Ok(read)
    })
}

/// Pending once, and woken at once: goes to the end of the run queue.
#[derive(Debug, Default)]
pub(crate) struct Yield {
    done: bool,
}

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.done, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
