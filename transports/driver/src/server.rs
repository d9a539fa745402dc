//! [`Server`]: an engine that is connected to: embedded peers, agents, proxies.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use gridwire_core::endpoint::{Endpoint, Engine, ListenerId, Target};
use gridwire_core::time::Instant;

use crate::client::start;
use crate::hub::{Desk, Hub, Wakers};
use crate::runtime::Runtime;
use crate::setup::Setup;
use crate::state::State;
use crate::tasks;
use crate::tls::Tls;

/// Events that wait for [`Server::event`]; older ones make room for newer ones, since a server whose
/// owner doesn't care must not fill up.
const EVENTS: usize = 1024;

/// An engine behind a listening socket. Dropping it closes its connections.
pub struct Server<E: Endpoint<Event: Send> + Send + 'static, R: Runtime> {
    hub: Arc<Hub<E, EventDesk<E::Event>, R::Socket>>,
    /// Where listener 0 listens, and the others.
    addresses: Vec<SocketAddr>,
}

impl<E: Endpoint<Event: Send> + Send + 'static, R: Runtime> Server<E, R> {
    /// Starts an engine and listens on the event loop that the caller is in. Port 0 chooses one.
    pub fn bind(setup: impl Into<Setup<E::Config>>, address: SocketAddr) -> io::Result<Self>
    where
        E: Engine,
    {
        Self::bind_on(&R::here()?, setup, address)
    }

    /// Like [`Server::bind`], on an event loop of the caller's choice.
    pub fn bind_on(
        runtime: &R,
        setup: impl Into<Setup<E::Config>>,
        address: SocketAddr,
    ) -> io::Result<Self>
    where
        E: Engine,
    {
        let Setup { config, tls } = setup.into();
        Self::run(runtime, E::start(config, start()?), tls, &[address])
    }

    /// Starts an engine that listens on a free port of this machine alone: for tests.
    pub fn on_loopback(setup: impl Into<Setup<E::Config>>) -> io::Result<Self>
    where
        E: Engine,
    {
        Self::bind(setup, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
    }

    /// Starts an engine that listens on several free ports of this machine alone, one for each of its
    /// peers: for tests with whole clusters.
    pub fn cluster_on_loopback(setup: impl Into<Setup<E::Config>>, count: usize) -> io::Result<Self>
    where
        E: Engine,
    {
        let Setup { config, tls } = setup.into();
        let free = vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0)); count.max(1)];
        Self::run(&R::here()?, E::start(config, start()?), tls, &free)
    }

    /// Listens for an engine that was made elsewhere. Its `Instant` 0 is now.
    pub fn drive(runtime: &R, engine: E, address: SocketAddr) -> io::Result<Self> {
        Self::run(runtime, engine, Tls::default(), &[address])
    }

    fn run(runtime: &R, engine: E, tls: Tls, addresses: &[SocketAddr]) -> io::Result<Self> {
        let hub = Arc::new(Hub::new(engine, EventDesk::default(), tls));
        let mut bound = Vec::with_capacity(addresses.len());
        for (on, address) in (0..).map(ListenerId).zip(addresses) {
            let address = tasks::listen(&hub, runtime, on, *address)?;
            hub.command(|state, now| state.engine.listening(now, on, address));
            bound.push(address);
        }
        tasks::begin(&hub, runtime);
        hub.flush();
        Ok(Self { hub, addresses: bound })
    }

    /// Where it listens; listener 0 if there are several.
    pub fn local_addr(&self) -> SocketAddr {
        self.addresses.first().copied().unwrap_or_else(|| (Ipv4Addr::LOCALHOST, 0).into())
    }

    /// Where a client finds it.
    pub fn target(&self) -> Target {
        target(self.local_addr())
    }

    /// Where a client finds each of its peers.
    pub fn targets(&self) -> Vec<Target> {
        self.addresses.iter().copied().map(target).collect()
    }

    /// Gives the engine a command, or asks it something, and does what it then wants.
    pub fn with<T>(&self, command: impl FnOnce(&mut E, Instant) -> T) -> T {
        self.hub.command(|state, now| command(&mut state.engine, now))
    }

    /// The engine's next event; `None` when the server has ended. The latest 1,024 are kept.
    pub fn event(&self) -> impl Future<Output = Option<E::Event>> + Send + '_ {
        poll_fn(|cx| self.hub.lock().desk.poll_event(cx))
    }

    /// Stops listening, closes every connection and waits until the server's tasks have ended.
    pub fn shutdown(&self) -> impl Future<Output = ()> + Send + '_ {
        let mut told = false;
        poll_fn(move |cx| {
            if !std::mem::replace(&mut told, true) {
                self.stop();
            }
            self.hub.poll_idle(cx)
        })
    }

    fn stop(&self) {
        self.hub.command(State::stop);
    }
}

impl<E: Endpoint<Event: Send> + Send + 'static, R: Runtime> Drop for Server<E, R> {
    fn drop(&mut self) {
        self.stop();
    }
}

impl<E: Endpoint<Event: Send> + Send + 'static, R: Runtime> fmt::Debug for Server<E, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}

fn target(address: SocketAddr) -> Target {
    Target::new(address.ip().to_string().as_str(), address.port())
}

/// The desk of a server: events wait for whoever asks.
pub(crate) struct EventDesk<V> {
    events: VecDeque<V>,
    waker: Option<Waker>,
    over: bool,
}

impl<V> Default for EventDesk<V> {
    fn default() -> Self {
        Self { events: VecDeque::new(), waker: None, over: false }
    }
}

impl<V> EventDesk<V> {
    fn poll_event(&mut self, cx: &Context<'_>) -> Poll<Option<V>> {
        match self.events.pop_front() {
            Some(event) => Poll::Ready(Some(event)),
            None if self.over => Poll::Ready(None),
            None => {
                self.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl<E: Endpoint<Event: Send> + 'static> Desk<E> for EventDesk<E::Event> {
    fn take(&mut self, event: E::Event, wakers: &mut Wakers) -> bool {
        if self.events.len() == EVENTS {
            self.events.pop_front();
        }
        self.events.push_back(event);
        wakers.extend(self.waker.take());
        false
    }

    fn abandon(&mut self, wakers: &mut Wakers) {
        self.over = true;
        wakers.extend(self.waker.take());
    }
}
