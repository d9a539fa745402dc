//! The handles: the driver's, with an event loop to wait on.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use gridwire_core::call::{Call, Caller, Family, Listen};
use gridwire_core::endpoint::{Endpoint, Engine, Target};
use gridwire_core::invoker::{AsyncInvoker, Delivery, Invoker};
use gridwire_core::metrics::Measured;
use gridwire_core::time::Instant;
use gridwire_driver::{self as driver, Runtime, Setup};

use crate::seat::Mio;

type ErrorOf<C> = <<C as Caller>::Family as Family>::Error;

/// A client that blocks. Clones share its connections; the last one dropped shuts it down.
pub struct Client<C: Caller + Send + 'static> {
    client: driver::Client<C, Mio>,
}

impl<C: Caller + Send + 'static> Client<C> {
    /// Starts a client on an event loop of its own, and waits until it is usable. Fails when the
    /// engine gives up, by the rules of its configuration.
    pub fn connect(setup: impl Into<Setup<C::Config>>) -> Result<Self, ErrorOf<C>>
    where
        C: Engine,
    {
        let event_loop = Mio::new().map_err(driver::not_started::<C>)?;
        Self::connect_on(&event_loop, setup)
    }

    /// Like [`Client::connect`], on an event loop that others share.
    pub fn connect_on(
        event_loop: &Mio,
        setup: impl Into<Setup<C::Config>>,
    ) -> Result<Self, ErrorOf<C>>
    where
        C: Engine,
    {
        let connecting = driver::Client::<C, Mio>::connect_on(event_loop, setup);
        event_loop.block_on(connecting).map(|client| Self { client })
    }

    /// Drives an engine that was made elsewhere. Its `Instant` 0 is now. Doesn't wait.
    pub fn drive(event_loop: &Mio, engine: C) -> Self {
        Self { client: driver::Client::drive(event_loop, engine) }
    }

    /// Waits until the client is connected; fails when it is shut down.
    pub fn connected(&self) -> Result<(), ErrorOf<C>> {
        self.client.runtime().block_on(self.client.connected())
    }

    /// Ends every call and subscription with an error, closes every connection, and waits until all
    /// is done.
    pub fn close(&self) {
        self.client.runtime().block_on(self.client.close());
    }

    /// Gives the engine a command that is no call, or asks it something, and does what it then wants.
    pub fn with<T>(&self, command: impl FnOnce(&mut C, Instant) -> T) -> T {
        self.client.with(command)
    }

    /// What the client has done, and how it stands.
    pub fn metrics(&self) -> C::Metrics
    where
        C: Measured,
    {
        self.client.metrics()
    }
}

impl<C: Caller + Send + 'static> Clone for Client<C> {
    fn clone(&self) -> Self {
        Self { client: self.client.clone() }
    }
}

impl<C: Caller + Send + 'static> fmt::Debug for Client<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.client.fmt(f)
    }
}

impl<C: Caller + Send + 'static> Invoker for Client<C> {
    type Family = C::Family;
    type Invocation<T: Send + 'static> = Invocation<C, T>;
    type Subscription<T: Send + 'static> = Subscription<C, T>;

    fn invoke<T: Send + 'static>(&self, call: Call<C::Family, T>) -> Invocation<C, T> {
        Invocation { call: self.client.invoke(call) }
    }

    fn listen<T: Send + 'static>(&self, listen: Listen<C::Family, T>) -> Subscription<C, T> {
        Subscription { items: self.client.listen(listen) }
    }

    fn forget(&self, call: Call<C::Family, ()>) {
        self.client.forget(call);
    }

    fn codec(&self) -> &<C::Family as Family>::Codec {
        self.client.codec()
    }
}

/// Whoever awaits is woken by the background thread: see the crate's docs.
impl<C: Caller + Send + 'static> AsyncInvoker for Client<C> {
    fn future<T: Send + 'static>(
        invocation: Invocation<C, T>,
    ) -> impl Future<Output = Result<T, ErrorOf<C>>> + Send {
        invocation
    }

    async fn registered<T: Send + 'static>(
        subscription: &mut Subscription<C, T>,
    ) -> Result<(), ErrorOf<C>> {
        subscription.items.registered().await
    }

    async fn next<T: Send + 'static>(
        subscription: &mut Subscription<C, T>,
    ) -> Option<Delivery<T, C::Family>> {
        subscription.items.next().await
    }
}

/// A call on its way. Nothing is sent before it is sent, waited for or polled; dropping it cancels it.
#[must_use = "nothing is sent before it is waited for"]
pub struct Invocation<C: Caller + Send + 'static, T> {
    call: driver::Invocation<C, Mio, T>,
}

impl<C: Caller + Send + 'static, T: 'static> Invocation<C, T> {
    /// Sends it, if that has not been done, and waits for its end.
    pub fn wait(mut self) -> Result<T, ErrorOf<C>> {
        if let Some(result) = self.call.take_ready() {
            return Ok(result);
        }
        let poll = |call: &mut driver::Invocation<C, Mio, T>, cx: &mut Context<'_>| {
            Pin::new(call).poll(cx)
        };
        Mio::block_with(self.call, |call| call.client().runtime(), poll)
    }

    /// The most time that it may take, from being sent to its end, instead of the client's default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.call = self.call.timeout(timeout);
        self
    }

    /// Sends it now, to be waited for later: for many in flight from one thread.
    pub fn send(mut self) -> Self {
        self.call = self.call.send();
        self
    }
}

impl<C: Caller + Send + 'static, T: 'static> Future for Invocation<C, T> {
    type Output = Result<T, ErrorOf<C>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.call).poll(cx)
    }
}

impl<C: Caller + Send + 'static, T> fmt::Debug for Invocation<C, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt(f)
    }
}

/// A subscription as an iterator that blocks. It begins at once, and ends when it is dropped.
#[must_use = "it ends when it is dropped"]
pub struct Subscription<C: Caller + Send + 'static, T> {
    items: driver::Subscription<C, Mio, T>,
}

impl<C: Caller + Send + 'static, T: 'static> Subscription<C, T> {
    /// Waits until the peer has registered it: what happens there from then on is delivered.
    pub fn registered(&mut self) -> Result<(), ErrorOf<C>> {
        let event_loop = self.items.client().runtime().clone();
        event_loop.block_on(self.items.registered())
    }

    /// The same as a stream, to be awaited.
    pub fn into_stream(self) -> driver::Subscription<C, Mio, T> {
        self.items
    }
}

impl<C: Caller + Send + 'static, T: 'static> Iterator for Subscription<C, T> {
    type Item = Delivery<T, C::Family>;

    fn next(&mut self) -> Option<Self::Item> {
        let event_loop = self.items.client().runtime().clone();
        event_loop.block_on(self.items.next())
    }
}

impl<C: Caller + Send + 'static, T> fmt::Debug for Subscription<C, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.items.fmt(f)
    }
}

/// A listening engine. Dropping it closes its connections.
pub struct Server<E: Endpoint<Event: Send> + Send + 'static> {
    server: driver::Server<E, Mio>,
    event_loop: Mio,
}

impl<E: Endpoint<Event: Send> + Send + 'static> Server<E> {
    /// Starts an engine and listens, on an event loop of its own. Port 0 chooses one.
    pub fn bind(setup: impl Into<Setup<E::Config>>, address: SocketAddr) -> io::Result<Self>
    where
        E: Engine,
    {
        let event_loop = Mio::here()?;
        let server = driver::Server::bind_on(&event_loop, setup, address)?;
        Ok(Self { server, event_loop })
    }

    /// Starts an engine that listens on a free port of this machine alone: for tests.
    pub fn on_loopback(setup: impl Into<Setup<E::Config>>) -> io::Result<Self>
    where
        E: Engine,
    {
        Self::bind(setup, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
    }

    /// Listens for an engine that was made elsewhere. Its `Instant` 0 is now.
    pub fn drive(event_loop: &Mio, engine: E, address: SocketAddr) -> io::Result<Self> {
        let server = driver::Server::drive(event_loop, engine, address)?;
        Ok(Self { server, event_loop: event_loop.clone() })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.server.local_addr()
    }

    /// Where a client finds it.
    pub fn target(&self) -> Target {
        self.server.target()
    }

    /// Gives the engine a command, or asks it something, and does what it then wants.
    pub fn with<T>(&self, command: impl FnOnce(&mut E, Instant) -> T) -> T {
        self.server.with(command)
    }

    /// Waits for the engine's next event; `None` when the server has ended. The latest 1,024 are kept.
    pub fn event(&self) -> Option<E::Event> {
        self.event_loop.block_on(self.server.event())
    }

    /// Stops listening, closes every connection and waits until all is done.
    pub fn shutdown(&self) {
        self.event_loop.block_on(self.server.shutdown());
    }
}

impl<E: Endpoint<Event: Send> + Send + 'static> fmt::Debug for Server<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.server.fmt(f)
    }
}
