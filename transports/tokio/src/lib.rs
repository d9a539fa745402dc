//! gridwire on tokio: clients as handles whose calls are futures, and embedded peers.
//!
//! Works on multi-threaded and on current-thread runtimes; all futures are `Send`. The runtime needs
//! its I/O and time drivers (`enable_all`).
//!
//! ```
//! # #[cfg(feature = "hazelcast")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use gridwire_tokio::core::hazelcast::{Config, MemberConfig, Structures};
//! use gridwire_tokio::{HazelcastClient, testing::Member};
//!
//! let member = Member::on_loopback(MemberConfig::default())?;
//! let client = HazelcastClient::connect(Config::new([member.target()])).await?;
//! let counters = client.map::<String, i64>("counters");
//! counters.put("a", &1).await?;
//! assert_eq!(counters.get("a").await?, Some(1));
//! client.close().await;
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "hazelcast"))] fn main() {}
//! ```

mod socket;

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::time::Instant;

use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;

pub use gridwire_core as core;
pub use gridwire_driver as driver;
pub use gridwire_driver::Setup;
#[cfg(feature = "tls")]
pub use gridwire_driver::{Identity, Tls};
pub use socket::TcpSocket;

/// A client on tokio: `Client::connect(config).await`.
pub type Client<C> = gridwire_driver::Client<C, Tokio>;

/// A call on tokio: a future.
pub type Invocation<C, T> = gridwire_driver::Invocation<C, Tokio, T>;

/// A subscription on tokio: a stream.
pub type Subscription<C, T> = gridwire_driver::Subscription<C, Tokio, T>;

/// A listening engine on tokio.
pub type Server<E> = gridwire_driver::Server<E, Tokio>;

/// A Hazelcast client on tokio.
#[cfg(feature = "hazelcast")]
pub type HazelcastClient = Client<gridwire_core::hazelcast::Client>;

/// A Kafka client on tokio.
#[cfg(feature = "kafka")]
pub type KafkaClient = Client<gridwire_core::kafka::Client>;

/// An XCP client on tokio.
#[cfg(feature = "xcp")]
pub type XcpClient = Client<gridwire_core::xcp::Client>;

/// A tokio runtime.
#[derive(Debug, Clone)]
pub struct Tokio {
    handle: Handle,
}

impl Tokio {
    /// The runtime behind a handle.
    pub const fn new(handle: Handle) -> Self {
        Self { handle }
    }
}

impl gridwire_driver::Runtime for Tokio {
    type Socket = TcpSocket;
    type Listener = TcpListener;
    type Sleep = tokio::time::Sleep;

    fn here() -> io::Result<Self> {
        Handle::try_current().map(Self::new).map_err(io::Error::other)
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.handle.spawn(task);
    }

    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((host, port)).await?.collect())
    }

    async fn connect(&self, to: SocketAddr) -> io::Result<TcpSocket> {
        TcpSocket::new(TcpStream::connect(to).await?)
    }

    fn listen(&self, at: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
        let listener = StdListener::bind(at)?;
        listener.set_nonblocking(true)?;
        let _entered = self.handle.enter();
        let listener = TcpListener::from_std(listener)?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    }

    async fn accept(&self, on: &TcpListener) -> io::Result<TcpSocket> {
        TcpSocket::new(on.accept().await?.0)
    }

    fn sleep_until(&self, at: Instant) -> tokio::time::Sleep {
        tokio::time::sleep_until(at.into())
    }

    // Tasks yield to the end of the queue, not by tokio's own `yield_now`, which also looks at the poll, a
    // system call for each batch of answers.
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
