//! gridwire on mio: clients as handles that block, and embedded peers. No async runtime is needed.
//!
//! Whoever waits drives: a thread that calls [`Invocation::wait`] polls the sockets itself, so a call
//! costs no switch of threads. Many calls from one thread go out together if they are sent first:
//!
//! ```
//! # #[cfg(feature = "hazelcast")] fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use gridwire_mio::core::hazelcast::{Config, MemberConfig, Structures};
//! use gridwire_mio::{HazelcastClient, testing::Member};
//!
//! let member = Member::on_loopback(MemberConfig::default())?;
//! let client = HazelcastClient::connect(Config::new([member.target()]))?;
//! let counters = client.map::<String, i64>("counters");
//! counters.put("a", &1).wait()?;
//! let calls: Vec<_> = ["a", "b"].iter().map(|key| counters.get(*key).send()).collect();
//! for call in calls {
//!     println!("{:?}", call.wait()?);
//! }
//! # client.close();
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "hazelcast"))] fn main() {}
//! ```
//!
//! An [`Invocation`] is a future too, and a [`Subscription`] a stream: code that is generic over the
//! runtime can await them under any executor. They are then completed by the background thread, which
//! drives while nobody waits.

mod blocking;
mod reactor;
mod seat;
mod socket;

pub use blocking::{Client, Invocation, Server, Subscription};
pub use gridwire_core as core;
pub use gridwire_driver as driver;
pub use gridwire_driver::Setup;
#[cfg(feature = "tls")]
pub use gridwire_driver::{Identity, Tls};
pub use reactor::Sleep;
pub use seat::Mio;
pub use socket::{Listener, TcpSocket};

/// A Hazelcast client that blocks.
#[cfg(feature = "hazelcast")]
pub type HazelcastClient = Client<gridwire_core::hazelcast::Client>;

/// A Kafka client that blocks.
#[cfg(feature = "kafka")]
pub type KafkaClient = Client<gridwire_core::kafka::Client>;

/// An XCP client that blocks.
#[cfg(feature = "xcp")]
pub type XcpClient = Client<gridwire_core::xcp::Client>;

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
