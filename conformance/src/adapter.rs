//! [`Adapter`]: one name for what each adapter gives, so that workloads and suites are written once.

use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::net::SocketAddr;

use gridwire_core::call::{Caller, Family};
use gridwire_core::endpoint::{Endpoint, Engine};
use gridwire_core::invoker::AsyncInvoker;
use gridwire_core::time::Instant;
use gridwire_driver::Setup;

type ErrorOf<C> = <<C as Caller>::Family as Family>::Error;

/// A runtime with its adapter.
pub trait Adapter {
    /// As users know it.
    const NAME: &'static str;
    /// The adapter's client over an engine.
    type Client<C: Caller + Send + 'static>: AsyncInvoker<Family = C::Family>
        + Send
        + Sync
        + 'static;
    /// The adapter's embedded peer.
    type Server<E: Endpoint<Event: Send> + Send + 'static>: Send;

    /// Runs work on this runtime to its end.
    fn block_on<T>(work: impl Future<Output = T>) -> T;

    /// Connects; to be called within [`Adapter::block_on`].
    fn connect<C: Caller + Engine + Send + 'static>(
        setup: impl Into<Setup<C::Config>>,
    ) -> impl Future<Output = Result<Self::Client<C>, ErrorOf<C>>>;

    /// Gives a client's engine a command that is no call, or asks it something.
    fn with<C: Caller + Send + 'static, T>(
        client: &Self::Client<C>,
        command: impl FnOnce(&mut C, Instant) -> T,
    ) -> T;

    /// Ends every call and connection of a client.
    fn close<C: Caller + Send + 'static>(client: &Self::Client<C>) -> impl Future<Output = ()>;

    /// Starts an embedded peer; to be called within [`Adapter::block_on`].
    fn serve<E: Engine<Event: Send> + Send + 'static>(
        setup: impl Into<Setup<E::Config>>,
        at: SocketAddr,
    ) -> io::Result<(Self::Server<E>, SocketAddr)>;
}

/// An adapter of which client and server are those of the shared driver, over one of its runtimes.
macro_rules! adapter {
    ($(#[$doc:meta])* $name:ident, $word:literal, $home:ident, $run:expr) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name;

        impl Adapter for $name {
            const NAME: &'static str = $word;
            type Client<C: Caller + Send + 'static> = $home::Client<C>;
            type Server<E: Endpoint<Event: Send> + Send + 'static> = $home::Server<E>;

            fn block_on<T>(work: impl Future<Output = T>) -> T {
                $run(work)
            }

            async fn connect<C: Caller + Engine + Send + 'static>(
                setup: impl Into<Setup<C::Config>>,
            ) -> Result<Self::Client<C>, ErrorOf<C>> {
                $home::Client::connect(setup).await
            }

            fn with<C: Caller + Send + 'static, T>(
                client: &Self::Client<C>,
                command: impl FnOnce(&mut C, Instant) -> T,
            ) -> T {
                client.with(command)
            }

            async fn close<C: Caller + Send + 'static>(client: &Self::Client<C>) {
                client.close().await;
            }

            fn serve<E: Engine<Event: Send> + Send + 'static>(
                setup: impl Into<Setup<E::Config>>,
                at: SocketAddr,
            ) -> io::Result<(Self::Server<E>, SocketAddr)> {
                let server = $home::Server::<E>::bind(setup, at)?;
                let address = server.local_addr();
                Ok((server, address))
            }
        }
    };
}

adapter!(
    /// gridwire-tokio on a multi-threaded runtime.
    Tokio, "tokio", gridwire_tokio, on_tokio
);
adapter!(
    /// gridwire-tokio on the one thread of a current-thread runtime.
    TokioAlone, "tokio on one thread", gridwire_tokio, on_one_thread
);
adapter!(
    /// gridwire-async-std on async-std's own executor.
    AsyncStd, "async-std", gridwire_async_std, async_io::block_on
);

fn on_tokio<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("a tokio runtime starts").block_on(work)
}

fn on_one_thread<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a tokio runtime starts").block_on(work)
}

/// gridwire-mio: the thread that waits turns the event loop, which the clients of one
/// [`Adapter::block_on`] share.
#[derive(Debug)]
pub struct Mio;

thread_local! {
    static EVENT_LOOP: RefCell<Option<gridwire_mio::Mio>> = const { RefCell::new(None) };
}

impl Mio {
    /// The event loop of the work that this thread is at, or a new one.
    fn event_loop() -> io::Result<gridwire_mio::Mio> {
        EVENT_LOOP.with_borrow_mut(|current| match current {
            Some(event_loop) => Ok(event_loop.clone()),
            None => {
                let event_loop = gridwire_mio::Mio::new()?;
                *current = Some(event_loop.clone());
                Ok(event_loop)
            }
        })
    }
}

impl Adapter for Mio {
    const NAME: &'static str = "mio";
    type Client<C: Caller + Send + 'static> = gridwire_mio::Client<C>;
    type Server<E: Endpoint<Event: Send> + Send + 'static> = gridwire_mio::Server<E>;

    fn block_on<T>(work: impl Future<Output = T>) -> T {
        let event_loop = Self::event_loop().expect("a mio event loop starts");
        let output = event_loop.block_on(work);
        EVENT_LOOP.set(None);
        output
    }

    async fn connect<C: Caller + Engine + Send + 'static>(
        setup: impl Into<Setup<C::Config>>,
    ) -> Result<Self::Client<C>, ErrorOf<C>> {
        let event_loop = Self::event_loop().map_err(gridwire_driver::not_started::<C>)?;
        gridwire_mio::Client::connect_on(&event_loop, setup)
    }

    fn with<C: Caller + Send + 'static, T>(
        client: &Self::Client<C>,
        command: impl FnOnce(&mut C, Instant) -> T,
    ) -> T {
        client.with(command)
    }

    async fn close<C: Caller + Send + 'static>(client: &Self::Client<C>) {
        client.close();
    }

    fn serve<E: Engine<Event: Send> + Send + 'static>(
        setup: impl Into<Setup<E::Config>>,
        at: SocketAddr,
    ) -> io::Result<(Self::Server<E>, SocketAddr)> {
        let server = gridwire_mio::Server::<E>::bind(setup, at)?;
        let address = server.local_addr();
        Ok((server, address))
    }
}
