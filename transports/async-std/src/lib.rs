//! gridwire on async-std, and on smol: clients as handles whose calls are futures, and embedded peers.
//!
//! Both share one reactor (`async-io`) and differ only in where tasks run. `Client::connect` runs them
//! on async-std's executor; under smol, say where:
//!
//! ```no_run
//! # fn spawn_detached(_: std::pin::Pin<Box<dyn Future<Output = ()> + Send>>) {}
//! let smol = gridwire_async_std::AsyncIo::new(|task| spawn_detached(task)); // smol::spawn(task).detach()
//! // Client::connect_on(&smol, config).await
//! ```

mod inline;
mod socket;

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use async_io::{Async, Timer};

pub use gridwire_core as core;
pub use gridwire_driver as driver;
pub use gridwire_driver::Setup;
#[cfg(feature = "tls")]
pub use gridwire_driver::{Identity, Tls};
pub use socket::TcpSocket;

/// A client on async-std: `Client::connect(config).await`.
pub type Client<C> = gridwire_driver::Client<C, AsyncIo>;

/// A call on async-std: a future.
pub type Invocation<C, T> = gridwire_driver::Invocation<C, AsyncIo, T>;

/// A subscription on async-std: a stream.
pub type Subscription<C, T> = gridwire_driver::Subscription<C, AsyncIo, T>;

/// A listening engine on async-std.
pub type Server<E> = gridwire_driver::Server<E, AsyncIo>;

/// A Hazelcast client on async-std.
#[cfg(feature = "hazelcast")]
pub type HazelcastClient = Client<gridwire_core::hazelcast::Client>;

/// A Kafka client on async-std.
#[cfg(feature = "kafka")]
pub type KafkaClient = Client<gridwire_core::kafka::Client>;

/// An XCP client on async-std.
#[cfg(feature = "xcp")]
pub type XcpClient = Client<gridwire_core::xcp::Client>;

/// A task to be run.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The reactor that async-std and smol share, with an executor of the user's choice.
#[derive(Clone)]
pub struct AsyncIo {
    spawn: Arc<dyn Fn(Task) + Send + Sync>,
}

impl AsyncIo {
    /// Tasks begin on whatever `spawn` hands them to, and go on there after they have yielded. What a
    /// socket or a timer has for them they do on the thread that notices.
    pub fn new(spawn: impl Fn(Task) + Send + Sync + 'static) -> Self {
        Self { spawn: Arc::new(spawn) }
    }
}

impl fmt::Debug for AsyncIo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AsyncIo")
    }
}

impl gridwire_driver::Runtime for AsyncIo {
    type Socket = TcpSocket;
    type Listener = Async<TcpListener>;
    type Sleep = Sleep;

    /// async-std's executor, which needs no start.
    fn here() -> io::Result<Self> {
        Ok(Self::new(|task| async_global_executor::spawn(task).detach()))
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        inline::spawn(Arc::clone(&self.spawn), task);
    }

    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let host = host.to_owned();
        blocking::unblock(move || Ok((host.as_str(), port).to_socket_addrs()?.collect())).await
    }

    async fn connect(&self, to: SocketAddr) -> io::Result<TcpSocket> {
        TcpSocket::new(Async::<TcpStream>::connect(to).await?)
    }

    fn listen(&self, at: SocketAddr) -> io::Result<(Async<TcpListener>, SocketAddr)> {
        let listener = Async::<TcpListener>::bind(at)?;
        let address = listener.get_ref().local_addr()?;
        Ok((listener, address))
    }

    async fn accept(&self, on: &Async<TcpListener>) -> io::Result<TcpSocket> {
        TcpSocket::new(on.accept().await?.0)
    }

    fn sleep_until(&self, at: Instant) -> Sleep {
        Sleep(Timer::at(at))
    }
}

/// A timer of the reactor.
#[derive(Debug)]
pub struct Sleep(Timer);

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        ready!(Pin::new(&mut self.0).poll(cx));
        Poll::Ready(())
    }
}

/// Embedded peers for tests, on free ports of this machine: `testing::Member::on_loopback(config)`.
pub mod testing {
    /// A Hazelcast member.
    #[cfg(feature = "hazelcast")]
    pub type Member = crate::Server<gridwire_core::hazelcast::Member>;

    /// A Kafka broker.
    #[cfg(feature = "kafka")]
    pub type Broker = crate::Server<gridwire_core::kafka::server::Broker>;

    /// An XCP agent.
    #[cfg(feature = "xcp")]
    pub type Agent = crate::Server<gridwire_core::xcp::server::XcpAgent>;
}
